"""Intervals of what was picked because it is the lowest, the highest or the largest."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri

from riskkit.measures.extremes import DIFFERENCE, SHORTFALL, Gap, Rates, gap_interval
from riskkit.measures.intervals import newcombe, ratio_of_proportions
from riskkit.measures.picked import picked_reach


def interval(
    gap: Gap, *families: tuple[list[int], list[int]], seed: int = 0, replicates: int = 4000
) -> tuple[float, float]:
    rates = [Rates(np.array(k), np.array(n)) for k, n in families]
    return gap_interval(rates, gap, level=0.95, rng=np.random.default_rng(seed), replicates=replicates)


def coverage(rates: list[float], n: int, gap: Gap, *, rounds: int = 300) -> float:
    rng, held = np.random.default_rng(5), 0
    truth = float(gap.of(np.array(min(rates)), np.array(max(rates))))
    for _ in range(rounds):
        low, high = interval(gap, (list(rng.binomial(n, rates)), [n] * len(rates)), replicates=300)
        held += low - 1e-9 <= truth <= high + 1e-9
    return held / rounds


def test_of_two_groups_apart_it_is_the_interval_of_a_difference_in_closed_form() -> None:
    assert interval(DIFFERENCE, ([500, 300], [1000, 1000])) == pytest.approx(
        newcombe(500, 1000, 300, 1000), abs=0.004
    )


def test_of_two_groups_apart_it_is_the_interval_of_a_ratio_in_closed_form() -> None:
    low, high = interval(SHORTFALL, ([500, 300], [1000, 1000]))
    assert (1 - high, 1 - low) == pytest.approx(ratio_of_proportions(300, 1000, 500, 1000), abs=0.01)


@pytest.mark.parametrize("gap", [DIFFERENCE, SHORTFALL])
def test_equality_is_left_out_only_where_equal_rates_would_hardly_show_such_a_gap(gap: Gap) -> None:
    rng, n = np.random.default_rng(1), np.full(4, 500)
    equal = np.ptp(rng.binomial(n, 0.3, size=(4000, 4)) / 500, axis=1)
    often, seldom = np.quantile(equal, [0.9, 0.985])
    near = [150 - round(250 * often), 150, 150, 150 + round(250 * often)]
    far = [150 - round(250 * seldom), 150, 150, 150 + round(250 * seldom)]
    assert interval(gap, (near, [500] * 4))[0] == 0
    assert interval(gap, (far, [500] * 4))[0] > 0


@pytest.mark.parametrize("rates", [[0.3] * 4, [0.4, 0.5, 0.5, 0.45], [0.2, 0.3, 0.4, 0.5]])
@pytest.mark.parametrize("gap", [DIFFERENCE, SHORTFALL])
def test_it_holds_the_truth_of_groups_picked_by_the_data(rates: list[float], gap: Gap) -> None:
    assert 0.905 <= coverage(rates, 500, gap) <= 0.985  # 3.5 standard errors; the benchmark holds 93 to 97 %


def test_of_two_families_the_wider_gap_speaks_and_the_other_competes() -> None:
    alone = interval(DIFFERENCE, ([300, 400], [1000, 1000]))
    beside_equal = interval(DIFFERENCE, ([300, 400], [1000, 1000]), ([200, 200], [1000, 1000]))
    beside_rival = interval(DIFFERENCE, ([300, 400], [1000, 1000]), ([200, 298], [1000, 1000]))
    assert beside_equal == pytest.approx(alone, abs=0.005)
    assert beside_rival[0] < alone[0] - 0.002


@pytest.mark.parametrize(
    ("k", "n"), [([0, 40], [100, 100]), ([0, 0], [40, 40]), ([40, 40], [40, 40]), ([1, 1, 1], [1, 1, 1])]
)
@pytest.mark.parametrize("gap", [DIFFERENCE, SHORTFALL])
def test_at_the_edges_the_interval_holds_the_observed_gap(k: list[int], n: list[int], gap: Gap) -> None:
    low, high = interval(gap, (k, n), replicates=400)
    seen = float(gap.of(np.array(min(k) / n[0]), np.array(max(k) / n[0])))
    assert 0 <= low <= seen <= high <= 1


def reach(values: list[float], *, level: float = 0.95) -> tuple[float, float]:
    picked = int(np.abs(values).argmax())
    return picked_reach(np.array(values), np.eye(len(values)), picked, level=level)


def test_an_estimate_far_above_the_others_reaches_about_as_far_as_one_alone() -> None:
    alone = float(ndtri(0.975))
    assert reach([9.0, 0.0, 1.0]) == pytest.approx((alone, alone), abs=0.05)


def test_nearly_tied_estimates_reach_further_towards_zero_and_never_beyond_what_holds_for_all_at_once() -> (
    None
):
    below, above = reach([2.0, 1.95, -1.9])
    assert 0 <= above < float(ndtri(0.975)) < below <= -float(ndtri(0.1 * 0.05 / 6)) + 1e-9


def test_the_sign_turns_the_reach_round() -> None:
    assert reach([-2.0, 1.5, 0.3]) == reach([2.0, -1.5, -0.3])[::-1]


@pytest.mark.parametrize("truth", [[0.0] * 6, [2.0, 0.0, 0.0], [3.0, 3.0, -3.0], [1.0, 0.5, 0.0, -0.5]])
def test_the_picked_estimate_s_truth_is_held_as_often_as_asked(truth: list[float]) -> None:
    rng, rounds = np.random.default_rng(3), 1500
    held = 0
    for _ in range(rounds):
        seen: NDArray[np.float64] = np.array(truth) + rng.standard_normal(len(truth))
        i = int(np.abs(seen).argmax())
        below, above = reach(list(seen))
        held += seen[i] - below <= truth[i] <= seen[i] + above
    assert 0.93 <= held / rounds <= 0.975

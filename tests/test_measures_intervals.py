"""Intervals against published values, a second library, and their own promise to cover."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskkit.measures.intervals import (
    clopper_pearson,
    clustered_mean,
    newcombe,
    ratio_of_proportions,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.95, 0.999])


@given(counts, levels)
def test_wilson_and_clopper_pearson_are_those_of_scipy(count, level):
    k, n = count
    ours = {"wilson": wilson(k, n, level=level), "exact": clopper_pearson(k, n, level=level)}
    for method, interval in ours.items():
        theirs = stats.binomtest(k, n).proportion_ci(confidence_level=level, method=method)
        assert interval == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_no_event_still_leaves_room_above_and_none_below():
    assert wilson(0, 20)[0] == 0.0
    assert clopper_pearson(0, 20)[1] == pytest.approx(1 - 0.025 ** (1 / 20))
    assert wilson(20, 20)[1] == 1.0


def test_without_rows_nothing_is_known():
    assert wilson(0, 0) == clopper_pearson(0, 0) == (0.0, 1.0)
    assert newcombe(0, 0, 3, 9) == (-1.0, 1.0)


def test_newcombe_gives_the_interval_of_his_paper():
    # Newcombe 1998, table II, contrasts (a) 56/70 - 48/80 and (g) 10/10 - 0/20, method 10
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(10, 10, 0, 20) == pytest.approx((0.6791, 1.0), abs=5e-5)


@given(counts, counts, levels)
def test_the_difference_and_the_ratio_of_two_rates_lie_within_their_intervals(first, second, level):
    (k1, n1), (k2, n2) = first, second
    low, high = newcombe(k1, n1, k2, n2, level=level)
    assert -1 <= low <= k1 / n1 - k2 / n2 <= high <= 1
    if k2:
        low, high = ratio_of_proportions(k1, n1, k2, n2, level=level)
        assert 0 <= low <= (k1 / n1) / (k2 / n2) * (1 + 1e-12) + 1e-12
        assert high >= (k1 / n1) / (k2 / n2) * (1 - 1e-12)


def test_a_ratio_to_a_rate_that_may_be_zero_has_no_upper_end():
    assert math.isinf(ratio_of_proportions(5, 10, 0, 10)[1])


@pytest.mark.slow
@pytest.mark.parametrize(("p1", "p2"), [(0.4, 0.5), (0.05, 0.1), (0.9, 0.95)])
def test_the_ratio_interval_covers(p1, p2):
    rng = np.random.default_rng(0)
    draws = zip(rng.binomial(150, p1, 2000), rng.binomial(150, p2, 2000), strict=True)
    found = [ratio_of_proportions(int(a), 150, int(b), 150) for a, b in draws]
    assert 0.935 <= np.mean([low <= p1 / p2 <= high for low, high in found]) <= 0.98


@pytest.mark.parametrize("bad", [{"k": 3, "n": 2}, {"k": -1, "n": 2}])
def test_an_impossible_count_is_refused(bad):
    with pytest.raises(ValueError, match="not a count of events"):
        wilson(**bad)


def test_a_level_in_percent_is_refused():
    with pytest.raises(ValueError, match=r"for example 0\.95"):
        wilson(1, 2, level=95)


def test_at_equal_cluster_sizes_the_interval_is_the_t_interval_of_cluster_means():
    values = np.array([[1.0, 2.0], [3.0, 5.0], [2.0, 2.0], [7.0, 1.0]])
    found = clustered_mean(values.ravel(), [c for c in "abcd" for _ in range(2)])
    theirs = stats.ttest_1samp(values.mean(axis=1), 0).confidence_interval(0.95)
    assert found.mean == values.mean()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.n_clusters == 4


def test_repeating_every_value_adds_no_certainty():
    once = clustered_mean([0, 1, 1, 0, 0, 1], list("abcdef"))
    often = clustered_mean([0, 1, 1, 0, 0, 1] * 9, list("abcdef") * 9)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert often.icc == pytest.approx(1.0)
    assert once.icc is None


def test_intra_cluster_correlation_is_that_of_the_variance_table():
    # two clusters of two: between mean square 4, within 0.5, so (4 - 0.5) / (4 + 0.5)
    assert clustered_mean([1, 2, 3, 4], list("aabb")).icc == pytest.approx(3.5 / 4.5)


@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), min_size=2, max_size=30), levels)
def test_the_interval_of_a_proportion_never_leaves_0_to_1_and_holds_the_mean(clusters, level):
    values = [v for c in clusters for v in c]
    names = [i for i, c in enumerate(clusters) for _ in c]
    found = clustered_mean(values, names, level=level, proportion=True)
    assert 0 <= found.low <= found.mean <= found.high <= 1
    assert found.high - found.low > 0.01


def test_no_event_in_any_cluster_is_judged_by_clusters():
    found = clustered_mean([0] * 60, [i // 3 for i in range(60)], proportion=True)
    assert found.low == 0.0
    assert found.high > wilson(0, 20)[1] > wilson(0, 60)[1]


@pytest.mark.parametrize(
    ("values", "clusters", "message"),
    [
        ([1, 2], ["a", "a"], "at least two clusters"),
        ([], [], "at least two clusters"),
        ([1, float("nan")], ["a", "b"], "1 values are not numbers"),
        ([1, 2], ["a"], "2 values but 1 cluster names"),
        ([0.5, 2], ["a", "b"], "within 0 and 1"),
    ],
)
def test_what_gives_no_interval_is_refused_in_one_line(values, clusters, message):
    with pytest.raises(ValueError, match=message):
        clustered_mean(values, clusters, proportion=True)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("icc", [0.05, 0.46])
def test_the_clustered_interval_covers(rate, icc):
    rng = np.random.default_rng(0)
    weight = (1 - icc) / icc
    hits = 0
    for _ in range(600):
        chance = rng.beta(rate * weight, (1 - rate) * weight, 100)
        values = (rng.random((100, 5)) < chance[:, None]).ravel()
        found = clustered_mean(values, np.repeat(np.arange(100), 5), proportion=True)
        hits += found.low <= rate <= found.high
    assert 0.93 <= hits / 600 <= 0.985

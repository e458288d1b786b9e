"""What chance alone does to disparities, many tests at once, strata, and the table as a record."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from riskkit import charts
from riskkit.measures import by_chance, fairness
from riskkit.measures.counts import CountTable
from riskkit.model import Threshold

BERKELEY = {
    "A": ((512, 313), (89, 19)),
    "B": ((353, 207), (17, 8)),
    "C": ((120, 205), (202, 391)),
    "D": ((138, 279), (131, 244)),
    "E": ((53, 138), (94, 299)),
    "F": ((22, 351), (24, 317)),
}
"""Graduate admissions of 1973: department to (admitted, rejected) of men, then of women. P. J. Bickel, E. A. Hammel,
J. W. O'Connell (1975), Science 187, 398-404."""


def berkeley() -> pd.DataFrame:
    rows = [
        (sex, department, selected)
        for department, both in BERKELEY.items()
        for sex, cells in zip(("male", "female"), both, strict=True)
        for selected, times in zip((True, False), cells, strict=True)
        for _ in range(times)
    ]
    table = pd.DataFrame(rows, columns=["sex", "department", "selected"])
    table.attrs["groups"] = ["sex", "department"]
    return table


def decisions(rates: dict[str, tuple[int, int]]) -> pd.DataFrame:
    rows = [(name, i < k) for name, (k, n) in rates.items() for i in range(n)]
    table = pd.DataFrame(rows, columns=["group", "selected"])
    table.attrs["groups"] = ["group"]
    return table


# --- dealing decisions anew


def test_dealt_decisions_keep_every_total_and_have_the_hypergeometric_mean_and_spread():
    n, k = np.array([40, 60, 100]), np.array([10, 20, 30])
    drawn = by_chance.dealt(k, n, np.random.default_rng(0), 20_000)
    assert (drawn.sum(axis=1) == 60).all()
    assert (drawn <= n).all()
    exact = stats.hypergeom(200, 60, 40)
    assert drawn[:, 0].mean() == pytest.approx(exact.mean(), abs=0.1)
    assert drawn[:, 0].std() == pytest.approx(exact.std(), rel=0.03)


def test_the_p_value_of_two_groups_is_that_of_the_exact_test():
    table = decisions({"a": (30, 80), "b": (45, 80)})
    bands = fairness.chance_bands(table, replicates=20_000).set_index("measure")
    exact = stats.fisher_exact([[30, 50], [45, 35]]).pvalue
    assert bands.loc["statistical_parity_difference", "p"] == pytest.approx(exact, abs=0.004)


def test_a_planted_gap_lies_outside_the_band_and_equal_groups_within_it():
    apart = fairness.chance_bands(decisions({"a": (150, 500), "b": (250, 500), "c": (240, 500)}))
    equal = fairness.chance_bands(decisions({"a": (250, 500), "b": (250, 500), "c": (240, 500)}))
    ratio, difference = (apart[apart["measure"] == m].iloc[0] for m in apart["measure"].unique())
    assert ratio["value"] == 0.6 < ratio["low"] < ratio["high"] == 1
    assert difference["value"] < difference["low"] == -difference["high"]
    assert (apart["p"] == 1 / 2001).all()
    assert (equal["p"] > 0.3).all()
    assert equal["value"].between(equal["low"], equal["high"]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "n"), [(2, 200), (8, 250), (40, 100)])
def test_equal_groups_raise_a_false_alarm_in_at_most_six_of_a_hundred_audits(groups, n):
    rng = np.random.default_rng(0)
    alarms, rounds = np.zeros(2), 400
    for _ in range(rounds):
        table = pd.DataFrame({"g": np.repeat(np.arange(groups), n), "selected": rng.random(groups * n) < 0.3})
        bands = fairness.chance_bands(table, groups=["g"], replicates=199)
        alarms += bands["p"].to_numpy() <= 0.05
    # 400 audits at a true 5 %: more than 7.4 % comes by chance in 1 of 50 such runs
    assert (alarms / rounds <= 0.074).all()


def test_with_labels_the_gap_in_error_rates_has_its_band_too():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"g": np.repeat(["a", "b"], 500), "label": rng.random(1000) < 0.5})
    table["selected"] = rng.random(1000) < np.where(
        table["label"], 0.7, np.where(table["g"] == "a", 0.1, 0.4)
    )
    bands = fairness.chance_bands(table, groups=["g"]).set_index("measure")
    odds = bands.loc["equalized_odds_difference"]
    assert odds["value"] == pytest.approx(0.3, abs=0.08)
    assert odds["low"] == 0 < odds["high"] < odds["value"]
    (measured,) = fairness.equalized_odds_differences(table, groups=["g"])
    assert measured.value == odds["value"]
    assert f"p = {odds['p']:.2g}" in measured.note


def test_notes_say_what_chance_does_and_agree_with_the_bands():
    table = decisions({"a": (150, 500), "b": (250, 500), "c": (240, 500)})
    bands = fairness.chance_bands(table, seed=4).set_index("measure")
    (ratio,) = fairness.selection_rate_ratios(table, seed=4)
    (difference,) = fairness.statistical_parity_differences(table, seed=4)
    assert f"stay above {bands.loc[ratio.measure, 'low']:.3f} in 95 % of deals" in ratio.note
    assert f"p = {bands.loc[difference.measure, 'p']:.2g}" in difference.note
    assert bands.loc[difference.measure, "value"] == difference.value


def test_what_cannot_be_compared_has_no_band():
    assert fairness.chance_bands(decisions({"a": (3, 5)})).empty
    nobody = fairness.chance_bands(decisions({"a": (0, 50), "b": (0, 50)}))
    assert list(nobody["measure"]) == ["statistical_parity_difference"]
    held = decisions({"a": (10, 50), "b": (10, 50), "c": (1, 2)})
    held.attrs["reference"] = {"group": "c"}
    assert list(fairness.chance_bands(held)["measure"]) == ["selection_rate_ratio"]


def test_the_figure_says_that_its_grey_band_is_chance():
    table = decisions({"a": (150, 500), "b": (250, 500)})
    ratios = fairness.selection_rate_ratios(table)
    plain, banded = (charts.disparities(ratios, {}, chance=c) for c in (None, fairness.chance_bands(table)))
    assert len(banded.axes[0].collections) == len(plain.axes[0].collections) + 1
    assert "grey: where chance alone keeps it" in banded._supxlabel.get_text()


# --- many tests at once


def test_adjusted_p_values_worked_by_hand():
    p = [0.01, 0.04, 0.03, 0.005]
    assert list(fairness.holm(p)) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert list(fairness.benjamini_hochberg(p)) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert list(fairness.holm([])) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_equals_scipy_and_holm_is_never_smaller(p):
    ours = fairness.benjamini_hochberg(p)
    assert ours == pytest.approx(stats.false_discovery_control(p))
    assert (fairness.holm(p) >= ours - 1e-15).all()
    assert (ours >= np.array(p) - 1e-15).all()


def test_a_p_value_above_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        fairness.holm([0.1, 5])


# --- strata


def test_berkeley_admissions_give_the_published_odds_ratio_and_test():
    # mantelhaen.test(UCBAdmissions, correct = FALSE) of R: 0.9046968 (0.7719074 to 1.0603298), 1.5246 on 1 df
    men, women = (np.array([both[i][::-1] for both in BERKELEY.values()]) for i in (0, 1))
    found = fairness.mantel_haenszel(men, women)
    assert found.odds_ratio == pytest.approx(0.9046968, abs=5e-8)
    assert (found.odds_low, found.odds_high) == pytest.approx((0.7719074, 1.0603298), abs=5e-8)
    assert found.p == pytest.approx(stats.chi2.sf(1.5246, 1), abs=2e-5)


def test_admissions_that_differ_by_sex_do_not_within_departments():
    found = fairness.adjusted_differences(berkeley()).set_index(["group_column", "group", "within"])
    row = found.loc[("sex", "female", "department")]
    assert row["crude"] == pytest.approx(557 / 1835 - 1198 / 2691)
    assert row["crude"] < -0.14
    assert row["low"] < 0 < row["adjusted"] < row["high"] < 0.05
    assert row["strata"] == 6


def test_a_stratum_with_one_group_only_tells_nothing():
    one, other = np.array([[5, 5], [9, 1]]), np.array([[8, 2], [0, 0]])
    assert fairness.mantel_haenszel(one, other) == fairness.mantel_haenszel(one[:1], other[:1])
    nothing = fairness.mantel_haenszel(one[1:], other[1:])
    assert all(np.isnan(v) for v in (nothing.difference, nothing.odds_ratio, nothing.p))


@pytest.mark.slow
def test_the_interval_of_the_common_difference_covers():
    rng = np.random.default_rng(0)
    sizes, base = np.array([[60, 20], [30, 70], [50, 50], [10, 12]]), np.array([0.2, 0.5, 0.7, 0.4])
    hits = 0
    for _ in range(2000):
        k1, k0 = rng.binomial(sizes[:, 0], base + 0.1), rng.binomial(sizes[:, 1], base)
        one, other = (np.stack([n - k, k], 1) for n, k in ((sizes[:, 0], k1), (sizes[:, 1], k0)))
        found = fairness.mantel_haenszel(one, other)
        hits += found.low <= 0.1 <= found.high
    assert 0.935 <= hits / 2000 <= 0.965


# --- the table as a record


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_a_table_read_back_gives_every_number_again(seed, by_label):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"a": rng.choice(["x", 'y "quoted"', "ž\x1b", ""], 50), "b": rng.integers(0, 3, 50)})
    table["selected"], table["label"] = rng.random(50) < 0.5, rng.random(50) < 0.5
    counts = fairness.count(table, ["a", "b"], by_label=by_label)
    again = CountTable.from_json(counts.to_json())
    assert (again.names, again.cells) == (counts.names, counts.cells)
    assert (again.counts == counts.counts).all()
    assert again.counts.shape == counts.counts.shape
    assert counts._repr_mimebundle_()["text/plain"] == again.to_json()


def test_the_record_of_an_audit_is_small_and_says_what_its_numbers_count():
    counts = fairness.count(berkeley(), ["sex", "department"])
    assert len(counts.to_json()) < 500
    assert json.loads(counts.to_json())["columns"] == ["not selected", "selected"]


NAMED = '{"names":["a"],"columns":'


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[1]", NAMED + '["x"],"rows":[]}', NAMED + '[1,2],"rows":[["x","y",1,2]]}',
        NAMED + '[1,2],"rows":[["x",1,-2]]}', NAMED + '[1,2],"rows":[["x",1,"many"]]}',
    ],
)  # fmt: skip
def test_what_is_no_count_table_is_refused(text):
    with pytest.raises(ValueError, match="not a count table"):
        CountTable.from_json(text)


def test_small_cells_can_be_pooled_and_the_total_stays():
    counts = fairness.count(decisions({"a": (20, 40), "b": (1, 3), "c": (2, 4)}), ["group"])
    pooled = counts.pooled(10)
    assert pooled.cells == (("a",), ("fewer than 10",))
    assert list(pooled.n) == [40, 7]
    assert counts.pooled(3) is counts


# --- ranking, bounds


def test_evidence_ranks_before_the_size_of_a_gap():
    table = decisions({"few": (18, 30), "many": (2300, 5000), "rest": (2500, 5000), "most": (2520, 5000)})
    ranked = fairness.ranked_groups(table)
    assert ranked["group"][0] == "many"
    widest = ranked.loc[ranked["difference"].abs().idxmax(), "group"]
    assert widest == "few"
    assert (ranked["p_holm"] >= ranked["p"]).all()
    assert ranked["p"].is_monotonic_increasing


def test_the_p_value_of_a_group_is_exact_and_worked_by_hand():
    # 3 of 4 against 1 of 4: P(X >= 3) = (16 + 1) / 70, twice that
    ranked = fairness.ranked_groups(decisions({"a": (3, 4), "b": (1, 4)}), min_cell=1)
    assert list(ranked["p"]) == pytest.approx([34 / 70, 34 / 70])
    assert list(ranked["difference"]) == [0.5, -0.5]


def test_with_no_group_to_compare_the_ranking_is_empty():
    assert fairness.ranked_groups(decisions({"a": (3, 40)})).empty


def test_bounds_that_would_flip_a_verdict_are_the_ends_of_its_interval():
    (ratio,) = fairness.selection_rate_ratios(decisions({"a": (150, 500), "b": (250, 500)}))
    (difference,) = fairness.statistical_parity_differences(decisions({"a": (150, 500), "b": (250, 500)}))
    thresholds = {
        "selection_rate_ratio": Threshold(measure="selection_rate_ratio", at_least=0.65),
        "statistical_parity_difference": Threshold(measure="x", at_least=-0.1, at_most=0.1),
    }
    first, second = fairness.bounds_that_flip([ratio, difference], thresholds).itertuples()
    assert (first.verdict, first.met_up_to, first.breached_from) == ("inconclusive", ratio.low, ratio.high)
    assert (second.met_up_to, second.breached_from) == (-difference.low, -difference.high)
    for bound, verdict in ((ratio.low, "met"), (ratio.high + 1e-9, "breached")):
        moved = {"selection_rate_ratio": Threshold(measure="selection_rate_ratio", at_least=bound)}
        assert fairness.bounds_that_flip([ratio], moved)["verdict"][0] == verdict
    assert fairness.bounds_that_flip([ratio], {})["bound"][0] == "no bound"


def test_the_record_of_an_audit_pools_small_cells_and_splits_by_label_where_it_is_known():
    table = decisions({"a": (20, 40), "b": (1, 3), "c": (2, 3)})
    assert fairness.audit_record(table).cells == (("a",), ("fewer than 5",))
    assert fairness.audit_record(table.assign(label=True)).counts.shape == (2, 2, 2)

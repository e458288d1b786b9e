"""The traps of bias audits: what other tools get wrong in silence, and what happens here instead."""

import sys
from pathlib import Path

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest

from riskkit.measures import confusion, fairness
from riskkit.measures.intervals import wilson


def decisions(rates: dict[str, tuple[int, int]]) -> pd.DataFrame:
    rows = [(name, i < k) for name, (k, n) in rates.items() for i in range(n)]
    table = pd.DataFrame(rows, columns=["group", "selected"])
    table.attrs["groups"] = ["group"]
    return table


def only(measurements):
    (measurement,) = measurements
    return measurement


def test_fairlearn_calls_exactly_four_fifths_a_failure_and_we_do_not():
    table = decisions({"a": (3, 5), "b": (15, 20)})
    theirs = fairlearn.demographic_parity_ratio(
        table["selected"], table["selected"], sensitive_features=table["group"]
    )
    assert theirs < 0.8
    assert fairness.four_fifths(fairness.count(table, ["group"])).all()


@pytest.mark.parametrize("values", [["good", "bad"], [1, 2], [0.9, 0.4]])
def test_where_fairlearn_sees_perfect_parity_in_wrong_labels_we_refuse(values):
    table = pd.DataFrame({"group": ["a", "a", "b", "b"], "selected": values * 2})
    with pytest.raises(ValueError, match="declare the favourable value"):
        fairness.rates_by_group(table, groups=["group"])


@pytest.mark.slow
@pytest.mark.parametrize(("n", "percentile_at_most"), [(5, 0.3), (10, 0.5), (20, 0.75)])
def test_in_small_groups_wilson_covers_and_percentiles_do_not(n, percentile_at_most):
    rng = np.random.default_rng(0)
    hits = np.zeros(2)
    for _ in range(400):
        selected = rng.random(n) < 0.05
        table = pd.DataFrame({"g": "a", "label": True, "selected": selected})
        low, high = confusion.percentile_intervals(
            fairness.count(table, ["g"], by_label=True), replicates=200, seed=int(rng.integers(1e9))
        )["by_group"].loc[("selection_rate", "a")]  # fmt: skip
        hits += (
            low <= 0.05 <= high,
            wilson(int(selected.sum()), n)[0] <= 0.05 <= wilson(int(selected.sum()), n)[1],
        )
    percentile, ours = hits / 400
    assert percentile <= percentile_at_most
    assert ours >= 0.9


def test_the_percentile_interval_of_a_difference_never_holds_zero_and_ours_does():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"g": np.repeat(np.arange(8), 250), "selected": rng.random(2000) < 0.3, "label": True}
    )
    counts = fairness.count(table, ["g"], by_label=True)
    theirs = confusion.percentile_intervals(counts)["between_groups"]
    assert theirs.loc[("selection_rate", "difference"), "low"] > 0
    assert theirs.loc[("selection_rate", "ratio"), "high"] < 1
    assert only(fairness.selection_rate_ratios(table, groups=["g"])).high == 1.0
    difference = only(fairness.statistical_parity_differences(table, groups=["g"]))
    assert difference.low < 0 < difference.high


def test_the_order_of_rows_and_the_index_change_nothing():
    table = decisions({"a": (30, 70), "b": (45, 80), "c": (10, 40)})
    shuffled = table.sample(frac=1, random_state=3)
    assert fairness.selection_rate_ratios(shuffled) == fairness.selection_rate_ratios(table)
    assert (fairness.count(shuffled, ["group"]).counts == fairness.count(table, ["group"]).counts).all()


def test_a_lowest_rate_of_zero_is_a_ratio_of_zero():
    m = only(fairness.selection_rate_ratios(decisions({"a": (0, 40), "b": (20, 40)})))
    assert (m.value, m.low) == (0.0, 0.0)
    assert 0 < m.high < 0.5


def test_one_row_is_an_audit_of_one_row():
    table = decisions({"a": (1, 1)})
    assert list(fairness.rates_by_group(table)["n"]) == [1]
    assert "only a" in only(fairness.selection_rate_ratios(table, min_cell=1)).undefined


def test_numbers_are_never_put_into_bands_in_silence():
    table = decisions({"a": (20, 40), "b": (10, 40)}).assign(group=np.arange(80) / 7)
    assert len(fairness.count(table, ["group"]).cells) == 80
    assert "fewer than two groups" in only(fairness.selection_rate_ratios(table)).undefined


def test_values_that_differ_by_spaces_are_not_two_groups_in_silence():
    table = decisions({"a": (1, 2), "b": (1, 2)}).assign(group=["A", "A ", "B", "B"])
    with pytest.raises(ValueError, match="two different values of column 'group' read 'A'"):
        fairness.rates_by_group(table)


def test_groups_that_differ_by_capitals_only_are_told_in_the_first_table():
    said = dict(
        fairness.what_is_compared(decisions({"A": (3, 5), "a": (2, 5), "b": (1, 5)})).itertuples(index=False)
    )
    assert said["groups by group"].endswith(
        "CHECK: A and a differ by capitals only and count as different groups"
    )


def test_a_group_of_one_label_has_no_auc_and_no_interval():
    table = decisions({"a": (2, 4), "b": (2, 4)}).assign(score=[0.1, 0.2, 0.3, 0.4] * 2)
    table["label"] = [True] * 4 + [False, True] * 2
    found = fairness.scores_by_group(table, groups=["group"]).set_index("group")
    assert found.loc["a", ["auc", "auc_low", "auc_high", "auc_error"]].isna().all()
    assert found.loc["b", "auc"] == 0.75


def test_blank_and_missing_groups_are_one_group_whatever_holds_them():
    table = decisions({"a": (2, 4)}).assign(group=["x", "", None, "  "])
    for kind in (object, "category", "string[pyarrow]"):
        counts = fairness.count(table.assign(group=table["group"].astype(kind)), ["group"])
        assert dict(zip(counts.cells, counts.n, strict=True)) == {("missing",): 3, ("x",): 1}


def test_no_module_that_is_run_beside_others_hides_one_of_pythons_own():
    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    loaded_before_the_folder_is_looked_in = {"site"}
    own = {p.stem for p in folder.glob("*.py")} - loaded_before_the_folder_is_looked_in
    assert not own & set(sys.stdlib_module_names)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rates",
    [(0.3, 0.3), (0.5, 0.6), (0.1, 0.2), (0.4, 0.5, 0.5, 0.45), (0.3, 0.3, 0.3, 0.3)],
    ids=lambda r: " ".join(map(str, r)),
)
def test_intervals_of_disparities_cover_at_five_hundred_a_group(rates):
    rng = np.random.default_rng(0)
    truth, rounds, hits = np.array(rates), 600, np.zeros(2)
    for _ in range(rounds):
        k = rng.binomial(500, truth)
        long = pd.DataFrame(
            {"g": [f"g{i}" for i in range(len(k))] * 2, "selected": [True] * len(k) + [False] * len(k)}
        )
        long["n"] = [*k, *(500 - k)]
        long.attrs = {"groups": ["g"], "rows": "n"}
        ratio = only(fairness.selection_rate_ratios(long, replicates=200))
        difference = only(fairness.statistical_parity_differences(long, replicates=10))
        # the group that speaks is picked by the data; its own true difference is what the interval is of
        said = int(difference.note[1])
        others = np.delete(truth, said).mean()
        hits += (
            ratio.low <= truth.min() / truth.max() <= ratio.high,
            difference.low <= truth[said] - others <= difference.high,
        )
    # at a true 95 %, fewer than 92.5 % in 600 comes by chance in 1 of 400 runs
    assert (hits / rounds >= 0.925).all(), hits / rounds

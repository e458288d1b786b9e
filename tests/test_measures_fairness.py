"""Bias measures against fairlearn, the law's own examples, and the traps of audits in floating point."""

import fractions
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit.measures import fairness
from riskkit.measures.counts import CountTable


def decisions(rates: dict[str, tuple[int, int]], column: str = "group") -> pd.DataFrame:
    """A table with ``selected`` of ``n`` rows in every group."""
    rows = [(name, i < k) for name, (k, n) in rates.items() for i in range(n)]
    table = pd.DataFrame(rows, columns=[column, "selected"])
    table.attrs["groups"] = [column]
    return table


def counted(rates: list[tuple[int, int]]) -> CountTable:
    k, n = np.array(rates).T
    return CountTable(("group",), tuple((f"g{i}",) for i in range(len(rates))), np.stack([n - k, k], axis=1))


def only(measurements):
    (measurement,) = measurements
    return measurement


# --- counting


@st.composite
def tables(draw):
    """Awkward tables: few rows, unused levels, text, whole numbers, duplicated index."""
    n = draw(st.integers(1, 60))
    seed = draw(st.integers(0, 10_000))
    kind = draw(st.sampled_from(["str", "category", "int", "bool", "arrow"]))
    rng = np.random.default_rng(seed)
    group = pd.Series(rng.integers(0, draw(st.integers(1, 5)), n))
    if kind == "category":
        group = group.map(str).astype(pd.CategoricalDtype([*map(str, range(7))]))
    elif kind == "bool":
        group = group > 1
    elif kind == "str":
        group = group.map(lambda v: f"g{v}")
    elif kind == "arrow":
        group = group.map(lambda v: f"g{v}").astype("string[pyarrow]")
    table = pd.DataFrame({"a": group, "b": rng.integers(0, 3, n)})
    table["selected"] = rng.random(n) < draw(st.sampled_from([0.0, 0.2, 0.7, 1.0]))
    table["label"] = rng.random(n) < 0.5
    table.index = pd.Index(np.zeros(n, int))
    table.attrs["groups"] = ["a", "b"]
    return table


@pytest.mark.slow
@settings(max_examples=60)
@given(tables())
def test_rates_differences_and_ratios_equal_fairlearn_exactly(table):
    for grouping in (["a"], ["b"], ["a", "b"]):
        features = table[grouping].astype(str)
        frame = fairlearn.MetricFrame(
            metrics={"rate": fairlearn.selection_rate, "n": fairlearn.count},
            y_true=table["label"], y_pred=table["selected"], sensitive_features=features,
        )  # fmt: skip
        theirs = frame.by_group.dropna()
        rates = fairness.rates_by_group(table, groups=[" x ".join(grouping)])
        names = [", ".join(i if isinstance(i, tuple) else (i,)) for i in theirs.index]
        ours = rates.set_index("group")
        assert set(ours.index) == set(names)
        assert list(ours.loc[names, "rate"]) == list(theirs["rate"])
        assert list(ours.loc[names, "n"]) == list(theirs["n"])
        ratio = only(
            fairness.selection_rate_ratios(table, groups=[" x ".join(grouping)], min_cell=1, replicates=10)
        )
        if ratio.value is not None:
            assert ratio.value == frame.ratio()["rate"]
        elif len(names) > 1:
            assert not table["selected"].any()
        difference = only(
            fairness.statistical_parity_differences(table, groups=[" x ".join(grouping)], min_cell=1)
        )
        if len(names) == 2:
            assert -difference.value == frame.difference()["rate"]


@settings(max_examples=30)
@given(tables(), tables())
def test_tables_of_two_shards_add_to_the_table_of_both(first, second):
    first, second = (t.assign(a=t["a"].astype(str)) for t in (first, second))
    both = fairness.count(pd.concat([first, second]), ["a", "b"])
    added = fairness.count(first, ["a", "b"]) + fairness.count(second, ["a", "b"])
    assert dict(zip(added.cells, added.counts.tolist(), strict=True)) == dict(
        zip(both.cells, both.counts.tolist(), strict=True)
    )


@settings(max_examples=30)
@given(tables())
def test_a_marginal_of_the_joint_table_is_what_counting_gives(table):
    joint = fairness.count(table, ["a", "b"], by_label=True)
    for name in "ab":
        direct, marginal = fairness.count(table, [name], by_label=True), joint.marginal([name])
        assert dict(zip(marginal.cells, marginal.counts.tolist(), strict=True)) == dict(
            zip(direct.cells, direct.counts.tolist(), strict=True)
        )


def test_many_levels_are_counted_sparsely_and_in_chunks():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.integers(0, 3000, 300_000), "b": rng.integers(0, 3000, 300_000)})
    table["selected"] = rng.random(300_000) < 0.3
    counts = fairness.count(table, ["a", "b"])
    assert int(counts.n.sum()) == 300_000
    assert len(counts.cells) == len(table[["a", "b"]].drop_duplicates())
    cell = counts.cells[1234]
    rows = table[(table["a"] == int(cell[0])) & (table["b"] == int(cell[1]))]
    assert counts.selected[1234] == rows["selected"].sum()


def test_groupings_are_every_column_then_every_pair():
    table = decisions({"f": (1, 2)}).assign(b="x", c="y")
    table.attrs["groups"] = ["group", "b", "c"]
    pairs = [("group", "b"), ("group", "c"), ("b", "c")]
    assert fairness.groupings(table) == [("group",), ("b",), ("c",), *pairs]
    assert fairness.groupings(table, ["c x b"]) == [("c", "b")]


def test_a_group_column_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match=r"no column sexx in the table \(it has group, selected\)"):
        fairness.groupings(decisions({"f": (1, 2)}), ["sexx x group"])
    with pytest.raises(ValueError, match="no group column is declared"):
        fairness.groupings(pd.DataFrame({"selected": [True]}))


@pytest.mark.parametrize("values", [["yes", "no"], [1, 2], [0.3, 0.9], [1, 0]])
def test_outcomes_that_are_not_true_and_false_never_pass_as_perfect_parity(values):
    table = pd.DataFrame({"group": ["a", "b"], "selected": values})
    with pytest.raises(ValueError, match="not True and False: declare the favourable value"):
        fairness.rates_by_group(table, groups=["group"])


@pytest.mark.parametrize("dtype", ["boolean", "bool[pyarrow]", object])
def test_nullable_outcomes_are_read_and_an_empty_one_is_refused(dtype):
    table = decisions({"a": (1, 2), "b": (1, 2)})
    table["selected"] = table["selected"].astype(dtype)
    assert list(fairness.rates_by_group(table)["rate"]) == [0.5, 0.5]
    table.loc[0, "selected"] = None
    with pytest.raises(ValueError, match="empty in 1 of 4 rows"):
        fairness.rates_by_group(table)


@pytest.mark.parametrize("missing", [None, float("nan"), "", "  ", pd.NA])
def test_a_missing_group_is_a_group_of_its_own(missing):
    table = decisions({"a": (1, 2), "b": (1, 2)})
    table["group"] = table["group"].astype(object)
    table.loc[0, "group"] = missing
    rates = fairness.rates_by_group(table).set_index("group")
    assert dict(rates["n"]) == {"a": 1, "b": 2, "missing": 1}
    assert rates.loc["missing", "selected"] == 1


def test_a_number_and_the_same_number_as_text_are_not_two_groups_in_silence():
    table = decisions({"a": (1, 2)})
    table["group"] = pd.Series([1, "1"], dtype=object)
    with pytest.raises(ValueError, match="two different values of column 'group' read '1'"):
        fairness.rates_by_group(table)


def test_whole_numbers_read_as_floats_keep_their_names():
    table = decisions({"a": (1, 2), "b": (1, 2)}).assign(group=[1.0, 2.0, float("nan"), 1.0])
    assert set(fairness.rates_by_group(table)["group"]) == {"1", "2", "missing"}


def test_group_names_cannot_carry_control_characters():
    names = fairness.rates_by_group(decisions({"a\x1b[31m\u202e": (1, 2), "b": (1, 2)}))["group"]
    assert not any(c in "".join(names) for c in "\x1b\u202e")


# --- disparities


def test_the_example_of_the_uniform_guidelines():
    # 29 CFR 1607.4(D), questions and answers: rates of 60, 45, 48 and 51 percent
    table = decisions({"a": (60, 100), "b": (45, 100), "c": (48, 100), "d": (51, 100)})
    assert only(fairness.selection_rate_ratios(table)).value == pytest.approx(0.75)
    passes = fairness.four_fifths(fairness.count(table, ["group"]))
    assert dict(passes) == {"a": True, "b": False, "c": True, "d": True}


def test_a_ratio_worked_by_hand_names_its_groups():
    m = only(fairness.selection_rate_ratios(decisions({"f": (201, 310), "m": (499, 690), "x": (3, 9)})))
    assert m.value == pytest.approx((201 / 310) / (499 / 690))
    assert m.low < m.value < m.high <= 1
    assert m.n == 1000
    assert "lowest f (201 of 310), highest m (499 of 690)" in m.note
    assert "left out with fewer than 30 rows: x (9)" in m.note


def test_two_groups_give_the_lower_rate_minus_the_higher():
    m = only(fairness.statistical_parity_differences(decisions({"old": (590, 810), "young": (110, 190)})))
    assert m.value == pytest.approx(-0.149448, abs=5e-7)
    assert m.low < m.value < m.high < 0


def test_the_largest_gap_speaks_and_its_interval_is_corrected_for_the_pick():
    table = decisions({"a": (50, 100), "b": (55, 100), "c": (90, 100)})
    m = only(fairness.statistical_parity_differences(table))
    assert m.value == pytest.approx(0.9 - 105 / 200)
    assert "largest of 3 differences; Newcombe interval, corrected for the pick" in m.method
    wider = only(fairness.statistical_parity_differences(decisions({"c": (90, 100), "rest": (105, 200)})))
    assert m.high - m.low > wider.high - wider.low


def test_a_reference_group_replaces_everybody_else():
    table = decisions({"a": (50, 100), "b": (55, 100), "c": (90, 100)})
    table.attrs["reference"] = {"group": "b"}
    m = only(fairness.statistical_parity_differences(table))
    assert m.value == pytest.approx(0.35)
    assert "c (90 of 100) against the reference group b (55 of 100)" in m.note
    table.attrs["reference"] = {"group": "z"}
    assert "z has fewer than 30 rows" in only(fairness.statistical_parity_differences(table)).undefined


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        ({"a": (3, 40)}, r"fewer than two groups have 30 rows or more \(only a\)"),
        ({"a": (3, 4), "b": (1, 4)}, "fewer than two groups"),
        ({"a": (0, 40), "b": (0, 40)}, "nobody was selected"),
    ],
)
def test_what_cannot_be_compared_is_undefined_with_its_reason(rates, why):
    m = only(fairness.selection_rate_ratios(decisions(rates)))
    assert m.value is None
    assert pd.Series([m.undefined]).str.contains(why).all()


def test_an_empty_table_is_undefined_and_does_not_fail():
    table = decisions({"a": (1, 2)}).iloc[:0].astype({"selected": bool})
    table.attrs["groups"] = ["group"]
    assert fairness.rates_by_group(table).empty
    assert only(fairness.selection_rate_ratios(table)).value is None


@pytest.mark.parametrize("rates", [{"a": (0, 40), "b": (20, 40)}, {"a": (40, 40), "b": (40, 40)}])
def test_groups_with_nobody_or_everybody_selected_keep_an_interval_with_width(rates):
    m = only(fairness.selection_rate_ratios(decisions(rates)))
    assert m.high - m.low > 0.05


def test_a_ratio_of_lowest_to_highest_is_never_above_one():
    m = only(fairness.selection_rate_ratios(decisions({"a": (20, 40), "b": (21, 40)})))
    assert m.value < m.high == 1.0


def test_equal_seeds_give_equal_measurements():
    table = decisions({"a": (30, 70), "b": (45, 80), "c": (10, 40)})
    assert fairness.selection_rate_ratios(table, seed=3) == fairness.selection_rate_ratios(table, seed=3)


def test_for_two_groups_apart_the_interval_is_that_of_resampling_rows():
    table = decisions({"a": (150, 500), "b": (250, 500)})
    m = only(fairness.selection_rate_ratios(table))
    rng = np.random.default_rng(1)
    codes, selected = pd.factorize(table["group"])[0], table["selected"].to_numpy()
    drawn = []
    for _ in range(2000):
        rows = rng.integers(0, 1000, 1000)
        n, k = np.bincount(codes[rows]), np.bincount(codes[rows], selected[rows])
        drawn.append((k / n).min() / (k / n).max())
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (m.low, m.high) == pytest.approx((low, high), abs=0.06 * (high - low))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "rates"),
    [
        ([500] * 2, [0.3, 0.3]),
        ([500] * 2, [0.4, 0.5]),
        ([100] * 12, [0.3] * 12),
        ([500] * 5, [0.4, 0.5, 0.5, 0.45, 0.5]),
    ],
)
def test_ratio_intervals_cover_and_equal_rates_are_not_called_a_breach(n, rates):
    rng = np.random.default_rng(0)
    truth, hits, breaches, rounds = min(rates) / max(rates), 0, 0, 150
    for _ in range(rounds):
        k = rng.binomial(n, rates)
        table = decisions({f"g{i}": (int(a), b) for i, (a, b) in enumerate(zip(k, n, strict=True))})
        m = only(fairness.selection_rate_ratios(table, replicates=300))
        hits += m.low <= truth <= m.high
        breaches += m.high < 0.8
    assert hits / rounds >= 0.89  # 3.5 standard errors below 95 %; the benchmark holds 93 to 97 %
    assert breaches / rounds <= 0.06


# --- four fifths in integers


def test_exactly_four_fifths_passes_for_every_table_where_floats_fail():
    failing_as_floats = 0
    for n1 in range(5, 200, 5):
        for n2 in range(5, 200, 5):
            for k2 in range(1, n2 + 1, 7):
                k1 = fractions.Fraction(4, 5) * fractions.Fraction(k2, n2) * n1
                if k1.denominator == 1:
                    k1 = int(k1)
                    failing_as_floats += (k1 / n1) / (k2 / n2) < 0.8
                    assert fairness.four_fifths(counted([(k1, n1), (k2, n2)])).all()
    assert failing_as_floats > 100
    assert not fairness.four_fifths(counted([(3, 5), (76, 100)])).iloc[0]


def test_where_nobody_is_selected_the_rule_says_nothing():
    assert fairness.four_fifths(counted([(0, 5), (0, 9)])).isna().all()


@pytest.mark.parametrize(
    ("groups", "n", "rate", "published"),
    [
        (2, 100, 0.3, 0.30),
        (2, 500, 0.3, 0.02),
        (8, 100, 0.3, 0.96),
        (8, 500, 0.3, 0.29),
        (8, 1000, 0.1, 0.71),
    ],
)
def test_chance_alone_fails_four_fifths_this_often(groups, n, rate, published):
    chance = fairness.null_failure_probability(counted([(int(rate * n), n)] * groups))
    assert chance == pytest.approx(published, abs=0.02)


# --- errors


@pytest.mark.slow
@settings(max_examples=40)
@given(tables())
def test_error_rates_equal_fairlearn_where_they_are_defined(table):
    frame = fairlearn.MetricFrame(
        metrics={"tpr": fairlearn.true_positive_rate, "fpr": fairlearn.false_positive_rate},
        y_true=table["label"], y_pred=table["selected"], sensitive_features=table["a"].astype(str),
    )  # fmt: skip
    rates = fairness.error_rates_by_group(table, groups=["a"])
    for name, column in (("true positive rate", "tpr"), ("false positive rate", "fpr")):
        ours = rates[rates["rate_of"] == name].set_index("group")
        for group, row in ours.iterrows():
            if row["n"]:
                assert row["rate"] == frame.by_group.loc[group, column]
            else:
                assert np.isnan(row["rate"])
                assert (row["low"], row["high"]) == (0.0, 1.0)
    difference = only(fairness.equalized_odds_differences(table, groups=["a"], min_cell=1, replicates=20))
    if difference.value is not None and (rates["n"] > 0).all():
        theirs = fairlearn.equalized_odds_difference(
            table["label"], table["selected"], sensitive_features=table["a"].astype(str)
        )
        assert difference.value == theirs
        assert 0 <= difference.low <= difference.value <= difference.high <= 1


def test_rows_without_a_label_are_left_out_and_counted():
    table = decisions({"a": (40, 80), "b": (30, 80)})
    table["label"] = pd.Series([True, False] * 80, dtype="boolean")
    table.loc[:4, "label"] = pd.NA
    m = only(fairness.equalized_odds_differences(table, min_cell=10))
    assert m.n == 155
    assert "5 rows without a label left out" in m.note


def test_a_group_without_negatives_has_no_false_positive_rate():
    table = decisions({"a": (2, 4), "b": (2, 4)}).assign(label=[True] * 4 + [True, True, False, False])
    rates = fairness.error_rates_by_group(table).set_index(["group", "rate_of"])["rate"]
    assert np.isnan(rates["a", "false positive rate"])
    assert "label is false" in only(fairness.equalized_odds_differences(table, min_cell=1)).undefined


@pytest.mark.slow
def test_equal_error_rates_are_rarely_called_unequal():
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(150):
        table = pd.DataFrame({"g": rng.integers(0, 4, 1600), "label": rng.random(1600) < 0.5})
        table["selected"] = rng.random(1600) < np.where(table["label"], 0.7, 0.2)
        m = only(fairness.equalized_odds_differences(table, groups=["g"], replicates=200))
        wrong += m.low > 0.05
    assert wrong <= 3


def test_who_only_counts_is_spared_the_statistics_library():
    code = "import sys, riskkit.measures.fairness; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Weights, many classes, predicted numbers and the counts of Local Law 144, against fairlearn and worked by hand."""

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from riskkit.law import ll144
from riskkit.measures import confusion, impact_counts, multiclass, regression, weights
from riskkit.measures.intervals import newcombe, wilson


def rows(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"g": rng.choice(["a", "b", "c"], n), "w": rng.lognormal(0, 0.8, n)})
    table["selected"] = rng.random(n) < 0.4
    table.attrs["groups"] = ["g"]
    return table


# --- weights


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(5, 200))
def test_weighted_rates_equal_fairlearns(seed, n):
    table = rows(n, seed)
    theirs = fairlearn.MetricFrame(
        metrics=fairlearn.selection_rate, y_true=table["selected"], y_pred=table["selected"],
        sensitive_features=table["g"], sample_params={"sample_weight": table["w"]},
    ).by_group  # fmt: skip
    ours = weights.weighted_rates(table, weight="w").set_index("group")["rate"]
    assert list(ours[theirs.index]) == pytest.approx(list(theirs), rel=1e-12)


def test_equal_weights_have_the_interval_of_the_counts_and_unequal_ones_a_wider_one():
    table = rows(600)
    equal = weights.weighted_rates(table.assign(w=3.0), weight="w").set_index("group")
    unequal = weights.weighted_rates(table, weight="w").set_index("group")
    for group, part in table.groupby("g"):
        row = equal.loc[group]
        assert row["effective_n"] == pytest.approx(len(part))
        assert (row["low"], row["high"]) == pytest.approx(wilson(int(part["selected"].sum()), len(part)))
        assert unequal.loc[group, "high"] - unequal.loc[group, "low"] > row["high"] - row["low"]


@pytest.mark.slow
def test_the_interval_of_a_weighted_rate_covers():
    rng = np.random.default_rng(0)
    hits, rounds = 0, 600
    for _ in range(rounds):
        table = pd.DataFrame({"g": "a", "w": rng.lognormal(0, 0.7, 200), "selected": rng.random(200) < 0.3})
        (row,) = weights.weighted_rates(table, weight="w", groups=["g"]).itertuples()
        hits += row.low <= 0.3 <= row.high
    assert 0.925 <= hits / rounds <= 0.975


def test_a_group_of_no_weight_has_no_rate_and_bad_weights_are_refused():
    table = pd.DataFrame({"g": ["a", "b"], "w": [0.0, 1.0], "selected": [True, True]})
    row = weights.weighted_rates(table, weight="w", groups=["g"]).iloc[0]
    assert np.isnan(row["rate"])
    assert (row["low"], row["high"]) == (0.0, 1.0)
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="missing, negative or infinite"):
            weights.weighted_rates(table.assign(w=[1.0, bad]), weight="w", groups=["g"])


def test_weighted_disparities_at_equal_weights_are_those_of_the_counts():
    table = pd.DataFrame({"g": ["a"] * 100 + ["b"] * 100, "w": 2.0})
    table["selected"] = [i < 30 for i in range(100)] + [i < 50 for i in range(100)]
    (row,) = weights.weighted_disparities(table, weight="w", groups=["g"]).itertuples()
    assert (row.lowest, row.highest, row.ratio) == ("a", "b", pytest.approx(0.6))
    assert (row.low, row.high) == pytest.approx(newcombe(30, 100, 50, 100))


# --- many classes


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_each_class_against_the_rest_equals_fairlearn(seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"g": rng.choice(["a", "b"], 120), "h": rng.choice(["x", "y"], 120)})
    table["label"], table["made"] = rng.choice(list("pqr"), 120), rng.choice(list("pqr"), 120)
    found = multiclass.one_versus_rest(table, ["g", "h"], decision="made", label="label")
    assert list(found) == ["p", "q", "r"]
    for name, counts in found.items():
        theirs = fairlearn.MetricFrame(
            metrics={"true_positive_rate": fairlearn.true_positive_rate, "selection_rate": fairlearn.selection_rate},
            y_true=table["label"] == name, y_pred=table["made"] == name, sensitive_features=table[["g", "h"]],
        ).by_group.dropna()  # fmt: skip
        ours = confusion.metric_frame(counts, zero=0.0).loc[theirs.index]
        assert (ours[theirs.columns] == theirs).all(axis=None)


def test_a_missing_label_is_left_out_and_a_missing_decision_refused():
    table = pd.DataFrame({"g": ["a", "a", "b"], "label": ["p", None, "q"], "made": ["p", "p", "p"]})
    found = multiclass.one_versus_rest(table, ["g"], decision="made", label="label")
    assert {name: int(t.n.sum()) for name, t in found.items()} == {"p": 2, "q": 2}
    with pytest.raises(ValueError, match="empty in 1 rows"):
        multiclass.one_versus_rest(table, ["g"], decision="label", label="made")


# --- predicted numbers


def test_errors_of_predicted_numbers_equal_scikit_learn_by_group():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"g": rng.choice(["a", "b"], 300), "y": rng.normal(10, 3, 300)})
    table["p"] = table["y"] + rng.normal(0.5, 1, 300)
    found = regression.errors_by_group(table, prediction="p", truth="y", groups=["g"]).set_index("group")
    for group, part in table.groupby("g"):
        row = found.loc[group]
        assert row["mean_absolute_error"] == pytest.approx(mean_absolute_error(part["y"], part["p"]))
        assert row["root_mean_square_error"] == pytest.approx(root_mean_squared_error(part["y"], part["p"]))
        assert row["mean_error"] == pytest.approx((part["p"] - part["y"]).mean())
        theirs = stats.ttest_1samp(part["p"] - part["y"], 0).confidence_interval(0.95)
        assert (row["error_low"], row["error_high"]) == pytest.approx((theirs.low, theirs.high))


def test_one_row_has_an_error_and_no_interval_and_gaps_are_left_out():
    table = pd.DataFrame({"g": ["a", "a"], "y": [1.0, np.nan], "p": [3.0, 1.0]})
    (row,) = regression.errors_by_group(table, prediction="p", truth="y", groups=["g"]).itertuples()
    assert (row.n, row.mean_error) == (1, 2.0)
    assert np.isnan(row.error_low)


# --- Local Law 144


def test_counts_of_selections_become_impact_ratios_with_the_unknown_counted_apart():
    # the scoring example of 6 RCNY 5-301 by sex, as selections: 54.3 % of men and 44.7 % of women
    table = pd.DataFrame({"sex": ["Male"] * 1390 + ["Female"] * 1181 + [None] * 40})
    table["selected"] = [i < 755 for i in range(1390)] + [i < 528 for i in range(1181)] + [True] * 40
    counts, unknown = impact_counts.selection_counts(table, ["sex"])
    assert (counts, unknown) == ({"Female": (1181, 528), "Male": (1390, 755)}, 40)
    found = ll144.selection_ratios(counts, unknown=unknown)
    assert {c.category: c.impact_ratio_2dp for c in found.categories} == {"Female": 0.82, "Male": 1.0}
    assert found.unknown == 40


def test_an_intersection_is_unknown_where_any_part_is():
    table = pd.DataFrame({"sex": ["f", "f", None], "race": ["x", " ", "x"], "selected": [True, False, True]})
    assert impact_counts.selection_counts(table, ["sex", "race"]) == ({"f, x": (1, 1)}, 2)


def test_scores_by_category_become_scoring_ratios():
    table = pd.DataFrame({"sex": ["f"] * 4 + ["m"] * 4 + [None], "score": [1, 2, 3, 8, 4, 5, 6, 7, 99.0]})
    scores, unknown = impact_counts.category_scores(table, ["sex"])
    found = ll144.scoring_ratios(scores, unknown=unknown)
    assert (found.median, found.unknown) == (4.5, 1)
    assert {c.category: c.favoured for c in found.categories} == {"f": 1, "m": 3}
    with pytest.raises(ValueError, match="empty or infinite in 1 of 9"):
        impact_counts.category_scores(table.assign(score=[np.nan, *range(8)]), ["sex"])

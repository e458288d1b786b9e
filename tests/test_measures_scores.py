"""AUC, Brier score and calibration of groups against scikit-learn, fairlearn and hand-worked numbers."""

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from riskkit import charts
from riskkit.measures import fairness, score_table, scores


def rows(n: int, seed: int = 0, digits: int = 17) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"g": rng.choice(["a", "b", "c"], n), "score": rng.beta(2, 3, n).round(digits)})
    table["label"] = rng.random(n) < table["score"]
    table.attrs["groups"] = ["g"]
    return table


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(30, 400), st.sampled_from([1, 2, 3, 17]))
def test_auc_and_brier_are_scikit_learns_within_the_printed_error(seed, n, digits):
    table = rows(n, seed, digits)
    found = scores.scores_by_group(table).set_index("group")
    for group, part in table.groupby("g"):
        row = found.loc[group]
        assert row["brier"] == pytest.approx(brier_score_loss(part["label"], part["score"]), abs=1e-12)
        if 0 < part["label"].sum() < len(part):
            exact = roc_auc_score(part["label"], part["score"])
            assert abs(row["auc"] - exact) <= row["auc_error"] + 1e-12
            if digits <= 3:
                assert row["auc"] == pytest.approx(exact, abs=1e-12)
            assert 0 <= row["auc_low"] <= row["auc"] <= row["auc_high"] <= 1
        else:
            assert np.isnan(row["auc"])


def test_values_equal_fairlearns_frame_of_the_same_metrics():
    table = rows(3000, 1)
    frame = fairlearn.MetricFrame(
        metrics={"auc": roc_auc_score, "brier": brier_score_loss}, y_true=table["label"],
        y_pred=table["score"], sensitive_features=table["g"],
    ).by_group  # fmt: skip
    found = scores.scores_by_group(table).set_index("group").loc[frame.index]
    assert (abs(found["auc"] - frame["auc"]) <= found["auc_error"]).all()
    assert (found["auc_error"] < 2e-3).all()
    assert list(found["brier"]) == pytest.approx(list(frame["brier"]))


def test_delongs_interval_worked_by_hand_for_four_and_four():
    # positives .9 .8 .6 .3, negatives .7 .4 .2 .1: placements 1, 1, 3/4, 1/2 and 1/2, 3/4, 1, 1
    table = pd.DataFrame(
        {"g": "a", "score": [0.9, 0.8, 0.6, 0.3, 0.7, 0.4, 0.2, 0.1], "label": [True] * 4 + [False] * 4}
    )
    found = scores.auc(score_table.count_scores(table, ["g"]))
    assert found.value[0] == 13 / 16
    se = np.sqrt(2 * np.var([1, 1, 0.75, 0.5], ddof=1) / 4)
    logit, reach = np.log(13 / 3), 1.959963984540054 * se / (13 / 16 * 3 / 16)
    assert found.low[0] == pytest.approx(1 / (1 + np.exp(reach - logit)))
    assert found.high[0] == pytest.approx(1 / (1 + np.exp(-reach - logit)))


def test_scores_that_order_every_pair_keep_an_interval_with_width():
    table = pd.DataFrame({"g": "a", "score": [0.9, 0.8, 0.2, 0.1], "label": [True, True, False, False]})
    found = scores.auc(score_table.count_scores(table, ["g"]))
    assert (found.value[0], found.high[0]) == (1.0, 1.0)
    assert found.low[0] == pytest.approx(0.342, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "shift"), [(40, 0.5), (40, 2.0), (300, 1.0)])
def test_the_interval_of_the_auc_covers(n, shift):
    from scipy import special

    rng = np.random.default_rng(0)
    truth, hits = special.ndtr(shift / np.sqrt(2)), 0
    for _ in range(600):
        label = np.arange(n) % 2 == 0
        raw = special.ndtr((rng.normal(size=n) + shift * label) / 2)
        found = scores.auc(
            score_table.count_scores(pd.DataFrame({"g": "a", "score": raw, "label": label}), ["g"])
        )
        hits += found.low[0] <= truth <= found.high[0]
    assert 0.925 <= hits / 600 <= 0.985


def test_calibrated_scores_stay_below_what_chance_does_and_shifted_ones_do_not():
    table = rows(6000, 2)
    good = scores.scores_by_group(table)
    assert (good["calibration_error"] < good["error_by_chance"]).all()
    assert ((good["gap_low"] < 0) & (good["gap_high"] > 0)).all()
    off = scores.scores_by_group(table.assign(score=table["score"] * 0.7))
    assert (off["calibration_error"] > off["error_by_chance"]).all()
    assert (off["gap_high"] < 0).all()


def test_a_calibration_curve_worked_by_hand():
    table = pd.DataFrame({"g": "a", "score": [0.01, 0.02, 0.9, 0.92], "label": [False, True, True, True]})
    table.attrs["groups"] = ["g"]
    curve = scores.calibration_curves(table)
    assert list(curve["n"]) == [2, 2]
    assert list(curve["score"]) == pytest.approx([0.015, 0.91])
    assert list(curve["share"]) == [0.5, 1.0]
    expected = (2 * abs(0.5 - 0.015) + 2 * abs(1 - 0.91)) / 4
    assert scores.scores_by_group(table)["calibration_error"][0] == pytest.approx(expected)


def test_without_scores_or_labels_the_tables_are_empty_and_say_their_columns():
    table = rows(50).drop(columns="score")
    assert scores.scores_by_group(table).empty
    assert scores.calibration_curves(table).columns[0] == "grouping"


def test_missing_scores_and_labels_are_in_no_cell_and_are_counted():
    table = rows(100)
    table["label"] = table["label"].astype("boolean")
    table.loc[:4, "label"] = pd.NA
    table.loc[90:, "score"] = np.nan
    counted = score_table.count_scores(table, ["g"])
    assert counted.missing == 15
    assert int(counted.counts.sum()) == 85


def test_a_scale_of_one_to_ten_is_refused_not_clipped():
    with pytest.raises(ValueError, match="between 1 and 10, but from 0 to 1"):
        score_table.count_scores(
            pd.DataFrame({"g": "a", "score": [1.0, 10.0], "label": [True, False]}), ["g"]
        )


def test_tables_of_two_shards_add_to_the_table_of_both():
    first, second = rows(300, 1), rows(200, 2).replace({"g": {"c": "d"}})
    added = score_table.count_scores(first, ["g"]) + score_table.count_scores(second, ["g"])
    both = score_table.count_scores(pd.concat([first, second]), ["g"])
    order = [added.groups.index(g) for g in both.groups]
    assert (added.counts[order] == both.counts).all()
    assert added.errors[order] == pytest.approx(both.errors)


def test_a_group_whose_scores_are_shifted_is_named_and_the_gap_lies_in_the_interval():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"g": rng.choice(["a", "b"], 8000), "score": rng.uniform(0.2, 0.8, 8000)})
    table["label"] = rng.random(8000) < table["score"] + np.where(table["g"] == "b", 0.15, 0.0)
    table.attrs["groups"] = ["g"]
    (m,) = fairness.calibration_error_differences(table)
    assert m.low <= 0.15 <= m.high
    assert m.low > 0.06
    assert m.note.startswith("largest b")
    assert fairness.calibration_error_differences(table.drop(columns="score")) == ()
    assert (
        "fewer than two groups" in fairness.calibration_error_differences(table, min_cell=9000)[0].undefined
    )


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "n"), [(2, 400), (6, 1200)])
def test_equal_calibration_is_rarely_called_unequal(groups, n):
    rng = np.random.default_rng(0)
    wrong, rounds = 0, 200
    for _ in range(rounds):
        table = pd.DataFrame({"g": rng.integers(0, groups, n), "score": rng.beta(2, 3, n)})
        table["label"] = rng.random(n) < table["score"]
        (m,) = fairness.calibration_error_differences(table, groups=["g"], replicates=200)
        wrong += m.low > 0
    assert wrong / rounds <= 0.06


def test_the_figure_of_calibration_says_what_is_missing_instead_of_failing():
    shown = charts.calibration(fairness.calibration_curves(rows(50).drop(columns="score")))
    assert "needs a score and a label" in repr(shown)
    drawn = charts.calibration(fairness.calibration_curves(rows(500)))
    assert charts.png(drawn) == charts.png(charts.calibration(fairness.calibration_curves(rows(500))))
    assert "Mean distance from" in repr(drawn)

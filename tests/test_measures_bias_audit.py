"""What the bias audit shows a reviewer: sizes, impact ratios, cut-offs, mitigations, both kinds of interval."""

from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest

from riskkit import charts
from riskkit.law import ll144
from riskkit.measures import fairness
from riskkit.measures.cutoffs import counts_by_cutoff
from riskkit.model import Threshold

BOUND = Threshold(measure="selection_rate_ratio", at_least=0.8)


def decided(groups: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """A table of decisions: group to (selected, all)."""
    rows = [(name, i < k) for name, (k, n) in groups.items() for i in range(n)]
    table = pd.DataFrame(rows, columns=["sex", "selected"])
    table.attrs = {"groups": ["sex"], "favourable": "hired is yes"}
    return table


def scored(n: int = 1200, *, gap: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Scores that predict the label; the decision follows the score, less ``gap`` for one group."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"sex": np.repeat(["a", "b"], n // 2), "score": rng.random(n).round(3)})
    table["label"] = rng.random(n) < table["score"]
    table["selected"] = table["score"] - gap * (table["sex"] == "b") >= 0.5
    table.attrs = {"groups": ["sex"]}
    return table


# What is compared


def test_the_first_table_says_the_favourable_outcome_the_numbers_and_what_is_not_known():
    table = decided({"female": (10, 40), "male": (20, 60)})
    table.loc[0, "sex"] = None
    table.attrs["reference"] = {"sex": "male"}
    said = dict(fairness.what_is_compared(table).itertuples(index=False))
    assert said["favourable outcome"] == "hired is yes"
    assert (said["decisions"], said["of which favourable"]) == ("100", "30 (30.0%)")
    assert said["groups by sex"] == "female 39, male 60, missing 1; held against male"
    assert said["what really happened"] == said["score"] == "not in these data"


def test_rows_that_stand_for_many_are_counted_as_often_in_the_first_table():
    table = pd.DataFrame({"sex": ["a", "b"], "selected": [True, False], "times": [3, 7]})
    table.attrs = {"groups": ["sex"], "rows": "times"}
    said = dict(fairness.what_is_compared(table).itertuples(index=False))
    assert (said["decisions"], said["of which favourable"]) == ("10", "3 (30.0%)")


def test_the_detectable_difference_is_that_of_eighty_percent_power_worked_by_hand():
    (row,) = fairness.group_sizes(decided({"a": (50, 100), "b": (150, 300), "c": (2, 5)})).to_dict("records")
    assert (row["groups"], row["too_small"], row["people_in_them"]) == (3, 1, 5)
    assert (row["smallest"], row["n"]) == ("a", 100)
    assert row["detectable"] == pytest.approx(
        (1.959964 + 0.841621) * sqrt(0.25 * (1 / 100 + 1 / 300)), abs=1e-6
    )


def test_with_one_group_there_is_nothing_to_detect():
    (row,) = fairness.group_sizes(decided({"a": (50, 100), "b": (1, 2)})).to_dict("records")
    assert isnan(row["detectable"])


# The four-fifths rule


def test_impact_ratios_of_the_uniform_guidelines():
    table = decided({"white": (60, 100), "black": (45, 100), "hispanic": (48, 100), "asian": (51, 100)})
    found = fairness.impact_ratios(table).set_index("group")
    assert found["impact_ratio"].round(2).to_dict() == {
        "white": 1,
        "black": 0.75,
        "hispanic": 0.8,
        "asian": 0.85,
    }
    assert found["four_fifths"].to_dict() == {
        "white": "highest rate", "black": "fails", "hispanic": "passes", "asian": "passes",
    }  # fmt: skip
    assert found.loc["white", ["low", "high"]].isna().all()
    assert (found.loc["black", "low"] < 0.75) & (found.loc["black", "high"] > 0.8)


def test_the_rule_in_words_says_what_fails_and_whether_chance_does_it_too():
    small = fairness.impact_ratios(decided({"a": (20, 40), "b": (15, 40)}))
    large = fairness.impact_ratios(decided({"a": (2000, 4000), "b": (1500, 4000)}))
    (by_chance,), (not_chance,) = (
        fairness.four_fifths_in_words(t).to_dict("records") for t in (small, large)
    )
    assert by_chance["says"] == "1 of 2 groups fall below four fifths; lowest b at 0.750"
    share = small["some_group_fails_by_chance"].iloc[0]
    assert 0.2 < share < 0.4
    assert by_chance["worth"] == (
        f"may be chance: with equal rates, {100 * share:.1f} % of samples of these sizes would show a failure"
    )
    assert not_chance["worth"].startswith("not chance: with equal rates, under 0.1 % of samples")


def test_a_pass_of_small_groups_is_told_to_be_worth_little():
    (row,) = fairness.four_fifths_in_words(
        fairness.impact_ratios(decided({"a": (20, 40), "b": (20, 40)}))
    ).to_dict("records")
    assert row["says"].startswith("none of 2 groups falls below four fifths")
    assert row["worth"].startswith("groups too small for the rule")


def test_where_nobody_is_selected_there_is_no_impact_ratio():
    assert fairness.impact_ratios(decided({"a": (0, 40), "b": (0, 40)})).empty


def test_scoring_ratios_are_those_of_the_law_with_unknown_people_left_out_of_the_median():
    table = scored(400)
    table.loc[:19, "sex"] = "missing"
    known = table[table["sex"] != "missing"]
    theirs = ll144.scoring_ratios(
        {name: part["score"].tolist() for name, part in known.groupby("sex")}, unknown=20
    )
    ours = fairness.scoring_ratios(table).set_index("group")
    assert [(c.category, float(c.rate)) for c in theirs.categories] == list(ours["rate"].items())
    assert [float(c.impact_ratio) for c in theirs.categories] == pytest.approx(list(ours["impact_ratio"]))
    assert fairness.scoring_ratios(decided({"a": (1, 40), "b": (2, 40)})).empty


def test_weights_come_from_what_the_table_declares_and_without_any_nothing_is_listed():
    table = decided({"a": (100, 200), "b": (50, 200)}).assign(weight=2.0)
    assert fairness.weighted_disparities(table).empty
    table.attrs["weight"] = "weight"
    (row,) = fairness.weighted_disparities(table).to_dict("records")
    assert (row["difference"], row["ratio"]) == (-0.25, 0.5)
    assert dict(fairness.what_is_compared(table).itertuples(index=False))["weights"].startswith(
        "shown beside"
    )


# Cut-offs


def test_counts_at_a_cut_off_are_those_who_score_at_least_that():
    table = pd.DataFrame({"sex": ["a", "a", "b", "b"], "score": [0.2, 0.5, 0.5, 0.9], "selected": [True] * 4})
    counted = counts_by_cutoff(table, ["sex"], [0.2, 0.5, 0.6])
    found = {cut: dict(zip(c.groups, c.selected.tolist(), strict=True)) for cut, c in counted}
    assert found == {0.2: {"a": 2, "b": 2}, 0.5: {"a": 1, "b": 2}, 0.6: {"a": 0, "b": 1}}


def test_every_cut_off_has_the_ratio_of_deciding_by_it_and_a_verdict():
    table = scored()
    found = fairness.ratios_by_cutoff(table, bound=BOUND, cutoffs=[0.5, 0.9], replicates=400)
    for row in found.to_dict("records"):
        again = table.assign(selected=table["score"] >= row["cutoff"])
        (m,) = fairness.selection_rate_ratios(again, replicates=400)
        assert (row["ratio"], row["low"], row["high"], row["n"]) == (m.value, m.low, m.high, m.n)
        assert row["selected"] == again["selected"].sum()
    assert list(found["verdict"]) == ["met", "inconclusive"]


def test_without_named_cut_offs_the_deciles_are_tried_and_without_scores_nothing():
    assert list(fairness.ratios_by_cutoff(scored(), replicates=50)["share"].round(1)) == [
        0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1,
    ]  # fmt: skip
    assert fairness.ratios_by_cutoff(decided({"a": (1, 40), "b": (2, 40)})).empty


def test_people_without_a_score_are_left_out_of_the_cut_offs():
    table = scored()
    table.loc[:99, "score"] = np.nan
    assert set(fairness.ratios_by_cutoff(table, cutoffs=[0.5], replicates=50)["n"]) == {1100}


# Mitigation


@pytest.fixture(scope="module")
def preview() -> pd.DataFrame:
    return fairness.mitigation_preview(scored(2000, gap=0.25), grouping="sex")


@pytest.mark.slow
def test_a_gap_that_the_decision_adds_is_gone_in_every_mitigation_and_agreement_is_no_worse(preview):
    found = preview.set_index("way")
    before = found.loc["as decided"]
    assert before["ratio_high"] < 0.8
    after = found.drop(index="as decided")
    assert set(after.index) == {"one cut-off", "ThresholdOptimizer", "ExponentiatedGradient"}
    assert (after["ratio"] > before["ratio_high"]).all()
    assert (after["accuracy_high"] > before["accuracy_low"]).all()
    assert (after[["ratio_low", "accuracy_low"]].notna()).all(axis=None)
    assert set(found.loc["ThresholdOptimizer", "sees_the_group"]) == {"yes"}


@pytest.mark.slow
def test_equal_seeds_give_equal_previews_and_only_rows_held_out_are_measured(preview):
    assert fairness.mitigation_preview(scored(2000, gap=0.25), grouping="sex").equals(preview)
    assert set(preview["n"]) == {1000}


def test_without_score_or_label_or_enough_people_there_is_no_preview():
    assert fairness.mitigation_preview(decided({"a": (10, 40), "b": (9, 40)}), grouping="sex").empty
    assert fairness.mitigation_preview(scored(100), grouping="sex").empty


def test_the_grouping_previewed_is_the_one_with_the_strongest_evidence():
    table = decided({"a": (300, 400), "b": (100, 400)})
    table["city"] = ["x", "y"] * 400
    table.attrs["groups"] = ["city", "sex"]
    assert fairness.strongest_grouping(fairness.ranked_groups(table, groups=["city", "sex"])) == "sex"
    assert fairness.strongest_grouping(fairness.ranked_groups(decided({"a": (1, 2)}))) == ""


# Both intervals


def test_the_percentile_interval_is_named_and_never_reaches_one_though_ours_does():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"sex": rng.choice(list("abcdefgh"), 800), "selected": rng.random(800) < 0.5})
    table.attrs = {"groups": ["sex"]}
    ratios = fairness.selection_rate_ratios(table)
    (row,) = fairness.beside_percentile(ratios, table).to_dict("records")
    assert (row["value"], row["low"], row["high"]) == (ratios[0].value, ratios[0].low, ratios[0].high)
    assert row["high"] == 1
    assert row["percentile_high"] < 1


def test_the_percentile_interval_of_two_groups_is_that_of_resampled_rows():
    table = decided({"a": (120, 400), "b": (240, 400)})
    (row,) = fairness.beside_percentile(fairness.selection_rate_ratios(table), table).to_dict("records")
    rng = np.random.default_rng(1)
    flags, sex = table["selected"].to_numpy(), table["sex"].to_numpy() == "a"
    ratios = []
    for _ in range(2000):
        at = rng.integers(0, 800, 800)
        ratios.append(flags[at][sex[at]].mean() / flags[at][~sex[at]].mean())
    assert [row["percentile_low"], row["percentile_high"]] == pytest.approx(
        np.quantile(ratios, [0.025, 0.975]), abs=0.015
    )


# As people read it


def test_a_table_shows_every_row_small_p_values_and_gaps_and_nothing_from_data_as_markup():
    frame = pd.DataFrame({"group": ["<b>x</b>"] * 80, "n": 1234, "p": 1e-9, "low": np.nan, "rate": 0.12345})
    shown = charts.listed(frame)._repr_mimebundle_()
    assert shown["text/html"].count("<tr>") == 81
    assert "&lt;b&gt;x&lt;/b&gt;" in shown["text/html"]
    assert "<b>" not in shown["text/html"]
    assert shown["text/plain"].splitlines()[1].split() == ["<b>x</b>", "1,234", "<", "0.001", "–", "0.123"]


def test_an_empty_table_says_that_there_is_nothing():
    assert "Nothing to list" in charts.listed(pd.DataFrame(columns=["a"]))._repr_mimebundle_()["text/html"]


@pytest.mark.slow
def test_figures_of_the_audit_say_in_words_what_they_show_and_what_is_missing(preview):
    table = scored(800, gap=0.3)
    ranked = charts.ranked_groups(fairness.ranked_groups(table, groups=["sex"]))
    assert "2 of the 2 shown; first" in ranked.about
    moved = charts.ratios_by_cutoff(fairness.ratios_by_cutoff(table, bound=BOUND, replicates=50), bound=BOUND)
    assert "9 cut-offs and groupings" in moved.about
    assert "as decided: ratio 0." in charts.trade_off(preview, bound=BOUND).about
    nothing = decided({"a": (1, 10)})
    for chart in (
        charts.ranked_groups(fairness.ranked_groups(nothing)),
        charts.ratios_by_cutoff(fairness.ratios_by_cutoff(nothing)),
        charts.trade_off(fairness.mitigation_preview(nothing, grouping="sex")),
    ):
        assert "No group" in chart.about or "Not applicable" in chart.about

"""Impact ratios of New York City's Local Law 144."""

from pathlib import Path
from typing import Any

import pytest

from riskkit import authored, law

HERE = Path(__file__).parent


def _cases() -> list[dict[str, Any]]:
    document, problems = authored.load(HERE / "data" / "law_cases.yml", shown="law_cases.yml")
    assert document is not None, problems
    return list(document.data["nyc_ll144"])


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_case_gets_its_rates_and_ratios(case: dict[str, Any]) -> None:
    table = law.impact_table(case)
    assert len(table.categories) == len(case["expected"])
    for row, expected in zip(table.categories, case["expected"], strict=True):
        assert row.category == expected["category"]
        assert row.rate == pytest.approx(expected["rate"], abs=5e-7)
        assert row.impact_ratio == (
            expected["impact_ratio"] and pytest.approx(expected["impact_ratio"], abs=5e-7)
        )
        assert row.impact_ratio_2dp == expected["two_decimals"]
    assert table.unknown == case.get("unknown", 0)
    if "median" in case:
        assert table.median == case["median"]


def test_half_a_cent_is_rounded_up() -> None:
    table = law.selection_ratios({"a": (1000, 1000), "b": (1000, 845)})
    assert table.categories[1].impact_ratio_2dp == 0.85  # round() gives 0.84
    assert round(0.845, 2) == 0.84


def test_category_of_two_percent_must_stay_in_and_a_smaller_one_need_not() -> None:
    counts = {"large": (980, 490), "small": (20, 10)}
    assert not law.selection_ratios(counts).categories[1].may_be_left_out
    with pytest.raises(ValueError, match="'small' cannot be left out"):
        law.selection_ratios(counts, left_out=["small"])
    table = law.selection_ratios({"large": (981, 490), "small": (19, 19)}, left_out=["small"])
    large, small = table.categories
    assert (large.impact_ratio, small.rate, small.impact_ratio) == (1.0, 1.0, None)
    assert small.why.startswith("left out by the auditor")
    assert "a category left out does not set the highest rate" in table.choices


def test_nobody_selected_gives_no_ratio_and_says_so() -> None:
    table = law.selection_ratios({"a": (10, 0), "b": (5, 0)})
    assert [row.impact_ratio for row in table.categories] == [None, None]
    assert all("no ratio" in row.why for row in table.categories)


def test_empty_category_has_no_rate() -> None:
    empty = law.selection_ratios({"a": (10, 5), "b": (0, 0)}).categories[1]
    assert (empty.rate, empty.impact_ratio, empty.why) == (None, None, "nobody is in this category")


def test_scores_equal_to_the_median_are_not_above_it() -> None:
    table = law.scoring_ratios({"a": [1, 1, 1], "b": [1, 1, 2]})
    assert table.median == 1
    assert [row.favoured for row in table.categories] == [0, 1]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: law.selection_ratios({"a": (5, 6)}), "6 selected of 5"),
        (lambda: law.selection_ratios({"a": (5, -1)}), "-1 selected"),
        (lambda: law.selection_ratios({"a": (5, 1)}, unknown=-3), "-3 people"),
        (lambda: law.selection_ratios({"a": (5, 1)}, left_out=["b"]), "'b' cannot be left out"),
        (lambda: law.scoring_ratios({"a": []}), "at least one"),
        (lambda: law.scoring_ratios({"a": [1.0, float("nan")]}), "finite"),
        (lambda: law.impact_table({"kind": "other", "input": []}), "'other', not selection or scoring"),
    ],
)
def test_figures_that_cannot_be_are_refused(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_table_as_plain_values_names_the_columns_of_its_kind() -> None:
    case = {"id": "x", "kind": "scoring", "dimension": "sex", "input": {"a": [1, 2], "b": [3]}, "unknown": 2}
    found = law.tabulated(case)
    assert found["median"] == 2
    assert found["unknown"] == 2
    assert found["rows"][0] == {
        "category": "a", "n": 2, "above_median": 0, "scoring_rate": 0.0, "impact_ratio": 0.0,
        "impact_ratio_2dp": 0.0, "why": "",
    }  # fmt: skip
    assert found["rows"][1]["impact_ratio"] == 1.0


@pytest.mark.parametrize(
    ("table", "ratios"),
    [
        # three categories, two of them under 2 %: kept they set the highest rate, left out they do not
        ({"A": (980, 490), "B": (19, 19), "C": (1, 0)}, [0.5, 1.0, 0.0]),
        ({"A": (980, 490), "B": (19, 19), "C": (1, 0), "out": ("B", "C")}, [1.0, None, None]),
        ({"A": (10, 5), "B": (0, 0)}, [1.0, None]),
        ({"A": (100, 50), "B": (100, 40)}, [1.0, 0.8]),
    ],
)
def test_small_and_empty_categories(table: Any, ratios: list[float | None]) -> None:
    out = table.pop("out", ())
    assert [c.impact_ratio for c in law.selection_ratios(table, left_out=out).categories] == ratios


@pytest.mark.parametrize(
    ("scores", "median", "ratios"),
    [
        ({"A": [50, 50, 50, 60], "B": [50, 50, 40, 70]}, 50.0, [1.0, 1.0]),
        ({"A": [50, 50], "B": [50, 50]}, 50.0, [None, None]),  # all tied: nobody is above the median
        ({"A": [1, 2, 9], "B": [3, 4, 5]}, 3.5, [0.5, 1.0]),  # an even number: halfway between the middle two
        ({"A": [1.0], "B": []}, 1.0, [None, None]),
    ],
)
def test_ties_and_an_even_number_of_scores(scores: Any, median: float, ratios: list[float | None]) -> None:
    table = law.scoring_ratios(scores)
    assert (table.median, [c.impact_ratio for c in table.categories]) == (median, ratios)


@pytest.mark.parametrize(
    "case", [{"kind": "selection", "input": [{"category": "A", "applicants": 3}]}, {"input": []}]
)
def test_a_case_that_lacks_a_field_is_told_which(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs category, applicants and selected|not selection or scoring"):
        law.tabulated(case)

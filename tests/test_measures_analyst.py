"""Numbers of a report held against its table, each by hand."""

from __future__ import annotations

import pytest

from riskkit.measures import analyst
from riskkit.model import Sample

TABLE = "year,sales,costs\n2021,120,80\n2022,150,90\n2023,135,100\n2024,180,110"


def outcomes(report: str) -> list[tuple[str, bool]]:
    return [(c.text, c.right) for c in analyst.claims(report, analyst.table_of(TABLE))]


def report(number: int, said: str, table: str = TABLE) -> Sample:
    return Sample(prompt_id=f"r{number}", response=said, context=table)


@pytest.mark.parametrize(
    "said",
    [
        "Sales rose from 120 in 2021 to 180 in 2024, an increase of 50%.",
        "Average sales were 146.25 and the median was 142.5.",
        "Total costs came to 380.",
        "Sales peaked at 180 in 2024.",
        "Sales fell in 2023 by 10%.",
        "The table has 4 rows.",
        "In 2023 costs were 100, or 26% of the total.",
        "Costs increased by 10 in 2022.",
        "Sales grew by a factor of 1.5 between 2021 and 2024.",
    ],
)
def test_what_can_be_looked_up_or_computed_again_holds(said: str) -> None:
    assert outcomes(said)
    assert all(right for _, right in outcomes(said))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Total costs were 390.", "390"),
        ("Average sales were 142.5.", "142.5"),
        ("Sales in 2022 were 135.", "135"),
        ("Costs fell over the period.", "fell"),
        ("Sales grew by 14% in 2022.", "14%"),
        ("Sales rose in 2023.", "rose"),
    ],
)
def test_what_the_table_does_not_bear_out_is_named(said: str, wrong: str) -> None:
    assert (wrong, False) in outcomes(said)


def test_the_rate_counts_claims_in_clusters_of_reports() -> None:
    samples = [
        report(1, "Total costs were 380."),
        report(2, "Total costs were 390. Sales in 2021 were 120."),
        report(3, "Fine."),
    ]
    found = analyst.analyst_number_error_rate(samples)
    assert found.value == pytest.approx(1 / 3)
    assert found.n == 2
    assert "1 reports hold nothing to check" in found.note


def test_a_refusal_makes_no_claim() -> None:
    assert analyst.check([report(1, "I cannot help with this request, 99.")]).empty


@pytest.mark.parametrize("table", ["", "no table here", "a,b\n1,2", "a,b\n1,2\n1,2,3"])
def test_a_report_without_a_table_is_refused_by_its_name(table: str) -> None:
    with pytest.raises(ValueError, match="r1: the context holds no table"):
        analyst.check([report(1, "It was 7.", table)])


def test_a_report_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        analyst.check([report(1, "a"), report(1, "b")])

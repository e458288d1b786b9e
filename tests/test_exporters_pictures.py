"""Pictures stand where the numbers say, repeat nothing the text lacks, and are silent about what is not known."""

from __future__ import annotations

import re
from datetime import date

from riskkit.exporters._heatmap import heat_map
from riskkit.exporters._interval import interval
from riskkit.exporters._trend import trend
from riskkit.model import Indicator, Judgement, Measurement, Point, Rating, Threshold, Verdict
from riskkit.register import build
from tests.example_register import DAY, catalog, loan, matrix


def indicator(threshold: Threshold | None = None, **figures: float | None) -> Indicator:
    values = {"value": 0.5, "low": 0.0, "high": 1.0, **figures}
    undefined = "" if values["value"] is not None else "no rows"
    return Indicator(
        measure="rate",
        measurement=Measurement(measure="rate", n=10, method="by hand", undefined=undefined, **values),
        threshold=threshold,
        judgement=Judgement(verdict=Verdict.INCONCLUSIVE, why="a test"),
    )


def point(day: int, value: float | None, *, breaks: bool = False) -> Point:
    low, high = (None, None) if value is None else (value - 1, value + 1)
    return Point(
        on=date(2026, 11, day),
        value=value,
        low=low,
        high=high,
        n=1,
        method="m",
        method_version=1,
        breaks=breaks,
    )


def test_an_interval_stands_where_its_numbers_say() -> None:
    picture = interval(indicator())
    # 152 units from 8 to 160 stand for -0.12 to 1.12: 0 at 8 + 152 * 0.12 / 1.24 = 22.7, 0.5 in the middle at 84
    assert 'd="M22.7 11H145.3M22.7 7v8M145.3 7v8"' in picture
    assert 'cx="84.0"' in picture
    assert "rk-beyond" not in picture
    assert 'aria-hidden="true"' in picture


def test_the_side_that_is_not_acceptable_is_marked_from_the_bound_on() -> None:
    low = interval(indicator(Threshold(measure="rate", at_least=0.5)))
    assert '<rect class="rk-beyond" x="8" y="3" width="76.0"' in low
    assert 'class="rk-bound" d="M84.0 1V21"' in low
    high = interval(indicator(Threshold(measure="rate", at_most=0.5)))
    assert '<rect class="rk-beyond" x="84.0" y="3" width="76.0"' in high
    both = interval(indicator(Threshold(measure="rate", at_least=0.25, at_most=0.75)))
    assert both.count("rk-beyond") == 2


def test_without_a_value_there_is_no_picture() -> None:
    assert interval(indicator(value=None, low=None, high=None)) == ""


def test_a_number_known_for_certain_has_a_picture_too() -> None:
    assert 'cx="84.0"' in interval(indicator(value=7.0, low=7.0, high=7.0))
    assert 'cx="84.0"' in interval(indicator(value=0.0, low=0.0, high=0.0))


def test_a_trend_joins_runs_of_one_method_and_breaks_where_it_changed() -> None:
    joined = re.search(r'rk-joined" d="([^"]+)"', trend((point(1, 1.0), point(2, 2.0), point(3, 3.0))))
    assert joined
    assert [c for c in joined[1] if c in "ML"] == ["M", "L", "L"]
    broken = trend((point(1, 1.0), point(2, 2.0, breaks=True), point(3, 3.0)))
    path = re.search(r'rk-joined" d="([^"]+)"', broken)
    assert path
    assert [c for c in path[1] if c in "ML"] == ["M", "M", "L"]
    assert "1.000 on 1 Nov 2026, 2.000 on 2 Nov 2026 by another method, 3.000 on 3 Nov 2026" in broken


def test_one_run_is_no_trend_and_a_run_without_value_is_left_out() -> None:
    assert trend(()) == trend((point(1, 1.0),)) == trend((point(1, 1.0), point(2, None))) == ""


def test_the_map_counts_every_row_once_and_links_only_cells_that_hold_one() -> None:
    register = build([loan(str)], catalog(str), [], as_of=DAY, kit_version="0.1.0")
    entries = register.entries

    def href(rating: Rating) -> str:
        return f"#l={rating.likelihood}"

    picture = heat_map(entries, matrix(str), name="map", href=href)
    counts = [int(n) for n in re.findall(r'class="rk-count[^"]*">(\d+)<', picture)]
    assert sum(counts) == len(entries)
    assert picture.count("<a ") == len(counts)
    assert picture.count("<rect ") == 25
    for likelihood, impact, level, count in re.findall(
        r'aria-label="Likelihood (\d), impact (\d), (\w+): (\d+) risks?"', picture
    ):
        rating = Rating(likelihood=int(likelihood), impact=int(impact))
        assert matrix(str).level(rating).value == level
        assert sum(e.residual_rating == rating for e in entries) == int(count)

"""Figures of cost and latency say what their data say, and keep hostile text inert."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from riskkit import charts
from riskkit.measures import cost, latency, latency_tables
from riskkit.measures.call_cost import CallCost
from riskkit.model import Threshold

HOSTILE = "$\\frac{<script>alert(1)</script>\x1b[31m\u202e"


def written(chart: Figure) -> str:
    return "\n".join(t.get_text() for t in chart.findobj(mpl.text.Text))


def future(**declared):
    call = CallCost({"input": 0.006, "output": 0.004}, 0.0, 0.0, 0.0, 100, "by hand")
    given = cost.assumptions(call, calls_per_month=[900, 1000, 1200], monthly_growth=0, declared=declared)
    return cost.projected(given, months=4, monthly_budget_usd=9, paths=300, seed=0)


def ways(name="other", quality=0.8):
    return pd.DataFrame(
        {
            "alternative": ["as now", name, "third"], "usd_p10": [9, 4, 5], "usd_p50": [10, 5, 6],
            "usd_p90": [11, 6, 7], "quality": [0.9, quality, 0.7], "quality_low": [0.85, 0.75, 0.7],
            "quality_high": [0.95, 0.85, 0.7], "frontier": [True, quality == quality or None, False],
        }
    )  # fmt: skip


def timed(n=400, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"latency": rng.lognormal(0, 0.5, n), "input_tokens": rng.integers(10, 900, n)})


def every_chart(text="plain", seed=0):
    calls = timed(seed=seed)
    review = {"share": 0.01 + seed / 100, "minutes": 1, "usd_per_hour": 60}
    assumed = future(
        review=review, price_changes={text: {"month": 2, "factor": [0.5, 0.6, 0.9], "chance": 0.5}}
    )
    return {
        "cost_parts": charts.cost_parts(assumed.parts),
        "tornado": charts.tornado(cost.tornado(assumed)),
        "pareto": charts.pareto(ways(text, 0.8 + seed / 100)),
        "latency": charts.latency(
            calls, latency.latency_quantiles(calls), {}, by_length=latency_tables.latency_by_length(calls)
        ),
    }


@pytest.mark.slow
def test_equal_data_give_equal_bytes_and_other_data_do_not():
    drawn, again, others = every_chart(), every_chart(), every_chart(seed=1)
    for name, chart in drawn.items():
        assert charts.png(chart) == charts.png(again[name]) != charts.png(others[name]), name
        assert charts.svg(chart) == charts.svg(again[name]), name


@pytest.mark.slow
def test_text_from_a_profile_is_never_read_as_mathematics_or_markup():
    for name, chart in every_chart(HOSTILE).items():
        assert charts.png(chart).startswith(b"\x89PNG"), name
        assert b"<script" not in charts.svg(chart), name
        assert not any(c in written(chart) + repr(chart) for c in "\x1b\u202e"), name


def test_the_components_are_named_with_their_share():
    text = written(charts.cost_parts(future(review={"share": 0.01, "minutes": 60, "usd_per_hour": 1}).parts))
    # a call costs 0.006 + 0.004, a review 0.01
    assert "Review: 50% of the expected bill" in text
    assert "input tokens  30%" in text
    assert "output tokens  20%" in text


def test_a_tornado_names_the_strongest_assumption_and_says_when_there_is_none():
    text = written(charts.tornado(cost.tornado(future())))
    assert "calls per month moves the bill most" in text
    call = CallCost({"all": 0.01}, 0.0, 0.0, 0.0, 100, "by hand")
    fixed = cost.assumptions(call, calls_per_month=10, monthly_growth=0)
    none = cost.tornado(cost.projected(fixed, months=1, monthly_budget_usd=1, paths=10, seed=0))
    assert "Every assumption is a fixed number" in written(charts.tornado(none))


def test_the_frontier_is_named_and_what_has_no_quality_is_listed():
    assert "2 of 3 are on the frontier: as now, other" in written(charts.pareto(ways()))
    assert "without a quality: other" in written(charts.pareto(ways(quality=float("nan"))))
    assert "No alternatives are declared" in written(charts.pareto(ways().head(1)))


def test_the_slow_end_stands_in_the_title_with_its_bound():
    calls = timed()
    bound = {"latency_p95_seconds": Threshold(measure="latency_p95_seconds", at_most=2.5)}
    chart = charts.latency(calls, latency.latency_quantiles(calls), bound)
    value = np.sort(calls["latency"])[379]
    assert f"answered within {value:.2g} seconds, the bound is 2.5" in written(chart)
    assert "do not tell their latency" in written(charts.latency(pd.DataFrame({"usd": [1.0]}), [], {}))

"""Figures: the same bytes for the same data, text from data inert, nothing left behind in pyplot."""

import warnings
from base64 import b64decode
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from riskkit import charts
from riskkit.charts.cost import _apart
from riskkit.measures import cost, fairness, grounding
from riskkit.model import Measurement, Sample, Threshold

HOSTILE = "$\\frac{1}{$ <script>alert(1)</script>\x1b[31m\u202e\n" + "long " * 500
BOUND = Threshold(measure="selection_rate_ratio", at_least=0.8)


def decisions(names: tuple[str, ...] = ("a", "b"), *, n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"group": rng.choice(np.array(names, dtype=object), n), "band": rng.choice(["x", "y"], n)}
    )
    table["selected"] = rng.random(n) < 0.5
    table.attrs["groups"] = ["group", "band"]
    return table


def ratio(low: float, value: float, high: float) -> Measurement:
    return Measurement(
        measure="selection_rate_ratio",
        segment=f"s{value}",
        value=value,
        low=low,
        high=high,
        n=900,
        method="m",
    )


def answers(names: list[str]) -> pd.DataFrame:
    texts = [
        Sample(prompt_id=str(i), response=f"It was {name} who signed.", context="x")
        for i, name in enumerate(names)
    ]
    return grounding.check(texts)


def every_chart(text: str = "plain", seed: int = 0) -> dict[str, Figure]:
    table = decisions((text, "b"), seed=seed)
    rates = fairness.rates_by_group(table)
    future = cost.project(
        np.random.default_rng(seed).lognormal(0, 1, 40),
        calls_per_month=100, monthly_growth=[0.0, 0.1, 0.2], months=6, monthly_budget_usd=180, paths=500, seed=seed,
    )  # fmt: skip
    statuses = pd.DataFrame(
        [(text, "met", 3 + seed), (text, "gap", 1), ("other", "not_assessed", 2)],
        columns=["framework", "status", "count"],
    )
    return {
        "group_rates": charts.group_rates(rates, title=text),
        "disparities": charts.disparities(
            fairness.selection_rate_ratios(table), {"selection_rate_ratio": BOUND}
        ),
        "invented_facts": charts.invented_facts(answers(["Globex", text.title()] * (2 + seed))),
        "cost_fan": charts.cost_fan(future),
        "checklist_status": charts.checklist_status(statuses),
        "calibration": charts.calibration(fairness.calibration_curves(scored(table, seed))),
        "class_shifts": charts.class_shifts(flips(text, seed)),
        "scheduled_looks": charts.scheduled_looks(watched(text, seed)),
        "contamination": charts.contamination(found_in_corpus(seed)),
    }


def flips(text: str, seed: int) -> pd.DataFrame:
    rows = [(text, 40, 30, 10 + seed, 0.001), ("other", 40, 20, 20, 1.0)]
    return pd.DataFrame(rows, columns=["answer", "prompts", "right_before", "right_after", "p_holm"])


def watched(text: str, seed: int) -> pd.DataFrame:
    rows = [(text, 0.9, 1.0), ("later", 0.7, 30.0 + seed)]
    return pd.DataFrame(rows, columns=["look", "share", "e_process"])


def found_in_corpus(seed: int) -> pd.DataFrame:
    rules = ["any_13_gram", "dirty_8_grams", "dirty_tokens", "near_duplicate", "contaminated"]
    flags = np.random.default_rng(seed).random((60, len(rules))) < 0.4
    return pd.DataFrame(flags, columns=rules).astype("boolean")


def scored(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = table.assign(score=rng.random(len(table)), label=rng.random(len(table)) < 0.5)
    found.attrs = table.attrs
    return found


def written(chart: Figure) -> str:
    return "\n".join(t.get_text() for t in chart.findobj(mpl.text.Text))


@pytest.mark.slow
def test_equal_data_give_equal_bytes_and_other_data_do_not():
    drawn, again, others = every_chart(), every_chart(), every_chart(seed=1)
    for name, chart in drawn.items():
        assert charts.png(chart) == charts.png(again[name]) != charts.png(others[name]), name
        assert charts.svg(chart) == charts.svg(chart) == charts.svg(again[name]), name


@pytest.mark.slow
def test_files_carry_no_date_and_no_program():
    chart = every_chart()["cost_fan"]
    assert b"Matplotlib" not in charts.png(chart)
    assert b"<dc:date>" not in charts.svg(chart)


@pytest.mark.slow
def test_text_from_data_is_never_read_as_mathematics_or_markup():
    for name, chart in every_chart(HOSTILE).items():
        assert charts.png(chart).startswith(b"\x89PNG"), name
        markup = charts.svg(chart)
        assert b"<script" not in markup, name
        assert not any(c in written(chart) + repr(chart) for c in "\x1b\u202e"), name
        assert all(len(line) < 160 for line in written(chart).splitlines()), name


@pytest.mark.slow
def test_letters_that_the_font_lacks_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts.png(charts.group_rates(fairness.rates_by_group(decisions(("漢字", "b"))), title="한국"))


@pytest.mark.slow
def test_nothing_is_left_behind_in_pyplot_or_its_settings():
    before = dict(mpl.rcParams)
    for chart in every_chart().values():
        charts.png(chart)
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
def test_settings_of_the_reader_do_not_change_a_figure():
    expected = charts.png(every_chart()["group_rates"])
    with mpl.rc_context({"text.parse_math": True, "axes.facecolor": "black", "font.size": 30}):
        assert charts.png(every_chart()["group_rates"]) == expected


@pytest.mark.slow
def test_a_figure_shows_itself_and_says_in_words_what_is_seen():
    for name, chart in every_chart().items():
        assert isinstance(chart, Figure)
        shown, size = chart._repr_mimebundle_()
        assert b64decode(shown["image/png"]) == charts.png(chart), name
        assert shown["text/plain"] == repr(chart)
        assert size["image/png"]["width"] == 768
        assert repr(chart).startswith("Chart: "), name
        assert len(repr(chart)) > 40, name


def test_groups_are_ordered_by_rate_and_labelled_with_rate_and_number():
    rates = fairness.rates_by_group(decisions(), groups=["group"])
    chart = charts.group_rates(rates, title="Approved")
    ordered = list(rates.sort_values("rate", ascending=False)["group"])
    assert [label.get_text() for label in chart.axes[0].get_yticklabels()] == ordered
    for rate, n in zip(rates["rate"], rates["n"], strict=True):
        assert f"{rate:.1%}" in written(chart)
        assert f"of {n}" in written(chart)


def test_of_very_many_groups_the_highest_and_lowest_are_shown_and_the_rest_counted():
    chart = charts.group_rates(
        fairness.rates_by_group(decisions(tuple(f"g{i}" for i in range(60)), n=5000), groups=["group"]),
        title="t",
    )
    assert len(chart.axes[0].get_yticks()) == 24
    assert "36 groups between highest and lowest not shown" in written(chart)


def test_verdicts_are_told_by_word_and_by_shape():
    chart = charts.disparities(
        [ratio(0.85, 0.9, 0.95), ratio(0.5, 0.6, 0.7), ratio(0.7, 0.82, 0.9)], {"selection_rate_ratio": BOUND}
    )
    text = written(chart)
    assert "Selection rate ratio: 1 met, 1 breached, 1 inconclusive" in text
    assert "at least 0.8" in text
    shapes = {
        str(c.get_paths()[0].vertices.tolist())
        for c in chart.axes[0].collections
        if len(c.get_offsets()) == 1
    }
    assert len(shapes) >= 3


def test_a_measurement_keeps_its_own_threshold():
    own = ratio(0.85, 0.9, 0.95).model_copy(
        update={"threshold": Threshold(measure="selection_rate_ratio", at_least=0.99)}
    )
    assert "1 breached" in written(charts.disparities([own], {"selection_rate_ratio": BOUND}))


def test_without_a_threshold_nothing_is_met():
    assert "1 inconclusive" in written(charts.disparities([ratio(0.85, 0.9, 0.95)], {}))


def test_what_is_not_computable_says_why():
    m = Measurement(
        measure="selection_rate_ratio", value=None, n=3, method="m", undefined="fewer than two groups"
    )
    assert "not computable: fewer than two groups" in written(charts.disparities([m], {}))


def test_kinds_of_invented_facts_are_counted_by_answer():
    text = written(charts.invented_facts(answers(["Globex", "Globex Globex", "she", "99"])))
    assert "3 of 4 answers hold a claim without support" in text
    assert "50.0%" in text
    assert "25.0%" in text


def test_the_title_of_the_fan_says_when_the_budget_is_passed():
    given = {"calls_per_month": 100, "months": 6, "paths": 200, "seed": 0}
    grows = cost.project([1.0], monthly_growth=0.1, monthly_budget_usd=125, **given)
    assert "passes the budget of $125 in month 4" in written(charts.cost_fan(grows))
    holds = cost.project([1.0], monthly_growth=0.0, monthly_budget_usd=125, **given)
    assert "stays within the budget of $125; 0% exceed it" in written(charts.cost_fan(holds))


@pytest.mark.parametrize(
    "places", [[5.0, 5.0, 5.0, 5.0], [9.0, 8.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [9.0, 6.0, 3.0, 1.0]]
)
def test_labels_keep_apart_and_above_the_axis(places):
    moved = _apart(places, 1.0)
    assert all(a - b >= 1.0 - 1e-9 for a, b in pairwise(moved))
    assert moved[-1] >= 0.5 - 1e-9


def test_the_framework_with_most_open_requirements_comes_first():
    rows = [("calm", "met", 9), ("busy", "gap", 2), ("busy", "not_assessed", 3), ("calm", "partly", 1)]
    chart = charts.checklist_status(pd.DataFrame(rows, columns=["framework", "status", "count"]))
    assert [label.get_text() for label in chart.axes[0].get_yticklabels()] == ["busy", "calm"]
    assert "9 of 15 requirements are met" in written(chart)


def test_nothing_to_show_is_said_and_does_not_fail():
    empty = decisions().iloc[:0].astype({"selected": bool})
    for chart, said in (
        (
            charts.group_rates(fairness.rates_by_group(empty, groups=["group"]), title="t"),
            "There are no groups",
        ),
        (charts.disparities((), {}), "Nothing was measured"),
        (charts.invented_facts(grounding.check([])), "No answer could be checked"),
        (
            charts.checklist_status(pd.DataFrame(columns=["framework", "status", "count"])),
            "No requirement concerns this system",
        ),
    ):
        assert said in written(chart)
        assert charts.png(chart)

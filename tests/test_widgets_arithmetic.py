"""What the browser works out while somebody moves a slider is what the measures say in Python, number by number."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskkit.measures import cost, cost_steps
from riskkit.measures.call_cost import observed
from riskkit.measures.projection import Projection
from riskkit.model import Measurement, Threshold, judge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WEB = Path(__file__).resolve().parents[1] / "riskkit/widgets/web"
BUSY: dict[str, Any] = {
    "agent_steps": {"geometric": 3.0},
    "retry_rate": 0.1,
    "seasonality": [1.0, 1.2, 0.8],
    "judge": {"share": [0.1, 0.2, 0.4], "usd": 0.002},
    "review": {"share": 0.01, "minutes": [1, 2, 5], "usd_per_hour": 40},
    "one_off": {"move": {"usd": 500, "month": [2, 3, 5], "chance": 0.5}},
    "price_changes": {"cut": {"month": 4, "factor": 0.7, "chance": 0.5}},
}


def projection(declared: dict[str, Any] | None = None, *, age: float = 0.0) -> Projection:
    costs = np.random.default_rng(3).lognormal(-5, 0.8, 400)
    made = cost.project(
        observed(costs),
        calls_per_month=[8000, 10000, 14000],
        monthly_growth=[0.0, 0.02, 0.05],
        months=7,
        monthly_budget_usd=150.0,
        token_growth=0.01,
        declared=declared,
        paths=2000,
        seed=5,
    )
    if not age:
        return made
    given = replace(made.given, call=replace(made.given.call, age=age))
    return cost.projected(given, months=7, monthly_budget_usd=150.0, paths=2000, seed=5)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_content("<main></main>")
    for name in ("parts", "trying", "futures"):
        page.add_script_tag(content=(WEB / f"{name}.js").read_text(encoding="utf-8"))
    yield page
    page.close()


def in_browser(page: Page, made: Projection, changes: dict[str, float]) -> Any:
    drawn = cost_steps.drawn(made)

    def coded(row: Any) -> str:
        return b64encode(np.atleast_1d(np.asarray(row, dtype="<f8")).tobytes()).decode()

    sent = {
        **{k: v for k, v in asdict(drawn).items() if k not in ("rows", "by_month")},
        "rows": {k: coded(v) for k, v in drawn.rows.items()},
        "by_month": {k: [coded(v) for v in rows] for k, rows in drawn.by_month.items()},
    }
    return page.evaluate(
        """([sent, changes, budget]) => {
          const read = (text) => new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
          const drawn = { ...sent, rows: {}, by_month: {} };
          for (const [k, v] of Object.entries(sent.rows)) drawn.rows[k] = read(v);
          for (const [k, v] of Object.entries(sent.by_month)) drawn.by_month[k] = v.map(read);
          const { bills, skewed } = futures(drawn, changes);
          return { ...summary(bills, changes.monthly_budget_usd ?? budget), skewed };
        }""",
        [sent, changes, made.monthly_budget_usd],
    )


@pytest.mark.browser
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"calls_per_month": 25_000.0},
        {"monthly_growth": -0.1, "token_growth": 0.08},
        {"agent_steps": 6.0, "retry_rate": 0.4, "price": 0.5},
        {"monthly_budget_usd": 90.0, "calls_per_month": 0.0},
        {"monthly_budget_usd": 90.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("declared", [None, BUSY], ids=["plain", "busy"])
@pytest.mark.parametrize("age", [0.0, 2.5])
def test_browser_and_measures_give_the_same_bill(
    page: Page, changes: dict[str, float], declared: dict[str, Any] | None, age: float
) -> None:
    made = projection(declared, age=age)
    expected = cost_steps.moved(made, changes)
    found = in_browser(page, made, changes)
    assert found["skewed"] is (changes.get("calls_per_month") == 0.0)
    for name in ("p10", "p50", "p90", "p99", "exceed", "exceeded_by_then"):
        ours = [row[name] for row in found["rows"]]
        assert ours == pytest.approx(expected.months[name].tolist(), rel=1e-9), name
    share = float((expected.draws > expected.monthly_budget_usd).any(axis=0).mean())
    assert found["exceeded"] == share


def test_nothing_moved_is_the_projection_itself() -> None:
    made = projection(BUSY)
    assert (cost_steps.moved(made, {}).draws == made.draws).all()


def test_a_slider_stands_where_the_projection_does() -> None:
    for slide in cost_steps.slides(projection()):
        assert slide.low <= slide.value <= slide.high, slide


@pytest.mark.parametrize("changes", [{"calls": 1.0}, {"retry_rate": -1.0}, {"price": float("nan")}])
def test_what_cannot_be_moved_says_so(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        cost_steps.moved(projection(), changes)


def measurements() -> Iterator[tuple[Measurement, Threshold]]:
    what: dict[str, Any] = {"measure": "m", "method": "by hand"}
    values = [
        (0.8123456, 0.71, 0.91),
        (0.8, 0.7, 0.9),
        (1e-7, 0.0, 3e-7),
        (120345.6, 1.2e5, 1.3e5),
        (0.5, 0.5, 0.5),
    ]
    bounds: list[dict[str, float]] = [
        {"at_least": 0.8}, {"at_most": 0.05}, {"at_least": 0.72, "at_most": 0.85}, {"at_most": 125000}
    ]  # fmt: skip
    for value, low, high in values:
        for n in (0, 20, 333):
            for level in (0.9, 0.95):
                m = Measurement(**what, value=value, low=low, high=high, n=n, level=level)
                yield from ((m, Threshold(measure="m", min_n=30, **bound)) for bound in bounds)
    yield Measurement(**what, value=None, n=3, undefined="nobody"), Threshold(measure="m", at_least=1)


@pytest.mark.browser
def test_browser_and_model_give_the_same_verdict_reason_and_n(page: Page) -> None:
    pairs = list(measurements())
    sent = [[m.model_dump(mode="json"), t.model_dump(mode="json")] for m, t in pairs]
    found = page.evaluate("(pairs) => pairs.map(([m, t]) => judge(m, t))", sent)
    expected = [judge(m, t).model_dump(mode="json") for m, t in pairs]
    assert {row["verdict"] for row in expected} == {"met", "breached", "inconclusive"}
    assert found == expected


@pytest.mark.browser
def test_browser_writes_numbers_as_python_does(page: Page) -> None:
    numbers = [0, 1, -1, 0.1, 123456, 1234567, 1e-5, 0.00012345678, 99999.95, 2.5, 1e22, -0.8123456]
    found = json.loads(page.evaluate("(n) => JSON.stringify(n.flatMap((v) => [g(v), g(v, 4)]))", numbers))
    assert found == [text for v in numbers for text in (f"{v:g}", f"{v:.4g}")]

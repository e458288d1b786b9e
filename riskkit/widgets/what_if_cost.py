"""What if the bill rests on other numbers: sliders, the months ahead and the budget, worked out while they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from riskkit.model import Measurement, Threshold, judge
from riskkit.model.shown import Shown, line, stacked, table
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from riskkit.measures.projection import Projection

HEADS = ("measure", "value", "interval", "n", "bound", "verdict")


def what_if_cost(projection: Projection, *, bound: Threshold | None = None) -> Twin:
    """Sliders over the assumptions of ``projection``; ``bound`` is the threshold of the exceedance probability.

    A step is worked out in the browser on the draws of the simulation, to the same figures as
    ``measures.cost_steps.moved``; what is let go is measured by the kernel, with intervals.
    """
    from riskkit.measures import cost_steps

    drawn = cost_steps.drawn(projection)
    parts = asdict(drawn)
    parts.update(rows=list(drawn.rows), by_month=list(drawn.by_month))
    facts = {
        "slides": [asdict(slide) for slide in cost_steps.slides(projection)],
        "budget": projection.monthly_budget_usd,
        "chance": parts,
        "months": _months(projection),
        **_measured(projection, {}, bound),
        "said": "",
        "went": "well",
    }
    return Twin(
        "what_if_cost", facts, table=shown, step=partial(_step, projection, bound), data=_bytes(drawn)
    )


def _step(projection: Projection, bound: Threshold | None, facts: Facts, message: Mapping[str, Any]) -> Facts:
    from riskkit.measures import cost_steps

    changes = {str(name): float(value) for name, value in (message.get("changes") or {}).items()}
    moved = cost_steps.moved(projection, changes)
    return {**facts, "months": _months(moved), **_measured(moved, changes, bound)}


def _measured(projection: Projection, changes: Mapping[str, float], bound: Threshold | None) -> Facts:
    from riskkit.measures import cost

    found = cost.monthly_cost_usd(projection), cost.budget_exceedance_probability(projection)
    return {
        "changes": dict(changes),
        "measured": [list(_row(m, b)) for m, b in zip(found, (None, bound), strict=True)],
    }


def _row(m: Measurement, bound: Threshold | None) -> tuple[str, ...]:
    said = judge(m, bound) if bound else None
    return (
        f"{m.measure} ({m.unit})",
        f"{m.value:.4g}",
        f"[{m.low:.4g}, {m.high:.4g}] at {m.level:g}",
        str(m.n),
        bound.describe() if bound else "no bound",
        f"{said.verdict.value}: {said.why}" if said else "",
    )


def _months(projection: Projection) -> list[list[str]]:
    names = ("month", "p10", "p50", "p90", "p99", "exceeded_by_then")
    return [[f"{row[name]:.4g}" for name in names] for row in projection.months.to_dict("records")]


def _bytes(drawn: Any) -> dict[str, bytes]:
    import numpy as np

    found = dict(drawn.rows)
    found |= {f"{name}.{i}": row for name, rows in drawn.by_month.items() for i, row in enumerate(rows)}
    return {name: np.atleast_1d(np.asarray(row, dtype="<f8")).tobytes() for name, row in found.items()}


def shown(facts: Facts) -> Shown:
    """The numbers as assumed, the months ahead, and what is measured of them."""
    slides = [(slide["name"], slide["assumed"]) for slide in facts["slides"]]
    moved = "; ".join(f"{name} {value:g}" for name, value in facts["changes"].items())
    heads = (
        "month",
        "one in ten below",
        "median",
        "nine in ten below",
        "99 of 100 below",
        "exceeded by then",
    )
    return stacked(
        table(("number", "assumed"), slides, caption="What may be moved"),
        table(
            heads,
            facts["months"],
            caption=f"US dollars by month{f' with {moved}' if moved else ', as assumed'}",
        ),
        table(HEADS, facts["measured"], caption="Measured"),
        line(
            f"Budget: {facts['budget']:,.2f} USD a month, over {facts['chance']['paths']:,} simulated futures."
        ),
    )

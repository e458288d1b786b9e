"""The bill at other numbers than those assumed, and what it takes to work it out elsewhere than here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from riskkit.measures.distributions import fixed
from riskkit.measures.projection import Projection, projected
from riskkit.measures.simulation import VERY_SKEWED, draw, task_of, walk

Floats = NDArray[np.float64]
PRICE = "price"
"""The factor on what a call costs."""
BUDGET = "monthly_budget_usd"
HELD = ("calls_per_month", "monthly_growth", "token_growth", "agent_steps", "retry_rate")
"""Numbers that a what-if holds at a value, whatever is assumed of them."""


@dataclass(frozen=True)
class Slide:
    """A number to be moved: its reach, the step, where it stands, and what the projection assumes of it."""

    name: str
    low: float
    high: float
    step: float
    value: float
    assumed: str
    uncertain: bool = False


def slides(projection: Projection) -> tuple[Slide, ...]:
    """The numbers of a bill that are worth moving, each from well below to well above where it stands."""
    inputs = projection.given.inputs
    middle = {name: float(inputs[name].at([0.5])[0]) for name in HELD}
    reach = {
        "calls_per_month": (0.0, max(4 * middle["calls_per_month"], 10.0)),
        "monthly_growth": (-0.2, max(0.3, 2 * middle["monthly_growth"])),
        "token_growth": (-0.2, max(0.3, 2 * middle["token_growth"])),
        "agent_steps": (1.0, max(20.0, 2 * middle["agent_steps"])),
        "retry_rate": (0.0, 0.9),
    }
    found = [
        Slide(name, low, high, (high - low) / 200, middle[name], str(inputs[name]), not inputs[name].fixed)
        for name, (low, high) in reach.items()
    ]
    budget = projection.monthly_budget_usd
    return (
        *found,
        Slide(PRICE, 0.1, 3.0, 0.01, 1.0, "today's prices"),
        Slide(BUDGET, 0.0, max(4 * budget, 1.0), max(4 * budget, 1.0) / 400, budget, f"{budget:,.2f} USD"),
    )


def moved(projection: Projection, changes: Mapping[str, float]) -> Projection:
    """The same futures with the numbers named in ``changes`` held at their values (see :func:`slides`).

    Every number keeps its own stream of chance, so what differs is the change and no noise.

    Raises
    ------
    ValueError
        When a name is none of the slides, or a value cannot be.
    """
    given, budget = projection.given, projection.monthly_budget_usd
    if strange := sorted(set(changes) - {*HELD, PRICE, BUDGET}):
        raise ValueError(f"{strange[0]!r:.60} cannot be moved (one of {', '.join((*HELD, PRICE, BUDGET))})")
    if wrong := [name for name, value in changes.items() if not isfinite(value) or value < _least(name)]:
        raise ValueError(f"{wrong[0]} cannot be {changes[wrong[0]]:g}")
    held = {name: fixed(value) for name, value in changes.items() if name in HELD}
    price = changes.get(PRICE, 1.0)
    call = replace(given.call, parts={part: usd * price for part, usd in given.call.parts.items()})
    return projected(
        replace(given, call=call, inputs={**given.inputs, **held}),
        months=len(projection.draws),
        monthly_budget_usd=changes.get(BUDGET, budget),
        paths=projection.draws.shape[1],
        seed=projection.seed,
    )


def _least(name: str) -> float:
    return {"agent_steps": 1.0, "monthly_growth": -0.99, "token_growth": -0.99}.get(name, 0.0)


@dataclass(frozen=True)
class Drawn:
    """Everything that :func:`riskkit.measures.simulation.simulate` needs of chance, as numbers and rows of numbers.

    ``rows`` holds one value or one a path for each name; ``months`` one or one a path for each month: the noise of the
    sum of calls (normal draws), the factor on prices and the USD that events bring.
    """

    months: int
    paths: int
    age: float
    variation: float
    skewness: float
    steps_vary: bool
    seasonality: tuple[float, ...]
    very_skewed: float
    rows: Mapping[str, Floats]
    by_month: Mapping[str, tuple[Floats, ...]]


def drawn(projection: Projection) -> Drawn:
    """The draws behind ``projection``, from which its figures can be worked out again at other numbers."""
    given, (months, paths) = projection.given, projection.draws.shape
    x = draw(given, paths=paths, seed=projection.seed)
    task, rng = task_of(given, x), np.random.default_rng([projection.seed, 0])
    still = {**x, "token_growth": np.zeros(()), "monthly_growth": np.zeros(())}
    walked = list(walk(given, still, months))
    return Drawn(
        months=months,
        paths=paths,
        age=given.call.age,
        variation=given.call.variation,
        skewness=given.call.skewness,
        steps_vary=given.steps_vary,
        seasonality=given.seasonality,
        very_skewed=VERY_SKEWED,
        rows={
            **{name: x[name] for name in HELD},
            "call_usd": sum(task.parts.values(), np.zeros(())),
            "checks": sum(task.checks.values(), np.zeros(())),
            "review": task.review,
        },
        by_month={
            "noise": tuple(np.asarray(rng.standard_normal(paths)) for _ in range(months)),
            "scale": tuple(month.scale for month in walked),
            "events": tuple(month.events for month in walked),
        },
    )

"""From assumptions to the distribution of the monthly bill, in one pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskkit.measures.assumptions import CHECKS, Assumptions
from riskkit.measures.distributions import pearson

Floats = NDArray[np.float64]
Drawn = Mapping[str, Floats]
VERY_SKEWED = 1.0
"""Skewness of a month's sum above which the gamma distribution itself is drawn."""


class Task(NamedTuple):
    """US dollars of one task at the start: mean by part of the first call, then moments of the whole."""

    parts: Mapping[str, Floats]
    steps: Floats
    tries: Floats
    mean: Floats
    deviation: Floats
    skewness: Floats
    checks: Mapping[str, Floats]
    review: Floats


class Month(NamedTuple):
    """One month of every path: tasks, the factor on tokens and prices since the start, and USD of events."""

    tasks: Floats
    scale: Floats
    events: Floats


def simulate(
    given: Assumptions, *, months: int, paths: int, seed: int, held: Mapping[str, ArrayLike] | None = None
) -> Floats:
    """US dollars by month and path: ``paths`` futures over ``months``, the same for the same seed.

    A path draws each uncertain number once, then each month's sum of calls. The sum of N independent tasks has N times
    their mean and variance, and their skewness over the root of N; a shifted gamma distribution (Pearson type III)
    with these three is drawn, so tails stay heavy and no call need be drawn one by one. Every number has its own
    stream of chance, so that a change of one leaves the draws of the others alone: differences between two sets of
    assumptions are free of noise.

    Parameters
    ----------
    held : values (one, or one a path) of numbers that are to be held instead of drawn.
    """
    drawn = draw(given, paths=paths, seed=seed, held=held)
    task, rng = task_of(given, drawn), np.random.default_rng([seed, 0])
    out = np.empty((months, paths))
    certain = task.mean + sum(task.checks.values(), np.zeros(()))
    for row, month in zip(out, walk(given, drawn, months), strict=True):
        root = np.sqrt(month.tasks)
        noise = np.zeros(())
        if given.call.variation or given.steps_vary or np.any(task.tries > 1):
            noise = root * task.deviation * _surplus(task.skewness / np.maximum(root, 1e-9), paths, rng)
        row[:] = month.scale * np.maximum(0.0, month.tasks * certain + noise)
        row += month.tasks * task.review + month.events
    return out


def components(given: Assumptions, *, months: int, paths: int, seed: int) -> dict[str, Floats]:
    """Expected US dollars by month of each component of the bill; they add up to the expected bill."""
    drawn = draw(given, paths=paths, seed=seed)
    task = task_of(given, drawn)
    first: Floats = sum(task.parts.values(), np.zeros(()))
    once = {
        **{"calls" if part == "all" else f"{part} tokens": usd for part, usd in task.parts.items()},
        "agent steps": first * (task.steps - 1),
        "retries": first * task.steps * (task.tries - 1),
        **task.checks,
    }
    found: dict[str, list[float]] = {name: [] for name in (*once, "review", "events")}
    for month in walk(given, drawn, months):
        for name, usd in once.items():
            found[name].append(float(np.mean(month.tasks * month.scale * usd)))
        found["review"].append(float(np.mean(month.tasks * task.review)))
        found["events"].append(float(np.mean(month.events)))
    return {name: np.array(values) for name, values in found.items() if any(values)}


def draw(
    given: Assumptions, *, paths: int, seed: int, held: Mapping[str, ArrayLike] | None = None
) -> dict[str, Floats]:
    """Every number of the assumptions by name: one value a path, or one for all where it is known."""
    found = {}
    for name, distribution in given.inputs.items():
        if held and name in held:
            found[name] = np.asarray(held[name], dtype=float)
        elif distribution.fixed:
            found[name] = np.asarray(distribution.numbers[0])
        else:
            stream = np.random.default_rng([seed, 1, crc32(name.encode())])
            found[name] = distribution.at(stream.random(paths))
    return found


def task_of(given: Assumptions, x: Drawn) -> Task:
    """The cost of one task: a compound sum over steps and their tries.

    Cumulants of a sum of N independent values: those of N and of the value combine as in W. Feller (1968), An
    Introduction to Probability Theory I, XII.1. Steps and tries are geometric: the first where ``steps_vary``, tries
    always, each failing with ``retry_rate``.
    """
    call = given.call
    parts = {
        part: usd * x["call_cost"] * x.get(f"tokens.{part}", np.ones(())) for part, usd in call.parts.items()
    }
    m: Floats = sum(parts.values(), np.zeros(()))
    s, a = x["agent_steps"], 1 / (1 - x["retry_rate"])
    s_var, s_third = (s * (s - 1), s * (s - 1) * (2 * s - 1)) if given.steps_vary else (0.0 * s, 0.0 * s)
    a_var, a_third = a * (a - 1), a * (a - 1) * (2 * a - 1)
    n, n_var = s * a, s * a_var + s_var * a * a
    n_third = s * a_third + 3 * s_var * a * a_var + s_third * a * a * a
    deviation = call.variation * m
    variance = n * deviation**2 + n_var * m * m
    third = n * call.skewness * deviation**3 + 3 * n_var * m * deviation**2 + n_third * m * m * m
    root = np.sqrt(variance)
    skewness = np.divide(third, root**3, out=np.zeros(np.shape(root)), where=root > 0)
    checks = {
        check: x[f"{check}.share"] * x[f"{check}.calls"] * x[f"{check}.usd"]
        for check in CHECKS
        if f"{check}.share" in x
    }
    review = np.zeros(())
    if "review.share" in x:
        review = x["review.share"] * x["review.minutes"] / 60 * x["review.usd_per_hour"]
    return Task(parts, s, a, n * m, root, skewness, checks, review)


def walk(given: Assumptions, x: Drawn, months: int) -> Iterator[Month]:
    """The months in order."""
    tasks, tokens = x["calls_per_month"], (1 + x["token_growth"]) ** given.call.age
    for number in range(1, months + 1):
        season = given.seasonality[(number - 1) % len(given.seasonality)]
        scale, events = _events(given, x, number)
        yield Month(tasks * season, tokens * scale, events)
        tasks, tokens = tasks * (1 + x["monthly_growth"]), tokens * (1 + x["token_growth"])


def _events(given: Assumptions, x: Drawn, number: int) -> tuple[Floats, Floats]:
    """The factor on the bill and the USD that events bring in a month."""
    scale, usd = np.ones(()), np.zeros(())
    for at in given.events.get("one_off", ()):
        since = number - np.round(x[f"{at}.month"])
        due = since % given.every[at] == 0 if at in given.every else since == 0
        due = due & (since >= 0)
        if due.any():
            usd = usd + np.where(due, x[f"{at}.chance"] * x[f"{at}.usd"], 0.0)
    for at in given.events.get("price_changes", ()):
        changed = (number >= np.round(x[f"{at}.month"])) & (x[f"{at}.chance"] > 0)
        if changed.any():
            scale = scale * np.where(changed, x[f"{at}.factor"], 1.0)
    for at in given.events.get("retirements", ()):
        month, happens = np.round(x[f"{at}.month"]), x[f"{at}.chance"] > 0
        gone, now = (number >= month) & happens, (number == month) & happens
        if gone.any():
            scale = scale * np.where(gone, x[f"{at}.price_factor"] * x[f"{at}.token_factor"], 1.0)
        if now.any():
            usd = usd + np.where(now, x[f"{at}.migration_usd"], 0.0)
    return scale, usd


def _surplus(skewness: Floats, paths: int, rng: np.random.Generator) -> Floats:
    """Draws of mean 0 and variance 1 with this skewness."""
    if np.max(np.abs(skewness)) <= VERY_SKEWED:
        return pearson(rng.standard_normal(paths), skewness)
    shape = 4 / np.maximum(np.abs(skewness), 1e-3) ** 2
    drawn = rng.standard_gamma(np.broadcast_to(shape, paths))
    found: Floats = (drawn - shape) / np.sqrt(shape) * np.sign(np.where(skewness, skewness, 1))
    return found

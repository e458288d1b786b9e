"""What happens to a model that is trained on what its predecessors produced: a simulator for planning.

A linear model is fitted to rows, labels fresh rows for the next one, and so on. Its error is known in closed form, so
what the simulator says can be checked: with replacement it grows by the same amount each round, with accumulation it
stays below pi^2/6 of the first error. A real model is not linear; the sizes are not a forecast, the order of the
strategies is. M. Gerstgrasser et al. (2024), Is Model Collapse Inevitable?, arXiv 2404.01413, theorems 1 and 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Strategy = Literal["replace", "accumulate", "mix"]
STRATEGIES: tuple[Strategy, ...] = ("replace", "accumulate", "mix")
CEILING = float(np.pi**2 / 6)
"""What accumulation never exceeds, in units of the first error: the sum of 1/n^2."""


def simulate(
    strategy: Strategy,
    *,
    generations: int,
    rows: int = 400,
    features: int = 20,
    noise: float = 1.0,
    real_share: float = 0.0,
    runs: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """The squared error of each generation: generation (1 is fitted to real rows), error, low, high, theory.

    ``replace`` trains each on ``rows`` labelled by the one before; ``accumulate`` on those and all earlier ones;
    ``mix`` on ``rows`` of which ``real_share`` are real and fresh. Errors are means over ``runs`` with a t interval.

    Raises
    ------
    ValueError
        With fewer rows than features can be fitted to, fewer than two runs, or a share outside 0 to 1.
    """
    _check(generations, rows, features, runs, real_share)
    rng = np.random.default_rng(seed)
    errors = np.array(
        [_errors(strategy, generations, rows, features, noise, real_share, rng) for _ in range(runs)]
    )
    mean, reach = errors.mean(axis=0), stats.t.ppf(0.5 + level / 2, runs - 1) * stats.sem(errors, axis=0)
    theory = expected_error(
        strategy, generations=generations, rows=rows, features=features, noise=noise, real_share=real_share
    )
    return pd.DataFrame(
        {
            "strategy": strategy,
            "generation": np.arange(1, generations + 1),
            "error": mean,
            "low": mean - reach,
            "high": mean + reach,
            "theory": theory,
        }
    )


def plans(
    real_shares: Sequence[float],
    *,
    generations: int,
    rows: int,
    features: int,
    runs: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Every way to go on, for comparison: plan, generation, error, low, high, theory.

    Replacing all rows, keeping a share of real ones (one plan each of ``real_shares``), and adding to what there is.
    """
    what: dict[str, Any] = {
        "generations": generations,
        "rows": rows,
        "features": features,
        "runs": runs,
        "seed": seed,
    }
    made = {"replace all": simulate("replace", **what)}
    for part in real_shares:
        made[f"{part:.0%} real"] = simulate("mix", real_share=part, **what)
    made["add to all earlier"] = simulate("accumulate", **what)
    return pd.concat([table.assign(plan=name) for name, table in made.items()], ignore_index=True)


def expected_error(
    strategy: Strategy,
    *,
    generations: int,
    rows: int,
    features: int,
    noise: float = 1.0,
    real_share: float = 0.0,
) -> Floats:
    """The error of each generation in closed form, for normal features: exact for the first of every strategy.

    The first error b is ``noise^2 * features / (rows - features - 1)``. Generation n has ``n b`` with replacement,
    ``b`` times the sum of ``1/i^2`` up to n with accumulation, and ``b`` times the sum of ``(1 - real_share)^(2i)``
    for a mix. The last two hold to first order in ``features / rows``.
    """
    first = noise**2 * features / (rows - features - 1)
    n = np.arange(1, generations + 1)
    factor = {
        "replace": n.astype(float),
        "accumulate": np.cumsum(1.0 / n**2),
        "mix": np.cumsum((1.0 - real_share) ** (2.0 * (n - 1))),
    }[strategy]
    error: Floats = first * factor
    return error


def real_share_to_keep(most: float) -> float:
    """The share of real rows each generation needs so that its error never exceeds ``most`` times the first.

    A mix settles at ``1 / (1 - (1 - r)^2)`` of the first error; solved for r.

    Raises
    ------
    ValueError
        When ``most`` is not above 1: without growth there is nothing to mix.
    """
    if not most > 1:
        raise ValueError(f"most is {most!r}; give a multiple of the first error above 1, for example 1.5")
    return 1 - sqrt(1 - 1 / most)


def generations_until(most: float, *, real_share: float = 0.0) -> int | None:
    """The first generation of a mix whose error exceeds ``most`` times the first; None when it never does."""
    if most < 1:
        return 1
    kept = (1 - real_share) ** 2
    if kept == 1:
        return int(most) + 1
    if most >= 1 / (1 - kept):
        return None
    return max(2, ceil(np.log(1 - most * (1 - kept)) / np.log(kept) + 1e-9)) if kept else None


def types_left(
    *, types: int, rows: int, generations: int, real_share: float = 0.0, runs: int = 200, seed: int = 0
) -> pd.DataFrame:
    """How many of ``types`` equally frequent kinds of row are still there: generation (0 is real), types, evenness.

    Each generation draws its ``rows`` from the one before. ``evenness`` is the chance that two rows differ; by theory
    it falls by the factor ``1 - 1/rows`` a generation when nothing real is added (S. Wright 1931, Genetics 16,
    97-159).
    """
    _check(generations, rows, 0, runs, real_share)
    rng = np.random.default_rng(seed)
    shares = np.full((runs, types), 1.0 / types)
    found = []
    for generation in range(generations + 1):
        evenness = 1 - (shares**2).sum(axis=1)
        found.append((generation, float((shares > 0).sum(axis=1).mean()), float(evenness.mean())))
        drawn = rng.multinomial(rows, (1 - real_share) * shares + real_share / types)
        shares = drawn / rows
    return pd.DataFrame(found, columns=["generation", "types", "evenness"])


def _check(generations: int, rows: int, features: int, runs: int, real_share: float) -> None:
    if rows <= features + 1:
        raise ValueError(f"{rows} rows do not determine {features} features; give at least {features + 2}")
    if generations < 1 or runs < 2:
        raise ValueError(f"{generations} generations in {runs} runs: give at least 1 in 2")
    if not 0 <= real_share <= 1:
        raise ValueError(f"real_share is {real_share!r}; a share lies within 0 and 1")


def _errors(
    strategy: Strategy,
    generations: int,
    rows: int,
    features: int,
    noise: float,
    real_share: float,
    rng: np.random.Generator,
) -> Floats:
    """One run. The truth is 0, so that a model's squared length is its error; sums of squares stand for all rows."""
    model: Floats = np.zeros(features)
    gram, moment = np.zeros((features, features)), np.zeros(features)
    found = []
    for generation in range(generations):
        x = rng.standard_normal((rows, features))
        real = generation == 0 or strategy != "mix"
        fresh = np.zeros(rows, dtype=bool) if real else np.arange(rows) < round(real_share * rows)
        y = np.where(fresh, 0.0, x @ model) + noise * rng.standard_normal(rows)
        if strategy != "accumulate":
            gram[:], moment[:] = 0.0, 0.0
        gram += x.T @ x
        moment += x.T @ y
        model = np.asarray(np.linalg.solve(gram, moment), dtype=float)
        found.append(float(model @ model))
    return np.array(found)

"""The bill if a declared event surely happens, or surely does not."""

from __future__ import annotations

import pandas as pd

from riskkit.measures.projection import Projection
from riskkit.measures.simulation import simulate

KINDS = ("price_changes", "retirements")
"""Events that somebody else decides on."""


def scenarios(projection: Projection, *, paths: int = 4000) -> pd.DataFrame:
    """One row a scenario: as assumed, then with and without each declared change of price and retirement.

    Columns: scenario, total_p50, total_p90 (USD over the horizon), last_month_p50 (USD), exceed (probability that some
    month is above the budget). Rows share their draws, so their differences hold no noise of simulating.
    """
    events = [at for kind in KINDS for at in projection.given.events.get(kind, ())]
    rows = [_row(projection, "as assumed", {}, paths)]
    for at in events:
        rows.append(_row(projection, f"{_words(at)}: it happens", {f"{at}.chance": 1.0}, paths))
        rows.append(_row(projection, f"{_words(at)}: it does not", {f"{at}.chance": 0.0}, paths))
    return pd.DataFrame(rows)


def _row(projection: Projection, name: str, held: dict[str, float], paths: int) -> dict[str, object]:
    draws = simulate(
        projection.given, months=len(projection.draws), paths=paths, seed=projection.seed, held=held
    )
    total = pd.Series(draws.sum(axis=0)).quantile([0.5, 0.9]).to_list()
    return {
        "scenario": name,
        "total_p50": total[0],
        "total_p90": total[1],
        "last_month_p50": float(pd.Series(draws[-1]).median()),
        "exceed": float((draws > projection.monthly_budget_usd).any(axis=0).mean()),
    }


def _words(at: str) -> str:
    kind, _, name = at.partition(".")
    return f"{kind.replace('_', ' ').removesuffix('s')} {name}"

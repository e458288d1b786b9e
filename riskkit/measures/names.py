"""How much the values of an attribute, such as first names, move decisions: a random effect of the value."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

COLUMNS = ["attribute", "values", "templates", "effect_sd", "low", "high", "p"]


def random_effects(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The standard deviation of the favourable rate between values, apart from sampling: a row an attribute.

    Values are taken as drawn from many more, so the figure speaks of names that were not tried as well. Two-way
    analysis of variance over the templates that have every value; ``effect_sd`` is the square root of the variance
    component, 0 where values differ by less than sampling explains. The interval is that of S. Searle, G. Casella, C.
    McCulloch (1992), Variance Components, 3.6, from the F distribution; ``p`` is that of no effect. NaN with fewer than
    three values or templates. In ``table``, that of ``crossed_answers``, undecided answers are left out.
    """
    rows = [(attribute, *_effect(table, attribute, level)) for attribute in table.attrs["attributes"]]
    return pd.DataFrame(rows, columns=COLUMNS)


def _effect(table: pd.DataFrame, attribute: str, level: float) -> tuple[int, int, float, float, float, float]:
    decided = table[table["favourable"].notna()]
    rates = decided.pivot_table("favourable", "template", attribute).dropna().to_numpy()
    templates, values = rates.shape
    if values < 3 or templates < 3:
        return values, templates, np.nan, np.nan, np.nan, np.nan
    by_value, by_template, mean = rates.mean(axis=0), rates.mean(axis=1), rates.mean()
    rest = rates - by_value - by_template[:, None] + mean
    free = values - 1, (values - 1) * (templates - 1)
    between = templates * float(((by_value - mean) ** 2).sum()) / free[0]
    within = float((rest**2).sum()) / free[1]
    if within <= 0:
        return values, templates, sqrt(between / templates), np.nan, np.nan, np.nan
    ratio = between / within
    ends = stats.f.ppf([(1 + level) / 2, (1 - level) / 2], *free)
    low, high = (sqrt(max(0.0, within * (ratio / end - 1) / templates)) for end in ends)
    return (
        values,
        templates,
        sqrt(max(0.0, (between - within) / templates)),
        low,
        high,
        float(stats.f.sf(ratio, *free)),
    )

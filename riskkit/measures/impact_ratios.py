"""The impact ratio of every group beside the four-fifths rule, and how often chance alone would break the rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskkit.measures.cells import cell, large
from riskkit.measures.counting import MISSING, count, groupings, tables
from riskkit.measures.counts import CountTable
from riskkit.measures.four_fifths import four_fifths, null_failure_probability
from riskkit.measures.intervals import ratio_of_proportions

COLUMNS = [
    "grouping", "group", "n", "selected", "rate", "impact_ratio", "low", "high", "four_fifths",
    "some_group_fails_by_chance",
]  # fmt: skip

RARE = 0.05
"""Share of samples of equal rates that fail, below which a failure is not put down to chance."""


def impact_ratios(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    min_cell: int = 30,
    seed: int = 0,
) -> pd.DataFrame:
    """The selection rate of every group over the highest one of its grouping (29 CFR 1607.4(D)), a row a group.

    ``four_fifths`` says ``passes`` or ``fails`` (exactly 4/5 passes, in whole numbers). Its interval is that of a ratio
    of proportions (MOVER), corrected (Bonferroni) for the groups held against the highest; the highest itself has
    ratio 1 and none. ``some_group_fails_by_chance``: were all rates of the grouping equal, this share of samples of
    these sizes would still show a group that fails. A failure where that share is large says little; so does a pass
    of a small group. Groups below ``min_cell`` rows are left out; where nobody is selected there is no ratio.
    """
    rows = [row for counts in tables(table, groups) for row in _rows(large(counts, min_cell)[0], level, seed)]
    return pd.DataFrame(rows, columns=COLUMNS)


def scoring_ratios(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    min_cell: int = 30,
    seed: int = 0,
) -> pd.DataFrame:
    """The same of scoring rates: the share of each group that scores above the median of all (6 RCNY 5-300).

    People whose group or score is not known are left out of the median and the rates, as in ``law.ll144``. Empty
    without scores.
    """
    if "score" not in table:
        return pd.DataFrame(columns=COLUMNS)
    rows = []
    for grouping in groupings(table, groups):
        columns = list(grouping)
        known = (table[columns].notna() & (table[columns] != MISSING)).all(axis=1) & table["score"].notna()
        scored = table[known]
        above = scored.assign(selected=scored["score"] > scored["score"].median())
        rows += _rows(large(count(above, grouping), min_cell)[0], level, seed)
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(used: CountTable, level: float, seed: int) -> list[tuple[Any, ...]]:
    if len(used.cells) < 2 or not used.selected.any():
        return []
    best = int((used.selected / used.n).argmax())
    passes = four_fifths(used)
    chance = null_failure_probability(used, seed=seed)
    corrected = 1 - (1 - level) / (len(used.cells) - 1)
    rows = []
    for i, group in enumerate(used.groups):
        (k, n), (top, of) = cell(used, i), cell(used, best)
        ends = (None, None) if i == best else ratio_of_proportions(k, n, top, of, level=corrected)
        ratio = (k * of) / (top * n)
        said = "highest rate" if i == best else "passes" if passes.iloc[i] else "fails"
        rows.append((used.grouping, group, n, k, k / n, ratio, *ends, said, chance))
    return rows


def four_fifths_in_words(impact: pd.DataFrame) -> pd.DataFrame:
    """What the four-fifths rule says of each grouping and what that is worth: columns grouping, says, worth.

    ``impact`` is the table of :func:`impact_ratios`.
    """
    rows = []
    for grouping, part in impact.groupby("grouping", sort=False):
        fails = part[part["four_fifths"] == "fails"]
        chance = float(part["some_group_fails_by_chance"].iloc[0])
        rows.append((grouping, _says(part, fails), _worth(len(fails), chance)))
    return pd.DataFrame(rows, columns=["grouping", "says", "worth"])


def _says(part: pd.DataFrame, fails: pd.DataFrame) -> str:
    lowest = part.iloc[int(part["impact_ratio"].argmin())]
    count = f"{len(fails)} of {len(part)} groups fall" if len(fails) else f"none of {len(part)} groups falls"
    return f"{count} below four fifths; lowest {lowest['group']} at {lowest['impact_ratio']:.3f}"


def _worth(fails: int, chance: float) -> str:
    often = f"with equal rates, {_share(chance)} of samples of these sizes would show a failure"
    if chance < RARE:
        return f"{'not chance' if fails else 'groups large enough for the rule'}: {often}"
    return f"{'may be chance' if fails else 'groups too small for the rule'}: {often}"


def _share(value: float) -> str:
    return "under 0.1 %" if value < 0.001 else f"{100 * value:.1f} %"

"""What an audit of decisions compares, in a few lines that a reviewer reads first."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pandas as pd
from scipy import special

from riskkit.measures.counting import MISSING, rows_column, tables

POWER = 0.8
"""How often a difference of the size called detectable is found."""


def what_is_compared(table: pd.DataFrame) -> pd.DataFrame:
    """The outcome, the people and the columns of an audit in words: columns what, answer."""
    said = table.attrs
    rows = rows_column(table)
    each = pd.Series(1, index=table.index) if rows is None else table[rows]
    total, selected = int(each.sum()), int(each[table["selected"].astype(bool)].sum())
    found = [
        ("favourable outcome", said.get("favourable", "the column selected is true")),
        ("decisions", f"{total:,}"),
        ("of which favourable", f"{selected:,} ({selected / total:.1%})" if total else "0"),
        ("what really happened", _known(table, "label", each)),
        ("score", _known(table, "score", each)),
        ("weights", "shown beside; the register's figures count people" if said.get("weight") else "none"),
    ]
    for counts in tables(table, list(said.get("groups") or ()) or None):
        there = dict(zip(counts.groups, (int(n) for n in counts.n), strict=True))
        reference = (said.get("reference") or {}).get(counts.grouping)
        against = "" if reference is None else f"; held against {reference}"
        alike = _alike(list(there))
        found.append((f"groups by {counts.grouping}", _groups(there) + against + alike))
    return pd.DataFrame(found, columns=["what", "answer"])


def group_sizes(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95, min_cell: int = 30
) -> pd.DataFrame:
    """How large the groups are and what so many people can show, a row a grouping.

    Columns: grouping, groups, too_small (groups below ``min_cell``, not compared), people_in_them, smallest (of those
    compared), its n, and ``detectable``: the difference in selection rate between the smallest and everybody else that
    an audit of these sizes would find in eight of ten cases. A gap narrower than that can go unseen.
    """
    z = float(special.ndtri(0.5 + level / 2) + special.ndtri(POWER))
    found = []
    for counts in tables(table, groups):
        used = counts.keep(counts.n >= min_cell)
        small, people = len(counts.cells) - len(used.cells), int(counts.n.sum() - used.n.sum())
        if len(used.cells) < 2:
            found.append((counts.grouping, len(counts.cells), small, people, "", 0, float("nan")))
            continue
        at = int(used.n.argmin())
        n, rest = int(used.n[at]), int(used.n.sum() - used.n[at])
        rate = float(used.selected.sum() / used.n.sum())
        detectable = min(1.0, z * sqrt(rate * (1 - rate) * (1 / n + 1 / rest)))
        found.append((counts.grouping, len(counts.cells), small, people, used.groups[at], n, detectable))
    columns = ["grouping", "groups", "too_small", "people_in_them", "smallest", "n", "detectable"]
    return pd.DataFrame(found, columns=columns)


def _known(table: pd.DataFrame, name: str, each: pd.Series[int]) -> str:
    if name not in table:
        return "not in these data"
    return f"known for {int(each[table[name].notna()].sum()):,}"


def _alike(groups: list[str]) -> str:
    """Groups that differ only by capitals, which are more often one group typed twice than two."""
    by_letters: dict[str, list[str]] = {}
    for group in groups:
        by_letters.setdefault(group.casefold(), []).append(group)
    twins = [" and ".join(names) for names in by_letters.values() if len(names) > 1]
    return (
        f"; CHECK: {', '.join(twins)} differ by capitals only and count as different groups" if twins else ""
    )


def _groups(sizes: dict[str, int]) -> str:
    if MISSING in sizes:
        sizes = {**{k: n for k, n in sizes.items() if k != MISSING}, MISSING: sizes[MISSING]}
    shown = ", ".join(f"{group} {n:,}" for group, n in list(sizes.items())[:8])
    more = f" and {len(sizes) - 8} more" if len(sizes) > 8 else ""
    unknown = "" if MISSING in sizes else "; nobody without a value"
    return f"{shown}{more}{unknown}"

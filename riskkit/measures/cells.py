"""Groups large enough to be compared, and how they are named."""

from __future__ import annotations

from riskkit.measures.counts import CountTable

Pair = tuple[int, int, int, int]
"""Selected and all rows of one side, then of the other."""
SHOWN = 8
"""Groups left out that are named; the rest is counted."""


def large(counts: CountTable, min_cell: int) -> tuple[CountTable, str]:
    """The cells of at least ``min_cell`` rows, and a sentence that names the others (empty if there are none)."""
    kept = counts.n >= min_cell
    small = [
        f"{group} ({n})" for group, n, keep in zip(counts.groups, counts.n, kept, strict=True) if not keep
    ]
    more = f" and {len(small) - SHOWN} more" if len(small) > SHOWN else ""
    return counts.keep(
        kept
    ), f"left out with fewer than {min_cell} rows: {', '.join(small[:SHOWN])}{more}" if small else ""


def too_few(used: CountTable, min_cell: int) -> str:
    """Why ``used`` cannot be compared; empty if it can."""
    if len(used.cells) >= 2:
        return ""
    only = f" (only {used.groups[0]})" if used.cells else ""
    return f"fewer than two groups have {min_cell} rows or more{only}"


def cell(counts: CountTable, i: int) -> tuple[int, int]:
    """Selected and all rows of the ``i``-th cell."""
    return int(counts.selected[i]), int(counts.n[i])


def named(counts: CountTable, i: int) -> str:
    """The ``i``-th cell with its numbers, such as ``female (201 of 310)``."""
    k, n = cell(counts, i)
    return f"{counts.groups[i]} ({k} of {n})"


def contrasts(counts: CountTable, reference: object) -> list[tuple[int, Pair]]:
    """Who speaks, and the counts on both sides; two groups without a reference give one contrast."""
    everybody = int(counts.selected.sum()), int(counts.n.sum())
    indices = range(len(counts.cells))
    if reference is not None:
        held = counts.cells.index((str(reference),))
        return [(i, (*cell(counts, i), *cell(counts, held))) for i in indices if i != held]
    if len(counts.cells) == 2:
        indices = range(lowest := int((counts.selected / counts.n).argmin()), lowest + 1)
    return [
        (i, (*cell(counts, i), everybody[0] - cell(counts, i)[0], everybody[1] - cell(counts, i)[1]))
        for i in indices
    ]


def plural(number: int, noun: str) -> str:
    """``1 pair``, ``2 pairs``."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def joined(*parts: str) -> str:
    """The parts that say something, with semicolons between."""
    return "; ".join(part for part in parts if part)

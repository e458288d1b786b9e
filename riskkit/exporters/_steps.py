"""How far a control of each strength moves its axis, as a table of the grids in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from riskkit.exporters._inert import inert
from riskkit.model import Effectiveness, Matrix

MARK = "<!-- steps of the grids in use -->"
"""Where a hand-written page wants the table."""


def steps(matrices: Iterable[Matrix]) -> str:
    """A Markdown table with a row for each of ``matrices``, or a sentence where there is none."""
    rows = list(dict.fromkeys(_row(matrix) for matrix in matrices))
    if not rows:
        return "No system is registered yet, so no grid is in use."
    head = ("Grid", *Effectiveness)
    return "\n".join([_line(head), _line("---" for _ in head), *map(_line, rows)])


def _row(matrix: Matrix) -> tuple[str, ...]:
    return (inert(matrix.title), *_moves(matrix))


def _moves(matrix: Matrix) -> Iterator[str]:
    for effectiveness in Effectiveness:
        if matrix.factors:
            yield f"score × {matrix.factors.factor[effectiveness]:g}"
        else:
            moved = matrix.moves.get(effectiveness, 0)
            yield f"{moved} step" if moved == 1 else f"{moved} steps"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""The map of likelihood and impact as an inline SVG that can be read, clicked and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from markupsafe import Markup

from riskkit.exporters._inert import inert
from riskkit.model import Entry, Matrix, Rating

CELL, LEFT, TOP = 60, 62, 4


def heat_map(
    entries: Iterable[Entry], matrix: Matrix, *, name: str, href: Callable[[Rating], str]
) -> Markup:
    """Residual ratings of ``entries`` on ``matrix``; a filled cell shows its count and links to its rows.

    ``name`` makes the ids of the picture unique on its page. Colour is never alone: every cell carries its count or the
    initial of its level, and the label of a link says likelihood, impact, level and count.
    """
    at = Counter((e.residual_rating.likelihood, e.residual_rating.impact) for e in entries)
    columns, rows = len(matrix.impact), len(matrix.likelihood)
    width, height = LEFT + columns * CELL + 4, TOP + rows * CELL + 40
    cells = [
        _cell(Rating(likelihood=row, impact=column), matrix, at[row, column], href)
        for row in range(rows, 0, -1)
        for column in range(1, columns + 1)
    ]
    return Markup(  # noqa: S704
        f'<svg class="rk-heat" viewBox="0 0 {width} {height}" role="group" aria-labelledby="{inert(name)}">'
        f'<title id="{inert(name)}">{sum(at.values())} risks by residual likelihood and impact</title>'
        f"{''.join(cells)}{_axes(rows, columns)}</svg>"
    )


def _cell(rating: Rating, matrix: Matrix, count: int, href: Callable[[Rating], str]) -> str:
    level = matrix.level(rating)
    x = LEFT + (rating.impact - 1) * CELL
    y = TOP + (len(matrix.likelihood) - rating.likelihood) * CELL
    box = f'<rect x="{x + 1.5}" y="{y + 1.5}" width="{CELL - 3}" height="{CELL - 3}" rx="4" class="rk-cell rk-fill-{level}"/>'
    if not count:
        return (
            f'<g class="rk-empty">{box}<text x="{x + CELL / 2}" y="{y + CELL / 2 + 4}" class="rk-initial rk-ink-{level}" '
            f'aria-hidden="true">{level.value[0].upper()}</text></g>'
        )
    label = (
        f"Likelihood {rating.likelihood}, impact {rating.impact}, {level}: {count} {'risk' if count == 1 else 'risks'}"
    )
    return (
        f'<a href="{inert(href(rating))}" aria-label="{inert(label)}">{box}'
        f'<text x="{x + CELL / 2}" y="{y + CELL / 2 + 7}" class="rk-count rk-ink-{level}">{count}</text></a>'
    )


def _axes(rows: int, columns: int) -> str:
    bottom = TOP + rows * CELL
    steps = [
        f'<text x="{LEFT + (i + 0.5) * CELL}" y="{bottom + 17}" class="rk-axis">{i + 1}</text>' for i in range(columns)
    ]
    steps += [
        f'<text x="{LEFT - 14}" y="{bottom - (i + 0.5) * CELL + 4}" class="rk-axis">{i + 1}</text>' for i in range(rows)
    ]
    middle = TOP + rows * CELL / 2
    return (
        "".join(steps) + f'<text x="{LEFT + columns * CELL / 2}" y="{bottom + 36}" class="rk-axis rk-axis-name">Impact</text>'
        f'<text transform="translate(24 {middle}) rotate(-90)" class="rk-axis rk-axis-name">Likelihood</text>'
    )

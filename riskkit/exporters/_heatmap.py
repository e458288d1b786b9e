"""The map of likelihood and impact as an inline SVG that can be read, clicked and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup

from riskkit.exporters._inert import inert
from riskkit.model import Entry, Matrix, Rating, Register

CELL, LEFT, TOP = 60, 62, 4


def heat_map(entries: Iterable[Entry], matrix: Matrix, *, name: str, href: Callable[[Rating], str]) -> Markup:
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
    return Markup(
        f'<svg class="rk-heat" viewBox="0 0 {width} {height}" role="group" aria-labelledby="{inert(name)}">'
        f'<title id="{inert(name)}">{sum(at.values())} risks by residual likelihood and impact</title>'
        f"{''.join(cells)}{_axes(rows, columns)}</svg>"
    )


def maps(register: Register, *, name: str, page: str) -> Iterator[tuple[Matrix, Markup]]:
    """A heat map for every matrix in use, its cells leading to ``page``: ratings on different scales do not compare."""
    for n, matrix in enumerate({p.matrix.id: p.matrix for p in register.projects}.values()):
        entries = [e for p in register.projects if p.matrix.id == matrix.id for e in p.entries]
        yield matrix, heat_map(entries, matrix, name=f"{name}-{n}", href=lambda r: f"{page}{cell_filter(r)}")


def cell_filter(rating: Rating) -> str:
    """The filter that shows the rows of one cell."""
    return f"#likelihood={rating.likelihood}&impact={rating.impact}"


def _cell(rating: Rating, matrix: Matrix, count: int, href: Callable[[Rating], str]) -> str:
    level = matrix.level(rating)
    x = LEFT + (rating.impact - 1) * CELL
    y = TOP + (len(matrix.likelihood) - rating.likelihood) * CELL
    box = f'<rect x="{x + 1.5}" y="{y + 1.5}" width="{CELL - 3}" height="{CELL - 3}" rx="4" class="rk-fill-{level}"/>'
    middle, ink = x + CELL / 2, f"rk-ink-{level}"
    if not count:
        initial = _text(middle, y + CELL / 2 + 4, f"rk-initial {ink}", level.value[0].upper())
        return f'<g class="rk-empty" aria-hidden="true">{box}{initial}</g>'
    risks = "1 risk" if count == 1 else f"{count} risks"
    label = f"Likelihood {rating.likelihood}, impact {rating.impact}, {level}: {risks}"
    number = _text(middle, y + CELL / 2 + 7, f"rk-count {ink}", str(count))
    return f'<a href="{inert(href(rating))}" aria-label="{inert(label)}">{box}{number}</a>'


def _axes(rows: int, columns: int) -> str:
    bottom = TOP + rows * CELL
    across = [_text(LEFT + (i + 0.5) * CELL, bottom + 17, "rk-axis", str(i + 1)) for i in range(columns)]
    up = [_text(LEFT - 14, bottom - (i + 0.5) * CELL + 4, "rk-axis", str(i + 1)) for i in range(rows)]
    impact = _text(LEFT + columns * CELL / 2, bottom + 36, "rk-axis rk-axis-name", "Impact")
    turn = f"translate(24 {TOP + rows * CELL / 2}) rotate(-90)"
    likelihood = f'<text transform="{turn}" class="rk-axis rk-axis-name">Likelihood</text>'
    return "".join([*across, *up, impact, likelihood])


def _text(x: float, y: float, kind: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{text}</text>'

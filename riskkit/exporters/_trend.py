"""The latest runs of one measure as a small picture, broken where the method changed."""

from __future__ import annotations

from markupsafe import Markup

from riskkit.exporters._inert import inert
from riskkit.exporters._words import day, number
from riskkit.model import Point

WIDTH, HEIGHT, MARGIN = 120, 34, 6


def trend(points: tuple[Point, ...]) -> Markup:
    """An SVG of value and interval of each run, oldest first; empty when fewer than two runs have a value.

    Points are joined only where one method made both, because two methods do not make a trend.
    """
    runs = [
        (p, p.value, p.low, p.high)
        for p in points
        if p.value is not None and p.low is not None and p.high is not None
    ]
    if len(runs) < 2:
        return Markup("")
    least, most = min(low for _, _, low, _ in runs), max(high for *_, high in runs)
    step = (WIDTH - 2 * MARGIN) / (len(runs) - 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (value - least) / ((most - least) or 1.0) * (HEIGHT - 2 * MARGIN), 1)

    bars = line = dots = breaks = ""
    for n, (point, value, low, high) in enumerate(runs):
        x = round(MARGIN + n * step, 1)
        bars += f"M{x} {y(low)}V{y(high)}"
        line += f"{'M' if n == 0 or point.breaks else 'L'}{x} {y(value)}"
        if point.breaks and n:
            breaks += f"M{round(x - step / 2, 1)} 1V{HEIGHT - 1}"
        dots += f'<circle cx="{x}" cy="{y(value)}" r="2.4"/>'
    said = (f"{number(v)} on {day(p.on)}{' by another method' if p.breaks else ''}" for p, v, _, _ in runs)
    return Markup(
        f'<svg class="rk-trend" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{inert("Latest runs: " + ", ".join(said))}">'
        f'<path class="rk-bars" d="{bars}"/><path class="rk-joined" d="{line}"/>{dots}'
        f'{f"""<path class="rk-break" d="{breaks}"/>""" if breaks else ""}</svg>'
    )

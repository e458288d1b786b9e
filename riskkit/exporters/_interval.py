"""A measurement beside its bound as a picture of one line: dot, interval, and the side that is not acceptable."""

from __future__ import annotations

from markupsafe import Markup

from riskkit.model import Indicator

WIDTH, HEIGHT, MARGIN = 168, 22, 8


def interval(indicator: Indicator) -> Markup:
    """An SVG of value, interval and threshold, hidden from screen readers because the same figures stand beside it.

    Empty when there is no value. The scale spans interval and bounds, so only positions on one line compare.
    """
    m, t = indicator.measurement, indicator.threshold
    if m is None or m.value is None or m.low is None or m.high is None:
        return Markup("")
    bounds = [b for b in (t.at_least, t.at_most) if b is not None] if t else []
    least, most = min(m.low, *bounds, m.value), max(m.high, *bounds, m.value)
    pad = (most - least) * 0.12 or abs(most) * 0.1 or 1.0
    least, most = least - pad, most + pad

    def x(value: float) -> float:
        return round(MARGIN + (value - least) / (most - least) * (WIDTH - 2 * MARGIN), 1)

    y = HEIGHT / 2
    parts = [f'<line class="rk-base" x1="{MARGIN}" y1="{y}" x2="{WIDTH - MARGIN}" y2="{y}"/>']
    if t and t.at_least is not None:
        parts.append(_beyond(MARGIN, x(t.at_least), x(t.at_least)))
    if t and t.at_most is not None:
        parts.append(_beyond(x(t.at_most), WIDTH - MARGIN, x(t.at_most)))
    low, high, value = x(m.low), x(m.high), x(m.value)
    parts.append(f'<path class="rk-range" d="M{low} {y}H{high}M{low} {y - 4}v8M{high} {y - 4}v8"/>')
    parts.append(f'<circle class="rk-value" cx="{value}" cy="{y}" r="3.6"/>')
    return Markup(  # noqa: S704
        f'<svg class="rk-interval rk-{indicator.verdict}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def _beyond(start: float, end: float, bound: float) -> str:
    """The stretch that is not acceptable, and the bound as a line."""
    return (
        f'<rect class="rk-beyond" x="{start}" y="3" width="{max(0, end - start):.1f}" height="{HEIGHT - 6}"/>'
        f'<line class="rk-bound" x1="{bound}" y1="1" x2="{bound}" y2="{HEIGHT - 1}"/>'
    )

"""A measurement beside its bound as a picture of one line: dot, interval, and the side that is not acceptable."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from riskkit.model import Indicator

WIDTH, HEIGHT, MARGIN = 168, 22, 8
MIDDLE = HEIGHT // 2


def interval(indicator: Indicator) -> Markup:
    """An SVG of value, interval and threshold, hidden from screen readers because the same figures stand beside it.

    Empty when there is no value. The scale spans interval and bounds, so only positions on one line compare.
    """
    m, t = indicator.measurement, indicator.threshold
    if m is None or m.value is None or m.low is None or m.high is None:
        return Markup("")
    bounds = [b for b in (t.at_least, t.at_most) if b is not None] if t else []
    x = _scale(min(m.low, m.value, *bounds), max(m.high, m.value, *bounds))
    parts = [f'<path class="rk-base" d="M{MARGIN} {MIDDLE}H{WIDTH - MARGIN}"/>']
    if t and t.at_least is not None:
        parts.append(_beyond(MARGIN, x(t.at_least)) + _bound(x(t.at_least)))
    if t and t.at_most is not None:
        parts.append(_beyond(x(t.at_most), WIDTH - MARGIN) + _bound(x(t.at_most)))
    low, high = x(m.low), x(m.high)
    parts.append(
        f'<path class="rk-range" d="M{low} {MIDDLE}H{high}M{low} {MIDDLE - 4}v8M{high} {MIDDLE - 4}v8"/>'
    )
    parts.append(f'<circle class="rk-value" cx="{x(m.value)}" cy="{MIDDLE}" r="3.6"/>')
    return Markup(
        f'<svg class="rk-interval rk-{indicator.verdict}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _scale(least: float, most: float) -> Callable[[float], float]:
    """Where a value lies across the picture, with a little room at both ends."""
    room = (most - least) * 0.12 or abs(most) * 0.1 or 1.0
    start, width = least - room, most - least + 2 * room
    return lambda value: round(MARGIN + (value - start) / width * (WIDTH - 2 * MARGIN), 1)


def _beyond(start: float, end: float) -> str:
    """The stretch that is not acceptable."""
    return f'<rect class="rk-beyond" x="{start}" y="3" width="{end - start:.1f}" height="{HEIGHT - 6}"/>'


def _bound(x: float) -> str:
    return f'<path class="rk-bound" d="M{x} 1V{HEIGHT - 1}"/>'

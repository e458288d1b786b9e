"""When duties of the EU AI Act bind a system that was on the market before they started."""

from __future__ import annotations

from datetime import date

from . import eu_annexes as annexes


def high_risk_from(
    tier: str, *, placed_on: date, redesigned_on: date | None = None, for_public_bodies: bool = False
) -> date | None:
    """The day from which a high-risk system is caught, or None while only a redesign would catch it.

    Art. 111(2): a system placed on the market before its tier's date is caught only by a significant change
    in design on or after that date; one meant for public authorities is caught from 2 August 2030 in any
    case.
    """
    start = annexes.STARTS[tier]
    if placed_on >= start:
        return placed_on
    caught = []
    if redesigned_on is not None and redesigned_on >= start:
        caught.append(redesigned_on)
    if for_public_bodies:
        caught.append(annexes.LEGACY_PUBLIC_END)
    return min(caught, default=None)


def marking_from(*, placed_on: date) -> date:
    """The day from which Art. 50(2) asks for machine-readable marking; Art. 111(4) gives older systems a grace."""
    early = placed_on < annexes.TRANSPARENCY_START
    return annexes.MARKING_GRACE_END if early else max(placed_on, annexes.TRANSPARENCY_START)


def model_duties_from(*, placed_on: date) -> date:
    """The day from which Art. 53 binds a general-purpose model; Art. 111(3) gives older models until August 2027."""
    early = placed_on < annexes.GPAI_START
    return annexes.GPAI_LEGACY_END if early else max(placed_on, annexes.GPAI_START)


def in_force(start: date | None, *, on: date) -> bool:
    """Whether a duty with this start binds on the day."""
    return start is not None and on >= start

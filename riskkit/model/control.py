"""Controls: what people do about a risk, and how much of it they claim."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Id, Name, Text


class Effectiveness(StrEnum):
    """How strongly a control acts, weakest first."""

    NONE = "none"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"
    STRONG = "strong"

    @property
    def rank(self) -> int:
        """0 for none to 4 for strong."""
        return _RANKS[self]


_RANKS = {effectiveness: rank for rank, effectiveness in enumerate(Effectiveness)}


class ControlStatus(StrEnum):
    """Where a control is in its life; only an active one can earn credit."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    ACTIVE = "active"
    DEGRADED = "degraded"
    RETIRED = "retired"


class IndependentReview(Frozen):
    """A person other than the developer looked at the control and vouches for it."""

    by: Text
    on: date
    document: Text


class Control(Frozen):
    """A mitigation of one project: an item of ``controls.yml``."""

    id: Id
    title: Text
    kind: Literal["preventive", "detective", "corrective", "directive"]
    status: ControlStatus
    acts_on: Literal["likelihood", "impact"]
    risks: tuple[Id, ...] = Field(min_length=1)
    effectiveness: Effectiveness = Field(description="as declared; credited only as far as evidence goes")
    evidence: tuple[Name, ...] = Field((), description="measures that show it works")
    owner: Text
    due: date | None = None
    reviewed: IndependentReview | None = None
    note: str = ""


class Controls(Frozen):
    """``controls.yml``."""

    controls: tuple[Control, ...] = ()

"""What can be decided: the types of decision, what each may be about, and how it can turn out."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .frozen import Frozen, Id, Name, Text


class DecisionType(StrEnum):
    """What was decided."""

    ACCEPT = "accept"
    MITIGATE = "mitigate"
    TRANSFER = "transfer"
    AVOID = "avoid"
    APPROVE_RELEASE = "approve_release"
    APPROVE_THRESHOLD = "approve_threshold"
    WAIVE_CHECK = "waive_check"
    OVERRIDE_RATING = "override_rating"
    CLOSE_FINDING = "close_finding"
    SUSPEND = "suspend"
    RETIRE = "retire"

    @property
    def must_expire(self) -> bool:
        """Whether it holds only until a date: acceptances, waivers and overrides do."""
        return self in {DecisionType.ACCEPT, DecisionType.WAIVE_CHECK, DecisionType.OVERRIDE_RATING}

    @property
    def by_two(self) -> bool:
        """Whether a system of tier 1 needs a second person to decide it."""
        return self.must_expire or self is DecisionType.APPROVE_RELEASE

    @property
    def about(self) -> tuple[str, ...]:
        """Which kinds of subject it may have."""
        return _ABOUT.get(self, ("risk",))


_ABOUT = {
    DecisionType.ACCEPT: ("risk", "threshold", "finding"),
    DecisionType.WAIVE_CHECK: ("risk", "threshold"),
    DecisionType.APPROVE_RELEASE: ("release",),
    DecisionType.APPROVE_THRESHOLD: ("threshold",),
    DecisionType.CLOSE_FINDING: ("finding",),
    DecisionType.SUSPEND: ("system",),
    DecisionType.RETIRE: ("system",),
}

LONGEST_DAYS = {1: 90, 2: 180, 3: 365}
"""How long an acceptance, waiver or override may last, by tier."""


class Outcome(StrEnum):
    """How it was decided."""

    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    REJECTED = "rejected"
    DEFERRED = "deferred"

    @property
    def approving(self) -> bool:
        """Whether the request was granted."""
        return self in {Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS}


class Subject(Frozen):
    """What a decision is about: exactly one of these."""

    risk: Id | None = None
    threshold: Name | None = Field(None, description="a measure whose threshold is approved")
    finding: Id | None = None
    release: Text | None = Field(None, description="a version of the system", examples=["2.1"])
    system: bool = Field(False, description="the system as a whole, for suspend and retire")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(map(bool, (self.risk, self.threshold, self.finding, self.release, self.system))) != 1:
            raise ValueError("name exactly one subject (risk, threshold, finding, release or system: true)")
        return self

    @property
    def kind(self) -> str:
        """Which of the fields it is: risk, threshold, finding, release or system."""
        return next(name for name in Subject.model_fields if getattr(self, name))

    def __str__(self) -> str:
        return str(self.risk or self.threshold or self.finding or self.release or "the system")

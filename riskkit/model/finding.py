"""Findings: what must be fixed, by whom, and whether somebody else agreed that it is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .frozen import Frozen, Id, Text


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    OBSERVATION = "observation"


class FindingStatus(StrEnum):
    """Where a finding is on its way to closure."""

    OPEN = "open"
    AGREED = "agreed"
    DISPUTED = "disputed"
    IN_REMEDIATION = "in_remediation"
    READY_FOR_VALIDATION = "ready_for_validation"
    CLOSED = "closed"
    ACCEPTED = "accepted"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self not in {FindingStatus.CLOSED, FindingStatus.ACCEPTED}


class Action(Frozen):
    """One step of a remedy."""

    text: Text
    owner: Text
    due: date
    done_on: date | None = None


class Finding(Frozen):
    """One file of ``findings/``."""

    id: Id
    title: Text
    severity: Severity
    status: FindingStatus
    risks: tuple[Id, ...] = ()
    observation: Text
    criteria: Text = Field(description="the clause or threshold it is held against")
    raised_by: Text
    raised_on: date
    owner: Text
    due: date
    actions: tuple[Action, ...] = ()
    response: Text | None = Field(None, description="what the developer says")
    validation_note: Text | None = Field(None, description="what the validator says")
    closed_by: Text | None = None
    closed_on: date | None = None
    reopened: int = Field(0, ge=0)
    incident: bool = Field(False, description="whether harm was done, which calls for a reassessment")

    @model_validator(mode="after")
    def _is_closed_by_somebody_else(self) -> Self:
        if self.status is FindingStatus.CLOSED and not (self.closed_by and self.closed_on):
            raise ValueError("a closed finding names closed_by and closed_on")
        if self.closed_by is not None and self.closed_by == self.owner:
            raise ValueError(f"closed_by is the owner {self.owner!r} (somebody else must close it)")
        return self

    def age_days(self, as_of: date) -> int:
        """Days it has been open, or was open until it was closed."""
        return max(0, ((self.closed_on or as_of) - self.raised_on).days)

    def overdue(self, as_of: date) -> bool:
        """Whether it is open past its due date."""
        return self.status.is_open and self.due < as_of

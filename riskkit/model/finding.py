"""Findings: what must be fixed, by whom, and whether somebody else agreed that it is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator

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
    closed_by: Text | None = Field(None, validate_default=True)
    closed_on: date | None = Field(None, validate_default=True)
    reopened: int = Field(0, ge=0)
    incident: bool = Field(False, description="whether harm was done, which calls for a reassessment")

    @field_validator("closed_by")
    @classmethod
    def _is_somebody_else(cls, person: str | None, info: ValidationInfo) -> str | None:
        if person is None and info.data.get("status") is FindingStatus.CLOSED:
            raise ValueError("is missing (a closed finding names who closed it)")
        if person is not None and person == info.data.get("owner"):
            raise ValueError(f"{person!r} is the owner (somebody else must close it)")
        return person

    @field_validator("closed_on")
    @classmethod
    def _comes_after_raising(cls, day: date | None, info: ValidationInfo) -> date | None:
        if day is None and info.data.get("status") is FindingStatus.CLOSED:
            raise ValueError("is missing (a closed finding says when)")
        raised_on = info.data.get("raised_on")
        if day is not None and raised_on is not None and day < raised_on:
            raise ValueError(f"{day} is before raised_on {raised_on}")
        return day

    def age_days(self, as_of: date) -> int:
        """Days it has been open, or was open until it was closed."""
        return max(0, ((self.closed_on or as_of) - self.raised_on).days)

    def overdue(self, as_of: date) -> bool:
        """Whether it is open past its due date."""
        return self.status.is_open and self.due < as_of

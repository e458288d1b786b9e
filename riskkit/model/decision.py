"""Decisions: what a person signed, about what, on which basis, until when."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .frozen import Frozen, Id, Name, Sha256, Text
from .rating import Rating


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


class DecisionState(StrEnum):
    """How a decision stands on a day; computed, never written down."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    OUTDATED = "outdated"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    ORPHANED = "orphaned"
    NOT_GRANTED = "not_granted"
    NOT_YET = "not_yet"

    @property
    def holds(self) -> bool:
        """Whether the decision may be relied on."""
        return self in {DecisionState.VALID, DecisionState.EXPIRING}


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

    def __str__(self) -> str:
        return str(self.risk or self.threshold or self.finding or self.release or "the system")


class Basis(Frozen):
    """Digests of what the decision was made on; a difference today makes it outdated."""

    row: Sha256
    evidence: Sha256
    thresholds: Sha256
    matrix: Sha256


class Condition(Frozen):
    """What must be done for the decision to stay."""

    text: Text
    due: date
    done_on: date | None = None


class Revocation(Frozen):
    """Who took a decision back, when and why."""

    by: Text
    on: date
    why: Text


class Decision(Frozen):
    """One sign-off: one file of ``decisions/``, superseded by another, never edited but to revoke it."""

    id: Id
    type: DecisionType
    subject: Subject
    requested_by: Text
    decided_by: Text
    second_decider: Text | None = None
    decided_on: date
    outcome: Outcome
    rationale: Text
    conditions: tuple[Condition, ...] = ()
    dissent: tuple[Text, ...] = ()
    expires_on: date | None = None
    basis: Basis | None = None
    rating: Rating | None = Field(
        None, description="the rating put in place of the computed one, for override_rating"
    )
    supersedes: Id | None = None
    revoked: Revocation | None = None

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Self:
        if self.decided_by == self.requested_by:
            raise ValueError(
                f"decided_by and requested_by are both {self.decided_by!r} (another person must decide)"
            )
        if self.second_decider in {self.decided_by, self.requested_by}:
            raise ValueError("second_decider must be a third person")
        if self.type.must_expire and self.expires_on is None:
            raise ValueError(
                f"expires_on is missing (a decision of type {self.type} holds only until a date)"
            )
        if self.expires_on is not None and self.expires_on <= self.decided_on:
            raise ValueError("expires_on is not after decided_on")
        if self.outcome is Outcome.APPROVED_WITH_CONDITIONS and not self.conditions:
            raise ValueError("approved_with_conditions names no conditions")
        if (self.type is DecisionType.OVERRIDE_RATING) != (self.rating is not None):
            raise ValueError("rating goes with override_rating, and with nothing else")
        if self.subject.risk and self.outcome.approving and self.basis is None:
            raise ValueError("basis is missing (riskkit decide drafts the file with the basis filled in)")
        return self


class Standing(Frozen):
    """A decision as it stands on a day."""

    decision: Decision
    state: DecisionState
    why: str
    file: str = Field(description="where the decision is written, relative to the workspace")

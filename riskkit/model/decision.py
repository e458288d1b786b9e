"""Decisions: what a person signed, about what, on which basis, until when."""

from __future__ import annotations

from datetime import date

from pydantic import Field, ValidationInfo, field_validator

from .frozen import Frozen, Id, Sha256, Text
from .rating import Rating
from .subject import DecisionType, Outcome, Subject


class Basis(Frozen):
    """Digests of what the decision was made on; a difference today makes it outdated.

    Only the parts a decision names are held against today: an approval of a threshold names ``thresholds`` alone.
    """

    row: Sha256 | None = None
    evidence: Sha256 | None = None
    thresholds: Sha256 | None = None
    matrix: Sha256 | None = None


PARTS = ("row", "evidence", "thresholds", "matrix")
"""The parts of a basis, in the order they are told."""


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
    conditions: tuple[Condition, ...] = Field((), validate_default=True)
    dissent: tuple[Text, ...] = ()
    expires_on: date | None = Field(None, validate_default=True)
    basis: Basis | None = Field(None, validate_default=True)
    rating: Rating | None = Field(None, validate_default=True)
    supersedes: Id | None = None
    revoked: Revocation | None = None

    @field_validator("subject")
    @classmethod
    def _suits_the_type(cls, subject: Subject, info: ValidationInfo) -> Subject:
        kind = info.data.get("type")
        if kind is not None and subject.kind not in kind.about:
            raise ValueError(f"a decision of type {kind} is about a {' or '.join(kind.about)}")
        return subject

    @field_validator("decided_by")
    @classmethod
    def _is_another_person(cls, person: str, info: ValidationInfo) -> str:
        if person == info.data.get("requested_by"):
            raise ValueError(f"{person!r} is requested_by too (another person must decide)")
        return person

    @field_validator("second_decider")
    @classmethod
    def _is_a_third_person(cls, person: str | None, info: ValidationInfo) -> str | None:
        if person is not None and person in {info.data.get("decided_by"), info.data.get("requested_by")}:
            raise ValueError(f"{person!r} decides or asks already (name a third person)")
        return person

    @field_validator("conditions")
    @classmethod
    def _are_named(cls, conditions: tuple[Condition, ...], info: ValidationInfo) -> tuple[Condition, ...]:
        if info.data.get("outcome") is Outcome.APPROVED_WITH_CONDITIONS and not conditions:
            raise ValueError("is empty, and the outcome is approved_with_conditions")
        return conditions

    @field_validator("expires_on")
    @classmethod
    def _ends_after_it_begins(cls, day: date | None, info: ValidationInfo) -> date | None:
        kind, decided_on = info.data.get("type"), info.data.get("decided_on")
        if day is None and kind is not None and kind.must_expire:
            raise ValueError(f"is missing (a decision of type {kind} holds only until a date)")
        if day is not None and decided_on is not None and day <= decided_on:
            raise ValueError(f"{day} is not after decided_on {decided_on}")
        return day

    @field_validator("basis")
    @classmethod
    def _names_what_was_looked_at(cls, basis: Basis | None, info: ValidationInfo) -> Basis | None:
        kind, subject, outcome = (info.data.get(name) for name in ("type", "subject", "outcome"))
        if kind is None or subject is None or outcome is None or not outcome.approving:
            return basis
        absent = [part for part in rests_on(kind, subject) if getattr(basis, part, None) is None]
        if absent:
            raise ValueError(f"has no digest of {', '.join(absent)} (riskkit decide fills it in)")
        return basis

    @field_validator("rating")
    @classmethod
    def _goes_with_an_override(cls, rating: Rating | None, info: ValidationInfo) -> Rating | None:
        kind = info.data.get("type")
        if kind is not None and (kind is DecisionType.OVERRIDE_RATING) != (rating is not None):
            raise ValueError("goes with override_rating, which needs it, and with nothing else")
        return rating


def rests_on(kind: DecisionType, subject: Subject) -> tuple[str, ...]:
    """The parts of the basis that an approving decision of this kind must name.

    A release is approved on the picture of all rows, so that a run with other figures and the same picture leaves it
    valid. Whoever suspends, retires or closes a finding needs no basis.
    """
    if kind is DecisionType.APPROVE_THRESHOLD:
        return ("thresholds",)
    if kind is DecisionType.APPROVE_RELEASE:
        return ("row", "thresholds", "matrix")
    if kind is DecisionType.ACCEPT and subject.finding is not None:
        return ("row",)
    if kind in {DecisionType.CLOSE_FINDING, DecisionType.SUSPEND, DecisionType.RETIRE}:
        return ()
    return PARTS if subject.risk is not None else ("row", "evidence", "thresholds")

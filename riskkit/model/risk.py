"""Risks: what can go wrong, to whom, and which evidence would show it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from .frozen import Frozen, Id, Name, Text
from .profile import Kind
from .rating import Rating

Link = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"']+$")]
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Category(StrEnum):
    """The families risks are grouped by; appetite is set for each."""

    FAIRNESS = "fairness"
    TRUTHFULNESS = "truthfulness"
    ROBUSTNESS = "robustness"
    SECURITY = "security"
    PRIVACY = "privacy"
    COST = "cost"
    LEGAL = "legal"
    TRANSPARENCY = "transparency"
    SOCIETY = "society"
    ENVIRONMENT = "environment"
    OPERATIONS = "operations"


class Harm(Frozen):
    """A published case in which the risk became real."""

    what: Text
    date: PartialDate
    source: Link


class Risk(Frozen):
    """A catalogue entry; asks for evidence by the names of measures, or says why nothing can be measured."""

    id: Id
    title: Text
    category: Category
    cause: Text
    event: Text
    consequence: Text
    who_is_hurt: Text
    applies_to: tuple[Kind, ...] = Field(min_length=1)
    default_rating: Rating = Field(
        description="before any control; a starting point until the owner rates it"
    )
    evidence: tuple[Name, ...] = ()
    evidence_with_threshold: tuple[Name, ...] = Field(
        (), description="measures only some systems can take: asked for where the profile sets a threshold"
    )
    not_measurable_reason: Text | None = None
    harms: tuple[Harm, ...] = Field(min_length=1)
    crosswalk: tuple[str, ...] = ()
    body: str = ""

    @model_validator(mode="after")
    def _asks_or_explains(self) -> Self:
        if bool(self.evidence) == bool(self.not_measurable_reason):
            raise ValueError("give either evidence or not_measurable_reason, not both and not neither")
        if twice := sorted({*self.evidence} & {*self.evidence_with_threshold}):
            raise ValueError(f"in both evidence and evidence_with_threshold: {', '.join(twice)}")
        return self

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that may speak for or against it."""
        return self.evidence + self.evidence_with_threshold

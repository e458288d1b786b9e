"""Law and frameworks: what may be required, of whom, and since when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Id, Name, Text


class AppliesWhen(Frozen):
    """Conditions on a project's facts: a list means or, different keys mean and, an absent key means any."""

    role: tuple[Name, ...] = ()
    jurisdiction: tuple[Name, ...] = ()
    sector: tuple[Name, ...] = ()
    use_case: tuple[Name, ...] = ()
    flags_all: tuple[Name, ...] = ()
    flags_any: tuple[Name, ...] = ()
    flags_none: tuple[Name, ...] = ()


class ExpectedEvidence(Frozen):
    """What would show that a requirement is looked after."""

    type: Literal["metric", "document", "attestation"]
    what: Text
    measure: Name | None = Field(None, description="for a metric: the measure that serves")


class Requirement(Frozen):
    """One requirement in our own words."""

    id: str
    title: Text
    citation: Text
    requirement: Text
    applies_when: AppliesWhen = AppliesWhen()
    applies_from: date | None = None
    status: Name = "in_force"
    evidence_expected: tuple[ExpectedEvidence, ...] = ()
    related: tuple[str, ...] = ()
    confidence: Literal["high", "medium", "low"] = "medium"
    note: str = ""


class Regulation(Frozen):
    """A law or framework: one file of the catalogue."""

    id: Id
    title: Text
    citation: Text
    status_date: date
    sources: tuple[Text, ...] = ()
    requirements: tuple[Requirement, ...]


class Vocabulary(Frozen):
    """The closed vocabulary of facts: key to meaning, and for a flag the question that asks for it."""

    role: dict[Name, str]
    jurisdiction: dict[Name, str]
    sector: dict[Name, str]
    use_case: dict[Name, str]
    flags: dict[Name, str]
    asks: dict[Name, str]


class Applicability(Frozen):
    """Whether a requirement concerns a project; ``asks`` names the flags that would decide an unknown."""

    requirement: str
    applies: Literal["yes", "no", "unknown", "later"]
    why: str
    asks: tuple[Name, ...] = ()


class Answer(Frozen):
    """What a person answered to a requirement in ``answers.yml``."""

    status: Literal["met", "partly", "gap", "not_applicable"]
    note: Text
    by: Text
    on: date
    document: str | None = None
    expires_on: date | None = None


class Answers(Frozen):
    """``answers.yml``: requirement id to answer."""

    answers: dict[str, Answer] = {}

"""What follows from the law for one project: applicability, tier, checklist, deadlines."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Name
from .law import DocumentState

Applies = Literal["yes", "no", "unknown", "later"]


class Applicability(Frozen):
    """Whether a requirement concerns a project; ``asks`` names the facts that would decide an unknown."""

    requirement: str
    applies: Applies
    why: str
    asks: tuple[Name, ...] = ()
    starts: date | None = Field(None, description="the day from which it applies, where that is known")


class ChecklistRow(Frozen):
    """One requirement of one project: whether it applies, how it stands, and what that rests on."""

    requirement: str
    framework: str
    title: str
    citation: str
    applies: Applies
    status: Literal["met", "partly", "gap", "not_assessed", "not_applicable"]
    basis: Literal["measurement", "answer", "crosswalk", "attestation", "facts", "nothing"] = Field(
        description="what the status rests on; an answer is weaker than a measurement, an attestation weaker still"
    )
    why: str
    by: str = ""
    on: date | None = None
    expires_on: date | None = None
    document: str = ""
    document_state: DocumentState = "none"
    document_sha256: str = Field("", description="of the file as it is now")
    document_named: date | None = None
    starts: date | None = None
    asks: tuple[Name, ...] = ()
    missing: tuple[str, ...] = Field((), description="evidence expected and not shown")
    served_by: tuple[str, ...] = Field(
        (), description="measures and requirements whose evidence is used here"
    )
    attested: tuple[str, ...] = Field((), description="questions answered in force whose answers serve it")
    unattested: tuple[str, ...] = Field(
        (), description="questions that serve it and are not answered in force"
    )
    confidence: str = ""


class QuestionRow(Frozen):
    """One question of one project: whether it is answered in force, by whom, and what the answer serves."""

    questionnaire: str
    section: str
    question: str
    ask: str
    why: str
    status: Literal["answered", "expired", "outdated", "open", "waiting", "not_asked"] = Field(
        description="outdated: its document changed or is gone; waiting: it hangs on a question not answered"
    )
    answer: str = ""
    by: str = ""
    on: date | None = None
    expires_on: date | None = None
    document: str = ""
    document_state: DocumentState = "none"
    document_sha256: str = Field("", description="of the file as it is now")
    document_named: date | None = None
    serves: dict[str, str] = Field({}, description="requirement id to the part of it that the answer serves")
    risks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Questionnaire and question: ``impact.process``."""
        return f"{self.questionnaire}.{self.question}"

    @property
    def unanswered(self) -> bool:
        """Whether an answer in force is missing; of a question that is not asked, none is."""
        return self.status in {"open", "expired", "outdated", "waiting"}


class EuClass(Frozen):
    """How the EU AI Act sees a system: its tier, what comes on top, and the path of reasons that leads there.

    ``tier`` is ``unknown`` while unanswered facts leave more than one tier open, and None for a model that is
    judged on the GPAI axis alone.
    """

    tier: Name | None
    basis: str
    overlays: tuple[Name, ...] = ()
    overlays_open: tuple[Name, ...] = Field((), description="overlays that unanswered facts leave open")
    filter: str | None = Field(None, description="the conditions of Art. 6(3) that take it out, such as a+d")
    gpai: Name
    applies_from: date | None = None
    possible: tuple[Name | None, ...] = Field(description="every tier the unanswered facts leave open")
    also_annex_iii: bool | None = Field(
        False, description="an Annex I A product that is an Annex III use too"
    )
    also_asks: tuple[Name, ...] = Field((), description="facts that would decide whether it is")
    tier_asks: tuple[Name, ...] = Field((), description="facts that would decide the tier")
    asks: tuple[Name, ...] = Field((), description="facts that would decide anything that is open")
    path: tuple[str, ...]


class Deadline(Frozen):
    """A date that matters, and why."""

    date: date
    what: str
    framework: str
    requirements: tuple[str, ...] = ()
    applies: Applies | None = Field(None, description="whether it concerns the project asked about")
    days: int = Field(description="from the day asked about; negative when it is past")
    confidence: str = ""


class Duties(Frozen):
    """What follows from the law for one project on one day."""

    eu: EuClass
    rows: tuple[ChecklistRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    deadlines: tuple[Deadline, ...] = ()

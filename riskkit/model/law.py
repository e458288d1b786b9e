"""Law and frameworks: what may be required, of whom, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator

from .frozen import Frozen, Id, Name, Sha256, Text

Confidence = Literal["high", "medium", "low"]
Relation = Literal["equal", "subset", "superset", "intersects"]
LONGEST_ANSWER = 4000
"""Characters of an answer in words."""


class AppliesWhen(Frozen):
    """Conditions on a project's facts: a list means or, different keys mean and, an absent key means any."""

    role: tuple[Name, ...] = ()
    jurisdiction: tuple[Name, ...] = Field((), description="'any' for a framework without territorial limit")
    sector: tuple[Name, ...] = ()
    use_case: tuple[Name, ...] = ()
    eu_tier: tuple[Name, ...] = Field((), description="tiers of the EU AI Act, worked out from the facts")
    flags_all: tuple[Name, ...] = ()
    flags_any: tuple[Name, ...] = ()
    flags_none: tuple[Name, ...] = ()
    condition: str = Field("", description="a further condition that no fact of the vocabulary expresses")


class ExpectedEvidence(Frozen):
    """What would show that a requirement is looked after."""

    type: Literal["metric", "document", "attestation"]
    what: Text
    measure: Name | None = Field(None, description="for a metric: the measure that serves")
    also: tuple[Name, ...] = Field((), description="for a metric: other measures that serve as well")

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that serves."""
        return ((self.measure,) if self.measure else ()) + self.also


class Clock(Frozen):
    """A period the requirement sets, such as at most 72 hours to notify a breach."""

    what: Text
    value: int
    sense: Text


class Grace(Frozen):
    """A later start for those that the flag holds for."""

    flag: Name
    until: date
    why: Text


class Requirement(Frozen):
    """One requirement in our own words."""

    id: str
    title: Text
    citation: Text
    requirement: Text
    kind: Name = Field("requirement", description="what sort of item, such as control, guidance or penalty")
    group: str = Field("", description="the part of the framework it belongs to")
    applies_when: AppliesWhen = AppliesWhen()
    or_when: tuple[AppliesWhen, ...] = Field((), description="further conditions, any of which is enough")
    applies_from: date | None = None
    applies_from_by_tier: dict[Name, date] = Field({}, description="where the EU tier moves the start")
    grace: Grace | None = None
    status: Name = "in_force"
    ended_on: date | None = Field(None, description="the day it was repealed, withdrawn or replaced")
    superseded_by: str | None = None
    amended_on: date | None = None
    evidence_expected: tuple[ExpectedEvidence, ...] = ()
    topics: tuple[Name, ...] = Field((), description="of the crosswalk: one piece of evidence may serve all")
    related: tuple[str, ...] = ()
    relations: dict[str, Relation] = Field({}, description="what a related id is to this; else intersects")
    clocks: tuple[Clock, ...] = ()
    parts: tuple[Text, ...] = Field((), description="the parts it has, where it lists them")
    tags: tuple[str, ...] = Field((), description="ids of the framework's own index")
    confidence: Confidence = "medium"
    note: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that serves any of the evidence it asks for."""
        return tuple(dict.fromkeys(m for e in self.evidence_expected for m in e.measures))


class Milestone(Frozen):
    """A date in the life of a law, and the requirements it matters to."""

    date: date
    what: Text
    requirements: tuple[str, ...] = ()
    confidence: Confidence = "medium"


class Penalty(Frozen):
    """The ceiling of a fine: an amount, a share of worldwide turnover, and which of the two counts."""

    id: str
    citation: Text
    breach: Text
    max_eur: int
    max_turnover_pct: float | None = None
    rule: Literal["higher of", "lower of", "cap"]
    sme_rule: Literal["higher of", "lower of", "cap"] = Field(description="for SMEs and small mid-caps")
    confidence: Confidence = "medium"
    note: str = ""


class Guidance(Frozen):
    """A document that says how a law is read."""

    what: Text
    reference: Text
    date: str = ""
    status: Text
    confidence: Confidence = "medium"


class IndexEntry(Frozen):
    """An id the framework has and we give no own words for."""

    id: str
    title: str = ""
    tags: tuple[str, ...] = ()


class Regulation(Frozen):
    """A law or framework: one file of the catalogue."""

    id: Id
    title: Text
    citation: Text
    status_date: date
    sources: tuple[Text, ...] = ()
    locators: tuple[Text, ...] = Field((), description="where the official text can be checked")
    how_known: str = ""
    licence: str = ""
    notes: dict[Name, Text] = Field({}, description="what else one must know, by subject")
    lists: dict[Name, tuple[Text, ...]] = Field({}, description="lists the framework defines, by subject")
    milestones: tuple[Milestone, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    requirements: tuple[Requirement, ...]
    index: tuple[IndexEntry, ...] = ()


class Vocabulary(Frozen):
    """The closed vocabulary of facts: key to meaning, and for a flag the question that asks for it."""

    role: dict[Name, str]
    jurisdiction: dict[Name, str]
    sector: dict[Name, str]
    use_case: dict[Name, str]
    flags: dict[Name, str]
    asks: dict[Name, str]
    eu_tier: dict[Name, str] = {}
    eu_overlay: dict[Name, str] = {}
    eu_gpai: dict[Name, str] = {}
    status: dict[Name, str] = {}
    evidence: dict[Name, str] = {}
    confidence: dict[Name, str] = {}


class Crosswalk(Frozen):
    """What the topics are that requirements of several frameworks share."""

    meaning: Text
    topics: dict[Name, Text]


Documents = Mapping[str, str | None]
"""Path of a file that an answer rests on to its SHA-256 now; None when the file is not there."""
DocumentState = Literal["none", "words", "not_noted", "as_named", "changed", "gone"]
"""How a document stands: ``words`` are no file; of a file that is ``not_noted``, a change would not be seen."""


class Answer(Frozen):
    """What a person answered to a requirement in ``answers.yml``."""

    status: Literal["met", "partly", "gap", "not_applicable"]
    note: Text
    by: Text
    on: date
    document: str | None = Field(
        None, max_length=400, description="a file of the project, or the title of what is kept elsewhere"
    )
    document_sha256: Sha256 | None = Field(
        None, description="of the file when it was named; once the file is another, the answer does not count"
    )
    expires_on: date | None = None


Plain = bool | int | float | str | tuple[str, ...]


def _plain(value: object) -> Plain:
    """A truth value, a number, text, or a list of texts, as the question wants it."""
    if isinstance(value, list | tuple) and value and all(isinstance(v, str) and v.strip() for v in value):
        return tuple(v.strip() for v in value)
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_ANSWER:
        return value.strip()
    if isinstance(value, bool | int | float):
        return value
    raise ValueError("is no answer: true, false, a number, text or a list of texts is wanted")


def _bare(value: Plain) -> object:
    """The answer as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


class Reply(Frozen):
    """What a person answered to a question of a questionnaire in ``answers.yml``: an attestation."""

    answer: Annotated[Plain, PlainValidator(_plain), PlainSerializer(_bare)]
    by: Text
    on: date
    document: str | None = Field(
        None, max_length=400, description="a file of the project, or the title of what is kept elsewhere"
    )
    document_sha256: Sha256 | None = Field(
        None, description="of the file when it was named; once the file is another, the answer does not count"
    )
    expires_on: date | None = None

    @property
    def words(self) -> str:
        """The answer as a reader writes it."""
        if isinstance(self.answer, bool):
            return "yes" if self.answer else "no"
        if isinstance(self.answer, tuple):
            return "; ".join(self.answer)
        return f"{self.answer:,}" if isinstance(self.answer, int | float) else self.answer


class Answers(Frozen):
    """``answers.yml``: requirement id to answer, and questionnaire to question to reply."""

    answers: dict[str, Answer] = {}
    questionnaires: dict[Name, dict[Name, Reply]] = {}

"""The checklist of a project: every requirement, whether it applies, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from ..errors import UsageError
from ..model import (
    Answer,
    Answers,
    Applicability,
    ChecklistRow,
    Documents,
    Facts,
    Measurement,
    Questionnaire,
    QuestionRow,
    Regulation,
    Requirement,
)
from .applies import applicabilities
from .eu_ai_act import classify
from .in_force import NO_DOCUMENTS, failing, shown_document
from .links import link
from .questions import questions, serving
from .standing import Standing, standing


def checklist(
    regulations: Iterable[Regulation],
    facts: Facts,
    answers: Answers,
    *,
    as_of: date,
    frameworks: Iterable[str] | None = None,
    measured: Mapping[str, str] | None = None,
    questionnaires: Iterable[Questionnaire] = (),
    documents: Documents = NO_DOCUMENTS,
) -> tuple[ChecklistRow, ...]:
    """One row a requirement of ``frameworks`` (all of ``regulations`` when None), in the order of their files.

    ``measured`` is the verdict of each measure taken, and answers to ``questionnaires`` serve the requirements that
    the questions name. Answers count while their ``documents`` are as they were when named. Evidence may serve
    requirements of other frameworks than its own: the crosswalk is over all of ``regulations``, listed or not.

    Raises
    ------
    UsageError
        When a framework is not among ``regulations``.
    """
    known = {regulation.id: regulation for regulation in regulations}
    wanted = tuple(known) if frameworks is None else tuple(dict.fromkeys(frameworks))
    strange = sorted(set(wanted) - set(known))
    if strange:
        raise UsageError(f"there is no framework {', '.join(strange)} (known: {', '.join(known) or 'none'})")
    listed = [(name, requirement) for name in wanted for requirement in known[name].requirements]
    found = applicabilities((r for _, r in listed), facts, as_of=as_of, eu=classify(facts))
    asked = serving(questions(questionnaires, answers, as_of=as_of, documents=documents))
    failed = {name: failing(answer, documents, as_of=as_of) for name, answer in answers.answers.items()}
    shown = partial(
        standing,
        answers={name: answer for name, answer in answers.answers.items() if not failed[name]},
        lapsed={name: why for name, why in failed.items() if why},
        measured=measured or {},
        links=link(known.values()),
    )

    def named(answer: Answer | None, requirement: str) -> dict[str, object]:
        return shown_document(answer or answers.answers.get(requirement), documents)

    return tuple(
        _row(name, requirement, found[requirement.id], asked.get(requirement.id, ()), shown, named)
        for name, requirement in listed
    )


def _row(
    framework: str,
    requirement: Requirement,
    found: Applicability,
    asked: tuple[QuestionRow, ...],
    shown: Callable[..., Standing],
    named: Callable[[Answer | None, str], dict[str, object]],
) -> ChecklistRow:
    about: dict[str, object] = {
        "requirement": requirement.id,
        "framework": framework,
        "title": requirement.title,
        "citation": requirement.citation,
        "applies": found.applies,
        "starts": found.starts,
        "asks": found.asks,
        "confidence": requirement.confidence,
    }
    if found.applies == "no":
        return ChecklistRow(**about, status="not_applicable", basis="facts", why=found.why)
    stands = shown(requirement, asked=asked)
    about["attested"] = tuple(row.name for row in asked if row.status == "answered")
    about["unattested"] = tuple(row.name for row in asked if row.unanswered)
    return ChecklistRow(**about, **_told(stands, found), **named(stands.answer, requirement.id))


def _told(stands: Standing, found: Applicability) -> dict[str, object]:
    """The fields a standing gives; only a person's own answer counts while it is unknown whether it applies."""
    status, why = stands.status, stands.why
    if found.applies == "unknown" and stands.basis != "answer":
        status = "not_assessed"
        why = f"whether it applies is unknown ({found.why}); {why}"
    answer = stands.answer
    return {
        "status": status,
        "basis": stands.basis,
        "why": why,
        "by": answer.by if answer else "",
        "on": answer.on if answer else None,
        "expires_on": answer.expires_on if answer else None,
        "missing": stands.missing,
        "served_by": stands.served_by,
    }


def concerning(rows: Iterable[ChecklistRow]) -> tuple[ChecklistRow, ...]:
    """The rows that concern the project today or may: applicable, or not known to be."""
    return tuple(row for row in rows if row.applies in {"yes", "unknown"})


def not_covered(rows: Iterable[ChecklistRow]) -> tuple[ChecklistRow, ...]:
    """The ledger of what nothing covers yet: rows that concern the project and are not assessed."""
    return tuple(row for row in concerning(rows) if row.status == "not_assessed")


def requirements_with_gap(rows: Iterable[ChecklistRow]) -> Measurement:
    """How many of the rows that concern the project stand at gap or partly: what is left to do."""
    return _count("requirements_with_gap", concerning(rows), {"gap", "partly"})


def requirements_not_assessed(rows: Iterable[ChecklistRow]) -> Measurement:
    """How many of the rows that concern the project are not assessed, unknown applicability included."""
    return _count("requirements_not_assessed", concerning(rows), {"not_assessed"})


def _count(measure: str, rows: tuple[ChecklistRow, ...], statuses: set[str]) -> Measurement:
    """A plain count: the interval is the number itself, for nothing is sampled."""
    if not rows:
        return Measurement(
            measure=measure, value=None, n=0, unit="requirements", method="count of the checklist",
            undefined="no requirement of the chosen frameworks concerns the project",
        )  # fmt: skip
    number = float(sum(row.status in statuses for row in rows))
    return Measurement(
        measure=measure, value=number, low=number, high=number, n=len(rows), unit="requirements",
        method="count of the checklist",
    )  # fmt: skip


def unknown_answers(answers: Answers, regulations: Iterable[Regulation]) -> tuple[str, ...]:
    """Ids answered that no requirement has: an answer under a misspelt id would count for nothing."""
    known = {requirement.id for regulation in regulations for requirement in regulation.requirements}
    return tuple(sorted(set(answers.answers) - known))

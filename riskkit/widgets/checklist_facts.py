"""What the checklist form shows: facts, requirements and questions of one project, each with how it stands and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from riskkit import law
from riskkit.model import Catalog, ChecklistRow, Project, Question, QuestionRow
from riskkit.widgets.twin import Facts

Entry = tuple[dict[str, str], str]
"""The fields of an answer as texts, and its mark."""
STATUSES = ("met", "partly", "gap", "not_applicable")
APPLIES = {"yes": "applies", "unknown": "may apply", "later": "applies later", "no": "does not apply"}
COUNTED = {"yes": "apply", "unknown": "may apply", "later": "apply later", "no": "do not apply"}


def facts(
    project: Project,
    catalog: Catalog,
    *,
    as_of: date,
    frameworks: tuple[str, ...],
    begun: Mapping[str, Mapping[str, str]],
    entry: Callable[[str], Entry],
) -> Facts:
    """Groups of items, as plain values: the facts that decide, one group a framework, one a questionnaire."""
    asked = catalog.questionnaires.values()
    rows = law.checklist(
        catalog.regulations.values(),
        project.profile.facts,
        project.answers,
        as_of=as_of,
        frameworks=frameworks or None,
        questionnaires=asked,
    )
    questions = law.questions(asked, project.answers, as_of=as_of)
    why = _concerns(project, catalog, rows, as_of)
    groups = [_deciding(project, catalog, rows)]
    groups += [
        _framework(name, group, catalog, why) for name, group in _by(rows, lambda row: row.framework).items()
    ]
    groups += [
        _questionnaire(name, group, catalog)
        for name, group in _by(questions, lambda q: q.questionnaire).items()
    ]
    for item in (item for group in groups for item in group["items"]):
        item["fields"], item["mark"] = entry(item["key"])
        item["begun"] = dict(begun.get(item["key"], {}))
    return {
        "project": project.profile.id,
        "as_of": as_of.isoformat(),
        "groups": [group for group in groups if group["items"] or group.get("away")],
        "progress": progress(rows, questions, begun),
    }


def _concerns(
    project: Project, catalog: Catalog, rows: Iterable[ChecklistRow], as_of: date
) -> dict[str, str]:
    """Why each requirement that applies, or will, does so."""
    facts, eu = project.profile.facts, law.classify(project.profile.facts)
    return {
        row.requirement: law.applicability(
            catalog.requirements[row.requirement], facts, as_of=as_of, eu=eu
        ).why
        for row in rows
        if row.applies in ("yes", "later")
    }


def progress(
    rows: Iterable[ChecklistRow], questions: Iterable[QuestionRow], begun: Mapping[str, Any]
) -> list[tuple[str, int]]:
    """Counts, in the order in which they are told; what is unanswered counts as that and as nothing else."""
    concern = law.concerning(rows)
    stands: Counter[str] = Counter(row.status for row in concern)
    asked = [q for q in questions if q.status != "not_asked"]
    return [
        ("requirements concern the system, or may", len(concern)),
        *((words(status), stands[status]) for status in ("met", "partly", "gap", "not_assessed")),
        ("may apply: a fact is not answered", sum(row.applies == "unknown" for row in concern)),
        ("questions are asked", len(asked)),
        ("questions have no answer in force", sum(q.unanswered for q in asked)),
        ("answers are begun and not in the file", len(begun)),
    ]


def words(value: object) -> str:
    """A plain value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value).replace("not_assessed", "not assessed")


def _deciding(project: Project, catalog: Catalog, rows: Iterable[ChecklistRow]) -> dict[str, Any]:
    """Facts that are not answered and would decide something, most first; then those that are answered."""
    waiting = Counter(name for row in rows for name in row.asks)
    flags, asks = project.profile.facts.flags, catalog.vocabulary.asks
    names = [name for name, _ in waiting.most_common() if name in catalog.vocabulary.flags]
    names += [name for name in flags if name not in names]
    items = [
        {
            "key": f"fact.{name}",
            "kind": "yes_no",
            "title": asks.get(name) or catalog.vocabulary.flags.get(name, name),
            "status": words(flags[name]) if name in flags else "unknown",
            "why": f"would decide whether {waiting[name]} requirements apply" if waiting[name] else "",
            "group": "open" if name not in flags else "answered",
        }
        for name in names
    ]
    by_hand = sorted(name for name in waiting if name not in catalog.vocabulary.flags)
    note = f"To be written in profile.yml by hand: facts.{', facts.'.join(by_hand)}." if by_hand else ""
    still = sum(item["status"] == "unknown" for item in items)
    return {
        "id": "facts",
        "title": "Facts that decide what applies",
        "about": f"They stand in profile.yml. An unanswered fact leaves requirements open. {note}".strip(),
        "counts": f"{len(items) - still} answered, {still} unknown",
        "items": items,
    }


def _framework(
    name: str, rows: list[ChecklistRow], catalog: Catalog, why: Mapping[str, str]
) -> dict[str, Any]:
    applies: Counter[str] = Counter(r.applies for r in rows)
    stands: Counter[str] = Counter(r.status for r in law.concerning(rows))
    told = [f"{applies[a]} {what}" for a, what in COUNTED.items() if applies[a]]
    told += [f"{stands[s]} {words(s)}" for s in ("met", "partly", "gap", "not_assessed") if stands[s]]
    return {
        "id": name,
        "title": catalog.regulations[name].title,
        "about": f"{catalog.regulations[name].citation}. In our own words; not legal advice.",
        "counts": ", ".join(told),
        "items": [_item(row, catalog, why.get(row.requirement, "")) for row in rows if row.applies != "no"],
        "away": [[row.requirement, row.title, row.why, row.citation] for row in rows if row.applies == "no"],
    }


def _item(row: ChecklistRow, catalog: Catalog, concerns: str) -> dict[str, Any]:
    asked = catalog.requirements[row.requirement]
    return {
        "key": row.requirement,
        "kind": "requirement",
        "title": row.title,
        "text": asked.requirement,
        "citation": row.citation,
        "evidence": [evidence.what for evidence in asked.evidence_expected],
        "applies": APPLIES[row.applies],
        "concerns": concerns,
        "status": words(row.status).replace("_", " "),
        "why": row.why,
        "by": row.by,
        "on": str(row.on or ""),
        "asks": list(row.asks),
    }


def _questionnaire(name: str, rows: list[QuestionRow], catalog: Catalog) -> dict[str, Any]:
    one = catalog.questionnaires[name]
    known = {question.id: question for question in one.questions}
    still = sum(row.unanswered for row in rows)
    asked = sum(row.status != "not_asked" for row in rows)
    return {
        "id": name,
        "title": one.title,
        "about": one.about,
        "counts": f"{asked} asked, {asked - still} answered, {still} without an answer in force",
        "items": [_question(row, known[row.question]) for row in rows],
    }


def _question(row: QuestionRow, asked: Question) -> dict[str, Any]:
    return {
        "key": row.name,
        "kind": asked.kind,
        "choices": list(asked.choices),
        "unit": asked.unit,
        "title": row.ask,
        "text": row.why,
        "citation": ", ".join(f"{name} {part}".strip() for name, part in row.serves.items()),
        "status": row.status.replace("_", " "),
        "why": f"asked when {asked.asked_when} is answered yes" if asked.asked_when else "",
        "by": row.by,
        "on": str(row.on or ""),
    }


def _by(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found

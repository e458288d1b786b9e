"""The calendar: what starts, ends or expires when, for the whole catalogue or for one project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ..model import Answers, Applicability, Deadline, Facts, Regulation, Requirement
from .applies import GONE, NOT_LAW_YET, applicabilities
from .eu_ai_act import classify

NO_DEADLINE = GONE | NOT_LAW_YET | {"voluntary"}
"""States whose first day is no deadline: nobody is bound by it."""


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happens to requirements on a day."""

    on: date
    what: str
    requirements: tuple[str, ...]
    confidence: str


def calendar(
    regulations: Iterable[Regulation],
    *,
    as_of: date,
    facts: Facts | None = None,
    answers: Answers | None = None,
) -> tuple[Deadline, ...]:
    """Every date of ``regulations``, past ones included, in order; ``days`` counts from ``as_of``.

    With ``facts``, only what concerns that project or may; with ``answers``, also the days on which they expire.
    """
    laws = tuple(regulations)
    found = _found(laws, facts, as_of) if facts is not None else None
    deadlines = [
        deadline
        for law in laws
        for event in (*_milestones(law, found), *_starts(law, found), *_graces(law), *_ends(law))
        for deadline in _deadline(law, event, found, as_of)
    ]
    deadlines += _expiries(laws, answers or Answers(), as_of)
    return tuple(sorted(deadlines, key=lambda d: (d.date, d.framework, d.what)))


def _found(laws: Iterable[Regulation], facts: Facts, as_of: date) -> dict[str, Applicability]:
    wanted = (requirement for law in laws for requirement in law.requirements)
    return applicabilities(wanted, facts, as_of=as_of, eu=classify(facts))


def _deadline(
    law: Regulation, event: _Event, found: dict[str, Applicability] | None, as_of: date
) -> Iterator[Deadline]:
    """The event as a deadline, unless it concerns nothing of the project's."""
    concerned = event.requirements
    applies = None
    if found is not None:
        concerned = tuple(name for name in concerned if found[name].applies != "no")
        answers = {found[name].applies for name in concerned}
        applies = "unknown" if answers == {"unknown"} else "later" if event.on > as_of else "yes"
    if concerned or found is None:
        yield Deadline(
            date=event.on,
            what=event.what,
            framework=law.id,
            requirements=concerned,
            applies=applies,
            days=(event.on - as_of).days,
            confidence=event.confidence,
        )


def _milestones(law: Regulation, found: dict[str, Applicability] | None) -> Iterator[_Event]:
    """The law's own dates; a requirement whose start the project's tier moves is left out of the usual one."""
    usual = {requirement.id: requirement.applies_from for requirement in law.requirements}
    for milestone in law.milestones:
        moved = {
            name
            for name in milestone.requirements
            if found and usual[name] == milestone.date and found[name].starts not in {None, milestone.date}
        }
        kept = tuple(name for name in milestone.requirements if name not in moved)
        yield _Event(milestone.date, milestone.what, kept, milestone.confidence)


def _starts(law: Regulation, found: dict[str, Applicability] | None) -> Iterator[_Event]:
    """One event a day on which requirements start, leaving out what a milestone of that day already names."""
    days = {r.id: found[r.id].starts if found else r.applies_from for r in law.requirements}
    binding = [
        r for r in law.requirements if r.status not in NO_DEADLINE and (days[r.id], r.id) not in _named(law)
    ]
    return _by_day(binding, days, "starts to apply: {titles}")


def _graces(law: Regulation) -> Iterator[_Event]:
    days = {r.id: r.grace.until if r.grace else None for r in law.requirements}
    graced = [r for r in law.requirements if (days[r.id], r.id) not in _named(law)]
    return _by_day(graced, days, "grace ends: {titles}")


def _ends(law: Regulation) -> Iterator[_Event]:
    days = {r.id: r.ended_on for r in law.requirements}
    return _by_day(law.requirements, days, "no longer current: {titles}")


def _named(law: Regulation) -> set[tuple[date | None, str]]:
    """Days and requirements that a milestone already names together."""
    return {(milestone.date, name) for milestone in law.milestones for name in milestone.requirements}


def _by_day(
    requirements: Iterable[Requirement], days: Mapping[str, date | None], what: str
) -> Iterator[_Event]:
    """One event a day, naming all requirements of that day; as sure as the least sure of them."""
    groups: dict[date, list[Requirement]] = {}
    for requirement in requirements:
        day = days[requirement.id]
        if day is not None:
            groups.setdefault(day, []).append(requirement)
    for day, group in groups.items():
        titles = "; ".join(
            f"{r.title} (see {r.superseded_by})" if r.superseded_by else r.title for r in group
        )
        least = max((r.confidence for r in group), key=("high", "medium", "low").index)
        yield _Event(day, what.format(titles=titles), tuple(r.id for r in group), least)


def _expiries(laws: Iterable[Regulation], answers: Answers, as_of: date) -> Iterator[Deadline]:
    frameworks = {requirement.id: law.id for law in laws for requirement in law.requirements}
    for name, answer in answers.answers.items():
        if answer.expires_on and name in frameworks:
            yield Deadline(
                date=answer.expires_on,
                what=f"the answer by {answer.by} expires",
                framework=frameworks[name],
                requirements=(name,),
                days=(answer.expires_on - as_of).days,
            )
    for questionnaire, replies in answers.questionnaires.items():
        for question, reply in replies.items():
            if reply.expires_on:
                yield Deadline(
                    date=reply.expires_on,
                    what=f"the answer by {reply.by} to {questionnaire}.{question} expires",
                    framework=questionnaire,
                    days=(reply.expires_on - as_of).days,
                )

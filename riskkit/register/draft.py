"""A decision drafted: the file a person completes, with what it rests on filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from riskkit.errors import printable
from riskkit.model import (
    LONGEST_DAYS,
    Basis,
    DecisionState,
    DecisionType,
    Entry,
    ProjectRegister,
    Subject,
    rests_on,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a decision before anybody signs it; who decides, and how, is never part of it."""

    requested_by: str = ""
    rationale: str = ""
    expires_on: str = ""
    conditions: tuple[tuple[str, date], ...] = ()


def draft(
    project: ProjectRegister,
    subject: Subject,
    *,
    kind: DecisionType,
    basis: Basis,
    as_of: date,
    said: Said | None = None,
) -> str:
    """The text of a decision file that counts for nothing until a person has filled in and signed it."""
    said = said or Said()
    lines = [
        "# Draft. It counts once the open fields below are filled in and it is committed.",
        *(f"# {printable(line)}" for line in _about(project, subject)),
        f"type: {kind}",
        f"subject: {{{subject.kind}: {_scalar(subject)}}}",
        _open("requested_by", said.requested_by, "who asks"),
        'decided_by: ""          # who decides: another person',
        *_second(project, kind),
        f"decided_on: {as_of}",
        'outcome: ""             # approved, approved_with_conditions, rejected or deferred',
        _open("rationale", said.rationale, "why"),
        *_conditions(said),
        "dissent: []             # who disagreed, and why",
        *_end(project, kind, as_of, said),
        *_rating(kind),
        *_place(project, subject, kind),
        *_basis(kind, subject, basis),
    ]
    return "\n".join(lines) + "\n"


def _scalar(subject: Subject) -> str:
    return "true" if subject.system else json.dumps(str(subject), ensure_ascii=False)


def _about(project: ProjectRegister, subject: Subject) -> Iterator[str]:
    """What the register says today of the subject, for whoever signs."""
    entry = next((e for e in project.entries if e.risk.id == subject.risk), None)
    if entry is not None:
        yield from _about_row(entry)
    for indicator in (*project.aside, *(i for e in project.entries for i in e.indicators)):
        if indicator.measure == subject.threshold:
            yield f"{indicator.measure} is {indicator.verdict}: {indicator.judgement.why}"
    finding = next((f for f in project.findings if f.id == subject.finding), None)
    if finding is not None:
        yield f"{finding.severity} finding, {finding.status}: {finding.title}"
    if subject.release:
        outside = sum(not e.passes for e in project.entries)
        yield f"{len(project.entries)} risks, of which {outside} are not met within appetite and not covered"


def _about_row(entry: Entry) -> Iterator[str]:
    yield f"{entry.risk.title}: residual {entry.level}, inherent {entry.inherent}, verdict {entry.verdict}"
    yield f"within appetite: {entry.within_appetite}"
    yield from (f"  {why}" for why in entry.why)


def _second(project: ProjectRegister, kind: DecisionType) -> Iterator[str]:
    if project.profile.tier.tier == 1 and kind.by_two:
        yield 'second_decider: ""      # a third person: tier 1'


def _open(name: str, value: str, help: str) -> str:
    """A field with its value, or empty with a hint."""
    return f"{name}: {json.dumps(value, ensure_ascii=False)}" + (
        "" if value else f"{' ' * (20 - len(name))}# {help}"
    )


def _conditions(said: Said) -> Iterator[str]:
    if not said.conditions:
        yield "conditions: []          # - {text: what must be done, due: 2026-12-31}"
        return
    yield "conditions:"
    yield from (
        f"  - {{text: {json.dumps(text, ensure_ascii=False)}, due: {due}}}" for text, due in said.conditions
    )


def _end(project: ProjectRegister, kind: DecisionType, as_of: date, said: Said) -> Iterator[str]:
    if kind.must_expire:
        longest = as_of + timedelta(days=LONGEST_DAYS[project.profile.tier.tier])
        hint = f"{longest} at the latest in tier {project.profile.tier.tier}"
        yield f"expires_on: {said.expires_on}" if said.expires_on else _open("expires_on", "", hint)


def _rating(kind: DecisionType) -> Iterator[str]:
    if kind is DecisionType.OVERRIDE_RATING:
        yield "rating: {likelihood: , impact: }     # in place of the computed residual"


def _place(project: ProjectRegister, subject: Subject, kind: DecisionType) -> Iterator[str]:
    """The decision whose place it takes."""
    gone = {DecisionState.SUPERSEDED, DecisionState.NOT_YET}
    for standing in project.decisions:
        decision = standing.decision
        if decision.type is kind and decision.subject == subject and standing.state not in gone:
            yield f"supersedes: {decision.id}"
            return


def _basis(kind: DecisionType, subject: Subject, basis: Basis) -> Iterator[str]:
    parts = rests_on(kind, subject)
    if parts:
        yield "basis:                  # what it rests on; when one of these changes, it is outdated"
    yield from (f"  {part}: {getattr(basis, part)}" for part in parts)

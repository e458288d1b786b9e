"""What people decided, found and still owe, picked and put in order from the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from riskkit.exporters._views import Row, worst_first
from riskkit.model import (
    Call,
    Comparison,
    DecisionState,
    Finding,
    FindingStatus,
    ProjectRegister,
    Reason,
    Register,
    Severity,
    Standing,
)

AGES = ((30, "up to 30 days"), (90, "31 to 90 days"), (180, "91 to 180 days"), (None, "over 180 days"))
"""The longest age of a finding in each column of the table of ages, and what the column is called."""

_PENDING = (DecisionState.EXPIRING, DecisionState.VALID, DecisionState.NOT_YET)
_LAPSED = (DecisionState.ORPHANED, DecisionState.OUTDATED, DecisionState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision with the project it is about, and the row it rests on when it is about a risk."""

    project: ProjectRegister
    standing: Standing
    row: Row | None


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the project it was raised about."""

    project: ProjectRegister
    finding: Finding


def signed(projects: Iterable[ProjectRegister]) -> list[Signed]:
    """Every decision: those that lapsed first, then those in force by the day they end, then the rest."""
    found = [
        Signed(p, s, next((Row(p, e) for e in p.entries if e.risk.id == s.decision.subject.risk), None))
        for p in projects
        for s in p.decisions
    ]
    return sorted(found, key=lambda item: _urgency(item.standing))


def _urgency(s: Standing) -> tuple[int, date, str]:
    place = 0 if s.state in _LAPSED else 1 if s.state in _PENDING else 2
    return place, s.decision.expires_on or date.max, s.decision.id


def decided(standings: Iterable[Standing]) -> dict[str, int]:
    """How many decisions are in force, end soon (these are in force too), and lapsed without another in their place."""
    states = [s.state for s in standings]
    return {
        "in_force": sum(state.holds for state in states),
        "ending": states.count(DecisionState.EXPIRING),
        "lapsed": sum(state in _LAPSED for state in states),
    }


def undecided(register: Register) -> list[Row]:
    """Rows outside appetite that no decision in force covers, the worst first."""
    of = {p.profile.id: p for p in register.projects}
    open_rows = [e for e in register.entries if e.within_appetite == "no" and not e.passes]
    return [Row(of[e.project], e) for e in worst_first(open_rows)]


def findings(projects: Iterable[ProjectRegister]) -> list[Found]:
    """Every finding: what is open first, by severity and then by the day it is due."""
    found = [Found(p, f) for p in projects for f in p.findings]
    open_ones = {(p.profile.id, f.id) for p in projects for f in p.open_findings}
    return sorted(
        found,
        key=lambda item: (
            (item.project.profile.id, item.finding.id) not in open_ones,
            list(Severity).index(item.finding.severity),
            item.finding.due,
        ),
    )


def ageing(register: Register) -> list[tuple[Severity, list[int], int]]:
    """Severity, the number of open findings in each column of ``AGES``, and how many of them are overdue."""
    table = []
    for severity in Severity:
        held = [f for p in register.projects for f in p.open_findings if f.severity is severity]
        ages = [_column(f.age_days(register.as_of)) for f in held]
        if held:
            counts = [ages.count(n) for n in range(len(AGES))]
            table.append((severity, counts, sum(f.overdue(register.as_of) for f in held)))
    return table


def _column(days: int) -> int:
    return next(n for n, (most, _) in enumerate(AGES) if most is None or days <= most)


def awaiting(register: Register) -> list[Found]:
    """Findings whose remedy waits for the validator."""
    found = findings(register.projects)
    return [item for item in found if item.finding.status is FindingStatus.READY_FOR_VALIDATION]


def disputes(register: Register) -> Iterator[tuple[Row, Comparison]]:
    """Where the validator's run does not agree with the developer's."""
    of = {p.profile.id: p for p in register.projects}
    for entry in register.entries:
        yield from ((Row(of[entry.project], entry), c) for c in entry.compared if not c.agrees)


def calls(register: Register) -> list[tuple[ProjectRegister, Call]]:
    """Reasons to assess again, project by project."""
    return [(p, call) for p in register.projects for call in p.calls]


def reasons(register: Register) -> Mapping[str, list[Reason]]:
    """Project to the reasons why it keeps the gate shut."""
    found: dict[str, list[Reason]] = {p.profile.id: [] for p in register.projects}
    for reason in register.reasons:
        found.setdefault(reason.project, []).append(reason)
    return found


def owed(register: Register) -> dict[str, int]:
    """How many findings are open, and how many of them are past the day they were due."""
    held = [f for p in register.projects for f in p.open_findings]
    return {"open": len(held), "overdue": sum(f.overdue(register.as_of) for f in held)}

"""What a page shows, picked and put in order from the register."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from riskkit.model import (
    WORST_FIRST,
    Entry,
    Evidence,
    Indicator,
    Measurement,
    ProjectRegister,
    Register,
    Risk,
    Status,
    Threshold,
    Verdict,
)

OPEN = (Verdict.ERROR, Verdict.STALE, Verdict.INCONCLUSIVE)
"""Verdicts of something that was measured and does not decide."""


_COSTS = re.compile(r"(USD|k?Wh|kg CO2)")
PAGED, MANY, FEW = 2_000, 100, 20
"""Rows above which the register is shown a page at a time; systems above which a page of another subject names some;
figures above which the page of methods does."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the register with the project it belongs to."""

    project: ProjectRegister
    entry: Entry


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows stand where; the five verdict counts add up to ``risks``."""

    risks: int
    outside: int
    breached: int
    undecided: int
    met: int
    missing: int
    not_measurable: int


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure across the portfolio."""

    name: str
    risks: tuple[Risk, ...]
    taken: tuple[tuple[ProjectRegister, Indicator], ...]
    thresholds: tuple[tuple[ProjectRegister, Threshold], ...]


def worst_first(entries: Iterable[Entry]) -> list[Entry]:
    """Breaches first, then what does not decide, then what is missing; within these the higher level first."""
    return sorted(
        entries, key=lambda e: (WORST_FIRST.index(e.verdict), -e.residual.rank, e.risk.category, e.risk.title)
    )


def rows(register: Register) -> list[Row]:
    """Every row of every project, in the order of ``worst_first``."""
    of = {p.profile.id: p for p in register.projects}
    return [Row(of[e.project], e) for e in worst_first(register.entries)]


def measured(entry: Entry) -> bool:
    """Whether anybody took any measure the risk asks for."""
    return any(i.measurement is not None for i in entry.indicators) or entry.verdict is Verdict.ERROR


def tally(entries: Iterable[Entry]) -> Tally:
    """Counts of ``entries``."""
    entries = list(entries)
    at = Counter(e.verdict for e in entries)
    return Tally(
        risks=len(entries),
        outside=sum(e.within_appetite == "no" for e in entries),
        breached=at[Verdict.BREACHED],
        undecided=sum(at[v] for v in OPEN),
        met=at[Verdict.MET],
        missing=at[Verdict.MISSING],
        not_measurable=at[Verdict.NOT_APPLICABLE],
    )


def attention(register: Register) -> list[Row]:
    """Rows outside appetite, the highest level first, breaches before the rest."""
    return sorted((row for p in register.projects for row in above(p)), key=_weight)


def above(project: ProjectRegister) -> list[Row]:
    """The project's rows outside appetite, in the order of ``attention``."""
    return sorted((Row(project, e) for e in project.entries if e.within_appetite == "no"), key=_weight)


def _weight(row: Row) -> tuple[int, int, str]:
    return -row.entry.residual.rank, WORST_FIRST.index(row.entry.verdict), row.entry.project


def inventory(register: Register) -> list[ProjectRegister]:
    """The systems, those with the highest residual and the most rows outside appetite first."""

    def weight(project: ProjectRegister) -> tuple[int, int, int, str]:
        t = tally(project.entries)
        worst = project.worst_residual
        return -(worst.rank if worst else -1), -t.outside, -t.breached, project.profile.name

    return sorted(register.projects, key=weight)


def moves(register: Register) -> dict[str, dict[str, int]]:
    """Project to how many of its rows went up, down, came and went since the snapshot; empty without one."""
    found: dict[str, Counter[str]] = {}
    for change in register.changes.rows if register.changes else ():
        found.setdefault(change.project, Counter())[change.move] += 1
    return {name: {m: n[m] for m in ("up", "down", "new", "gone") if n[m]} for name, n in found.items()}


def trends(project: ProjectRegister) -> list[Indicator]:
    """The project's measures that were taken more than once, each once."""
    found = {
        (i.measure, i.segment): i
        for i in (*project.aside, *(i for e in project.entries for i in e.indicators))
        if len([p for p in i.trend if p.value is not None]) > 1
    }
    return [found[key] for key in sorted(found)]


def costs(project: ProjectRegister) -> list[tuple[Evidence, Measurement]]:
    """What the latest runs say of money, energy and carbon, in the order the notebooks state it."""
    return [
        (run, m)
        for run in project.latest
        if run.conclusion and run.run.status is Status.OK
        for m in run.conclusion.measurements
        if _COSTS.match(m.unit)
    ]


def last_assessed(project: ProjectRegister) -> date | None:
    """The day of the latest run that concluded something."""
    return max((e.run.started.date() for e in project.latest if e.conclusion), default=None)


def failures(project: ProjectRegister) -> int:
    """How many of the latest runs did not complete."""
    return sum(e.run.status is not Status.OK for e in project.latest)


def simulated(project: ProjectRegister) -> bool:
    """Whether a simulated model answered in any latest run."""
    return any(e.conclusion is not None and e.conclusion.simulated for e in project.latest)


def standing(register: Register, risk: Risk) -> list[Row]:
    """How each project stands on ``risk``, the worst first."""
    rows = [Row(p, e) for p in register.projects for e in p.entries if e.risk.id == risk.id]
    return sorted(
        rows, key=lambda r: (WORST_FIRST.index(r.entry.verdict), -r.entry.residual.rank, r.entry.project)
    )


def catalogue(register: Register) -> list[Risk]:
    """Every risk any project knows of, concerned by it or not."""
    known = {e.risk.id: e.risk for e in register.entries}
    known |= {r.id: r for p in register.projects for r in p.out_of_scope}
    return sorted(known.values(), key=lambda r: (r.category, r.title))


def measures(register: Register) -> list[MeasureView]:
    """Every measure that a risk asks for, a run took or a threshold names."""
    risks = catalogue(register)
    taken: dict[str, dict[tuple[str, str, str], tuple[ProjectRegister, Indicator]]] = {}
    for p in register.projects:
        for i in (i for e in p.entries for i in e.indicators if i.measurement):
            taken.setdefault(i.measure, {})[p.profile.id, i.segment, i.record] = (p, i)
    bounds = [(p, t) for p in register.projects for t in p.profile.thresholds]
    names = {m for r in risks for m in r.measures} | set(taken) | {t.measure for _, t in bounds}
    return [
        MeasureView(
            name=name,
            risks=tuple(r for r in risks if name in r.measures),
            taken=tuple(
                sorted(taken.get(name, {}).values(), key=lambda of: WORST_FIRST.index(of[1].verdict))
            ),
            thresholds=tuple((p, t) for p, t in bounds if t.measure == name),
        )
        for name in sorted(names)
    ]


def evidence_link(indicator: Indicator) -> str:
    """Where below the site the executed cell of ``indicator`` is shown; empty when there is no record."""
    if not indicator.record:
        return ""
    return f"evidence/{indicator.record}/index.html#measure-{indicator.measure}"


def unvalidated(register: Register) -> list[ProjectRegister]:
    """Systems no validator ever assessed, the most material tier first."""
    unseen = [p for p in register.projects if p.last_validated is None]
    return sorted(unseen, key=lambda p: (p.profile.tier.tier, p.profile.name))


def failed(register: Register) -> list[ProjectRegister]:
    """Systems whose latest run of some assessment did not complete."""
    return [p for p in register.projects if failures(p)]

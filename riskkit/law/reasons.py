"""Why the law keeps the gate shut: practices that are banned, and requirements in force that are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ..model import ChecklistRow, EuClass, Reason, Regulation, Requirement
from . import eu_annexes as annexes

NAMED = 12
"""How many open requirements of a framework a reason names."""
_OPEN = ("gap", "not_assessed", "partly")
_BINDING = frozenset({"in_force", "future"})
_EXCLUDING = frozenset({*annexes.EXCLUSIONS, "free_open_source"})
_SAID = frozenset({"penalty", "guidance", "term"})
"""Kinds of item that tell something and ask for nothing."""


def reasons(
    project: str,
    rows: Iterable[ChecklistRow],
    regulations: Iterable[Regulation],
    *,
    eu: EuClass,
    use_case: Iterable[str],
    as_of: date,
    accepted: bool = False,
) -> Iterator[Reason]:
    """The bans of Art. 5 that hold on the day, then one reason a framework of law with requirements that are open.

    What an unanswered fact leaves open is counted by the checklist and is no reason, save where nothing but an
    exclusion is unanswered: one that nobody claims opens no gate. ``accepted`` says that people accepted the risk of
    open requirements; a ban cannot be accepted.
    """
    if "prohibited" in eu.possible:
        yield from _bans(project, tuple(use_case), as_of, eu.tier_asks)
    if accepted:
        return
    known = {r.id: r for regulation in regulations for r in regulation.requirements}
    found: dict[str, list[ChecklistRow]] = {}
    for row in rows:
        asked = known[row.requirement]
        binding = asked.status in _BINDING and asked.kind not in _SAID
        if _counts(row, as_of) and row.status in _OPEN and binding:
            found.setdefault(row.framework, []).append(row)
    for framework, group in found.items():
        yield _open(project, framework, group, known)


def _counts(row: ChecklistRow, as_of: date) -> bool:
    """Whether the row applies today, or would but for an exclusion nobody has answered."""
    if row.applies == "unknown" and row.asks:
        return _EXCLUDING.issuperset(row.asks) and (row.starts is None or row.starts <= as_of)
    return row.applies == "yes"


def _bans(project: str, use_case: tuple[str, ...], as_of: date, asks: tuple[str, ...]) -> Iterator[Reason]:
    for case in annexes.points(annexes.ART_5, use_case):
        new = case in annexes.NEW_IN_2026
        start = annexes.NEW_PROHIBITIONS_START if new else annexes.PROHIBITIONS_START
        if start <= as_of:
            point = f"Art. 5(1){annexes.ART_5[case]}"
            what = f"{case.replace('_', ' ')} is banned since {start}: EU AI Act, {point}"
            what += f", unless a fact not answered takes it out of scope: {', '.join(asks)}" if asks else ""
            yield _reason("practice-prohibited", project, point, what, "profile.yml")


def _open(
    project: str, framework: str, group: list[ChecklistRow], known: Mapping[str, Requirement]
) -> Reason:
    """How many stand at which status, and which: those that started last come first."""
    counted: Counter[str] = Counter(row.status for row in group)
    told = ", ".join(f"{status.replace('_', ' ')} {counted[status]}" for status in _OPEN if counted[status])
    last_first = sorted(group, key=lambda row: row.starts or date.min, reverse=True)
    names = [
        f"{row.requirement}{f' since {row.starts}' if row.starts else ''} {row.status.replace('_', ' ')}"
        for row in last_first[:NAMED]
    ]
    more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
    what = f"requirements in force that are open: {told}: {', '.join(names)}{more}"
    return _reason("requirement-open", project, framework, what, "answers.yml")


def _reason(rule: str, project: str, subject: str, what: str, file: str) -> Reason:
    return Reason(rule=rule, project=project, subject=subject, what=what, file=f"projects/{project}/{file}")

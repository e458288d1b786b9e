"""The decision drafter: what a decision would rest on, the fields a person fills in, and a file for them to sign."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from riskkit.errors import UsageError
from riskkit.model.shown import Shown, heading, line, stacked, table
from riskkit.widgets.place import chosen, here, now, register_of
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskkit.model import DecisionType, ProjectRegister, Subject
    from riskkit.register import Said
    from riskkit.workspace import Workspace

HEADS = ("Project", "Risk", "Level", "Verdict", "Decision it needs")


def decision_drafter(project: str = "") -> Twin:
    """Draft a decision of ``project``, or of any: the file of ``riskkit decide``, which others complete and sign."""
    place = here()
    facts = _facts(place, chosen(project), {})
    return Twin("drafter", facts, table=_table, step=lambda old, message: _step(place, old, message))


def _facts(place: Workspace, only: str, picked: Mapping[str, Any]) -> Facts:
    """What is shown once ``picked`` project, type and subject are chosen, the first of each when left out."""
    from riskkit.model import DecisionType

    built, projects = register_of(place, only)
    row = next((p for p in projects if p.profile.id == picked.get("project")), projects[0])
    kind = DecisionType(picked.get("type") or DecisionType.ACCEPT)
    subjects = _subjects(row, kind)
    key = str(picked.get("subject"))
    subject = subjects.get(key) or next(iter(subjects.values()), None)
    longest = _longest(row, kind, built.as_of)
    return {
        "only": only,
        "as_of": built.as_of.isoformat(),
        "projects": [[p.profile.id, p.profile.name] for p in projects],
        "project": row.profile.id,
        "types": [str(t) for t in DecisionType],
        "type": str(kind),
        "subjects": [[k, f"{s.kind} {s}"] for k, s in subjects.items()],
        "subject": _key(subject) if subject else "",
        "longest": longest.isoformat() if longest else "",
        "open": [
            [e.project, e.risk.title, str(e.level), str(e.verdict), ", ".join(sorted(e.needs))]
            for p in projects
            for e in p.entries
            if not e.passes
        ],
        **_basis(row, subject, kind, built.as_of),
        "said": "",
        "went": "well",
    }


def _key(subject: Subject) -> str:
    return f"{subject.kind}:{subject}"


def _subjects(row: ProjectRegister, kind: DecisionType) -> dict[str, Subject]:
    from riskkit import register as fold

    return {_key(s): s for s in fold.subjects(row) if s.kind in kind.about}


def _longest(row: ProjectRegister, kind: DecisionType, on: date) -> date | None:
    from riskkit.model import LONGEST_DAYS

    return on + timedelta(days=LONGEST_DAYS[row.profile.tier.tier]) if kind.must_expire else None


def _basis(row: ProjectRegister, subject: Subject | None, kind: DecisionType, on: date) -> dict[str, Any]:
    """What the register says of the subject today, and the digests a decision would rest on."""
    from riskkit import register as fold
    from riskkit.model import rests_on

    if subject is None:
        return {"about": [f"There is nothing that a decision of type {kind} could be about."], "basis": []}
    basis = fold.subjects(row)[subject]
    text = fold.draft(row, subject, kind=kind, basis=basis, as_of=on)
    about = [words[2:] for words in text.splitlines()[1:] if words.startswith("# ")]
    return {
        "about": about,
        "basis": [[part, str(getattr(basis, part))] for part in rests_on(kind, subject)],
    }


def _step(place: Workspace, old: Facts, message: Mapping[str, Any]) -> Facts:
    picked = {name: str(message.get(name, old[name])) for name in ("project", "type", "subject")}
    fresh = _facts(place, old["only"], picked)
    if message.get("do") != "draft":
        return fresh
    if (fresh["subject"], fresh["basis"]) != (old["subject"], old["basis"]):
        raise UsageError(
            "what the decision would rest on changed since it was shown: look at it again, then draft"
        )
    return fresh | {"said": _draft(place, fresh, message), "went": "well"}


def _draft(place: Workspace, facts: Facts, message: Mapping[str, Any]) -> str:
    from riskkit.workspace import drafting

    kind = drafting.kind_called(facts["type"])
    row = drafting.project_called(place.register(now().date()), facts["project"])
    subject = _subjects(row, kind).get(facts["subject"])
    if subject is None:
        raise UsageError(f"there is nothing that a decision of type {kind} could be about")
    said = _said(message, longest=facts["longest"], on=facts["as_of"])
    path = drafting.draft(place.projects, row, subject, kind=kind, on=now().date(), said=said)
    return (
        f"Drafted {path.relative_to(place.root)}. Whoever decides fills in decided_by and outcome and commits it; "
        "until then it counts for nothing."
    )


def _said(message: Mapping[str, Any], *, longest: str, on: str) -> Said:
    """What was typed, checked field by field; everything wrong is told at once."""
    from riskkit.register import Said

    wrong: list[str] = []
    expires = str(message.get("expires_on", "")).strip()
    if expires and longest and not on < _day(expires, "expires on", wrong).isoformat() <= longest:
        wrong.append(f"expires on: {expires} is not after {on} and by {longest}")
    conditions = tuple(
        (str(text).strip(), _day(str(due), f"condition {number}", wrong))
        for number, (text, due) in enumerate(message.get("conditions", ()), 1)
        if str(text).strip()
    )
    if wrong:
        raise UsageError("\n".join(dict.fromkeys(wrong)))
    words = {name: str(message.get(name, "")).strip() for name in ("requested_by", "rationale")}
    return Said(**words, expires_on=expires if longest else "", conditions=conditions)


def _day(text: str, field: str, wrong: list[str]) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(f"{field}: {text or 'nothing'} is not a date (for example 2026-12-31)")
        return date.min


def _table(facts: Facts) -> Shown:
    rows: Sequence[Sequence[str]] = facts["open"]
    about = [line(text) for text in facts["about"]]
    return stacked(
        table(HEADS, rows, caption=f"{len(rows)} risks that do not pass, as of {facts['as_of']}"),
        heading(f"{facts['type']} of {facts['subject'].replace(':', ' ')} in {facts['project']}"),
        *about,
        table(["It would rest on", "Digest"], facts["basis"]),
    )

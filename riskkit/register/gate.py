"""The gate: the ordered reasons why a register may not pass; no reason, and only then, means it passes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from riskkit.model import DecisionType, Entry, Frozen, ProjectRegister, Register, Standing, Verdict

GateProfile = Literal["ci", "release"]
_UNMEASURED = {Verdict.MISSING, Verdict.STALE}


class Reason(Frozen):
    """One reason why the gate stays shut."""

    rule: str
    project: str
    subject: str
    what: str
    file: str = ""

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.project, self.subject)))
        return f"{place}: {self.rule}: {self.what}" + (f" [{self.file}]" if self.file else "")


RULES = {
    "record-damaged": "A stored record is not what was stored.",
    "nothing-assessed": "A project without risks or without a run has shown nothing.",
    "run-failed": "The latest run of an assessment did not succeed; no decision covers that.",
    "not-measured": "A measure a risk asks for is missing or stale, and no waiver in force covers it.",
    "not-within-appetite": "Evidence is breached or undecided, or the level is above appetite, and nobody accepted it.",
    "decision-orphaned": "A decision is about something that no longer exists.",
    "release-not-approved": "No decision in force approves this version.",
    "finding-overdue": "A critical or high finding is open past its date.",
}
"""Every rule of the gate, worst first."""


def reasons(
    register: Register, *, profile: GateProfile = "ci", projects: Collection[str] | None = None
) -> tuple[Reason, ...]:
    """Why ``register`` does not pass, worst first; an empty tuple means it passes.

    Anything that is not positively within appetite, or covered by a decision in force, is a reason.
    """
    found = [Reason(rule="record-damaged", project="", subject="records", what=f) for f in register.damaged]
    chosen = [p for p in register.projects if projects is None or p.profile.id in projects]
    if not chosen:
        found.append(
            Reason(rule="nothing-assessed", project="", subject="register", what="there is no project")
        )
    for project in chosen:
        found += _project(project)
        if profile == "release":
            found += _release(project, register)
    order = list(RULES)
    return tuple(sorted(found, key=lambda r: (order.index(r.rule), r.project, r.subject)))


def passes(entry: Entry) -> bool:
    """Whether one row opens the gate: within appetite, or accepted or waived by a decision in force."""
    if entry.verdict is Verdict.ERROR:
        return False
    if entry.within_appetite == "yes":
        return True
    needed = DecisionType.WAIVE_CHECK if entry.verdict in _UNMEASURED else DecisionType.ACCEPT
    return any(s.decision.type is needed and s.state.holds for s in entry.decisions)


def _project(project: ProjectRegister) -> Iterator[Reason]:
    name = project.profile.id
    if not project.entries or project.runs == 0:
        yield Reason(rule="nothing-assessed", project=name, subject="", what="no assessment was ever run")
    for entry in project.entries:
        if not passes(entry):
            yield _closed(entry)
    for standing in project.decisions:
        if standing.state.value == "orphaned":
            yield _about(standing, name, "decision-orphaned")


def _closed(entry: Entry) -> Reason:
    rule = "run-failed" if entry.verdict is Verdict.ERROR else "not-measured" if entry.verdict in _UNMEASURED else (
        "not-within-appetite"
    )  # fmt: skip
    what = entry.why[0] if entry.why else f"{entry.verdict}"
    lapsed = next((s for s in entry.decisions if not s.state.holds and s.state.value != "superseded"), None)
    if lapsed is None:
        return Reason(rule=rule, project=entry.project, subject=entry.risk.id, what=what)
    what += f"; its {lapsed.decision.type.value} is {lapsed.state.value}: {lapsed.why}"
    return Reason(rule=rule, project=entry.project, subject=entry.risk.id, what=what, file=lapsed.file)


def _release(project: ProjectRegister, register: Register) -> Iterator[Reason]:
    profile = project.profile
    about = [s for s in project.decisions if s.decision.type is DecisionType.APPROVE_RELEASE]
    if not any(s.state.holds and s.decision.subject.release == profile.version for s in about):
        what = f"version {profile.version} has no approval in force"
        yield Reason(rule="release-not-approved", project=profile.id, subject="release", what=what)
    for finding in project.findings:
        if finding.severity.value in {"critical", "high"} and finding.overdue(register.as_of):
            what = f"{finding.title} was due on {finding.due}"
            file = f"projects/{profile.id}/findings/{finding.id}.yml"
            yield Reason(rule="finding-overdue", project=profile.id, subject=finding.id, what=what, file=file)


def _about(standing: Standing, project: str, rule: str) -> Reason:
    subject = str(standing.decision.subject)
    return Reason(rule=rule, project=project, subject=subject, what=standing.why, file=standing.file)

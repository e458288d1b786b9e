"""The gate: the ordered reasons why a register may not pass; no reason, and only then, means it passes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from riskkit.model import (
    RULES,
    UNMEASURED,
    DecisionState,
    DecisionType,
    Entry,
    Gate,
    Indicator,
    ProjectRegister,
    Reason,
    Register,
    Standing,
    Status,
    Verdict,
)

from .indicators import label

_ENDING = {DecisionType.SUSPEND, DecisionType.RETIRE}
_ORDER = {rule: place for place, rule in enumerate(RULES)}
_LAPSED = {
    DecisionState.EXPIRED,
    DecisionState.OUTDATED,
    DecisionState.REVOKED,
    DecisionState.NOT_GRANTED,
    DecisionState.NOT_YET,
}


def reasons(
    projects: Sequence[ProjectRegister], *, damaged: Iterable[str], as_of: date
) -> tuple[Reason, ...]:
    """Why the register does not pass, worst first; none at all means it passes.

    Anything that is not positively within appetite, or covered by decisions in force, is a reason.
    """
    found = [Reason(rule="record-damaged", project="", subject="records", what=f) for f in damaged]
    if not projects:
        found.append(_nothing("", "there is no project"))
    for project in projects:
        found += [*_of_runs(project), *_of_rows(project), *_of_people(project, as_of)]
    return tuple(sorted(found, key=lambda r: (_ORDER[r.rule], r.project, r.subject)))


def narrow(register: Register, *, gate: Gate, projects: Collection[str] | None = None) -> Register:
    """``register`` with the projects called ``projects`` (all when None) and the reasons that shut ``gate`` for them.

    Damaged records shut the gate whatever is asked for: nobody can tell whose they were.
    """
    kept = tuple(p for p in register.projects if projects is None or p.profile.id in projects)
    names = {p.profile.id for p in kept}
    shut = [r for r in register.reasons if r.project in names or r.rule == "record-damaged"]
    if not kept:
        shut.append(_nothing("", "there is no project"))
    asked = tuple(r for r in shut if gate == "release" or r.gate == "ci")
    return register.model_copy(update={"projects": kept, "reasons": asked})


def _of_runs(project: ProjectRegister) -> Iterator[Reason]:
    name, named = project.profile.id, project.profile.assessments
    if not project.entries:
        yield _nothing(name, "no risk of the catalogue concerns this kind of system")
    if project.runs == 0:
        yield _nothing(name, "no assessment was ever run")
    for run in project.latest:
        own = run.run.performed_as == "developer" and (not named or run.assessment in named)
        if own and run.run.status is not Status.OK:
            what = f"the run of {run.run.started.date()} {run.run.status}: {run.run.reason}"
            yield Reason(rule="run-failed", project=name, subject=run.assessment, what=what)


def _of_rows(project: ProjectRegister) -> Iterator[Reason]:
    yield from (_shut(entry) for entry in project.entries if not entry.passes)
    for indicator in project.aside:
        if not _passes_aside(indicator, project.decisions):
            what = f"{label(indicator)} is {indicator.verdict}: {indicator.judgement.why}"
            file = f"projects/{project.profile.id}/profile.yml"
            yield Reason(rule="threshold-not-met", project=project.profile.id, subject=indicator.measure,
                         what=what, file=file)  # fmt: skip


def _shut(entry: Entry) -> Reason:
    """Why a row does not pass, with the acceptances, waivers and overrides of it that do not hold."""
    verdicts = {i.verdict for i in entry.indicators}
    rule = (
        "run-failed" if Verdict.ERROR in verdicts
        else "not-measured" if entry.verdict in UNMEASURED
        else "not-within-appetite"
    )  # fmt: skip
    lapsed = [s for s in entry.decisions if s.state in _LAPSED and s.decision.type.must_expire]
    own = [why for why in entry.why if not why.startswith("reopened: ")]
    told = (f"its {s.decision.type.value} {s.decision.id} is {s.state}: {s.why}" for s in lapsed)
    what = "; ".join([*own[:1], *told])
    file = lapsed[0].file if lapsed else ""
    return Reason(rule=rule, project=entry.project, subject=entry.risk.id, what=what, file=file)


def _passes_aside(indicator: Indicator, decided: Iterable[Standing]) -> bool:
    if indicator.verdict is Verdict.MET:
        return True
    if indicator.verdict is Verdict.ERROR:
        return False
    needed = DecisionType.WAIVE_CHECK if indicator.verdict in UNMEASURED else DecisionType.ACCEPT
    about = [s for s in decided if s.decision.subject.threshold == indicator.measure]
    return any(s.state.holds and s.decision.type is needed for s in about)


def _of_people(project: ProjectRegister, as_of: date) -> Iterator[Reason]:
    profile = project.profile
    for standing in project.decisions:
        if standing.state is DecisionState.ORPHANED:
            yield _about(standing, profile.id, "decision-orphaned", "ci", standing.why)
        if standing.state.holds and standing.decision.type in _ENDING:
            what = f"{standing.decision.type} since {standing.decision.decided_on}"
            yield _about(standing, profile.id, "system-suspended", "release", what)
    if not any(s.state.holds and s.decision.type is DecisionType.APPROVE_RELEASE for s in project.decisions):
        yield _not_approved(project)
    for finding in project.open_findings:
        if finding.severity.value in {"critical", "high"} and finding.due < as_of:
            what = f"{finding.title} was due on {finding.due}"
            file = f"projects/{profile.id}/findings/{finding.id}.yml"
            yield Reason(rule="finding-overdue", project=profile.id, subject=finding.id, what=what,
                         file=file, gate="release")  # fmt: skip


def _not_approved(project: ProjectRegister) -> Reason:
    profile = project.profile
    about = [s for s in project.decisions if s.decision.subject.release and s.state in _LAPSED]
    told = (f"{s.decision.id} is {s.state}: {s.why}" for s in about)
    what = "; ".join([f"version {profile.version} has no approval in force", *told])
    file = about[0].file if about else ""
    return Reason(rule="release-not-approved", project=profile.id, subject="release", what=what, file=file,
                  gate="release")  # fmt: skip


def _about(standing: Standing, project: str, rule: str, gate: Gate, what: str) -> Reason:
    subject = str(standing.decision.subject)
    return Reason(rule=rule, project=project, subject=subject, what=what, file=standing.file, gate=gate)


def _nothing(project: str, what: str) -> Reason:
    return Reason(rule="nothing-assessed", project=project, subject="" if project else "register", what=what)

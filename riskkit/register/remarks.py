"""Remarks: what the register's own checks notice, each with an id, a severity and the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from riskkit.model import (
    Catalog,
    ControlStatus,
    DecisionState,
    DecisionType,
    Entry,
    Evidence,
    Project,
    Remark,
    Standing,
    Verdict,
)

_STATES = {
    DecisionState.EXPIRED: ("decision-expired", "error", "renew it or treat the risk: riskkit decide"),
    DecisionState.OUTDATED: (
        "decision-outdated",
        "error",
        "look at what changed and decide again: riskkit decide",
    ),
    DecisionState.ORPHANED: ("decision-orphaned", "error", "revoke it, or bring its subject back"),
    DecisionState.EXPIRING: ("decision-expiring", "warning", "prepare its renewal"),
}


def remarks(
    project: Project,
    catalog: Catalog,
    entries: tuple[Entry, ...],
    standings: tuple[Standing, ...],
    latest: tuple[Evidence, ...],
    *,
    as_of: date,
) -> tuple[Remark, ...]:
    """Everything worth a remark in one project, errors first."""
    found = [
        *_about_decisions(project, standings),
        *_about_entries(project, entries),
        *_about_controls(project, entries),
        *_about_thresholds(project),
        *_about_people(project),
        *_about_time(project, latest, as_of),
        *_about_law(project, catalog),
    ]
    order = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda r: (order.index(r.severity), r.id, r.subject)))


def _about_decisions(project: Project, standings: tuple[Standing, ...]) -> Iterator[Remark]:
    for standing in standings:
        if standing.state in _STATES:
            check, severity, fix = _STATES[standing.state]
            yield Remark(id=check, severity=severity, project=project.id, subject=str(standing.decision.subject),
                         what=standing.why, fix=fix, file=standing.file)  # fmt: skip


def _about_entries(project: Project, entries: tuple[Entry, ...]) -> Iterator[Remark]:
    for entry in entries:
        rated = project.profile.risks.get(entry.risk.id)
        about = partial(_remark, project, subject=entry.risk.id)
        if rated and (rated.treatment or "").startswith("accept") and not _has(entry, DecisionType.ACCEPT):
            what = "the profile says accept, and no decision in force does"
            yield about("accepted-without-decision", "error", what=what, fix="riskkit decide, then sign it")
        if entry.residual.rank < entry.inherent.rank and not any(c.credited.steps for c in entry.credits):
            what = "residual is below inherent and no control earned credit"
            yield about("residual-without-control", "error", what=what, fix="report this fault")
        if entry.override is not None:
            what = f"computed {entry.residual}, set to {entry.override} by decision"
            yield about("rating-overridden", "note", what=what, fix="review it before it expires")
        for comparison in entry.compared:
            if not comparison.agrees:
                fix = "settle on the record which measurement holds"
                yield about("validator-challenge", "warning", what=comparison.why, fix=fix)
        yield from _about_runs(project, entry)


def _about_runs(project: Project, entry: Entry) -> Iterator[Remark]:
    failed = {i.assessment: i.judgement.why for i in entry.indicators if i.verdict is Verdict.ERROR}
    for assessment, why in failed.items():
        fix = f"riskkit run {project.id} --assessment {assessment}"
        yield _remark(project, "run-failed", "error", subject=entry.risk.id, what=why, fix=fix)


def _about_controls(project: Project, entries: tuple[Entry, ...]) -> Iterator[Remark]:
    tested = {i.measure for e in entries for i in e.indicators if i.measurement is not None}
    for control in project.controls:
        if control.status is ControlStatus.ACTIVE and not set(control.evidence) & tested:
            what = "the control is active and no evidence of it was ever taken"
            fix = "name its evidence and run it"
            yield _remark(project, "control-never-tested", "warning", subject=control.id, what=what, fix=fix)


def _about_thresholds(project: Project) -> Iterator[Remark]:
    for threshold in project.profile.thresholds:
        if not threshold.owned:
            what, fix = "the threshold has no owner or no rationale", "add owner and rationale"
            yield _remark(
                project, "threshold-unowned", "warning", subject=threshold.measure, what=what, fix=fix
            )


def _about_people(project: Project) -> Iterator[Remark]:
    roles = project.profile.roles
    about = partial(_remark, project, subject="roles")
    if roles.validator == roles.developer:
        what = f"{roles.validator} is developer and validator"
        yield about("validator-is-developer", "error", what=what, fix="name an independent validator")
    if len({roles.owner, roles.developer, roles.validator, roles.approver}) == 1:
        yield about(
            "one-person-in-all-roles", "error", what=f"{roles.owner} holds every role", fix="share them out"
        )


def _about_time(project: Project, latest: tuple[Evidence, ...], as_of: date) -> Iterator[Remark]:
    profile = project.profile
    if profile.review.next_due < as_of:
        what = f"the review was due on {profile.review.next_due}"
        yield _remark(
            project, "review-overdue", "error", subject="review", what=what, fix="review, and set next_due"
        )
    for run in latest:
        if run.conclusion and run.conclusion.version and run.conclusion.version != profile.version:
            what = f"assessed version {run.conclusion.version}, the profile says {profile.version}"
            fix = f"riskkit run {project.id} --assessment {run.assessment}"
            yield _remark(project, "stale-version", "warning", subject=run.assessment, what=what, fix=fix)
    for finding in project.findings:
        if finding.overdue(as_of):
            what, fix = (
                f"{finding.severity} finding was due on {finding.due}",
                "finish it or agree a new date",
            )
            yield _remark(project, "finding-overdue", "error", subject=finding.id, what=what, fix=fix)


def _about_law(project: Project, catalog: Catalog) -> Iterator[Remark]:
    named = project.profile.assessments.get("regulatory_checklist")
    frameworks = named.parameters.get("frameworks", []) if named else []
    for name in frameworks if isinstance(frameworks, list) else []:
        regulation = catalog.regulations.get(name)
        if regulation and all(r.status == "superseded" for r in regulation.requirements):
            what, fix = "every item of the framework is superseded", "use its successor"
            yield _remark(project, "framework-superseded", "warning", subject=name, what=what, fix=fix)


def _has(entry: Entry, kind: DecisionType) -> bool:
    return any(s.decision.type is kind and s.state.holds for s in entry.decisions)


def _remark(project: Project, check: str, severity: str, *, subject: str, what: str, fix: str) -> Remark:
    return Remark.model_validate(
        {
            "id": check,
            "severity": severity,
            "project": project.id,
            "subject": subject,
            "what": what,
            "fix": fix,
        }
    )

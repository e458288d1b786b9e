"""Remarks: what the register's own checks notice, each with an id, a severity and the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from riskkit.model import (
    Catalog,
    ControlStatus,
    DecisionState,
    DecisionType,
    Entry,
    FindingStatus,
    Project,
    ProjectRegister,
    Remark,
    Stage,
    Verdict,
)

from .checks import CHECKS, CheckId

_STATES: dict[DecisionState, CheckId] = {
    DecisionState.EXPIRED: "decision-expired",
    DecisionState.OUTDATED: "decision-outdated",
    DecisionState.ORPHANED: "decision-orphaned",
    DecisionState.EXPIRING: "decision-expiring",
}
_ENDED = {Stage.SUSPENDED, Stage.RETIRED}
Noticed = tuple[CheckId, str, str]
"""A check, what it is about, and what was seen."""


def remarks(
    project: Project, shown: ProjectRegister, catalog: Catalog, *, damaged: tuple[str, ...], as_of: date
) -> tuple[Remark, ...]:
    """Everything worth a remark in one project, errors first."""
    found = [
        *_of_entries(project, shown),
        *_of_controls(project, shown, as_of),
        *_of_thresholds(shown),
        *_of_roles(project, shown),
        *_of_time(shown, as_of),
        *_of_runs(shown),
        *_of_law(project, catalog),
        *(("evidence-missing", "records", fault) for fault in damaged if project.id in fault.split("/")),
    ]
    made = [_remark(project.id, check, subject, what) for check, subject, what in found]
    made += _of_decisions(shown)
    made += (_remark(project.id, "decision-draft", Path(d.file).stem, str(d), d.file) for d in project.drafts)
    order = ("error", "warning", "note")
    return tuple(sorted(made, key=lambda r: (order.index(r.severity), r.id, r.subject, r.what)))


def _remark(project: str, check: CheckId, subject: str, what: str, file: str = "") -> Remark:
    severity, _, fix = CHECKS[check]
    if fix == "riskkit run":
        fix = f"riskkit run {project} --assessment {subject}"
    return Remark(
        id=check, severity=severity, project=project, subject=subject, what=what, fix=fix, file=file
    )


def _of_decisions(shown: ProjectRegister) -> Iterator[Remark]:
    roles = shown.profile.roles
    deciders = {roles.owner, roles.validator, roles.approver, roles.second_approver}
    for standing in shown.decisions:
        decision, name = standing.decision, shown.profile.id
        if standing.state in _STATES:
            check = _STATES[standing.state]
            yield _remark(name, check, str(decision.subject), standing.why, standing.file)
        if standing.state.holds and decision.decided_by not in deciders:
            what = f"{decision.decided_by} decided {decision.id}"
            yield _remark(name, "decider-has-no-role", str(decision.subject), what, standing.file)
        ended = decision.type in {DecisionType.SUSPEND, DecisionType.RETIRE}
        if standing.state.holds and ended and shown.profile.stage not in _ENDED:
            what = f"{decision.id} says {decision.type}, the profile {shown.profile.stage}"
            yield _remark(name, "stage-differs", "stage", what, standing.file)


def _of_entries(project: Project, shown: ProjectRegister) -> Iterator[Noticed]:
    for entry in shown.entries:
        rated = project.profile.risks.get(entry.risk.id)
        accepts = rated is not None and (rated.treatment or "").startswith("accept")
        if accepts and not _accepted(entry):
            yield "accepted-without-decision", entry.risk.id, "the profile says accept, and no decision does"
        lower = entry.residual.rank < entry.inherent.rank
        if lower and not any(step.counts for step in entry.walk):
            yield "residual-without-control", entry.risk.id, "residual is below inherent without a control"
        if entry.override is not None:
            what = f"computed {entry.residual}, set to {entry.override} by decision"
            yield "rating-overridden", entry.risk.id, what
        for comparison in entry.compared:
            if not comparison.agrees:
                yield "validator-challenge", entry.risk.id, comparison.why


def _accepted(entry: Entry) -> bool:
    return any(s.state.holds and s.decision.type is DecisionType.ACCEPT for s in entry.decisions)


def _of_controls(project: Project, shown: ProjectRegister, as_of: date) -> Iterator[Noticed]:
    everywhere = (*shown.aside, *(i for e in shown.entries for i in e.indicators))
    tested = {i.measure for i in everywhere if i.measurement is not None}
    earned = {c.control.id for e in shown.entries for c in e.credits if c.credited.rank > 0}
    for control in project.controls:
        active = control.status is ControlStatus.ACTIVE
        if active and control.id not in earned and not set(control.evidence) & tested:
            yield "control-never-tested", control.id, "active, and no evidence of it was ever taken"
        late = control.due is not None and control.due < as_of
        if late and not active and control.status is not ControlStatus.RETIRED:
            yield "control-overdue", control.id, f"{control.status.value}, and was due on {control.due}"


def _of_thresholds(shown: ProjectRegister) -> Iterator[Noticed]:
    for threshold in shown.profile.thresholds:
        if not threshold.owned:
            yield "threshold-unowned", threshold.measure, "the threshold has no owner or no rationale"
        elif shown.profile.tier.tier == 1:
            approval = shown.approval(threshold.measure)
            if approval is None or not approval.state.holds:
                state = "has no approval" if approval is None else f"its approval is {approval.state}"
                yield "threshold-not-approved", threshold.measure, f"tier 1, and the threshold {state}"


def _of_roles(project: Project, shown: ProjectRegister) -> Iterator[Noticed]:
    roles = project.profile.roles
    if roles.validator == roles.developer:
        yield "validator-is-developer", "roles", f"{roles.validator} is developer and validator"
    if len({roles.owner, roles.developer, roles.validator, roles.approver}) == 1:
        yield "one-person-in-all-roles", "roles", f"{roles.owner} holds every role"
    for finding in shown.open_findings:
        if finding.status is FindingStatus.ACCEPTED:
            yield (
                "finding-accepted-without-decision",
                finding.id,
                "accepted, and no decision in force says so",
            )


def _of_time(shown: ProjectRegister, as_of: date) -> Iterator[Noticed]:
    due = shown.profile.review.next_due
    if due < as_of:
        yield "review-overdue", "review", f"the review was due on {due}"
    for finding in shown.open_findings:
        if finding.due < as_of:
            yield "finding-overdue", finding.id, f"{finding.severity} finding was due on {finding.due}"


def _of_runs(shown: ProjectRegister) -> Iterator[Noticed]:
    profile = shown.profile
    failed = {
        i.assessment: i.judgement.why
        for e in shown.entries
        for i in e.indicators
        if i.verdict is Verdict.ERROR
    }
    yield from (("run-failed", assessment, why) for assessment, why in sorted(failed.items()))
    for run in shown.latest:
        if run.conclusion is None:
            continue
        developed = run.run.performed_as == "developer"
        if developed and run.conclusion.version not in ("", profile.version):
            what = f"assessed version {run.conclusion.version}, the profile says {profile.version}"
            yield "stale-version", run.assessment, what
        if run.conclusion.simulated and profile.stage is Stage.PRODUCTION:
            yield "evidence-simulated", run.assessment, f"answered by {', '.join(run.conclusion.models)}"
    yield from _of_pins(shown)


def _of_pins(shown: ProjectRegister) -> Iterator[Noticed]:
    """Models the profile pins that no latest run was answered by, although models answered."""
    answered = [model for run in shown.latest if run.conclusion for model in run.conclusion.models]
    for name, target in shown.profile.targets.items():
        pin = target.settings.get("model")
        if isinstance(pin, str) and answered and not any(pin in model for model in answered):
            what = f"the profile pins {pin}, answers came from {', '.join(sorted(set(answered)))}"
            yield "vendor-pin-stale", name, what


def _of_law(project: Project, catalog: Catalog) -> Iterator[Noticed]:
    named = project.profile.assessments.get("regulatory_checklist")
    frameworks = named.parameters.get("frameworks", []) if named else []
    for name in frameworks if isinstance(frameworks, list) else []:
        regulation = catalog.regulations.get(name)
        if regulation and all(r.status == "superseded" for r in regulation.requirements):
            yield "framework-superseded", name, "every item of the framework is superseded"

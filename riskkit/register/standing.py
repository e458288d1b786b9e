"""Standing: how each decision holds on a day, given what it was based on and what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from riskkit.model import (
    Basis,
    Credit,
    Decision,
    DecisionState,
    Indicator,
    Matrix,
    Project,
    RatedRisk,
    Rating,
    Risk,
    Standing,
    digest,
)

EXPIRING = timedelta(days=30)
"""How long before its end a decision is shown as expiring."""


def basis(
    risk: Risk,
    rated: RatedRisk | None,
    residual: Rating,
    indicators: Iterable[Indicator],
    credits: Iterable[Credit],
    project: Project,
    matrix: Matrix,
) -> Basis:
    """The digests of what a decision about ``risk`` made now would rest on."""
    shown = sorted(indicators, key=lambda i: (i.measure, i.segment, i.assessment))
    row = {
        "risk": risk.id,
        "rating": rated,
        "default_rating": risk.default_rating,
        "residual": residual,
        "appetite": project.profile.appetite.get(risk.category.value),
        "indicators": [(i.measure, i.segment, i.assessment, i.verdict) for i in shown],
        "credits": [(c.control.id, c.credited) for c in credits],
    }
    return Basis(
        row=digest(row),
        evidence=digest(sorted({i.conclusion_sha256 for i in shown if i.conclusion_sha256})),
        thresholds=digest([t for t in project.profile.thresholds if t.measure in risk.evidence]),
        matrix=digest(matrix),
    )


def standings(project: Project, now: Mapping[str, Basis], *, as_of: date) -> tuple[Standing, ...]:
    """Every decision of ``project`` with its state; ``now`` gives today's basis of each risk in the register."""
    superseded = {d.supersedes for d in project.decisions if d.supersedes and d.decided_on <= as_of}
    newest_first = sorted(project.decisions, key=lambda d: (d.decided_on, d.id), reverse=True)
    found = []
    for decision in newest_first:
        state, why = _state(decision, project, now, superseded, as_of)
        file = f"projects/{project.id}/decisions/{decision.id}.yml"
        found.append(Standing(decision=decision, state=state, why=why, file=file))
    return tuple(found)


def _state(
    decision: Decision, project: Project, now: Mapping[str, Basis], superseded: set[str], as_of: date
) -> tuple[DecisionState, str]:
    """The first that applies: what people did to it, then what is wrong with it, then how long it lasts."""
    return (
        _withdrawn(decision, superseded, as_of)
        or _lapsed(decision, project, now, as_of)
        or _lasting(decision, as_of)
    )


def _withdrawn(decision: Decision, superseded: set[str], as_of: date) -> tuple[DecisionState, str] | None:
    revoked = decision.revoked
    if revoked is not None and revoked.on <= as_of:
        return DecisionState.REVOKED, f"revoked by {revoked.by} on {revoked.on}: {revoked.why}"
    if decision.id in superseded:
        return DecisionState.SUPERSEDED, "a later decision takes its place"
    if not decision.outcome.approving:
        return DecisionState.NOT_GRANTED, f"the outcome was {decision.outcome.value}"
    if decision.decided_on > as_of:
        return DecisionState.NOT_YET, f"decided on {decision.decided_on}"
    return None


def _lapsed(
    decision: Decision, project: Project, now: Mapping[str, Basis], as_of: date
) -> tuple[DecisionState, str] | None:
    if orphan := _orphan(decision, project, now):
        return DecisionState.ORPHANED, orphan
    if decision.expires_on is not None and decision.expires_on < as_of:
        return DecisionState.EXPIRED, f"expired on {decision.expires_on}"
    late = [c for c in decision.conditions if c.done_on is None and c.due < as_of]
    if late:
        return DecisionState.EXPIRED, f"condition not kept by {late[0].due}: {late[0].text}"
    if decision.basis is not None and decision.subject.risk is not None:
        changed = _changed(decision.basis, now[decision.subject.risk])
        if changed:
            return DecisionState.OUTDATED, "; ".join(changed)
    release, version = decision.subject.release, project.profile.version
    if release is not None and release != version:
        return DecisionState.OUTDATED, f"it is about version {release}, now {version}"
    return None


def _lasting(decision: Decision, as_of: date) -> tuple[DecisionState, str]:
    if decision.expires_on is None:
        return DecisionState.VALID, "without an end date"
    if decision.expires_on - as_of <= EXPIRING:
        return DecisionState.EXPIRING, f"expires on {decision.expires_on}"
    return DecisionState.VALID, f"until {decision.expires_on}"


def _orphan(decision: Decision, project: Project, now: Mapping[str, Basis]) -> str:
    """Why the subject of ``decision`` no longer exists, or nothing."""
    subject = decision.subject
    if subject.risk is not None and subject.risk not in now:
        return f"the risk {subject.risk} is not in this project's register"
    if subject.threshold is not None and project.profile.threshold(subject.threshold) is None:
        return f"there is no threshold for {subject.threshold}"
    if subject.finding is not None and subject.finding not in {f.id for f in project.findings}:
        return f"there is no finding {subject.finding}"
    return ""


def _changed(then: Basis, today: Basis) -> list[str]:
    """Which parts of the basis differ, with both digests."""
    return [
        f"{part} changed since: sha256 {getattr(then, part)} then, {getattr(today, part)} now"
        for part in ("row", "evidence", "thresholds", "matrix")
        if getattr(then, part) != getattr(today, part)
    ]

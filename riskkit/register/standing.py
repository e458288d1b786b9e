"""Standing: how each decision holds on a day, given what it was based on and what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from riskkit.model import (
    PARTS,
    Basis,
    Decision,
    DecisionState,
    Outcome,
    Project,
    Standing,
    Subject,
)

EXPIRING = timedelta(days=30)
"""How long before its end a decision is shown as expiring."""
Found = tuple[DecisionState, str]


def standings(project: Project, now: Mapping[Subject, Basis], *, as_of: date) -> tuple[Standing, ...]:
    """Every decision of ``project`` with its state, newest first; ``now`` is today's basis of each subject there is."""
    replaced = _replaced(project.decisions, as_of)
    newest_first = sorted(project.decisions, key=lambda d: (d.decided_on, d.id), reverse=True)
    found = []
    for decision in newest_first:
        state, why = _state(decision, project, now, replaced, as_of)
        file = f"projects/{project.id}/decisions/{decision.id}.yml"
        found.append(Standing(decision=decision, state=state, why=why, file=file))
    return tuple(found)


def _replaced(decisions: tuple[Decision, ...], as_of: date) -> Mapping[str, str]:
    """Id to the later decision in its place: one that names it, or one of the same type on the same subject.

    A request that was deferred takes no place, one that was rejected does: an old yes does not outlive a new no.
    """
    made = sorted((d for d in decisions if d.decided_on <= as_of), key=lambda d: (d.decided_on, d.id))
    found = {d.supersedes: d.id for d in made if d.supersedes}
    speaks: dict[tuple[object, Subject], str] = {}
    for decision in made:
        if decision.outcome is Outcome.DEFERRED:
            continue
        key = (decision.type, decision.subject)
        if key in speaks:
            found.setdefault(speaks[key], decision.id)
        speaks[key] = decision.id
    return found


def _state(
    decision: Decision,
    project: Project,
    now: Mapping[Subject, Basis],
    replaced: Mapping[str, str],
    as_of: date,
) -> Found:
    """The first that applies: what people did to it, then what is wrong with it, then how long it lasts."""
    return (
        _withdrawn(decision, replaced, as_of)
        or _lapsed(decision, project, now, as_of)
        or _lasting(decision, as_of)
    )


def _withdrawn(decision: Decision, replaced: Mapping[str, str], as_of: date) -> Found | None:
    revoked = decision.revoked
    if revoked is not None and revoked.on <= as_of:
        return DecisionState.REVOKED, f"revoked by {revoked.by} on {revoked.on}: {revoked.why}"
    if decision.id in replaced:
        return DecisionState.SUPERSEDED, f"{replaced[decision.id]} takes its place"
    if decision.decided_on > as_of:
        return DecisionState.NOT_YET, f"decided on {decision.decided_on}"
    if not decision.outcome.approving:
        return DecisionState.NOT_GRANTED, f"the outcome was {decision.outcome.value}"
    return None


def _lapsed(decision: Decision, project: Project, now: Mapping[Subject, Basis], as_of: date) -> Found | None:
    subject = decision.subject
    if subject.release is not None and subject.release != project.profile.version:
        return (
            DecisionState.OUTDATED,
            f"it is about version {subject.release}, now {project.profile.version}",
        )
    if subject not in now:
        return DecisionState.ORPHANED, f"this project has no {subject.kind} {subject}"
    if decision.expires_on is not None and decision.expires_on < as_of:
        return DecisionState.EXPIRED, f"expired on {decision.expires_on}"
    late = next((c for c in decision.conditions if c.done_on is None and c.due < as_of), None)
    if late is not None:
        return DecisionState.EXPIRED, f"condition not kept by {late.due}: {late.text}"
    changed = _changed(decision.basis or Basis(), now[subject])
    return (DecisionState.OUTDATED, "; ".join(changed)) if changed else None


def _lasting(decision: Decision, as_of: date) -> Found:
    if decision.expires_on is None:
        return DecisionState.VALID, "without an end date"
    if decision.expires_on - as_of <= EXPIRING:
        return DecisionState.EXPIRING, f"expires on {decision.expires_on}"
    return DecisionState.VALID, f"until {decision.expires_on}"


def _changed(then: Basis, today: Basis) -> list[str]:
    """Which parts the decision names differ today, with both digests."""
    named = [(part, getattr(then, part), getattr(today, part)) for part in PARTS]
    return [
        f"{part} changed since: sha256 {was} then, {now or 'none'} now"
        for part, was, now in named
        if was is not None and was != now
    ]

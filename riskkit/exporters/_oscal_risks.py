"""Risks and requirements in OSCAL, tied to what was observed."""

from __future__ import annotations

from typing import Any

from riskkit.exporters._oscal_document import line, moment, props, prose, token, uid
from riskkit.model import ChecklistRow, Credit, DecisionType, Entry, Indicator, ProjectRegister, Rating

TOOL = uid("component", "riskkit")


def observed_as(project: ProjectRegister, indicator: Indicator) -> str:
    """The identifier of the observation of a figure."""
    return uid("observation", project.profile.id, indicator.assessment, indicator.measure, indicator.segment)


def risk(entry: Entry, project: ProjectRegister, observed: set[str]) -> dict[str, Any]:
    """One row of the register."""
    name, of = project.profile.id, entry.risk
    keys = [key for i in entry.indicators if (key := observed_as(project, i)) in observed]
    missing = [f"{i.measure}: {i.verdict}" for i in entry.indicators if i.measurement is None]
    decision = entry.decision
    made: dict[str, Any] = {
        "uuid": uid("risk", name, of.id),
        "title": prose(of.title),
        "description": prose(f"{of.cause} {of.event}"),
        "statement": prose(f"{of.consequence} Who is hurt: {of.who_is_hurt}"),
        "props": props(
            {
                "project": name,
                "risk": of.id,
                "category": of.category,
                "owner": entry.owner,
                "verdict": entry.verdict,
                "inherent": entry.inherent,
                "current": entry.current,
                "residual": entry.residual,
                "override": entry.override,
                "appetite": entry.appetite,
                "within-appetite": entry.within_appetite,
                "confidence": entry.confidence,
                "not-observed": "; ".join(missing),
                "decision": decision and f"{decision.decision.id} is {decision.state}",
            }
        ),
        "status": _status(entry),
        "characterizations": [
            _levels("initial", entry.inherent_rating, project),
            _levels("adjusted", entry.residual_rating, project),
        ],
        "mitigating-factors": [_factor(credit, name, of.id) for credit in entry.credits],
        "deadline": entry.review_due and moment(entry.review_due),
        "related-observations": [{"observation-uuid": key} for key in dict.fromkeys(keys)],
    }
    return {key: value for key, value in made.items() if value}  # fmt: skip


def _status(entry: Entry) -> str:
    accepted = any(s.state.holds and s.decision.type is DecisionType.ACCEPT for s in entry.decisions)
    return "deviation-approved" if accepted else "open"


def _levels(state: str, rating: Rating, project: ProjectRegister) -> dict[str, Any]:
    system = f"urn:riskkit:matrix:{project.matrix.id}"
    own = [{"name": "state", "value": state}]
    facets = [
        {"name": axis, "system": system, "value": str(getattr(rating, axis)), "props": own}
        for axis in ("likelihood", "impact")
    ]
    level = {"name": "level", "system": system, "value": str(project.matrix.level(rating)), "props": own}
    return {"origin": {"actors": [{"type": "tool", "actor-uuid": TOOL}]}, "facets": [*facets, level]}


def _factor(credit: Credit, project: str, risk: str) -> dict[str, Any]:
    control, why = credit.control, "; ".join(credit.reasons)
    said = f"{control.title} ({control.status}; declared {control.effectiveness}, credited {credit.credited}): {why}"
    return {"uuid": uid("factor", project, risk, control.id), "description": prose(said)}


def finding(row: ChecklistRow, project: ProjectRegister, observed: set[str]) -> dict[str, Any]:
    """How one requirement stands: satisfied only where it is met."""
    name, met = project.profile.id, row.status == "met" and row.applies == "yes"
    reason = "pass" if met else "fail" if row.status in {"gap", "partly"} else "other"
    answer = uid("answer", name, row.requirement)
    measured = [
        observed_as(project, i)
        for e in project.entries
        for i in e.indicators
        if i.measure in row.served_by and i.measurement
    ]
    keys = [key for key in dict.fromkeys([answer, *measured]) if key in observed]
    made: dict[str, Any] = {
        "uuid": uid("finding", name, row.requirement),
        "title": prose(row.title),
        "description": prose(f"{row.status}: {row.why}"),
        "props": props(
            {
                "framework": row.framework,
                "citation": row.citation,
                "applies": row.applies,
                "stands": row.status,
                "basis": row.basis,
                "missing": "; ".join(row.missing),
            }
        ),
        "target": {
            "type": "objective-id",
            "target-id": token(row.requirement),
            "status": {
                "state": "satisfied" if met else "not-satisfied",
                "reason": reason,
                "remarks": line(row.why),
            },
        },
        "related-observations": [{"observation-uuid": key} for key in keys],
    }
    return {key: value for key, value in made.items() if value}  # fmt: skip

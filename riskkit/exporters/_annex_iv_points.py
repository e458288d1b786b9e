"""The points of Annex IV in our own words, and what of each is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from riskkit.exporters._markdown_parts import unmeasured, who
from riskkit.model import ProjectRegister

Known = Callable[[ProjectRegister], list[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its number in the annex, what it asks for, what is on record, and what nobody can tell from that."""

    number: str
    title: str
    missing: str
    known: Known


def _nothing(project: ProjectRegister) -> list[str]:
    del project
    return []


def _identity(project: ProjectRegister) -> list[str]:
    profile = project.profile
    uses = [f"Not for: {use}" for use in profile.not_for]
    return [f"Purpose: {profile.purpose}", *uses, f"Version: {profile.version}", *who(project)]


def _interaction(project: ProjectRegister) -> list[str]:
    return [f"Target {name} of kind {t.kind}" for name, t in project.profile.targets.items()]


def _design(project: ProjectRegister) -> list[str]:
    tier = project.profile.tier
    affected = project.profile.facts.people_affected
    return [
        f"Autonomy: {tier.autonomy}; exposure {tier.exposure} of 5, purpose {tier.purpose} of 5",
        f"Who is affected: {affected}" if affected else "Who is affected: not known",
    ]


def _data(project: ProjectRegister) -> list[str]:
    read = (
        f"Read by {run.assessment} on {run.run.started.date()}: {i.path}, SHA-256 {i.sha256}"
        for run in project.latest
        for i in (run.conclusion.inputs if run.conclusion else ())
    )
    named = [f"{name}: {d.about or 'not described'}" for name, d in project.profile.datasets.items()]
    return [*named, *dict.fromkeys(read)]


def _oversight(project: ProjectRegister) -> list[str]:
    return _answered(project, ("human", "oversight"))


def _testing(project: ProjectRegister) -> list[str]:
    return [
        f"{run.assessment}, {run.run.started.date()}, as {run.run.performed_as}: {run.run.status}; record {run.folder}"
        for run in project.latest
    ]


def _security(project: ProjectRegister) -> list[str]:
    rows = [e for e in project.entries if e.risk.category in {"security", "robustness"}]
    return [f"{e.risk.title}: verdict {e.verdict}, residual {e.residual}" for e in rows]


def _monitoring(project: ProjectRegister) -> list[str]:
    bounds = [
        f"{t.measure}: {t.describe()}, owner {t.owner or 'nobody'}, because {t.rationale or 'nobody said why'}"
        for t in project.profile.thresholds
    ]
    return [*bounds, *(f"Not measured: {line}" for line in unmeasured(project))]


def _metrics(project: ProjectRegister) -> list[str]:
    return [
        f"{t.measure}: chosen with bound {t.describe()} ({t.source}{', ' + t.reference if t.reference else ''})"
        for t in project.profile.thresholds
    ]


def _risks(project: ProjectRegister) -> list[str]:
    controls = [f"Control {c.title}: {c.status}, declared {c.effectiveness}" for c in project.controls]
    return (
        [f"{len(project.entries)} risks of the catalogue concern the system", *controls]
        if project.entries
        else []
    )


def _changes(project: ProjectRegister) -> list[str]:
    return [
        f"{s.decision.decided_on}: {s.decision.type} of {s.decision.subject}, {s.decision.outcome}, {s.state}"
        for s in project.decisions
    ]


def _standards(project: ProjectRegister) -> list[str]:
    return [f"{s.title}: {s.applies} requirements apply, {s.unknown} unknown" for s in project.scope]


def _after(project: ProjectRegister) -> list[str]:
    review = project.profile.review
    planned = f"Review every {review.cadence_months} months, next due {review.next_due}"
    calls = [f"Reason to assess again: {call.what}" for call in project.calls]
    return [planned, *calls, *_answered(project, ("monitoring",))]


def _answered(project: ProjectRegister, words: Iterable[str]) -> list[str]:
    """Answers to requirements whose title has one of ``words``."""
    rows = project.duties.rows if project.duties else ()
    said = project.answers.answers
    return [
        f"{row.requirement}, {row.title}: {said[row.requirement].status}, {said[row.requirement].note}"
        for row in rows
        if row.requirement in said and any(word in row.title.lower() for word in words)
    ]


POINTS = (
    Point("1a", "Purpose, provider, version", "the provider's name and how versions relate", _identity),
    Point("1b", "How it works together with other hardware and software", "all beyond its targets", _interaction),
    Point("1c", "Versions of software and firmware, and what updates need", "for people to write", _nothing),
    Point("1d", "Forms in which it is placed on the market", "for people to write", _nothing),
    Point("1e", "Hardware on which it is meant to run", "for people to write", _nothing),
    Point("1f", "Pictures of products of which it is a part", "for people to write", _nothing),
    Point("1g", "What the deployer sees of it", "for people to write", _nothing),
    Point("1h", "Instructions for use", "for people to write", _nothing),
    Point("2a", "How it was developed, and what third parties brought", "for people to write", _nothing),
    Point("2b", "Design: logic, choices, assumptions, trade-offs", "logic, algorithms, aims", _design),
    Point("2c", "Architecture and computing resources", "for people to write", _nothing),
    Point("2d", "Data: origin, selection, labelling, cleaning", "how data were obtained, labelled, cleaned", _data),
    Point("2e", "Human oversight, and how outputs are made clear", "measures of oversight under Art. 14", _oversight),
    Point("2f", "Changes fixed in advance", "for people to write", _nothing),
    Point("2g", "Validation and testing, with dated and signed reports", "signatures of those responsible", _testing),
    Point("2h", "Cybersecurity", "measures in place, beyond the risks assessed", _security),
    Point("3", "Functioning and control: accuracy, limits, foreseeable harm", "expected accuracy", _monitoring),
    Point("4", "Why these performance metrics suit it", "why these and no others", _metrics),
    Point("5", "Risk management under Art. 9", "the process itself", _risks),
    Point("6", "Changes during its life", "changes that no decision mentions", _changes),
    Point("7", "Harmonised standards, or what takes their place", "which are applied, and how far", _standards),
    Point("8", "EU declaration of conformity", "for people to write; no kit can give it", _nothing),
    Point("9", "Plan for monitoring after it is placed on the market", "the plan under Art. 72(3)", _after),
)  # fmt: skip
"""The points, in the order of the annex."""

"""Entries: one row of the register for one risk of one project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from riskkit.model import (
    WORST_FIRST,
    Comparison,
    Credit,
    DecisionState,
    Effectiveness,
    Entry,
    Indicator,
    Level,
    Matrix,
    Project,
    RatedRisk,
    Rating,
    Risk,
    Standing,
    Verdict,
)

from . import basis
from .comparing import compared
from .credit import claimed
from .indicators import Indicators, Runs, label, missing
from .walk import walk

Within = Literal["yes", "no", "unknown"]
_SHOWN = 5
_WORST = {verdict: place for place, verdict in enumerate(WORST_FIRST)}


@dataclass(frozen=True)
class Material:
    """What the rows of one project are made from."""

    project: Project
    matrix: Matrix
    runs: Runs
    indicators: Indicators
    credits: Mapping[str, Credit]
    digests: basis.Digests
    as_of: date


def entry(risk: Risk, material: Material) -> Entry:
    """The row of ``risk``, before any decision is looked at."""
    project, matrix = material.project, material.matrix
    profile, rated = project.profile, project.profile.risks.get(risk.id)
    asked = _asked(risk, material)
    credits = tuple(material.credits[c.id] for c in project.controls if risk.id in c.risks)
    inherent = rated.inherent if rated else matrix.fit(risk.default_rating)
    residual = walk(inherent, [(c.control, c.credited, c.reasons) for c in credits], matrix)
    current = residual
    if any(claimed(c.control) is not c.credited for c in credits):
        current = walk(inherent, [(c.control, claimed(c.control), ()) for c in credits], matrix)
    verdict = asked[0].verdict if asked else Verdict.NOT_APPLICABLE
    appetite = profile.appetite.get(risk.category.value)
    comparisons = tuple(compared(asked, risk.measures, project, material.runs, as_of=material.as_of))
    within = within_appetite(residual[-1].level, appetite, verdict, rated=rated is not None)
    disputes = [c.why for c in comparisons if c.verdict is Verdict.BREACHED]
    return Entry(
        project=profile.id,
        risk=risk,
        owner=(rated.owner if rated else None) or profile.roles.owner,
        rated=rated is not None,
        inherent=residual[0].level,
        inherent_rating=inherent,
        current=current[-1].level,
        current_rating=current[-1].rating,
        current_score=current[-1].score,
        residual=residual[-1].level,
        residual_rating=residual[-1].rating,
        residual_score=residual[-1].score,
        target=matrix.level(rated.target) if rated and rated.target else None,
        appetite=appetite,
        within_appetite=within,
        confidence=_confidence(asked, comparisons, rated is not None),
        verdict=verdict,
        indicators=asked,
        credits=credits,
        walk=residual,
        why=(
            *_why_measures(risk, asked, comparisons),
            *_why_level(risk, residual[-1].level, appetite, within),
            *_why_rating(risk, rated, inherent, credits),
        ),
        treatment=(rated.treatment if rated else None) or "",
        basis=basis.of_risk(risk, rated, residual, asked, credits, material.digests, disputes=disputes),
        compared=comparisons,
        review_due=profile.review.next_due,
    )


def with_decisions(entry: Entry, decided: Iterable[Standing], matrix: Matrix) -> Entry:
    """``entry`` with the decisions about it; an override in force changes the level that appetite is held against."""
    own = tuple(s for s in decided if s.decision.subject.risk == entry.risk.id)
    if not own:
        return entry
    in_force = [s for s in own if s.state.holds]
    ends = [s.decision.expires_on for s in in_force if s.decision.expires_on]
    why = (*(f"reopened: {_lapse(s)}" for s in _reopening(own)), *entry.why)
    changed: dict[str, object] = {"decisions": own, "why": why}
    if ends and entry.review_due:
        changed["review_due"] = min(*ends, entry.review_due)
    rating = next((s.decision.rating for s in in_force if s.decision.rating), None)
    if rating is not None:
        level = matrix.level(rating)
        changed["override"] = level
        changed["within_appetite"] = within_appetite(level, entry.appetite, entry.verdict, rated=True)
        changed["why"] = (f"residual {entry.residual} was overridden to {level} by decision", *why)
    return entry.model_copy(update=changed)


def within_appetite(level: Level, appetite: Level | None, verdict: Verdict, *, rated: bool) -> Within:
    """Yes only when the level is acceptable and every measure asked for is met; a breach is always no.

    A level that no owner rated, only the catalogue, is too weak to say no.
    """
    if verdict is Verdict.BREACHED:
        return "no"
    if appetite is not None and level.rank > appetite.rank:
        return "no" if rated else "unknown"
    return "yes" if appetite is not None and verdict is Verdict.MET else "unknown"


def _asked(risk: Risk, material: Material) -> tuple[Indicator, ...]:
    """What is known of every measure ``risk`` asks for, the worst first."""
    found: list[Indicator] = []
    bounded = {t.measure for t in material.project.profile.thresholds}
    for name in (*risk.evidence, *(m for m in risk.evidence_with_threshold if m in bounded)):
        taken = material.indicators.get(name)
        found += taken or [missing(name, material.project, as_of=material.as_of)]
    return tuple(sorted(found, key=lambda i: (_WORST[i.verdict], i.measure, i.segment, i.assessment)))


def _reopening(own: Iterable[Standing]) -> list[Standing]:
    """Acceptances, waivers and overrides that were in force once and are no longer."""
    lapsed = {DecisionState.EXPIRED, DecisionState.OUTDATED, DecisionState.REVOKED}
    return [s for s in own if s.state in lapsed and s.decision.type.must_expire]


def _lapse(standing: Standing) -> str:
    decision = standing.decision
    return f"{decision.type.value.replace('_', ' ')} {decision.id} is {standing.state}: {standing.why}"


def _confidence(
    asked: Sequence[Indicator], comparisons: Sequence[Comparison], rated: bool
) -> Literal["low", "medium", "high"]:
    """High: all decided against owned thresholds and rated by the owner; low: something is absent or challenged."""
    decided = {Verdict.MET, Verdict.BREACHED}
    if not asked or any(i.verdict not in {*decided, Verdict.INCONCLUSIVE} for i in asked):
        return "low"
    if any(not c.agrees for c in comparisons):
        return "low"
    owned = all(i.threshold is not None and i.threshold.owned for i in asked)
    return "high" if rated and owned and all(i.verdict in decided for i in asked) else "medium"


def _why_measures(risk: Risk, asked: Sequence[Indicator], comparisons: Sequence[Comparison]) -> Iterable[str]:
    if not asked:
        yield f"cannot be measured: {risk.not_measurable_reason}"
    unmet = [i for i in asked if i.verdict is not Verdict.MET]
    yield from (f"{label(i)}: {i.judgement.why}" for i in unmet[:_SHOWN])
    if len(unmet) > _SHOWN:
        yield f"{len(unmet) - _SHOWN} more measures are not met"
    yield from (
        f"the validator's run breaches: {c.why}" for c in comparisons if c.verdict is Verdict.BREACHED
    )


def _why_level(risk: Risk, residual: Level, appetite: Level | None, within: Within) -> Iterable[str]:
    if within == "yes":
        yield "every measure asked for is met and fresh, and residual is within appetite"
    if appetite is None:
        yield f"no appetite is set for {risk.category}"
    elif residual.rank > appetite.rank:
        yield f"residual {residual} is above the appetite for {risk.category} ({appetite})"


def _why_rating(
    risk: Risk, rated: RatedRisk | None, inherent: Rating, credits: Sequence[Credit]
) -> Iterable[str]:
    if rated is None:
        yield "not rated by the owner: the catalogue's default rating stands in"
        if inherent != risk.default_rating:
            was = f"{risk.default_rating.likelihood}, {risk.default_rating.impact} on the scale of five"
            yield f"the default {was} reads {inherent.likelihood}, {inherent.impact} here, rounded up"
    without = [c.control.title for c in credits if c.credited is Effectiveness.NONE]
    if without:
        yield f"controls without credit: {', '.join(without)}"

"""Fold projects, catalogue, evidence and decisions into the register. Pure: no file, no clock, no chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Literal

from riskkit.model import (
    WORST_FIRST,
    Catalog,
    Comparison,
    Credit,
    DecisionType,
    Entry,
    Evidence,
    Indicator,
    Judgement,
    Level,
    Matrix,
    Measurement,
    Profile,
    Project,
    ProjectRegister,
    Register,
    Risk,
    Standing,
    Status,
    Verdict,
    digest,
    judge,
)

from .calls import calls
from .credit import Indicators, Runs, claimed, credit, label, missing, walk
from .remarks import remarks
from .standing import basis, standings

__all__ = ["build"]


def build(
    projects: Iterable[Project],
    catalog: Catalog,
    evidence: Iterable[Evidence],
    *,
    as_of: date,
    kit_version: str,
    damaged: Iterable[str] = (),
) -> Register:
    """The register of ``projects`` as it stands on ``as_of``; evidence started later does not count yet."""
    runs: dict[str, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for item in sorted(evidence, key=lambda e: (e.run.started, e.folder)):
        if item.run.started.date() <= as_of:
            runs[item.project][item.assessment].append(item)
    return Register(
        as_of=as_of,
        kit_version=kit_version,
        projects=tuple(
            _project(p, catalog, {a: tuple(r) for a, r in runs[p.id].items()}, as_of)
            for p in sorted(projects, key=lambda p: p.id)
        ),
        regulations=tuple(catalog.regulations.values()),
        damaged=tuple(damaged),
    )


def _project(
    project: Project, catalog: Catalog, runs: dict[str, tuple[Evidence, ...]], as_of: date
) -> ProjectRegister:
    profile = project.profile
    matrix = catalog.matrices[profile.matrix]
    indicators = _indicators(project, runs, as_of)
    concerned = [r for r in catalog.risks.values() if _concerns(r, profile, indicators)]
    drafts = tuple(_entry(project, risk, matrix, indicators, runs) for risk in concerned)
    decided = standings(project, {e.risk.id: e.basis for e in drafts}, as_of=as_of)
    entries = tuple(_with_decisions(entry, decided, matrix) for entry in drafts)
    latest = tuple(r[-1] for r in runs.values())
    return ProjectRegister(
        profile=profile,
        matrix=matrix,
        entries=entries,
        out_of_scope=tuple(r for r in catalog.risks.values() if r not in concerned),
        latest=latest,
        runs=sum(map(len, runs.values())),
        answers=project.answers,
        decisions=decided,
        findings=tuple(sorted(project.findings, key=lambda f: (not f.status.is_open, f.due, f.id))),
        remarks=remarks(project, catalog, entries, decided, latest, as_of=as_of),
        calls=calls(project, catalog, entries, runs, as_of=as_of),
    )


def _concerns(risk: Risk, profile: Profile, indicators: Indicators) -> bool:
    """A risk concerns a system of its kind, one whose owner rated it, and one in which a measure of it was taken."""
    taken = any(name in indicators for name in risk.evidence)
    return profile.kind in risk.applies_to or risk.id in profile.risks or taken


def _indicators(project: Project, runs: Runs, as_of: date) -> dict[str, list[Indicator]]:
    """Measure to what the developer's latest run of each assessment that takes it says today."""
    found: dict[str, list[Indicator]] = defaultdict(list)
    for assessment, history in runs.items():
        own = [run for run in history if run.run.performed_as == "developer"]
        good = [run for run in own if run.run.status is Status.OK and run.conclusion]
        for measurement in good[-1].conclusion.measurements if good and good[-1].conclusion else ():
            found[measurement.measure].append(
                _indicator(project, assessment, measurement, good[-1], own[-1], as_of)
            )
    return found


def _indicator(
    project: Project, assessment: str, measurement: Measurement, good: Evidence, last: Evidence, as_of: date
) -> Indicator:
    threshold = project.profile.threshold(measurement.measure, measurement.segment)
    taken = good.run.started.date()
    if last is not good:
        why = f"the run of {last.run.started.date()} {last.run.status}: {last.run.reason}"
        judgement = Judgement(verdict=Verdict.ERROR, why=why)
    elif good.run.valid_until and good.run.valid_until.date() < as_of:
        judgement = Judgement(
            verdict=Verdict.STALE, why=f"the evidence was valid until {good.run.valid_until.date()}"
        )
    else:
        judgement = judge(measurement, threshold)
    return Indicator(
        measure=measurement.measure,
        segment=measurement.segment,
        assessment=assessment,
        measurement=measurement,
        threshold=threshold,
        judgement=judgement,
        taken_on=taken,
        age_days=(as_of - taken).days,
        record=good.folder,
        conclusion_sha256=digest(good.conclusion),
        threshold_edited=measurement.threshold != threshold,
    )


def _entry(project: Project, risk: Risk, matrix: Matrix, indicators: Indicators, runs: Runs) -> Entry:
    profile = project.profile
    rated = profile.risks.get(risk.id)
    asked = [i for name in risk.evidence for i in indicators.get(name) or [missing(name)]]
    asked.sort(key=lambda i: (WORST_FIRST.index(i.verdict), i.measure, i.segment))
    verdict = asked[0].verdict if asked else Verdict.NOT_APPLICABLE
    credits = tuple(credit(c, indicators, project, runs) for c in project.controls if risk.id in c.risks)
    inherent = matrix.fit(rated.inherent if rated else risk.default_rating)
    current = walk(inherent, [(c.control, claimed(c.control), ()) for c in credits], matrix)
    residual = walk(inherent, [(c.control, c.credited, c.reasons) for c in credits], matrix)
    appetite = profile.appetite.get(risk.category.value)
    within = _within(residual[-1].level, appetite, verdict)
    return Entry(
        project=profile.id,
        risk=risk,
        owner=(rated.owner if rated else None) or profile.roles.owner,
        rated=rated is not None,
        inherent=matrix.level(inherent),
        inherent_rating=inherent,
        current=current[-1].level,
        current_rating=current[-1].rating,
        residual=residual[-1].level,
        residual_rating=residual[-1].rating,
        target=matrix.level(rated.target) if rated and rated.target else None,
        appetite=appetite,
        within_appetite=within,
        confidence=_confidence(asked, rated is not None),
        verdict=verdict,
        indicators=tuple(asked),
        credits=credits,
        walk=residual,
        why=_why(risk, asked, credits, residual[-1].level, appetite, within, rated is not None),
        treatment=(rated.treatment if rated else None) or "",
        basis=basis(risk, rated, residual[-1].rating, asked, credits, project, matrix),
        compared=tuple(_compared(asked, runs)),
    )


def _with_decisions(entry: Entry, decided: Iterable[Standing], matrix: Matrix) -> Entry:
    """``entry`` with the decisions about it; an override in force changes the level that appetite is held against."""
    own = tuple(s for s in decided if s.decision.subject.risk == entry.risk.id)
    rating = next(
        (s.decision.rating for s in own if s.state.holds and s.decision.type is DecisionType.OVERRIDE_RATING),
        None,
    )
    if rating is None:
        return entry.model_copy(update={"decisions": own})
    level = matrix.level(rating)
    within = _within(level, entry.appetite, entry.verdict)
    why = (f"residual {entry.residual} was overridden to {level} by decision", *entry.why)
    return entry.model_copy(
        update={"decisions": own, "override": level, "within_appetite": within, "why": why}
    )


def _compared(asked: Iterable[Indicator], runs: Runs) -> Iterable[Comparison]:
    """The developer's measurements beside the validator's latest ones."""
    for indicator in asked:
        checks = [
            r
            for r in runs.get(indicator.assessment, ())
            if r.run.performed_as == "validator" and r.conclusion
        ]
        if not checks or checks[-1].conclusion is None or indicator.measurement is None:
            continue
        for other in checks[-1].conclusion.measurements:
            if (other.measure, other.segment) == (indicator.measure, indicator.segment):
                yield _comparison(indicator, indicator.measurement, other)


def _comparison(indicator: Indicator, developer: Measurement, validator: Measurement) -> Comparison:
    """Agreement means that each value lies in the other's interval."""
    agrees = _covers(developer, validator.value) and _covers(validator, developer.value)
    words = "agree" if agrees else "differ"
    why = f"{label(indicator)}: developer {_number(developer)} and validator {_number(validator)} {words}"
    return Comparison(developer=developer, validator=validator, agrees=agrees, why=why)


def _covers(measurement: Measurement, value: float | None) -> bool:
    low, high = measurement.low, measurement.high
    return value is not None and low is not None and high is not None and low <= value <= high


def _number(measurement: Measurement) -> str:
    if measurement.value is None or measurement.low is None or measurement.high is None:
        return "undefined"
    return f"{measurement.value:.4g} [{measurement.low:.4g}, {measurement.high:.4g}]"


def _within(residual: Level, appetite: Level | None, verdict: Verdict) -> Literal["yes", "no", "unknown"]:
    """Yes only when the level is acceptable and every measure asked for is met; a breach is always no."""
    if verdict is Verdict.BREACHED or (appetite is not None and residual.rank > appetite.rank):
        return "no"
    return "yes" if appetite is not None and verdict is Verdict.MET else "unknown"


def _confidence(asked: list[Indicator], rated: bool) -> Literal["low", "medium", "high"]:
    """High: every measure decided against an owned threshold and the owner rated the risk; low: something is absent."""
    decided = {Verdict.MET, Verdict.BREACHED}
    if not asked or any(i.verdict not in {*decided, Verdict.INCONCLUSIVE} for i in asked):
        return "low"
    owned = all(i.threshold is not None and i.threshold.owned for i in asked)
    return "high" if rated and owned and all(i.verdict in decided for i in asked) else "medium"


def _why(
    risk: Risk,
    asked: list[Indicator],
    credits: tuple[Credit, ...],
    residual: Level,
    appetite: Level | None,
    within: str,
    rated: bool,
) -> tuple[str, ...]:
    """The reasons a reader needs, most important first."""
    reasons = [f"{label(i)}: {i.judgement.why}" for i in asked if i.verdict is not Verdict.MET][:5]
    if not asked:
        reasons.append(f"cannot be measured: {risk.not_measurable_reason}")
    if appetite is None:
        reasons.append(f"no appetite is set for {risk.category}")
    elif residual.rank > appetite.rank:
        reasons.append(f"residual {residual} is above the appetite for {risk.category} ({appetite})")
    if not rated:
        reasons.append("not rated by the owner: the catalogue's default rating stands in")
    uncredited = [c.control.title for c in credits if c.credited.steps == 0]
    if uncredited:
        reasons.append(f"controls without credit: {', '.join(uncredited)}")
    if within == "yes":
        reasons.insert(0, "every measure asked for is met and fresh, and residual is within appetite")
    return tuple(reasons)

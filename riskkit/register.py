"""Fold projects, catalogue and evidence into the register. Pure: no file, no clock, no chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from .model import (
    WORST_FIRST,
    Catalog,
    Control,
    ControlStatus,
    Credit,
    Effectiveness,
    Entry,
    Evidence,
    Indicator,
    Judgement,
    Level,
    Matrix,
    Measurement,
    Project,
    ProjectRegister,
    Rating,
    Register,
    Risk,
    Status,
    Step,
    Verdict,
    judge,
)

Runs = Mapping[str, tuple[Evidence, ...]]
"""Assessment to its runs, oldest first."""


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


def _project(project: Project, catalog: Catalog, runs: Runs, as_of: date) -> ProjectRegister:
    profile = project.profile
    matrix = catalog.matrices[profile.matrix]
    indicators = _indicators(project, runs, as_of)
    concerned = [r for r in catalog.risks.values() if profile.kind in r.applies_to]
    return ProjectRegister(
        profile=profile,
        matrix=matrix,
        entries=tuple(_entry(project, risk, matrix, indicators, runs) for risk in concerned),
        out_of_scope=tuple(r for r in catalog.risks.values() if profile.kind not in r.applies_to),
        latest=tuple(r[-1] for r in runs.values()),
        runs=sum(map(len, runs.values())),
        answers=project.answers,
    )


def _indicators(project: Project, runs: Runs, as_of: date) -> dict[str, list[Indicator]]:
    """Measure to what the latest run of each assessment that takes it says today."""
    found: dict[str, list[Indicator]] = defaultdict(list)
    for assessment, history in runs.items():
        good = [run for run in history if run.run.status is Status.OK and run.conclusion]
        if not good:
            continue
        for measurement in good[-1].conclusion.measurements if good[-1].conclusion else ():
            found[measurement.measure].append(
                _indicator(project, assessment, measurement, good[-1], history[-1], as_of)
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
        judgement = Judgement(verdict=Verdict.STALE, why=f"the evidence was valid until {good.run.valid_until.date()}")
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
        threshold_edited=measurement.threshold != threshold,
    )


def _entry(
    project: Project, risk: Risk, matrix: Matrix, indicators: Mapping[str, list[Indicator]], runs: Runs
) -> Entry:
    profile = project.profile
    rated = profile.risks.get(risk.id)
    asked = [i for name in risk.evidence for i in indicators.get(name) or [_missing(name)]]
    asked.sort(key=lambda i: WORST_FIRST.index(i.verdict))
    verdict = asked[0].verdict if asked else Verdict.NOT_APPLICABLE
    credits = tuple(_credit(c, indicators, project, runs) for c in project.controls if risk.id in c.risks)
    inherent = matrix.fit(rated.inherent if rated else risk.default_rating)
    claimed = {c.control.id: _claimed(c.control) for c in credits}
    current = _walk(inherent, [(c.control, claimed[c.control.id], ()) for c in credits], matrix)
    residual = _walk(inherent, [(c.control, c.credited, c.reasons) for c in credits], matrix)
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
    )


def _missing(measure: str) -> Indicator:
    return Indicator(
        measure=measure, judgement=Judgement(verdict=Verdict.MISSING, why="no run has taken this measure yet")
    )


def _credit(
    control: Control, indicators: Mapping[str, list[Indicator]], project: Project, runs: Runs
) -> Credit:
    ceiling, reasons = _ceiling(control, indicators, project, runs)
    credited = min(control.effectiveness, ceiling, key=lambda e: e.rank)
    if credited is control.effectiveness:
        reasons = (f"credited as declared ({credited})", *reasons)
    else:
        reasons = (f"declared {control.effectiveness}, credited {credited}", *reasons)
    return Credit(control=control, ceiling=ceiling, credited=credited, reasons=reasons)


def _ceiling(
    control: Control, indicators: Mapping[str, list[Indicator]], project: Project, runs: Runs
) -> tuple[Effectiveness, tuple[str, ...]]:
    """The most that evidence lets ``control`` earn, with the reason for the cap."""
    if control.status is not ControlStatus.ACTIVE:
        return Effectiveness.NONE, (f"the control is {control.status.value.replace('_', ' ')}, not active",)
    if not control.evidence:
        return Effectiveness.NONE, ("it names no evidence that it works",)
    shown = [i for name in control.evidence for i in indicators.get(name) or [_missing(name)]]
    for indicator in shown:
        if indicator.verdict not in (Verdict.MET, Verdict.INCONCLUSIVE):
            return Effectiveness.NONE, (f"{_label(indicator)} is {indicator.verdict}: {indicator.judgement.why}",)
    for indicator in shown:
        if indicator.verdict is Verdict.INCONCLUSIVE:
            return Effectiveness.WEAK, (f"{_label(indicator)} is inconclusive: {indicator.judgement.why}",)
        if indicator.threshold is None or not indicator.threshold.owned:
            return Effectiveness.WEAK, (f"the threshold for {_label(indicator)} is unowned",)
    once = [i for i in shown if not _met_before(i, project, runs)]
    if once:
        return Effectiveness.FAIR, (f"{_label(once[0])} is met, but not yet in two runs in a row",)
    if control.reviewed is None or control.reviewed.by == project.profile.roles.developer:
        return Effectiveness.GOOD, ("met in the last two runs; no independent review",)
    return Effectiveness.STRONG, (f"met in the last two runs and reviewed by {control.reviewed.by}",)


def _met_before(indicator: Indicator, project: Project, runs: Runs) -> bool:
    """Whether the run before the latest one met today's threshold too."""
    good = [run for run in runs[indicator.assessment] if run.run.status is Status.OK and run.conclusion]
    if len(good) < 2:
        return False
    earlier = good[-2].conclusion
    return any(
        judge(m, indicator.threshold).verdict is Verdict.MET
        for m in (earlier.measurements if earlier else ())
        if (m.measure, m.segment) == (indicator.measure, indicator.segment)
    )


def _claimed(control: Control) -> Effectiveness:
    return control.effectiveness if control.status is ControlStatus.ACTIVE else Effectiveness.NONE


def _walk(
    inherent: Rating, credits: Iterable[tuple[Control, Effectiveness, tuple[str, ...]]], matrix: Matrix
) -> tuple[Step, ...]:
    """From the inherent rating down: on each axis the best control counts, and nothing falls below 1."""
    steps = [Step(what="inherent: before any control", rating=inherent, level=matrix.level(inherent))]
    rating = inherent
    credited = list(credits)
    for axis in ("likelihood", "impact"):
        acting = [c for c in credited if c[0].acts_on == axis]
        best = max((c[1].steps for c in acting), default=0)
        counted = False
        for control, effectiveness, reasons in acting:
            counts = not counted and effectiveness.steps == best > 0
            if counts:
                counted = True
                rating = rating.model_copy(update={axis: max(1, getattr(inherent, axis) - best)})
            move = f"{axis} -{effectiveness.steps}" if counts else f"{axis} unchanged"
            if not counts and effectiveness.steps:
                move += " (a stronger or equal control already counts)"
            what = f"{control.title}: {effectiveness}, {move}" + (f"; {'; '.join(reasons)}" if reasons else "")
            steps.append(Step(what=what, rating=rating, level=matrix.level(rating)))
    return tuple(steps)


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
    reasons = [f"{_label(i)}: {i.judgement.why}" for i in asked if i.verdict is not Verdict.MET][:5]
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


def _label(indicator: Indicator) -> str:
    return indicator.measure + (f" [{indicator.segment}]" if indicator.segment else "")

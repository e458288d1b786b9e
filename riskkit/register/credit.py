"""Credit: how much of what a control claims its evidence carries, and the walk that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riskkit.model import (
    Control,
    ControlStatus,
    Credit,
    Effectiveness,
    Evidence,
    Indicator,
    Judgement,
    Matrix,
    Project,
    Rating,
    Status,
    Step,
    Verdict,
    judge,
)

Runs = Mapping[str, tuple[Evidence, ...]]
"""Assessment to its runs, oldest first."""
Indicators = Mapping[str, list[Indicator]]
"""Measure to what the latest runs say of it."""


def credit(control: Control, indicators: Indicators, project: Project, runs: Runs) -> Credit:
    """What ``control`` earns: the lesser of what is declared and what its evidence carries."""
    ceiling, reasons = _ceiling(control, indicators, project, runs)
    credited = min(control.effectiveness, ceiling, key=lambda e: e.rank)
    if credited is control.effectiveness:
        reasons = (f"credited as declared ({credited})", *reasons)
    else:
        reasons = (f"declared {control.effectiveness}, credited {credited}", *reasons)
    return Credit(control=control, ceiling=ceiling, credited=credited, reasons=reasons)


def claimed(control: Control) -> Effectiveness:
    """What a control would earn if its word were taken for it: as declared when active, else nothing."""
    return control.effectiveness if control.status is ControlStatus.ACTIVE else Effectiveness.NONE


def missing(measure: str) -> Indicator:
    """The indicator of a measure nobody took."""
    return Indicator(
        measure=measure, judgement=Judgement(verdict=Verdict.MISSING, why="no run has taken this measure yet")
    )


def label(indicator: Indicator) -> str:
    """A measure with its segment, as people read it."""
    return indicator.measure + (f" [{indicator.segment}]" if indicator.segment else "")


def walk(
    inherent: Rating, controls: Iterable[tuple[Control, Effectiveness, tuple[str, ...]]], matrix: Matrix
) -> tuple[Step, ...]:
    """From the inherent rating down: on each axis the best control counts, and nothing falls below 1."""
    steps = [Step(what="inherent: before any control", rating=inherent, level=matrix.level(inherent))]
    rating, listed = inherent, list(controls)
    for axis in ("likelihood", "impact"):
        acting = [c for c in listed if c[0].acts_on == axis]
        best = max((effectiveness.steps for _, effectiveness, _ in acting), default=0)
        speaks = next((c[0].id for c in acting if c[1].steps == best > 0), None)
        for control, effectiveness, reasons in acting:
            move = f"{axis} unchanged"
            if control.id == speaks:
                rating = rating.model_copy(update={axis: max(1, getattr(inherent, axis) - best)})
                move = f"{axis} -{best}"
            elif effectiveness.steps:
                move += " (another control that is as strong or stronger already counts)"
            what = f"{control.title}: {effectiveness}, {move}" + (
                f"; {'; '.join(reasons)}" if reasons else ""
            )
            steps.append(Step(what=what, rating=rating, level=matrix.level(rating)))
    return tuple(steps)


def _ceiling(
    control: Control, indicators: Indicators, project: Project, runs: Runs
) -> tuple[Effectiveness, tuple[str, ...]]:
    """The most that evidence lets ``control`` earn, with the reason for the cap."""
    if control.status is not ControlStatus.ACTIVE:
        return Effectiveness.NONE, (f"the control is {control.status.value.replace('_', ' ')}, not active",)
    if not control.evidence:
        return Effectiveness.NONE, ("it names no evidence that it works",)
    shown = [i for name in control.evidence for i in indicators.get(name) or [missing(name)]]
    for indicator in shown:
        if indicator.verdict not in (Verdict.MET, Verdict.INCONCLUSIVE):
            return Effectiveness.NONE, (
                f"{label(indicator)} is {indicator.verdict}: {indicator.judgement.why}",
            )
    for indicator in shown:
        if indicator.verdict is Verdict.INCONCLUSIVE:
            return Effectiveness.WEAK, (f"{label(indicator)} is inconclusive: {indicator.judgement.why}",)
        if indicator.threshold is None or not indicator.threshold.owned:
            return Effectiveness.WEAK, (f"the threshold for {label(indicator)} is unowned",)
    once = [i for i in shown if not _met_before(i, runs)]
    if once:
        return Effectiveness.FAIR, (f"{label(once[0])} is met, but not yet in two runs in a row",)
    if control.reviewed is None or control.reviewed.by == project.profile.roles.developer:
        return Effectiveness.GOOD, ("met in the last two runs; no independent review",)
    return Effectiveness.STRONG, (f"met in the last two runs and reviewed by {control.reviewed.by}",)


def _met_before(indicator: Indicator, runs: Runs) -> bool:
    """Whether the run before the latest one met today's threshold too."""
    history = [r for r in runs[indicator.assessment] if r.run.performed_as == "developer"]
    if len(history) < 2 or history[-2].run.status is not Status.OK or history[-2].conclusion is None:
        return False
    return any(
        judge(m, indicator.threshold).verdict is Verdict.MET
        for m in history[-2].conclusion.measurements
        if (m.measure, m.segment) == (indicator.measure, indicator.segment)
    )

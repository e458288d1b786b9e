"""Credit: how much of what a control claims its evidence carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from riskkit.model import (
    Control,
    ControlStatus,
    Credit,
    Effectiveness,
    Evidence,
    Indicator,
    Project,
    Status,
    Verdict,
    judge,
)

from .indicators import Indicators, Runs, label, measurements, missing


def credit(control: Control, found: Indicators, project: Project, runs: Runs, *, as_of: date) -> Credit:
    """What ``control`` earns: the lesser of what is declared and what its evidence carries."""
    ceiling, reasons = _ceiling(control, found, project, runs, as_of)
    credited = min(control.effectiveness, ceiling, key=lambda e: e.rank)
    if credited is control.effectiveness:
        reasons = (f"credited as declared ({credited})", *reasons)
    else:
        reasons = (f"declared {control.effectiveness}, credited {credited}", *reasons)
    return Credit(control=control, ceiling=ceiling, credited=credited, reasons=reasons)


def claimed(control: Control) -> Effectiveness:
    """What a control would earn if its word were taken for it: as declared when active, else nothing."""
    return control.effectiveness if control.status is ControlStatus.ACTIVE else Effectiveness.NONE


def _ceiling(
    control: Control, found: Indicators, project: Project, runs: Runs, as_of: date
) -> tuple[Effectiveness, tuple[str, ...]]:
    """The most that evidence lets ``control`` earn, with the reason for the cap."""
    if control.status is not ControlStatus.ACTIVE:
        return Effectiveness.NONE, (f"the control is {control.status.value.replace('_', ' ')}, not active",)
    if not control.evidence:
        return Effectiveness.NONE, ("it names no evidence that it works",)
    shown: list[Indicator] = []
    for name in control.evidence:
        shown += found.get(name) or [missing(name, project, as_of=as_of)]
    cap = _capped_by_verdict(shown)
    if cap is not None:
        return cap
    once = next((i for i in shown if not _met_before(i, runs)), None)
    if once is not None:
        return Effectiveness.FAIR, (f"{label(once)} is met, but not yet in two runs in a row",)
    if control.reviewed is None or control.reviewed.by in _not_independent(control, project):
        return Effectiveness.GOOD, ("met in the last two runs; no independent review",)
    return Effectiveness.STRONG, (f"met in the last two runs and reviewed by {control.reviewed.by}",)


def _capped_by_verdict(shown: Sequence[Indicator]) -> tuple[Effectiveness, tuple[str, ...]] | None:
    """Nothing for what is neither met nor open, weak for what is open or held against an unowned bound."""
    for indicator in shown:
        if indicator.verdict not in (Verdict.MET, Verdict.INCONCLUSIVE):
            why = f"{label(indicator)} is {indicator.verdict}: {indicator.judgement.why}"
            return Effectiveness.NONE, (why,)
    for indicator in shown:
        if indicator.verdict is Verdict.INCONCLUSIVE:
            return Effectiveness.WEAK, (f"{label(indicator)} is inconclusive: {indicator.judgement.why}",)
        if indicator.threshold is None or not indicator.threshold.owned:
            return Effectiveness.WEAK, (f"the threshold for {label(indicator)} is unowned",)
    return None


def _not_independent(control: Control, project: Project) -> set[str]:
    return {project.profile.roles.developer, control.owner}


def _met_before(indicator: Indicator, runs: Runs) -> bool:
    """Whether the run before met today's threshold too; a run that repeats the same conclusion is no second one."""
    history = [r for r in runs[indicator.assessment] if r.run.performed_as == "developer"]
    before = _before(history)
    return before is not None and any(
        judge(m, indicator.threshold).verdict is Verdict.MET
        for m in measurements(before)
        if (m.measure, m.segment) == (indicator.measure, indicator.segment)
    )


def _before(history: Sequence[Evidence]) -> Evidence | None:
    """The run before the latest that says anything else, if it succeeded."""
    for run in reversed(history[:-1]):
        if run.run.status is not Status.OK:
            return None
        if run.conclusion != history[-1].conclusion:
            return run
    return None

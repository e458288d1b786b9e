"""Comparing: the developer's measurements beside what the validator found on running the same assessment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date

from riskkit.model import Comparison, Indicator, Measurement, Project, Status, Verdict, judge

from .indicators import Runs, in_force, measurements, speaks


def compared(
    asked: Iterable[Indicator], measures: Iterable[str], project: Project, runs: Runs, *, as_of: date
) -> Iterator[Comparison]:
    """Every measurement of ``measures`` by the validator's latest runs that count, beside the developer's."""
    shown = {(i.assessment, i.measure, i.segment): i.measurement for i in asked if i.measurement}
    wanted = set(measures)
    for assessment, history in runs.items():
        checks = [r for r in history if r.run.performed_as == "validator" and r.run.status is Status.OK]
        if not checks or not speaks(project, checks[-1], as_of=as_of):
            continue
        for theirs in measurements(checks[-1]):
            if theirs.measure in wanted:
                ours = shown.get((assessment, theirs.measure, theirs.segment)) or _absent(theirs)
                verdict = judge(theirs, in_force(project, theirs, as_of)).verdict
                yield _comparison(ours, theirs, verdict)


def _absent(theirs: Measurement) -> Measurement:
    return Measurement(
        measure=theirs.measure,
        segment=theirs.segment,
        value=None,
        n=0,
        method="none",
        undefined="the developer did not measure it",
    )


def _comparison(ours: Measurement, theirs: Measurement, verdict: Verdict) -> Comparison:
    agrees = agree(ours, theirs)
    name = theirs.measure + (f" [{theirs.segment}]" if theirs.segment else "")
    words = "agree" if agrees else "differ"
    why = f"{name}: developer {number(ours)} and validator {number(theirs)} {words}"
    return Comparison(developer=ours, validator=theirs, agrees=agrees, verdict=verdict, why=why)


def agree(ours: Measurement, theirs: Measurement) -> bool:
    """Whether the difference is no larger than the two margins towards each other, added in quadrature.

    For independent samples that is the interval of the difference, so equal systems are challenged about as often as
    the intervals' level says; for one and the same computation nothing but equal values agrees.
    """
    if ours.value is None or theirs.value is None:
        return ours.value is None and theirs.value is None and ours.undefined == theirs.undefined
    first, second = sorted((ours, theirs), key=lambda m: m.value or 0)
    low, high = _reach(first, up=True), _reach(second, up=False)
    gap = (second.value or 0) - (first.value or 0)
    return gap <= math.hypot(low, high) + 1e-9 * max(1.0, abs(ours.value))


def _reach(measurement: Measurement, *, up: bool) -> float:
    """How far the interval reaches from the value, upwards or downwards."""
    value, end = measurement.value, measurement.high if up else measurement.low
    return abs(end - value) if value is not None and end is not None else 0.0


def number(measurement: Measurement) -> str:
    """Value and interval in words."""
    if measurement.value is None or measurement.low is None or measurement.high is None:
        return f"none ({measurement.undefined})"
    return f"{measurement.value:.4g} [{measurement.low:.4g}, {measurement.high:.4g}]"

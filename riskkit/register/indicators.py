"""Indicators: what the developer's latest runs say of each measure on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from riskkit.model import (
    VALID_DAYS,
    Evidence,
    Indicator,
    Judgement,
    Measurement,
    Point,
    Project,
    Status,
    Threshold,
    Verdict,
    digest,
    judge,
)

Runs = Mapping[str, Sequence[Evidence]]
"""Assessment to its runs, oldest first."""
Indicators = Mapping[str, Sequence[Indicator]]
"""Measure to what the latest runs say of it."""
TREND = 12
"""How many runs a trend goes back."""


def indicators(project: Project, runs: Runs, *, as_of: date) -> Indicators:
    """Measure to what the developer's latest run of each assessment that takes it says on ``as_of``."""
    found: dict[str, list[Indicator]] = defaultdict(list)
    for assessment, history in runs.items():
        own = [run for run in history if run.run.performed_as == "developer"]
        good = [run for run in own if run.run.status is Status.OK and run.conclusion is not None]
        if not good or _gone(project, assessment, good[-1], as_of):
            continue
        for indicator in _of_assessment(project, good, last=own[-1], as_of=as_of):
            found[indicator.measure].append(indicator)
    return found


def missing(measure: str, project: Project, *, as_of: date) -> Indicator:
    """The indicator of a measure nobody took, with the bound it will be held against."""
    threshold = project.profile.threshold(measure)
    return Indicator(
        measure=measure,
        threshold=threshold.on(as_of) if threshold else None,
        judgement=Judgement(verdict=Verdict.MISSING, why="no run has taken this measure yet"),
    )


def aside(project: Project, asked: set[str], found: Indicators, *, as_of: date) -> tuple[Indicator, ...]:
    """Measures that have a threshold although no risk in scope asks for them."""
    names = dict.fromkeys(t.measure for t in project.profile.thresholds if t.measure not in asked)
    return tuple(i for name in names for i in found.get(name) or [missing(name, project, as_of=as_of)])


def measurements(run: Evidence) -> tuple[Measurement, ...]:
    """What ``run`` concluded; nothing when it failed."""
    return run.conclusion.measurements if run.conclusion else ()


def label(indicator: Indicator) -> str:
    """A measure with its segment, as people read it."""
    return indicator.measure + (f" [{indicator.segment}]" if indicator.segment else "")


def counts_until(project: Project, run: Evidence) -> date:
    """The last day on which ``run`` counts: as recorded, and never longer than the profile allows today."""
    assessment = project.profile.assessments.get(run.assessment)
    days = (assessment and assessment.valid_days) or VALID_DAYS[project.profile.tier.tier]
    allowed = run.run.started.date() + timedelta(days=days)
    return min(allowed, run.run.valid_until.date()) if run.run.valid_until else allowed


def speaks(project: Project, run: Evidence, *, as_of: date) -> bool:
    """Whether ``run`` is about the present version and has not run out."""
    return not _other_version(project, run) and counts_until(project, run) >= as_of


def _gone(project: Project, assessment: str, run: Evidence, as_of: date) -> bool:
    """Whether the profile dropped the assessment and its evidence ran out: nobody could renew it."""
    named = project.profile.assessments
    return bool(named) and assessment not in named and counts_until(project, run) < as_of


def _of_assessment(
    project: Project, good: list[Evidence], *, last: Evidence, as_of: date
) -> Iterator[Indicator]:
    latest = good[-1]
    unusable = _unusable(project, latest, last, as_of)
    trends = _trends(good)
    sha256 = digest(latest.conclusion)
    seen = set()
    for taken in measurements(latest):
        seen.add((taken.measure, taken.segment))
        threshold = in_force(project, taken, as_of)
        verdict = unusable or judge(taken, threshold)
        yield _indicator(latest, taken, threshold, verdict, trends, sha256=sha256, as_of=as_of)
    for earlier in reversed(good[:-1]):
        for taken in measurements(earlier):
            if (taken.measure, taken.segment) in seen:
                continue
            seen.add((taken.measure, taken.segment))
            if _still_speaks(project, earlier, latest, as_of):
                threshold = in_force(project, taken, as_of)
                verdict = _dropped(judge(taken, threshold), earlier, latest)
                yield _indicator(earlier, taken, threshold, verdict, trends, sha256=sha256, as_of=as_of)


def in_force(project: Project, taken: Measurement, as_of: date) -> Threshold | None:
    """The bound in force on ``as_of`` for what was measured."""
    threshold = project.profile.threshold(taken.measure, taken.segment)
    return threshold.on(as_of) if threshold else None


def _unusable(project: Project, good: Evidence, last: Evidence, as_of: date) -> Judgement | None:
    """Why nothing the latest good run says can be relied on, or None."""
    if last is not good:
        why = f"the run of {last.run.started.date()} {last.run.status}: {last.run.reason}"
        return Judgement(verdict=Verdict.ERROR, why=why)
    until = counts_until(project, good)
    if until < as_of:
        return Judgement(verdict=Verdict.STALE, why=f"the evidence was valid until {until}")
    if _other_version(project, good):
        why = f"version {_version(good)} was assessed, the profile says {project.profile.version}"
        return Judgement(verdict=Verdict.STALE, why=why)
    return None


def _version(run: Evidence) -> str:
    return run.conclusion.version if run.conclusion else ""


def _other_version(project: Project, run: Evidence) -> bool:
    return _version(run) not in ("", project.profile.version)


def _still_speaks(project: Project, earlier: Evidence, latest: Evidence, as_of: date) -> bool:
    """Whether a measure that only ``earlier`` took is missed: it is of the same version and has not run out."""
    return _version(earlier) == _version(latest) and counts_until(project, earlier) >= as_of


def _dropped(then: Judgement, earlier: Evidence, latest: Evidence) -> Judgement:
    """A breach stays one, all else is missing: leaving a group out of an audit must not turn it green."""
    verdict = Verdict.BREACHED if then.verdict is Verdict.BREACHED else Verdict.MISSING
    why = f"the run of {latest.run.started.date()} left it out; that of {earlier.run.started.date()}: {then.why}"
    return Judgement(verdict=verdict, why=why)


def _indicator(
    run: Evidence,
    taken: Measurement,
    threshold: Threshold | None,
    judgement: Judgement,
    trends: Mapping[tuple[str, str], Sequence[Point]],
    *,
    sha256: str,
    as_of: date,
) -> Indicator:
    day = run.run.started.date()
    return Indicator(
        measure=taken.measure,
        segment=taken.segment,
        assessment=run.assessment,
        measurement=taken,
        threshold=threshold,
        judgement=judgement,
        taken_on=day,
        age_days=(as_of - day).days,
        record=run.folder,
        conclusion_sha256=sha256,
        threshold_edited=_bound(taken.threshold and taken.threshold.on(day)) != _bound(threshold),
        trend=tuple(trends.get((taken.measure, taken.segment), ())),
    )


def _bound(threshold: Threshold | None) -> object:
    t = threshold
    return t and (t.at_least, t.at_most, t.min_n, t.confidence)


def _trends(good: Sequence[Evidence]) -> Mapping[tuple[str, str], list[Point]]:
    """Each measure and segment that several of the latest runs took to its values, oldest first."""
    trends: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for run in good[-TREND:]:
        for taken in measurements(run):
            points = trends[taken.measure, taken.segment]
            method = (taken.method, taken.method_version)
            points.append(
                Point(
                    on=run.run.started.date(), value=taken.value, low=taken.low, high=taken.high, n=taken.n,
                    method=taken.method, method_version=taken.method_version, record=run.folder,
                    breaks=bool(points) and (points[-1].method, points[-1].method_version) != method,
                )
            )  # fmt: skip
    return {key: points for key, points in trends.items() if len(points) > 1}

"""Calls: reasons to assess a system again, evaluated from its runs and its authored files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from riskkit.model import Call, Catalog, Entry, Evidence, Project, Verdict

CALLS = {
    "never-assessed": "No assessment was ever run.",
    "version-change": "The system's version differs from the one assessed.",
    "method-change": "A measure is computed by another method than in the run before.",
    "new-data": "A data set differs from the one the run before read.",
    "drift": "A drift measure is breached.",
    "incident": "An incident is open.",
    "regulation-change": "A requirement in scope came into force since the checklist was run.",
    "review-due": "The review date has come.",
    "evidence-stale": "Evidence is past its date.",
}
"""Every trigger there is."""
_DRIFT = {"input_drift_psi", "accuracy_change", "response_mismatch_excess"}


def calls(
    project: Project,
    catalog: Catalog,
    entries: tuple[Entry, ...],
    runs: dict[str, tuple[Evidence, ...]],
    *,
    as_of: date,
) -> tuple[Call, ...]:
    """What asks for a new assessment of ``project`` on ``as_of``."""
    return (
        *_of_runs(project, runs),
        *_of_entries(entries),
        *_of_people(project, as_of),
        *_of_law(project, catalog, runs, as_of),
    )


def _of_runs(project: Project, runs: dict[str, tuple[Evidence, ...]]) -> Iterator[Call]:
    if not any(runs.values()):
        yield Call(id="never-assessed", what="no assessment was ever run")
    for assessment, history in runs.items():
        good = [r for r in history if r.conclusion is not None]
        if not good or good[-1].conclusion is None:
            continue
        last, since = good[-1].conclusion, good[-1].run.started.date()
        if last.version and last.version != project.profile.version:
            what = f"{assessment} assessed version {last.version}, the profile says {project.profile.version}"
            yield Call(id="version-change", what=what, since=since)
        if len(good) > 1 and good[-2].conclusion is not None:
            before = good[-2].conclusion
            methods = {(m.measure, m.segment): (m.method, m.method_version) for m in before.measurements}
            now = {(m.measure, m.segment): (m.method, m.method_version) for m in last.measurements}
            changed = sorted({key[0] for key in now if methods.get(key, now[key]) != now[key]})
            if changed:
                yield Call(id="method-change", what=f"{assessment}: {', '.join(changed)}", since=since)
            data = {i.path: i.sha256 for i in before.inputs if i.about.startswith("dataset")}
            new = sorted(i.path for i in last.inputs if i.path in data and data[i.path] != i.sha256)
            if new:
                yield Call(id="new-data", what=f"{assessment}: {', '.join(new)}", since=since)


def _of_entries(entries: tuple[Entry, ...]) -> Iterator[Call]:
    seen = {(i.measure, i.verdict, i.taken_on) for e in entries for i in e.indicators}
    for measure, verdict, taken_on in sorted(seen, key=str):
        if verdict is Verdict.BREACHED and measure in _DRIFT:
            yield Call(id="drift", what=f"{measure} is breached", since=taken_on)
        if verdict is Verdict.STALE:
            yield Call(id="evidence-stale", what=measure, since=taken_on)


def _of_people(project: Project, as_of: date) -> Iterator[Call]:
    for finding in project.findings:
        if finding.incident and finding.status.is_open:
            yield Call(id="incident", what=finding.title, since=finding.raised_on)
    if project.profile.review.next_due <= as_of:
        yield Call(id="review-due", what=f"due on {project.profile.review.next_due}")


def _of_law(
    project: Project, catalog: Catalog, runs: dict[str, tuple[Evidence, ...]], as_of: date
) -> Iterator[Call]:
    good = [r for r in runs.get("regulatory_checklist", ()) if r.conclusion is not None]
    if not good:
        return
    since = good[-1].run.started.date()
    chosen = good[-1].run.parameters.get("frameworks") or list(catalog.regulations)
    for name in chosen:
        for requirement in catalog.regulations[name].requirements if name in catalog.regulations else ():
            if requirement.applies_from is not None and since < requirement.applies_from <= as_of:
                what = f"{requirement.id} applies from {requirement.applies_from}"
                yield Call(id="regulation-change", what=what, since=requirement.applies_from)

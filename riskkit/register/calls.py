"""Calls: reasons to assess a system again, evaluated from its runs and its authored files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from riskkit.model import Call, Catalog, Conclusion, Evidence, Project, ProjectRegister, Verdict

from .indicators import Runs

CALLS = {
    "never-assessed": "No assessment was ever run.",
    "version-change": "The system's version differs from the one assessed.",
    "method-change": "A measure is computed by another method than in the run before.",
    "new-data": "A data set differs from the one the run before read, or from the one the profile pins.",
    "drift": "A drift measure is breached.",
    "incident": "An incident is open.",
    "regulation-change": "A requirement in scope came into force since the checklist was run.",
    "review-due": "The review date has come.",
    "evidence-stale": "Evidence is past its date.",
}
"""Every trigger there is."""
_DRIFT = {"input_drift_psi", "accuracy_change", "response_mismatch_excess"}


def calls(
    project: Project, shown: ProjectRegister, catalog: Catalog, runs: Runs, *, as_of: date
) -> tuple[Call, ...]:
    """What asks for a new assessment of ``project`` on ``as_of``."""
    return (
        *_of_runs(project, runs),
        *_of_entries(shown),
        *_of_people(shown, as_of),
        *_of_law(catalog, runs, as_of),
    )


def _good(history: Runs, assessment: str) -> list[tuple[Evidence, Conclusion]]:
    """The developer's runs of ``assessment`` that concluded, oldest first."""
    own = (r for r in history.get(assessment, ()) if r.run.performed_as == "developer")
    return [(run, run.conclusion) for run in own if run.conclusion is not None]


def _of_runs(project: Project, runs: Runs) -> Iterator[Call]:
    if not any(runs.values()):
        yield Call(id="never-assessed", what="no assessment was ever run")
    for assessment in runs:
        good = _good(runs, assessment)
        if not good:
            continue
        run, last = good[-1]
        since = run.run.started.date()
        if last.version not in ("", project.profile.version):
            what = f"{assessment} assessed version {last.version}, the profile says {project.profile.version}"
            yield Call(id="version-change", what=what, since=since)
        before = good[-2][1] if len(good) > 1 else last
        if methods := _other_methods(before, last):
            yield Call(id="method-change", what=f"{assessment}: {', '.join(methods)}", since=since)
        if data := _other_data(project, before, last):
            yield Call(id="new-data", what=f"{assessment}: {', '.join(data)}", since=since)


def _other_methods(before: Conclusion, last: Conclusion) -> list[str]:
    then = {(m.measure, m.segment): (m.method, m.method_version) for m in before.measurements}
    now = {(m.measure, m.segment): (m.method, m.method_version) for m in last.measurements}
    return sorted({key[0] for key in now if then.get(key, now[key]) != now[key]})


def _other_data(project: Project, before: Conclusion, last: Conclusion) -> list[str]:
    """Files the latest run read in other bytes than the run before did, or than the profile pins today."""
    datasets = project.profile.datasets.values()
    then = {i.path: i.sha256 for i in before.inputs if i.about.startswith("dataset")}
    then |= {d.path: d.sha256 for d in datasets if d.sha256}
    return sorted(i.path for i in last.inputs if then.get(i.path, i.sha256) != i.sha256)


def _of_entries(shown: ProjectRegister) -> Iterator[Call]:
    found = [*shown.aside, *(i for e in shown.entries for i in e.indicators)]
    seen = {(i.measure, i.verdict, i.taken_on) for i in found}
    for measure, verdict, taken_on in sorted(seen, key=str):
        if verdict is Verdict.BREACHED and measure in _DRIFT:
            yield Call(id="drift", what=f"{measure} is breached", since=taken_on)
        if verdict is Verdict.STALE:
            yield Call(id="evidence-stale", what=measure, since=taken_on)


def _of_people(shown: ProjectRegister, as_of: date) -> Iterator[Call]:
    for finding in shown.open_findings:
        if finding.incident:
            yield Call(id="incident", what=finding.title, since=finding.raised_on)
    if shown.profile.review.next_due <= as_of:
        yield Call(id="review-due", what=f"due on {shown.profile.review.next_due}")


def _of_law(catalog: Catalog, runs: Runs, as_of: date) -> Iterator[Call]:
    good = _good(runs, "regulatory_checklist")
    if not good:
        return
    run, _ = good[-1]
    since = run.run.started.date()
    for name in run.run.parameters.get("frameworks") or list(catalog.regulations):
        for requirement in catalog.regulations[name].requirements if name in catalog.regulations else ():
            if requirement.applies_from is not None and since < requirement.applies_from <= as_of:
                what = f"{requirement.id} applies from {requirement.applies_from}"
                yield Call(id="regulation-change", what=what, since=requirement.applies_from)

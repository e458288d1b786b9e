"""Fold projects, catalogue, evidence and decisions into the register. Pure: no file, no clock, no chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from riskkit.model import (
    Basis,
    Catalog,
    Evidence,
    Profile,
    Project,
    ProjectRegister,
    Register,
    Risk,
    Sensitivity,
    Snapshot,
    Subject,
)

from .basis import Digests, bases
from .calls import CALLS, calls
from .changes import freeze, with_changes
from .checks import CHECKS
from .credit import credit
from .differing import differences
from .draft import Said, draft
from .entries import Material, entry, with_decisions
from .explain import explain
from .gate import narrow, reasons
from .indicators import Indicators, Runs, aside, indicators
from .lean import Lean
from .remarks import remarks
from .standing import standings
from .withhold import hidden, indicator_shown, run_shown, without_figures

__all__ = [
    "CALLS",
    "CHECKS",
    "Lean",
    "Said",
    "build",
    "differences",
    "draft",
    "explain",
    "freeze",
    "narrow",
    "subjects",
]


def build(
    projects: Iterable[Project],
    catalog: Catalog,
    evidence: Iterable[Evidence],
    *,
    as_of: date,
    kit_version: str,
    damaged: Iterable[str] = (),
    since: Snapshot | None = None,
    audience: Sensitivity = Sensitivity.INTERNAL,
) -> Register:
    """The register of ``projects`` as it stands on ``as_of``; evidence started later does not count yet.

    ``damaged`` names records that cannot be used, and ``since`` is an earlier snapshot to compare with. Figures and
    texts that ``audience`` may not see are not in it; verdicts, which were reached with them, are.
    """
    runs: dict[str, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for item in sorted(evidence, key=lambda e: (e.run.started, e.folder)):
        if item.run.started.date() <= as_of:
            runs[item.project][item.assessment].append(item)
    faults = tuple(damaged)
    listed = sorted(projects, key=lambda p: p.id)
    lean = Lean()
    folded = tuple(lean(_project(p, catalog, runs[p.id], faults, as_of, audience)) for p in listed)
    known = {p.id for p in listed}
    register = Register(
        as_of=as_of,
        kit_version=kit_version,
        audience=audience,
        projects=folded,
        regulations=tuple(catalog.regulations.values()),
        departed={name: _latest_day(of) for name, of in sorted(runs.items()) if name not in known},
        damaged=faults,
        reasons=lean(reasons(folded, damaged=faults, as_of=as_of)),
    )
    return with_changes(register, since) if since else register


def subjects(project: ProjectRegister) -> dict[Subject, Basis]:
    """Everything a decision of the project can be about, with what one made today would rest on."""
    digests = Digests(project.profile, project.findings, project.matrix)
    return dict(bases(project.entries, project.aside, digests))


def _project(
    project: Project,
    catalog: Catalog,
    runs: Runs,
    damaged: tuple[str, ...],
    as_of: date,
    audience: Sensitivity,
) -> ProjectRegister:
    profile, matrix = project.profile, catalog.matrices[project.profile.matrix]
    found = indicators(project, runs, as_of=as_of)
    concerned = {r.id: r for r in catalog.risks.values() if _concerns(r, profile, found)}
    asked = {name for r in concerned.values() for name in r.measures}
    beside = aside(project, asked, found, as_of=as_of)
    earned = {c.id: credit(c, found, project, runs, as_of=as_of) for c in project.controls}
    digests = Digests(profile, project.findings, matrix)
    material = Material(project, matrix, runs, found, earned, digests, as_of)
    drafts = tuple(entry(risk, material) for risk in concerned.values())
    kept = hidden(profile, runs, audience=audience)
    if kept:  # the rows are made with all figures, and shown without some
        drafts = without_figures(drafts, kept)
        beside = tuple(indicator_shown(i, kept) for i in beside)
    now = bases(drafts, beside, digests) if project.decisions else {}
    decided = standings(project, now, as_of=as_of)
    shown = ProjectRegister(
        profile=profile,
        matrix=matrix,
        entries=tuple(with_decisions(e, decided, matrix) for e in drafts) if decided else drafts,
        out_of_scope=tuple(r for r in catalog.risks.values() if r.id not in concerned),
        aside=beside,
        latest=tuple(run_shown(run, kept) for run in _latest(runs)),
        withheld={folder: k.outputs for folder, k in sorted(kept.runs.items()) if k.outputs},
        runs=sum(map(len, runs.values())),
        answers=project.answers,
        documents=project.documents,
        decisions=decided,
        controls=project.controls,
        files=project.files,
        findings=tuple(sorted(project.findings, key=lambda f: (not f.status.is_open, f.due, f.id))),
    )
    noticed = remarks(project, shown, catalog, damaged=damaged, as_of=as_of)
    return shown.model_copy(
        update={"remarks": noticed, "calls": calls(project, shown, catalog, runs, as_of=as_of)}
    )


def _concerns(risk: Risk, profile: Profile, found: Indicators) -> bool:
    """A risk concerns a system of its kind, one whose owner rated it, and one in which all it asks for was measured."""
    taken = bool(risk.evidence) and all(name in found for name in risk.evidence)
    return profile.kind in risk.applies_to or risk.id in profile.risks or taken


def _latest(runs: Runs) -> Iterable[Evidence]:
    """The latest run of each assessment by the developer, and the validator's where there is one."""
    for history in runs.values():
        yield from {run.run.performed_as: run for run in history}.values()


def _latest_day(runs: Runs) -> date:
    return max(run.run.started.date() for history in runs.values() for run in history)

"""A CycloneDX 1.6 bill of materials with a model card: ``<project>.cdx.json``, one file a project."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from riskkit.exporters._apart import write_each
from riskkit.exporters._figures import Figure, figures
from riskkit.exporters._sources import Sources
from riskkit.model import Dataset, Entry, Profile, ProjectRegister, Register
from riskkit.model.workbook import clean

FILES = {"model.cdx.json": "Bill of materials with model card (CycloneDX)"}
FOR = ("project",)
_APPROACH = {"predictive": "supervised"}


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``model.cdx.json`` of the one project, or ``<project>/model.cdx.json`` of each of several."""
    del sources
    return write_each(
        register,
        out,
        "model.cdx.json",
        lambda project: json.dumps(_bom(project, register), indent=1, ensure_ascii=False) + "\n",
    )


def _bom(project: ProjectRegister, register: Register) -> dict[str, Any]:
    profile = project.profile
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:riskkit:cyclonedx:{profile.id}:{register.as_of}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": f"{register.as_of}T00:00:00Z",
            "tools": {
                "components": [{"type": "application", "name": "riskkit", "version": register.kit_version}]
            },
            "component": _component(project),
        },
        "components": [_data(name, dataset, project) for name, dataset in sorted(profile.datasets.items())],
    }


def _component(project: ProjectRegister) -> dict[str, Any]:
    profile = project.profile
    known = {"note": profile.note, "stage": profile.stage, "owner": profile.roles.owner}
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{profile.id}",
        "name": _line(profile.name),
        "version": _line(profile.version),
        "description": _line(profile.purpose),
        "modelCard": {
            "modelParameters": _parameters(profile),
            "quantitativeAnalysis": {"performanceMetrics": [_metric(f) for f in figures(project)]},
            "considerations": _considerations(project),
            "properties": list(_properties(project)),
        },
        "properties": [_property(name, value) for name, value in known.items() if value],
    }


def _parameters(profile: Profile) -> dict[str, Any]:
    approach = {"approach": {"type": _APPROACH[profile.kind]}} if profile.kind in _APPROACH else {}
    datasets = [{"ref": f"data:{profile.id}:{name}"} for name in sorted(profile.datasets)]
    return {**approach, "task": str(profile.kind), "datasets": datasets}


def _metric(figure: Figure) -> dict[str, Any]:
    m = figure.measurement
    if m.value is None:
        return {"type": m.measure, "value": f"not known: {_line(m.undefined)}", **_slice(m.segment)}
    ends = {"lowerBound": repr(m.low), "upperBound": repr(m.high)}
    return {"type": m.measure, "value": repr(m.value), **_slice(m.segment), "confidenceInterval": ends}


def _slice(segment: str) -> dict[str, str]:
    return {"slice": _line(segment)} if segment else {}


def _considerations(project: ProjectRegister) -> dict[str, Any]:
    profile = project.profile
    made = {
        "users": [_line(profile.facts.people_affected)] if profile.facts.people_affected else [],
        "useCases": [_line(profile.purpose)],
        "technicalLimitations": [
            *(f"Not for: {_line(use)}" for use in profile.not_for),
            *_unmeasured(project),
        ],
        "ethicalConsiderations": [_risk(e, "name") for e in project.entries if e.risk.category != "fairness"],
        "fairnessAssessments": [_fairness(e) for e in project.entries if e.risk.category == "fairness"],
    }
    return {name: value for name, value in made.items() if value}


def _unmeasured(project: ProjectRegister) -> Iterator[str]:
    """What nobody knows; a reader must not take silence for good news."""
    for entry in project.entries:
        for i in entry.indicators:
            if i.measurement is None:
                yield f"{i.measure} ({entry.risk.id}): {i.verdict}, {_line(i.judgement.why)}"


def _risk(entry: Entry, name: str) -> dict[str, str]:
    said = f"{entry.risk.title}: verdict {entry.verdict}, residual {entry.residual}, appetite {entry.within_appetite}"
    return {name: _line(said), "mitigationStrategy": _mitigation(entry)}


def _fairness(entry: Entry) -> dict[str, str]:
    return {
        "groupAtRisk": _line(entry.risk.who_is_hurt),
        "harms": _line(
            f"{entry.risk.event} {entry.risk.consequence} Verdict {entry.verdict}: {'; '.join(entry.why)}"
        ),
        "mitigationStrategy": _mitigation(entry),
    }


def _mitigation(entry: Entry) -> str:
    said = (f"{c.control.title} ({c.control.status}, credited {c.credited})" for c in entry.credits)
    return _line("; ".join(said) or "none on record")


def _properties(project: ProjectRegister) -> Iterator[dict[str, str]]:
    """What the format has no place for beside a metric: sample, bound, date, method."""
    for figure in figures(project):
        head = f"metric:{figure.measurement.measure}[{_line(figure.measurement.segment)}]"
        yield from (_property(f"{head}:{name}", value) for name, value in figure.company.items())


def _data(name: str, dataset: Dataset, project: ProjectRegister) -> dict[str, Any]:
    """A data set of the profile; its digest is the profile's, else that of the latest run that read it."""
    digest = dataset.sha256 or next(iter(_read(project, dataset)), None)
    about = [
        _property("personal_data", "yes" if dataset.personal_data else "no"),
        _property("synthetic_share", repr(dataset.synthetic_share)),
        _property("sensitivity", dataset.level),
    ]
    made: dict[str, Any] = {
        "type": "data",
        "bom-ref": f"data:{project.profile.id}:{name}",
        "name": name,
        "description": _line(dataset.about or "not described"),
        "licenses": [{"license": {"name": _line(dataset.licence)}}],
        "data": [{"type": "dataset", "name": name, "classification": str(dataset.level)}],
        "properties": about,
    }
    return {**made, "hashes": [{"alg": "SHA-256", "content": digest}]} if digest else made


def _read(project: ProjectRegister, dataset: Dataset) -> Iterable[str]:
    for run in sorted(project.latest, key=lambda run: run.run.started, reverse=True):
        yield from (
            (i.sha256 for i in run.conclusion.inputs if i.path == dataset.path) if run.conclusion else ()
        )


def _property(name: str, value: object) -> dict[str, str]:
    return {"name": f"riskkit:{name}", "value": _line(value)}


def _line(text: object) -> str:
    return " ".join(clean(str(text)).split())

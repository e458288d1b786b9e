"""A workspace of many projects with small notebooks, each reading one of a project's two data files."""

from __future__ import annotations

import json
import random
from pathlib import Path

from riskkit.model import Category, Evidence
from riskkit.records import Store
from riskkit.records.disk import Disk

PROFILE = """\
id: {project}
name: Project {project}
version: "1"
purpose: Decides about applications, to be measured.
kind: predictive
stage: production
tier: {{exposure: 3, purpose: 3, autonomy: recommend, why: applications wait}}
roles: {{owner: head of lending, developer: modelling, validator: validation, approver: chief risk officer}}
datasets:
  a: {{path: data/a.csv, licence: generated, personal_data: false, synthetic_share: 1.0}}
  b: {{path: data/b.csv, licence: generated, personal_data: false, synthetic_share: 1.0}}
targets:
  a: {{kind: predictions, dataset: a, {said}}}
  b: {{kind: predictions, dataset: b, {said}}}
assessments:
{assessments}
appetite: {{{appetite}}}
review: {{next_due: 2027-06-01}}
thresholds:
  - {{measure: selection_rate_ratio, at_least: 0.8, min_n: 100, owner: head of lending, rationale: policy}}
"""
SAID = 'decision: {column: approved, favourable: "yes"}, groups: {sex: {column: sex}}'
CELLS = (
    """from riskkit import assess, charts
from riskkit.measures import fairness

case = assess.open(project, assessment="NAME")
table = case.decisions(target)""",
    "rates = fairness.rates_by_group(table)\ncharts.listed(rates)",
    'charts.group_rates(rates, title="Share with the favourable outcome")',
    "ratios = fairness.selection_rate_ratios(table, seed=1)\ncase.conclude(ratios)",
)


def names(notebooks: int) -> list[str]:
    """The assessments of every project."""
    return [f"check_{number:02}" for number in range(1, notebooks + 1)]


def make(root: Path, *, projects: int, notebooks: int) -> Path:
    """The workspace, with records of nothing."""
    for name in names(notebooks):
        _write(root / f"notebooks/{name}.ipynb", json.dumps(_notebook(name)))
    for number in range(projects):
        add(root, f"p{number:03}", notebooks=notebooks)
    return root


def add(root: Path, project: str, *, notebooks: int) -> None:
    """One more project; odd notebooks read the first data file, even ones the second."""
    folder = root / "projects" / project
    rng = random.Random(0)
    rows = [f"{rng.choice(['f', 'm'])},{rng.choice(['yes', 'yes', 'no'])}" for _ in range(400)]
    for name in "ab":
        _write(folder / f"data/{name}.csv", "\n".join(["sex,approved", *rows, ""]))
    lines = [f"  {n}: {{parameters: {{target: {'ab'[i % 2]}}}}}" for i, n in enumerate(names(notebooks))]
    appetite = ", ".join(f"{c.value}: critical" for c in Category)
    text = PROFILE.format(project=project, assessments="\n".join(lines), appetite=appetite, said=SAID)
    _write(folder / "profile.yml", text)


def copy_records(root: Path, *, of: str, to: list[str]) -> None:
    """What was measured of one project, recorded of others whose files are the same."""
    store = Store(root / "records", disk=Careless())
    for item in [e for e in store.read_all().evidence if e.project == of and e.conclusion]:
        notebook = (root / "records" / item.folder / "notebook.ipynb").read_bytes()
        for project in to:
            store.commit(_about(item, project), {"notebook.ipynb": notebook})


class Careless(Disk):
    """A disk that waits for nothing, for records that may be lost."""

    def sync(self, folder: Path) -> None:
        """Do not wait."""

    def write(self, file: Path, data: bytes) -> None:
        """Write without waiting."""
        file.write_bytes(data)


def _about(item: Evidence, project: str) -> Evidence:
    assert item.conclusion is not None
    said = item.conclusion.model_copy(update={"project": project})
    run = item.run.model_copy(update={"parameters": {**item.run.parameters, "project": project}})
    return item.model_copy(update={"project": project, "conclusion": said, "run": run})


def _notebook(name: str) -> dict[str, object]:
    parameters = (
        'project: str = "p000"  # folder under projects/\ntarget: str = "a"  # target with the decisions'
    )
    cells = [_cell(0, parameters, tags=["parameters"])]
    cells += [_cell(i, c.replace("NAME", name)) for i, c in enumerate(CELLS, 1)]
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}


def _cell(number: int, source: str, **metadata: object) -> dict[str, object]:
    return {"id": f"c{number}", "cell_type": "code", "source": source, "metadata": metadata, "outputs": [],
            "execution_count": None}  # fmt: skip


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

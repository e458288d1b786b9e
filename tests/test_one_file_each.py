"""Adding a risk, a regulation, a notebook, an exporter or a target is one new file, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

RISK = """\
---
title: Luck of the draw
category: fairness
cause: Chance decides.
event: Two equal people are treated differently.
consequence: One of them loses.
who_is_hurt: Whoever draws the short straw.
applies_to: [predictive]
default_rating: {likelihood: 2, impact: 2}
evidence: [luck_share]
harms:
  - {what: A lottery was drawn twice., date: "2020", source: "https://example.org/lottery"}
---
## What it looks like

A coin.
"""
REGULATION = """\
title: Statute of straws
citation: Straws Act, section 1
status_date: 2026-11-20
requirements:
  - id: STRAW-1
    title: Straws are of equal length
    citation: section 1
    requirement: All straws must have one length.
    confidence: high
"""
EXPORTER = '''\
"""The register as one loud line."""

from pathlib import Path

from riskkit.exporters import Sources
from riskkit.model import Register


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write how many rows there are."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "shout.txt"
    path.write_text(f"{len(register.entries)} ROWS", encoding="utf-8")
    return [path]
'''
TARGET = '''\
"""A target that draws straws."""

from pydantic import Field

from riskkit.model import Frozen


class Settings(Frozen):
    """How many straws."""

    straws: int = Field(ge=1, examples=[100])


def decisions(settings, read):
    """Every second person is selected."""
    import pandas as pd

    table = pd.DataFrame({"selected": [i % 2 == 0 for i in range(settings.straws)], "hand": "left"})
    table.attrs["groups"] = ["hand"]
    return table
'''
PROFILE = """\
id: straws
name: Straws
version: "1"
purpose: Draws straws.
kind: predictive
stage: design
tier: {exposure: 1, purpose: 1, autonomy: inform, why: nothing hangs on it}
roles: {owner: master of straws, developer: cutter, validator: measurer, approver: judge}
targets:
  straws: {kind: straws, straws: 200}
assessments:
  luck: {}
  regulatory_checklist: {parameters: {frameworks: [straws_act]}}
thresholds:
  - {measure: luck_share, at_most: 0.9, owner: judge, rationale: as ever}
appetite: {fairness: medium}
review: {next_due: 2099-01-01}
"""
CELLS = [
    ("markdown", "# Luck: how much is chance?", []),
    ("code", 'project: str = "straws"  # folder under projects/', ["parameters"]),
    ("code", "from riskkit import assess\nfrom riskkit.model import Measurement", []),
    ("code", 'case = assess.open(project, assessment="luck")\ntable = case.decisions("straws")', []),
    ("code", "numbers = dict(value=float(table.selected.mean()), low=0.4, high=0.6, n=len(table))", []),
    ("code", 'case.conclude(Measurement(measure="luck_share", method="count", **numbers))', []),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kit with one new file of each kind, assessed."""
    root = tmp_path_factory.mktemp("tree")
    for folder in ("riskkit", "notebooks", "templates", "site"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", root)
    for path, text in {
        "riskkit/catalog/risks/luck-of-the-draw.md": RISK,
        "riskkit/catalog/regulations/straws_act.yml": REGULATION,
        "riskkit/exporters/shout.py": EXPORTER,
        "riskkit/targets/straws.py": TARGET,
        "notebooks/luck.ipynb": _notebook(),
        "projects/straws/profile.yml": PROFILE,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    done = riskkit(root, "run")
    assert done.returncode == 0, done.stderr
    return root


def _notebook() -> str:
    cells = []
    for number, (kind, source, tags) in enumerate(CELLS):
        cell = {"cell_type": kind, "id": f"c{number}", "metadata": {"tags": tags}, "source": source}
        cells.append({**cell, "outputs": [], "execution_count": None} if kind == "code" else cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def riskkit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line of the copied kit, run in its folder."""
    env = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "riskkit", *words]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.mark.kernel
def test_a_new_risk_stands_in_the_register_with_the_new_notebooks_measure(tree):
    done = riskkit(tree, "export", "json", "--to", "out")
    assert done.returncode == 0, done.stderr
    register = json.loads((tree / "out/register.json").read_text(encoding="utf-8"))
    text = json.dumps(register)
    assert "luck-of-the-draw" in text
    assert "luck_share" in text


@pytest.mark.kernel
def test_a_new_exporter_is_offered_and_writes(tree):
    done = riskkit(tree, "export", "shout", "--to", "out")
    assert done.returncode == 0, done.stderr
    assert (tree / "out/shout.txt").read_text(encoding="utf-8").endswith("ROWS")


@pytest.mark.kernel
def test_a_new_target_kind_is_read_and_its_settings_are_checked(tree):
    profile = tree / "projects/straws/profile.yml"
    good = profile.read_text(encoding="utf-8")
    profile.write_text(good.replace("straws: 200", "straws: many"), encoding="utf-8")
    try:
        done = riskkit(tree, "list")
    finally:
        profile.write_text(good, encoding="utf-8")
    assert done.returncode == 3
    assert "targets.straws.straws: 'many' is not a whole number (for example 100)" in done.stderr


@pytest.mark.kernel
def test_a_new_regulation_is_on_the_checklist(tree):
    (record,) = (tree / "records/straws/regulatory_checklist").iterdir()
    assert "STRAW-1" in (record / "notebook.ipynb").read_text(encoding="utf-8")

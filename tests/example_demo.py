"""A demo project with data of another seed, in a workspace of its own."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

from riskkit import assess

ROOT = Path(__file__).resolve().parents[1]


def generator(project: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"generate_{project}", ROOT / f"projects/{project}/generate.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generated(
    root: Path, project: str, assessment: str, *, seed: int, faults: bool = True
) -> tuple[assess.Case, dict[str, float]]:
    """The demo project under ``assessment`` with data of ``seed``, and what was planted in it."""
    (root / "notebooks").mkdir(parents=True)
    folder = root / "projects" / project
    folder.mkdir(parents=True)
    shutil.copy(ROOT / f"projects/{project}/profile.yml", folder)
    truths = generator(project).generate(folder / "data", seed=seed, faults=faults)
    return assess.open(project, assessment=assessment, workspace=root), truths

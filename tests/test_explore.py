"""Notebooks to explore with: thin, parameterised, and readable without a widget wherever they are executed."""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from riskkit import runner
from tests.example_place import riskkit
from tests.test_notebooks import _cell_faults

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks/explore").glob("*.ipynb"))
JOBS = [path for path in NOTEBOOKS if path.stem in ("checklist", "labelling", "what_if")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_to_explore_is_thin_says_what_it_is_for_and_imports_only_the_kit(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].source.startswith("# ")
    assert [
        fault for cell in notebook.cells if cell.cell_type == "code" for fault in _cell_faults(cell)
    ] == []
    ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))


@pytest.mark.parametrize("path", JOBS, ids=lambda p: p.stem)
def test_every_parameter_says_what_it_is(path: Path) -> None:
    spec = runner.inspect(path)
    assert spec.parameters[0].name == "project"
    assert [p.name for p in spec.parameters if not p.help] == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one project and a review drawn for labelling."""
    place = tmp_path_factory.mktemp("explore")
    shutil.copytree(ROOT / "projects/loan-approval", place / "projects/loan-approval")
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    riskkit(place, "sample-for-review", "loan-approval", "--target", "explanations", "--labels", "30")
    return place


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("path", JOBS, ids=lambda p: p.stem)
def test_executed_without_anybody_to_use_it_every_output_is_a_table_and_none_is_empty(
    path: Path, place: Path
) -> None:
    import papermill

    done = place / f"{path.stem}.ipynb"
    parameters: dict[str, Any] = {"groups": ["sex"]} if path.stem == "what_if" else {}
    for name in [name for name in os.environ if name.startswith("JPY_")]:
        del os.environ[name]
    papermill.execute_notebook(
        str(place / "notebooks/explore" / path.name),
        str(done),
        parameters=parameters,
        cwd=str(place / "notebooks"),
        progress_bar=False,
    )
    text = done.read_text(encoding="utf-8")
    assert "application/vnd.jupyter.widget" not in text
    assert "widgets" not in nbformat.reads(text, as_version=4).metadata
    shown = [
        out
        for cell in nbformat.reads(text, as_version=4).cells
        if cell.cell_type == "code" and re.search(r"^widgets\.", cell.source, re.MULTILINE)
        for out in cell.outputs
    ]
    assert len(shown) == (3 if path.stem == "what_if" else 1)
    for out in shown:
        assert "<table>" in out["data"]["text/html"]
        assert out["data"]["text/plain"].strip()

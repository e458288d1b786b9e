"""Every notebook is a page, not a program: the same shape, thin cells, nothing left over from a run."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from riskkit import runner

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAY_IMPORT = {"riskkit", "seaborn", "IPython"}
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.Try,
    ast.With,
    ast.Lambda,
)


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """What breaks the shape of a notebook, in words."""
    cells = notebook.cells
    code = [c for c in cells if c.cell_type == "code"]
    found = []
    if cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        found.append("the first cell is no title")
    if [i for i, c in enumerate(code) if "parameters" in c.metadata.get("tags", [])] != [0]:
        found.append("the first code cell, and only it, is tagged parameters")
    if not code[-1].source.startswith("case.conclude("):
        found.append("the last code cell does not conclude")
    headings = [c.source.split("\n")[0] for c in cells if c.cell_type == "markdown"]
    wanted = ("## Load", "## Measure", "## Show", "## Conclude")
    found.extend(f"no heading {w}" for w in wanted if not any(h.startswith(w) for h in headings))
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel is not python3")
    for i, cell in enumerate(code):
        found += [f"code cell {i}: {fault}" for fault in _cell_faults(cell)]
    return found


def _cell_faults(cell: nbformat.NotebookNode) -> list[str]:
    found = []
    if cell.outputs or cell.execution_count is not None:
        found.append("holds outputs or a count")
    if len(cell.source.splitlines()) > 10:
        found.append(f"{len(cell.source.splitlines())} lines, at most 10")
    nodes = list(ast.walk(ast.parse(cell.source)))
    found.extend(f"{type(n).__name__} belongs in a room, with a test" for n in nodes if isinstance(n, LOGIC))
    for node in nodes:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [f"imports {n}" for n in names if n.split(".")[0] not in MAY_IMPORT]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_keeps_the_shape(path):
    assert faults(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_parameter_has_a_type_a_default_and_a_help_line(path):
    spec = runner.inspect(path)
    assert spec.parameters[0].name == "project"
    assert [p.name for p in spec.parameters if not p.help] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_an_assessment_carries_the_name_of_its_notebook(path):
    source = json.dumps(json.loads(path.read_text(encoding="utf-8")))
    assert f'assess.open(project, assessment=\\\\\\"{path.stem}\\\\\\")' in source.replace('\\"', '\\\\\\"')


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("for i in range(3):\n    print(i)", "For belongs in a room"),
        ("import numpy", "imports numpy"),
        ("\n".join("a = 1" for _ in range(11)), "11 lines"),
    ],
)
def test_the_shape_test_itself_notices(source, fault):
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    notebook.cells.insert(-1, nbformat.v4.new_code_cell(source))
    assert any(fault in f for f in faults(notebook))

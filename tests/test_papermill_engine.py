"""Other callers of papermill file the evidence that `riskkit run` files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from riskkit.errors import InputError
from riskkit.model import Status
from riskkit.records import Store

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with its first project."""
    folder = tmp_path_factory.mktemp("papermill")
    command = [sys.executable, "-m", "riskkit", "init", "w", "--project", "starter"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "w"


def execute(workspace: Path, **parameters: object) -> None:
    papermill.execute_notebook(
        workspace / "notebooks/regulatory_checklist.ipynb", workspace / "out.ipynb", parameters,
        engine_name="riskkit", progress_bar=False,
    )  # fmt: skip


def test_papermill_with_our_engine_files_evidence_and_writes_its_output(workspace: Path) -> None:
    before = Store(workspace / "records").read_all().evidence
    execute(workspace, project="starter")
    (evidence,) = [e for e in Store(workspace / "records").read_all().evidence if e not in before]
    assert (evidence.project, evidence.assessment) == ("starter", "regulatory_checklist")
    assert evidence.run.status is Status.OK
    assert evidence.conclusion is not None
    written = nbformat.read(workspace / "out.ipynb", as_version=4)
    nbformat.validate(written)
    assert all(c.execution_count for c in written.cells if c.cell_type == "code")


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"project": "nobody"}, "there is no such project"),
        ({"project": "starter", "framework": "x"}, "framework"),
        ({"project": "starter", "frameworks": "x"}, "is not list"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(
    workspace: Path, parameters: dict[str, object], told: str
) -> None:
    before = len(Store(workspace / "records").read_all().evidence)
    with pytest.raises(InputError, match=told):
        execute(workspace, **parameters)
    assert len(Store(workspace / "records").read_all().evidence) == before


def test_a_run_that_fails_is_filed_and_papermill_raises_as_it_always_does(workspace: Path) -> None:
    path = workspace / "notebooks/regulatory_checklist.ipynb"
    whole = path.read_text(encoding="utf-8")
    path.write_text(
        whole.replace("case.checklist(frameworks", "1 / 0; case.checklist(frameworks"), encoding="utf-8"
    )
    try:
        with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
            execute(workspace, project="starter")
    finally:
        path.write_text(whole, encoding="utf-8")
    failed = list((workspace / "records/_failed").rglob("notebook.ipynb"))
    assert failed

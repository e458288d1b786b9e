"""A new notebook keeps the shape of every other one from its first second, and refuses names that cannot be."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from riskkit import runner
from tests.example_place import riskkit
from tests.test_notebooks import faults


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    riskkit(folder, "init", "work")
    return folder / "work"


def test_a_new_notebook_keeps_the_shape_and_documents_every_parameter(workspace: Path) -> None:
    said = riskkit(workspace, "new-notebook", "recording_audit")
    path = workspace / "notebooks/recording_audit.ipynb"
    assert "made notebooks/recording_audit.ipynb" in said
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert faults(notebook) == []
    spec = runner.inspect(path)
    assert [p.name for p in spec.parameters if not p.help] == []
    assert spec.parameters[0].default == "my-model"
    assert spec.title == "Recording audit: the question it answers"
    assert 'assessment="recording_audit"' in notebook.cells[2].source


def test_a_name_that_cannot_be_and_one_that_is_taken_are_refused(workspace: Path) -> None:
    assert "for example recording_audit" in riskkit(workspace, "new-notebook", "My Audit", code=2)
    assert "exists already" in riskkit(workspace, "new-notebook", "bias_audit", code=2)
    assert "my-model" in riskkit(workspace, "new-notebook", "x", "--project", "my-modle", code=2)
    assert not (workspace / "notebooks/x.ipynb").exists()


@pytest.mark.kernel
def test_a_new_notebook_runs_and_concludes_as_it_stands(workspace: Path) -> None:
    if not (workspace / "notebooks/first_look.ipynb").exists():
        riskkit(workspace, "new-notebook", "first_look")
    profile = workspace / "projects/my-model/profile.yml"
    profile.write_text(profile.read_text().replace("assessments: ", "assessments:\n  first_look: {}\n  #", 1))
    assert "1 of 1 runs concluded" in riskkit(workspace, "run", "my-model", "--assessment", "first_look")

"""The command line: what goes wrong is said in one clear line each, with the documented exit code."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from riskkit import errors
from riskkit.cli import main

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("pandas", "numpy", "seaborn", "matplotlib", "papermill", "nbformat", "mkdocs", "fairlearn", "jinja2")
SEEN = f"print('heavy:', *[m for m in {HEAVY!r} if m in sys.modules])"


def started(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "riskkit", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def riskkit(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in this process, which takes a tenth of the time."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(cwd):
        patch.setattr("sys.argv", ["riskkit", *words])
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        with pytest.raises(SystemExit) as ended:
            main()
    return subprocess.CompletedProcess(words, int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace with its first project, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    assert riskkit("init", "w", "--project", "starter", cwd=folder).returncode == 0
    return folder / "w"


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """A new workspace with its first project."""
    return shutil.copytree(made, tmp_path / "w")


def files(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


def replace(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def put_notebook(root: Path, name: str, *sources: str) -> None:
    """A notebook of these code cells, and an assessment of the starter project that runs it."""
    tagged = [(s, ["parameters"] if i == 0 else []) for i, s in enumerate(sources)]
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {"tags": tags},
            "source": s,
            "outputs": [],
            "execution_count": None,
        }
        for i, (s, tags) in enumerate(tagged)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (root / f"notebooks/{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    replace(root / "projects/starter/profile.yml", ("assessments: ", f"assessments:\n  {name}: {{}}  #"))


def test_help_imports_no_heavy_library():
    asked = "import sys; from riskkit.cli import app; app(['--help'], standalone_mode=False)"
    code = f"{asked}; {SEEN}; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["heavy:", "False"]


def test_light_modules_import_no_heavy_library():
    code = f"import sys, riskkit.register, riskkit.cli, riskkit.model, riskkit.profiles; {SEEN}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "heavy:"


def test_no_command_builds_the_grammar_that_comes_beside_jupyter(workspace):
    code = "import sys; from riskkit.cli import main; sys.argv = ['riskkit', 'run', '--plan']; main()"
    seen = f"import atexit, sys; atexit.register(lambda: print(sys.modules.get('rfc3987_syntax', 'unset')));{code}"
    done = subprocess.run(
        [sys.executable, "-c", seen], cwd=workspace, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["2 to run, 0 fresh", "None"]


@pytest.mark.parametrize(
    "command", ["init", "new", "list", "run", "build", "serve", "check", "verify", "schema", "export", "head"]
)
def test_every_command_has_help_with_an_example(command, tmp_path):
    done = riskkit(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"riskkit {command}" in done.stdout.replace("\n", " ").split("Example:", 1)[-1]


def test_five_mistakes_give_five_lines_and_nothing_is_written(workspace):
    profile = workspace / "projects/starter/profile.yml"
    replace(
        profile,
        ("kind: predictive ", "kind: predictiv "),
        ("  exposure: 3", "  exposure: nine"),
        ("at_least: 0.8", "at_least: eighty"),
        ("  owner: head of the business line\n  developer", "  ownr: head of the business line\n  developer"),
        ('version: "1.0"', "version: 1.0"),
    )
    before = files(workspace)
    done = riskkit("run", cwd=workspace)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 3
    assert len(lines) == 6  # the misspelt owner is one unknown field and one missing field
    assert all(line.startswith("projects/starter/profile.yml:") for line in lines)
    assert any(
        line.endswith("thresholds[0].at_least: 'eighty' is not a number (for example 0.8)") for line in lines
    )
    assert any("(did you mean 'owner'?)" in line for line in lines)
    assert files(workspace) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("column: approved,", "colum: approved,", "did you mean 'column'?"),
        (
            "dataset: decisions",
            "dataset: decision",
            "there is no dataset 'decision' (did you mean 'decisions'?)",
        ),
        ("kind: predictions", "kind: prediction", "there is no target kind 'prediction'"),
        ("bias_audit:", "bias_audits:", "there is no notebook 'bias_audits' (did you mean 'bias_audit'?)"),
        ("measure: selection_rate_ratio", "measure: selection_ratio", "did you mean 'selection_rate_ratio'?"),
        ("jurisdiction: [eu]", "jurisdiction: [europe]", "'europe' is not in the vocabulary"),
        ("  decision-bias:", "  decision-biass:", "did you mean 'decision-bias'?"),
        ("{target: decisions}", "{targt: decisions}", "targt"),
    ],
)
def test_a_name_that_does_not_exist_is_named_with_the_nearest(workspace, old, new, message):
    replace(workspace / "projects/starter/profile.yml", (old, new))
    done = riskkit("run", "--plan", cwd=workspace)
    assert done.returncode == 3, done.stdout + done.stderr
    assert message in done.stderr


def test_a_notebook_saved_with_outputs_is_named_where_it_lies(workspace):
    path = workspace / "notebooks/bias_audit.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    next(c for c in content["cells"] if c["cell_type"] == "code")["execution_count"] = 1
    path.write_text(json.dumps(content), encoding="utf-8")
    done = riskkit("run", cwd=workspace)
    assert done.returncode == 3
    assert done.stderr.startswith(
        "notebooks/bias_audit.ipynb: cell 2: has outputs or a count of an earlier run"
    )


def test_a_project_that_does_not_exist_is_named(workspace):
    done = riskkit("run", "startr", cwd=workspace)
    assert done.returncode == 3
    assert "projects/startr/profile.yml: there is no such project (did you mean 'starter'?)" in done.stderr


def test_outside_of_a_workspace_the_way_to_make_one_is_told(tmp_path):
    done = started("list", cwd=tmp_path)
    assert done.returncode == 2
    assert "riskkit init DIR" in done.stderr


def test_init_refuses_a_folder_that_holds_something(workspace, tmp_path):
    done = riskkit("init", str(workspace), cwd=tmp_path)
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_init_makes_a_first_project_that_can_run_at_once(tmp_path, workspace):
    done = riskkit("init", "more", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "made projects/my-model, which runs as it stands on generated data" in done.stdout
    assert "next: cd more && riskkit run && riskkit build" in done.stdout
    planned = riskkit("run", "--plan", cwd=tmp_path / "more")
    assert (planned.returncode, planned.stdout.splitlines()[-1]) == (0, "2 to run, 0 fresh")
    begun = riskkit("new", "my-model", cwd=workspace)
    assert begun.returncode == 0
    assert files(workspace / "projects/my-model") == files(tmp_path / "more/projects/my-model")


def test_notebooks_of_a_new_workspace_speak_of_its_own_project(tmp_path):
    assert riskkit("init", "w", "--project", "credit", cwd=tmp_path).returncode == 0
    named = [
        line
        for path in (tmp_path / "w/notebooks").rglob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("project: str =")
    ]
    assert set(named) == {
        'project: str = "credit"  # folder under projects/',
        'project: str = ""  # folder under projects/; every project when empty',
    }
    assert len(named) > 15


def test_init_refuses_a_name_that_cannot_be_a_project_before_it_makes_anything(tmp_path):
    done = riskkit("init", "w", "--project", "../x", cwd=tmp_path)
    assert (done.returncode, files(tmp_path)) == (2, set())
    assert "'../x' cannot be a project id" in done.stderr


def test_elsewhere_than_on_a_posix_system_one_line_says_so(monkeypatch, capsys):
    monkeypatch.setattr(errors.need_posix, "__defaults__", ("nt",))
    monkeypatch.setattr("sys.argv", ["riskkit", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 7
    assert capsys.readouterr().err == (
        "riskkit runs on Linux and other POSIX systems, not on Windows; there, use the Windows Subsystem for Linux\n"
    )
    classifiers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"Operating System :: POSIX"' in classifiers
    assert "OS Independent" not in classifiers


def test_an_empty_workspace_does_not_pass_the_gate(workspace):
    shutil.rmtree(workspace / "projects/starter")
    assert riskkit("check", cwd=workspace).returncode in {3, 10}


def test_what_was_never_run_does_not_pass_the_gate(workspace):
    done = riskkit("check", cwd=workspace)
    assert done.returncode == 10
    assert "decision-bias" in done.stderr


@pytest.mark.parametrize(
    "kind", ["profile", "answers", "controls", "decision", "finding", "risk", "regulation", "matrix"]
)
def test_the_schema_of_an_authored_file_is_printed(kind, tmp_path):
    done = riskkit("schema", kind, cwd=tmp_path)
    assert json.loads(done.stdout)["type"] == "object"


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("cells", "code", "message"),
    [
        (["project: str = 'x'  # p", "1 / 0"], 4, "ZeroDivisionError"),
        (["project: str = 'x'  # p", "print('done')"], 4, "without"),
        (["project: str = 'x'  # p", "import os; os.kill(os.getpid(), 9)"], 5, "died"),
    ],
)
def test_a_notebook_that_does_not_conclude_is_a_named_failure(workspace, cells, code, message):
    put_notebook(workspace, "broken", *cells)
    done = started("run", "--assessment", "broken", cwd=workspace)
    assert done.returncode == code, done.stdout + done.stderr
    assert "starter/broken" in done.stderr
    assert message in done.stderr
    assert not (workspace / "records/starter/broken").exists()
    assert list((workspace / "records/_failed/starter/broken").iterdir())
    assert started("check", cwd=workspace).returncode == 10


@pytest.mark.kernel
def test_a_second_run_starts_no_notebook_and_a_changed_file_runs_what_read_it(workspace):
    replace(
        workspace / "projects/starter/profile.yml", ("  regulatory_checklist:", "  #regulatory_checklist:")
    )
    replace(
        workspace / "projects/starter/profile.yml",
        ("    parameters: {frameworks", "    #parameters: {frameworks"),
    )
    assert started("run", cwd=workspace).returncode == 0
    assert "nothing to run: 1 assessments are fresh" in started("run", cwd=workspace).stdout
    with (workspace / "projects/starter/data/decisions.csv").open("a", encoding="utf-8") as data:
        data.write("A9999,female,30,yes\n")
    plan = started("run", "--plan", cwd=workspace).stdout
    assert "run    starter/bias_audit: data/decisions.csv changed" in plan
    replace(workspace / "projects/starter/profile.yml", ("at_least: 0.8", "at_least: 0.79"))
    (workspace / "projects/starter/data/decisions.csv").write_text(
        (ROOT / "templates/project/data/decisions.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert "0 to run" in started("run", "--plan", cwd=workspace).stdout
    assert [p.name for p in (workspace / "records/starter").iterdir()] == ["bias_audit"]


@pytest.mark.kernel
def test_a_notebook_that_prints_a_key_leaves_no_record_and_the_key_is_not_repeated(workspace):
    printing = "case.decisions(target); print('sk-' + 'aB3' * 16)"
    replace(workspace / "notebooks/bias_audit.ipynb", ("case.decisions(target)", printing))
    done = started("run", "--assessment", "bias_audit", cwd=workspace)
    assert done.returncode == 9, done.stdout + done.stderr
    assert "starter/bias_audit" in done.stderr
    assert "aB3aB3" not in done.stdout + done.stderr
    assert not list((workspace / "records").rglob("notebook.ipynb"))


@pytest.mark.kernel
def test_records_are_signed_packed_and_checked_without_the_kit(workspace, tmp_path):
    trust = started("key", str(tmp_path / "key.pem"), cwd=workspace)
    (tmp_path / "trust.json").write_text(trust.stdout, encoding="utf-8")
    environ = {**os.environ, "RISKKIT_SIGNING_KEY": str(tmp_path / "key.pem")}
    command = [sys.executable, "-m", "riskkit", "run", "--assessment", "bias_audit"]
    assert (
        subprocess.run(command, cwd=workspace, env=environ, capture_output=True, check=False).returncode == 0
    )
    checked = started("verify", "--trust", str(tmp_path / "trust.json"), "--inputs", cwd=workspace)
    assert checked.returncode == 0, checked.stderr
    assert "1 records verified, 1 signed" in checked.stdout
    assert started("pack", "starter", "--to", str(tmp_path / "starter.zip"), cwd=workspace).returncode == 0
    shutil.unpack_archive(tmp_path / "starter.zip", tmp_path / "taken")
    alone = [sys.executable, "-I", "-S", "verify.py"]
    assert subprocess.run(alone, cwd=tmp_path / "taken", capture_output=True, check=False).returncode == 0
    (record,) = (tmp_path / "taken").rglob("conclusion.json")
    record.write_bytes(record.read_bytes().replace(b"0", b"1", 1))
    told = subprocess.run(alone, cwd=tmp_path / "taken", capture_output=True, text=True, check=False)
    assert told.returncode == 6
    assert "conclusion.json" in told.stdout + told.stderr
    with (workspace / "projects/starter/data/decisions.csv").open("a", encoding="utf-8") as data:
        data.write("A9,female,30,yes\n")
    changed = started("verify", "--inputs", cwd=workspace)
    assert changed.returncode == 6
    assert "data/decisions.csv" in changed.stderr

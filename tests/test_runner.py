"""What the runner reads, checks and decides without starting anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskkit.errors import EnvironmentProblem, InputError, PolicyError
from riskkit.model import Conclusion, Evidence, Input, Measurement, RunFacts, Status
from riskkit.runner import Limits, NotebookSpec, Parameter, Task, check_parameters, due, inspect
from riskkit.runner.clean import as_bytes, clean
from riskkit.runner.environment import commit_of, folder_sha256, kit_sha256, packages
from riskkit.runner.judge import rule

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHA = "a" * 64


def cell(source: str, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": metadata, **code}


def notebook(path: Path, *cells: dict[str, Any], **top: Any) -> Path:
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **top}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def parameters_cell(source: str = 'project: str = "demo"  # folder under projects/') -> dict[str, Any]:
    return cell(source, tags=["parameters"])


def spec(*parameters: Parameter) -> NotebookSpec:
    return NotebookSpec("bias_audit", Path("bias_audit.ipynb"), SHA, "Bias audit", parameters, b"{}")


# reading notebooks ----------------------------------------------------------------------------------------------


def test_a_notebook_gives_its_title_digest_and_typed_parameters(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "bias_audit.ipynb",
        cell("# Bias audit: who is refused more often?\nand more", "markdown"),
        parameters_cell(
            'project: str = "demo"  # folder under projects/\n'
            "draws: int = 2_000\n"
            "level: float = 0.95  # of the interval\n"
            "groups: list = ['sex', 'age']  # columns\n"
            "until: str | None = None  # last day"
        ),
    )
    found = inspect(path)
    assert (found.name, found.title) == ("bias_audit", "Bias audit: who is refused more often?")
    assert found.parameters == (
        Parameter("project", "str", "demo", "folder under projects/"),
        Parameter("draws", "int", 2000, ""),
        Parameter("level", "float", 0.95, "of the interval"),
        Parameter("groups", "list", ["sex", "age"], "columns"),
        Parameter("until", "str | None", None, "last day"),
    )
    assert found.source == path.read_bytes()


def test_the_parameters_cell_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = notebook(tmp_path / "n.ipynb", parameters_cell(f"x: str = open({str(mark)!r}, 'w').name"))
    with pytest.raises(InputError, match="is not a literal"):
        inspect(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1", "`x = 1` is not a typed assignment"),
        ("import os", "`import os` is not a typed assignment"),
        ("x: int", "x has no default"),
        ("x: date = 1", "the type date is not one of those allowed"),
        ("x: int | str = 1", "the type int | str is not one of those allowed"),
        ("x: int = '1'", "the default '1' is not a plain int"),
        ("x: int = True", "the default True is not a plain int"),
        ("x: list = [(1, 2)]", "is not a plain list"),
        ("x: float = 1e999", "is not a plain float"),
        ("x: int = 1\nx: int = 2", "x is declared twice"),
        ("x: int = = 1", "the parameters cell is not Python"),
        ("x: str = 'a\\0b'\nimport sys", "`import sys` is not a typed assignment"),
    ],
)
def test_a_declaration_that_is_not_plain_is_named(tmp_path: Path, source: str, said: str) -> None:
    path = notebook(tmp_path / "n.ipynb", parameters_cell(source))
    with pytest.raises(InputError) as raised:
        inspect(path)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{path}: cell 1: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_exactly_one_parameters_cell(tmp_path: Path, count: int) -> None:
    path = notebook(tmp_path / "n.ipynb", cell("1 + 1"), *[parameters_cell()] * count)
    with pytest.raises(InputError, match="tag exactly one"):
        inspect(path)


def test_outputs_left_in_a_notebook_are_refused(tmp_path: Path) -> None:
    ran = {
        **cell("1"),
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
        "execution_count": 3,
    }
    path = notebook(tmp_path / "n.ipynb", parameters_cell(), ran)
    with pytest.raises(InputError, match=r"n.ipynb: cell 2: has outputs .*\(clear all outputs"):
        inspect(path)


@pytest.mark.parametrize("form", [3, 9, None, "4"])
def test_another_format_is_named_with_its_version(tmp_path: Path, form: object) -> None:
    path = notebook(tmp_path / "n.ipynb", parameters_cell(), nbformat=form)
    with pytest.raises(InputError, match=f"n.ipynb: nbformat: is {form!r}, and only 4 can be run"):
        inspect(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"nbformat": 4}', b'{"nbformat": 4, "cells": [3]}',
     b'{"nbformat": 4, "cells": [], "metadata": 3}', b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}'],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        inspect(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_every_problem_of_a_notebook_is_reported_at_once(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "Bias Audit.ipynb", parameters_cell("x = 1\ny: int"), {**cell("1"), "execution_count": 1}
    )
    with pytest.raises(InputError) as raised:
        inspect(path)
    assert len(raised.value.problems) == 4
    assert "bias_audit.ipynb" in str(raised.value)


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such notebook"):
        inspect(tmp_path / "n.ipynb")


def test_another_kernel_is_named_with_the_one_there_is(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.ipynb", parameters_cell(), metadata={"kernelspec": {"name": "nosuch"}})
    with pytest.raises(EnvironmentProblem, match=r"'nosuch'.*python3") as raised:
        inspect(path)
    assert raised.value.exit_code == 7


# checking parameters --------------------------------------------------------------------------------------------


def test_an_undeclared_parameter_names_the_nearest_declared_one() -> None:
    with pytest.raises(InputError, match=r"projcet: .* no such parameter .did you mean project"):
        check_parameters(spec(Parameter("project", "str", "x")), {"projcet": "demo"})


@pytest.mark.parametrize("name", ["x = 1; import os", "x y", "1x", "", "class", "a.b", "x\n", "ｘ"])
def test_a_name_that_is_not_a_declared_identifier_is_refused(name: str) -> None:
    with pytest.raises(InputError) as raised:
        check_parameters(spec(Parameter("x", "int", 1)), {name: 1})
    assert raised.value.exit_code == 3
    assert "\n" not in str(raised.value)


class Sly(str):
    """Text whose source form is code."""

    def __repr__(self) -> str:
        return "__import__('os').abort()"


@pytest.mark.parametrize(
    "value",
    [b"x", ("a",), {1, 2}, NOW, Path("x"), object(), float("nan"), float("inf"), {1: 2}, [[object()]], "\ud800",
     {"a": "\udfff"}, Sly("x"), 1 + 2j],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_a_value_that_json_cannot_hold_is_refused(value: object) -> None:
    kinds = ("str", "int", "float", "list", "dict", "bool")
    with pytest.raises(InputError):
        check_parameters(spec(*(Parameter(k, k, None) for k in kinds)), dict.fromkeys(kinds, value))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("str", "x", 1),
        ("int", 10**30, 1.0),
        ("int", 0, True),
        ("float", 1, "1"),
        ("float", -0.0, False),
        ("bool", False, 0),
        ("list", [1, "a", None], {}),
        ("dict", {"a": [1]}, []),
        ("str | None", None, 3),
        ("int", 3, None),
    ],
)
def test_a_value_is_of_the_declared_type(kind: str, good: Any, bad: Any) -> None:
    declared = spec(Parameter("x", kind, None))
    assert check_parameters(declared, {"x": good}) == {"x": good}
    with pytest.raises(InputError, match=rf"x: .* is not {kind.replace('|', '.')}"):
        check_parameters(declared, {"x": bad})


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=4))
def test_plain_values_come_through_exactly_and_only_as_literals(value: dict[str, Any]) -> None:
    import ast

    checked = check_parameters(spec(Parameter("x", "dict", {})), {"x": value})["x"]
    line = f"x = {checked!a}"  # as the child writes it into the notebook
    assert line.isascii()
    assert "\n" not in line
    (statement,) = ast.parse(line).body
    assert repr(ast.literal_eval(statement.value)) == repr(value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value"),
    [("note", "sk-" + "a1B2" * 8), ("api_key", "hunter2hunter2"), ("note", ["AKIA" + "A" * 16]),
     ("note", "https://me:pass1234@host/x"), ("model_token", "x")],
)  # fmt: skip
def test_a_secret_as_a_parameter_is_refused_and_not_repeated(name: str, value: Any) -> None:
    kind = "list" if isinstance(value, list) else "str"
    with pytest.raises(PolicyError) as raised:
        check_parameters(spec(Parameter(name, kind, None)), {name: value})
    assert raised.value.exit_code == 9
    assert name in str(raised.value)
    assert (value if isinstance(value, str) else value[0]) not in str(raised.value)


def test_the_name_of_a_secret_and_names_that_only_sound_like_one_pass() -> None:
    declared = spec(
        Parameter("api_key", "str", ""), Parameter("max_tokens", "int", 1), Parameter("tokenizer", "str", "")
    )
    values = {"api_key": "env:MODEL_KEY", "max_tokens": 5, "tokenizer": "words"}
    assert check_parameters(declared, values) == values


# deciding how a run ended -----------------------------------------------------------------------------------------


def conclusion(**changes: Any) -> dict[str, Any]:
    measurement = {"measure": "gap", "value": 0.1, "low": 0.0, "high": 0.2, "n": 10, "method": "by hand"}
    return {"project": "demo", "assessment": "bias_audit", "measurements": [measurement], **changes}


def task(tmp_path: Path) -> Task:
    return Task("demo", "bias_audit", spec(), {}, tmp_path)


GOOD_END = [{"event": "done"}, {"event": "end", "code": 0, "stopped": "", "left": []}]
RAN = {"cells": [{"cell_type": "code", "source": "1", "execution_count": 1, "outputs": [], "metadata": {}}]}


def ruling(tmp_path: Path, result: object, events: Any = GOOD_END, executed: Any = RAN) -> Any:
    path = tmp_path / "result.json"
    if isinstance(result, bytes):
        path.write_bytes(result)
    elif result is not None:
        path.write_text(json.dumps(result))
    return rule(events, task=task(tmp_path), limits=Limits(), nonce="n1", result=path, executed=executed)


def test_a_run_that_did_everything_right_is_ok(tmp_path: Path) -> None:
    found = ruling(tmp_path, {"nonce": "n1", "conclusion": conclusion()})
    assert (found.status, found.exit_code, found.reason) == (Status.OK, 0, "")
    assert found.conclusion is not None
    assert found.conclusion.measurements[0].value == 0.1


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "ended without concluding"),
        (b"", "the result file is not valid"),
        (b'{"nonce": "n1", "conclusion": {"gap": NaN}}', "NaN is not a number"),
        (b"[" * 100_000, "the result file is not valid"),
        ({"nonce": "n0", "conclusion": conclusion()}, "of another run"),
        ({"nonce": "n1", "conclusion": conclusion(project="other")}, "concluded on other/bias_audit"),
        ({"nonce": "n1", "conclusion": conclusion(assessment="other")}, "concluded on demo/other"),
        ({"nonce": "n1", "conclusion": conclusion(measurements=[])}, "conclusion.measurements"),
        ({"nonce": "n1", "conclusion": conclusion(surprise=1)}, "conclusion.surprise"),
        ({"nonce": "n1", "conclusion": conclusion(schema_version=2)}, "conclusion.schema_version"),
    ],
)
def test_a_result_file_that_does_not_prove_this_run_fails_it(
    tmp_path: Path, result: object, said: str
) -> None:
    found = ruling(tmp_path, result)
    assert (found.status, found.exit_code, found.conclusion) == (Status.FAILED, 4, None)
    assert said in found.reason
    assert "\n" not in found.reason


def test_a_result_that_is_a_pipe_or_a_link_does_not_hang_the_runner(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "result.json")
    assert "it is not a file" in ruling(tmp_path, None).reason
    (tmp_path / "result.json").unlink()
    (tmp_path / "result.json").symlink_to("/etc/hostname")
    assert ruling(tmp_path, None).status is Status.FAILED


@pytest.mark.parametrize(
    ("events", "code", "said"),
    [
        ([], 5, "its processes were killed"),
        ([{"event": "end", "code": -9, "stopped": ""}], 5, "ended by SIGKILL"),
        ([{"event": "end", "code": 1, "stopped": "time"}], 5, "ran longer than 900 s"),
        ([{"event": "end", "code": 1, "stopped": "memory"}], 5, "used more than 4096 MB"),
        ([{"event": "end", "code": 1, "stopped": "cancelled"}], 5, "stopped on request"),
        (
            [{"event": "too_much_output"}, {"event": "end", "code": 1, "stopped": ""}],
            5,
            "output larger than 20 MB",
        ),
        (
            [{"event": "missing", "what": "ipykernel"}, {"event": "end", "code": 7, "stopped": ""}],
            7,
            "ipykernel is not",
        ),
        ([{"event": "end", "code": 0, "stopped": ""}], 4, "without finishing"),
        ([{"event": "done"}, {"event": "end", "code": 1, "stopped": ""}], 4, "without finishing"),
        (
            [{"event": "raised", "kind": "X", "what": "y\nz"}, {"event": "end", "code": 1, "stopped": ""}],
            4,
            "X: y z",
        ),
    ],
)
def test_a_valid_result_does_not_save_a_run_that_ended_badly(
    tmp_path: Path, events: Any, code: int, said: str
) -> None:
    found = ruling(tmp_path, {"nonce": "n1", "conclusion": conclusion()}, events)
    assert (found.exit_code, found.conclusion) == (code, None)
    assert found.status is (Status.STOPPED if code == 5 else Status.FAILED)
    assert said in found.reason


def test_a_cell_that_never_ran_or_shows_an_error_fails_the_run(tmp_path: Path) -> None:
    head = {"cell_type": "markdown", "source": "## Measure", "metadata": {}}
    skipped = {**RAN["cells"][0], "execution_count": None}
    good = {"nonce": "n1", "conclusion": conclusion()}
    assert ruling(tmp_path, good, executed={"cells": [head, skipped]}).reason == "cell 2 did not run"
    wrong = {**RAN["cells"][0], "outputs": [{"output_type": "error", "ename": "E", "evalue": "v"}]}
    assert (
        ruling(tmp_path, good, executed={"cells": [head, wrong]}).reason == 'cell 2 "Measure": shows an error'
    )
    assert ruling(tmp_path, good, executed=None).status is Status.FAILED


def test_what_a_notebook_says_of_itself_is_not_listened_to(tmp_path: Path) -> None:
    done = {"papermill": {"status": "completed", "exception": False}}
    liar = {
        "cells": [{**RAN["cells"][0], "execution_count": None, "metadata": done}],
        "metadata": {"papermill": {}},
    }
    assert (
        ruling(tmp_path, {"nonce": "n1", "conclusion": conclusion()}, executed=liar).status is Status.FAILED
    )


# executed notebooks ----------------------------------------------------------------------------------------------


def test_times_paths_and_random_names_are_taken_out_of_an_executed_notebook() -> None:
    source = {"cells": [{"id": "kept"}]}
    text = "/home/me/kit/x.csv at 0x7f00aabbccdd /tmp/ipykernel_99/123.py:1 /home/me/kitchen"
    ran = {
        "metadata": {"papermill": {"start_time": "2026"}, "widgets": {}, "kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": [
            {"id": "kept", "cell_type": "code", "source": "x", "metadata": {"papermill": {}, "execution": {}},
             "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": text},
             {"output_type": "display_data", "data": {"image/png": "/home/me/kit"}, "metadata": {}}]},
            {"id": "drawn", "cell_type": "markdown", "source": "", "metadata": {"tags": ["papermill-error-cell-tag"]}},
            {"id": "drawn2", "cell_type": "code", "source": "", "metadata": {"tags": ["injected-parameters"]},
             "outputs": [], "execution_count": 1},
        ],
    }  # fmt: skip
    kept = clean(ran, source=source, places={"/home/me/kit": "<workspace>", "/tmp": "<temporary>"})
    assert kept["metadata"] == {"kernelspec": {"name": "python3"}}
    assert [c["id"] for c in kept["cells"]] == ["kept", "injected-parameters"]
    assert kept["cells"][0]["metadata"] == {}
    assert kept["cells"][0]["outputs"][0]["text"] == "<workspace>/x.csv at 0x0 <cell>:1 /home/me/kitchen"
    assert kept["cells"][0]["outputs"][1]["data"]["image/png"] == "/home/me/kit"
    assert as_bytes(kept) == as_bytes(clean(kept, source=source, places={}))


def test_pieces_of_a_stream_become_one_and_what_was_written_over_is_gone() -> None:
    def piece(name: str, text: str) -> dict[str, Any]:
        return {"output_type": "stream", "name": name, "text": text}

    shown = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}
    outputs = [
        piece("stderr", "10%\r5"), piece("stdout", "a"), piece("stderr", "0%\r100%\n"), shown,
        piece("stdout", "b\r\nc\n"),
    ]  # fmt: skip
    ran = {"cells": [{**cell("1"), "id": "a", "outputs": outputs}]}
    kept = clean(ran, source={"cells": [{"id": "a"}]}, places={})["cells"][0]["outputs"]
    assert kept == [piece("stdout", "ab\nc\n"), piece("stderr", "100%\n"), shown]


def test_long_output_is_cleaned_in_linear_time_and_cut_on_demand() -> None:
    import time

    long = "x" * 3_000_000
    ran = {"cells": [{**cell("1"), "outputs": [{"output_type": "stream", "name": "stdout", "text": long}]}]}
    since = time.monotonic()
    kept = clean(ran, source={"cells": []}, places={"/home/me": "~"}, longest=10)
    assert kept["cells"][0]["outputs"][0]["text"] == "x" * 10 + "\n[2999990 more characters were cut]"
    clean(ran, source={"cells": []}, places={"/home/me": "~"})
    assert time.monotonic() - since < 5


# planning --------------------------------------------------------------------------------------------------------


def evidence(**changes: Any) -> Evidence:
    facts: dict[str, Any] = {
        "status": Status.OK, "notebook": "bias_audit", "notebook_sha256": SHA,
        "parameters": {"project": "demo", "k": 5},
        "started": NOW, "ended": NOW, "duration_seconds": 1, "kit_version": "0", "kit_sha256": SHA, "python": "3.11",
        "valid_until": datetime(2026, 12, 1, tzinfo=UTC),
    }  # fmt: skip
    measured = Measurement(measure="gap", value=0.1, low=0, high=1, n=3, method="m")
    said = Conclusion(
        project="demo",
        assessment="bias_audit",
        measurements=(measured,),
        inputs=(Input(path="d.csv", sha256=SHA),),
    )
    return Evidence(project="demo", assessment="bias_audit", run=RunFacts(**facts | changes), conclusion=said)


def why(
    latest: Evidence | None, *, sha: str | None = SHA, kit: str = SHA, now: datetime = NOW, **more: Any
) -> str:
    parameters = more.pop("parameters", {"project": "demo", "k": 5, "as_of": "2026-11-20"})
    wanted = Task("demo", "bias_audit", spec(), parameters, Path())
    return due(wanted, latest=latest, input_sha256=lambda path: sha, kit_sha256=kit, now=now, **more).why


def test_unchanged_evidence_is_fresh_and_every_change_says_why_it_runs_again() -> None:
    assert why(evidence()) == ""
    assert why(None) == "never run"
    assert why(evidence(), forced=True) == "forced"
    assert why(evidence(status=Status.FAILED)) == "the last run failed"
    assert why(evidence(status=Status.STOPPED)) == "the last run was stopped"
    assert why(evidence(notebook_sha256="b" * 64)) == "the notebook changed"
    assert why(evidence(), parameters={"project": "demo", "k": 6}) == "parameters changed: k"
    assert why(evidence(), parameters={"project": "demo", "k": 5, "m": None}) == "parameters changed: m"
    assert why(evidence(), parameters={"project": "demo", "k": 5.0}) == "parameters changed: k"
    assert why(evidence(), sha="b" * 64) == "d.csv changed"
    assert why(evidence(), sha=None) == "d.csv is gone"
    assert why(evidence(), kit="b" * 64) == "the kit changed"
    assert why(evidence(), now=datetime(2026, 12, 1, tzinfo=UTC)) == "expired on 2026-12-01"


# surroundings ----------------------------------------------------------------------------------------------------


def test_a_folder_digest_follows_content_and_names_and_not_the_place(tmp_path: Path) -> None:
    def digest(folder: str, name: str, content: str) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content)
        return folder_sha256(tmp_path / folder, [tmp_path / folder / name])

    first = digest("a", "x.py", "1")
    assert digest("b", "x.py", "1") == first
    assert digest("c", "y.py", "1") != first
    assert digest("d", "x.py", "2") != first
    assert len(kit_sha256()) == 64
    assert packages()["pydantic"].startswith("2.")


def test_the_commit_and_whether_files_differ_from_it_are_noted(tmp_path: Path) -> None:
    import subprocess

    assert commit_of(tmp_path) == (None, None)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "f").write_text("1")
    for words in (["init", "-q"], ["add", "f"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    commit, dirty = commit_of(tmp_path)
    assert commit is not None
    assert len(commit) == 40
    assert dirty is False
    (tmp_path / "f").write_text("2")
    assert commit_of(tmp_path) == (commit, True)


def test_only_what_measures_counts_as_a_change_of_the_kit() -> None:
    from riskkit.runner.environment import _measures

    assert _measures(Path("measures/fairness.py"))
    assert _measures(Path("catalog/regulations/gdpr.yml"))
    assert not _measures(Path("exporters/pages.py"))
    assert not _measures(Path("catalog/risks/decision-bias.md"))


LOOK = """
import os, sys
from riskkit.runner import fingerprint
found = fingerprint({"PYTHONPATH": "/x"}, deep=True)
assert found.packages["thing"].startswith("1.0 "), found.packages
print(*[p for p in found.problems if "thing" in p or "PYTHONPATH" in p or ".pth" in p], sep="\\n")
"""


@pytest.mark.slow
def test_a_changed_package_and_a_file_that_runs_at_start_are_named(tmp_path: Path) -> None:
    import base64
    import subprocess
    import sysconfig
    import venv
    from hashlib import sha256

    venv.create(tmp_path, with_pip=False)
    (site,) = (tmp_path / "lib").glob("python*/site-packages")
    ours = [sysconfig.get_paths()["purelib"], str(Path(__file__).parents[1])]
    (site / "stray.pth").write_text("\n".join(ours))
    (site / "thing-1.0.dist-info").mkdir()
    (site / "thing-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: Thing\nVersion: 1.0\n")
    good = base64.urlsafe_b64encode(sha256(b"x = 1").digest()).rstrip(b"=").decode()
    rows = [f"thing.py,sha256={good},5", f"other.py,sha256={good},5", f"gone.py,sha256={good},5"]
    (site / "thing-1.0.dist-info/RECORD").write_text("\n".join(rows))
    (site / "thing.py").write_bytes(b"x = 1")
    (site / "other.py").write_bytes(b"x = 2")
    done = subprocess.run([tmp_path / "bin/python", "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "PYTHONPATH is set (and not passed to runs)",
        "stray.pth runs whenever Python starts and belongs to no installed package",
        "thing: gone.py is missing",
        "thing: other.py was changed after it was installed",
    ]

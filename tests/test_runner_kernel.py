"""Runs of tiny notebooks: how each kind of end is told, and what is left behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from riskkit import runner
from riskkit.model import Status
from riskkit.runner import CellDone, Finished, Limits, Machine, Outcome, Started, Task, Warm, inspect, keeper
from riskkit.runner.keeper import processes_with
from riskkit.runner.room import harmless

pytestmark = pytest.mark.kernel

PARAMETERS = 'project: str = "someone"  # folder under projects/\nx: dict = {}  # anything'
CONCLUDE = """
import json, os
measured = {"measure": "gap", "value": 0.1, "low": 0.0, "high": 0.2, "n": 10, "method": "by hand"}
said = {"project": project, "assessment": "tiny", "measurements": [measured]}
with open(os.environ["RISKKIT_RESULT"], "w") as file:
    json.dump({"nonce": os.environ["RISKKIT_NONCE"], "conclusion": said}, file)
"""


WARM: list[Warm] = []
"""What this file's runs are forked from, if anything."""


@pytest.fixture(scope="module", params=["new", "forked"], autouse=True)
def processes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Every test of this file is done with processes that are started anew, and with forked ones."""
    if request.param == "new":
        yield "new"
        return
    with Warm(harmless(os.environ)) as warm:
        WARM.append(warm)
        run(
            tmp_path_factory.mktemp("first"), "1"
        )  # waits for the imports of the process that the others fork from
        yield "forked"
        assert not warm.trouble()
        assert not keeper.processes_below(warm.pid)
    WARM.clear()
    assert not processes_with(warm.mark)


def execute(task: Task, **more: Any) -> Outcome:
    return runner.execute(task, warm=WARM[0] if WARM else None, **more)


def tiny(folder: Path, *cells: str, conclude: bool = True) -> Path:
    """A notebook with a heading before each cell and a conclusion at its end."""
    content = [new_markdown_cell("# Tiny"), new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    for number, source in enumerate(cells, 1):
        content += [new_markdown_cell(f"## Step {number}"), new_code_cell(source)]
    if conclude:
        content.append(new_code_cell(CONCLUDE.strip()))
    for number, cell in enumerate(content):
        cell.id = f"c{number}"
    path = folder / "tiny.ipynb"
    nbformat.write(new_notebook(cells=content), path)
    return path


def run(folder: Path, *cells: str, limits: Limits | None = None, **more: Any) -> Outcome:
    conclude = more.pop("conclude", True)
    parameters = {"project": "demo", "x": more.pop("x", {})}
    task = Task("demo", "tiny", inspect(tiny(folder, *cells, conclude=conclude)), parameters, folder)
    outcome = execute(task, workdir=folder / "runs", limits=limits or Limits(seconds=60), **more)
    assert not list((folder / "runs").iterdir()), "scratch files were left"
    return outcome


def alive(command: str) -> list[str]:
    """The command lines of living processes that hold ``command``."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if command in line and entry.name != str(os.getpid()):
            found.append(line)
    return found


def test_a_notebook_that_concludes_is_ok_and_reports_its_progress(tmp_path: Path) -> None:
    events: list[Any] = []
    outcome = run(tmp_path, "print(project)", "1 + 1", on_event=events.append)
    assert (outcome.status, outcome.exit_code, outcome.reason) == (Status.OK, 0, "")
    assert outcome.conclusion is not None
    assert outcome.conclusion.project == "demo"
    assert events == [Started(5), *(CellDone(n, 5) for n in range(1, 6)), Finished(Status.OK, "")]
    assert outcome.notebook is not None
    executed = nbformat.reads(outcome.notebook.decode(), as_version=4)
    nbformat.validate(executed)
    assert [c.source for c in executed.cells if "injected-parameters" in c.metadata.get("tags", [])] == [
        "# Parameters\nproject = 'demo'\nx = {}"
    ]
    assert outcome.cells == 5
    assert outcome.cell_anchors == {"Tiny": 1, "Step 1": 4, "Step 2": 6}
    assert executed.cells[4].outputs[0].text == "demo\n"
    assert outcome.ended >= outcome.started
    assert 0 < outcome.duration_seconds < 60
    assert outcome.peak_mb > 10


def test_equal_runs_give_equal_bytes_without_machine_paths(tmp_path: Path) -> None:
    chatty = (
        "import sys, os, warnings, tempfile\n"
        "print(os.getcwd(), tempfile.gettempdir(), os.environ['RISKKIT_WORKSPACE'], sys.executable, object())\n"
        "warnings.warn('careful'); print('error', file=sys.stderr); print('more')\n"
        "{'a', 'b', 'c', 'd'}"
    )
    first, second = run(tmp_path, chatty), run(tmp_path, chatty)
    assert first.notebook == second.notebook
    assert first.notebook is not None
    for place in (str(tmp_path), sys.prefix, f"{Path.home()}/"):
        assert place.encode() not in first.notebook
    assert b"careful" in first.notebook


def test_parameters_arrive_exactly_and_are_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    nasty = {
        "quotes": "it's \"quoted\" \\ ''' \"\"\"", "lines": "a\nb\r\nc\u2028d", "nul": "a\0b",
        "emoji": "🙂", "bidi": "\u202eab",
        "code": f'"); open({str(mark)!r}, "w"); ("', "braces": "{x} {0} {{}}", "percent": "%s %(x)s", "big": 10**30,
        "minus": -0.0, "small": 1e-320, "nested": [[{"k": [None, True]}]],
    }  # fmt: skip
    check = (
        "import json, hashlib\n"
        "print(hashlib.sha256(json.dumps(x).encode()).hexdigest(), repr(x['minus']), repr(x['small']))"
    )
    outcome = run(tmp_path, check, x=nasty)
    assert outcome.ok, outcome.reason
    assert outcome.notebook is not None
    shown = nbformat.reads(outcome.notebook.decode(), as_version=4).cells[4].outputs[0].text
    assert shown.strip() == f"{hashlib.sha256(json.dumps(nasty).encode()).hexdigest()} -0.0 1e-320"
    assert not mark.exists()


def test_a_cell_that_raises_fails_the_run_and_names_cell_heading_and_exception(tmp_path: Path) -> None:
    outcome = run(tmp_path, "1", "prices = {}\nprices['eur']", "2")
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 4)
    assert outcome.reason == "cell 6 \"Step 2\": KeyError: 'eur'"
    assert outcome.conclusion is None
    assert outcome.notebook is not None
    executed = nbformat.reads(outcome.notebook.decode(), as_version=4)
    assert executed.cells[6].outputs[0].output_type == "error"
    assert not any("papermill-error-cell-tag" in c.metadata.get("tags", []) for c in executed.cells)


@pytest.mark.parametrize(
    "source", ["import sys; sys.exit()", "import sys; sys.exit(0)", "raise SystemExit", "%%nosuch\n"]
)
def test_leaving_early_is_not_success(tmp_path: Path, source: str) -> None:
    outcome = run(tmp_path, CONCLUDE.strip(), source)
    assert (outcome.status, outcome.exit_code, outcome.conclusion) == (Status.FAILED, 4, None)


def test_an_error_that_the_notebook_declares_harmless_fails_the_run_too(tmp_path: Path) -> None:
    path = tiny(tmp_path, "1/0")
    content = nbformat.read(path, as_version=4)
    content.cells[3].metadata.tags = ["raises-exception"]
    nbformat.write(content, path)
    outcome = execute(
        Task("demo", "tiny", inspect(path), {"project": "demo"}, tmp_path), workdir=tmp_path / "runs"
    )
    assert (outcome.status, outcome.reason) == (
        Status.FAILED,
        'cell 4 "Step 1": ZeroDivisionError: division by zero',
    )


def test_a_cell_that_asks_to_be_skipped_fails_the_run(tmp_path: Path) -> None:
    path = tiny(tmp_path, "1")
    content = nbformat.read(path, as_version=4)
    content.cells[3].metadata.tags = ["skip-execution"]
    nbformat.write(content, path)
    outcome = execute(
        Task("demo", "tiny", inspect(path), {"project": "demo"}, tmp_path), workdir=tmp_path / "runs"
    )
    assert (outcome.status, outcome.reason) == (Status.FAILED, "cell 4 did not run")


def test_a_notebook_that_never_concludes_fails(tmp_path: Path) -> None:
    outcome = run(tmp_path, "1", conclude=False)
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 4)
    assert "without concluding" in outcome.reason


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(0)", "os.abort()"])
@pytest.mark.parametrize("before", [(), ("1",)], ids=["first", "later"])
def test_a_dead_kernel_is_a_stopped_run_that_names_the_cell(
    tmp_path: Path, end: str, before: tuple[str, ...]
) -> None:
    outcome = run(tmp_path, *before, f"import os; {end}", "2")
    number = 4 + 2 * len(before)
    assert (outcome.status, outcome.exit_code, outcome.conclusion) == (Status.STOPPED, 5, None)
    assert outcome.reason == (
        f'the kernel died (killed, or out of memory) in cell {number} "Step {len(before) + 1}"; '
        f"cells {number + 2}, {number + 3} did not run"
    )


def test_a_kernel_that_dies_after_the_last_cell_has_already_concluded(tmp_path: Path) -> None:
    outcome = run(tmp_path, "import atexit, os; atexit.register(os._exit, 1)")
    assert (outcome.status, outcome.exit_code) == (Status.OK, 0)


def test_a_run_that_takes_too_long_is_stopped_and_keeps_what_it_had(tmp_path: Path) -> None:
    outcome = run(tmp_path, "print('so far')", "while True: pass", limits=Limits(seconds=12))
    assert (outcome.status, outcome.exit_code) == (Status.STOPPED, 5)
    assert outcome.reason == 'ran longer than 12 s in cell 6 "Step 2"'
    assert 12 <= outcome.duration_seconds < 20
    assert outcome.notebook is not None
    assert b"so far" in outcome.notebook


def test_an_allocation_beyond_the_limit_raises_in_the_cell(tmp_path: Path) -> None:
    outcome = run(tmp_path, "x = bytearray(8 << 30)", limits=Limits(seconds=60, memory_mb=4000))
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 4)
    assert outcome.reason.startswith('cell 4 "Step 1": MemoryError')


def test_memory_spread_over_several_processes_is_counted_together(tmp_path: Path) -> None:
    greedy = (
        "import subprocess, sys\n"
        "hold = \"x = b'1' * (300 << 20); import time; time.sleep(60)\"\n"
        "all = [subprocess.Popen([sys.executable, '-c', hold]) for _ in range(3)]\n"
        "[p.wait() for p in all]"
    )
    outcome = run(tmp_path, greedy, limits=Limits(seconds=60, memory_mb=700))
    assert (outcome.status, outcome.exit_code) == (Status.STOPPED, 5)
    assert outcome.reason.startswith("used more than 700 MB in cell 4")


def test_output_beyond_the_limit_stops_the_run(tmp_path: Path) -> None:
    outcome = run(
        tmp_path, "for _ in range(100): print('x' * 1_000_000)", limits=Limits(seconds=60, output_mb=20)
    )
    assert (outcome.status, outcome.exit_code) == (Status.STOPPED, 5)
    assert outcome.reason == 'output larger than 20 MB in cell 4 "Step 1"'


def test_a_line_of_millions_of_characters_is_no_trouble(tmp_path: Path) -> None:
    outcome = run(tmp_path, "print('x' * 4_000_000)")
    assert outcome.ok, outcome.reason
    assert outcome.duration_seconds < 30
    assert outcome.notebook is not None
    assert len(outcome.notebook) > 4_000_000


def test_a_flood_of_output_costs_no_number(tmp_path: Path) -> None:
    outcome = run(tmp_path, "for i in range(25_000): print(i, flush=True)", limits=Limits(seconds=120))
    assert outcome.ok, outcome.reason
    assert outcome.conclusion is not None
    assert outcome.conclusion.measurements[0].value == 0.1


@pytest.mark.parametrize("how", ["start_new_session=True", "start_new_session=True, env={}"])
def test_a_process_left_running_is_ended_and_noted(tmp_path: Path, how: str) -> None:
    outcome = run(tmp_path, f"import subprocess\n_ = subprocess.Popen(['sleep', '34.71'], {how})")
    assert outcome.ok, outcome.reason
    assert outcome.warnings == ("left running and ended: sleep",)
    assert not alive("sleep 34.71")


def test_files_beside_the_notebook_and_in_the_working_folder_are_not_importable(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("raise RuntimeError('shadowed')")
    look = (
        "import sys, os; open('colorsys.py', 'w').write('raise RuntimeError()')\n"
        "import random, colorsys; print(random.random() < 2, '' in sys.path, os.getcwd() in sys.path)"
    )
    outcome = run(tmp_path, look)
    assert outcome.ok, outcome.reason
    assert outcome.notebook is not None
    assert b"True False False" in outcome.notebook


def test_a_users_own_kernel_and_settings_do_not_get_in(tmp_path: Path) -> None:
    spec = tmp_path / "data/kernels/python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"})
    )
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "a.py").write_text("sneaked = 1")
    environ = {
        **os.environ, "JUPYTER_PATH": str(tmp_path / "data"), "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": str(tmp_path), "HTTPS_PROXY": "http://proxy",
        "MODEL_KEY": "k" * 20, "PYTHONSTARTUP": "/nowhere",
    }  # fmt: skip
    look = (
        "import os; print('sneaked' in globals(), sorted(n for n in os.environ"
        " if n in {'JUPYTER_PATH', 'PYTHONPATH', 'HTTPS_PROXY', 'MODEL_KEY', 'PYTHONSTARTUP'}))"
    )
    outcome = run(tmp_path, look, machine=Machine(environ=environ))
    assert outcome.ok, outcome.reason
    assert outcome.notebook is not None
    assert b"False []" in outcome.notebook


def test_a_python_without_the_kernel_is_one_line(tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    outcome = run(tmp_path, "1", machine=Machine(python=str(tmp_path / "bare/bin/python")))
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 7)
    assert "papermill" in outcome.reason
    assert "riskkit[run]" in outcome.reason


def test_a_secret_in_an_exception_is_blacked_out_everywhere(tmp_path: Path) -> None:
    key = "sk-" + "q7Z" * 10
    machine = Machine(environ={**os.environ, "MODEL_KEY": "not passed", "OTHER_TOKEN": "hunter2-hunter2"})
    cause = (
        f"import os, sys\nprint('hunter2-' + 'hunter2')\nraise ValueError('key {key[:10]}' + '{key[10:]}')"
    )
    outcome = run(tmp_path, cause, machine=machine)
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 4)
    assert outcome.notebook is not None
    for told in (outcome.reason, outcome.log, outcome.notebook.decode()):
        assert key not in told
        assert "hunter2-hunter2" not in told
    assert "OpenAI-style key" in outcome.reason
    assert b"[OTHER_TOKEN]" in outcome.notebook


def test_only_the_secrets_a_task_names_reach_the_run(tmp_path: Path) -> None:
    environ = {**os.environ, "MODEL_KEY": "the-key-of-the-model", "OTHER_KEY": "another-key"}
    path = tiny(
        tmp_path, "import os; raise ValueError([os.environ.get('MODEL_KEY'), os.environ.get('OTHER_KEY')])"
    )
    task = Task("demo", "tiny", inspect(path), {"project": "demo"}, tmp_path, secrets=("MODEL_KEY", "ABSENT"))
    outcome = execute(task, workdir=tmp_path / "runs", machine=Machine(environ=environ))
    assert outcome.reason == "cell 4 \"Step 1\": ValueError: ['[MODEL_KEY]', None]"
    assert outcome.notebook is not None
    assert b"the-key-of" not in outcome.notebook


def test_a_run_is_stopped_from_another_thread(tmp_path: Path) -> None:
    stop = threading.Event()

    def when_it_sleeps(event: Any) -> None:
        if isinstance(event, CellDone) and event.number == 2:
            threading.Timer(0.5, stop.set).start()

    outcome = run(tmp_path, "'next'", "import time; time.sleep(100)", stop=stop, on_event=when_it_sleeps)
    assert (outcome.status, outcome.exit_code) == (Status.STOPPED, 5)
    assert outcome.reason == 'stopped on request in cell 6 "Step 2"'
    assert outcome.duration_seconds < 60


def test_runs_at_the_same_time_do_not_mix(tmp_path: Path) -> None:
    outcomes: dict[int, Outcome] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        outcomes[number] = run(folder, f"import time; time.sleep(0.5); print('I am', {number})")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, outcome in outcomes.items():
        assert outcome.ok, outcome.reason
        assert outcome.notebook is not None
        assert f"I am {number}".encode() in outcome.notebook


DRIVER = """
import contextlib, os, sys
from pathlib import Path
from riskkit.runner import Task, Warm, execute, inspect
from riskkit.runner.room import harmless
folder = Path(sys.argv[1])
task = Task("demo", "tiny", inspect(folder / "tiny.ipynb"), {"project": "demo"}, folder)
with Warm(harmless(os.environ)) if sys.argv[2] == "forked" else contextlib.nullcontext() as warm:
    execute(task, workdir=folder / "runs", on_event=lambda event: print(event, flush=True), warm=warm)
"""
GIL = "import subprocess; subprocess.Popen(['sleep', '37.{0}'], start_new_session=True, env={{}})\nsum(range(10**11))"


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "KILL"])
def test_nothing_lives_on_after_a_signal_to_the_tool(tmp_path: Path, name: str, processes: str) -> None:
    import signal

    number = int(getattr(signal, f"SIG{name}"))
    tiny(tmp_path, GIL.format(number))
    tool = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path), processes],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LC_TEST": str(tmp_path)},
    )
    assert tool.stdout is not None
    while "CellDone(number=2" not in tool.stdout.readline():
        assert tool.poll() is None
    time.sleep(1)
    assert alive(f"sleep 37.{number}")
    tool.send_signal(number)
    since = time.monotonic()
    tool.wait(10)
    while alive(f"sleep 37.{number}") or processes_with(str(tmp_path)):
        assert time.monotonic() - since < 5, (alive(f"sleep 37.{number}"), processes_with(str(tmp_path)))
        time.sleep(0.05)
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("victim", ["keeper", "notebook", "kernel"])
def test_nothing_lives_on_when_one_of_its_processes_is_killed(tmp_path: Path, victim: str) -> None:
    found: list[int] = []

    def strike(event: Any) -> None:
        if isinstance(event, CellDone) and event.number == 2:
            threading.Timer(0.5, kill_one).start()

    def kill_one() -> None:
        above = WARM[0].pid if WARM else os.getpid()
        named = {keeper.name_of(pid): pid for pid in keeper.processes_below(above)}
        found.append(named[f"rk-{victim}"])
        os.kill(found[0], 9)

    outcome = run(
        tmp_path, "import time, os; os.system('sleep 38.1 & '); sum(range(10**11))", on_event=strike
    )
    assert found
    assert (outcome.status, outcome.exit_code) == (Status.STOPPED, 5)
    assert "in cell 4" in outcome.reason
    assert not alive("sleep 38.1")
    assert not processes_with(str(tmp_path))


def test_a_clock_that_steps_back_gives_no_negative_duration(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    times = iter(datetime(2026, 11, 20, tzinfo=UTC) - timedelta(hours=h) for h in range(9))
    outcome = run(tmp_path, "1", machine=Machine(clock=lambda: next(times)))
    assert outcome.ok
    assert outcome.duration_seconds > 0
    assert outcome.ended < outcome.started


def test_braces_in_the_folders_name_are_not_a_format(tmp_path: Path) -> None:
    folder = tmp_path / "{x}{0}"
    folder.mkdir()
    assert run(folder, "1").ok

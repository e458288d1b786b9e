"""Runs forked from a warm process against runs whose processes are started anew."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskkit.model import Status
from riskkit.runner import Outcome, Task, Warm, execute, forkserver, inspect, keeper
from riskkit.runner.room import harmless
from tests.test_runner_kernel import tiny

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm(harmless(os.environ)) as process:
        yield process


def run(folder: Path, *cells: str, warm: Warm | None = None, **more: Any) -> Outcome:
    task = Task("demo", "tiny", inspect(tiny(folder, *cells)), {"project": "demo"}, folder)
    return execute(task, workdir=folder / "runs", warm=warm, **more)


CELLS = {
    "streams": "import sys; print(project); print('to stderr', file=sys.stderr)",
    "table": "import pandas; pandas.DataFrame({'a': [1, 2]})",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title('a line')",
    "figure of the kit": "import seaborn\nseaborn.lineplot(x=[1, 2], y=[2, 1]).figure",
    "widget": "from ipywidgets import IntSlider\nIntSlider(3)",
    "rich": "from IPython.display import display\ndisplay({'text/html': '<b>x</b>', 'application/json': {}}, raw=True)",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output(wait=True)\nprint('stays')",
    "raises": "def deep(n):\n    return deep(n - 1) if n else [][0]\ndeep(3)",
    "exits": "import sys; sys.exit(3)",
    "magic": "%%bash\necho from bash",
    "awaits": "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "itself": "import sys\n__name__, sys.flags.safe_path, len(sys.path)",
    "spawns": "import multiprocessing as m\nwith m.get_context('spawn').Pool(1) as p:\n    print(p.map(abs, [-1]))",
    "threads": "import concurrent.futures as f\nlist(f.ThreadPoolExecutor(2).map(abs, [-1, 2]))",
    "seeded": "import random, numpy\nrandom.seed(1)\nrandom.random(), numpy.random.default_rng(1).random(), hash('a')",
}


def without_ids(notebook: bytes | None) -> bytes:
    """``notebook`` without the ids that ipywidgets draws anew for each widget."""
    assert notebook is not None
    return re.sub(rb"[0-9a-f]{32}", b"ID", notebook)


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS)
def test_a_forked_run_leaves_the_bytes_that_a_new_one_leaves(tmp_path: Path, warm: Warm, source: str) -> None:
    forked, new = run(tmp_path, source, warm=warm), run(tmp_path, source)
    assert not warm.trouble()
    assert (forked.status, forked.exit_code, forked.reason) == (new.status, new.exit_code, new.reason)
    assert without_ids(forked.notebook) == without_ids(new.notebook)
    assert forked.conclusion == new.conclusion


def test_two_forked_runs_do_not_draw_the_same_numbers_unasked(tmp_path: Path, warm: Warm) -> None:
    source = "import random, numpy\nprint(random.random(), numpy.random.random())"
    one, other = (run(tmp_path, source, warm=warm) for _ in range(2))
    assert one.ok
    assert one.notebook != other.notebook


def test_what_one_forked_run_changes_no_other_sees(tmp_path: Path, warm: Warm) -> None:
    change = "import pandas, os\npandas.DataFrame.shape = 'changed'\nos.environ['LEFT'] = 'behind'"
    look = "import pandas, os\nprint(pandas.DataFrame([1]).shape, os.environ.get('LEFT'))"
    assert run(tmp_path, change, warm=warm).ok
    seen = run(tmp_path, look, warm=warm)
    assert seen.notebook is not None
    assert b"(1, 1) None" in seen.notebook


def test_what_the_process_imports_stays_compiled_and_what_runs_import_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    kept = tmp_path / "compiled"
    with Warm({**harmless(os.environ), "PYTHONPYCACHEPREFIX": str(kept)}) as process:
        assert run(tmp_path, "import imaplib", warm=process).ok
        assert not process.trouble()
    assert list(kept.rglob("papermill/*.pyc"))
    assert not list(kept.rglob("imaplib.*.pyc"))


def test_runs_are_new_when_the_process_is_gone(tmp_path: Path) -> None:
    with Warm(harmless(os.environ)) as gone:
        assert run(tmp_path, "1", warm=gone).ok
        os.kill(gone.pid, signal.SIGKILL)
        time.sleep(0.2)
        assert run(tmp_path, "1", warm=gone).ok
        assert gone.trouble() == "it ended with code -9"


def test_a_run_goes_on_when_the_process_it_was_forked_from_is_killed(tmp_path: Path) -> None:
    with Warm(harmless(os.environ)) as gone:

        def strike(event: Any) -> None:
            if getattr(event, "number", 0) == 1:
                os.kill(gone.pid, signal.SIGKILL)

        outcome = run(tmp_path, "import time; time.sleep(0.5)", warm=gone, on_event=strike)
        assert outcome.status is Status.OK, outcome.reason
    assert not keeper.processes_with(gone.mark)


def test_a_library_that_starts_a_thread_is_named_and_runs_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskkit.runner.warm._NO_THREADS", {})
    with Warm(harmless(os.environ)) as threaded:
        assert run(tmp_path, "1", warm=threaded).ok
        assert "started a thread" in threaded.trouble()


@pytest.mark.slow
def test_a_kit_that_is_killed_while_imports_go_on_is_noticed_before_they_end() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    command = [sys.executable, "-P", "-X", "importtime", str(Path(forkserver.__file__)), str(theirs.fileno())]
    done = subprocess.run(
        command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE, text=True, check=False
    )
    theirs.close()
    assert done.returncode == 0
    assert "riskkit" in done.stderr
    assert "papermill" not in done.stderr


def test_the_end_of_one_run_does_not_touch_those_that_begin(tmp_path: Path, warm: Warm) -> None:
    """A keeper is killed while others start their processes; only its own run is stopped."""
    struck = threading.Event()

    def strike(event: Any) -> None:
        if getattr(event, "number", 0) == 2 and not struck.is_set():
            struck.set()
            (victim,) = [p for p in keeper.processes_below(warm.pid) if keeper.name_of(p) == "rk-keeper"]
            os.kill(victim, signal.SIGKILL)
            begin.set()

    begin = threading.Event()
    outcomes: dict[int, Outcome] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        if number == 0:
            outcomes[0] = run(folder, "'now'", "import time; time.sleep(50)", warm=warm, on_event=strike)
            return
        begin.wait(60)
        for _ in range(3):
            outcomes[number] = run(folder, "1", warm=warm)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[0].status is Status.STOPPED
    assert [outcomes[n].reason for n in (1, 2, 3)] == ["", "", ""]

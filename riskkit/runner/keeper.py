"""The program that owns a run: it starts it, holds it to its limits, and ends every process of it.

It runs beside the kit, in a session of its own, with the standard library alone. It learns from the end of its
standard input that the kit is gone, however the kit died, and then ends the run at once. As the "subreaper" of what
it starts, it stays the ancestor of processes that detach themselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_POLL, _GRACE = 0.25, 3.0
ASKED_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that do not end the keeper, which has a run to end first."""


class Run(Protocol):
    """A process that was started, such as a ``subprocess.Popen``."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """The exit code, minus the signal's number when a signal ended it; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has ended; ``subprocess.TimeoutExpired`` when that takes longer."""

    def terminate(self) -> None:
        """Ask it to end."""


def executed(order: dict[str, Any], events: int) -> Run:
    """``order["argv"]``, started as a new program that reports to the descriptor ``events``."""
    return subprocess.Popen(
        [*order["argv"], str(events)],
        stdin=subprocess.DEVNULL,
        stdout=2,
        pass_fds=(events,),
        preexec_fn=die_with_the_keeper,
    )


def keep(order: dict[str, Any], start: Callable[[dict[str, Any], int], Run] = executed) -> dict[str, Any]:
    """Run ``order`` until it ends or must end, and say how: code, reason, processes left over, memory.

    The order holds ``argv``, ``seconds``, ``memory_mb``, ``log`` (a file that may not outgrow ``output_mb``) and
    ``remove`` (folders to delete when the kit is gone).
    """
    adopt_orphans()
    events = os.dup(1)
    run = start(order, events)
    os.close(events)
    reason, peak = _watch(run, order)
    if reason not in ("", "abandoned"):
        _ask_to_end(run)
    left = _end_all(run)
    _notice_the_dead(run)
    if reason == "abandoned":
        for folder in order["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
    peak = max(peak, _largest_mb())
    return {"event": "end", "code": run.returncode, "stopped": reason, "left": left, "peak_mb": peak}


def _watch(run: Run, order: dict[str, Any]) -> tuple[str, int]:
    """Why the run must end before its own end (empty: it ended by itself), and the most memory it took in MB."""
    deadline, peak = time.monotonic() + order["seconds"], 0
    with _ending(run) as ended:
        while run.poll() is None:
            ready, _, _ = select.select([0, *ended], [], [], _POLL if ended else 0.05)
            if 0 in ready:
                return ("cancelled" if os.read(0, 1) else "abandoned"), peak
            used = _memory_mb(processes_below(os.getpid()))
            peak = max(peak, used)
            if time.monotonic() > deadline:
                return "time", peak
            if used > order["memory_mb"] and _share_mb(processes_below(os.getpid())) > order["memory_mb"]:
                return "memory", peak
            if Path(order["log"]).stat().st_size > order["output_mb"] << 20:
                return "output", peak
    return "", peak


@contextlib.contextmanager
def _ending(run: Run) -> Iterator[list[int]]:
    """A descriptor that becomes readable when ``run`` ends, where the system offers one."""
    try:
        descriptor = os.pidfd_open(run.pid)
    except (AttributeError, OSError):
        yield []
        return
    try:
        yield [descriptor]
    finally:
        os.close(descriptor)


def _ask_to_end(run: Run) -> None:
    """Give the run a moment to write down how far it got."""
    run.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(_GRACE)


def _end_all(run: Run) -> list[str]:
    """End every process of the run; the names of those that outlived an orderly end."""
    if run.poll() is not None:
        for _ in range(10):  # what is shutting down by itself is not left over
            if not processes_below(os.getpid()):
                return []
            time.sleep(0.03)
    left: dict[int, str] = {}
    for _ in range(200):
        alive = processes_below(os.getpid())
        if not alive:
            break
        left.update({pid: name_of(pid) for pid in alive if pid not in left})
        kill(alive)
        time.sleep(0.02)
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(1)
    return sorted(left.values())


def _notice_the_dead(run: Run) -> None:
    """Take leave of what was handed to us, so that nobody inherits processes that have ended."""
    with contextlib.suppress(ChildProcessError):
        while run.returncode is not None and os.waitpid(-1, os.WNOHANG)[0]:
            pass


def kill(pids: Iterable[int]) -> None:
    """End processes; those that have ended by themselves are passed over."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def processes_below(ancestor: int) -> list[int]:
    """The living processes that descend from ``ancestor``."""
    if not _LINUX:
        return _processes_by_psutil(ancestor)
    parents = dict(_parents())
    family = {ancestor}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family and pid not in family}
        family |= more
        grown = bool(more)
    return sorted(family - {ancestor})


def processes_with(mark: str) -> list[int]:
    """The processes whose environment holds ``mark``: the second net, for when the keeper itself was killed."""
    found = []
    for entry in Path("/proc").iterdir() if _LINUX else ():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def name_of(pid: int) -> str:
    """The name of a process; its number when it cannot be read."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return f"process {pid}"


def _parents() -> Iterator[tuple[int, int]]:
    """Every living process and its parent; those that have ended and wait to be noticed are left out."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                state, parent = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()[:2]
                if state not in (b"Z", b"X"):
                    yield int(entry.name), int(parent)


def _memory_mb(pids: Iterable[int]) -> int:
    pages = 0
    for pid in pids:  # where there is no /proc the kernel's own limit has to do
        with contextlib.suppress(OSError, IndexError):
            pages += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _largest_mb() -> int:
    """The most memory that one process of the run held, for runs too short to be looked at."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most >> (10 if _LINUX else 20)


def _share_mb(pids: Iterable[int]) -> int:
    """The memory of processes with what several hold in common counted once."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total >> 10


def _processes_by_psutil(ancestor: int) -> list[int]:
    try:
        import psutil
    except ImportError:
        return []
    try:
        return [child.pid for child in psutil.Process(ancestor).children(recursive=True)]
    except psutil.Error:
        return []


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_the_keeper() -> None:
    """Have the system end this process when the one that started it ends."""
    if _LINUX:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Stay the ancestor of every process below, also of those whose parents end."""
    if _LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def main(order: str, start: Callable[[dict[str, Any], int], Run] = executed) -> None:
    """Keep one run, and write its end as one JSON line."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text("rk-keeper")  # its name in lists of processes
    for number in ASKED_TO_END:
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which the run would inherit
    end = keep(json.loads(order), start)
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(end).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])

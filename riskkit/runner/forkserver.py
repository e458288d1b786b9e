"""The program that warm runs are forked from: it has imported what every run needs, and runs no thread.

A run forked here has the processes, limits and supervision of any other: a keeper, the program that runs the
notebook, and the kernel. They differ only in that none of them imports anything first.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import struct
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from select import select
from typing import Any

if (
    __name__ == "__main__"
):  # the kit that started this one, without making its folder's other files importable
    sys.path.insert(0, str(Path(__file__).parents[2]))
    importlib.import_module("riskkit")
    del sys.path[0]

from riskkit.runner import keeper
from riskkit.runner.forked import Forked, fork

FIRST = (
    "papermill.engines",
    "papermill.translators",
    "papermill.clientwrap",
    "nbclient",
    "jupyter_client.asynchronous",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "matplotlib.figure",
    "psutil",
    "pandas",
    "pandas.io.formats.html",
    "pyarrow.pandas_compat",
    "seaborn",
    "scipy.stats",
    "riskkit.assess",
    "riskkit.charts",
    "riskkit.law",
)
"""What is imported before the first fork; a module that is not installed is left to the run that misses it."""
WHOLE = ("riskkit.measures", "riskkit.targets")
"""Packages of the kit whose modules notebooks choose from; all of them are imported."""
NEVER = ("matplotlib_inline.backend_inline",)
"""What looks for the kernel it is imported in, and finds none here."""
_LENGTH = struct.Struct("!I")
_NULL, _OUT, _LOG = 0, 1, 2


def serve(door: socket.socket) -> None:
    """Fork a keeper for each order that comes through ``door``, until its other end is closed and all have ended."""
    keeper.adopt_orphans()
    keepers: dict[int, Forked] = {}
    open_door = True
    while open_door or keepers:
        for ready in select([*keepers, *([door.fileno()] if open_door else [])], [], [])[0]:
            if ready in keepers:
                ended = keepers.pop(ready).wait()
                os.close(ready)
                if ended != 0:
                    _end_orphans(keepers.values())
            elif (message := receive(door)) is None:
                open_door = False
            else:
                child = _fork_keeper(*message, not_its=(door.fileno(), *keepers))
                keepers[descriptor := os.pidfd_open(child.pid)] = child
                socket.send_fds(door, [b"."], [descriptor])


def _fork_keeper(order: dict[str, Any], descriptors: list[int], *, not_its: Collection[int]) -> Forked:
    child = fork(lambda: _be_keeper(order, descriptors, not_its))
    for descriptor in descriptors:
        os.close(descriptor)
    return child


def _end_orphans(keepers: Collection[Forked]) -> None:
    """End what keepers that were killed have left to us."""
    for _ in range(200):
        below = set(keeper.processes_below(os.getpid()))
        kept = {
            pid for k in keepers for pid in (k.pid, *keeper.processes_below(k.pid))
        }  # the later look: none is missed
        orphans = below - kept
        keeper.kill(orphans)
        for pid in orphans:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)
        if not orphans:
            return


def send(door: socket.socket, order: Mapping[str, Any], descriptors: list[int]) -> None:
    """Send an order and the descriptors its keeper is to have."""
    data = json.dumps(order).encode()
    socket.send_fds(door, [_LENGTH.pack(len(data))], descriptors)
    door.sendall(data)


def receive(door: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next order and its descriptors; None when nobody will send one."""
    head, descriptors, _, _ = socket.recv_fds(door, _LENGTH.size, 3)
    if len(head) < _LENGTH.size:
        return None
    (length,), data = _LENGTH.unpack(head), b""
    while len(data) < length:
        part = door.recv(length - len(data))
        if not part:
            return None
        data += part
    order: dict[str, Any] = json.loads(data)
    return order, descriptors


def _be_keeper(order: dict[str, Any], descriptors: list[int], not_mine: Collection[int]) -> None:
    """Keep one run, in a session of its own, with the environment of that run and no other."""
    os.setsid()
    for number in not_mine:
        os.close(number)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    keeper.main(json.dumps(order["kept"]), _start)


def _start(kept: dict[str, Any], events: int) -> Forked:
    """The program that runs the notebook, as a child of its keeper."""
    return fork(lambda: _run(kept, events))


def _run(kept: dict[str, Any], events: int) -> int:
    from riskkit.runner import child, sown

    keeper.die_with_the_keeper()
    for number in keeper.ASKED_TO_END:
        signal.signal(number, signal.SIG_DFL)
    _detach()
    order = json.loads(Path(kept["argv"][-1]).read_bytes())
    kernel = sown.sow(order, events)
    return child.run(order, child.Report(events), lambda order: sown.manager_of(order, kernel))


def _detach() -> None:
    """Let go of the kit's pipes: only the keeper learns of its end, and only the keeper reports ours."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, _NULL)
    os.close(null)
    os.dup2(_LOG, _OUT)


def _abandoned(door: socket.socket) -> bool:
    """Whether the kit at the other end of ``door`` is gone."""
    return bool(select([door], [], [], 0)[0]) and door.recv(1, socket.MSG_PEEK) == b""


def _to_import() -> Iterator[str]:
    yield from FIRST
    for name in WHOLE:
        yield from (
            found.name for found in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}.")
        )


def main(descriptor: int) -> None:
    """Import, make sure that no thread was started, say so, and serve."""
    from riskkit.runner import child, kernel

    child.spare_an_import()
    with contextlib.suppress(ImportError):
        kernel.spare_the_debugger()
    door = socket.socket(fileno=descriptor)
    for name in _to_import():
        if _abandoned(door):  # imports take seconds, and nobody is there to wait for them
            os._exit(0)
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    child.prepare_to_read()
    if early := [name for name in NEVER if name in sys.modules]:
        sys.exit(f"{', '.join(early)} was imported before there was a kernel, so nothing can be forked")
    sys.dont_write_bytecode = True  # from here on, who imports is a notebook
    Path("/proc/self/comm").write_text("rk-warm")
    gc.collect()
    gc.freeze()
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        sys.exit("a library started a thread when it was imported, so nothing can be forked")
    door.sendall(b"r")
    serve(door)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""The program a run's kernel is: an ordinary IPython kernel that cannot outlive its run or outgrow its memory."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

MEMORY = "RISKKIT_MEMORY_MB"
"""Environment variable: how much data the kernel may hold, in MB."""


def die_with(parent: int) -> None:
    """Have the system end this process when ``parent`` ends, even while a cell holds Python's lock."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def cap_memory(megabytes: int) -> None:
    """Let allocations beyond ``megabytes`` raise MemoryError; and never write a core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes << 20
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, wanted))


def use_the_kit_of(folder: Path) -> None:
    """Have ``import riskkit`` give the kit that started the run, without making its folder's other files importable."""
    sys.path.insert(0, str(folder))
    importlib.import_module("riskkit")
    sys.path.remove(str(folder))


def main() -> None:
    """Arm the limits, then be the kernel that the command line asks for."""
    die_with(int(os.environ.get("JPY_PARENT_PID", os.getppid())))
    cap_memory(int(os.environ.pop(MEMORY)))
    use_the_kit_of(Path(__file__).parents[2])
    serve(sys.argv[1:])


def spare_the_debugger() -> None:
    """Have ipykernel find no debugpy: nobody debugs a run, and its import takes longer than all else together."""
    there = sys.modules.get("debugpy")
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]
    if there is not None:
        sys.modules["debugpy"] = there


def serve(arguments: list[str]) -> None:
    """Be the kernel that ``arguments`` ask for, until it is told to end."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text("rk-kernel")  # its name in lists of processes
    sys.argv = [__file__, *arguments]
    spare_the_debugger()
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    class SupervisedKernelApp(IPKernelApp):
        """Lets output wait in memory, which is capped, where it would be dropped after a thousand messages.

        It is not taken apart at its end, where its threads may wait seconds for each other.
        """

        def close(self) -> None:
            pass

        def init_iopub(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
            context.setsockopt(zmq.SNDHWM, 0)
            super().init_iopub(context)  # type: ignore[no-untyped-call]

    SupervisedKernelApp.launch_instance(arguments)


def leave(code: int) -> NoReturn:
    """End this process as Python would: threads are waited for, what was registered for the exit is called.

    The interpreter is not taken apart, which takes a second when much was imported.
    """
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
    leave(0)

"""The program a run's kernel is: an ordinary IPython kernel that cannot outlive its run or outgrow its memory."""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
from pathlib import Path

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
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    class SupervisedKernelApp(IPKernelApp):
        """Lets output wait in memory, which is capped, where it would be dropped after a thousand messages."""

        def init_iopub(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
            context.setsockopt(zmq.SNDHWM, 0)
            super().init_iopub(context)  # type: ignore[no-untyped-call]

    SupervisedKernelApp.launch_instance()


if __name__ == "__main__":
    main()

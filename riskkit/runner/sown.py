"""A run's kernel that is forked before its manager exists, so that both make ready at the same time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

from riskkit.runner import child, kernel
from riskkit.runner.forked import Forked, fork


def sow(order: Mapping[str, Any], events: int) -> Forked:
    """The kernel of the run ``order``; it does not hold the descriptor ``events``."""
    parent, sockets = os.getpid(), order["sockets"]
    key = os.urandom(16).hex().encode()
    path, _ = write_connection_file(f"{sockets}/kernel.json", ip=f"{sockets}/k", transport="ipc", key=key)

    def be_kernel() -> None:
        os.close(events)
        os.setsid()
        kernel.die_with(parent)
        kernel.cap_memory(int(os.environ.pop(kernel.MEMORY)))
        _forget_randomness()
        kernel.serve(["-f", path, *order["kernel"][order["kernel"].index("{connection_file}") + 1 :]])

    return fork(be_kernel)


def _forget_randomness() -> None:
    """No two runs draw the same numbers for having been forked from one process."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # `random` does this by itself


class Sown(KernelProvisionerBase):
    """Gives a kernel manager the kernel that is there already."""

    process: Forked | None = None

    @property
    def has_process(self) -> bool:
        """Whether the kernel was not waited for yet."""
        return self.process is not None

    async def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.poll() if self.process else 0

    async def wait(self) -> int | None:
        """Its exit code, once it has ended."""
        code, self.process = (self.process.wait() if self.process else 0), None
        return code

    async def send_signal(self, signum: int) -> None:
        """Send a signal to it."""
        if self.process:
            self.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End it."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask it to end."""
        await self.send_signal(signal.SIGTERM)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing is left to prepare."""
        return {"cmd": [], **kwargs}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Where it can be reached; it was launched before."""
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is left to tidy up: the folder of the run goes with the run."""


def manager_of(order: Mapping[str, Any], process: Forked) -> Any:
    """A manager of the kernel ``process``."""
    manager = child.kernel_manager(order)
    manager.load_connection_file(order["sockets"] + "/kernel.json")
    spec = KernelSpec(argv=order["kernel"], display_name="riskkit", language="python")
    manager.provisioner = Sown(kernel_id="riskkit", kernel_spec=spec, parent=manager)
    manager.provisioner.process = process
    manager.provisioner.connection_info = manager.get_connection_info()
    return manager

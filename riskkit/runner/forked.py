"""A child process that was forked and ends as a program of its own would."""

from __future__ import annotations

import os
import signal
import subprocess
import traceback
from collections.abc import Callable
from select import select
from typing import NoReturn

from riskkit.runner.kernel import leave


class Forked:
    """A child that was forked, with as much of ``subprocess.Popen`` as its keeper asks for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        if self.poll() is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                if not select([descriptor], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired("a forked run", timeout or 0)
            finally:
                os.close(descriptor)
        code = self.poll()
        assert code is not None
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def fork(work: Callable[[], int | None]) -> Forked:
    """A child that does ``work`` and ends with its exit code, as a program of its own would end."""
    pid = os.fork()
    if pid == 0:
        _end_with(work)
    return Forked(pid)


def _end_with(work: Callable[[], int | None]) -> NoReturn:
    code = 1
    try:
        code = work() or 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    leave(code)

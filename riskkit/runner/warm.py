"""The kit's end of the process that warm runs are forked from."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from riskkit.errors import printable
from riskkit.runner import forkserver, keeper
from riskkit.runner.room import harmless

MARK = "RISKKIT_WARM"
"""Environment variable of the process, and so of everything forked from it: which kit it belongs to."""
_NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""pyarrow brings an allocator that it does not use by default and that starts a thread when it is loaded."""
_COMPILED = "PYTHONDONTWRITEBYTECODE"
"""As whoever gave the command has it: what the process imports may stay compiled, what runs import does not."""

_TOO_FEW = 2
"""Runs that are over before the process would be ready."""


class Keeper:
    """A forked keeper, with as much of ``subprocess.Popen`` as supervision asks for."""

    def __init__(self, descriptor: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._descriptor = descriptor
        self.stdin, self.stdout = stdin, stdout
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """0, once it has ended; its own code is known to the process it was forked from only."""
        if self.returncode is None:
            if not select.select([self._descriptor], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked keeper", timeout or 0)
            os.close(self._descriptor)
            self.returncode = 0
        return self.returncode

    def kill(self) -> None:
        """End it."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)


class Warm:
    """A process that has imported what runs need, and the lock of the door to it.

    It is started at once and is ready some seconds later; :meth:`fork` waits for it. On leaving, everything that was
    forked from it has ended.
    """

    def __init__(self, environ: Mapping[str, str], *, python: str = sys.executable) -> None:
        self.mark = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._ready = False
        self.python = python
        self._door, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the rest
        self._process = subprocess.Popen(
            [python, "-P", str(Path(forkserver.__file__)), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            env={**environ, **_NO_THREADS, _COMPILED: os.environ.get(_COMPILED, ""), MARK: self.mark},
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def fork(self, order: Mapping[str, Any], log: IO[bytes]) -> Keeper | None:
        """A keeper for ``order`` that writes to ``log``; None when the process is not there any more."""
        stdin, theirs = os.pipe()
        ours, stdout = os.pipe()
        try:
            with self._lock:
                if not self._ready:
                    self._ready = self._door.recv(1) == b"r"
                forkserver.send(self._door, order, [stdin, stdout, log.fileno()])
                _, (descriptor,), _, _ = socket.recv_fds(self._door, 1, 1)
        except (OSError, ValueError):
            os.close(theirs)
            os.close(ours)
            return None
        finally:
            os.close(stdin)
            os.close(stdout)
        return Keeper(descriptor, os.fdopen(theirs, "wb", 0), os.fdopen(ours, "rb", 0))

    def trouble(self) -> str:
        """Why nothing can be forked, in the last words of the process; empty while all is well."""
        if self._process.poll() is None:
            return ""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return printable(lines[-1], 300) if lines else f"it ended with code {self._process.returncode}"

    def close(self) -> None:
        """End the process and all that was forked from it."""
        self._door.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        self._said.close()
        if self._process.returncode != 0:
            while left := keeper.processes_with(self.mark):
                keeper.kill(left)


@contextlib.contextmanager
def warm_where_possible(runs: int) -> Iterator[Warm | None]:
    """A process to fork ``runs`` runs from; None where this system cannot, or where so few runs would not gain."""
    if runs <= _TOO_FEW or sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        yield None
        return
    with Warm(harmless(os.environ)) as warm:
        yield warm

"""A Dask cluster as a place where runs happen: each in processes of its own on a worker, supervised as anywhere.

Only the machine that the command was given on files records, so a run that a cluster had to repeat is filed once.
"""

from __future__ import annotations

import ipaddress
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from riskkit.errors import EnvironmentProblem, PolicyError, RunStopped, UsageError, printable
from riskkit.remote import Remote
from riskkit.runner.environment import Surroundings, surroundings
from riskkit.runner.inputs import Inputs, send, sent
from riskkit.runner.task import Limits, OnEvent, Outcome, Task

_LOOK = 0.25
_WAIT = 30


class Tls(NamedTuple):
    """Files that prove who we are to a cluster, and who it is to us."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Cluster:
    """A cluster whose workers are ready to run notebooks of one workspace."""

    slots: int
    surroundings: Surroundings
    client: Any = field(repr=False)
    ready: str
    there: Remote | None
    sent: set[str] = field(repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def run(
        self, task: Task, *, limits: Limits, on_event: OnEvent, stop: Flag
    ) -> tuple[Outcome, Surroundings]:
        """How ``task`` went, on whichever worker was free; when a worker dies another takes it up.

        Raises:
            RunStopped: ``stop`` was set, or workers died of it again and again.
        """
        from riskkit.runner import on_worker

        order = on_worker.Order(task, limits, self.surroundings.kit_sha256, self._inputs(task))
        key = f"{task.project}-{task.assessment}-{secrets.token_hex(4)}"
        future = self.client.submit(on_worker.run, order, self.ready, key=key, pure=False)
        try:
            outcome, used = _result(future, stop)
        finally:
            future.cancel(reason="let go")  # the worker ends what it still runs, and its slot is free
        ours = self.surroundings
        return outcome, replace(used, git_commit=ours.git_commit, git_dirty=ours.git_dirty)

    def trouble(self) -> str:
        """Nothing that is known here."""
        return ""

    def _inputs(self, task: Task) -> Inputs | None:
        if self.there is None:
            return None
        with self.lock:
            return send(task.workspace, task.project, there=self.there, known=self.sent)


def _result(future: Any, stop: Flag) -> tuple[Outcome, Surroundings]:
    """What a run sent back, fetched once it is there.

    Results are fetched together: who gives up early takes the others' fetch along, and they are told of a variable
    without a value (distributed issue 8514). They ask again.
    """
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    over = Flag()
    future.add_done_callback(lambda _: over.set())
    while not stop.is_set():
        if not over.wait(_LOOK):
            continue
        try:
            found: tuple[Outcome, Surroundings] = future.result(timeout=_WAIT)
            return found
        except (TimeoutError, UnboundLocalError):
            if future.client.status != "running":  # nor will anybody answer
                raise RunStopped("the cluster let go of it") from None
        except KilledWorker as error:
            raise RunStopped(f"every worker that took it up died: {printable(error, 200)}") from None
        except FutureCancelledError:
            raise RunStopped("the cluster let go of it") from None
    raise RunStopped("cancelled")


@contextmanager
def cluster(
    workspace: Path, address: str, *, tls: Tls, slots: int, remote: Remote | None
) -> Iterator[Cluster]:
    """The cluster of the scheduler at ``address``.

    Runs read the workspace on a path that all machines share; with a ``remote``, what they read is sent there first.
    ``slots`` is how many runs are with the cluster at a time; 0 for enough to keep it busy.

    Raises:
        PolicyError: the address is not encrypted and not on this machine.
        EnvironmentProblem: Dask is not installed, or nobody answers there.
    """
    _require_private(address)
    try:
        from distributed import Client, Security

        from riskkit.runner.on_worker import Ready
    except ImportError as error:
        raise EnvironmentProblem(f"--executor dask needs riskkit[dask]: {error}") from error
    files = {"tls_ca_file": tls.ca, "tls_client_cert": tls.cert, "tls_client_key": tls.key}
    given = {name: str(path) for name, path in files.items() if path}
    safe = {"require_encryption": True} if address.startswith("tls://") else {}
    ready = f"riskkit-{secrets.token_hex(4)}"
    try:
        security = Security(**given, **safe)  # type: ignore[no-untyped-call]
        client: Any = Client(address, security=security, timeout=_WAIT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise EnvironmentProblem(
            f"{address}: no scheduler can be reached: {printable(error, 300)}"
        ) from error
    with client:
        client.register_plugin(Ready(ready), name=ready)
        try:
            busy = 2 * sum(client.nthreads().values())
            known = sent(remote) if remote else set()
            yield Cluster(slots or max(16, busy), surroundings(workspace), client, ready, remote, known)
        finally:
            client.unregister_worker_plugin(ready)


def _require_private(address: str) -> None:
    """Whoever can reach a scheduler can run code on its workers, so anything but this machine must be encrypted."""
    parts = urlsplit(address)
    if parts.scheme not in ("tls", "tcp") or not parts.hostname:
        raise UsageError(f"{address!r:.100} is not a scheduler's address (for example tls://10.0.0.5:8786)")
    if parts.scheme == "tcp" and not _is_here(parts.hostname):
        raise PolicyError(
            f"{address}: is not encrypted, and whoever reads along can run code on the workers: use tls:// "
            "(tcp:// is for this machine only)"
        )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Runs on a Dask cluster: the records of local runs, whatever happens to workers on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from riskkit.errors import EnvironmentProblem, PolicyError, RunStopped, UsageError
from riskkit.model import Status
from riskkit.runner import Limits, Outcome, Task, Tls, cluster, inspect, keeper
from riskkit.runner.cluster import Cluster, _result
from tests.test_runner_kernel import tiny

LIMITS = Limits(seconds=300)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://scheduler.example.org:8786"])
def test_an_address_that_is_not_encrypted_is_for_this_machine_only(tmp_path: Path, address: str) -> None:
    with (
        pytest.raises(PolicyError, match="is not encrypted"),
        cluster(tmp_path, address, tls=Tls(), slots=1, remote=None),
    ):
        pass


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "http://127.0.0.1:8786", "tls://"])
def test_what_is_no_address_of_a_scheduler_is_refused(tmp_path: Path, address: str) -> None:
    with (
        pytest.raises(UsageError, match="is not a scheduler's address"),
        cluster(tmp_path, address, tls=Tls(), slots=1, remote=None),
    ):
        pass


class Fetched:
    """A future whose result is lost a time or two on its way; and its client, in one."""

    def __init__(self, *answers: object, status: str = "running") -> None:
        self.answers, self.asked = list(answers), 0
        self.client, self.status = self, status

    def add_done_callback(self, call: Any) -> None:
        call(self)

    def result(self, timeout: float) -> object:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_result_that_was_lost_on_its_way_is_fetched_again() -> None:
    future = Fetched(UnboundLocalError("result"), TimeoutError(), ("outcome", "used"))
    assert _result(future, Event()) == ("outcome", "used")
    stop = Event()
    stop.set()
    with pytest.raises(RunStopped, match="cancelled"):
        _result(later := Fetched(), stop)
    assert not later.asked
    with pytest.raises(RunStopped, match="let go of it"):
        _result(Fetched(UnboundLocalError("result"), status="closed"), Event())


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """A cluster on this machine: one worker with one slot, each in a process of its own."""
    import dask
    from distributed import LocalCluster

    patient = {
        "distributed.deploy.lost-worker-timeout": "300s"
    }  # a busy machine is slow to start a worker anew
    alone = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with dask.config.set(patient), LocalCluster(host="127.0.0.1", **alone) as made:
        yield made


def task(folder: Path, *cells: str) -> Task:
    (folder / "projects/demo").mkdir(parents=True, exist_ok=True)
    return Task("demo", "tiny", inspect(tiny(folder, *cells)), {"project": "demo"}, folder)


def run(place: Cluster, what: Task, stop: Event | None = None) -> Outcome:
    return place.run(what, limits=LIMITS, on_event=lambda _: None, stop=stop or Event())[0]


def wait_for(there: Any, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until
        time.sleep(0.1)


def ended(pid: int) -> bool:
    """Whether a process has ended; who inherits it may take long to notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.kernel
def test_a_run_on_a_worker_leaves_what_a_local_run_leaves(local: Any, tmp_path: Path) -> None:
    from riskkit.runner import execute

    what = task(tmp_path, "import pandas; pandas.DataFrame({'a': [1, 2]})")
    with cluster(tmp_path, local.scheduler_address, tls=Tls(), slots=0, remote=None) as place:
        outcome, used = place.run(what, limits=LIMITS, on_event=lambda _: None, stop=Event())
    here = execute(what, workdir=tmp_path / "runs")
    assert (outcome.status, outcome.reason) == (Status.OK, "")
    assert (outcome.notebook, outcome.conclusion) == (here.notebook, here.conclusion)
    assert used.kit_sha256 == place.surroundings.kit_sha256
    assert used.packages == place.surroundings.packages


@pytest.mark.kernel
def test_cancelling_a_run_ends_its_processes_and_frees_its_slot(local: Any, tmp_path: Path) -> None:
    sign = tmp_path / "running"
    long = task(
        tmp_path / "long",
        f"import os, time; open('pid', 'w').write(str(os.getpid())); os.rename('pid', {str(sign)!r}); time.sleep(200)",
    )
    stop, raised = Event(), []

    def ask() -> None:
        try:
            run(place, long, stop)
        except RunStopped as error:
            raised.append(error)

    with cluster(tmp_path, local.scheduler_address, tls=Tls(), slots=0, remote=None) as place:
        thread = Thread(target=ask)
        thread.start()
        wait_for(sign.exists)
        stop.set()
        thread.join(60)
        assert raised
        assert run(place, task(tmp_path / "short", "1")).ok, "the only slot is free again"
        wait_for(lambda: ended(int(sign.read_text())), 20)


@pytest.mark.kernel
def test_a_worker_killed_in_mid_run_loses_nothing_and_repeats_only_what_it_did(
    local: Any, tmp_path: Path
) -> None:
    count = tmp_path / "count"
    note = f"with open({str(count)!r}, 'a') as f: f.write('{{}} {{}}\\n'.format(project, __import__('os').getpid()))"
    quick = task(tmp_path / "quick", note.replace("project,", "'quick',"))
    long = task(tmp_path / "long", note.replace("project,", "'long',"), "__import__('time').sleep(3)")
    outcomes: list[Outcome] = []
    with cluster(tmp_path, local.scheduler_address, tls=Tls(), slots=0, remote=None) as place:
        outcomes.append(run(place, quick))
        thread = Thread(target=lambda: outcomes.append(run(place, long)))
        thread.start()
        wait_for(lambda: "long" in count.read_text())
        (worker,) = local.workers.values()
        os.kill(worker.pid, signal.SIGKILL)
        thread.join(300)
    assert [o.ok for o in outcomes] == [True, True]
    assert [line.split()[0] for line in count.read_text().splitlines()] == ["quick", "long", "long"]


@pytest.mark.kernel
def test_the_command_files_the_same_evidence_and_a_killed_command_frees_the_slots(
    local: Any, tmp_path: Path
) -> None:
    def riskkit(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "riskkit", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=500)

    riskkit("init", "w", "--project", "credit", folder=tmp_path)
    where = ("--executor", "dask", "--scheduler", local.scheduler_address)
    done = riskkit("run", "-a", "regulatory_checklist", *where, folder=tmp_path / "w")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 of 1 runs concluded, 0 were fresh"), (
        done.stderr
    )
    assert "1 records verified" in riskkit("verify", folder=tmp_path / "w").stdout
    assert (
        "0 to run, 1 fresh"
        in riskkit("run", "--plan", "-a", "regulatory_checklist", folder=tmp_path / "w").stdout
    )
    command = [sys.executable, "-m", "riskkit", "run", "--force", *where]
    killed = subprocess.Popen(
        command, cwd=tmp_path / "w", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    (worker,) = local.workers.values()
    wait_for(lambda: any(keeper.name_of(p) == "rk-kernel" for p in keeper.processes_below(worker.pid)))
    killed.kill()
    killed.wait()
    wait_for(lambda: not any(keeper.name_of(p) == "rk-kernel" for p in keeper.processes_below(worker.pid)))


def papers(folder: Path) -> Tls:
    """An authority of its own, and a certificate it has signed, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def key_of(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Name]:
        return ec.generate_private_key(ec.SECP256R1()), x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )

    (root_key, root), (key, own) = key_of("authority"), key_of("cluster")
    made = {}
    for name, subject, of, is_root in (("ca", root, root_key, True), ("cert", own, key, False)):
        signed = (
            x509.CertificateBuilder(issuer_name=root, subject_name=subject, public_key=of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        made[name] = signed.public_bytes(serialization.Encoding.PEM)
    made["key"] = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir()
    for name, data in made.items():
        (folder / f"{name}.pem").write_bytes(data)
    return Tls(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Tls]]:
    """The address of an encrypted cluster on this machine, and the files that open it."""
    from distributed import LocalCluster, Security

    ours = papers(tmp_path_factory.mktemp("tls") / "ours")
    of_both = {f"tls_{who}_{what}": str(file) for who in ("scheduler", "worker", "client")
               for what, file in (("cert", ours.cert), ("key", ours.key))}  # fmt: skip
    security = Security(require_encryption=True, tls_ca_file=str(ours.ca), **of_both)
    with LocalCluster(
        host="127.0.0.1", protocol="tls://", security=security, n_workers=1, threads_per_worker=1,
        dashboard_address=None,
    ) as made:  # fmt: skip
        yield made.scheduler_address, ours


@pytest.mark.kernel
def test_the_command_reaches_an_encrypted_cluster_with_the_files_it_is_given(
    encrypted: tuple[str, Tls], tmp_path: Path
) -> None:
    address, files = encrypted
    assert address.startswith("tls://127.0.0.1:")
    begin = [sys.executable, "-m", "riskkit"]
    subprocess.run(
        [*begin, "init", "w", "--project", "credit"], cwd=tmp_path, check=True, capture_output=True
    )
    words = ["run", "-a", "regulatory_checklist", "--executor", "dask", "--scheduler", address]
    words += ["--tls-ca", str(files.ca), "--tls-cert", str(files.cert), "--tls-key", str(files.key)]
    done = subprocess.run(
        [*begin, *words], cwd=tmp_path / "w", capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 of 1 runs concluded, 0 were fresh"


@pytest.mark.slow
def test_who_has_papers_of_another_authority_or_none_does_not_get_in(
    encrypted: tuple[str, Tls], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, ours = encrypted
    monkeypatch.setattr(sys.modules[Cluster.__module__], "_WAIT", 3)
    other = papers(tmp_path / "other")
    for files in (other, other._replace(ca=ours.ca), Tls()):
        with (
            pytest.raises(EnvironmentProblem, match="no scheduler can be reached"),
            cluster(tmp_path, address, tls=files, slots=1, remote=None),
        ):
            pass

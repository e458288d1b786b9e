"""Records kept at a URL: of an S3 server on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from riskkit.errors import IntegrityError, StorageError, UsageError
from riskkit.records import RemoteStore, Store
from riskkit.remote import Remote, remote
from tests.example_records import FILES, evidence, tree

pytestmark = pytest.mark.slow


@pytest.fixture
def there(s3: str, tmp_path: Path) -> Remote:
    return remote(f"{s3}/{tmp_path.name}")


def store(folder: Path, there: Remote) -> RemoteStore:
    return RemoteStore(folder, there=there)


def test_of_two_writers_of_a_name_one_succeeds(there: Remote) -> None:
    there.check()
    assert there.create("_log/1", b"one")
    assert not there.create("_log/1", b"two")
    assert there.create("_log/1", b"one"), "the answer to the first attempt may have been lost"
    assert there.read("_log/1") == b"one"
    assert there.read("_log/2") is None
    assert there.names() == ("_log/1",)


def test_a_record_is_there_and_on_every_machine_that_looks(there: Remote, tmp_path: Path) -> None:
    one, other = store(tmp_path / "1", there), store(tmp_path / "2", there)
    first = one.commit(evidence(1), FILES)
    assert [e.sha256 for e in other.read_all().evidence] == [first.sha256]
    second = other.commit(evidence(2), FILES)
    assert second.previous == first.sha256
    third = one.commit(evidence(3), FILES)
    assert third.previous == second.sha256, "what another machine recorded meanwhile is taken in first"
    assert one.verify() == other.verify() == ()
    assert one.head() == other.head() or other.read_all().damaged == ()
    assert tree(one.root) == {n: there.read(n) for n in there.names()}


def test_writers_at_the_same_time_all_get_their_records_in(there: Remote, tmp_path: Path) -> None:
    def write(number: int) -> None:
        mine = store(tmp_path / str(number), there)
        for more in range(3):
            mine.commit(evidence(10 * number + more, project=f"p{number}"), FILES)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = store(tmp_path / "fresh", there)
    assert len(fresh.read_all().evidence) == 12
    assert fresh.verify() == ()


def test_a_writer_killed_before_the_log_entry_leaves_nothing_that_is_read(
    there: Remote, tmp_path: Path
) -> None:
    class Dying(Remote):
        def create(self, name: str, data: bytes) -> bool:
            raise StorageError("killed")

    with pytest.raises(StorageError, match="killed"):
        store(tmp_path / "1", Dying(there.url, there.files, there.root)).commit(evidence(1), FILES)
    again = store(tmp_path / "2", there)
    assert again.read_all().evidence == ()
    again.commit(evidence(1), FILES)
    assert again.verify() == ()
    assert len(store(tmp_path / "1", there).read_all().evidence) == 1


def test_verify_believes_the_url_and_not_the_copy(there: Remote, tmp_path: Path) -> None:
    here = store(tmp_path / "1", there)
    kept = here.commit(evidence(1), FILES)
    there.write(f"{kept.folder}/groups.csv", b"other")
    assert [str(f).partition(":")[0] for f in here.verify()] == [f"{kept.folder}/groups.csv"]
    assert Store(here.root).verify() == ()


def test_a_store_that_moves_to_a_url_takes_its_records_along(there: Remote, tmp_path: Path) -> None:
    local = Store(tmp_path / "1")
    kept = local.commit(evidence(1), FILES)
    (local.root / "_snapshots").mkdir()
    (local.root / "_snapshots/2026-11-20.json").write_bytes(b"{}")
    moved = store(local.root, there)
    assert [e.sha256 for e in moved.read_all().evidence] == [kept.sha256]
    other = store(tmp_path / "2", there)
    assert [e.sha256 for e in other.read_all().evidence] == [kept.sha256]
    assert (other.root / "_snapshots/2026-11-20.json").read_bytes() == b"{}"


def test_two_histories_are_told_apart_and_neither_is_lost(there: Remote, tmp_path: Path) -> None:
    store(tmp_path / "1", there).commit(evidence(1), FILES)
    Store(tmp_path / "2").commit(evidence(2), FILES)
    with pytest.raises(IntegrityError, match=r"has another history.*riskkit merge"):
        store(tmp_path / "2", there).read_all()
    assert len(there.names("_log")) == 1


@pytest.mark.parametrize(
    "url", ["file:///x", "http://example.org/x", "bucket/x", "s3://", "simplecache::s3://bucket", "file:/x"]
)
def test_what_is_no_address_of_a_store_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a store"):
        remote(url)


@pytest.mark.kernel
def test_run_build_and_verify_against_s3_killed_in_between(s3: str, tmp_path: Path) -> None:
    def riskkit(*words: str, folder: Path, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "riskkit", *words], cwd=folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "RISKKIT_REMOTE": f"{s3}/killed", **more},
        )  # fmt: skip

    def done(*words: str, folder: Path) -> tuple[int, str, str]:
        process = riskkit(*words, folder=folder)
        out, err = process.communicate(timeout=500)
        return process.returncode, out, err

    assert done("init", "w", "--project", "credit", folder=tmp_path)[0] == 0
    workspace = tmp_path / "w"
    struck = riskkit("run", "--workers", "1", folder=workspace)
    assert struck.stderr is not None
    assert "[1/2] ok" in struck.stderr.readline()
    struck.send_signal(signal.SIGKILL)
    struck.communicate()
    shutil.rmtree(workspace / "records")  # the next night is on another machine
    code, out, err = done("run", folder=workspace)
    assert (code, out.splitlines()[-1]) == (0, "1 of 1 runs concluded, 1 were fresh"), err
    code, out, err = done("build", folder=workspace)
    assert code == 0, err
    code, out, err = done("verify", "--site", folder=workspace)
    assert code == 0, err
    assert "2 records verified" in out

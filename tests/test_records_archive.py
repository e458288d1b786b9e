"""What old records hold can move into an archive; the chain, the conclusions and the checks stay."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from riskkit.errors import IntegrityError, StorageError, UsageError
from riskkit.model import Status
from riskkit.records import Store, new_key, pack, read_trust
from riskkit.records import archive as archives
from riskkit.records.archived import Archived
from riskkit.records.disk import Disk
from tests.example_records import FILES, evidence, tree

VERIFY = Path(archives.__file__).with_name("verify_pack.py")
MOMENT = "20261129T021500Z"


def filled(root: Path, runs: int = 5) -> Store:
    store = Store(root)
    for number in range(runs):
        store.commit(evidence(number), FILES)
    store.commit(evidence(9, assessment="other"), FILES)
    return store


def archived(store: Store, to: Path, *, keep: int = 2) -> Archived:
    return archives.archive(store, archives.plan(store, keep=keep), to, moment=MOMENT)


def test_the_oldest_files_go_and_what_was_concluded_stays(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    before = store.read_all().evidence
    said = archived(store, tmp_path / "old.zip")
    assert len(said.files) == 3 * 2, "notebook and table of the three oldest of five runs"
    assert store.verify() == ()
    assert store.read_all().evidence == before, "every conclusion is still read"
    for name in said.files:
        assert not (store.root / name).exists()
    for record in before[:3]:
        assert {p.name for p in (store.root / record.folder).iterdir()} == {
            "evidence.json",
            "conclusion.json",
        }
    for record in before[3:]:
        assert (store.root / record.folder / "notebook.ipynb").exists()


def test_unpacking_the_archive_puts_every_byte_back(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    before = tree(store.root)
    archived(store, tmp_path / "old.zip")
    with zipfile.ZipFile(tmp_path / "old.zip") as packed:
        packed.extractall(store.root)
    after = tree(store.root)
    assert {name: after[name] for name in before} == before
    assert store.verify() == ()


def test_the_log_goes_on_after_an_archive(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    head = store.head()
    archived(store, tmp_path / "old.zip")
    assert store.verify(head) == (), "a head pinned before still holds"
    stored = store.commit(evidence(20), FILES)
    assert stored.previous == store.read_all().evidence[4].sha256
    assert store.verify() == ()


def test_a_file_that_no_archive_names_is_still_missed(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    archived(store, tmp_path / "old.zip")
    (store.root / store.read_all().evidence[4].folder / "notebook.ipynb").unlink()
    assert "is missing" in str(store.verify()[0])


def test_a_file_put_in_place_of_an_archived_one_is_found(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    name = next(iter(archived(store, tmp_path / "old.zip").files))
    (store.root / name).write_bytes(b"another")
    assert "was changed after it was recorded" in str(store.verify()[0])


def test_a_changed_note_vouches_for_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    archived(store, tmp_path / "old.zip")
    (note,) = store.root.glob("_archive/*/archive.json")
    value = json.loads(note.read_bytes())
    value["files"] |= {f"{store.read_all().evidence[4].folder}/notebook.ipynb": "0" * 64}
    note.write_text(json.dumps(value))
    faults = [str(fault) for fault in store.verify()]
    assert "archive.json: was changed after it was noted" in faults[0]
    assert sum("is missing" in fault for fault in faults) == 3


def test_an_archive_note_that_nobody_trusted_signed_is_a_fault(tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key.pem")
    (tmp_path / "trust.json").write_text(json.dumps({"keys": [signer.as_trusted()]}))
    trust = read_trust(tmp_path / "trust.json")
    store = Store(tmp_path / "records", signer=signer)
    for number in range(5):
        store.commit(evidence(number), FILES)
    archived(store, tmp_path / "old.zip", keep=4)
    assert store.verify(trust=trust) == ()
    archived(Store(store.root), tmp_path / "more.zip")
    (fault,) = store.verify(trust=trust)
    assert "archive.json: is not signed" in str(fault)


def test_failed_runs_go_with_what_is_older_and_a_few_runs_stay_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    store.commit(evidence(0, status=Status.FAILED, reason="broke"), {"notebook.ipynb": b"{}"})
    for number in (1, 2):
        store.commit(evidence(number), FILES)
    store.commit(evidence(3, status=Status.FAILED, reason="broke"), {"notebook.ipynb": b"{}"})
    found = archives.plan(store, keep=2)
    assert [e.run.status for e in found.records] == [Status.FAILED]
    assert archives.plan(store, keep=3).records == ()


def test_nothing_is_archived_from_a_damaged_store_or_over_another_file(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    with pytest.raises(UsageError, match="at least the last 2 runs stay"):
        archives.plan(store, keep=1)
    found = archives.plan(store, keep=2)
    (tmp_path / "old.zip").write_bytes(b"")
    with pytest.raises(StorageError, match="never overwritten"):
        archives.archive(store, found, tmp_path / "old.zip", moment=MOMENT)
    (store.root / next(iter(found.files))).write_bytes(b"changed")
    with pytest.raises(IntegrityError):
        archives.archive(store, found, tmp_path / "new.zip", moment=MOMENT)
    with pytest.raises(IntegrityError):
        archives.plan(store, keep=2)
    assert list(tmp_path.glob("*new*")) == []


class Crash(BaseException):
    """The process ends here."""


class Crashing(Disk):
    """Ends the process at the n-th thing asked of it."""

    def __init__(self, at: int) -> None:
        self.left = at

    def _step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash

    def mkdir(self, folder: Path) -> None:
        self._step()
        super().mkdir(folder)

    def write(self, file: Path, data: bytes) -> None:
        self._step()
        super().write(file, data)

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        super().rename(old, new)

    def link(self, file: Path, name: Path) -> None:
        self._step()
        super().link(file, name)

    def unlink(self, file: Path) -> None:
        self._step()
        super().unlink(file)


def test_killed_at_any_step_nothing_is_lost_and_the_next_call_finishes(tmp_path: Path) -> None:
    before = filled(tmp_path / "whole").read_all().evidence
    files = {n: d for n, d in tree(tmp_path / "whole").items() if n.endswith((".ipynb", ".csv"))}
    reached = 0
    for at in range(1, 40):
        store = filled(tmp_path / str(at))
        crashing = Store(store.root, disk=Crashing(at))
        zipped = tmp_path / f"{at}.zip"
        try:
            archived(crashing, zipped)
        except Crash:
            reached = at
        assert store.verify() == ()
        assert store.read_all().evidence == before
        there = tree(store.root)
        with zipfile.ZipFile(zipped) as packed:
            away = {name: packed.read(name) for name in packed.namelist()}
        assert all(there.get(name, away.get(name)) == data for name, data in files.items())
        found = archives.plan(store, keep=2)
        if found.files:
            archives.archive(store, found, tmp_path / f"{at}-again.zip", moment=MOMENT)
        assert archives.plan(store, keep=2).files == {}
        assert store.verify() == ()
    assert 12 < reached < 39, (
        "each step of the store and each removal was tried, and the last runs went through"
    )


def test_whoever_checks_without_the_kit_is_told_what_was_archived(tmp_path: Path) -> None:
    store = filled(tmp_path / "records")
    said = archived(store, tmp_path / "old.zip")
    alone = [sys.executable, str(VERIFY), str(store.root)]
    whole = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert (whole.returncode, whole.stdout) == (0, "6 records, 0 faults, signatures not checked\n")

    packed = pack(store, "demo")
    (tmp_path / "pack.zip").write_bytes(packed.data)
    with zipfile.ZipFile(tmp_path / "pack.zip") as found:
        found.extractall(tmp_path / "pack")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "pack" / "verify.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(said.files)} archived files not checked" in done.stdout

    (note,) = store.root.glob("_archive/*/archive.json")
    note.write_bytes(note.read_bytes() + b" ")
    broken = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert broken.returncode == 6
    assert "archive.json: changed after it was noted" in broken.stdout

"""A commit that is killed, refused by the disk or cut off from power at any instant: nothing half is ever evidence.

Each rule is also held against stores that were broken on purpose: a test that passes those would show nothing.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from riskkit.errors import StorageError
from riskkit.records import Store
from riskkit.records.disk import Disk
from tests.example_records import FILES, evidence, tree


class Crash(BaseException):
    """The process ends here."""


# crash and refusal at every step ---------------------------------------------------------------------------------


class Faulty(Disk):
    """Fails at the n-th step; writing a file has four: made, half written, written, synced."""

    def __init__(self, at: int, fault: BaseException) -> None:
        self.at, self.fault, self.steps = at, fault, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise self.fault

    def mkdir(self, folder: Path) -> None:
        self.step()
        super().mkdir(folder)
        self.step()

    def write(self, file: Path, data: bytes) -> None:
        self.step()
        file.touch(exist_ok=False)
        self.step()
        file.write_bytes(data[: len(data) // 2])
        self.step()
        file.unlink()
        super().write(file, data)
        self.step()

    def sync(self, folder: Path) -> None:
        self.step()
        super().sync(folder)
        self.step()

    def rename(self, old: Path, new: Path) -> None:
        self.step()
        super().rename(old, new)
        self.step()

    def link(self, file: Path, name: Path) -> None:
        self.step()
        super().link(file, name)
        self.step()

    def unlink(self, file: Path) -> None:
        self.step()
        super().unlink(file)
        self.step()


def steps_of_a_commit(tmp_path: Path, make: Callable[..., Store]) -> int:
    counting = Faulty(-1, Crash())
    root = tmp_path / "counted"
    make(root).commit(evidence(), FILES)
    make(root, disk=counting).commit(evidence(1), FILES)
    shutil.rmtree(root)
    return counting.steps


def broken_promises(root: Path, before: dict[str, bytes], acknowledged: bool) -> list[str]:
    """What the store at ``root`` does that it promised not to, after a commit that may have been cut short."""
    store = Store(root)
    stored, wrong = store.read_all(), []
    numbers = [round(e.conclusion.measurements[0].value * 100) - 10 for e in stored.evidence if e.conclusion]
    if any(tree(root).get(name) != data for name, data in before.items()):
        wrong.append("an earlier file was lost or changed")
    if stored.damaged or store.verify():
        wrong.append(f"damage: {stored.damaged}")
    if numbers[:1] != [0]:
        wrong.append("the earlier record is not read")
    if numbers not in ([0], [0, 1]):
        wrong.append(f"half a record or two of them: {numbers}")
    if acknowledged and numbers != [0, 1]:
        wrong.append("an acknowledged record is gone")
    store.commit(evidence(2), FILES)
    if store.verify() or len(store.read_all().evidence) != len(numbers) + 1:
        wrong.append("the store does not go on")
    if list((root / "_staging").iterdir()):
        wrong.append("scratch files pile up")
    return wrong


FAULTS = [
    Crash(),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
]


def crashes(
    tmp_path: Path, make: Callable[..., Store], fault: BaseException
) -> Iterator[tuple[int, list[str]]]:
    """The promises broken by a crash at each step of a commit."""
    first = tmp_path / "first"
    make(first).commit(evidence(), FILES)
    before = tree(first)
    for at in range(1, steps_of_a_commit(tmp_path, make) + 1):
        root = tmp_path / f"at-{at}"
        shutil.copytree(first, root)
        with pytest.raises((StorageError, Crash)) as raised:
            make(root, disk=Faulty(at, fault)).commit(evidence(1), FILES)
        if isinstance(raised.value, StorageError):
            assert raised.value.exit_code == 8
            assert "\n" not in str(raised.value)
        yield at, broken_promises(root, before, acknowledged=False)
        shutil.rmtree(root)


@pytest.mark.parametrize("fault", FAULTS, ids=["kill", "disk full", "input/output error", "quota"])
def test_a_fault_at_any_step_of_a_commit_breaks_no_promise(tmp_path: Path, fault: BaseException) -> None:
    seen = dict(crashes(tmp_path, Store, fault))
    assert len(seen) > 30
    assert {at: wrong for at, wrong in seen.items() if wrong} == {}
    print(f"{type(fault).__name__} at each of {len(seen)} steps of a commit: 0 promises broken")


@pytest.mark.parametrize("fault", FAULTS[:2], ids=["kill", "disk full"])
def test_a_fault_at_any_step_of_the_very_first_commit_breaks_no_promise(
    tmp_path: Path, fault: BaseException
) -> None:
    for at in range(1, 60):
        root = tmp_path / f"at-{at}"
        try:
            Store(root, disk=Faulty(at, fault)).commit(evidence(), FILES)
        except (StorageError, Crash):
            assert Store(root).verify() == ()
            assert len(Store(root).read_all().evidence) in (0, 1)
        assert Store(root).commit(evidence(1), FILES).folder
        assert Store(root).verify() == ()


class LogFirst(Store):
    """Broken on purpose: the entry is written before the record is in its place."""

    def _put(self, folder, parts):  # type: ignore[no-untyped-def]
        from hashlib import sha256

        self._append_now(folder, sha256(parts["evidence.json"]).hexdigest())
        super()._put(folder, parts)

    def _append_now(self, folder: str, digest: str) -> None:
        super()._append(folder, digest)

    def _append(self, folder: str, digest: str, signature: str = "") -> None:
        pass


def test_a_store_that_logs_first_is_caught(tmp_path: Path) -> None:
    assert any(wrong for _, wrong in crashes(tmp_path, LogFirst, Crash()))


class InPlace(Store):
    """Broken on purpose: the newest record is overwritten where it lies."""

    def _free(self, wanted: str) -> str:
        newest = sorted(p for p in (self.root / "demo/bias_audit").glob("*"))
        return newest[0].relative_to(self.root).as_posix() if newest else wanted

    def _put(self, folder, parts):  # type: ignore[no-untyped-def]
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        for name, data in parts.items():
            self.disk.unlink(self.root / folder / name)
            self.disk.write(self.root / folder / name, data)


def test_a_store_that_writes_in_place_is_caught(tmp_path: Path) -> None:
    assert any(wrong for _, wrong in crashes(tmp_path, InPlace, Crash()))


# loss of power ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Op:
    """One change of the disk: ``kind``, the name it concerns, where that came from, and bytes."""

    kind: str
    name: Path
    source: Path | None = None
    data: bytes = b""


@dataclass
class Recording(Disk):
    """Notes every change and every wait, in order."""

    ops: list[Op] = field(default_factory=list)

    def mkdir(self, folder: Path) -> None:
        super().mkdir(folder)
        self.ops.append(Op("mkdir", folder))

    def write(self, file: Path, data: bytes) -> None:
        super().write(file, data)
        self.ops += [Op("create", file, data=data), Op("synced", file)]

    def sync(self, folder: Path) -> None:
        super().sync(folder)
        self.ops.append(Op("sync", folder))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.ops.append(Op("rename", new, old))

    def link(self, file: Path, name: Path) -> None:
        super().link(file, name)
        self.ops.append(Op("link", name, file))

    def unlink(self, file: Path) -> None:
        super().unlink(file)
        self.ops.append(Op("unlink", file))


@dataclass
class NoFileSync(Recording):
    """Broken on purpose: does not wait for the bytes of a file."""

    def write(self, file: Path, data: bytes) -> None:
        super().write(file, data)
        self.ops.pop()


@dataclass
class NoFolderSync(Recording):
    """Broken on purpose: does not wait for names."""

    def sync(self, folder: Path) -> None:
        Disk.sync(self, folder)


def after_power_loss(ops: list[Op], draw: random.Random, keep: float) -> None:
    """Make the disk one that a machine may find after losing power: only what was waited for is certain.

    A new name is certain once its folder was synced; the bytes of a file once the file was. The rest is there with
    probability ``keep``: lost bytes are missing, cut short or zeros.
    """
    synced = {op.name for op in ops if op.kind == "synced"}
    content = {op.name: op.data for op in ops if op.kind == "create"}

    def bytes_of(file: Path) -> bytes:
        data = content[file]
        return (
            data
            if file in synced or draw.random() < keep
            else draw.choice([b"", data[: len(data) // 2], bytes(len(data))])
        )

    for index, op in enumerate(ops):
        certain = any(later.kind == "sync" and later.name == op.name.parent for later in ops[index:])
        if op.kind in ("sync", "synced") or not (certain or draw.random() < keep):
            continue
        try:
            if op.kind == "mkdir":
                op.name.mkdir()
            elif op.kind == "create":
                op.name.write_bytes(bytes_of(op.name))
            elif op.kind == "rename" and op.source:
                op.source.rename(op.name)
            elif op.kind == "link" and op.source:
                op.name.write_bytes(bytes_of(op.source))
            elif op.kind == "unlink":
                op.name.unlink()
        except FileNotFoundError:
            pass  # what it rests on was lost


def power_losses(
    tmp_path: Path, disk: Recording, make: Callable[..., Store] = Store
) -> tuple[int, list[str]]:
    """How many disks were looked at, and the promises they broke."""
    root, first = tmp_path / "store", tmp_path / "first"
    Store(first).commit(evidence(), FILES)
    before = tree(first)
    shutil.copytree(first, root)
    make(root, disk=disk).commit(evidence(1), FILES)
    draw, seen, wrong = random.Random(20), 0, []
    for cut in range(len(disk.ops) + 1):
        for keep in (0.0, 1.0, *[0.5] * 14):
            shutil.rmtree(root)
            shutil.copytree(first, root)
            after_power_loss(disk.ops[:cut], draw, keep)
            seen += 1
            wrong += broken_promises(root, before, acknowledged=cut == len(disk.ops))
    return seen, wrong


@pytest.mark.slow
def test_no_disk_that_a_loss_of_power_may_leave_breaks_a_promise(tmp_path: Path) -> None:
    seen, wrong = power_losses(tmp_path, Recording())
    assert seen > 300
    assert wrong == []
    print(f"{seen} disks that a loss of power may leave: 0 promises broken")


@pytest.mark.slow
@pytest.mark.parametrize("disk", [NoFileSync(), NoFolderSync()], ids=["files", "folders"])
def test_a_store_that_does_not_wait_for_the_disk_is_caught(tmp_path: Path, disk: Recording) -> None:
    assert power_losses(tmp_path, disk)[1]


@pytest.mark.slow
def test_a_store_that_logs_first_is_caught_by_loss_of_power_too(tmp_path: Path) -> None:
    assert power_losses(tmp_path, Recording(), LogFirst)[1]


# real system calls -----------------------------------------------------------------------------------------------

COMMIT = """
import sys
from pathlib import Path
from riskkit.errors import RiskkitError
from riskkit.records import Store
from tests.example_records import FILES, evidence
try:
    Store(Path(sys.argv[1])).commit(evidence(1), FILES)
except RiskkitError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""
CALLS = ("mkdir", "write", "fsync", "rename", "linkat", "link", "unlink", "unlinkat", "flock")


def traced(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        "strace",
        "-f",
        "-qq",
        "-o",
        str(root.parent / "trace"),
        *options,
        sys.executable,
        "-c",
        COMMIT,
        str(root),
    ]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=60, check=False)


@pytest.mark.slow
def test_a_fault_injected_into_each_system_call_of_a_commit_breaks_no_promise(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    first = tmp_path / "first"
    Store(first).commit(evidence(), FILES)
    before, root = tree(first), tmp_path / "store"
    shutil.copytree(first, root)
    if subprocess.run(["strace", "-o", os.devnull, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this system does not let processes be traced")
    whole = traced(root, "-e", f"trace={','.join(CALLS)}")
    assert whole.returncode == 0, whole.stderr
    made = [
        line.split("(")[0].split()[-1]
        for line in (tmp_path / "trace").read_text().splitlines()
        if "(" in line
    ]
    spots = [(call, n) for call in CALLS for n in range(1, made.count(call) + 1)]
    assert len(spots) >= 15
    for call, number in spots:
        for fault, code in (("signal=KILL", -9), ("error=ENOSPC", 8), ("error=EIO", 8)):
            shutil.rmtree(root)
            shutil.copytree(first, root)
            inject = f"inject={call}:{fault}:when={number}"
            done = traced(root, "-e", f"trace={call}", "-e", inject)
            assert done.returncode in (code, 0), (inject, done)
            if done.returncode == 8:
                assert done.stderr.count("\n") == 1, (inject, done.stderr)
            assert broken_promises(root, before, acknowledged=done.returncode == 0) == [], inject
    print(f"{len(spots)} system calls, each with 3 faults: 0 promises broken")

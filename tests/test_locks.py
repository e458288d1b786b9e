"""One lock for files and folders, held by one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from riskkit.locks import taken, waited_for
from riskkit.records import Store
from riskkit.runner.scratch import held, sweep
from tests.example_records import FILES, evidence


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)


def test_a_lock_is_had_by_one_and_free_when_its_holder_is_gone(tmp_path: Path) -> None:
    one, other = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    assert waited_for(one, seconds=0)
    assert not taken(other)
    assert not waited_for(other, seconds=0.1)
    os.close(one)
    assert waited_for(other, seconds=0)
    os.close(other)


def test_records_are_kept_where_the_file_system_has_no_locks(tmp_path: Path, no_locks: None) -> None:
    store = Store(tmp_path)
    store.commit(evidence(), FILES)
    assert store.verify() == ()


def test_a_living_runs_folder_is_not_cleared_where_the_file_system_has_no_locks(
    tmp_path: Path, no_locks: None
) -> None:
    with held(tmp_path) as folder:
        assert sweep(tmp_path) == 0
        assert folder.is_dir()

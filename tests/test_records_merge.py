"""Records of several machines become one store, each as it was recorded."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from riskkit.errors import IntegrityError, UsageError
from riskkit.model import Evidence
from riskkit.records import Store, merge
from riskkit.records import archive as archives
from riskkit.records.disk import Disk
from tests.example_records import FILES, evidence, tree


def recorded(root: Path, *about: str) -> Store:
    store = Store(root)
    for number, project in enumerate(about):
        store.commit(evidence(number, project=project), FILES)
    return store


def digests(store: Store) -> list[str]:
    return sorted(e.sha256 for e in store.read_all().evidence)


def test_records_of_two_shards_are_one_sound_chain_and_keep_their_bytes(tmp_path: Path) -> None:
    one, two = recorded(tmp_path / "1", "a", "b"), recorded(tmp_path / "2", "c", "d", "c")
    both = Store(tmp_path / "both")
    merge(both, one.root)
    merge(both, two.root)
    assert both.verify() == ()
    assert digests(both) == sorted(digests(one) + digests(two))
    for shard in (one, two):
        kept = {name: data for name, data in tree(shard.root).items() if not name.startswith("_")}
        assert kept.items() <= tree(both.root).items()


def test_a_second_time_adds_nothing(tmp_path: Path) -> None:
    shard, store = recorded(tmp_path / "1", "a", "b"), Store(tmp_path / "both")
    assert len(merge(store, shard.root)) == 2
    before = tree(store.root)
    assert merge(store, shard.root) == ()
    assert tree(store.root) == before


def test_shards_that_began_with_the_same_records_share_them(tmp_path: Path) -> None:
    base = recorded(tmp_path / "base", "a", "b")
    shards = [Store(tmp_path / name) for name in "12"]
    for number, (shard, project) in enumerate(zip(shards, "ab", strict=True), 5):
        merge(shard, base.root)
        shard.commit(evidence(number, project=project), FILES)
        merge(base, shard.root)
    assert base.verify() == ()
    found = base.read_all().evidence
    assert [e.project for e in found] == ["a", "b", "a", "b"]
    assert [e.previous for e in found[2:]] == [e.sha256 for e in found[:2]]


def test_a_merge_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    class Full(Disk):
        """Refuses the second log entry."""

        def link(self, file: Path, name: Path) -> None:
            if name.name == "00000002.json":
                raise OSError(28, "No space left on device")
            super().link(file, name)

    shard = recorded(tmp_path / "1", "a", "b", "c")
    with pytest.raises(Exception, match="No space left"):
        merge(Store(tmp_path / "both", disk=Full()), shard.root)
    both = Store(tmp_path / "both")
    assert len(merge(both, shard.root)) == 2
    assert both.verify() == ()
    assert both.unlogged() == ()
    assert digests(both) == digests(shard)


def pruned(store: Store, to: Path) -> None:
    archives.archive(store, archives.plan(store, keep=2), to, moment="20261129T021500Z")


def test_a_shard_that_was_pruned_comes_without_its_old_notebooks_and_verifies(tmp_path: Path) -> None:
    shard, other = recorded(tmp_path / "1", *"aaaaa"), recorded(tmp_path / "2", *"bbb")
    before = digests(shard)
    pruned(shard, tmp_path / "old.zip")
    both = Store(tmp_path / "both")
    merge(both, other.root)
    merge(both, shard.root)
    assert both.verify() == ()
    assert digests(both) == sorted(before + digests(other))
    assert len(list(both.root.glob("a/*/*/notebook.ipynb"))) == 2
    assert merge(both, shard.root) == ()
    with zipfile.ZipFile(tmp_path / "old.zip") as packed:
        packed.extractall(both.root)
    assert both.verify() == ()
    assert len(list(both.root.glob("a/*/*/notebook.ipynb"))) == 5


def test_what_a_shard_has_archived_stays_where_it_still_lies(tmp_path: Path) -> None:
    base = recorded(tmp_path / "base", *"aaa")
    shard = Store(tmp_path / "1")
    merge(shard, base.root)
    for number in (5, 6):
        shard.commit(evidence(number, project="a"), FILES)
    pruned(shard, tmp_path / "shard.zip")
    assert len(list(shard.root.glob("a/*/*/notebook.ipynb"))) == 2
    merge(base, shard.root)
    assert base.verify() == ()
    assert len(list(base.root.glob("a/*/*/notebook.ipynb"))) == 5, "no zip of this store holds them"
    pruned(base, tmp_path / "base.zip")
    assert base.verify() == ()
    with zipfile.ZipFile(tmp_path / "base.zip") as packed:
        assert len([n for n in packed.namelist() if n.endswith(".ipynb")]) == 3


def test_a_merge_of_a_pruned_shard_verifies_wherever_it_was_killed(tmp_path: Path) -> None:
    class Full(Disk):
        """Refuses the n-th log entry."""

        def __init__(self, at: int) -> None:
            self.at = at

        def link(self, file: Path, name: Path) -> None:
            if name.name == f"{self.at:08}.json":
                raise OSError(28, "No space left on device")
            super().link(file, name)

    shard = recorded(tmp_path / "1", *"aaaa")
    pruned(shard, tmp_path / "old.zip")
    for at in range(1, 6):
        both = Store(tmp_path / "both")
        with pytest.raises(Exception, match="No space left"):
            merge(Store(both.root, disk=Full(at)), shard.root)
        assert both.verify() == ()
        merge(both, shard.root)
        assert both.verify() == ()
        assert digests(both) == digests(shard)
        shutil.rmtree(both.root)


def test_a_damaged_shard_adds_nothing(tmp_path: Path) -> None:
    shard, store = recorded(tmp_path / "1", "a", "b"), Store(tmp_path / "both")
    damaged: Evidence = shard.read_all().evidence[1]
    (shard.root / damaged.folder / "groups.csv").write_bytes(b"other")
    with pytest.raises(IntegrityError, match=r"groups\.csv: was changed"):
        merge(store, shard.root)
    assert store.read_all().evidence == ()


def test_a_folder_without_records_and_the_store_itself_are_refused(tmp_path: Path) -> None:
    store = recorded(tmp_path / "1", "a")
    for folder in (tmp_path, store.root):
        with pytest.raises(UsageError, match="holds no records of another workspace"):
            merge(store, folder)

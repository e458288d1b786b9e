"""Records of another store joined to a store, each as it was recorded, once however often that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from riskkit.errors import IntegrityError, UsageError
from riskkit.records import log
from riskkit.records.disk import told
from riskkit.records.gate import refuse_secrets
from riskkit.records.history import read_history
from riskkit.records.store import Store


def merge(store: Store, source: Path) -> tuple[str, ...]:
    """Add to ``store`` the records of the store at ``source`` that it has not; the folders of those added.

    Each keeps its bytes and its signature, and gets the next entry of the log. Interrupted, it goes on where it was.

    Raises:
        UsageError: there are no records at ``source``.
        IntegrityError: something at ``source`` is not as it was stored; nothing is added.
    """
    if not (source / log.FOLDER).is_dir() or source.resolve() == store.root.resolve():
        raise UsageError(f"{source}: holds no records of another workspace (its folder records/ is meant)")
    history = read_history(source)
    if history.faults:
        raise IntegrityError("\n".join(map(str, history.faults)))
    added = []
    with told(store.root), store._writing():
        known = {entry.evidence for entry in log.read(store.root).entries}
        notes_first = sorted(history.log.entries, key=lambda entry: not entry.is_archive)
        for entry in notes_first:  # of archives: what they name may be absent from the records after them
            if entry.evidence in known:
                continue
            parts = {file.name: file.read_bytes() for file in (source / entry.folder).iterdir()}
            refuse_secrets(parts, store.secrets)
            folder = _put(store, entry.folder, parts)
            store._append(folder, entry.evidence, entry.signature)
            added.append(folder)
    return tuple(added)


def _put(store: Store, wanted: str, parts: Mapping[str, bytes]) -> str:
    """The folder that holds the record: the one that an interrupted merge has left, or a new one."""
    if _holds(store.root / wanted, parts):
        return wanted
    folder = store._free(wanted)
    store._put(folder, parts)
    return folder


def _holds(folder: Path, parts: Mapping[str, bytes]) -> bool:
    return folder.is_dir() and {f.name: f.read_bytes() for f in folder.iterdir()} == parts

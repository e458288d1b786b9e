"""The whole store read back: which records can be relied on, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskkit.model import Evidence
from riskkit.records import log
from riskkit.records.archived import MANIFEST, Archived, noted
from riskkit.records.contents import EVIDENCE, SIGNATURE
from riskkit.records.fault import Fault
from riskkit.records.log import Entry, Log
from riskkit.records.reading import record
from riskkit.records.trust import Trust


@dataclass(frozen=True, slots=True)
class Item:
    """A record and the log entry that names it."""

    entry: Entry
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class History:
    """The log, the records that are as they were stored (oldest first), and every fault."""

    log: Log
    sound: tuple[Item, ...]
    faults: tuple[Fault, ...]


def read_history(root: Path) -> History:
    """The store at ``root``, every byte hashed anew."""
    entries = log.read(root)
    archives = [noted(root, entry) for entry in entries.entries if entry.is_archive]
    gone = {
        name: sha for found in archives if isinstance(found, Archived) for name, sha in found.files.items()
    }
    found = [(entry, record(root, entry, gone)) for entry in entries.entries if not entry.is_archive]
    sound = [Item(entry, item) for entry, item in found if isinstance(item, Evidence)]
    faults = [item for item in (*archives, *(item for _, item in found)) if isinstance(item, Fault)]
    once = {item.entry.folder: item for item in reversed(sound)}  # the first entry of a record is its own
    twice = [
        Fault(i.entry.name, f"names {i.entry.folder} again") for i in sound if i is not once[i.entry.folder]
    ]
    gaps = [] if entries.faults else _dangling(entries.entries, sound)
    ordered = tuple(sorted(once.values(), key=lambda item: item.entry.seq))
    return History(entries, ordered, (*entries.faults, *faults, *twice, *gaps))


def unsigned(root: Path, history: History, trust: Trust) -> Iterator[Fault]:
    """A fault for each sound record, and each note of an archive, that no trusted key signed."""
    records = [(item.entry, EVIDENCE) for item in history.sound]
    notes = [
        (e, MANIFEST) for e in history.log.entries if e.is_archive and isinstance(noted(root, e), Archived)
    ]
    for entry, stated in (*records, *notes):
        folder = root / entry.folder
        envelope = (folder / SIGNATURE).read_bytes() if entry.signature else None
        said = trust.fault(envelope, payload=(folder / stated).read_bytes(), seq=entry.seq)
        if said:
            yield Fault(f"{entry.folder}/{SIGNATURE if envelope else stated}", said)


def _dangling(entries: Sequence[Entry], sound: Sequence[Item]) -> Iterator[Fault]:
    """A record names the one before it: when that was taken out and the log rewritten, the name still shows it."""
    known = {entry.evidence: entry.seq for entry in entries}
    for item in sound:
        previous = item.evidence.previous
        if previous is not None and known.get(previous, item.entry.seq) >= item.entry.seq:
            where = f"{item.entry.folder}/{EVIDENCE}"
            yield Fault(where, "the record before it is gone from the log", previous, "nothing")

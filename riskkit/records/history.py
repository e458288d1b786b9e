"""The whole store read back: which records can be relied on, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskkit.model import Evidence
from riskkit.records import log
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
    found = [(entry, record(root, entry)) for entry in entries.entries]
    sound = [Item(entry, item) for entry, item in found if isinstance(item, Evidence)]
    faults = [item for _, item in found if isinstance(item, Fault)]
    once = {item.entry.folder: item for item in reversed(sound)}  # the first entry of a record is its own
    twice = [
        Fault(i.entry.name, f"names {i.entry.folder} again") for i in sound if i is not once[i.entry.folder]
    ]
    gaps = [] if entries.faults else _dangling(entries.entries, sound)
    ordered = tuple(sorted(once.values(), key=lambda item: item.entry.seq))
    return History(entries, ordered, (*entries.faults, *faults, *twice, *gaps))


def unsigned(root: Path, history: History, trust: Trust) -> Iterator[Fault]:
    """A fault for each sound record that no trusted key signed."""
    for item in history.sound:
        folder = root / item.entry.folder
        envelope = (folder / SIGNATURE).read_bytes() if item.entry.signature else None
        said = trust.fault(envelope, payload=(folder / EVIDENCE).read_bytes(), seq=item.entry.seq)
        if said:
            yield Fault(f"{item.entry.folder}/{SIGNATURE if envelope else EVIDENCE}", said)


def _dangling(entries: Sequence[Entry], sound: Sequence[Item]) -> Iterator[Fault]:
    """A record names the one before it: when that was taken out and the log rewritten, the name still shows it."""
    known = {entry.evidence: entry.seq for entry in entries}
    for item in sound:
        previous = item.evidence.previous
        if previous is not None and known.get(previous, item.entry.seq) >= item.entry.seq:
            where = f"{item.entry.folder}/{EVIDENCE}"
            yield Fault(where, "the record before it is gone from the log", previous, "nothing")

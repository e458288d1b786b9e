"""The log: one small file an entry, each naming a record and the entry before it by their digests."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from riskkit.errors import UsageError
from riskkit.model import canonical
from riskkit.records.fault import Fault

FOLDER = "_log"
FIRST = "0" * 64
"""What the first entry names as the entry before it."""
_NAME = re.compile(r"(\d{8})\.json")
_SHA = re.compile(r"[0-9a-f]{64}")
ARCHIVE = "_archive"
_PLACE = re.compile(
    r"(?:_archive|(?:_failed/)?[a-z0-9][a-z0-9_-]*/[a-z][a-z0-9_]*)/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(?:-[0-9]+)?"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history: record ``folder``, whose evidence has digest ``evidence``, was stored as number ``seq``.

    Where files of records were moved into an archive, the note of it stands in place of a record.
    """

    seq: int
    previous: str
    folder: str
    evidence: str
    signature: str = ""

    @property
    def name(self) -> str:
        """The entry's file."""
        return name(self.seq)

    def to_bytes(self) -> bytes:
        """The entry as it is stored."""
        value: dict[str, Any] = {
            "schema_version": 1,
            "seq": self.seq,
            "previous": self.previous,
            "folder": self.folder,
            "evidence": self.evidence,
        }
        return canonical(value | ({"signature": self.signature} if self.signature else {}))

    @property
    def is_archive(self) -> bool:
        """Whether it notes an archive, and no record."""
        return self.folder.startswith(f"{ARCHIVE}/")

    def is_of(self, project: str, assessment: str) -> bool:
        """Whether it names a record of this assessment."""
        return self.folder.removeprefix("_failed/").startswith(f"{project}/{assessment}/")


def name(seq: int) -> str:
    """The file of an entry."""
    return f"{FOLDER}/{seq:08d}.json"


@dataclass(frozen=True, slots=True)
class Log:
    """The entries that can be relied on, the digest of each, and what is wrong with the rest."""

    entries: tuple[Entry, ...]
    digests: dict[int, str]
    faults: tuple[Fault, ...]

    @property
    def tip(self) -> tuple[int, str]:
        """Number and digest of the last entry there is; (0, zeros) when there is none."""
        return max(self.digests.items(), default=(0, FIRST))


def tip(root: Path) -> tuple[int, str]:
    """Number and digest of the last entry, without looking at the others."""
    last = max(_numbers(root), default=0)
    return (last, _digest(_plain(root / name(last)))) if last else (0, FIRST)


def backwards(root: Path) -> Iterator[Entry]:
    """The readable entries, latest first, each read when it is asked for."""
    for number in sorted(_numbers(root), reverse=True):
        entry = parsed(number, _bytes(root, number))
        if isinstance(entry, Entry):
            yield entry


def read(root: Path) -> Log:
    """The whole log of the store at ``root``, each entry held against the one after it.

    An entry whose bytes are not those that the next sound entry names was changed after it was written; it is
    reported and left out. The last entry has nothing after it: only a pinned head can vouch for it.
    """
    numbers = sorted(_numbers(root))
    stored = {number: _bytes(root, number) for number in numbers}
    digests = {number: _digest(data) for number, data in stored.items()}
    faults: list[Fault] = []
    sound: list[Entry] = []
    vouched = ""
    for number in range(max(numbers, default=0), 0, -1):
        file = name(number)
        if number not in stored:
            faults.append(Fault(file, "log entry is missing", vouched, "nothing"))
            vouched = ""
            continue
        entry = parsed(number, stored[number])
        if vouched and digests[number] != vouched:
            faults.append(Fault(file, "log entry was changed after it was written", vouched, digests[number]))
            vouched = ""
        elif isinstance(entry, str):
            faults.append(Fault(file, entry))
            vouched = ""
        else:
            sound.append(entry)
            vouched = entry.previous
            if number == 1 and vouched != FIRST:
                faults.append(Fault(file, "first log entry names one before it", FIRST, vouched))
    faults += [Fault(f"{FOLDER}/{n}", "is not a log entry") for n in _strangers(root)]
    return Log(tuple(reversed(sound)), digests, tuple(reversed(faults)))


def pinned(log: Log, head: str) -> tuple[Fault, ...]:
    """What contradicts ``head`` (``seq:sha256``), a state of the log that was noted elsewhere.

    Raises:
        UsageError: ``head`` is not of that form.
    """
    form = re.fullmatch(r"(\d{1,8}):([0-9a-f]{12,64})", head.strip())
    if not form:
        raise UsageError(f"{head!r:.80} is not a head (`riskkit head` prints one, such as 41:5b8d...)")
    number, digest = int(form[1]), form[2]
    if number == 0:
        return ()
    found = log.digests.get(number)
    file = name(number)
    if found is None:
        last = log.tip[0]
        return (
            Fault(
                file,
                f"the pinned head is gone: the log ends at {last}; it was cut or rolled back",
                digest,
                "nothing",
            ),
        )
    if not found.startswith(digest):
        return (Fault(file, "differs from the pinned head: history was rewritten", digest, found),)
    return ()


def _numbers(root: Path) -> Iterator[int]:
    for path in _files(root):
        if form := _NAME.fullmatch(path.name):
            yield int(form[1])


def _strangers(root: Path) -> list[str]:
    return sorted(
        p.name for p in _files(root) if not _NAME.fullmatch(p.name) or p.is_symlink() or p.name[:8] == "0" * 8
    )


def _files(root: Path) -> Iterator[Path]:
    folder = root / FOLDER
    return folder.iterdir() if folder.is_dir() else iter(())


def _bytes(root: Path, number: int) -> bytes:
    try:
        return _plain(root / name(number))
    except OSError:
        return b""


def _plain(path: Path) -> bytes:
    """The bytes of a plain file; a pipe put in its place is refused and not waited for."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is not a file", str(path))
        return file.read()


def parsed(number: int, data: bytes) -> Entry | str:
    """The entry that ``data`` holds, or what is wrong with it."""
    try:
        value = json.loads(data)
        version = value.pop("schema_version")
        entry = Entry(**value)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "log entry is not readable"
    if version != 1:
        return f"log entry was made by a newer version of riskkit (schema {version})"
    texts = (entry.previous, entry.folder, entry.evidence, entry.signature)
    if type(entry.seq) is not int or not all(isinstance(text, str) for text in texts):
        return "log entry is not readable"
    if entry.seq != number:
        return f"log entry says it is number {entry.seq}"
    digests = (entry.previous, entry.evidence, entry.signature or FIRST)
    if not _PLACE.fullmatch(entry.folder) or not all(map(_SHA.fullmatch, digests)):
        return "log entry names no record"
    return entry


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()

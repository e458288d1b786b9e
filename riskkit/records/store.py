"""The append-only store: a record is there whole or not at all, and what was changed since is never evidence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from riskkit.errors import IntegrityError, StorageError, UsageError
from riskkit.model import Evidence
from riskkit.model.secret import Secrets
from riskkit.records import log
from riskkit.records.archived import MANIFEST
from riskkit.records.contents import EVIDENCE, FAILED, SIGNATURE, contents, place
from riskkit.records.disk import Disk, locked, told
from riskkit.records.fault import Fault
from riskkit.records.gate import refuse_secrets
from riskkit.records.history import read_history, unsigned
from riskkit.records.reading import record
from riskkit.records.signing import Signer
from riskkit.records.statement import to_bytes
from riskkit.records.trust import Trust

STAGING, LOCK = "_staging", ".lock"


@dataclass(frozen=True, slots=True)
class Stored:
    """The evidence that can be relied on, oldest first, and a line for each thing that cannot."""

    evidence: tuple[Evidence, ...]
    damaged: tuple[str, ...]
    signed: frozenset[str] = frozenset()
    """Folders of the records that carry a signature; whose it is, only ``verify`` with trusted keys can tell."""


@dataclass(frozen=True)
class Store:
    """The records below ``root``.

    ``secrets`` are values that must not get into any of them; with a ``signer`` every new record is signed.
    """

    root: Path
    secrets: Secrets = field(default_factory=Secrets)
    signer: Signer | None = None
    disk: Disk = field(default_factory=Disk, repr=False)
    wait_seconds: float = 30

    # writing --------------------------------------------------------------------------------------------------

    def commit(self, evidence: Evidence, files: Mapping[str, bytes]) -> Evidence:
        """Record ``evidence`` with its ``files``, whole or not at all; the evidence as it is now stored.

        The conclusion becomes ``conclusion.json``. What did not end well goes below ``_failed``. Once this returns,
        the record survives a crash of the machine; before, none of it can be seen.

        Raises:
            PolicyError: a file gives away a secret.
            StorageError: the disk refused, or another process kept writing.
            UsageError: a file's name cannot be stored, or a concluded run comes without its notebook.
        """
        parts = contents(evidence, files)
        named = {name: sha256(data).hexdigest() for name, data in parts.items()}
        evidence = evidence.model_copy(update={"files": named, "folder": "", "sha256": ""})
        refuse_secrets({**parts, EVIDENCE: to_bytes(evidence)}, self.secrets)
        with told(self.root), self._writing():
            evidence = evidence.model_copy(update={"previous": self._previous(evidence)})
            stored = to_bytes(evidence)
            digest = sha256(stored).hexdigest()
            folder = self._free(place(evidence, digest))
            sealed = {SIGNATURE: self.signer.envelope(stored)} if self.signer else {}
            self._put(folder, {**parts, EVIDENCE: stored, **sealed})
            self._append(folder, digest, *(sha256(data).hexdigest() for data in sealed.values()))
        return evidence.model_copy(update={"folder": folder, "sha256": digest})

    def adopt(self, folder: str) -> Evidence:
        """Log a whole record that a crash left without an entry; a person has to ask for it.

        Raises:
            UsageError: there is no such unlogged record.
            IntegrityError: it is not whole.
        """
        if folder not in self.unlogged():
            raise UsageError(f"{folder!r:.120} is not an unlogged record (`riskkit verify` names them)")
        with told(self.root), self._writing():
            digest, *seal = (
                sha256(file.read_bytes()).hexdigest()
                for name in (EVIDENCE, SIGNATURE)
                if (file := self.root / folder / name).exists()
            )
            found = record(self.root, log.Entry(0, log.FIRST, folder, digest, *seal), {})
            if isinstance(found, Fault):
                raise IntegrityError(str(found))
            self._append(folder, digest, *seal)
        return found

    def note_archive(self, moment: str, note: bytes) -> None:
        """Log that files of records lie in an archive, as ``note`` says; from then on they may be absent."""
        digest = sha256(note).hexdigest()
        with told(self.root), self._writing():
            folder = self._free(f"{log.ARCHIVE}/{moment}-{digest[:8]}")
            sealed = {SIGNATURE: self.signer.envelope(note)} if self.signer else {}
            self._put(folder, {MANIFEST: note, **sealed})
            self._append(folder, digest, *(sha256(data).hexdigest() for data in sealed.values()))

    def check_writable(self) -> None:
        """Make sure, before anything is run, that a record could be written.

        Raises:
            StorageError: it could not.
        """
        with told(self.root), self._writing():
            probe = self.root / STAGING / f"probe-{uuid.uuid4().hex}"
            self.disk.write(probe, b"")
            self.disk.unlink(probe)

    # reading --------------------------------------------------------------------------------------------------

    def read_all(self) -> Stored:
        """All evidence that is as it was stored, oldest first; every byte is hashed anew.

        Damaged records are named and left out.
        """
        history = read_history(self.root)
        return Stored(
            tuple(item.evidence for item in history.sound),
            tuple(map(str, history.faults)),
            frozenset(item.entry.folder for item in history.sound if item.entry.signature),
        )

    def verify(self, head: str | None = None, *, trust: Trust | None = None) -> tuple[Fault, ...]:
        """Everything that is not as it was stored; empty when all is well.

        ``head`` is what ``head()`` gave earlier and was noted elsewhere: it shows that history was cut or rewritten.
        With ``trust``, a record that none of those keys signed is a fault too.
        """
        history = read_history(self.root)
        return (
            *history.faults,
            *(log.pinned(history.log, head) if head else ()),
            *(unsigned(self.root, history, trust) if trust else ()),
        )

    def unlogged(self) -> tuple[str, ...]:
        """Folders of records that a crash left whole but without a log entry; they are not evidence."""
        there = {p.parent.relative_to(self.root).as_posix() for p in self.root.glob(f"[!_]*/*/*/{EVIDENCE}")}
        there |= {
            p.parent.relative_to(self.root).as_posix() for p in self.root.glob(f"{FAILED}/*/*/*/{EVIDENCE}")
        }
        return tuple(sorted(there - {entry.folder for entry in log.read(self.root).entries}))

    def head(self) -> str:
        """The state of the log as ``number:sha256``, to be noted where the store's writers cannot reach."""
        number, digest = log.tip(self.root)
        return f"{number}:{digest}"

    # parts ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone among writers, with nothing in staging, and no symbolic link on the way."""
        _refuse_links(self.root)
        self.root.mkdir(parents=True, exist_ok=True)
        with locked(self.root / LOCK, wait_seconds=self.wait_seconds):
            self._folder(STAGING)
            self._folder(log.FOLDER)
            for leftover in (self.root / STAGING).iterdir():
                self.disk.clear(leftover) if leftover.is_dir() else self.disk.unlink(leftover)
            yield

    def _folder(self, name: str) -> Path:
        """A folder below the root, made if it is missing, its name on the disk."""
        folder = self.root
        for part in name.split("/"):
            parent, folder = folder, folder / part
            _refuse_links(folder)
            if not folder.is_dir():
                self.disk.mkdir(folder)
                self.disk.sync(parent)
        return folder

    def _previous(self, evidence: Evidence) -> str | None:
        """Digest of the latest record of the same assessment."""
        about = (evidence.project, evidence.assessment)
        if not any(self.root.joinpath(kind, *about).is_dir() for kind in ("", FAILED)):
            return None
        return next((e.evidence for e in log.backwards(self.root) if e.is_of(*about)), None)

    def _free(self, wanted: str) -> str:
        """``wanted``, or with a number after it when a crash left something there."""
        number, free = 1, wanted
        while (self.root / free).exists():
            number += 1
            free = f"{wanted}-{number}"
        return free

    def _put(self, folder: str, parts: Mapping[str, bytes]) -> None:
        """Write the record aside, and move it to its place in one step."""
        staged = self.root / STAGING / uuid.uuid4().hex
        self.disk.mkdir(staged)
        try:
            for name, data in sorted(parts.items()):
                self.disk.write(staged / name, data)
            self.disk.sync(staged)
            parent = self._folder(folder.rpartition("/")[0])
        except OSError:
            self.disk.clear(staged)  # a full disk should not be fuller for it
            raise
        self.disk.rename(staged, self.root / folder)
        self.disk.sync(parent)
        self.disk.sync(self.root / STAGING)

    def _append(self, folder: str, digest: str, signature: str = "") -> None:
        """Add the log entry: from the moment its name exists, the record does."""
        draft = self.root / STAGING / f"entry-{uuid.uuid4().hex}"
        while True:
            number, previous = log.tip(self.root)
            entry = log.Entry(number + 1, previous, folder, digest, signature)
            self.disk.write(draft, entry.to_bytes())
            try:
                self.disk.link(draft, self.root / entry.name)
                break
            except (
                FileExistsError
            ):  # where there are no locks, another writer was faster; or a network lost the answer
                self.disk.unlink(draft)
                if (self.root / entry.name).read_bytes() == entry.to_bytes():
                    break
        self.disk.sync(self.root / log.FOLDER)
        self.disk.unlink(draft)


def _refuse_links(folder: Path) -> None:
    if folder.is_symlink():
        raise StorageError(
            f"{folder}: is a symbolic link, and records are not written through one (name the real folder)"
        )

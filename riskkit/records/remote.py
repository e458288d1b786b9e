"""A store whose records are kept at a URL: the folder of the workspace is a copy that each command brings up to date.

A record is put there file by file, and the entry of the log last, under a name that only one writer can take: until
then nothing of it is a record, so whoever is killed on the way leaves what nobody reads.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from riskkit.errors import IntegrityError
from riskkit.records import log
from riskkit.records.disk import told
from riskkit.records.fault import Fault
from riskkit.records.store import Store, Stored
from riskkit.records.trust import Trust
from riskkit.remote import Remote

SNAPSHOTS = "_snapshots"
_SAFE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class RemoteStore(Store):
    """The records at ``there``, with a copy below ``root``."""

    there: Remote = field(kw_only=True)

    def check_writable(self) -> None:
        """Make sure, before anything is run, that a record could be written here and there."""
        self.there.check()
        super().check_writable()

    def read_all(self) -> Stored:
        """All evidence that is as it was stored, the latest included; every byte is hashed anew."""
        self.bring_up_to_date()
        return super().read_all()

    def verify(self, head: str | None = None, *, trust: Trust | None = None) -> tuple[Fault, ...]:
        """Everything at the URL that is not as it was stored; the copy here is not believed."""
        with tempfile.TemporaryDirectory(prefix="riskkit-") as folder:
            fresh = replace(self, root=Path(folder) / "records")
            fresh.bring_up_to_date()
            return Store(fresh.root).verify(head, trust=trust)

    def bring_up_to_date(self) -> None:
        """Copy what the URL has and the folder has not; put there what only the folder has."""
        with told(self.root), super()._writing():
            self._require_one_history()
            names = [n for n in self.there.names() if not (self.root / n).exists() and _SAFE.fullmatch(n)]
            entries = [n for n in names if n.startswith(f"{log.FOLDER}/")]
            for name, data in self.there.read_many([n for n in names if n not in set(entries)]):
                self._keep(name, data)
            for name, data in sorted(self.there.read_many(entries)):
                self._keep(name, data)
            self._put_there()

    # parts ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with super()._writing():
            self._catch_up()
            yield

    def _put(self, folder: str, parts: Mapping[str, bytes]) -> None:
        for name, data in sorted(parts.items()):
            self.there.write(f"{folder}/{name}", data)
        super()._put(folder, parts)

    def _append(self, folder: str, digest: str, signature: str = "") -> None:
        while True:
            number, previous = log.tip(self.root)
            entry = log.Entry(number + 1, previous, folder, digest, signature)
            if self.there.create(entry.name, entry.to_bytes()):
                break
            self._catch_up()  # another writer was faster
        super()._append(folder, digest, signature)

    def _catch_up(self) -> None:
        """Copy the records that others have added since."""
        number = log.tip(self.root)[0] + 1
        while (data := self.there.read(log.name(number))) is not None:
            entry = log.parsed(number, data)
            names = self.there.names(entry.folder) if isinstance(entry, log.Entry) else ()
            for name, content in self.there.read_many([n for n in names if not (self.root / n).exists()]):
                self._keep(name, content)
            self._keep(log.name(number), data)
            number += 1

    def _put_there(self) -> None:
        """Put there what only the folder has: all of it, when a store moves to a URL; new snapshots later on."""
        for file in sorted(self.root.glob(f"{SNAPSHOTS}/*")):
            if self.there.read(name := f"{SNAPSHOTS}/{file.name}") is None:
                self.there.write(name, file.read_bytes())
        known = set(self.there.names(log.FOLDER))
        for entry in log.read(self.root).entries:
            if entry.name in known:
                continue
            for file in sorted((self.root / entry.folder).iterdir()):
                self.there.write(f"{entry.folder}/{file.name}", file.read_bytes())
            if not self.there.create(entry.name, (self.root / entry.name).read_bytes()):
                raise self._two_histories(entry.name)

    def _require_one_history(self) -> None:
        """The last entry here is also there, or there is nothing after the entries there."""
        number, _ = log.tip(self.root)
        if not number:
            return
        name = log.name(number)
        data = self.there.read(name)
        last = max(self.there.names(log.FOLDER), default="")
        if data is None and last and (found := self.there.read(last)) is not None:
            name, data = last, found
        if data is not None and (self.root / name).read_bytes() != data:
            raise self._two_histories(name)

    def _two_histories(self, name: str) -> IntegrityError:
        return IntegrityError(
            f"{self.root}/{name}: differs from {self.there.url}, which has another history: move the folder away, "
            "then join its records with riskkit merge FOLDER"
        )

    def _keep(self, name: str, data: bytes) -> None:
        """Write a file of the copy, whole."""
        folder, _, file = name.rpartition("/")
        place = self._folder(folder) if folder else self.root
        self.disk.write(part := self.root / "_staging" / f"copy-{file}", data)
        self.disk.rename(part, place / file)

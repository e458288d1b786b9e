"""What the log says of files that were moved into archives."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from pydantic import Field, ValidationError

from riskkit.model.frozen import Frozen, Sha256
from riskkit.records import log
from riskkit.records.fault import Fault

MANIFEST = "archive.json"


class Archived(Frozen):
    """An archive: its file, and the files of records that lie in it with the digests they were recorded with."""

    schema_version: int = Field(1, ge=1, le=1)
    file: str
    sha256: Sha256
    files: dict[str, Sha256]


def read_archives(root: Path) -> Iterator[tuple[str, Archived]]:
    """Every archive the log of the store at ``root`` names: the day it was noted (``2026-11-29``), and the note."""
    if not (root / log.ARCHIVE).is_dir():
        return
    for entry in log.read(root).entries:
        if entry.is_archive and isinstance(found := noted(root, entry), Archived):
            day = entry.folder.removeprefix(f"{log.ARCHIVE}/")[:8]
            yield f"{day[:4]}-{day[4:6]}-{day[6:]}", found


def noted(root: Path, entry: log.Entry) -> Archived | Fault:
    """The archive that ``entry`` names, or what is wrong with its note."""
    name = f"{entry.folder}/{MANIFEST}"
    path = root / name
    data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    if (found := sha256(data).hexdigest()) != entry.evidence:
        return Fault(name, "was changed after it was noted", entry.evidence, found if data else "nothing")
    try:
        return Archived.model_validate_json(data)
    except ValidationError:
        return Fault(name, "does not say what was archived")

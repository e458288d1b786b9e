"""A stored record, read back: as it was stored, or what is wrong with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from riskkit.model import Evidence, Status
from riskkit.records.contents import CONCLUSION, EVIDENCE, FAILED, FILE_NAME, SIGNATURE
from riskkit.records.fault import Fault
from riskkit.records.log import Entry
from riskkit.records.statement import NotReadable, files_of, from_bytes


class Unsound(Exception):
    """Carries the fault of a record up to whoever asked for the record."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def record(root: Path, entry: Entry, archived: Mapping[str, str]) -> Evidence | Fault:
    """The evidence that ``entry`` names, or the first thing that is wrong with it; every byte is hashed.

    A file that lies in an archive, as ``archived`` says (path to digest), may be absent.
    """
    try:
        files = dict(_files(root, entry, archived))
        try:
            evidence = from_bytes(
                files[EVIDENCE], conclusion=files.get(CONCLUSION), folder=entry.folder, sha256=entry.evidence
            )
        except NotReadable as error:
            raise Unsound(Fault(f"{entry.folder}/{EVIDENCE}", str(error))) from None
        _refuse_misplaced(evidence, entry.folder)
    except Unsound as unsound:
        return unsound.fault
    return evidence


def file(root: Path, place: str, name: str, expected: str) -> bytes:
    """The bytes of one file of a record.

    Raises:
        Unsound: it is not there, not a plain file, or not what was recorded.
    """
    path = root / place / name
    data = _bytes(path) if FILE_NAME.fullmatch(name) else "is not the name of a file in a record"
    if isinstance(data, str):
        raise Unsound(Fault(f"{place}/{name}", data, expected, "nothing"))
    if (found := sha256(data).hexdigest()) != expected:
        raise Unsound(Fault(f"{place}/{name}", "was changed after it was recorded", expected, found))
    return data


def _files(root: Path, entry: Entry, archived: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Every file of the record, each as it was recorded, and no other."""
    place = entry.folder
    if (root / place).is_symlink():
        raise Unsound(Fault(place, "is a symbolic link"))
    stored = file(root, place, EVIDENCE, entry.evidence)
    yield EVIDENCE, stored
    try:
        named = files_of(stored)
    except NotReadable as error:
        raise Unsound(Fault(f"{place}/{EVIDENCE}", str(error))) from None
    for name, expected in named.items():
        if archived.get(f"{place}/{name}") == expected and not os.path.lexists(root / place / name):
            continue
        yield name, file(root, place, name, expected)
    if entry.signature:
        yield SIGNATURE, file(root, place, SIGNATURE, entry.signature)
    known = {*named, EVIDENCE, *([SIGNATURE] if entry.signature else [])}
    if strangers := sorted({path.name for path in (root / place).iterdir()} - known):
        raise Unsound(Fault(f"{place}/{strangers[0]}", "was not part of the record"))


def _refuse_misplaced(evidence: Evidence, place: str) -> None:
    """A record says the same as the place it lies in, and only one that ended well concludes."""
    good = evidence.run.status is Status.OK
    about, said = f"{evidence.project}/{evidence.assessment}", evidence.conclusion
    if not place.startswith(f"{'' if good else FAILED + '/'}{about}/"):
        raise Unsound(
            Fault(f"{place}/{EVIDENCE}", f"is {evidence.run.status} evidence on {about}, and lies elsewhere")
        )
    if good is not bool(said):
        raise Unsound(
            Fault(
                f"{place}/{EVIDENCE}",
                f"is {evidence.run.status} evidence {'with' if said else 'without'} a conclusion",
            )
        )
    if said is not None and f"{said.project}/{said.assessment}" != about:
        raise Unsound(Fault(f"{place}/{CONCLUSION}", f"concludes on {said.project}/{said.assessment}"))


def _bytes(path: Path) -> bytes | str:
    """The content of a plain file, or why there is none."""
    try:
        if path.is_symlink():
            return "is a symbolic link"
        if not stat.S_ISREG(path.stat().st_mode):
            return "is not a file"
        return path.read_bytes()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"

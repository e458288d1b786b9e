"""What bulky old records hold, moved into a zip without a break in the chain."""

from __future__ import annotations

import os
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from riskkit.errors import IntegrityError, StorageError, UsageError
from riskkit.model import Evidence, canonical
from riskkit.records.archived import Archived
from riskkit.records.contents import CONCLUSION, EVIDENCE, REASON, SIGNATURE
from riskkit.records.disk import told
from riskkit.records.store import Store

KEPT_FILES = frozenset({EVIDENCE, CONCLUSION, REASON, SIGNATURE})
"""What stays of every record for good: what it states, what it concluded, and who signed it."""
LEAST = 2
"""Runs of an assessment whose files always stay: the register credits a control by the last two."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pruning:
    """What an archive would take: the records, and their files with the digests they were recorded with."""

    records: tuple[Evidence, ...]
    files: Mapping[str, str]
    size: int


def plan(store: Store, *, keep: int) -> Pruning:
    """Everything older than the ``keep`` latest concluded runs of each assessment, by developer and validator apart.

    Raises:
        UsageError: ``keep`` is below 2.
        IntegrityError: the store is not as it was stored; nothing is archived that cannot be vouched for.
    """
    if keep < LEAST:
        raise UsageError(f"--keep {keep}: at least the last {LEAST} runs stay, the register looks at both")
    if faults := store.verify():
        raise IntegrityError("\n".join(map(str, faults)))
    old = tuple(_older(store.read_all().evidence, keep))
    files = {
        f"{e.folder}/{name}": digest
        for e in old
        for name, digest in e.files.items()
        if name not in KEPT_FILES and (store.root / e.folder / name).exists()
    }
    records = tuple(e for e in old if any(f"{e.folder}/{name}" in files for name in e.files))
    return Pruning(records, files, sum((store.root / name).stat().st_size for name in files))


def archive(
    store: Store, pruning: Pruning, to: Path, *, moment: str, on_file: Callable[[], None] = lambda: None
) -> Archived:
    """Write the files of ``pruning`` to the zip ``to``, log that they lie there, and only then remove them.

    ``moment`` (``20261129T021500Z``) goes into the name of the log's entry; ``on_file`` is told of each file. Killed
    at any instant, the store verifies: before the entry nothing was removed, after it whatever is left over may lie
    in both places. Unpacking the zip into ``records/`` puts everything back.

    Raises:
        StorageError: ``to`` exists, or the disk refused.
        IntegrityError: a file is not what was recorded.
    """
    with told(to):
        _write(store.root, pruning.files, to, on_file)
        with to.open("rb") as stream:
            digest = _digest(stream)
    said = Archived(file=to.name, sha256=digest, files=dict(pruning.files))
    store.note_archive(moment, canonical(said))
    with told(store.root):
        for name in said.files:
            store.disk.unlink(store.root / name)
    return said


def _older(evidence: Iterable[Evidence], keep: int) -> Iterator[Evidence]:
    """Records from before the ``keep`` latest concluded ones of the same assessment, oldest first."""
    runs: defaultdict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for item in evidence:
        runs[item.project, item.assessment, item.run.performed_as].append(item)
    for found in runs.values():
        concluded = [at for at, item in enumerate(found) if item.conclusion]
        yield from found[: concluded[-keep]] if len(concluded) >= keep else ()


def _write(root: Path, files: Mapping[str, str], to: Path, on_file: Callable[[], None]) -> None:
    """Write the zip aside, every file held against its digest, and give it its name once it is on the disk."""
    if to.exists():
        raise StorageError(f"{to}: is there already, and an archive is never overwritten")
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f".{to.name}.part")
    try:
        with part.open("wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, digest in sorted(files.items()):
                    data = (root / name).read_bytes()
                    if (found := sha256(data).hexdigest()) != digest:
                        raise IntegrityError(
                            f"{name}: was changed after it was recorded (sha256 {digest}, {found})"
                        )
                    entry = zipfile.ZipInfo(name, _EPOCH)
                    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                    packed.writestr(entry, data)
                    on_file()
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(to)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _digest(stream: Iterable[bytes]) -> str:
    found = sha256()
    for block in stream:
        found.update(block)
    return found.hexdigest()

"""A project's records as one zip that anybody can check without the kit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from riskkit.errors import IntegrityError, UsageError
from riskkit.model import Evidence, Withheld, canonical
from riskkit.records.archived import read_archives
from riskkit.records.contents import EVIDENCE, FAILED
from riskkit.records.log import FOLDER
from riskkit.records.store import Store

_HERE = Path(__file__).parent
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pack:
    """A zip, and the files of records that are not in it although the records name them."""

    data: bytes
    withheld: tuple[str, ...] = ()


def pack(
    store: Store,
    project: str,
    *,
    beside: Mapping[str, bytes] | None = None,
    withholds: Callable[[Evidence], Withheld] | None = None,
) -> Pack:
    """The zip for ``project``: its records, the whole log, the check as a program and as a page, and files ``beside``.

    Equal stores give equal bytes. The log names the records of other projects too, by folder and digest: without
    them the chain could not be followed. Of a record that ``withholds`` keeps something back of, only what says no more
    than how it was run is packed; ``pack.json`` names the rest with its digests, and the check counts it.

    Raises:
        IntegrityError: a record of the project, or the log, is not as it was stored.
        UsageError: the project has no records.
    """
    ours = tuple(f"{kind}{project}/" for kind in ("", f"{FAILED}/"))
    stored = [e for e in store.read_all().evidence if e.folder.startswith(ours)]
    if faults := [f for f in store.verify() if f.file.startswith((*ours, FOLDER))]:
        raise IntegrityError("\n".join(map(str, faults)))
    if not stored:
        raise UsageError(f"{project!r:.80} has no records to pack")
    extra = dict(beside or {})
    left_out = {path: digest for e in stored if withholds for path, digest in _left_out(e, withholds(e))}
    archived = {
        n: d for _, a in read_archives(store.root) for n, d in a.files.items() if n.startswith(ours)
        and not (store.root / n).exists()
    }  # fmt: skip
    about = {
        "schema_version": 1,
        "project": project,
        "head": store.head(),
        "files": {name: sha256(data).hexdigest() for name, data in extra.items()},
        **({"withheld": left_out} if left_out else {}),
        **({"archived": archived} if archived else {}),
    }
    places = [
        *(store.root / FOLDER).glob("*.json"),
        *(p for e in stored for p in (store.root / e.folder).iterdir()),
    ]
    named = {path.relative_to(store.root).as_posix(): path for path in places}
    whole = {name.rpartition("/")[0] for name in left_out if name.endswith(f"/{EVIDENCE}")}
    files = {
        f"records/{name}": path.read_bytes()
        for name, path in named.items()
        if name not in left_out and name.rpartition("/")[0] not in whole
    }
    packed = _zip(
        {
            **extra,
            **files,
            "pack.json": canonical(about),
            "verify.py": (_HERE / "verify_pack.py").read_bytes(),
            "VERIFY.md": (_HERE / "VERIFY.md").read_bytes(),
        }
    )
    return Pack(packed, tuple(sorted(left_out)))


def _left_out(evidence: Evidence, kept: Withheld) -> Iterator[tuple[str, str]]:
    """The files that say what is kept back, with their digests; all of them where even the reason of a failure does."""
    if not kept:
        return
    if kept.texts and evidence.conclusion is None:
        yield f"{evidence.folder}/{EVIDENCE}", evidence.sha256
    yield from ((f"{evidence.folder}/{n}", d) for n, d in evidence.files.items() if n != "environment.json")


def _zip(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return target.getvalue()

"""A project's records as one zip that anybody can check without the kit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from riskkit.errors import IntegrityError, UsageError
from riskkit.model import canonical
from riskkit.records.contents import FAILED
from riskkit.records.log import FOLDER
from riskkit.records.store import Store

_HERE = Path(__file__).parent
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(store: Store, project: str, *, beside: Mapping[str, bytes] | None = None) -> bytes:
    """The zip for ``project``: its records, the whole log, the check as a program and as a page, and files ``beside``.

    Equal stores give equal bytes. The log names the records of other projects too, by folder and digest: without
    them the chain could not be followed.

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
    about = {
        "schema_version": 1,
        "project": project,
        "head": store.head(),
        "files": {name: sha256(data).hexdigest() for name, data in extra.items()},
    }
    places = [
        *(store.root / FOLDER).glob("*.json"),
        *(p for e in stored for p in (store.root / e.folder).iterdir()),
    ]
    files = {f"records/{path.relative_to(store.root).as_posix()}": path.read_bytes() for path in places}
    return _zip(
        {
            **extra,
            **files,
            "pack.json": canonical(about),
            "verify.py": (_HERE / "verify_pack.py").read_bytes(),
            "VERIFY.md": (_HERE / "VERIFY.md").read_bytes(),
        }
    )


def _zip(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return target.getvalue()

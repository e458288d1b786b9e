"""The folder of snapshots: registers frozen on earlier days, never overwritten."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from riskkit.model import Snapshot


def latest_before(folder: Path, day: date) -> Snapshot | None:
    """The latest snapshot of a day before ``day``; of two of one day, the one whose name sorts last."""
    names = sorted(path.name for path in folder.glob("*.json"))
    earlier = [name for name in names if name[:10] < day.isoformat()]
    return read(folder, earlier[-1]) if earlier else None


def read(folder: Path, name: str) -> Snapshot:
    """The snapshot called ``name``.

    Raises
    ------
    UsageError
        There is none of that name.
    IntegrityError
        It is not what was frozen.
    """
    from riskkit.model import Snapshot

    path = folder / Path(name).name
    if not path.is_file():
        known = sorted(p.name for p in folder.glob("*.json"))
        raise UsageError(f"there is no snapshot {name!r} ({', '.join(known[-5:]) or 'none was made yet'})")
    shown = f"records/{folder.name}/{path.name}"
    try:
        found = Snapshot.model_validate_json(path.read_bytes())
    except ValueError:
        raise IntegrityError(f"{shown}: is not a snapshot") from None
    if found.name != path.name:
        raise IntegrityError(f"{shown}: was changed: by its content it would be called {found.name}")
    return found


def keep(folder: Path, snapshot: Snapshot) -> Path:
    """Write ``snapshot`` whole or not at all; one that is there already stays as it is."""
    from riskkit.model import canonical
    from riskkit.records.disk import Disk, told

    path, disk = folder / snapshot.name, Disk()
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as scratch:
            disk.write(Path(scratch) / path.name, canonical(snapshot))
            with contextlib.suppress(FileExistsError):
                disk.link(Path(scratch) / path.name, path)
        disk.sync(folder)
    return path

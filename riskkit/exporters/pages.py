"""The folder MkDocs reads: hand-written pages, generated pages, and everything they link to."""

from __future__ import annotations

import shutil
import tempfile
from itertools import chain
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.exporters import _views, atom, csv, json, notebooks
from riskkit.exporters._downloads import downloads, large
from riskkit.exporters._files import below
from riskkit.exporters._generated import generated
from riskkit.exporters._handwritten import copy_assets, handwritten
from riskkit.exporters._paged import ROWS, paged
from riskkit.exporters._sources import Sources
from riskkit.exporters._steps import MARK, steps
from riskkit.exporters._system_pages import Kept
from riskkit.exporters._templates import renderer
from riskkit.exporters._words import day
from riskkit.model import Register


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write the folder ``out`` anew: all pages, evidence pages, and the files to take away.

    Everything is written beside ``out`` first, which is then replaced whole; what it held before is gone.
    """
    whole, digests = sources.digests or register.digests
    stamp = {"as_of": day(register.as_of), "digest": whole[:12], "kit": register.kit_version}
    if sources.head:
        number, _, digest = sources.head.partition(":")
        stamp["head"] = f"{number}:{digest[:16]}"
    grids = steps(project.matrix for project in register.projects)
    written = handwritten(sources.site, stamp=stamp, filled={MARK: grids})
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".docs-", dir=out.parent))
    try:
        fresh = work / "docs"
        fresh.mkdir()
        copy_assets(sources.site, fresh)
        if not large(register):
            json.write_register(register, fresh)
        csv.write_register(register, fresh)
        atom.export(register, fresh, sources=sources)
        files = downloads(register, fresh, sources=sources)
        if len(register.entries) > _views.PAGED:
            (fresh / ROWS).write_text(paged(_views.rows(register)), encoding="utf-8", newline="\n")
        notebooks.export(register, fresh, sources=sources)
        kept = Kept(sources.cache / "pages", renderer(sources.templates), digests)
        made = generated(register, sources.templates, stamp=stamp, downloads=files, kept=kept)
        for name, text in chain(written.items(), made):
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(
                text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
            )
        _replace(out, fresh, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return [out / name for name in below(out)]


def _replace(out: Path, fresh: Path, old: Path) -> None:
    try:
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    except OSError as error:
        raise StorageError(f"{out} cannot be replaced: {error.strerror or error}") from error

"""The folder MkDocs reads: hand-written pages, generated pages, and everything they link to."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.exporters import csv, json, notebooks
from riskkit.exporters._generated import generated
from riskkit.exporters._handwritten import copy_assets, handwritten
from riskkit.exporters._sources import Sources
from riskkit.exporters._steps import MARK, steps
from riskkit.exporters._words import day
from riskkit.model import Register


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write the folder ``out`` anew: all pages, evidence pages, ``register.json`` and ``register.csv``.

    Everything is written beside ``out`` first, which is then replaced whole; what it held before is gone.
    """
    stamp = {"as_of": day(register.as_of), "digest": register.sha256[:12], "kit": register.kit_version}
    if sources.head:
        number, _, digest = sources.head.partition(":")
        stamp["head"] = f"{number}:{digest[:16]}"
    grids = steps(project.matrix for project in register.projects)
    written = handwritten(sources.site, stamp=stamp, filled={MARK: grids})
    texts = written | generated(register, sources.templates, stamp=stamp)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".docs-", dir=out.parent))
    try:
        fresh = work / "docs"
        fresh.mkdir()
        copy_assets(sources.site, fresh)
        for name, text in texts.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        for export_more in (json.export, csv.export, notebooks.export):
            export_more(register, fresh, sources=sources)
        _replace(out, fresh, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())


def _replace(out: Path, fresh: Path, old: Path) -> None:
    try:
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    except OSError as error:
        raise StorageError(f"{out} cannot be replaced: {error.strerror or error}") from error

"""Each executed notebook as a page without scripts: ``evidence/<record>/index.html``."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from riskkit.exporters._cells import render_cells
from riskkit.exporters._sources import Away, Sources
from riskkit.exporters._templates import environment, render, renderer
from riskkit.model import Evidence, ProjectRegister, Register, canonical

LARGEST = 40_000_000
"""Bytes of a notebook above which its page only says that it was too large to render."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record some page of the register points to."""

    folder: str
    project: ProjectRegister
    evidence: Evidence | None
    measures: tuple[str, ...]
    withheld: str = ""


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write a folder ``evidence/<project>/<assessment>/<record>/`` for every record the register points to.

    A page holds no script at all. One made before from the same notebook, record and renderer comes from the cache.
    Its cells have the anchors ``cell-<index>``, its measures ``measure-<name>``.
    """
    env = environment(sources.templates)
    basis = renderer(sources.templates)
    written: list[Path] = []
    for record in records(register):
        name = f"{record.folder}/notebook.ipynb"
        notebook = _read(sources.records / name)
        away = None if notebook else sources.archived.get(name)
        key = hashlib.sha256(b"\0".join([basis, notebook, *_said(record, away)])).hexdigest()
        made = sources.cache / key
        if not (made / "index.html").is_file():
            _make(made, env, record, notebook, away)
        written += _place(made, out / "evidence" / record.folder)
    return written


def records(register: Register) -> list[Record]:
    """Every record that an indicator or the list of runs points to, in a fixed order."""
    found: dict[str, Record] = {}
    for project in register.projects:
        runs = {e.folder: e for e in project.latest}
        asked = [i for entry in project.entries for i in entry.indicators]
        indicators = [i for i in (*asked, *project.aside) if i.record]
        for folder in sorted({*runs, *(i.record for i in indicators)} - {""}):
            measures = {i.measure for i in indicators if i.record == folder}
            evidence = runs.get(folder)
            if evidence and evidence.conclusion:
                measures |= {m.measure for m in evidence.conclusion.measurements}
            if is_folder(folder):
                kept = project.withheld.get(folder, "")
                found[folder] = Record(folder, project, evidence, tuple(sorted(measures)), kept)
    return list(found.values())


def is_folder(text: str) -> bool:
    """Whether ``text`` is a plain relative folder of the store: no dots first, no way out of it."""
    return re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", text) is not None


def _said(record: Record, away: Away | None) -> Iterable[bytes]:
    """What a page says besides the notebook."""
    profile = record.project.profile
    yield canonical(
        {"folder": record.folder, "measures": record.measures, "name": profile.name, "note": profile.note,
         "withheld": record.withheld, "away": away}
    )  # fmt: skip
    yield canonical(record.evidence) if record.evidence else b""


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _cells(notebook: bytes, away: Away | None) -> tuple[list[dict[str, Any]], str]:
    """The notebook's cells, or none and the reason."""
    if away:
        return [], (
            f"The executed notebook was archived on {away.since}: it lies in {away.archive} "
            f"(SHA-256 {away.archive_sha256}). Unpacked into records/, it is shown here again."
        )
    if not notebook:
        return [], "No notebook was kept with this record."
    if len(notebook) > LARGEST:
        return (
            [],
            f"The notebook holds {len(notebook):,} bytes and is not rendered; it lies in the record's folder.",
        )
    try:
        cells = json.loads(notebook)["cells"]
        return [cell for cell in cells if isinstance(cell, dict)], ""
    except (ValueError, KeyError, TypeError, RecursionError):
        return [], "The notebook in this record cannot be read."


def _without_output(cell: dict[str, Any], why: str) -> dict[str, Any]:
    """``cell`` with a line in place of what it showed; what people wrote stays."""
    if cell.get("cell_type") == "raw" or not cell.get("outputs"):
        return cell
    said = {
        "output_type": "stream",
        "name": "stdout",
        "text": f"The output is withheld: {why}. The record holds it.",
    }
    return {**cell, "outputs": [said]}


def _make(folder: Path, env: Environment, record: Record, notebook: bytes, away: Away | None) -> None:
    """Render one page with its images beside ``folder``, then move it there whole."""
    cells, missing = _cells(notebook, away)
    if record.withheld:
        cells = [_without_output(cell, record.withheld) for cell in cells]
    done = render_cells(cells, measures=record.measures)
    text = render(
        env,
        "evidence.html.j2",
        record=record,
        evidence=record.evidence,
        profile=record.project.profile,
        assessment=record.folder.split("/")[1] if record.folder.count("/") else record.folder,
        up="../" * (record.folder.count("/") + 2),
        notebook_sha256=hashlib.sha256(notebook).hexdigest() if notebook else away.sha256 if away else "",
        missing=missing,
        cells=done.cells,
        headings=done.headings,
        anchored=bool(cells),
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".page-", dir=folder.parent))
    for name, raw in done.images.items():
        (work / name).write_bytes(raw)
    (work / "index.html").write_text(text, encoding="utf-8", errors="replace")
    if folder.exists():
        shutil.rmtree(folder)
    work.rename(folder)


def _place(made: Path, folder: Path) -> list[Path]:
    """Put the files of a cached page into ``folder``: by hard link where the disk allows it."""
    folder.mkdir(parents=True, exist_ok=True)
    placed = []
    for file in sorted(made.iterdir()):
        target = folder / file.name
        target.unlink(missing_ok=True)
        try:
            os.link(file, target)
        except OSError:
            shutil.copyfile(file, target)
        placed.append(target)
    return placed

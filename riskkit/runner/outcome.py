"""What is kept of a run: the executed notebook, its map and its log, fit to be stored and shown."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from riskkit.model import Status
from riskkit.model.secret import Secrets
from riskkit.runner.clean import as_bytes, clean, placeless
from riskkit.runner.judge import Ruling, number_of
from riskkit.runner.notebook import heading, tags
from riskkit.runner.task import Outcome, Task

_LOG_TAIL = 20_000
_LONGEST = 100_000
"""Characters of one output that are kept of a run that did not end well."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a run was, by the wall clock, and how long it took, by one that never steps back."""

    started: datetime
    ended: datetime
    seconds: float


def executed(path: Path) -> dict[str, Any] | None:
    """The notebook a run left, as far as it got; None when there is nothing to read."""
    try:
        notebook = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def outcome(
    ruling: Ruling,
    *,
    task: Task,
    notebook: Mapping[str, Any] | None,
    log: Path,
    events: Sequence[Mapping[str, Any]],
    folder: Path,
    secrets: Secrets,
    span: Span,
) -> Outcome:
    """The outcome of a run; what did not end well is stored too, so there secrets are blacked out first."""
    places = _places(task.workspace, folder)
    longest = None if ruling.status is Status.OK else _LONGEST
    kept = _kept(notebook, task.notebook.source, places, longest)
    if kept is not None and ruling.status is not Status.OK:
        kept = secrets.redacted(kept.decode("utf-8")).encode("utf-8")
    cells: Sequence[Mapping[str, Any]] = notebook["cells"] if notebook else ()
    return Outcome(
        status=ruling.status,
        reason=secrets.redacted(placeless(ruling.reason, places)),
        exit_code=ruling.exit_code,
        started=span.started,
        ended=span.ended,
        duration_seconds=round(span.seconds, 3),
        notebook=kept,
        conclusion=ruling.conclusion,
        log=secrets.redacted(placeless(_tail(log), places)),
        cells=sum(c["cell_type"] == "code" for c in cells),
        cell_anchors=anchors(cells),
        warnings=_warnings(events, cells),
        peak_mb=events[-1].get("peak_mb", 0) if events else 0,
    )


def anchors(cells: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Each heading, and the index of the first code cell below it."""
    found: dict[str, int] = {}
    latest = ""
    for index, cell in enumerate(cells):
        latest = heading(cell) or latest
        if latest and cell["cell_type"] == "code" and "injected-parameters" not in tags(cell):
            found.setdefault(latest, index)
    return found


def _kept(
    notebook: Mapping[str, Any] | None, source: bytes, places: Mapping[str, str], longest: int | None
) -> bytes | None:
    if not notebook:
        return None
    return as_bytes(clean(notebook, source=json.loads(source), places=places, longest=longest))


def _places(workspace: Path, folder: Path) -> dict[str, str]:
    """Folders of this machine, and what stands for them in what is stored."""
    named = {
        folder: "<run>",
        workspace: "<workspace>",
        Path(__file__).parents[2]: "<riskkit>",
        Path(sys.prefix): "<python>",
        Path(sys.base_prefix): "<python>",
        Path(os.environ.get("HOME", "/")): "~",
        Path(tempfile.gettempdir()): "<temporary>",
    }
    found: dict[str, str] = {}
    for place, name in named.items():
        for path in (place, place.resolve()):
            if len(path.parts) > 1:
                found.setdefault(str(path), name)
    return found


def _tail(log: Path) -> str:
    data = log.read_bytes()[-_LOG_TAIL:] if log.exists() else b""
    return data.decode("utf-8", "replace")


def _warnings(events: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What a reader of the record should know although it decides nothing."""
    cut = [
        f"cell {number_of(e['cell'], cells)} wrote faster than could be kept"
        for e in events
        if e["event"] == "cut"
    ]
    end = events[-1] if events else {}
    left = end.get("left", ()) if not end.get("stopped") else ()
    return (*cut, *([f"left running and ended: {', '.join(left)}"] if left else []))

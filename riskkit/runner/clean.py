"""An executed notebook without times, machine paths or random names, so that equal runs give equal bytes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riskkit.runner.notebook import tags

_TIMED = ("papermill", "execution", "ExecuteTime")
_CELL_FILE = re.compile(r"(?:<temporary>[/\\])?ipykernel_\d+[/\\]\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,16}\b")


def clean(
    executed: Mapping[str, Any],
    *,
    source: Mapping[str, Any],
    places: Mapping[str, str],
    longest: int | None = None,
) -> dict[str, Any]:
    """``executed`` as it may be stored.

    ``places`` maps folders of this machine to what stands for them (``{"/home/me/kit": "<workspace>"}``).
    papermill's notes, time stamps, widget state and ids that were drawn at random are left out. Pieces of a stream,
    which arrive as timing has it, become one. A text longer than ``longest`` characters is cut, and says so.
    """
    scrub = _scrubber(places, longest)
    notebook = copy.deepcopy(dict(executed))
    metadata = {k: v for k, v in notebook.get("metadata", {}).items() if k not in (*_TIMED, "widgets")}
    known = {c.get("id") for c in source["cells"]} - {None}
    cells = [c for c in notebook["cells"] if "papermill-error-cell-tag" not in tags(c)]
    return {
        "cells": [_cell(c, i, known, scrub) for i, c in enumerate(cells)],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": max(5, notebook.get("nbformat_minor", 5)),
    }


def as_bytes(notebook: Mapping[str, Any]) -> bytes:
    """The notebook as Jupyter would write it: one space of indent, sorted keys, a line feed at the end."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _cell(cell: dict[str, Any], index: int, known: set[Any], scrub: Callable[[Any], Any]) -> dict[str, Any]:
    cell["metadata"] = {k: v for k, v in cell.get("metadata", {}).items() if k not in _TIMED}
    if cell.get("id") not in known:
        cell["id"] = "injected-parameters" if "injected-parameters" in tags(cell) else f"cell-{index}"
    if cell["cell_type"] == "code":
        cell["outputs"] = [scrub(output) for output in _joined(cell.get("outputs", []))]
    return cell


def _joined(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The outputs with each stream in one piece: standard output first, then errors, where either began."""
    pieces: dict[str, list[str]] = {}
    kept: list[dict[str, Any]] = []
    for output in outputs:
        name = output.get("name") if output.get("output_type") == "stream" else None
        if name is None or name not in pieces:
            kept.append(dict(output))
        if name is not None:
            pieces.setdefault(name, []).append("".join(output.get("text", "")))
    for output in kept:
        if output.get("output_type") == "stream":
            output["text"] = _shown("".join(pieces[output["name"]]))
    for at in range(len(kept) - 1):
        if [o.get("name") for o in kept[at : at + 2]] == ["stderr", "stdout"]:
            kept[at], kept[at + 1] = kept[at + 1], kept[at]
    return kept


def _shown(text: str) -> str:
    """What a terminal would show of lines that were written over, as progress bars do."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def placeless(text: str, places: Mapping[str, str]) -> str:
    """``text`` with each folder of ``places`` replaced by what stands for it; longer folders first."""
    for place in sorted(places, key=len, reverse=True):
        if place in text:
            text = re.sub(re.escape(place) + r"(?![\w.-])", places[place].replace("\\", r"\\"), text)
    return text


def _scrubber(places: Mapping[str, str], longest: int | None) -> Callable[[Any], Any]:
    """A function that replaces machine paths, cell files and addresses in every text of a value."""

    def scrub(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k == "image/png" else scrub(v) for k, v in value.items()}
        if isinstance(value, list):
            return [scrub(v) for v in value]
        if not isinstance(value, str):
            return value
        if longest is not None and len(value) > longest:
            value = f"{value[:longest]}\n[{len(value) - longest} more characters were cut]"
        return _ADDRESS.sub("at 0x0", _CELL_FILE.sub("<cell>", placeless(value, places)))

    return scrub

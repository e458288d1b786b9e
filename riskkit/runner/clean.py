"""An executed notebook without times, machine paths or random names, so that equal runs give equal bytes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from riskkit.runner.notebook import tags

_TIMED = ("papermill", "execution", "ExecuteTime")
_CELL_FILE = re.compile(r"[^\s\"'()<>]*ipykernel_\d+[/\\]\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,16}\b")


def clean(
    executed: Mapping[str, Any], *, source: Mapping[str, Any], places: Mapping[str, str]
) -> dict[str, Any]:
    """``executed`` as it may be stored.

    ``places`` maps folders of this machine to what stands for them (``{"/home/me/kit": "<workspace>"}``).
    papermill's notes, time stamps, widget state and ids that were drawn at random are left out.
    """
    scrub = _scrubber(places)
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
        cell["outputs"] = [scrub(output) for output in cell.get("outputs", [])]
    return cell


def placeless(text: str, places: Mapping[str, str]) -> str:
    """``text`` with each folder of ``places`` replaced by what stands for it; longer folders first."""
    for place in sorted(places, key=len, reverse=True):
        if place in text:
            text = re.sub(re.escape(place) + r"(?![\w.-])", places[place].replace("\\", r"\\"), text)
    return text


def _scrubber(places: Mapping[str, str]) -> Callable[[Any], Any]:
    """A function that replaces machine paths, cell files and addresses in every text of a value."""

    def scrub(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k == "image/png" else scrub(v) for k, v in value.items()}
        if isinstance(value, list):
            return [scrub(v) for v in value]
        if not isinstance(value, str):
            return value
        return _ADDRESS.sub("at 0x0", placeless(_CELL_FILE.sub("<cell>", value), places))

    return scrub

"""The last look at what is about to be recorded: no secret goes in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from riskkit.errors import PolicyError
from riskkit.model.secret import Secrets


def refuse_secrets(files: Mapping[str, bytes], secrets: Secrets) -> None:
    """Search every byte of ``files``; say where a secret was found, never what it is.

    Raises:
        PolicyError: something was found; each place is a line.
    """
    places = [place for name, data in sorted(files.items()) for place in _places(name, data, secrets)]
    if places:
        raise PolicyError("\n".join(f"{place}; nothing was recorded" for place in places))


def _places(name: str, data: bytes, secrets: Secrets) -> Iterator[str]:
    where = {number: found for number, text in _cells(name, data) if (found := secrets.found_in(text))}
    for number, found in where.items():
        yield f"{name}: cell {number} gives away {', '.join(found)}"
    found = secrets.found_in(data.decode("utf-8", "replace"))
    if found and not where:
        yield f"{name}: gives away {', '.join(found)}"


def _cells(name: str, data: bytes) -> Iterator[tuple[int, str]]:
    """The text of each cell of a notebook, numbered as in the notebook people wrote; pieces of output are joined."""
    if not name.endswith(".ipynb"):
        return
    try:
        cells = json.loads(data)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    injected = 0
    for index, cell in enumerate(cells, 1):
        injected += "injected-parameters" in cell.get("metadata", {}).get("tags", ())
        shown = "".join(_texts([o.get("text", o.get("data", o)) for o in cell.get("outputs", ())]))
        yield index - injected, "\n".join([*_texts(cell), shown])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

"""One entry of a file that people write, changed only while it still says what the person who changes it has seen."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskkit import authored
from riskkit.authored.amend import amend
from riskkit.authored.take_out import take_out
from riskkit.authored.writing import held, put
from riskkit.errors import InputError, Problem
from riskkit.model import digest

NOTHING = ""
"""The mark of an entry that is not there."""
Where = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """What the file says after an edit, and whether somebody else had changed the entry; then nothing was written."""

    data: Mapping[str, Any]
    conflict: bool = False


def mark(data: Any, place: Where) -> str:
    """A digest of what ``data`` says at ``place``, by which a later edit can tell whether it still does."""
    found = at(data, place)
    return NOTHING if found is None else digest(found)


def at(data: Any, place: Where) -> Any:
    """What ``data`` says at ``place``, or None."""
    for name in place:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def edit(path: Path, place: Where, value: Any, *, seen: str, shown: str) -> Edited:
    """Put ``value`` at ``place`` of the file at ``path``, or take out what is there when it is None.

    ``value`` is a mapping of plain values, or one of them. Comments, order and every other entry stay as they are on
    the disk, whoever wrote them. When what is at ``place`` has another mark than ``seen``, nothing is written.

    Raises
    ------
    InputError
        When the file cannot be read; it is left as it is.
    StorageError
        When another process held the folder all the time.
    """
    with held(path.parent):
        text = _text(path, shown)
        before = _parsed(text, shown)
        if mark(before, place) != seen:
            return Edited(before, conflict=True)
        wanted = _with(before, place, value)
        if wanted == before:
            return Edited(before)
        new = _written(text, before, place, value, shown)
        if _parsed(new, shown) != wanted:
            raise AssertionError(f"{shown}: changing {'.'.join(place)} would change other entries")
        put(path, new.encode())
    return Edited(wanted)


def read(path: Path, *, shown: str) -> Mapping[str, Any]:
    """What the file at ``path`` says, as plain values; a missing one says nothing."""
    return _parsed(_text(path, shown), shown)


def _text(path: Path, shown: str) -> str:
    if not path.exists():
        return ""
    text, problems = authored.read_text(path, shown=shown)
    if text is None:
        raise InputError(problems)
    return text


def _parsed(text: str, shown: str) -> Mapping[str, Any]:
    document, problems = authored.parse(text, shown=shown)
    if document is None:
        raise InputError(problems)
    if not isinstance(document.data, Mapping):
        raise InputError([Problem(shown, 1, "", "is no mapping of fields")])
    return document.data


def _written(text: str, before: Mapping[str, Any], place: Where, value: Any, shown: str) -> str:
    if value is None and isinstance(at(before, place), Mapping):
        return take_out(text, place, shown=shown)
    if isinstance(value, Mapping):
        return amend(text, {place: value}, shown=shown)
    above = {**(at(before, place[:-1]) or {}), place[-1]: value}
    return amend(text, {place[:-1]: {k: v for k, v in above.items() if v is not None}}, shown=shown)


def _with(data: Mapping[str, Any], place: Where, value: Any) -> Mapping[str, Any]:
    found = deepcopy(dict(data))
    inner: dict[str, Any] = found
    for name in place[:-1]:
        inner[name] = inner.get(name) or {}
        inner = inner[name]
    if value is None:
        inner.pop(place[-1], None)
    else:
        inner[place[-1]] = dict(value) if isinstance(value, Mapping) else value
    return found

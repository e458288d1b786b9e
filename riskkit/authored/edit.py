"""A YAML file with fields of an item set, or an item added to a list, everything else of its text as people left it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from riskkit.authored.amend import Edit, Value, _block, _end, _flow, _line_end, _replaced, _same, _scalar
from riskkit.authored.document import Place
from riskkit.authored.strict_yaml import Loader, parse
from riskkit.errors import InputError

Fields = Mapping[str, Value | None]


def set_fields(text: str, changes: Mapping[Place, Fields], *, shown: str) -> str:
    """``text`` with the fields of each place set, those of value None taken out; other fields stay.

    A place is the way to a mapping, such as ``("controls", 2)``. Raises InputError when ``text`` cannot be read.
    """
    data, root = _read(text, shown)
    if text and not text.endswith("\n"):
        text += "\n"
    edits: list[Edit] = []
    for place, fields in changes.items():
        edits += _edits(text, _at(root, place), fields)
        item = _within(data, place)
        item |= {name: value for name, value in fields.items() if value is not None}
        for name, value in fields.items():
            if value is None:
                item.pop(name, None)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return _checked(text, data, shown)


def append(text: str, name: str, items: list[dict[str, Value]], *, shown: str) -> str:
    """``text`` with ``items`` as the last of the list called ``name``, which is made where it is missing."""
    data, root = _read(text, shown)
    if text and not text.endswith("\n"):
        text += "\n"
    node = _at(root, (name,)) if isinstance(data, dict) and name in data else None
    if node is None:
        text += f"{name}:\n{_items(items, 2)}"
    elif isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        at = _line_end(text, _end(node))
        text = text[:at] + _items(items, node.start_mark.column) + text[at:]
    elif isinstance(node, yaml.SequenceNode) and node.value:
        at = node.end_mark.index - 1
        text = text[:at] + "".join(f", {_flow(item)}" for item in items) + text[at:]
    else:
        start, end = node.start_mark.index, node.end_mark.index
        after = _line_end(text, end) if text[end - 1 : end] != "\n" else end
        comment = text[end:after].strip()
        head = text[:start].rstrip(" ") + (
            f" {comment}" if comment and not text[:start].endswith(comment) else ""
        )
        text = head + "\n" + _items(items, 2) + text[after:]
    wanted = dict(data or {})
    wanted[name] = [*(wanted.get(name) or []), *items]
    return _checked(text, wanted, shown)


def item(fields: Mapping[str, Value]) -> str:
    """A file of its own for one item."""
    return _block(fields, 0)


def _items(items: list[dict[str, Value]], indent: int) -> str:
    lead = " " * indent
    return "".join(lead + "- " + _block(fields, indent + 2).lstrip(" ") for fields in items)


def _read(text: str, shown: str) -> tuple[Any, Any]:
    if not text.strip():
        return {}, None
    document, problems = parse(text, shown=shown)
    if document is None:
        raise InputError(problems)
    return copy.deepcopy(document.data), yaml.compose(text, Loader=Loader)


def _checked(text: str, wanted: Any, shown: str) -> str:
    document, problems = parse(text, shown=shown)
    if document is None or document.data != wanted:
        raise AssertionError(f"{shown}: an edit would change more than it should: {problems[:1]}")
    return text


def _within(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


def _at(node: Any, place: Place) -> Any:
    for part in place:
        if isinstance(part, int):
            node = node.value[part]
        else:
            node = next(value for key, value in node.value if key.value == part)
    return node


def _edits(text: str, node: Any, fields: Fields) -> Iterator[Edit]:
    pairs = node.value
    for n, (key, value) in enumerate(pairs):
        if key.value not in fields:
            continue
        new = fields[key.value]
        if new is None:
            yield _taken_out(text, node, n)
        elif isinstance(value, yaml.SequenceNode) and not value.flow_style:
            end = _end(value)
            yield text.index(":", key.end_mark.index) + 1, end, " " + _scalar(new)
        elif not _same(value, new):
            yield _replaced(text, value, new)
    there = {key.value for key, _ in pairs}
    added = {name: value for name, value in fields.items() if value is not None and name not in there}
    if added and node.flow_style:
        at = node.end_mark.index - 1
        yield at, at, "".join(f", {name}: {_scalar(value)}" for name, value in added.items())
    elif added:
        at, indent = _line_end(text, _end(node)), " " * pairs[0][0].start_mark.column
        yield at, at, "".join(f"{indent}{name}: {_scalar(value)}\n" for name, value in added.items())


def _taken_out(text: str, node: Any, n: int) -> Edit:
    """What removes the field ``n`` of a mapping: up to the next one, or from the end of the one before."""
    key, value = node.value[n]
    if node.flow_style or n == 0:
        if n + 1 < len(node.value):
            return key.start_mark.index, node.value[n + 1][0].start_mark.index, ""
        return _end(node.value[n - 1][1]), _end(value), ""
    return text.rfind("\n", 0, key.start_mark.index) + 1, _line_end(text, _end(value)), ""

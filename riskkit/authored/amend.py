"""A YAML file with some of its entries set, everything else of its text as people left it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from riskkit.authored.strict_yaml import Loader, parse
from riskkit.errors import InputError

Value = bool | int | float | str | list[str]
Entry = Mapping[str, Value]
Edit = tuple[int, int, str]
"""From, to, and the text that stands there instead."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .,;()/%_-]*[A-Za-z0-9.)]|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = frozenset({"true", "false", "null"})


def amend(text: str, changes: Mapping[tuple[str, ...], Entry], *, shown: str) -> str:
    """``text`` with each entry of ``changes``, a place such as ``("answers", "ID")``, having exactly these fields.

    Comments, order, quoting and every entry that is not named stay as they are; new entries come last below their
    parent. Values are plain: truth values, numbers, text, lists of texts.

    Raises
    ------
    InputError
        When ``text`` is not what strict reading takes, or a place runs through something that has no fields.
    """
    document, problems = parse(text, shown=shown)
    if document is None:
        raise InputError(problems)
    root = yaml.compose(text, Loader=Loader)
    if text and not text.endswith("\n"):
        text += "\n"
    edits: list[Edit] = []
    fresh: dict[tuple[str, ...], dict[str, Entry]] = {}
    for place, entry in changes.items():
        node = _at(root, place)
        if isinstance(node, yaml.MappingNode) and node.value:
            edits += _fields(text, node, entry)
        elif node is not None:
            edits.append((node.start_mark.index, node.end_mark.index, " " + _flow(entry)))
        else:
            fresh.setdefault(place[:-1], {})[place[-1]] = entry
    edits += _additions(text, root, fresh)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _at(node: Any, place: tuple[str, ...]) -> Any:
    """The node at ``place``, or None."""
    for name in place:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for key, value in pairs if key.value == name), None)
    return node


def _fields(text: str, node: yaml.MappingNode, entry: Entry) -> Iterator[Edit]:
    """What makes the fields of an entry those of ``entry``, leaving alone what is the same already."""
    there = {key.value: value for key, value in node.value}
    gone = there.keys() - entry.keys()
    same = {name for name, value in entry.items() if name in there and _same(there[name], value)}
    if gone and node.flow_style:
        yield node.start_mark.index, node.end_mark.index, _flow(entry)
        return
    for key, value in node.value:
        if key.value in gone:
            yield text.rfind("\n", 0, key.start_mark.index) + 1, _line_end(text, _end(value)), ""
        elif key.value not in same:
            yield _replaced(text, value, entry[key.value])
    new = {name: value for name, value in entry.items() if name not in there}
    if new and node.flow_style:
        more = "".join(f", {name}: {_scalar(value)}" for name, value in new.items())
        yield node.end_mark.index - 1, node.end_mark.index - 1, more
    elif new:
        indent = " " * node.value[0][0].start_mark.column
        at = _line_end(text, _end(node))
        yield at, at, "".join(f"{indent}{name}: {_scalar(value)}\n" for name, value in new.items())


def _replaced(text: str, node: Any, value: Value) -> Edit:
    """A value in the place of another; a folded block ends its own line."""
    start, end = node.start_mark.index, _end(node)
    folded = text[end - 1 : end] == "\n"
    lead = "" if text[start - 1 : start] == " " else " "
    return start, end, lead + _scalar(value) + ("\n" if folded else "")


def _same(node: Any, value: Value) -> bool:
    document, _ = parse(f"x: {_scalar(value)}\n", shown="")
    wanted = document.data["x"] if document else None
    return bool(_read(node) == wanted and type(_read(node)) is type(wanted))


def _read(node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_read(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {}
    kind = node.tag.rpartition(":")[2]
    if kind in ("bool", "int", "float", "null"):
        document, _ = parse(f"x: {node.value}\n", shown="")
        return document.data["x"] if document else None
    return node.value


def _additions(text: str, root: Any, fresh: Mapping[tuple[str, ...], Mapping[str, Entry]]) -> Iterator[Edit]:
    """New entries, those of the same parent together; parents that are missing are written as well."""
    appended: dict[str, Any] = {}
    for place, entries in fresh.items():
        known = next((n for n in range(len(place), 0, -1) if _at(root, place[:n]) is not None), 0)
        tree: dict[str, Any] = {name: dict(entry) for name, entry in entries.items()}
        for name in reversed(place[known:]):
            tree = {name: tree}
        if known == 0:
            _join(appended, tree)
        else:
            yield _below(text, _at(root, place[:known]), tree, depth=known)
    if appended:
        yield len(text), len(text), _block(appended, 0)


def _join(into: dict[str, Any], tree: Mapping[str, Any]) -> None:
    for name, value in tree.items():
        if isinstance(into.get(name), dict) and isinstance(value, dict):
            _join(into[name], value)
        else:
            into[name] = value


def _below(text: str, parent: Any, tree: Mapping[str, Any], *, depth: int) -> Edit:
    """``tree`` as the last entries of ``parent``, which may be empty."""
    if isinstance(parent, yaml.MappingNode) and parent.value and not parent.flow_style:
        at = _line_end(text, _end(parent))
        return at, at, _block(tree, parent.value[0][0].start_mark.column)
    if isinstance(parent, yaml.MappingNode) and parent.value:
        at = parent.end_mark.index - 1
        return at, at, "".join(f", {_key(name)}: {_flow(value)}" for name, value in tree.items())
    start, end = parent.start_mark.index, parent.end_mark.index
    rest = text[end : _line_end(text, end)].rstrip("\n")
    start -= not rest.strip() and text[start - 1 : start] == " "
    return start, end + len(rest), rest.rstrip() + "\n" + _block(tree, 2 * depth).rstrip("\n")


def _end(node: Any) -> int:
    """Where the last thing written in a node ends; a block reaches to the next key, past comments that are its own."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _end(node.value[-1])
    found: int = node.end_mark.index
    return found


def _line_end(text: str, at: int) -> int:
    """Just after the line that ``at`` is on; ``at`` itself where it starts a line."""
    if at > 0 and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _block(tree: Mapping[str, Any], indent: int) -> str:
    pad = " " * indent
    return "".join(
        f"{pad}{_key(name)}:\n{_block(value, indent + 2)}"
        if isinstance(value, Mapping)
        else f"{pad}{_key(name)}: {_scalar(value)}\n"
        for name, value in tree.items()
    )


def _flow(tree: Mapping[str, Any]) -> str:
    parts = (f"{_key(n)}: {_flow(v) if isinstance(v, Mapping) else _scalar(v)}" for n, v in tree.items())
    return "{" + ", ".join(parts) + "}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) and name not in _WORDS else _quoted(name)


def _scalar(value: Value) -> str:
    """The value as one line of YAML that strict reading gives back as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(item) for item in value) + "]"
    plain = _PLAIN.fullmatch(value) and ": " not in value and ", " not in value
    return value if plain and value.lower() not in _WORDS else _quoted(value)


def _quoted(text: str) -> str:
    """``text`` in quotes; what cannot be seen is written as its number, as no file with it would be read."""
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
        for c in json.dumps(text, ensure_ascii=False)
    )

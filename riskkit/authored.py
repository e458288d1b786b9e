"""Strict reading of the YAML that people write: every fault found at once, with file, line and field.

Text stays text: ``NO``, ``on``, ``12:30``, ``010`` and dates are never turned into something else. Anchors, aliases,
tags, merge keys and duplicate keys are refused, and so is a file that is too large, too deep or holds control
characters. Nothing is ever constructed but dict, list, str, int, float, bool and None.
"""

from __future__ import annotations

import difflib
import json
import re
import stat
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from .errors import Problem, printable

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 60_000
Place = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: plain values, and the line on which each of them stands."""

    file: str
    data: Any
    lines: Mapping[Place, int]

    def problem(self, place: Place, what: str, right: str = "") -> Problem:
        """A fault at ``place``, with the line of the nearest thing that has one."""
        near = place
        while near and near not in self.lines:
            near = near[:-1]
        return Problem(self.file, self.lines.get(near, 1), spell(place), what, right)


def read(path: Path, model: type[M], *, shown: str) -> tuple[M | None, list[Problem]]:
    """The file at ``path`` as a ``model``, or None and every problem it has. ``shown`` names it in messages."""
    document, problems = load(path, shown=shown)
    if document is None:
        return None, problems
    value, more = fit(document, model)
    return (None if problems else value), problems + more


def load(path: Path, *, shown: str) -> tuple[Document | None, list[Problem]]:
    """The file at ``path`` as plain values, or None and every problem."""
    text, problems = read_text(path, shown=shown)
    return (None, problems) if text is None else parse(text, shown=shown)


def read_text(path: Path, *, shown: str) -> tuple[str | None, list[Problem]]:
    """The text of a small regular UTF-8 file, or None and what is wrong with it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None, [Problem(shown, None, "", "is not a regular file")]
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, [Problem(shown, None, "", f"cannot be read: {error.strerror}")]
    if len(raw) > MAX_BYTES:
        return None, [Problem(shown, None, "", f"is larger than {MAX_BYTES // 1000} kB")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [
            Problem(shown, line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8", "save it as UTF-8")
        ]
    problems = list(_odd_characters(text, shown))
    return (None, problems) if problems else (text, [])


def parse(text: str, *, shown: str, first_line: int = 1) -> tuple[Document | None, list[Problem]]:
    """``text`` as plain values; ``first_line`` is where it starts in its file."""
    try:
        problems = list(_refused(text, shown, first_line))
        if problems:
            return None, problems
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + mark.line if mark else first_line
        what = getattr(error, "problem", None) or str(error)
        context = getattr(error, "context", None)
        return None, [Problem(shown, line, "", f"is not YAML: {what}" + (f" {context}" if context else ""))]
    lines: dict[Place, int] = {(): first_line}
    faults: list[Problem] = []
    data = {} if node is None else _plain(node, (), lines, faults, shown, first_line)
    return (None, faults) if faults else (Document(shown, data, lines), [])


def fit(document: Document, model: type[M], *, at: Place = ()) -> tuple[M | None, list[Problem]]:
    """The value at ``at`` in ``document`` as a ``model``, or None and a problem for every field that does not fit."""
    data = document.data
    for part in at:
        data = data[part]
    if not isinstance(data, dict):
        return None, [document.problem(at, f"{_kind(data)} stands here", "a mapping of fields is wanted")]
    try:
        return model.model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        return None, [_problem(document, at, model, dict(e), data) for e in error.errors(include_url=False)]


def spell(place: Iterable[str | int]) -> str:
    """A place as people write it: ``thresholds[0].at_least``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).removeprefix(".")


def nearest(word: str, choices: Iterable[str]) -> str:
    """A hint that names the closest of ``choices``, or all of them when they are few."""
    options = sorted(choices)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"one of {', '.join(options)}" if 0 < len(options) <= 12 else ""


class _Loader(yaml.CSafeLoader):
    """Resolves true, false, null and plain decimal numbers; everything else is text."""

    yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false|True|False", "tfTF"),
    ("null", r"null|~|", "n~"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"^(?:{_pattern})$"),
        [*_first, *([""] if _tag == "null" else [])],
    )
_READ: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:bool": lambda s: s.lower() == "true",
    "tag:yaml.org,2002:null": lambda s: None,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


def _odd_characters(text: str, shown: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for c in line:
            if c not in "\t\r" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}:
                yield Problem(shown, number, "", f"holds the invisible character U+{ord(c):04X}", "remove it")
                break


def _refused(text: str, shown: str, first_line: int) -> Iterator[Problem]:
    depth = documents = 0
    event: Any
    for nodes, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = first_line + event.start_mark.line
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield Problem(
                shown, line, "", "anchors and aliases (& and *) are not allowed", "write the value out"
            )
            return
        if getattr(event, "tag", None) is not None and not _implicit(event):
            yield Problem(shown, line, "", f"tag {event.tag} is not allowed", "plain values only")
        if depth > MAX_DEPTH or nodes > MAX_NODES or documents > 1:
            what = "two documents in one file" if documents > 1 else "too deeply nested or too many values"
            yield Problem(shown, line, "", what)
            return


def _implicit(event: Any) -> bool:
    implicit = event.implicit
    return any(implicit) if isinstance(implicit, tuple) else bool(implicit)


def _plain(
    node: Any, place: Place, lines: dict[Place, int], faults: list[Problem], shown: str, first_line: int
) -> Any:
    lines.setdefault(place, first_line + node.start_mark.line)
    if isinstance(node, yaml.ScalarNode):
        value = _READ.get(node.tag, str)(node.value)
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            faults.append(Problem(shown, lines[place], spell(place), f"{node.value} is too large a number"))
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(v, (*place, i), lines, faults, shown, first_line) for i, v in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = first_line + key_node.start_mark.line
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Problem(shown, line, spell(place), "a key must be a word"))
            continue
        here = (*place, key_node.value)
        if key_node.value in mapping:
            what = f"this key appears twice (first on line {lines[here]})"
            faults.append(Problem(shown, line, spell(here), what, "keep one"))
            continue
        lines[here] = line
        mapping[key_node.value] = _plain(value_node, here, lines, faults, shown, first_line)
    return mapping


def _problem(
    document: Document, at: Place, model: type[BaseModel], error: dict[str, Any], data: Any
) -> Problem:
    loc = tuple(p for p in error["loc"] if p != "[key]")
    place, owner, field = _walk(model, loc, data)
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    what, right = _words(kind, context, given, error["msg"], field)
    if kind == "extra_forbidden":
        name = str(loc[-1])
        right = nearest(name, set(owner.model_fields) - set(data_at(data, place[:-1])))
    return document.problem((*at, *place), what, right)


_WANTED = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not a known field", ""),
    "bool_type": ("{given} is neither true nor false", ""),
    "string_type": ("{kind} {given} stands where text is wanted", "put it in quotes"),
    "string_pattern_mismatch": ("{given} has a form that is not allowed", "a-z, 0-9, - and _ only"),
    "string_too_short": ("is empty", "write a few words"),
    "tuple_type": ("{kind} stands where a list is wanted", ""),
    "list_type": ("{kind} stands where a list is wanted", ""),
    "dict_type": ("{kind} stands where fields are wanted", ""),
    "model_type": ("{kind} stands where fields are wanted", ""),
}
_NUMBERS = {"float_type", "float_parsing", "int_type", "int_parsing", "int_from_float", "finite_number"}


def _words(
    kind: str, context: dict[str, Any], given: Any, message: str, field: FieldInfo | None
) -> tuple[str, str]:
    """What is wrong and what would be right, in words, for one error of pydantic."""
    example = f"for example {_show(field.examples[0])}" if field and field.examples else ""
    right = example or ((field.description or "") if field else "")
    if kind in _WANTED:
        what, otherwise = _WANTED[kind]
        return what.format(given=_show(given), kind=_kind(given)), right or otherwise
    if kind in _NUMBERS:
        return f"{_show(given)} is not a {'whole ' if kind.startswith('int') else ''}number", right
    if kind in {"enum", "literal_error"}:
        return f"{_show(given)} is not an allowed value", "one of " + str(context["expected"]).replace(
            "'", ""
        )
    if kind.startswith("date"):
        return f"{_show(given)} is not a date", "for example 2026-11-20"
    if kind == "value_error":
        return str(context.get("error", message)), right
    return f"{_show(given)}: {message[:1].lower()}{message[1:]}", right


def _walk(model: type[BaseModel], loc: Place, data: Any) -> tuple[Place, type[BaseModel], FieldInfo | None]:
    """The place in the file, the model that owns the field, and the field, for a pydantic location."""
    place: list[str | int] = []
    kind: Any = model
    owner, field = model, None
    for part in loc:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            owner, field = kind, kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            args = [a for a in typing.get_args(kind) if a is not Ellipsis]
            kind, field = (args[-1] if args else None), None
        place.append(part)
    return tuple(place), owner, field


def _bare(kind: Any) -> Any:
    """``kind`` without Optional and Annotated."""
    while True:
        origin = typing.get_origin(kind)
        args = [a for a in typing.get_args(kind) if a is not type(None)]
        if (origin in (typing.Union, types.UnionType) and args) or origin is typing.Annotated:
            kind = args[0]
        else:
            return kind


def data_at(data: Any, place: Place) -> Any:
    """What stands at ``place``, or an empty mapping."""
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return {}
    return data


def _kind(value: Any) -> str:
    names = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        bool: "true/false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "nothing")


def _show(value: Any) -> str:
    return printable(repr(value), 60)

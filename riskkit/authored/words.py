"""What pydantic found wrong, in words that say where, what and what would be right."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from riskkit.authored.document import Document, Place
from riskkit.errors import Problem, printable


def nearest(word: str, choices: Iterable[str]) -> str:
    """A hint that names the closest of ``choices``, or all of them when they are few."""
    options = sorted(choices)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"one of {', '.join(options)}" if 0 < len(options) <= 12 else ""


def problem(
    document: Document, at: Place, model: type[BaseModel], error: dict[str, Any], data: Any
) -> Problem:
    """One error of pydantic about the value at ``at``, told for the file it stands in."""
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
        return what.format(given=_show(given), kind=kind_of(given)), right or otherwise
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


def kind_of(value: Any) -> str:
    """What sort of value stands there, in words."""
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

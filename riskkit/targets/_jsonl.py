"""JSON Lines to models, every line checked and every faulty one named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Prompt

from ._tables import MOST_PROBLEMS, text_of

M = TypeVar("M", bound=BaseModel)


Rename = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""One line as its file has it to the lines it stands for."""


def read_lines(
    data: bytes, model: type[M], *, file: str, rename: Rename | None = None
) -> list[tuple[int, M]]:
    """Each line of ``data`` as a ``model``, or as the several that ``rename`` makes of it, with its line number.

    Lone surrogates are kept as their escape (backslash, u, digits), so that text can be written again.

    Raises
    ------
    InputError
        With every fault found (the first 20), each with line and field.
    """
    found: list[tuple[int, M]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text_of(data, file=file).rstrip("\n").split("\n"), 1):
        try:
            value = _whole(json.loads(line, object_pairs_hook=_once, parse_constant=_refuse))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(file, number, "", f"is not JSON: {error}", "one object a line"))
        else:
            for part in rename(value) if rename and isinstance(value, dict) else [value]:
                fitted, faults = authored.fit(authored.Document(file, part, {(): number}), model)
                problems += faults
                found += [(number, fitted)] if fitted is not None else []
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return found


def read_prompts(data: bytes, *, file: str) -> tuple[Prompt, ...]:
    """The prompts in ``data``, whose ids must differ."""
    lines = read_lines(data, Prompt, file=file)
    problems = list(repeated(((number, p.prompt_id) for number, p in lines), file, "prompt_id"))
    if problems:
        raise InputError(problems)
    return tuple(prompt for _, prompt in lines)


def repeated(keys: Iterator[tuple[int, Any]], file: str, field: str) -> Iterator[Problem]:
    """A problem for every key that an earlier line holds too."""
    first: dict[Any, int] = {}
    for number, key in keys:
        if key in first:
            shown = key if isinstance(key, str) else ", ".join(str(part) for part in key if part != "")
            yield Problem(
                file, number, field, f"{shown} stands on line {first[key]} too", "give each its own"
            )
        else:
            first[key] = number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} is given twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number that can be compared")


def _whole(value: Any) -> Any:
    """``value`` with lone surrogates spelt out as their escapes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value

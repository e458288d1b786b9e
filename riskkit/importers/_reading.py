"""JSON that other tools wrote, read without trusting it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from riskkit.errors import InputError, Problem
from riskkit.model import Sample

LARGEST = 400_000_000
"""Bytes of the largest file that is read."""


def document(data: bytes, *, file: str) -> dict[str, Any]:
    """The one JSON object in ``data``."""
    found = _loads(data, file, None)
    if not isinstance(found, dict):
        raise fault(file, None, "", "holds no JSON object")
    return found


def lines(data: bytes, *, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line of ``data`` as an object, with its number; empty lines are passed over."""
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        found = _loads(line, file, number)
        if not isinstance(found, dict):
            raise fault(file, number, "", "holds no JSON object")
        yield number, found


def fault(file: str, line: int | None, field: str, what: str, right: str = "") -> InputError:
    """An error that names the place."""
    return InputError([Problem(file, line, field, what, right)])


def sample(given: Mapping[str, Any], *, file: str, line: int | None, place: str) -> Sample:
    """``given`` as a sample; what does not fit is named as part of ``place``."""
    try:
        return Sample.model_validate(_whole(given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([place, *map(str, first["loc"])])
        raise fault(file, line, where, first["msg"], "is this the file that the tool wrote?") from None


def text(content: Any) -> str:
    """The text of a message's content: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return text(content.get("text", ""))
    if isinstance(content, list):
        return "".join(text(part) for part in content)
    return ""


def mapping(value: Any) -> dict[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def plain(value: Any) -> str:
    """A score or setting as text: ``true``, ``0.5``, or JSON where it has parts."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def whole(value: Any) -> int:
    """A count of tokens; 0 where it is none."""
    return value if isinstance(value, int) and value >= 0 else 0


def numbered(found: list[Sample]) -> tuple[Sample, ...]:
    """Samples of one prompt and model numbered in their order."""
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for item in found:
        key = (item.prompt_id, item.model)
        result.append(item.model_copy(update={"sample": seen[key]}))
        seen[key] += 1
    return tuple(result)


def _loads(data: bytes, file: str, line: int | None) -> Any:
    if len(data) > LARGEST:
        raise fault(file, line, "", f"is larger than {LARGEST // 1_000_000} MB")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise fault(file, line, "", f"is not JSON: {error}") from None


def _whole(value: Any) -> Any:
    """``value`` with lone surrogates spelt out as their escapes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, (list, tuple)) else value

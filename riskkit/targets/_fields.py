"""Lines of a foreign file of answers, in our own fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from riskkit.model import Sample

FIELDS = frozenset(Sample.model_fields)
"""The fields of an answer."""
_TEXT = frozenset({"prompt_id", "prompt", "context", "reference", "response", "model", "version", "at"})


def renaming(fields: Mapping[str, str]) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """What turns a line whose fields have other names into lines with ours.

    A list of responses becomes one line a response, numbered from 0. A reference that is a list becomes one of several
    lines, each of them right. Plain values under names that ``fields`` does not give become attributes, as text.
    """
    theirs = {their: our for our, their in fields.items()}

    def rename(line: dict[str, Any]) -> list[dict[str, Any]]:
        ours = {theirs[name]: value for name, value in line.items() if name in theirs}
        others = {name: value for name, value in line.items() if name not in theirs}
        kept = {name: value for name, value in others.items() if name in FIELDS and name not in fields}
        extra = {n: _plain(v) for n, v in others.items() if n not in kept and not isinstance(v, (dict, list))}
        whole = kept | {name: _fitting(name, value) for name, value in ours.items()}
        if extra:
            whole["attributes"] = {**extra, **dict(whole.get("attributes") or {})}
        responses = whole.get("response")
        if not isinstance(responses, list):
            return [whole]
        return [whole | {"response": text, "sample": number} for number, text in enumerate(responses)]

    return rename


def _fitting(name: str, value: Any) -> Any:
    if name == "reference" and isinstance(value, list):
        return "\n".join(map(_plain, value))
    return _plain(value) if name in _TEXT and isinstance(value, (int, float)) else value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

"""Conversations of PyRIT, exported from its memory as JSON (``export_conversations``)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from . import Imported, _reading


def transcripts(data: bytes, *, file: str) -> Imported:
    """One sample a text that the assistant wrote, asked by what the user had written before it.

    What was sent is meant, after converters. Earlier turns are context; blocked answers are empty, with the finish
    reason ``content_filter``.

    Raises
    ------
    InputError
        When the file is no list of message pieces.
    """
    try:
        pieces = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _reading.fault(file, None, "", f"is not JSON: {error}") from None
    if not isinstance(pieces, list) or not all(
        isinstance(p, dict) and "conversation_id" in p for p in pieces
    ):
        raise _reading.fault(file, None, "", "is no list of message pieces", "export_conversations of PyRIT")
    conversations: dict[str, list[dict[str, Any]]] = defaultdict(list)
    other = 0
    for piece in pieces:
        is_text = piece.get("converted_value_data_type", "text") in ("text", "error")
        other += not is_text
        if is_text:
            conversations[str(piece["conversation_id"])].append(piece)
    found = []
    for name, turns in conversations.items():
        turns.sort(key=lambda p: _reading.whole(p.get("sequence")))
        found += [
            _reading.sample(_sample(name, turns, i), file=file, line=None, place=f"conversation {name}")
            for i, piece in enumerate(turns)
            if piece.get("role") == "assistant"
        ]
    return Imported(tuple(found), (f"{other} pieces that are no text",) if other else ())


def _sample(name: str, turns: list[dict[str, Any]], at: int) -> dict[str, Any]:
    piece, before = turns[at], turns[:at]
    asked = max((i for i, p in enumerate(before) if p.get("role") == "user"), default=-1)
    blocked = piece.get("response_error") == "blocked"
    target = _reading.mapping(piece.get("prompt_target_identifier"))
    return {
        "prompt_id": f"{name}/{piece.get('sequence', at)}",
        "prompt": _said(before[asked]) if asked >= 0 else "",
        "context": "\n\n".join(_said(p) for p in before[: max(asked, 0)]),
        "response": "" if blocked else _said(piece),
        "model": str(target.get("model_name") or target.get("__type__") or target.get("class_name") or ""),
        "finish_reason": "content_filter" if blocked else None,
        "at": piece.get("timestamp"),
        "attributes": {
            **{f"label:{n}": _reading.plain(v) for n, v in _reading.mapping(piece.get("labels")).items()},
            **{
                f"score:{_scorer(score)}": _reading.plain(score.get("score_value"))
                for score in map(_reading.mapping, _reading.listing(piece.get("scores")))
            },
        },
    }


def _said(piece: dict[str, Any]) -> str:
    return _reading.text(piece.get("converted_value") or piece.get("original_value"))


def _scorer(score: dict[str, Any]) -> str:
    who = _reading.mapping(score.get("scorer_class_identifier"))
    return str(who.get("__type__") or who.get("class_name") or score.get("score_category") or "score")

"""The one place where text becomes HTML."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup

_PLAIN = re.compile(r"[\w .,:()%/+-]*")
_OTHER = re.compile(r"[^\w .,:()%/+-]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
_JOINERS = "\u200c\u200d"
_SHORT = 200


def inert(value: object) -> Markup:
    """``value`` as HTML that can only be read: no tag, attribute, Markdown or template syntax survives.

    White space is folded to single spaces. Everything but letters, digits, space and ``. , : ( ) % / + - _`` becomes a
    numeric entity; characters nobody can see (controls, direction marks, half surrogates) are spelled out as escapes.
    Markup passes as it is: it has been here before.
    """
    if isinstance(value, Markup):
        return value
    text = str(value)
    return _short(text) if len(text) < _SHORT else _inert(text)


def _inert(text: str) -> Markup:
    text = " ".join(text.split())
    return Markup(text if _PLAIN.fullmatch(text) else _OTHER.sub(_entity, text))


_short = lru_cache(maxsize=1 << 14)(_inert)
"""The same words stand on thousands of pages."""


def spelled_out(html: str) -> str:
    """``html`` with the characters nobody can see written as escapes; line ends and tabs stay, and so do its tags."""
    return _UNSEEN.sub(_entity, html)


def outside(link: object) -> Markup:
    """An ``https`` address for an ``href``; anything else raises ValueError."""
    text = str(link)
    if not re.fullmatch(r"https://[^\s<>\"'\\]+", text):
        raise ValueError(f"not an https address: {text[:80]!r}")
    return inert(text)


def _entity(match: re.Match[str]) -> str:
    char = match.group()
    if unicodedata.category(char) in _INVISIBLE and char not in _JOINERS:
        escape = char.encode("unicode_escape", "backslashreplace").decode("ascii")
        return escape.replace("\\", "&#92;")
    return f"&#{ord(char)};"

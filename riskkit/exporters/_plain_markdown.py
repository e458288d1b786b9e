"""Text of others inside Markdown: inert, and still readable as it is."""

from __future__ import annotations

import re

from riskkit.exporters._inert import inert

_HARMLESS = re.compile(r"&#(\d+);")
_KEPT = frozenset("'\";?=§€£$°²³–—‘’“”…·×≥≤±→≈")
_STRESS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_BARE = re.compile(r"(?i)\b(https?|ftp|www|mailto|xmpp)([:.])")


def marked_down(value: object) -> str:
    """``value`` as Markdown in which nothing acts: no markup, HTML, link or mention survives; quotes stay as they are.

    White space is folded, so it cannot leave its line. For text between words, never at the begin of a line.
    """
    text = _HARMLESS.sub(lambda m: c if (c := chr(int(m[1]))) in _KEPT else m[0], str(inert(value)))
    text = _STRESS.sub(lambda m: "&#95;" * len(m[0]), text)
    return _BARE.sub(lambda m: f"{m[1]}&#{ord(m[2])};", text)

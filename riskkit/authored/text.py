"""The text of an authored file: small, regular, UTF-8, without invisible characters."""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from riskkit.errors import Problem

MAX_BYTES = 1_000_000


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


def _odd_characters(text: str, shown: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for c in line if not line.isprintable() else ():
            if c not in "\t\r" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}:
                yield Problem(shown, number, "", f"holds the invisible character U+{ord(c):04X}", "remove it")
                break

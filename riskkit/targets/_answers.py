"""Recorded answers, in JSON Lines or CSV, as samples."""

from __future__ import annotations

import zlib
from typing import Any

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Sample

from ._jsonl import Rename, read_lines
from ._tables import MOST_PROBLEMS, read_table

GZIP = b"\x1f\x8b"
LARGEST = 1 << 29
"""Bytes that a packed file may unpack to."""
_WHOLE = ("sample", "tries")
_TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")


def read_answers(data: bytes, *, file: str, rename: Rename | None) -> list[tuple[int, Sample]]:
    """Each line of ``data`` (JSON Lines, or CSV with a header; either may be packed with gzip) as a sample.

    In CSV, ``input_tokens`` and its like are the usage, and an empty cell is a value that is not given; an empty
    response is an empty answer.

    Raises
    ------
    InputError
        With every fault found (the first 20), each with its line.
    """
    data = unpacked(data, file=file)
    if _is_json(data):
        return read_lines(data, Sample, file=file, rename=rename)
    table = read_table(data, file=file)
    one_line = bool(table.attrs.get("one_line_a_row"))
    found: list[tuple[int, Sample]] = []
    problems: list[Problem] = []
    for row, cells in enumerate(table.to_dict(orient="records")):
        given = {str(name): value for name, value in cells.items() if isinstance(value, str)}
        line = row + 2 if one_line else row + 1
        for part in rename(given) if rename else [given]:
            fitted, faults = authored.fit(authored.Document(file, _typed(part), {(): line}), Sample)
            problems += faults
            found += [(line, fitted)] if fitted is not None else []
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return found


def unpacked(data: bytes, *, file: str) -> bytes:
    """``data`` itself, or what it unpacks to where it is a gzip file; more than ``LARGEST`` bytes are refused."""
    if not data.startswith(GZIP):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        whole = reader.decompress(data, LARGEST)
    except zlib.error:
        raise InputError([Problem(file, None, "", "is a broken gzip file", "pack it again")]) from None
    if reader.unconsumed_tail:
        raise InputError([Problem(file, None, "", f"unpacks to more than {LARGEST >> 20} MB")])
    if not reader.eof or reader.unused_data:
        raise InputError(
            [Problem(file, None, "", "is a gzip file that is cut off or joined", "pack it again")]
        )
    return whole


def _is_json(data: bytes) -> bool:
    """Whether the file is no CSV: it opens a JSON value, or its first line has no comma."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in (b"{", b"[", b'"', b"") or b"," not in head.partition(b"\n")[0]


def _typed(cells: dict[str, Any]) -> dict[str, Any]:
    """Cells of text with the numbers among our fields as numbers."""
    numbered = {
        name: _number(value) if name in (*_WHOLE, "latency") else value for name, value in cells.items()
    }
    attributes = dict(numbered.pop("attributes", {}) or {})
    usage = {n: _number(v) for part in (numbered, attributes) for n, v in list(part.items()) if n in _TOKENS}
    for part in (numbered, attributes):
        for name in usage.keys() & part.keys():
            del part[name]
    numbered.setdefault("response", "")
    return numbered | ({"usage": usage} if usage else {}) | ({"attributes": attributes} if attributes else {})


def _number(value: Any) -> Any:
    """Text that is a number as one; anything else as it is, for the check of fields to name."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return value
    return int(found) if found == int(found) and abs(found) < 2**53 else found

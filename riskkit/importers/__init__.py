"""Other tools' results as transcripts: one file a format, found by its file name.

A format offers

    transcripts(data, *, file) -> Imported      the answers in ``data``; ``file`` names it in messages

A workbook (``xlsx``) brings edits of authored files instead: it offers ``read`` and ``edits``.

What a tool scored travels with an answer as attributes (``score:match``, ``detector:toxicity``), as its own opinion.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from riskkit.errors import UsageError
from riskkit.model import Sample


@dataclass(frozen=True, slots=True)
class Imported:
    """The answers of a file, and a line for each kind of thing in it that is no answer."""

    samples: tuple[Sample, ...]
    left_out: tuple[str, ...] = ()


def formats() -> tuple[str, ...]:
    """The formats there are, in order."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("[!_]*.py")))


def get(name: str) -> ModuleType:
    """The module of a format."""
    if name not in formats():
        raise UsageError(f"there is no import format {name!r} (one of {', '.join(formats())})")
    return importlib.import_module(f".{name}", __name__)

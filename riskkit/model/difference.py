"""What differs between two runs of one assessment."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """One measurement in both runs, in words; ``reading`` says what the difference is worth."""

    name: str
    before: str
    after: str
    change: str
    reading: str


class Differences(NamedTuple):
    """Everything that differs; ``changed`` has a kind, what, and both values a line."""

    measures: tuple[Difference, ...]
    changed: tuple[tuple[str, str, str, str], ...]

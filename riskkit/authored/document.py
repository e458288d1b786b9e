"""A file people wrote, as plain values that know their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskkit.errors import Problem

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: plain values, and the line on which each of them stands."""

    file: str
    data: Any
    lines: Mapping[Place, int]

    def problem(self, place: Place, what: str, right: str = "") -> Problem:
        """A fault at ``place``, with the line of the nearest thing that has one."""
        near = place
        while near and near not in self.lines:
            near = near[:-1]
        return Problem(self.file, self.lines.get(near, 1), spell(place), what, right)


def spell(place: Iterable[str | int]) -> str:
    """A place as people write it: ``thresholds[0].at_least``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).removeprefix(".")

"""Folded values that note once, and not in each of their thousands of parts, which fields were set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from riskkit.model.frozen import Frozen

V = TypeVar("V")


class Lean:
    """Makes values lean; those of one fold share what they note.

    pydantic keeps a set of field names with every model, which took more than half of the memory of a register. The
    models are frozen, and a copy of one gets a set of its own, so equal sets can be one.
    """

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], set[str]] = {}

    def __call__(self, value: V) -> V:
        """``value`` itself, equal to what it was: a model, or a tuple of them."""
        self._visit((value,), set())
        return value

    def _visit(self, values: Iterable[object], seen: set[int]) -> None:
        for value in values:
            if isinstance(value, str | int | float | None):
                continue
            if isinstance(value, tuple):
                self._visit(value, seen)
            elif isinstance(value, dict):
                self._visit(value.values(), seen)
            elif isinstance(value, Frozen) and id(value) not in seen:
                seen.add(id(value))
                names = value.__pydantic_fields_set__
                same = self._sets.setdefault(frozenset(names), names)
                object.__setattr__(value, "__pydantic_fields_set__", same)
                self._visit(value.__dict__.values(), seen)

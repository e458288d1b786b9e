"""Folded values that are held once, however many of their thousands of rows say the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from struct import pack
from typing import Any, TypeVar, cast

from riskkit.model import Entry, Evidence, Indicator, Measurement, ProjectRegister, RunFacts
from riskkit.model.frozen import Frozen
from riskkit.model.indicator import Point

V = TypeVar("V")
_ALONE = (Entry, Evidence, Indicator, Measurement, Point, ProjectRegister, RunFacts)
"""Of these no two are equal, nor the numbers in them: to look for another would only take memory."""


class Lean:
    """Makes values lean: of equal texts, numbers, tuples and models in those of one fold, one is kept.

    A rating, a step or a reason is the same in many rows of many systems. pydantic keeps a set of field names with
    every model besides, which took more than half of the memory of a register. What a fold gives never changes, and a
    copy of a model gets a set of its own, so equal ones can be one.
    """

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], set[str]] = {}
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, object] = {}
        self._made: dict[bytes, object] = {}
        self._kept: set[int] = set()

    def __call__(self, value: V) -> V:
        """What is kept of ``value``, equal to what it was: a model, or a tuple of them."""
        return cast("V", self._lean(value))

    def _lean(self, value: Any) -> object:
        kind = type(value)
        if kind is str:
            return self._texts.setdefault(value, value)
        if kind is float or kind is int or kind is date:
            # by its text, as 1 and 1.0 are equal, and 0.0 and -0.0
            return self._numbers.setdefault(repr(value), value)
        if kind is tuple:
            parts = tuple(map(self._lean, value))
            return self._once(parts, parts)
        if kind is dict:
            self._each(value)
            return self._once(value, (*map(self._lean, value), *value.values()))
        return self._model(value) if isinstance(value, Frozen) else value

    def _model(self, value: Frozen) -> object:
        if id(value) in self._kept:  # a risk is met again in every row
            return value
        alone = isinstance(value, _ALONE)
        self._each(value.__dict__, but=float if alone else None)
        names = value.__pydantic_fields_set__
        same = self._sets.setdefault(frozenset(names), names)
        object.__setattr__(value, "__pydantic_fields_set__", same)
        if alone:
            return value
        kept = self._once(value, (same, *value.__dict__.values()))
        self._kept.add(id(kept))
        return kept

    def _each(self, held: dict[str, object], *, but: type | None = None) -> None:
        for name, value in held.items():
            if type(value) is not but:
                held[name] = self._lean(value)

    def _once(self, value: object, parts: Iterable[object]) -> object:
        """The first value of this kind and with these ``parts``, which are each the one that is kept."""
        ids = [id(type(value)), *map(id, parts)]
        return self._made.setdefault(pack(f"{len(ids)}N", *ids), value)

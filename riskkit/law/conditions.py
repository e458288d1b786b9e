"""Conditions on facts in three values: true, false, or unknown with the facts that would decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Facts


@dataclass(frozen=True, slots=True)
class Truth:
    """True, False or None for unknown; ``asks`` names the unanswered facts, ``because`` those that decided."""

    value: bool | None
    asks: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


def flag(facts: Facts, name: str) -> Truth:
    """What the facts say of one flag; an absent flag is unanswered."""
    answer = facts.flags.get(name)
    if answer is None:
        return Truth(None, asks=(name,))
    return Truth(answer, because=(name if answer else f"not {name}",))


def listed(facts: Facts, key: str, wanted: Iterable[str]) -> Truth:
    """Whether a list of facts such as ``jurisdiction`` shares a word with ``wanted``; an empty list is unanswered."""
    stated = _stated(facts, key)
    if not stated:
        return Truth(None, asks=(key,))
    shared = tuple(sorted(stated.intersection(wanted)))
    if shared:
        return Truth(True, because=tuple(f"{key} {word}" for word in shared))
    return Truth(False, because=(f"{key} is {', '.join(getattr(facts, key))}",))


def negate(truth: Truth) -> Truth:
    """The opposite."""
    return Truth(None if truth.value is None else not truth.value, truth.asks, truth.because)


def every(*truths: Truth) -> Truth:
    """True when all are; false as soon as one is, whatever is unanswered."""
    return _combine(truths, decisive=False)


def some(*truths: Truth) -> Truth:
    """True as soon as one is, whatever is unanswered; false when all are."""
    return _combine(truths, decisive=True)


def _combine(truths: tuple[Truth, ...], *, decisive: bool) -> Truth:
    if len(truths) == 1:
        return truths[0]
    deciding = [t for t in truths if t.value is decisive]
    if deciding:
        return Truth(decisive, because=deciding[0].because)
    if any(t.value is None for t in truths):
        return Truth(None, asks=_join(t.asks for t in truths if t.value is None))
    return Truth(not decisive, because=_join(t.because for t in truths))


def _stated(facts: Facts, key: str) -> frozenset[str]:
    """The words stated under ``key``; a part of a country counts as the country as well."""
    words = frozenset(getattr(facts, key))
    if key != "jurisdiction":
        return words
    wider = {word.split("_")[0] for word in words}
    return words | wider | ({"us_ny"} if "us_nyc" in words else set())


def _join(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for part in parts for word in part))

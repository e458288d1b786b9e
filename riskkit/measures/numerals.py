"""Numbers as people write them in running text, and whether two of them agree."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskkit.measures.text import words

_DIGITS = re.compile(r"(?<![\d.,])(?:\d{1,3}(?: \d{3})+(?![\d.,]*\d)|\d(?:[\d.,'’\u00a0\u202f]*\d)?)")
_UNIT = re.compile(r"\s?(%|(?:percent|per cent|bps|k|bn|thousand|million|billion)\b)", re.IGNORECASE)
_HEDGE = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|circa|over|under|more than|less than|up to|at least|~)\s?"
    r"[$€£]?$",
    re.IGNORECASE,
)
_SCALE = {"k": 1e3, "thousand": 1e3, "million": 1e6, "bn": 1e9, "billion": 1e9}
_PARTS = {"%": 100.0, "percent": 100.0, "per cent": 100.0, "bps": 10_000.0}
_SPELLED = {
    "zero": 0.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "thirteen": 13.0, "fourteen": 14.0, "fifteen": 15.0,
    "sixteen": 16.0, "seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0, "twenty": 20.0,
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0,
    "hundred": 100.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: its text, and each way to read it as (value, half the step it was rounded to)."""

    text: str
    readings: tuple[tuple[float, float], ...]

    def agrees(self, known: Sequence[float]) -> bool:
        """Whether some reading is one of the sorted ``known`` values, or one of them rounded."""
        for value, slack in self.readings:
            reach = max(slack, 1e-9 * max(1.0, value)) * (1 + 1e-9)
            place = bisect_left(known, value - reach)
            if place < len(known) and known[place] <= value + reach:
                return True
        return False


def numbers(text: str) -> list[Number]:
    """The numbers written in digits: separators, decimals, percent, k, million. A sign is not read."""
    return [number for match in _DIGITS.finditer(text) for number in _numbers(text, match)]


def values(text: str) -> list[float]:
    """Every value a number of ``text`` can stand for, number words included, sorted."""
    spelled = {_SPELLED[w] for w in words(text) if w in _SPELLED}
    return sorted(spelled | {value for number in numbers(text) for value, _ in number.readings})


def _numbers(text: str, match: re.Match[str]) -> Iterable[Number]:
    raw = re.sub(r"['’\u00a0\u202f ]", "", match.group())
    readings = _read(raw)
    if not readings:
        return [Number(part, ((float(part), 0.0),)) for part in re.split(r"[.,]+", raw)]
    unit = _UNIT.match(text, match.end())
    name = unit.group(1).lower() if unit else ""
    scale = _SCALE.get(name, 1.0)
    rounded = bool(_HEDGE.search(text[max(0, match.start() - 16) : match.start()]))
    found = [(value * scale, _slack(raw, decimals, rounded) * scale) for value, decimals in readings]
    if name in _PARTS:
        found += [(value / _PARTS[name], slack / _PARTS[name]) for value, slack in found]
    return [Number(text[match.start() : unit.end() if unit else match.end()], tuple(found))]


def _slack(raw: str, decimals: int, rounded: bool) -> float:
    """Half the last step written: 0.05 for 4.5; trailing zeros count as rounded away after *about* and the like.

    A single digit says too little to be taken for a rounded number: 0.
    """
    digits = re.sub(r"[.,]", "", raw).lstrip("0")
    zeros = len(digits) - len(digits.rstrip("0")) if rounded and not decimals else 0
    return 10.0 ** (zeros - decimals) / 2 if len(digits) - zeros >= 2 else 0.0


def _read(raw: str) -> list[tuple[float, int]]:
    """The ways to read digits with points and commas, as (value, decimals); none for a version or a dotted date."""
    if "." in raw and "," in raw:
        mark = max(raw.rfind("."), raw.rfind(","))
        whole = re.sub(r"[.,]", "", raw[:mark])
        return [(float(f"{whole}.{raw[mark + 1 :]}"), len(raw) - mark - 1)]
    parts = re.split(r"[.,]", raw)
    if not all(parts):
        return []
    grouped = len(parts) > 1 and len(parts[0]) <= 3 and all(len(p) == 3 for p in parts[1:])
    thousands = [(float("".join(parts)), 0)] if grouped else []
    decimal = [(float(".".join(parts)), len(parts[1]) if len(parts) == 2 else 0)] if len(parts) <= 2 else []
    return thousands + decimal if "," in raw else decimal + thousands

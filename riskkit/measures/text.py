"""Text cut into sentences, words and numbers, the same way for every measure that reads answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

STOP_WORDS = frozenset(
    ["a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "down", "during", "each", "either", "else", "ever", "every", "few", "for", "from", "further", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "however", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "may", "me", "might", "more", "most", "must", "my", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "ours", "out", "over", "own", "per", "rather", "same", "shall", "she", "should", "since", "so", "some", "such", "than", "that", "the", "their", "theirs", "them", "then", "there", "therefore", "these", "they", "this", "those", "through", "thus", "to", "too", "under", "until", "up", "upon", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "would", "you", "your", "yours"]
)
MONTHS = {
    name: number
    for number, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sep sept", "october oct", "november nov", "december dec"],
        start=1,
    )
    for name in names.split()
}
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|nos?|inc|ltd|co|corp|vs|etc|fig|approx|art|sec|para|jan|feb|mar|apr|jun|jul|aug|sept?"
    r"|oct|nov|dec)|\b[a-z](?:\.[a-z])*)\.$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|\n")
_NUMBER = re.compile(r"(?<![\d.,])\d(?:[\d.,'’\u00a0\u202f]*\d)?")
_UNIT = re.compile(
    r"\s?(%|percent\b|per cent\b|bps\b|k\b|bn\b|thousand\b|million\b|billion\b)", re.IGNORECASE
)
_HEDGE = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|circa|over|under|more than|less than|up to|at least|~)\s?[$€£]?$",
    re.IGNORECASE,
)
_SCALE = {"k": 1e3, "thousand": 1e3, "million": 1e6, "bn": 1e9, "billion": 1e9}
_PER = {"%": 100.0, "percent": 100.0, "per cent": 100.0, "bps": 10_000.0}
_SPELLED = {
    word: float(value)
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
} | {"thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "hundred": 100.0}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: how it may be read, half of the step it was rounded to, and where it stands."""

    text: str
    readings: tuple[float, ...]
    slack: float
    start: int
    end: int


def words(text: str) -> list[str]:
    """The words and digit runs of ``text``, lower-cased."""
    return _WORD.findall(text.lower())


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning: no stop words, no digits."""
    return [stem(w) for w in words(text) if w not in STOP_WORDS and not w[0].isdigit() and len(w) > 1]


def stem(word: str) -> str:
    """``word`` without its commonest English endings, so that ``declined`` meets ``declines``."""
    word = re.sub(r"['’]s?$", "", word)
    for ending, put in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("ly", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + put
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def sentences(text: str) -> list[str]:
    """``text`` cut at full stops, question marks and line ends; abbreviations and decimals do not end a sentence."""
    found, start = [], 0
    for end in _END.finditer(text):
        if end.group()[0] == "." and _ABBREVIATION.search(
            text, max(start, end.start() - 12), end.start() + 1
        ):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [s for s in (*found, text[start:].strip()) if s]


def numbers(text: str) -> list[Number]:
    """The numbers written in digits: thousands separators, decimals, percent, k, million; a sign is not read."""
    return [n for match in _NUMBER.finditer(text) if (n := _number(text, match)) is not None]


def spelled_numbers(text: str) -> set[float]:
    """The values of number words such as ``three``."""
    return {_SPELLED[w] for w in words(text) if w in _SPELLED}


def _number(text: str, match: re.Match[str]) -> Number | None:
    raw = re.sub(r"['’\u00a0\u202f]", "", match.group())
    unit = _UNIT.match(text, match.end())
    name = unit.group(1).lower() if unit else ""
    scale, per = _SCALE.get(name, 1.0), _PER.get(name)
    read = _read(raw)
    if not read:
        return None
    hedged = bool(_HEDGE.search(text, max(0, match.start() - 16), match.start()))
    value, decimals = read[0]
    digits = raw.replace(".", "").replace(",", "").lstrip("0")
    zeros = len(digits) - len(digits.rstrip("0")) if hedged and not decimals else 0
    step = 10.0 ** (zeros - decimals) if len(digits) - zeros >= 2 else 0.0
    values = [v * scale for v, _ in read]
    if per:
        values += [v / per for v in values]
    end = unit.end() if unit else match.end()
    return Number(text[match.start() : end].strip(), tuple(values), step * scale / 2, match.start(), end)


def _read(raw: str) -> list[tuple[float, int]]:
    """The ways to read digits with points and commas, as (value, decimals); likeliest first."""
    if "." in raw and "," in raw:
        mark = max(raw.rfind("."), raw.rfind(","))
        whole = re.sub(r"[.,]", "", raw[:mark])
        return [(float(f"{whole}.{raw[mark + 1 :]}"), len(raw) - mark - 1)]
    mark_at = raw.find(",") if "," in raw else raw.find(".")
    if mark_at < 0:
        return [(float(raw), 0)]
    parts = re.split(r"[.,]", raw)
    grouped = len(parts[0]) <= 3 and all(len(p) == 3 for p in parts[1:])
    thousands = [(float("".join(parts)), 0)] if grouped else []
    decimal = [(float(f"{parts[0]}.{parts[1]}"), len(parts[1]))] if len(parts) == 2 else []
    return thousands + decimal if "," in raw else decimal + thousands

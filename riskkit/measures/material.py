"""The material an answer may rest on, prepared for look-ups."""

from __future__ import annotations

import re

from riskkit.measures.numerals import Number, values
from riskkit.measures.text import STOP_WORDS, listed, stem, words

JOINED = 4
"""Most neighbouring words that may make up one identifier, as in ``CLM 2023 0042``."""
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
NO_NAMES = listed("""
    i mr mrs ms dr prof sir madam dear sincerely regards monday tuesday wednesday thursday friday saturday
    sunday ok yes no note id usd eur gbp applicant customer claimant patient member client team department
    office officer service services support credit loan application account number date notice decision reason
    reasons summary
""") | frozenset(MONTHS)
"""Words that are written with a capital without naming anybody."""
_DATE = re.compile(r"\b\d{4}-(\d{2})(?:-\d{2})?\b|\b(\d{1,2})[/.](\d{1,2})[/.]\d{2,4}\b")


class Material:
    """The words, numbers, identifiers and dates of a text, for asking whether it holds one of them."""

    def __init__(self, text: str) -> None:
        found = words(text)
        self.stems = {stem(w) for w in found}
        self._line = f" {' '.join(found)} "
        self._joined = {"".join(found[i : i + k]) for k in range(1, JOINED + 1) for i in range(len(found))}
        self._initials = ["".join(w[0] for w in found), "".join(w[0] for w in found if w not in STOP_WORDS)]
        self._values = values(text)
        dated = {int(month) for groups in _DATE.findall(text) for month in groups if month}
        self._months = {MONTHS[w] for w in found if w in MONTHS} | dated

    def has_number(self, number: Number) -> bool:
        """Whether the number occurs, in another notation or as one that was rounded to it."""
        return number.agrees(self._values)

    def has_month(self, name: str) -> bool:
        """Whether the month occurs by name or in a date of digits."""
        return MONTHS[name.lower()] in self._months

    def has_identifier(self, text: str) -> bool:
        """Whether the identifier occurs, its punctuation aside."""
        return re.sub(r"[\W_]", "", text.lower()) in self._joined

    def has_phrase(self, text: str) -> bool:
        """Whether the words occur one after another."""
        return f" {' '.join(words(text))} " in self._line

    def has_name_word(self, word: str) -> bool:
        """Whether a word of a name occurs in some form, or as an abbreviation of words that follow one another."""
        low = word.lower()
        if low in NO_NAMES or stem(low) in self.stems:
            return True
        parts = [p for p in words(low) if p not in STOP_WORDS]
        if len(parts) > 1 and all(stem(p) in self.stems for p in parts):
            return True
        return word.isupper() and len(low) >= 3 and any(low in initials for initials in self._initials)

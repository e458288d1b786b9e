"""Claims of an answer that its material does not hold, found by their surface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from riskkit.measures.material import MONTHS, Material
from riskkit.measures.numerals import numbers
from riskkit.measures.polarity import MOST, Stated, is_flipped, stated
from riskkit.measures.text import STOP_WORDS, content_stems, listed, sentences, words

Kind = Literal["number", "name", "identifier", "quote", "negation", "sentence"]

_IDENTIFIER = re.compile(r"(?<![\w./#@:+-])[\w#][\w./#@:+-]*[\w/]")
_MEASURED = re.compile(r"[\d.,:/-]*\d(?:st|nd|rd|th|-?[a-zµ]+(?:-[a-z]+)*)?", re.IGNORECASE)
_QUOTE = re.compile(r"\"([^\"\n]{12,400})\"|“([^”\n]{12,400})”")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]\s+)?(?:\(?\d{1,2}[.)]\s|\[\d{1,2}\]\s?)")
_LABEL = re.compile(r"^\s*(?:#+\s.*|[*_]{0,2}[^\s:*][^:\n.]{0,40}:[*_]{0,2}(?=\s|$))")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’&.][^\W\d_]+)*")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH_DATE = re.compile(rf"\b({_MONTH})\b\.?(?=,?\s+\d)|(?<=\d\s)({_MONTH})\b", re.IGNORECASE)
_COURTESY = re.compile(
    r"(?:please|thank|we regret|i regret|if you|feel free|let me|i hope|dear|sincerely|kind regards|best regards|sorry|"
    r"should you|do not hesitate|don't hesitate|for more information|you may|you can)\b",
    re.IGNORECASE,
)
_LINKS = listed("of de del la van von der den al bin &")
_LONGEST_ACRONYM = 5


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A claim without support: what kind, its text, and the index of its sentence in the answer."""

    kind: Kind
    text: str
    sentence: int


def claims_without_support(
    response: str, context: str, *, min_coverage: float = 0.1, min_words: int = 6
) -> tuple[Unsupported, ...]:
    """The claims of ``response`` that ``context`` does not hold, in the order of its sentences.

    Parameters
    ----------
    min_coverage : a whole sentence is a claim without support when a smaller share of its content words (stems) occurs
        in the context; low on purpose, since honest answers also use words of their own.
    min_words : sentences with fewer content words, questions, courtesies and sentences in which something was found
        are not judged as a whole.

    Notes
    -----
    Numbers agree across thousands separators, percent and fraction, number words in the context, and rounding to at
    least two digits. A capitalised word that stands alone at the start of a sentence is not taken for a name, nor is a
    word the answer also writes in lower case. Number words (*three*) in the answer are not checked.
    """
    material, facts = _read(context)
    ordinary = {word for word in _TOKEN.findall(response) if word.islower()}
    found = []
    for index, sentence in enumerate(sentences(response)):
        claims: dict[tuple[Kind, str], None] = dict.fromkeys(_specifics(sentence, material, ordinary))
        if not claims and index < MOST and is_flipped(sentence, facts):
            claims["negation", sentence] = None
        elif not claims and _is_baseless(sentence, material, min_coverage, min_words):
            claims["sentence", sentence] = None
        found += [Unsupported(kind, text, index) for kind, text in claims]
    return tuple(found)


@lru_cache(maxsize=4)  # the answers to one prompt come one after another
def _read(context: str) -> tuple[Material, tuple[Stated, ...]]:
    return Material(context), stated(context)


def _specifics(sentence: str, material: Material, ordinary: set[str]) -> Iterator[tuple[Kind, str]]:
    yield from (("quote", q) for q in _quotes(sentence) if not material.has_phrase(q))
    rest = _LIST_MARK.sub(" ", sentence)
    identifiers = [m.group() for m in _IDENTIFIER.finditer(rest) if _is_identifier(m.group())]
    yield from (("identifier", i) for i in identifiers if not material.has_identifier(i))
    rest = _IDENTIFIER.sub(lambda m: " " if _is_identifier(m.group()) else m.group(), rest)
    yield from (("number", n.text) for n in numbers(rest) if not material.has_number(n))
    months = (first or second for first, second in _MONTH_DATE.findall(rest))
    yield from (("number", month) for month in months if not material.has_month(month))
    yield from (("name", name) for name in _names(rest) if not _is_known(name, material, ordinary))


def _is_baseless(sentence: str, material: Material, min_coverage: float, min_words: int) -> bool:
    stems = content_stems(sentence)
    if len(stems) < min_words or sentence.endswith("?") or _COURTESY.match(sentence):
        return False
    return sum(s in material.stems for s in stems) < min_coverage * len(stems)


def _quotes(sentence: str) -> list[str]:
    """Quotations of three words or more; shorter ones are often only a manner of speaking."""
    return [q for pair in _QUOTE.findall(sentence) for q in pair if len(words(q)) >= 3]


def _is_identifier(text: str) -> bool:
    """Whether a run of characters is a reference, an address or a code, rather than a word or a measured number."""
    if "@" in text or "://" in text or text.startswith("www."):
        return True
    mixed = any(c.isdigit() for c in text) and (text.startswith("#") or any(c.isalpha() for c in text))
    return mixed and not _MEASURED.fullmatch(text)


def _names(sentence: str) -> list[str]:
    """Runs of capitalised words, linked by such words as *of*; without the word that starts a sentence alone."""
    body = _LABEL.sub("", sentence)
    runs: list[list[re.Match[str]]] = []
    tokens = list(_TOKEN.finditer(body))
    for token, following in zip_longest(tokens, tokens[1:]):
        joined = bool(runs) and body[runs[-1][-1].end() : token.start()] in (" ", ". ")
        capital = token.group()[0].isupper() and (joined or len(token.group()) > 1)
        link = joined and token.group() in _LINKS and following is not None and following.group()[0].isupper()
        if (capital and joined) or link:
            runs[-1].append(token)
        elif capital:
            runs.append([token])
    named = (([t.group() for t in run], _starts(body, run[0].start())) for run in runs)
    found = (
        " ".join(run[1:] if first and (len(run) == 1 or run[0].lower() in STOP_WORDS) else run)
        for run, first in named
    )
    return [name for name in found if name]


def _starts(body: str, at: int) -> bool:
    """Whether a sentence, a quotation or a list item starts at this place."""
    before = body[:at].rstrip(" \t\"'“‘(*_-–—•>")
    return not before or before[-1] in ":;"


def _is_known(name: str, material: Material, ordinary: set[str]) -> bool:
    return all(
        word in _LINKS
        or word.lower() in STOP_WORDS
        or word.lower() in ordinary
        or (word.isupper() and len(word) > _LONGEST_ACRONYM)
        or material.has_name_word(word)
        for word in name.split(" ")
    )

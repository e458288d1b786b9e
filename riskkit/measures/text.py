"""Text cut into sentences and words, the same way for every measure that reads answers."""

from __future__ import annotations

import re


def listed(text: str) -> frozenset[str]:
    """The words of a list written as text."""
    return frozenset(text.split())


STOP_WORDS = listed("""
    a about above after again against all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each either else ever every few for from further
    had has have having he her here hers him his how however i if in into is it its itself just may me might
    more most must my no nor not now of off on once only or other our ours out over own per rather same shall
    she should since so some such than that the their theirs them then there therefore these they this those
    through thus to too under until up upon very was we were what when where which while who whom whose why will
    with within without would you your yours
""")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|\n")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|nos?|inc|ltd|co|corp|vs|etc|fig|approx|art|sec|para|jan|feb|mar|apr|jun|jul|aug|sept?"
    r"|oct|nov|dec|[a-z](?:\.[a-z])*)\.$|^\s*\d{1,2}\.$",
    re.IGNORECASE,
)


def storable(text: str) -> str:
    """``text`` without lone surrogates, which no file or table of text can hold; they are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def words(text: str) -> list[str]:
    """The words and digit runs of ``text``, lower-cased."""
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """``word`` without its commonest English endings, so that ``declined`` meets ``declines``."""
    word = re.sub(r"['’]s?$", "", word)
    for ending, put in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("ly", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + put
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning: no stop words, no numbers, no single letters."""
    return [stem(w) for w in words(text) if w not in STOP_WORDS and not w[0].isdigit() and len(w) > 1]


def sentences(text: str) -> list[str]:
    """``text`` cut at full stops, question marks and line ends; abbreviations and decimals do not end a sentence."""
    found, start = [], 0
    for end in _END.finditer(text):
        if end.group()[0] == "." and _ABBREVIATION.search(
            text[max(start, end.start() - 12) : end.start() + 1]
        ):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [s for s in (*found, text[start:].strip()) if s]

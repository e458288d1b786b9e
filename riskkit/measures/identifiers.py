"""Personal identifiers and keys with a structure: found by their form, held to their checksum, shown masked.

Names, addresses and anything else without a form of its own are not found.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from riskkit.measures.text import listed

PERSONAL = ("email", "card", "ssn", "iban", "ip", "phone")
"""Kinds that point to a person or a person's means of payment."""
SECRET = ("key",)
"""Kinds that open something."""
_IBAN_LENGTH = {
    code: int(length)
    for length, codes in {
        "15": "NO", "16": "BE", "18": "DK FO FI GL NL FK SD", "19": "MK SI", "20": "AT BA EE KZ XK LT LU MN",
        "21": "HR LV LI CH", "22": "BH BG CR GE DE IE ME RS GB VA", "23": "GI IQ IL OM SO TL AE",
        "24": "AD CZ MD PK RO SA SK ES SE TN VG DZ", "25": "LY PT ST", "26": "IS TR", "27": "FR GR IT MC MR SM BI DJ",
        "28": "AL AZ BY CY DO SV GT HU LB NI PL", "29": "BR EG PS QA UA", "30": "JO KW MU YE", "31": "MT SC",
        "32": "LC", "33": "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_FILES = listed(
    "png jpg jpeg gif svg webp ico css js ts map html htm py json xml yml yaml txt md pdf csv zip gz"
)
_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w%+](?:[\w.%+'-]{0,63})"
    r"(?:@| ?[\[(] ?at ?[\])] ?)"
    r"((?:[\w-]{1,63}(?:\.| ?[\[(] ?dot ?[\])] ?)){1,6})([^\W\d_]{2,24})(?![\w@])"
)
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])(?!\.\d)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)(\d{3})([- ])(?!00)(\d{2})\2(?!0000)(\d{4})(?![\w-])")
_SSN_BARE = re.compile(
    r"(?i:\b(?:ssn|social security(?: number| no\.?)?)\b)[^\d\n]{0,20}?"
    r"((?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4})(?!\d)"
)
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?=[ ]?[A-Za-z0-9]{4})")
_IPV4 = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,37}[0-9A-Fa-f](?![\w:])")
_COUNTED = re.compile(
    r"(?:serial|part|order|invoice|case|lot|sku|model|item|ticket|ref)(?: ?(?:no|number|#))?[.: ]{0,3}$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:version|release|section|clause|chapter|build|firmware|\bv\.?|§)\s?$", re.IGNORECASE
)
_INTERNATIONAL = re.compile(r"(?<![\w+.])(?:\+|00)[1-9](?:[ .()/-]{0,2}\d){7,14}(?!\w)")
_AMERICAN = re.compile(
    r"(?<![\w(.-])(?:1[ .-])?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-])([2-9]\d\d)[ .-](\d{4})(?![\w-])(?!\.\d)"
)
_NATIONAL = re.compile(
    r"(?<![\w.+-])(?!\d{3}-\d\d-\d{4}\b)\(?0\d{1,4}\)?(?:[ /-]\d{2,8}){1,4}(?![\w-])(?![. ]\d)"
)
_TOLD = re.compile(
    r"(?i:\b(?:tel|telephone|phone|mobile|cell|fax|call|whatsapp)\b)(?: ?no| ?number)?[.: ]{1,3}(?:me |us )?"
    r"(?:at |on )?"
    r"(\(?\d{2,5}\)?(?:[ ./-]?\d{2,8}){1,4})(?![\w-])(?!\.\d)"
)
_KEYS = re.compile(
    r"(?<![\w-])(?:"
    r"A(?:KIA|SIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,}|"
    r"xox[abeprs]-[A-Za-z0-9-]{10,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|sk-(?:proj-|ant-|svcacct-)?[\w-]{20,}|"
    r"AIza[\w-]{35}|npm_[A-Za-z0-9]{36}|SG\.[\w-]{16,}\.[\w-]{16,}|hf_[A-Za-z0-9]{30,}|ya29\.[\w-]{20,}|"
    r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r")(?![\w])"
)
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z]{1,12} ){0,2}PRIVATE KEY-----")
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:([^\s:/@]{6,128})@[\w.-]+")
_ASSIGNED = re.compile(
    r"(?i:\b(?:[a-z0-9]{1,20}[_-])?(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?key|(?:access|auth|bearer)[_-]?token|token|"
    r"password|passwd|pwd)\b)\\?[\"']?\s{0,2}(?:[:=]|=>)\s{0,2}\\?[\"']?([^\s\"',;\\<>]{8,200})"
)
_PLACEHOLDER = re.compile(
    r"(?i)x{4,}|\*{3,}|\.{3}|^[<${\[(]|example|placeholder|change_?me|your[_-]|redacted|dummy|^(?:none|null|true|false)"
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in a text: its kind, the text itself, and where it starts and ends."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def masked(self) -> str:
        """The first and last two characters, and how many stand between them."""
        hidden = len(self.text) - 4
        return (
            f"{self.text[:2]}[{hidden} hidden]{self.text[-2:]}"
            if hidden > 3
            else f"[{len(self.text)} hidden]"
        )


def identifiers(text: str) -> tuple[Identifier, ...]:
    """The identifiers in ``text``, in order and without overlap; where two forms fit, the more particular counts.

    Kinds: ``key`` (well-known forms of tokens, private keys, passwords that are assigned), ``iban`` (ISO 13616 length,
    ISO 7064 mod 97), ``email``, ``card`` (an issuer's first digits, Luhn's check), ``ssn`` (US, areas and groups in
    use), ``ip`` (version 4 or 6, but loopback and masks), ``phone`` (international, North American, or national with a
    leading zero). A number with a valid check that is none of these is found too: see the benchmark for how often.
    """
    taken: list[Identifier] = []
    for kind, find in _FINDERS:
        for start, end in find(text):
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Identifier(kind, text[start:end], start, end))
    return tuple(sorted(taken, key=lambda found: found.start))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def mod_97(iban: str) -> bool:
    """Whether the check digits of an IBAN without spaces are right (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


Spans = Iterator[tuple[int, int]]


def _keys(text: str) -> Spans:
    for pattern, group in ((_KEYS, 0), (_PRIVATE, 0), (_IN_ADDRESS, 1)):
        for match in pattern.finditer(text):
            if pattern is _PRIVATE or not _is_placeholder(match[group]):
                yield match.span(group)
    for match in _ASSIGNED.finditer(text):
        value = match[1].rstrip("*`|.)")
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if mixed and _bits(value) >= 2.8 and not _is_placeholder(value):
            yield match.start(1), match.start(1) + len(value)


def _is_placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) <= 5


def _bits(value: str) -> float:
    """Shannon entropy of a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _ibans(text: str) -> Spans:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTH.get(match.group()[:2].upper())
        end = _run(text, match.start(), length) if length else None
        if end is not None:
            code = re.sub(r"[^A-Za-z0-9]", "", text[match.start() : end]).upper()
            if code.isascii() and mod_97(code):
                yield match.start(), end


def _run(text: str, start: int, length: int) -> int | None:
    """Where ``length`` letters and digits from ``start`` end, single spaces or hyphens between them passed over."""
    found = re.compile(rf"(?:[A-Za-z0-9][ -]?){{{length - 1}}}[A-Za-z0-9](?![^\W_])").match(text, start)
    return found.end() if found else None


def _cards(text: str) -> Spans:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if _issued(digits) and luhn(digits) and len(set(digits)) > 1:
            yield match.span()


def _issued(digits: str) -> bool:
    """Whether first digits and length are those of a card scheme."""
    first, length = int(digits[:4]), len(digits)
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or (length == 16 and (5100 <= first < 5600 or 2221 <= first <= 2720 or 3528 <= first < 3590))
        or (length == 15 and digits[:2] in ("34", "37"))
        or (length in (16, 19) and (first == 6011 or 6440 <= first < 6600))
        or (length == 14 and (3000 <= first < 3060 or digits[:2] in ("36", "38", "39")))
        or (16 <= length <= 19 and digits[:2] == "62")
    )


def _ssns(text: str) -> Spans:
    yield from (match.span() for match in _SSN.finditer(text) if not _is_counted(text, match))
    yield from (match.span(1) for match in _SSN_BARE.finditer(text))


def _is_counted(text: str, match: re.Match[str]) -> bool:
    """Whether the words before a number say that it counts things: a serial number, an order."""
    return bool(_COUNTED.search(text[max(0, match.start() - 20) : match.start()]))


def _emails(text: str) -> Spans:
    for match in _EMAIL.finditer(text):
        if match[2].lower() not in _FILES:
            yield match.span()


def _addresses(text: str) -> Spans:
    for match in (*_IPV4.finditer(text), *_IPV6.finditer(text)):
        if not _VERSION.search(text[max(0, match.start() - 12) : match.start()]) and _is_address(
            match.group()
        ):
            yield match.span()


def _is_address(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    if found.is_loopback or found.is_unspecified or text.startswith(("255.", "0.")):
        return False
    return found.version == 4 or any(c.isdigit() for c in text.split(":")[0])


def _phones(text: str) -> Spans:
    for pattern, fewest, most, group in (
        (_INTERNATIONAL, 8, 15, 0),
        (_AMERICAN, 10, 11, 0),
        (_NATIONAL, 9, 12, 0),
        (_TOLD, 7, 12, 1),
    ):
        for match in pattern.finditer(text):
            if fewest <= sum(c.isdigit() for c in match[group]) <= most and not _is_counted(text, match):
                yield match.span(group)


_FINDERS = (
    ("key", _keys),
    ("iban", _ibans),
    ("email", _emails),
    ("card", _cards),
    ("ssn", _ssns),
    ("ip", _addresses),
    ("phone", _phones),
)

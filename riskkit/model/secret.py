"""What gives a secret away: its name, its shape, or its value in one of the forms values leak in."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

GOES_ON = "earer"
"""What a text must hold for a key to begin in one line of it and go on in the next."""
# What a key of the kind must hold, as plain text: looking for that takes a fraction of the time.
_SHAPES: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (name, tuple(hints.split()), re.compile(pattern))
    for name, hints, pattern in (
        ("AWS access key", "AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
        ("AWS access key", "ASIA", r"\bASIA[0-9A-Z]{16}\b"),
        ("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
        ("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{60,}\b"),
        ("GitLab token", "glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        (
            "OpenAI-style key",
            "sk-",
            r"sk-(?<![A-Za-z0-9]sk-)(?:[a-z]{3,8}-)?[A-Za-z0-9_-]{20,}\b",
        ),
        ("Google key", "AIza", r"AIza[0-9A-Za-z_-]{35}\b"),
        ("Hugging Face token", "hf_", r"hf_(?<![A-Za-z0-9]hf_)[A-Za-z0-9]{30,}\b"),
        ("Slack token", "xox", r"xox[abprs]-[A-Za-z0-9-]{10,}\b"),
        ("private key", "KEY-----", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
        ("JSON web token", "eyJ", r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
        (
            "password in a URL",
            "://",
            r"://(?<=[a-z0-9+.-]://)[^\s/:@\"']{1,64}:[^\s/@\"']{3,100}@",
        ),
        ("Azure key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/=]{60,}"),
        ("bearer token", GOES_ON, r"[Bb]earer\s+[A-Za-z0-9._~+/-]{20,}"),
    )
)
_WORDS = frozenset(
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "credentials", "bearer"]
)
_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("auth", "key")}
)
_SHORTEST = 8


def secretive(name: str) -> bool:
    """Whether a name such as ``api_key`` or ``MODEL_TOKEN`` says that its value is a secret."""
    words = re.split(r"[_\W]+", name.lower())
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in itertools.pairwise(words))


def shapes_in(text: str) -> tuple[str, ...]:
    """The kinds of key that ``text`` seems to hold, such as ``AWS access key``; empty when none."""
    return tuple(
        dict.fromkeys(name for name, hints, shape in _SHAPES if _any(hints, text) and shape.search(text))
    )


@dataclass(frozen=True)
class Secrets:
    """Values that must never leave a run, by the name they go under.

    It finds them as they are, quoted, escaped, reversed, URL-encoded, in hex and base64, split over lines, and
    by the shape of well-known keys. It does not find them compressed, hashed or with their case changed, nor
    values under eight characters.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def among(cls, environ: Mapping[str, str]) -> Secrets:
        """The variables of ``environ`` whose names say that they are secrets."""
        return cls(values={n: v for n, v in environ.items() if secretive(n) and len(v) >= _SHORTEST})

    @cached_property
    def _forms(self) -> dict[str, str]:
        return {form: name for name, value in sorted(self.values.items()) for form in _leaking_forms(value)}

    def found_in(self, text: str) -> tuple[str, ...]:
        """What ``text`` gives away, in words that do not repeat it; empty when nothing."""
        said = [*self.values_in(text), *(f"what looks like a {kind}" for kind in shapes_in(text))]
        return tuple(dict.fromkeys(said))

    def values_in(self, text: str) -> tuple[str, ...]:
        """Whose value ``text`` gives away, in words; empty when nobody's."""
        said = [f"the value of {name}" for form, name in self._forms.items() if form in text]
        if self.values:
            joined = _joined(text)
            split = [
                name
                for form, name in self._forms.items()
                if len(f := _joined(form)) >= _SHORTEST and f in joined
            ]
            said += [f"the value of {name}" for name in split]
        return tuple(dict.fromkeys(said))

    def redacted(self, text: str) -> str:
        """``text`` with every secret replaced by its name in square brackets."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, f"[{self._forms[form]}]")
        for name, hints, shape in _SHAPES:
            if _any(hints, text):
                text = shape.sub(f"[{name}]", text)
        return text


def _any(parts: tuple[str, ...], text: str) -> bool:
    return any(part in text for part in parts)


def _leaking_forms(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    escaped = json.dumps(value)[1:-1]
    forms = {
        value, value[::-1], repr(value)[1:-1], escaped, json.dumps(escaped)[1:-1], html.escape(value), raw.hex(),
        raw.hex().upper(), urllib.parse.quote(raw, safe=""), urllib.parse.quote(raw), urllib.parse.quote_plus(raw),
        *_base64_forms(raw),
    }  # fmt: skip
    return (form for form in forms if len(form) >= _SHORTEST)


def _base64_forms(raw: bytes) -> Iterator[str]:
    """The base64 of ``raw`` wherever it starts in a longer text: only the characters it alone decides."""
    for skip in range(3):
        encoded = base64.b64encode(bytes(skip) + raw).decode()
        core = encoded[(0, 2, 3)[skip] : len(encoded.rstrip("=")) - (1 if encoded.endswith("=") else 0)]
        yield core
        yield core.translate(str.maketrans("+/", "-_"))


def _joined(text: str) -> str:
    """``text`` without what separates lines and list items in notebooks, JSON and logs."""
    return re.sub(r'(?:\\n|\\r|["\',\s])+', "", text)

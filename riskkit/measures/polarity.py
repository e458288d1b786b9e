"""Sentences that say the opposite of what their material says, found by their negations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from riskkit.measures.text import content_stems, sentences

ALIKE = 0.75
"""Overlap (Jaccard) of content words from which two sentences count as speaking of the same."""
FEWEST = 3
"""Content words below which a sentence says too little to be compared."""
MOST = 500
"""Sentences of a text that are compared; the rest of a longer one is not, so that no text takes for ever."""
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|without|cannot)\b|n['’]t\b", re.IGNORECASE
)


class Stated(NamedTuple):
    """What a sentence speaks of, and whether it denies it."""

    stems: frozenset[str]
    denied: bool


def stated(text: str) -> tuple[Stated, ...]:
    """What the sentences of ``text`` state; questions and those of fewer than three content words are left out."""
    spoken = [s for s in sentences(text) if not s.endswith("?")][:MOST]
    found = [Stated(frozenset(content_stems(_NEGATION.sub(" ", s))), _denies(s)) for s in spoken]
    return tuple(dict.fromkeys(f for f in found if len(f.stems) >= FEWEST))


def is_flipped(sentence: str, material: Sequence[Stated]) -> bool:
    """Whether ``sentence`` denies what ``material`` states, or states what it denies.

    Sentences of the material are compared that share nearly all their content words with it; one that agrees is enough
    for it to hold.
    """
    for said in stated(sentence):
        about = [m.denied for m in material if len(m.stems & said.stems) >= ALIKE * len(m.stems | said.stems)]
        if about and said.denied not in about:
            return True
    return False


def _denies(sentence: str) -> bool:
    """Two negations cancel out."""
    return len(_NEGATION.findall(sentence)) % 2 == 1

"""Whether answers say everything that was asked of them."""

from __future__ import annotations

from collections.abc import Sequence

from riskkit.measures.material import Material
from riskkit.measures.numerals import numbers
from riskkit.measures.refusals import is_refusal
from riskkit.measures.shares import share
from riskkit.measures.text import content_stems
from riskkit.model import Measurement, Sample

ENOUGH = 0.6
"""Share of a point's content words that an answer must hold to cover it."""


def points_covered(response: str, points: Sequence[str]) -> list[bool]:
    """For each of ``points``, whether ``response`` covers it: most of its words, and all of its numbers."""
    material = Material(response)
    covered = []
    for point in points:
        stems = content_stems(point)
        held = sum(s in material.stems for s in stems) >= ENOUGH * len(stems)
        covered.append(held and all(material.has_number(n) for n in numbers(point)))
    return covered


def completeness(samples: Sequence[Sample], *, level: float = 0.95) -> Measurement:
    """The share of required points that answers cover; ``n`` counts prompts.

    A prompt lists its points in the attribute ``required``, separated by semicolons. Refusals are left out: an answer
    rate beside it tells of them. Words are compared, so a point made in other words counts as missing.
    """
    values, prompts, without = [], [], 0
    for s in samples:
        points = [p.strip() for p in s.attributes.get("required", "").split(";") if p.strip()]
        if not points:
            without += 1
        elif not is_refusal(s.response):
            covered = points_covered(s.response, points)
            values.append(sum(covered) / len(covered))
            prompts.append(s.prompt_id)
    return share(
        "completeness",
        values,
        prompts,
        level=level,
        method="required points whose words and numbers the answer holds",
        note=f"{without} answers have no required points" if without else "",
        nothing="no prompt lists required points",
    )

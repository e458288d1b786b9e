"""Samples of a target: every prompt asked as often as wanted, in a fixed order.

``draw`` asks a target that answers at once and for nothing; ``collect`` asks an endpoint that takes time and money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from riskkit.errors import RunFailed
from riskkit.model import Frozen, Prompt, Sample

from ._apart import collect_apart
from ._collect import Line, Progress, Terms, check, collect
from ._estimate import Estimate, estimate
from ._ledger import Rates

__all__ = [
    "Answer",
    "Estimate",
    "Line",
    "Progress",
    "Rates",
    "Terms",
    "collect",
    "collect_apart",
    "draw",
    "estimate",
]

S = TypeVar("S", bound=Frozen, contravariant=True)


class Answer(Protocol[S]):
    """A target kind's way to answer one prompt once."""

    def __call__(self, settings: S, prompt: Prompt, *, sample: int, seed: int) -> Sample:
        """One answer."""
        ...


def draw(
    answer: Answer[S],
    settings: S,
    prompts: Sequence[Prompt],
    *,
    samples: int,
    seed: int,
    progress: Progress | None = None,
) -> tuple[Sample, ...]:
    """``samples`` answers to each of ``prompts``, prompt by prompt, samples numbered from 0.

    Raises
    ------
    UsageError
        When nothing is asked, or when two prompts share an id: their answers could not be told apart.
    RunFailed
        When a target answers another prompt than it was asked.
    """
    check(prompts, samples=samples)
    found: list[Sample] = []
    for prompt in prompts:
        for number in range(samples):
            given = answer(settings, prompt, sample=number, seed=seed)
            if (given.prompt_id, given.sample) != (prompt.prompt_id, number):
                raise RunFailed(
                    f"asked for sample {number} of {prompt.prompt_id!r}, "
                    f"the target gave sample {given.sample} of {given.prompt_id!r}"
                )
            found.append(given)
            if progress:
                progress(len(found), len(prompts) * samples)
    return tuple(found)

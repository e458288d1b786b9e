"""Samples of a target: every prompt asked as often as wanted, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from .errors import RunFailed, UsageError
from .model import Frozen, Prompt, Sample

S = TypeVar("S", bound=Frozen, contravariant=True)
Progress = Callable[[int, int], None]
"""Told how many samples are there and how many there will be."""


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
    if samples < 1 or not prompts:
        raise UsageError(f"nothing to sample: {len(prompts)} prompts, {samples} samples each")
    if len({prompt.prompt_id for prompt in prompts}) < len(prompts):
        raise UsageError("two prompts have the same prompt_id")
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

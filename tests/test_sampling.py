"""Sampling asks every prompt as often as wanted, and tells what comes back apart."""

from __future__ import annotations

import pytest

from riskkit import sampling
from riskkit.errors import RunFailed, UsageError
from riskkit.model import Frozen, Prompt, Sample

PROMPTS = [Prompt(prompt_id=i, prompt=i) for i in "ab"]


class Settings(Frozen):
    """None are needed."""


def echo(settings: Settings, prompt: Prompt, *, sample: int, seed: int) -> Sample:
    return Sample(prompt_id=prompt.prompt_id, sample=sample, response=f"{prompt.prompt}{sample}{seed}")


def test_samples_come_prompt_by_prompt_numbered_from_zero() -> None:
    found = sampling.draw(echo, Settings(), PROMPTS, samples=2, seed=7)
    assert [(s.prompt_id, s.sample, s.response) for s in found] == [
        ("a", 0, "a07"), ("a", 1, "a17"), ("b", 0, "b07"), ("b", 1, "b17"),
    ]  # fmt: skip


def test_progress_is_told_after_every_answer() -> None:
    told: list[tuple[int, int]] = []
    sampling.draw(echo, Settings(), PROMPTS, samples=2, seed=0, progress=lambda *at: told.append(at))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(("prompts", "samples"), [(PROMPTS, 0), ([], 1), ([PROMPTS[0], PROMPTS[0]], 1)])
def test_nothing_to_ask_or_two_prompts_of_one_id_are_refused(prompts: list[Prompt], samples: int) -> None:
    with pytest.raises(UsageError):
        sampling.draw(echo, Settings(), prompts, samples=samples, seed=0)


def test_an_answer_to_another_prompt_fails_the_run() -> None:
    def wrong(settings: Settings, prompt: Prompt, *, sample: int, seed: int) -> Sample:
        return Sample(prompt_id="a", sample=sample, response="")

    with pytest.raises(RunFailed, match="asked for sample 0 of 'b', the target gave sample 0 of 'a'"):
        sampling.draw(wrong, Settings(), PROMPTS, samples=1, seed=0)

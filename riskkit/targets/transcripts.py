"""Answers that were recorded earlier, one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name, Prompt, Sample

from . import Read
from ._answers import read_answers
from ._fields import FIELDS, renaming
from ._jsonl import read_prompts, repeated
from ._times import parse_times

if TYPE_CHECKING:
    import pandas as pd


class Settings(Frozen):
    """Where the answers stand, and which of them are meant."""

    dataset: Name = Field(
        description="a dataset of the profile (JSON Lines, or CSV; either may be packed with gzip)",
        examples=["transcripts"],
    )
    prompts: Name | None = Field(
        None,
        description="dataset of prompts (JSON Lines) that gives answers their prompt, context and reference",
    )
    fields: dict[str, str] | None = Field(
        None,
        description="our field to the file's own name for it; other fields of the file become attributes",
        examples=[{"prompt_id": "id", "response": "answer"}],
    )
    version: str | None = Field(None, description="only answers of this version", examples=["2026-06"])
    model: str | None = Field(None, description="only answers of this model", examples=["gpt-4o"])
    priced_as: str | None = Field(
        None,
        description="model whose list price counts, where the recorded one has none",
        examples=["gpt-4o-mini"],
    )

    @field_validator("fields")
    @classmethod
    def _are_ours(cls, given: dict[str, str] | None) -> dict[str, str] | None:
        if unknown := sorted(set(given or {}) - FIELDS):
            raise ValueError(
                f"{unknown[0]!r} is not a field of an answer (one of {', '.join(sorted(FIELDS))})"
            )
        return given


def samples(settings: Settings, read: Read) -> tuple[Sample, ...]:
    """The recorded answers that are meant, completed from the prompts.

    Raises
    ------
    InputError
        When a line is malformed, when two lines hold the same sample of the same prompt and version, when an
        answer has no prompt in the dataset of prompts, or when no answer is left.
    """
    return tuple(sample for _, sample in _meant(settings, read))


def usage(settings: Settings, read: Read) -> pd.DataFrame:
    """Tokens of the recorded answers, one row an answer.

    Columns: model (the one to price), recorded_model, version, input_tokens, output_tokens, cached_tokens,
    latency (seconds, NaN where unknown), at (UTC, NaT where unknown), prompt_id.

    Raises
    ------
    InputError
        As ``samples``; also when an answer names no usage, because unknown is not zero.
    """
    import pandas as pd

    file, lines = f"dataset {settings.dataset}", _meant(settings, read)
    problems = [
        Problem(file, number, "usage", "is missing", "give input_tokens and output_tokens")
        for number, sample in lines
        if sample.usage is None
    ]
    problems += [
        Problem(file, number, "model", "is missing", "name it, or give priced_as in the profile")
        for number, sample in lines
        if not (sample.model or settings.priced_as)
    ]
    if problems:
        raise InputError(problems[:20])
    rows = [
        (
            settings.priced_as or s.model, s.model, s.version, s.usage.input_tokens, s.usage.output_tokens,
            s.usage.cached_tokens, s.latency, s.prompt_id,
        )
        for _, s in lines if s.usage
    ]  # fmt: skip
    names = [
        "model",
        "recorded_model",
        "version",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "latency",
    ]
    table = pd.DataFrame(rows, columns=[*names, "prompt_id"])
    table["latency"] = table["latency"].astype(float)
    table["at"] = parse_times([(number, sample.at) for number, sample in lines], file=file)
    return table


def _meant(settings: Settings, read: Read) -> list[tuple[int, Sample]]:
    file = f"dataset {settings.dataset}"
    rename = renaming(settings.fields) if settings.fields else None
    lines = read_answers(read(settings.dataset), file=file, rename=rename)
    keys = ((number, (s.model, s.version, s.prompt_id, f"sample {s.sample}")) for number, s in lines)
    problems = list(repeated(keys, file, "prompt_id"))
    if problems:
        raise InputError(problems)
    kept = [
        (number, s)
        for number, s in lines
        if settings.version in (None, s.version) and settings.model in (None, s.model)
    ]
    if not kept:
        there = sorted({f"{s.model} {s.version}".strip() or "unnamed" for _, s in lines})
        wanted = " ".join(filter(None, (settings.model, settings.version)))
        what = f"no answer is of {wanted}"
        raise InputError([Problem(file, None, "version", what, f"there are {', '.join(there[:8])}")])
    return _completed(kept, settings, read, file)


def _completed(
    lines: list[tuple[int, Sample]], settings: Settings, read: Read, file: str
) -> list[tuple[int, Sample]]:
    if settings.prompts is None:
        return lines
    prompts = read_prompts(read(settings.prompts), file=f"dataset {settings.prompts}")
    known = {prompt.prompt_id: prompt for prompt in prompts}
    problems = [
        Problem(file, number, "prompt_id", f"{s.prompt_id!r} is not in dataset {settings.prompts}")
        for number, s in lines
        if s.prompt_id not in known
    ]
    if problems:
        raise InputError(problems[:20])
    return [(number, _with(sample, known[sample.prompt_id])) for number, sample in lines]


def _with(sample: Sample, prompt: Prompt) -> Sample:
    """``sample`` with what it leaves out taken from its prompt; what it says itself stays."""
    return sample.model_copy(
        update={
            "prompt": sample.prompt or prompt.prompt,
            "context": sample.context or prompt.context,
            "reference": prompt.reference if sample.reference is None else sample.reference,
            "attributes": {**prompt.attributes, **sample.attributes},
        }
    )

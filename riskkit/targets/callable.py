"""A Python function that answers prompts, from an installed package or a file in the project's folder."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from riskkit.errors import EnvironmentProblem, RunFailed
from riskkit.model import Frozen, Name, Prompt, Sample

from . import Read
from ._jsonl import read_prompts

Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$")]
"""A module that can be imported, a colon, a function in it."""


class Settings(Frozen):
    """Which function answers, and what it is asked."""

    call: Place = Field(
        description="module:function, called as function(prompt, sample=..., seed=...); the module is a file in the "
        "project's folder, or installed",
        examples=["my_model:answer"],
    )
    prompts: Name = Field(
        description="a dataset of the profile, JSON Lines: prompt_id, prompt, context, reference, attributes",
        examples=["prompts"],
    )
    model: str | None = Field(None, description="what the model is called in records; the call when left out")
    version: str = Field("", description="version of the model, as records show it")


@contextlib.contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let modules in ``folder`` be imported, before installed ones of the same name."""
    place = str(folder.resolve())
    sys.path.insert(0, place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(place)


def code(folder: Path) -> tuple[Path, ...]:
    """The files below ``folder`` that were imported, in order."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    place = folder.resolve()
    return tuple(sorted({path for f in files if f and (path := Path(f).resolve()).is_relative_to(place)}))


def prompts(settings: Settings, read: Read) -> tuple[Prompt, ...]:
    """The prompts of the dataset."""
    return read_prompts(read(settings.prompts), file=f"dataset {settings.prompts}")


def answer(settings: Settings, prompt: Prompt, *, sample: int, seed: int) -> Sample:
    """What the function makes of ``prompt``: it returns the text, or a whole ``Sample``.

    Raises
    ------
    EnvironmentProblem
        When there is no such function.
    RunFailed
        When the function raises, or returns something else.
    """
    function = _function(settings.call)
    try:
        given = function(prompt, sample=sample, seed=seed)
    except Exception as error:
        what = f"{settings.call} raised {type(error).__name__} on prompt {prompt.prompt_id!r}: {error}"
        raise RunFailed(what) from error
    if isinstance(given, str):
        given = Sample(prompt_id=prompt.prompt_id, response=given)
    if not isinstance(given, Sample):
        raise RunFailed(f"{settings.call} returned {type(given).__name__}, not text or a Sample")
    return given.model_copy(
        update={
            "prompt_id": prompt.prompt_id,
            "prompt": given.prompt or prompt.prompt,
            "context": given.context or prompt.context,
            "reference": prompt.reference if given.reference is None else given.reference,
            "attributes": {**prompt.attributes, **given.attributes},
            "sample": sample,
            "model": given.model or settings.model or settings.call,
            "version": given.version or settings.version,
        }
    )


def _function(call: str) -> Any:
    module, _, name = call.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        right = f"put {module.partition('.')[0]}.py into the project's folder, or install it beside riskkit"
        raise EnvironmentProblem(f"call: {call} cannot be imported: {error} ({right})") from error

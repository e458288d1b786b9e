"""What is assessed: one file a kind, found by its file name.

A kind declares ``Settings`` (the fields of a profile's target besides ``kind``) and what it can give:

    decisions(settings, read) -> DataFrame              a table of decisions about people
    usage(settings, read) -> DataFrame                  tokens of calls
    rows(settings, read) -> DataFrame                   a table of any columns
    samples(settings, read) -> tuple[Sample, ...]       recorded answers
    prompts(settings, read) -> tuple[Prompt, ...]       questions, answered by
    answer(settings, prompt, *, sample, seed) -> Sample  at once and for nothing; or, where that takes time and money,
    connect(settings, *, key) -> a line to be asked,    with
    secret(settings, environ) -> str | None             the key it needs
    importable(folder), code(folder)                    code in the project's folder: let in, and what was used

``read`` takes the name of a dataset to its bytes; the caller supplies it, and so knows what was read.
Problems found in a dataset name it as ``dataset <name>``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from riskkit.errors import UsageError
from riskkit.model import Frozen

Read = Callable[[str], bytes]


def kinds() -> tuple[str, ...]:
    """The target kinds there are, in order."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("[!_]*.py")))


def get(kind: str) -> ModuleType:
    """The module of ``kind``."""
    if kind not in kinds():
        raise UsageError(f"there is no target kind {kind!r} (one of {', '.join(kinds())})")
    return importlib.import_module(f".{kind}", __name__)


def settings(kind: str) -> type[Frozen]:
    """The fields a target of ``kind`` takes in a profile."""
    declared: type[Frozen] = get(kind).Settings
    return declared

"""Every error the kit raises on purpose, with the exit code the command line gives it.

RiskkitError              1  our own fault when raised bare
├── UsageError            2  the command was called in a way that cannot work
├── InputError            3  a file people wrote cannot be used as written (carries every problem found)
├── RunFailed             4  a notebook raised, or ended without concluding
├── RunStopped            5  a run hit a limit, was stopped, or its kernel died
│   └── CallFailed        5  one try to get an answer from a model brought none
├── IntegrityError        6  a stored record is not what was stored
├── EnvironmentProblem    7  something the kit needs is not installed or not usable
├── StorageError          8  disk, lock or permission
├── PolicyError           9  a secret, an undeclared endpoint, an unsafe page
└── GateClosed           10  assessed, and not within appetite
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


def printable(text: object, limit: int = 300) -> str:
    """``text`` with control, bidirectional and surrogate characters escaped, cut at ``limit`` characters."""
    shown = "".join(
        c.encode("unicode_escape", "backslashreplace").decode()
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else c
        for c in str(text)[: limit + 1]
    )
    return shown if len(str(text)) <= limit else shown[:limit] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one authored file: where, which field, what, and what would be right."""

    file: Path | str
    line: int | None
    field: str
    what: str
    right: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        field = f"{printable(self.field)}: " if self.field else ""
        right = f" ({printable(self.right)})" if self.right else ""
        return f"{where}: {field}{printable(self.what)}{right}"


class RiskkitError(Exception):
    """Base class, so that callers can catch the kit's errors and nothing else."""

    exit_code = 1


class UsageError(RiskkitError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class InputError(RiskkitError):
    """A file people wrote cannot be used as written; ``problems`` holds every fault found."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class RunFailed(RiskkitError):
    """A notebook raised, or ended without concluding."""

    exit_code = 4


class RunStopped(RiskkitError):
    """A run hit a limit, was stopped, or its kernel died."""

    exit_code = 5


class CallFailed(RunStopped):
    """One try to get an answer from a model brought none.

    ``again``: whether another try may bring one. ``wait``: how long the other side asks to wait, in seconds or until a
    moment. ``busy``: the other side is asked too much, by all callers together. ``paid``: the try may have cost what an
    answer costs, because nothing says that it did not.
    """

    def __init__(
        self,
        what: str,
        *,
        again: bool,
        wait: float | datetime | None = None,
        busy: bool = False,
        paid: bool = True,
    ) -> None:
        self.again, self.wait, self.busy, self.paid = again, wait, busy, paid
        super().__init__(what)


class IntegrityError(RiskkitError):
    """A stored record is not what was stored."""

    exit_code = 6


class EnvironmentProblem(RiskkitError):
    """Something the kit needs is not installed or not usable."""

    exit_code = 7


class StorageError(RiskkitError):
    """Disk, lock or permission."""

    exit_code = 8


class PolicyError(RiskkitError):
    """A secret, an undeclared endpoint, an unsafe page."""

    exit_code = 9


class GateClosed(RiskkitError):
    """Assessed, and not within appetite, or a decision is missing, expired or outdated."""

    exit_code = 10


def need_posix(system: str = os.name) -> None:
    """Go no further on a system without the locks and signals that records and runs rest on, such as Windows."""
    if system != "posix":
        raise EnvironmentProblem(
            "riskkit runs on Linux and other POSIX systems, not on Windows; there, use the Windows Subsystem for Linux"
        )

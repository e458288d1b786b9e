"""What is to be run, within which limits, what happens on the way, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from riskkit.model import Conclusion, Status
from riskkit.runner.parameters import NotebookSpec, Plain


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook to run for one project.

    ``secrets`` names the environment variables that its targets need, such as a model's key. No other secret reaches
    the run, and the values of these are blacked out in what it leaves. ``answers`` are files, by name, that the run
    may read: what endpoints answered before it started.
    """

    project: str
    assessment: str
    notebook: NotebookSpec
    parameters: Mapping[str, Plain]
    workspace: Path
    secrets: tuple[str, ...] = ()
    answers: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may take."""

    seconds: float = 900
    memory_mb: int = 4096
    output_mb: int = 20


@dataclass(frozen=True, slots=True)
class Started:
    """The kernel is up; ``cells`` are about to run."""

    cells: int


@dataclass(frozen=True, slots=True)
class CellDone:
    """Cell ``number`` of ``cells`` code cells has run."""

    number: int
    cells: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The run ended."""

    status: Status
    reason: str


Event: TypeAlias = Started | CellDone | Finished
OnEvent: TypeAlias = Callable[[Event], None]
Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, as the runner saw it.

    ``exit_code`` is 0 (ok), 4 (failed), 5 (stopped) or 7 (something needed is not installed). ``notebook`` is the
    executed notebook without times or machine paths, as far as it got; None when nothing can be used.
    """

    status: Status
    reason: str
    exit_code: int
    started: datetime
    ended: datetime
    duration_seconds: float
    notebook: bytes | None = field(default=None, repr=False)
    conclusion: Conclusion | None = None
    log: str = field(default="", repr=False)
    cells: int = 0
    cell_anchors: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    peak_mb: int = 0

    @property
    def ok(self) -> bool:
        """Whether the run concluded."""
        return self.status is Status.OK

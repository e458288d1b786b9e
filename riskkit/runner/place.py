"""Where runs happen: one place takes a task and gives its outcome, with what it was run with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Protocol

from riskkit.runner.environment import Surroundings, surroundings
from riskkit.runner.run import execute
from riskkit.runner.scratch import sweep
from riskkit.runner.task import Limits, OnEvent, Outcome, Task
from riskkit.runner.warm import Warm, warm_where_possible


class Place(Protocol):
    """This machine, or a cluster; may be used by several threads."""

    @property
    def slots(self) -> int:
        """How many runs it takes at a time."""

    @property
    def surroundings(self) -> Surroundings:
        """The kit and the packages of the machine that the command was given on."""

    def run(
        self, task: Task, *, limits: Limits, on_event: OnEvent, stop: Flag
    ) -> tuple[Outcome, Surroundings]:
        """How ``task`` went, and with which kit and packages; ``stop`` ends it early."""

    def trouble(self) -> str:
        """What made runs slower than they had to be; empty when nothing did."""


@dataclass(frozen=True, slots=True)
class Here:
    """This machine."""

    slots: int
    scratch: Path
    surroundings: Surroundings
    warm: Warm | None

    def run(
        self, task: Task, *, limits: Limits, on_event: OnEvent, stop: Flag
    ) -> tuple[Outcome, Surroundings]:
        """How ``task`` went, in processes of its own."""
        outcome = execute(
            task, workdir=self.scratch, limits=limits, on_event=on_event, stop=stop, warm=self.warm
        )
        return outcome, self.surroundings

    def trouble(self) -> str:
        """Why each run imported everything anew; empty when none had to."""
        said = self.warm.trouble() if self.warm else ""
        return f"each run imported everything anew: {said}" if said else ""


@contextmanager
def this_machine(workspace: Path, *, scratch: Path, slots: int, runs: int) -> Iterator[Here]:
    """This machine, ready for ``runs`` runs of ``workspace``, ``slots`` at a time."""
    sweep(scratch)
    with warm_where_possible(runs) as warm:
        yield Here(slots, scratch, surroundings(workspace), warm)

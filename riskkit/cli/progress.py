"""Progress of long work: rich bars on a terminal, one plain line a finished notebook elsewhere."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from riskkit.errors import printable

Key = tuple[str, str]
EVENTS = "RISKKIT_EVENTS"
"""Environment variable: when set, every finished cell is told on standard error as a line of JSON."""


class Progress:
    """Shows how far ``total`` notebooks are; a context manager."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._finished = 0
        self._lock = threading.Lock()
        self._rich: Any = None
        self._tasks: dict[Key, Any] = {}

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._rich = Bars(*columns, console=Console(stderr=True), transient=True)
            self._all = self._rich.add_task("notebooks", total=self._total)
            self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._rich:
            self._rich.stop()

    def event(self, key: Key) -> Callable[[Any], None]:
        """A callback for the events of one notebook."""

        def show(event: Any) -> None:
            if not getattr(event, "cells", 0):
                return
            if self._rich is None:
                _tell_machine(key, event)
                return
            with self._lock:
                if key not in self._tasks:
                    self._tasks[key] = self._rich.add_task("/".join(key), total=event.cells)
                self._rich.update(self._tasks[key], completed=getattr(event, "number", 0))

        return show

    def answers(self, key: Key) -> Callable[[int, int], None]:
        """A callback that is told how many answers of an endpoint are there, and of how many."""

        def show(there: int, wanted: int) -> None:
            if self._rich is None:
                return
            with self._lock:
                name = f"{'/'.join(key)}: answers"
                if key not in self._tasks:
                    self._tasks[key] = self._rich.add_task(name, total=wanted)
                self._rich.update(self._tasks[key], total=wanted, completed=there)
                if there == wanted:
                    self._rich.remove_task(self._tasks.pop(key))

        return show

    def done(self, key: Key, outcome: Any) -> None:
        """One notebook is finished."""
        with self._lock:
            self._finished += 1
            place, took = "/".join(key), f"{outcome.duration_seconds:.1f} s"
            line = f"[{self._finished}/{self._total}] {outcome.status:7} {place} {took}"
            if outcome.reason:
                line += f": {printable(outcome.reason)}"
            if self._rich:
                if key in self._tasks:
                    self._rich.remove_task(self._tasks.pop(key))
                self._rich.advance(self._all)
                self._rich.console.print(line, markup=False, highlight=False)
            else:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A callback for each of ``total`` steps: a bar on a terminal, a line every thousand steps elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress as Bars

        with Bars(console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(what, total=total)
            yield lambda: bars.advance(task)
        return
    steps = 0

    def plain() -> None:
        nonlocal steps
        steps += 1
        if steps % 1000 == 0:
            sys.stderr.write(f"{what}: {steps:,} of {total:,}\n")

    yield plain


def _tell_machine(key: Key, event: Any) -> None:
    if os.environ.get(EVENTS):
        done = {
            "project": key[0],
            "assessment": key[1],
            "cell": getattr(event, "number", 0),
            "of": event.cells,
        }
        sys.stderr.write(json.dumps(done) + "\n")
        sys.stderr.flush()

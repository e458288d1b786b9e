"""One night: the steps of ``riskkit nightly``, each a process of its own, and what is kept of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from riskkit.cli.workspace import Workspace, now
from riskkit.errors import StorageError, printable

if TYPE_CHECKING:
    from riskkit.model.schedule import Heartbeat, Notify, Schedule

STEPS = {"build": ["build"], "verify": ["verify"], "check": ["check"]}
"""What follows the runs."""
WEIGHT = ("verify", "run", "build", "check")
"""Whose code counts before the others'."""
SAID = 20
"""Lines of a step's output that a message holds."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was run, the code it ended with, and the last lines it printed."""

    name: str
    exit_code: int
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """What was done, from when to when."""

    started: datetime
    ended: datetime
    steps: tuple[Step, ...]

    @property
    def exit_code(self) -> int:
        """The weightiest code that is not 0."""
        codes = {step.name: step.exit_code for step in self.steps}
        return next((codes[name] for name in WEIGHT if codes.get(name)), 0)

    def summary(self) -> str:
        """One line with the code of each step."""
        return "nightly: " + ", ".join(f"{step.name} {step.exit_code}" for step in self.steps)

    def message(self, workspace: Workspace) -> dict[str, Any]:
        """What somebody is told, as plain values."""
        failed = [s for s in self.steps if s.exit_code]
        return {
            "schema_version": 1,
            "workspace": workspace.root.name,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "exit_code": self.exit_code,
            "exit_code_before": before(workspace),
            "steps": {step.name: step.exit_code for step in self.steps},
            "said": {step.name: list(step.said) for step in failed},
            "text": f"riskkit {workspace.root.name}: {self.summary()}",
        }


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace against another night.

    Raises:
        StorageError: one is going on.
    """
    from riskkit.records.disk import locked, told

    with told(workspace.build):
        workspace.build.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            try:
                held.enter_context(locked(workspace.build / ".nightly.lock", wait_seconds=0))
            except StorageError:
                raise StorageError(f"{workspace.root}: another nightly run is going on here") from None
            yield


def spend(workspace: Workspace, settings: Schedule | None, options: Sequence[str]) -> Night:
    """Run the steps one after the other; the runs' outcome is noted before the site is built, so that it shows it."""
    from riskkit.model.schedule import Heartbeat, Schedule

    started = now()
    steps = [_step(workspace, "run", ["run", "--trigger", "schedule", *options])]
    keep(
        workspace,
        Heartbeat(
            started=started,
            ended=now(),
            exit_code=steps[0].exit_code,
            overdue_after=(settings or Schedule()).overdue_after(started),
        ),
    )
    steps += [_step(workspace, name, arguments) for name, arguments in STEPS.items()]
    return Night(started, now(), tuple(steps))


def overdue(workspace: Workspace) -> bool:
    """Whether the last night is longer ago than its schedule allows, or there was none."""
    last = workspace.heartbeat()
    return last is None or last.overdue_after is None or now() > last.overdue_after


def keep(workspace: Workspace, beat: Heartbeat) -> None:
    """Write down when the last scheduled run was, whole or not at all."""
    from riskkit.model import canonical
    from riskkit.records.disk import told

    file = workspace.heartbeat_file
    with told(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(canonical(beat))
        part.replace(file)


def before(workspace: Workspace) -> int | None:
    """The code the night before ended with, None when nobody knows."""
    try:
        code = json.loads((workspace.build / "nightly.json").read_bytes())["exit_code"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, int) else None


def remember(workspace: Workspace, code: int) -> None:
    """Keep the code for the next night."""
    (workspace.build / "nightly.json").write_text(json.dumps({"exit_code": code}), encoding="utf-8")


def worth_telling(workspace: Workspace, notify: Notify, code: int) -> bool:
    """Whether this night ended otherwise than the one before, or every night is told."""
    return notify.when == "always" or (before(workspace) or 0) != code


def _step(workspace: Workspace, name: str, arguments: Sequence[str]) -> Step:
    """Run one command of the kit, passing on what it prints; a signal to end ends it, and then this program."""
    said: deque[str] = deque(maxlen=SAID)
    command = [sys.executable, "-m", "riskkit", *arguments]
    with (
        subprocess.Popen(
            command,
            cwd=workspace.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
        _ending_with(process),
    ):
        _say(f"--- riskkit {' '.join(map(printable, arguments))}\n")
        for line in process.stdout or ():
            said.append(printable(line.rstrip("\n"), 1000))
            _say(line)
    code = process.returncode
    return Step(name, code if code >= 0 else 128 - code, tuple(said))


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@contextmanager
def _ending_with(process: subprocess.Popen[str]) -> Iterator[None]:
    """While it runs, SIGTERM and SIGHUP go to ``process`` first; this program ends once that has."""

    def leave(number: int, _: object) -> None:
        process.send_signal(number)
        sys.exit(128 + number)

    earlier = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)

"""The run launcher: what would run and why, runs with their progress, and the notebooks they left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from riskkit.errors import UsageError, printable
from riskkit.model.shown import Shown, table
from riskkit.widgets.place import chosen, here
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskkit.workspace import Workspace

HEADS = ("Project", "Assessment", "Last run", "How it ended", "Plan", "Progress", "Executed notebook")
_PLANNED = re.compile(r"(?:run|blocked) +([\w-]+)/(\w+):? *(.*)")


def run_launcher(project: str = "") -> Twin:
    """See what would run and why, run it, watch it cell by cell, stop it, open what it executed.

    Runs are ``riskkit run`` in a process of its own: the notebook stays free, and a run goes on when its kernel ends.
    """
    place, only = here(), chosen(project)
    launcher = _Launcher(place, only)
    twin = Twin("launcher", _facts(place, only), table=_table, step=launcher.step)
    launcher.twin = twin
    return twin


def _facts(place: Workspace, only: str) -> Facts:
    """Every assessment with its latest run."""
    _, projects = place.read([only] if only else None)
    latest = {(e.project, e.assessment): e for e in place.store().read_all().evidence}
    rows = []
    for p in projects:
        for name in p.profile.assessments:
            last = latest.get((p.id, name))
            rows.append(
                {
                    "project": p.id,
                    "assessment": name,
                    "last": f"{last.run.started:%Y-%m-%d %H:%M} UTC" if last else "never",
                    "ended": f"{last.run.status}{': ' if last.run.reason else ''}{last.run.reason}"
                    if last
                    else "",
                    "plan": "not looked at",
                    "progress": "",
                    "record": last.folder if last and "notebook.ipynb" in last.files else "",
                }
            )
    return {"heads": list(HEADS), "rows": rows, "busy": "", "said": "", "went": "well"}


def _table(facts: Facts) -> Shown:
    names = ("project", "assessment", "last", "ended", "plan", "progress")
    rows = [[*(row[n] for n in names), row["record"] or "none"] for row in facts["rows"]]
    return table(HEADS, rows, caption=f"{len(rows)} assessments")


class _Launcher:
    """One ``riskkit run`` at a time, read line by line on a thread, so that neither cell nor kernel waits."""

    twin: Twin

    def __init__(self, place: Workspace, only: str) -> None:
        self._place, self._only = place, only
        self._running: subprocess.Popen[str] | None = None

    def step(self, facts: Facts, message: Mapping[str, Any]) -> Facts:
        """Start what was pressed, or stop what runs."""
        if message["do"] == "cancel":
            if self._running and self._running.poll() is None:
                self._running.send_signal(signal.SIGTERM)
            return facts | {"said": "stopping; what is done stays on record"}
        if facts["busy"]:
            raise UsageError(f"{facts['busy']} is under way; stop it first")
        words = ["run", *([self._only] if self._only else [])]
        if message["do"] == "plan":
            words.append("--plan")
        elif wanted := message.get("row"):
            words = ["run", str(wanted[0]), "--assessment", str(wanted[1])]
        if message.get("force"):
            words.append("--force")
        self._running = _start(words, self._place.root)
        target = self._planned if message["do"] == "plan" else self._ran
        threading.Thread(target=target, args=(self._running,), daemon=True).start()
        return facts | {"busy": "riskkit " + " ".join(words), "said": "", "went": "well"}

    def _planned(self, running: subprocess.Popen[str]) -> None:
        lines = list(running.stdout or ())
        found = {(m[1], m[2]): m[3] for line in lines if (m := _PLANNED.match(line))}
        code = running.wait()
        rows = [
            row
            | {"plan": found.get((row["project"], row["assessment"]), "fresh") if code == 0 else "unknown"}
            for row in self.twin.facts["rows"]
        ]
        self._ended(rows, code, lines)

    def _ran(self, running: subprocess.Popen[str]) -> None:
        lines = []
        for line in running.stdout or ():
            if line.startswith("{"):
                self._progress(json.loads(line))
            else:
                lines.append(line)
        code = running.wait()
        rows = [
            new | {"progress": old["progress"]}
            for new, old in zip(_facts(self._place, self._only)["rows"], self.twin.facts["rows"], strict=True)
        ]
        self._ended(rows, code, lines)

    def _progress(self, event: Mapping[str, Any]) -> None:
        key = (event["project"], event["assessment"])
        rows = [
            row | {"progress": f"{event['cell']} of {event['of']} cells"}
            if (row["project"], row["assessment"]) == key
            else row
            for row in self.twin.facts["rows"]
        ]
        self.twin.show(self.twin.facts | {"rows": rows})

    def _ended(self, rows: list[dict[str, Any]], code: int, lines: list[str]) -> None:
        said = "\n".join(printable(line.rstrip(), 500) for line in lines[-6:])
        went = "well" if code == 0 else "wrong"
        words = said if code == 0 else f"{said}\nexit code {code}"
        self.twin.show(self.twin.facts | {"rows": rows, "busy": "", "said": words, "went": went})


def _start(words: list[str], root: Path) -> subprocess.Popen[str]:
    env = {k: v for k, v in os.environ.items() if k != "JPY_SESSION_NAME"} | {"RISKKIT_EVENTS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "riskkit", *words],
        cwd=root,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

"""How a run ended, judged from what its processes did and left, never from what its notebook says of itself."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from riskkit.errors import printable
from riskkit.model import Conclusion, ResultFile, Status
from riskkit.runner.notebook import heading, tags, text
from riskkit.runner.task import Limits, Task

_OK, _FAILED, _STOPPED, _ENVIRONMENT = 0, 4, 5, 7


@dataclass(frozen=True, slots=True)
class Ruling:
    """Status, exit code and reason of a run, and what it concluded if it did."""

    status: Status
    exit_code: int
    reason: str = ""
    conclusion: Conclusion | None = None


def rule(
    events: Sequence[Mapping[str, Any]],
    *,
    task: Task,
    limits: Limits,
    nonce: str,
    result: Path,
    executed: Mapping[str, Any] | None,
) -> Ruling:
    """The ruling on a run.

    It is ok only if its process ended well, no cell raised, every code cell with source was executed, and a result
    file with this run's ``nonce`` holds a conclusion for this project and assessment.
    """
    cells: Sequence[Mapping[str, Any]] = executed["cells"] if executed else ()
    return (
        _stopped(events, limits, cells)
        or _failed(events, cells)
        or _unrun(cells)
        or _concluded(task, nonce=nonce, result=result, most=limits.output_mb << 20)
    )


def _stopped(
    events: Sequence[Mapping[str, Any]], limits: Limits, cells: Sequence[Mapping[str, Any]]
) -> Ruling | None:
    end = _last(events, "end")
    at = _last(events, "at")
    where = _where(at["cell"], cells) if at and cells else f" in cell {at['number']}" if at else ""
    reasons = {
        "time": f"ran longer than {limits.seconds:g} s",
        "memory": f"used more than {limits.memory_mb} MB",
        "output": f"output larger than {limits.output_mb} MB",
        "cancelled": "stopped on request",
        "abandoned": "the kit ended while it ran",
    }
    if not end:
        return Ruling(Status.STOPPED, _STOPPED, f"its processes were killed{where}")
    if end["stopped"]:
        return Ruling(Status.STOPPED, _STOPPED, reasons[end["stopped"]] + where)
    if _last(events, "too_much_output"):
        return Ruling(Status.STOPPED, _STOPPED, reasons["output"] + where)
    raised = _last(events, "raised")
    if raised.get("kind") == "DeadKernelError" or "Kernel died" in raised.get("what", ""):
        after = _not_run(cells, since=at.get("cell", -1) + 1)
        return Ruling(Status.STOPPED, _STOPPED, f"the kernel died (killed, or out of memory){where}{after}")
    if (code := end["code"]) < 0:
        return Ruling(
            Status.STOPPED, _STOPPED, f"its process was ended by {signal.Signals(-code).name}{where}"
        )
    return None


def _failed(events: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]]) -> Ruling | None:
    if missing := _last(events, "missing"):
        what = f"{missing['what']} is not installed for the Python that runs notebooks (pip install 'riskkit[run]')"
        return Ruling(Status.FAILED, _ENVIRONMENT, what)
    if error := _last(events, "error"):
        what = _one_line(f"{error['kind']}: {error['what']}")
        return Ruling(Status.FAILED, _FAILED, f"{_where(error['cell'], cells).removeprefix(' in ')}: {what}")
    if raised := _last(events, "raised"):
        return Ruling(Status.FAILED, _FAILED, _one_line(f"{raised['kind']}: {raised['what']}"))
    for index, cell in enumerate(cells):
        if any(output.get("output_type") == "error" for output in cell.get("outputs", ())):
            return Ruling(
                Status.FAILED, _FAILED, f"{_where(index, cells).removeprefix(' in ')}: shows an error"
            )
    if _last(events, "end")["code"] != 0 or not _last(events, "done") or not cells:
        return Ruling(Status.FAILED, _FAILED, "papermill ended without finishing the notebook")
    return None


def _unrun(cells: Sequence[Mapping[str, Any]]) -> Ruling | None:
    unrun = _not_run(cells)
    return Ruling(Status.FAILED, _FAILED, unrun.lstrip("; ")) if unrun else None


def _concluded(task: Task, *, nonce: str, result: Path, most: int) -> Ruling:
    try:
        written = ResultFile.model_validate(_plain_json(_read(result, most)))
    except FileNotFoundError:
        return _refused("ended without concluding (its last cell is to be `case.conclude(...)`)")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        return _refused(f"the result file is not valid: {field}: {first['msg']}")
    except (OSError, ValueError, RecursionError) as error:
        return _refused(f"the result file is not valid: {error}")
    about = written.conclusion
    if written.nonce != nonce:
        return _refused("the result file is of another run")
    if (about.project, about.assessment) != (task.project, task.assessment):
        return _refused(
            f"concluded on {about.project}/{about.assessment}, not on {task.project}/{task.assessment}"
        )
    return Ruling(Status.OK, _OK, conclusion=about)


def _refused(reason: str) -> Ruling:
    return Ruling(Status.FAILED, _FAILED, _one_line(reason))


def _read(path: Path, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a file")
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"it is larger than {most >> 20} MB")
    return data


def _plain_json(data: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not a number that JSON can hold")

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


def _last(events: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next((event for event in reversed(events) if event.get("event") == name), {})


def _not_run(cells: Sequence[Mapping[str, Any]], since: int = 0) -> str:
    """Which cells with code have no execution count, from the one at index ``since`` on."""
    late = [i for i, c in enumerate(cells) if i >= since and _has_code(c) and not c.get("execution_count")]
    unrun = [str(number_of(i, cells)) for i in late]
    if not unrun:
        return ""
    return f"; cell {unrun[0]} did not run" if len(unrun) == 1 else f"; cells {', '.join(unrun)} did not run"


def _has_code(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code" and bool(text(cell).strip())


def _where(index: int, cells: Sequence[Mapping[str, Any]]) -> str:
    if index >= len(cells):
        return ""
    above = next(filter(None, (heading(c) for c in reversed(cells[: index + 1]))), "")
    return f" in cell {number_of(index, cells)}" + (f' "{printable(above, 60)}"' if above else "")


def number_of(index: int, cells: Sequence[Mapping[str, Any]]) -> int:
    """The number of an executed cell in the notebook people wrote, counted from 1; papermill's own cell is not one."""
    return index + 1 - sum("injected-parameters" in tags(c) for c in cells[: index + 1])


def _one_line(said: str) -> str:
    return printable(" ".join(said.split()), 300)

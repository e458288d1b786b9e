"""A workspace of many generated projects, filed through the store that every record goes through."""

from __future__ import annotations

import base64
import io
import json
import shutil
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from riskkit import catalog
from riskkit.model import Conclusion, Evidence, Kind, Measurement, RunFacts
from riskkit.records import Store
from riskkit.records.disk import Disk

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-11-20"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KIND = "agentic"
ASSESSMENTS = (
    "agent_traces", "answer_correctness", "attack_surface", "bias_audit", "cost_projection",
    "hallucination_sampling",
)  # fmt: skip
_KNOWN = catalog.load(ROOT / "catalog")
RISKS = [r for r in _KNOWN.risks.values() if Kind(KIND) in r.applies_to]
_MEASURES = sorted({m for r in RISKS for m in r.evidence})
TAKEN = {name: _MEASURES[i :: len(ASSESSMENTS)] for i, name in enumerate(ASSESSMENTS)}
"""Assessment to the measures it takes: together, all that the risks ask for."""


class _Unsynced(Disk):
    """A disk that is not waited for: a benchmark's records need not survive a crash."""

    def write(self, file: Path, data: bytes) -> None:
        file.write_bytes(data)

    def sync(self, folder: Path) -> None:
        pass


def workspace(root: Path, *, projects: int) -> Path:
    """A workspace of so many systems, each with a recorded run of every assessment."""
    for name in ("site", "templates", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mkdocs.yml", root)
    figures = [figure(seed) for seed in range(len(ASSESSMENTS))]
    for number in range(projects):
        name = f"system-{number:04}"
        folder = root / "projects" / name
        folder.mkdir(parents=True)
        (folder / "profile.yml").write_text(profile(name, number), encoding="utf-8")
        (folder / "controls.yml").write_text(_controls(number), encoding="utf-8")
        for i, assessment in enumerate(ASSESSMENTS):
            record(root, name, assessment, number=number, figure=figures[i])
    return root


def record(root: Path, project: str, assessment: str, *, number: int, figure: bytes, later: int = 0) -> None:
    """File a run of ``assessment`` that started ``later`` minutes after the first."""
    started = NOON - timedelta(days=1 + number % 90) + timedelta(minutes=later)
    notebook = json.dumps(_notebook(project, assessment, number + later, figure)).encode()
    facts = RunFacts.model_validate({
        "status": "ok", "notebook": assessment, "notebook_sha256": "0" * 64, "parameters": {"target": "answers"},
        "started": started, "ended": started + timedelta(seconds=9), "duration_seconds": 9, "kit_version": "0",
        "kit_sha256": "0" * 64, "python": "3.11", "valid_until": started + timedelta(days=365),
    })  # fmt: skip
    taken = tuple(_measurement(measure, number + later) for measure in TAKEN[assessment])
    said = Conclusion(project=project, assessment=assessment, version="1", measurements=taken)
    made = Evidence(project=project, assessment=assessment, run=facts, conclusion=said)
    Store(root / "records", disk=_Unsynced()).commit(made, {"notebook.ipynb": notebook})


def _measurement(measure: str, number: int) -> Measurement:
    low = round(0.5 + 0.4 * ((number * 7 + zlib.crc32(measure.encode())) % 97) / 97, 4)
    return Measurement(
        measure=measure,
        value=low + 0.03,
        low=low,
        high=low + 0.06,
        n=400 + number,
        method="Wilson, generated",
    )


def profile(name: str, number: int) -> str:
    """A profile with roles, facts, all assessments and a threshold for every second measure."""
    bounds = "".join(
        f"  - {{measure: {m}, at_least: 0.7, min_n: 200, owner: head of service, rationale: what was promised}}\n"
        for m in _MEASURES[::2]
    )
    listed = "".join(f"  {a}: {{}}\n" for a in ASSESSMENTS)
    return f"""\
id: {name}
name: System {number} of the portfolio
version: "1"
purpose: Answers questions of customers about their contract and does what they ask for where it may.
not_for: [Anything that moves money.]
kind: {KIND}
stage: {("design", "build", "validation", "production")[number % 4]}
note: Generated for a benchmark; nothing here was measured.
tier: {{exposure: {1 + number % 5}, purpose: {1 + number // 5 % 5}, autonomy: recommend, why: generated}}
roles: {{owner: head of service, developer: developer, validator: head of validation, approver: chief risk officer}}
facts:
  role: [deployer]
  jurisdiction: [eu]
  sector: [banking]
  flags: {{is_ai_system: true, uses_llm: true, agentic: true, interacts_with_people: true, uses_personal_data: true}}
assessments:
{listed}thresholds:
{bounds}review: {{next_due: 2027-{1 + number % 12:02}-15}}
"""


def _controls(number: int) -> str:
    lines = (
        f"  - {{id: c{i}, title: Control {i} of what may go wrong, kind: preventive, "
        f"status: {'active' if (i + number) % 3 else 'planned'}, acts_on: {'impact' if i % 2 else 'likelihood'}, "
        f"risks: [{', '.join(r.id for r in RISKS[i::6])}], effectiveness: good, evidence: [{_MEASURES[i]}], "
        "owner: head of service}\n"
        for i in range(6)
    )
    return "controls:\n" + "".join(lines)


def _notebook(project: str, assessment: str, number: int, figure: bytes) -> dict[str, Any]:
    """An executed notebook in the house's shape, about 40 kB: two tables, a figure, text."""
    cells = [
        _text(f"# {assessment.replace('_', ' ').capitalize()}\n\nDoes it do what it should, and for whom not?"),
        _code(f'project: str = "{project}"  # folder under projects/', 1),
        _text("## Load\n\nWhat was recorded, as it came."),
        _code("table = case.table('answers')\ntable.head(20)", 2, {"text/html": _table(20, number)}),
        _text("## Measure"),
        *(_code(f"{m} = measures.{m}(table, threshold=case.threshold('{m}'))", 3 + i)
          for i, m in enumerate(TAKEN[assessment])),
        _text("## Show\n\nEach group with its interval; **n** is what the group holds."),
        _code("charts.rates(table)", 20, {"image/png": base64.b64encode(_own(figure, project)).decode()}),
        _code("groups", 21, {"text/html": _table(30, number + 1)}),
        _text("## Conclude"),
        _code(f"case.conclude({', '.join(TAKEN[assessment])})", 22, {"text/plain": "8 measurements"}),
    ]  # fmt: skip
    return {"cells": cells, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4, "nbformat_minor": 5}  # fmt: skip


def _text(source: str) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": f"c{zlib.crc32(source.encode()):x}",
        "metadata": {},
        "source": source,
    }


def _code(source: str, count: int, *shown: dict[str, str]) -> dict[str, Any]:
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "…", **d}} for d in shown
    ]
    return {"cell_type": "code", "id": f"c{zlib.crc32(source.encode()):x}", "metadata": {}, "source": source,
            "execution_count": count, "outputs": outputs}  # fmt: skip


def _table(rows: int, number: int) -> str:
    names = ("group", "n", "approved", "rate", "low", "high")
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(_row(i, number) for i in range(rows))
    return (f'<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>")  # fmt: skip


def _row(i: int, number: int) -> str:
    values = (f"group {i}", 100 + (i * number) % 77, 40 + i, f"0.{i:03}", f"0.{i + 1:03}", f"0.{i + 9:03}")
    return f"<tr><th>{i}</th>" + "".join(f"<td>{value}</td>" for value in values) + "</tr>"


def figure(seed: int) -> bytes:
    """A drawn chart as PNG."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(6, 3.5), dpi=90)
    axes = drawn.subplots()
    axes.bar([f"group {i}" for i in range(8)], [(seed * 13 + i * 29) % 83 for i in range(8)])
    drawn.savefig(out := io.BytesIO(), format="png")
    return out.getvalue()


def _own(png: bytes, note: str) -> bytes:
    """``png`` with a comment, so that no two notebooks share an image."""
    data = b"tEXtComment\0" + note.encode()
    chunk = (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
    return png[:33] + chunk + png[33:]


def notebooks(root: Path) -> Iterator[Path]:
    """The executed notebooks of a workspace."""
    return iter(sorted((root / "records").glob("system-*/*/*/notebook.ipynb")))

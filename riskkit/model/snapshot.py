"""Snapshots: the register as it stood on a day, kept to be compared with."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Id, Sha256, digest
from .measurement import Verdict
from .rating import Level

Move = Literal["new", "up", "down", "unchanged", "gone"]


class Reading(Frozen):
    """One measure of one row, as a snapshot keeps it."""

    measure: str
    segment: str = ""
    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    method: str = ""
    method_version: int | None = None
    threshold: str = Field("", description="the bound it was held against, in words")


class Row(Frozen):
    """One risk of one project, as a snapshot keeps it."""

    risk: Id
    inherent: Level
    level: Level = Field(description="the residual, or what a decision in force put in its place")
    verdict: Verdict
    within_appetite: Literal["yes", "no", "unknown"]
    decision: str = Field("", description="type and state of the decision that speaks for the risk")
    readings: tuple[Reading, ...] = ()


class Sheet(Frozen):
    """One project, as a snapshot keeps it."""

    project: Id
    version: str
    matrix: Sha256
    thresholds: dict[str, str] = Field({}, description="measure, with segment, to its bound in words")
    data: dict[str, Sha256] = Field({}, description="file the latest runs read to its digest")
    models: tuple[str, ...] = Field((), description="models that answered in the latest runs")
    rows: tuple[Row, ...] = ()


class Snapshot(Frozen):
    """The register as it stood on ``as_of``; equal registers give equal bytes."""

    schema_version: Literal[1] = 1
    as_of: date
    kit_version: str
    register_sha256: Sha256
    projects: tuple[Sheet, ...]

    @property
    def name(self) -> str:
        """The name of its file: the day and the first eight digits of its digest."""
        return f"{self.as_of}-{digest(self)[:8]}.json"


class Note(Frozen):
    """One thing that changed, and how."""

    kind: Literal[
        "verdict-flip", "threshold-edit", "method-change", "measure-new", "measure-gone", "inherent-change",
        "matrix-change", "version-change", "data-change", "model-change",
    ]  # fmt: skip
    subject: str
    what: str


class Change(Frozen):
    """What became of one row since a snapshot; up is worse."""

    project: Id
    risk: Id
    move: Move
    before: Level | None = None
    after: Level | None = None
    verdict_before: Verdict | None = None
    verdict_after: Verdict | None = None
    notes: tuple[Note, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether the two figures were made by one method; where they were not, no trend may be drawn."""
        return not any(note.kind == "method-change" for note in self.notes)


class ProjectChange(Frozen):
    """What changed about a project as a whole since a snapshot."""

    project: Id
    move: Literal["new", "kept", "gone"]
    notes: tuple[Note, ...] = ()


class Changes(Frozen):
    """Everything that changed since a snapshot; unchanged rows are listed too."""

    since: date
    snapshot: str = Field(description="file name of the snapshot compared with")
    rows: tuple[Change, ...]
    projects: tuple[ProjectChange, ...]

    @property
    def moves(self) -> dict[str, int]:
        """How many rows are new, up, down, unchanged and gone."""
        counted = Counter(change.move for change in self.rows)
        return {move: counted[move] for move in ("new", "up", "down", "unchanged", "gone")}

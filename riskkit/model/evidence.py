"""Evidence: the record of one assessment run, which is all that ever leaves a notebook."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .frozen import Frozen, Id, Name, Sha256
from .measurement import Measurement


class Input(Frozen):
    """A file a notebook read: the digest is of the very bytes that were used."""

    path: str = Field(description="relative to the project's folder")
    sha256: Sha256
    rows: int | None = None
    about: str = ""


class Conclusion(Frozen):
    """What a notebook concluded. Holds no time and no place, so equal inputs give equal bytes."""

    schema_version: Literal[1] = 1
    project: Id
    assessment: Name
    version: str = Field("", description="version of the system, as the profile named it")
    measurements: tuple[Measurement, ...] = Field(min_length=1)
    inputs: tuple[Input, ...] = ()
    simulated: bool = Field(False, description="whether a simulated model answered")
    models: tuple[str, ...] = Field((), description="models asked, as requested and as returned")
    notes: tuple[str, ...] = ()


class Status(StrEnum):
    """How a run ended; decided by the runner, never read from a notebook."""

    OK = "ok"
    FAILED = "failed"
    STOPPED = "stopped"


class Trigger(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    CI = "ci"


class RunFacts(Frozen):
    """How, when and with what a notebook was run."""

    status: Status
    reason: str = ""
    notebook: str
    notebook_sha256: Sha256
    parameters: dict[Name, Any] = Field(description="as we passed them, never as papermill noted them")
    started: datetime
    ended: datetime
    duration_seconds: float = Field(ge=0, description="by a monotonic clock")
    valid_until: datetime | None = None
    trigger: Trigger = Trigger.MANUAL
    performed_as: Literal["developer", "validator"] = "developer"
    kit_version: str
    kit_sha256: Sha256
    python: str
    environment: dict[str, str] = Field({}, description="package to version")
    git_commit: str | None = None
    git_dirty: bool | None = None
    cells: int = 0
    cell_anchors: dict[str, int] = Field({}, description="heading to the index of its first code cell")
    warnings: tuple[str, ...] = Field((), description="what decided nothing and should be known")


class Evidence(Frozen):
    """The record of one run: what was concluded (nothing, if it failed), how, and which files go with it."""

    schema_version: Literal[1] = 1
    project: Id
    assessment: Name
    run: RunFacts
    conclusion: Conclusion | None = None
    files: dict[str, Sha256] = Field({}, description="file name in the record's folder to digest")
    previous: Sha256 | None = Field(None, description="digest of the assessment's previous record")
    folder: str = Field("", description="where the record lies below records/, filled in when it is read")
    sha256: str = Field("", description="digest of the record as stored, filled in when it is read")

"""A plan: what would run, what is fresh, what could not run, and from which digests that follows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Id, Name, Sha256


class Stand(StrEnum):
    """How an assessment stands before anything is run."""

    RUN = "run"
    FRESH = "fresh"
    BLOCKED = "blocked"


class Digests(Frozen):
    """What a run depends on, as it is now."""

    notebook: Sha256
    parameters: Sha256 = Field(description="of their canonical JSON, without project and as_of")
    profile: Sha256 = Field(description="of the facts of the profile that can change a measurement")
    kit: Sha256 = Field(description="of the part of the kit that can change a measurement")
    inputs: dict[str, Sha256 | None] = Field(
        {}, description="files the latest run read, as they are now; null when gone"
    )


class Planned(Frozen):
    """One assessment of a project."""

    project: Id
    assessment: Name
    notebook: Name
    state: Stand
    why: str = Field("", description="why it would run or cannot; empty when it is fresh")
    digests: Digests
    asks: dict[str, str] = Field({}, description="endpoint to what asking it would take")
    epoch: str = Field(
        "", description="what answers of endpoints are kept under, until a run concludes on them"
    )
    latest: str = Field("", description="folder of the latest record below records/")
    valid_until: datetime | None = None


class Plan(Frozen):
    """Every assessment asked for, in the order in which they would run."""

    schema_version: Literal[1] = 1
    made: datetime
    assessments: tuple[Planned, ...]

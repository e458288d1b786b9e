"""The register: what the rest of the house is for, computed and never typed."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .control import Control, Effectiveness
from .evidence import Evidence
from .frozen import Frozen, digest
from .law import Answers, Regulation
from .measurement import Judgement, Measurement, Verdict
from .profile import Profile
from .rating import Level, Matrix, Rating
from .risk import Risk
from .threshold import Threshold


class Indicator(Frozen):
    """One measure a risk asks for: the latest measurement, if anyone took it, against today's threshold."""

    measure: str
    segment: str = ""
    assessment: str = ""
    measurement: Measurement | None = None
    threshold: Threshold | None = None
    judgement: Judgement
    taken_on: date | None = None
    age_days: int | None = None
    record: str = Field("", description="folder of the record below records/")
    threshold_edited: bool = Field(False, description="whether the bound differs from the one at the run")

    @property
    def verdict(self) -> Verdict:
        """The verdict today."""
        return self.judgement.verdict


class Credit(Frozen):
    """What a control earns: never more than declared, never more than its evidence carries."""

    control: Control
    ceiling: Effectiveness
    credited: Effectiveness
    reasons: tuple[str, ...]


class Step(Frozen):
    """One line of the walk from inherent to residual."""

    what: str
    rating: Rating
    level: Level


class Entry(Frozen):
    """One row of the register: one risk of one project, with everything it follows from."""

    project: str
    risk: Risk
    owner: str
    rated: bool = Field(description="False where the catalogue's default rating stands in for the owner's")
    inherent: Level
    inherent_rating: Rating
    current: Level = Field(description="with active controls at their declared effectiveness: as claimed")
    current_rating: Rating
    residual: Level = Field(description="with controls credited as far as evidence goes: as evidenced")
    residual_rating: Rating
    target: Level | None = None
    appetite: Level | None = None
    within_appetite: Literal["yes", "no", "unknown"]
    confidence: Literal["low", "medium", "high"]
    verdict: Verdict
    indicators: tuple[Indicator, ...]
    credits: tuple[Credit, ...]
    walk: tuple[Step, ...]
    why: tuple[str, ...]

    @property
    def worst(self) -> Indicator | None:
        """The indicator that speaks for the risk."""
        return self.indicators[0] if self.indicators else None


class ProjectRegister(Frozen):
    """Everything the register says about one project."""

    profile: Profile
    matrix: Matrix
    entries: tuple[Entry, ...]
    out_of_scope: tuple[Risk, ...] = ()
    latest: tuple[Evidence, ...] = Field((), description="the latest run of each assessment, good or not")
    runs: int = 0
    answers: Answers = Answers()

    @property
    def verdicts(self) -> dict[str, int]:
        """How many risks stand at each verdict."""
        return {v.value: n for v in Verdict if (n := sum(e.verdict is v for e in self.entries))}

    @property
    def worst_residual(self) -> Level | None:
        """The highest residual level of any risk."""
        return max((e.residual for e in self.entries), key=lambda level: level.rank, default=None)


class Register(Frozen):
    """All projects on one day, folded from profiles, catalogue, evidence and decisions."""

    as_of: date
    kit_version: str
    projects: tuple[ProjectRegister, ...]
    regulations: tuple[Regulation, ...] = ()
    damaged: tuple[str, ...] = Field((), description="records that were found not to be what was stored")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All rows of all projects."""
        return tuple(entry for project in self.projects for entry in project.entries)

    @property
    def sha256(self) -> str:
        """Digest of everything the register says."""
        return digest(self)

"""The register: what the rest of the house is for, computed and never typed."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .control import Control, Effectiveness
from .decision import Basis, Standing
from .evidence import Evidence
from .finding import Finding
from .frozen import Frozen, Sha256, digest
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
    conclusion_sha256: Sha256 | None = Field(None, description="digest of what the run concluded")
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


class Comparison(Frozen):
    """The developer's measurement beside the validator's, and whether each lies in the other's interval."""

    developer: Measurement
    validator: Measurement
    agrees: bool
    why: str


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
    treatment: str = ""
    basis: Basis = Field(description="what a decision made today would rest on")
    decisions: tuple[Standing, ...] = Field((), description="decisions about this risk, newest first")
    override: Level | None = Field(
        None, description="level a valid decision put in place of the computed residual"
    )
    compared: tuple[Comparison, ...] = Field((), description="developer's against validator's run")

    @property
    def decision(self) -> Standing | None:
        """The decision that speaks for the risk: the newest that was not superseded."""
        return next((s for s in self.decisions if s.state.value != "superseded"), None)

    @property
    def accepted(self) -> bool:
        """Whether an acceptance or waiver in force covers the risk as it stands."""
        return any(
            s.state.holds and s.decision.type.value in {"accept", "waive_check"} for s in self.decisions
        )

    @property
    def worst(self) -> Indicator | None:
        """The indicator that speaks for the risk."""
        return self.indicators[0] if self.indicators else None


class Remark(Frozen):
    """Something the register's own checks noticed, with the way to mend it."""

    id: str = Field(description="id of the check", examples=["decision-expired"])
    severity: Literal["error", "warning", "note"]
    project: str
    subject: str
    what: str
    fix: str
    file: str = ""


class Call(Frozen):
    """A reason to assess again."""

    id: str
    what: str
    since: date | None = None


class ProjectRegister(Frozen):
    """Everything the register says about one project."""

    profile: Profile
    matrix: Matrix
    entries: tuple[Entry, ...]
    out_of_scope: tuple[Risk, ...] = ()
    latest: tuple[Evidence, ...] = Field((), description="the latest run of each assessment, good or not")
    runs: int = 0
    answers: Answers = Answers()
    decisions: tuple[Standing, ...] = Field((), description="every decision of the project, newest first")
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    calls: tuple[Call, ...] = Field((), description="reasons to assess again")

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

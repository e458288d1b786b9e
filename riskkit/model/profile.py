"""The profile: one model or system under assessment, as the people answering for it describe it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .disclosure import SMALLEST_GROUP, Disclosure, Sensitivity
from .frozen import Frozen, Id, Name, Sha256, Text, digest
from .rating import Level, Rating
from .threshold import Threshold

RelativePath = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$", max_length=200
    ),
]
"""A path inside the project's folder: no leading slash, no folder that starts with a dot."""


class Kind(StrEnum):
    """What sort of system is assessed; decides which risks concern it."""

    PREDICTIVE = "predictive"
    GENAI = "genai"
    AGENTIC = "agentic"
    RULES = "rules"
    VENDOR_SERVICE = "vendor_service"


class Stage(StrEnum):
    """Where the system is in its life."""

    INTAKE = "intake"
    DESIGN = "design"
    BUILD = "build"
    VALIDATION = "validation"
    PRODUCTION = "production"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Autonomy(StrEnum):
    """How far the system acts on its own."""

    INFORM = "inform"
    RECOMMEND = "recommend"
    ACT_WITH_APPROVAL = "act_with_approval"
    ACT = "act"


class TierDrivers(Frozen):
    """What the tier follows from: exposure and purpose (1 low to 5 high) and autonomy."""

    exposure: int = Field(ge=1, le=5, description="how many people or how much money, 1 to 5", examples=[3])
    purpose: int = Field(
        ge=1, le=5, description="how much the purpose matters to people, 1 to 5", examples=[4]
    )
    autonomy: Autonomy
    why: Text

    @property
    def tier(self) -> int:
        """1 (most material), 2 or 3: the higher of exposure and purpose, one step up where the system acts alone.

        Five gives tier 1, three or four tier 2, less tier 3.
        """
        material = max(self.exposure, self.purpose)
        tier = 1 if material == 5 else 2 if material >= 3 else 3
        return max(1, tier - (self.autonomy is Autonomy.ACT))


class Roles(Frozen):
    """Who answers for what; persons or role titles, never teams."""

    owner: Text
    developer: Text
    validator: Text
    approver: Text
    second_approver: Text | None = None


class Facts(Frozen):
    """The facts that decide which law applies, in the catalogue's closed vocabulary.

    A flag that is absent is unanswered, which is not the same as false.
    """

    role: tuple[Name, ...] = ()
    jurisdiction: tuple[Name, ...] = ()
    sector: tuple[Name, ...] = ()
    use_case: tuple[Name, ...] = ()
    flags: dict[Name, bool] = {}
    people_affected: str = ""


class Dataset(Frozen):
    """A file of the project that assessments read."""

    path: RelativePath = Field(description="inside the project's folder", examples=["data/decisions.csv"])
    sha256: Sha256 | None = Field(None, description="when given, other bytes are refused")
    about: Text | None = None
    licence: Text
    personal_data: bool
    synthetic_share: float = Field(ge=0, le=1, description="0 measured, 1 generated", examples=[0.0])
    sensitivity: Sensitivity = Field(Sensitivity.INTERNAL, description="public, internal or restricted")
    fields: dict[str, Sensitivity] = Field({}, description="column to its own level, where it is higher")

    @property
    def level(self) -> Sensitivity:
        """The highest level of the file and its columns."""
        return max((self.sensitivity, *self.fields.values()), key=list(Sensitivity).index)


class TargetSpec(BaseModel):
    """What is assessed: its kind names a file of riskkit/targets/, which declares the other fields."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)
    kind: Name

    @property
    def settings(self) -> dict[str, Any]:
        """The fields the kind declares."""
        return dict(self.model_extra or {})


class Assessment(Frozen):
    """A notebook to run for the project, with its parameters."""

    notebook: Name | None = Field(
        None, description="notebooks/<name>.ipynb; the assessment's own name when left out"
    )
    parameters: dict[Name, Any] = {}
    valid_days: int | None = Field(None, ge=1, description="days the evidence counts; by tier when left out")


class RunLimits(Frozen):
    """How much one run of the project's assessments may take before it is stopped."""

    minutes: float = Field(15, gt=0, le=24 * 60)
    memory_mb: int = Field(4096, ge=256, le=4 * 2**20)
    output_mb: int = Field(20, ge=1, le=1024)


class RatedRisk(Frozen):
    """The owner's rating of one risk of this system, before any control."""

    inherent: Rating
    target: Rating | None = None
    why: Text
    rated_by: Text
    rated_on: date
    treatment: Text | None = None
    owner: Text | None = None


class Review(Frozen):
    """When people last looked, and when they must look again."""

    last: date | None = None
    next_due: date
    cadence_months: int = Field(12, ge=1, le=60)


class Profile(Frozen):
    """One model or system under assessment: ``projects/<id>/profile.yml``."""

    id: Id = Field(description="the folder's name", examples=["loan-approval"])
    name: Text
    version: Text = Field(description='in quotes, for example "2.1"')
    purpose: Text
    not_for: tuple[Text, ...] = ()
    kind: Kind
    stage: Stage
    tier: TierDrivers
    roles: Roles
    facts: Facts = Facts()
    datasets: dict[Name, Dataset] = {}
    targets: dict[Name, TargetSpec] = {}
    assessments: dict[Name, Assessment] = {}
    thresholds: tuple[Threshold, ...] = ()
    risks: dict[Id, RatedRisk] = {}
    appetite: dict[Name, Level] = {}
    matrix: Id = Field("iso-5x5", description="a file of the catalogue's matrices")
    review: Review
    disclosure: Disclosure = Disclosure()
    limits: RunLimits = RunLimits()
    note: str = Field("", description="a line shown on every page of the project, such as 'generated data'")

    def threshold(self, measure: str, segment: str = "") -> Threshold | None:
        """The threshold for ``measure``: the one for this very segment if there is one, else the general one."""
        for wanted in (segment, None):
            for threshold in self.thresholds:
                if threshold.measure == measure and threshold.segment == wanted:
                    return threshold
        return None

    @property
    def smallest_group(self) -> int:
        """Rows below which a group is not shown; 0 where all are."""
        said = self.disclosure.smallest_group
        if said is not None:
            return said
        return SMALLEST_GROUP if any(d.personal_data for d in self.datasets.values()) else 0

    @property
    def assessed_sha256(self) -> str:
        """Digest of the parts that can change a measurement: version, kind, facts, datasets and targets."""
        parts = self.model_dump(mode="json", include={"version", "kind", "facts", "datasets", "targets"})
        for dataset in parts["datasets"].values():
            for name in (
                "sensitivity",
                "fields",
            ):  # who may see a file changes nothing that is measured on it
                dataset.pop(name)
        return digest(parts)

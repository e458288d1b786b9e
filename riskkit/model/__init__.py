"""The nouns of the house: frozen values without files, network or heavy libraries."""

from .catalog import Catalog
from .control import Control, Controls, ControlStatus, Effectiveness, IndependentReview
from .duty import Applicability, ChecklistRow, Deadline, EuClass
from .evidence import Conclusion, Evidence, Input, RunFacts, Status, Trigger
from .frozen import Frozen, Id, Name, Sha256, Text, canonical, digest
from .handover import ResultFile
from .law import (
    Answer,
    Answers,
    AppliesWhen,
    Clock,
    Crosswalk,
    ExpectedEvidence,
    Grace,
    Guidance,
    IndexEntry,
    Milestone,
    Penalty,
    Regulation,
    Requirement,
    Vocabulary,
)
from .measurement import WORST_FIRST, Judgement, Measurement, Verdict, judge, n_to_decide
from .profile import (
    Assessment,
    Autonomy,
    Dataset,
    Facts,
    Kind,
    Profile,
    RatedRisk,
    Review,
    Roles,
    Stage,
    TargetSpec,
    TierDrivers,
)
from .project import Project
from .rating import Level, Matrix, Rating
from .register import Credit, Entry, Indicator, ProjectRegister, Register, Step
from .risk import Category, Harm, Risk
from .sample import Prompt, Sample, ToolCall, Usage
from .threshold import PastBound, Source, Threshold

__all__ = [
    "WORST_FIRST", "Answer", "Answers", "Applicability", "AppliesWhen", "Assessment", "Autonomy", "Catalog",
    "Category", "ChecklistRow", "Clock", "Conclusion", "Control", "ControlStatus", "Controls", "Credit", "Crosswalk",
    "Dataset", "Deadline", "Effectiveness", "Entry", "EuClass", "Evidence", "ExpectedEvidence", "Facts", "Frozen",
    "Grace", "Guidance", "Harm", "Id", "IndependentReview", "IndexEntry", "Indicator", "Input", "Judgement", "Kind",
    "Level", "Matrix", "Measurement", "Milestone", "Name", "PastBound", "Penalty", "Profile", "Project",
    "ProjectRegister", "Prompt", "RatedRisk", "Rating", "Register", "Regulation", "Requirement", "ResultFile",
    "Review", "Risk", "Roles", "RunFacts", "Sample", "Sha256", "Source", "Stage", "Status", "Step", "TargetSpec",
    "Text", "Threshold", "TierDrivers", "ToolCall", "Trigger", "Usage", "Verdict", "Vocabulary", "canonical",
    "digest", "judge", "n_to_decide",
]  # fmt: skip

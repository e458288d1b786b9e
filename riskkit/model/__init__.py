"""The nouns of the house: frozen values without files, network or heavy libraries."""

from .catalog import Catalog
from .control import Control, Controls, ControlStatus, Effectiveness, IndependentReview
from .duty import Applicability, ChecklistRow, Deadline, EuClass
from .decision import (
    Basis,
    Condition,
    Decision,
    DecisionState,
    DecisionType,
    Outcome,
    Revocation,
    Standing,
    Subject,
)
from .evidence import Conclusion, Evidence, Input, RunFacts, Status, Trigger
from .finding import Action, Finding, FindingStatus, Severity
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
from .register import Call, Comparison, Credit, Entry, Indicator, ProjectRegister, Register, Remark, Step
from .risk import Category, Harm, Risk
from .sample import Prompt, Sample, ToolCall, Usage
from .threshold import PastBound, Source, Threshold

__all__ = [
    "Action", "Answer", "Answers", "Applicability", "AppliesWhen", "Assessment", "Autonomy", "Basis",
    "Call", "Catalog", "Category", "ChecklistRow", "Clock", "Comparison", "Conclusion", "Condition",
    "Control", "ControlStatus", "Controls", "Credit", "Crosswalk", "Dataset", "Deadline", "Decision",
    "DecisionState", "DecisionType", "Effectiveness", "Entry", "EuClass", "Evidence", "ExpectedEvidence",
    "Facts", "Finding", "FindingStatus", "Frozen", "Grace", "Guidance", "Harm", "Id", "IndependentReview",
    "IndexEntry", "Indicator", "Input", "Judgement", "Kind", "Level", "Matrix", "Measurement", "Milestone",
    "Name", "Outcome", "PastBound", "Penalty", "Profile", "Project", "ProjectRegister", "Prompt",
    "RatedRisk", "Rating", "Register", "Regulation", "Remark", "Requirement", "ResultFile", "Review",
    "Revocation", "Risk", "Roles", "RunFacts", "Sample", "Severity", "Sha256", "Source", "Stage",
    "Standing", "Status", "Step", "Subject", "TargetSpec", "Text", "Threshold", "TierDrivers", "ToolCall",
    "Trigger", "Usage", "Verdict", "Vocabulary", "WORST_FIRST", "canonical", "digest", "judge",
    "n_to_decide",
]  # fmt: skip

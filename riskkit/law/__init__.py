"""From a project's facts to what the law and the frameworks ask of it, why, and from when."""

from ..model import Applicability, ChecklistRow, Deadline, EuClass
from .applies import applicability
from .cases import classify_case, facts_of
from .eu_ai_act import classify
from .listing import (
    checklist,
    concerning,
    not_covered,
    requirements_not_assessed,
    requirements_with_gap,
    unknown_answers,
)
from .ll144 import scoring_ratios, selection_ratios
from .penalties import max_fine_eur

__all__ = [
    "Applicability", "ChecklistRow", "Deadline", "EuClass", "applicability", "checklist", "classify",
    "classify_case", "concerning", "facts_of", "max_fine_eur", "not_covered", "requirements_not_assessed",
    "requirements_with_gap", "scoring_ratios", "selection_ratios", "unknown_answers",
]  # fmt: skip

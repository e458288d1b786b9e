"""From a project's facts to what the law and the frameworks ask of it, why, and from when."""

from ..model import Applicability, ChecklistRow, Deadline, Duties, EuClass, QuestionRow
from .applies import applicability
from .cases import classified, classify_case, facts_of, impact_table, tabulated
from .changes import Change, changes
from .dates import calendar
from .eu_ai_act import classify
from .in_force import document_state
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
from .questions import questions, questions_unanswered, serving
from .reasons import reasons
from .tables import attested, counts, informed, open_rows, replies, sections, summary, unanswered

__all__ = [
    "Applicability", "Change", "ChecklistRow", "Deadline", "Duties", "EuClass", "QuestionRow",
    "applicability", "attested", "calendar", "changes", "checklist", "classified", "classify",
    "classify_case", "concerning", "counts", "document_state", "facts_of", "impact_table", "informed",
    "max_fine_eur", "not_covered", "open_rows", "questions", "questions_unanswered", "reasons", "replies",
    "requirements_not_assessed", "requirements_with_gap", "scoring_ratios", "sections", "selection_ratios",
    "serving", "summary", "tabulated", "unanswered", "unknown_answers",
]  # fmt: skip

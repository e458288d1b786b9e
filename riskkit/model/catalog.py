"""The catalogue: everything the house knows about before any project is looked at."""

from __future__ import annotations

from functools import cached_property

from .frozen import Frozen
from .law import Crosswalk, Regulation, Requirement, Vocabulary
from .questionnaire import Questionnaire
from .rating import Matrix
from .risk import Risk


class Catalog(Frozen):
    """Risks, regulations, matrices, questionnaires and the vocabulary of facts, by id."""

    risks: dict[str, Risk]
    regulations: dict[str, Regulation]
    matrices: dict[str, Matrix]
    vocabulary: Vocabulary
    questionnaires: dict[str, Questionnaire] = {}
    crosswalk: Crosswalk | None = None

    @cached_property
    def requirements(self) -> dict[str, Requirement]:
        """Every requirement of every regulation, by id."""
        return {r.id: r for regulation in self.regulations.values() for r in regulation.requirements}

    @cached_property
    def measures(self) -> frozenset[str]:
        """The names of all measures that any risk or requirement asks for."""
        asked = {name for risk in self.risks.values() for name in risk.measures}
        return frozenset(asked).union(m for r in self.requirements.values() for m in r.measures)

"""The catalogue: everything the house knows about before any project is looked at."""

from __future__ import annotations

from functools import cached_property

from .frozen import Frozen
from .law import Regulation, Vocabulary
from .rating import Matrix
from .risk import Risk


class Catalog(Frozen):
    """Risks, regulations, matrices and the vocabulary of facts, by id."""

    risks: dict[str, Risk]
    regulations: dict[str, Regulation]
    matrices: dict[str, Matrix]
    vocabulary: Vocabulary

    @cached_property
    def measures(self) -> frozenset[str]:
        """The names of all measures that any risk or requirement asks for."""
        asked = {name for risk in self.risks.values() for name in risk.evidence}
        return frozenset(asked).union(
            evidence.measure
            for regulation in self.regulations.values()
            for requirement in regulation.requirements
            for evidence in requirement.evidence_expected
            if evidence.measure
        )

"""Known: the names a project may refer to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from riskkit.model import Matrix, Questionnaire, Vocabulary


@dataclass(frozen=True, slots=True)
class Known:
    """The names a project may refer to, and what some of them stand for."""

    vocabulary: Vocabulary
    risks: Collection[str]
    measures: Collection[str]
    matrices: Mapping[str, Matrix]
    notebooks: Collection[str]
    requirements: Collection[str]
    targets: Mapping[str, type[BaseModel]]
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)

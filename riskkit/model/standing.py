"""Standing: how a decision holds on a day; computed, never written down."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .decision import Decision
from .frozen import Frozen


class DecisionState(StrEnum):
    """How a decision stands on a day; computed, never written down."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    OUTDATED = "outdated"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    ORPHANED = "orphaned"
    NOT_GRANTED = "not_granted"
    NOT_YET = "not_yet"

    @property
    def holds(self) -> bool:
        """Whether the decision may be relied on."""
        return self in {DecisionState.VALID, DecisionState.EXPIRING}


class Standing(Frozen):
    """A decision as it stands on a day."""

    decision: Decision
    state: DecisionState
    why: str
    file: str = Field(description="where the decision is written, relative to the workspace")

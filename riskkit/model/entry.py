"""Entries: one row of the register, one risk of one project, with everything it follows from."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .control import Control, Effectiveness
from .decision import Basis
from .frozen import Frozen
from .indicator import Comparison, Indicator
from .measurement import Verdict
from .rating import Level, Rating
from .risk import Risk
from .snapshot import Change
from .standing import DecisionState, Standing
from .subject import DecisionType

UNMEASURED = frozenset({Verdict.MISSING, Verdict.STALE})
"""Verdicts of what nobody measured in time: a waiver covers them, an acceptance does not."""


class Credit(Frozen):
    """What a control earns: never more than declared, never more than its evidence carries."""

    control: Control
    ceiling: Effectiveness
    credited: Effectiveness
    reasons: tuple[str, ...]


class Step(Frozen):
    """One line of the walk from inherent to residual; the first has no control."""

    what: str
    rating: Rating
    level: Level
    control: str = Field("", description="id of the control that is weighed")
    credited: Effectiveness | None = None
    counts: bool = Field(False, description="whether this control is the one that speaks")
    score: float | None = Field(None, description="the raw number, where the matrix declares factors")


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
    current_score: float | None = Field(None, description="raw number, where the matrix declares factors")
    residual_score: float | None = Field(None, description="raw number, where the matrix declares factors")
    decisions: tuple[Standing, ...] = Field((), description="decisions about this risk, newest first")
    override: Level | None = Field(
        None, description="level a valid decision put in place of the computed residual"
    )
    compared: tuple[Comparison, ...] = Field((), description="developer's against validator's run")
    change: Change | None = Field(None, description="what became of the row since the snapshot before")
    review_due: date | None = Field(None, description="when people must look again at the latest")

    @property
    def level(self) -> Level:
        """The level that counts: the residual, or what a decision in force put in its place."""
        return self.override or self.residual

    @property
    def decision(self) -> Standing | None:
        """The decision that speaks for the risk: the newest that was not superseded."""
        return next((s for s in self.decisions if s.state is not DecisionState.SUPERSEDED), None)

    @property
    def disputed(self) -> bool:
        """Whether the validator's own run breaches a bound."""
        return any(comparison.verdict is Verdict.BREACHED for comparison in self.compared)

    @property
    def needs(self) -> frozenset[DecisionType]:
        """The decisions without which the row does not pass, in force or not.

        A waiver for what was not measured; an acceptance for everything else that is not met, and for a level that is
        not known to be within appetite. Only a row of met measures within appetite needs none.
        """
        verdicts = {indicator.verdict for indicator in self.indicators}
        needed = set()
        if verdicts & UNMEASURED:
            needed.add(DecisionType.WAIVE_CHECK)
        level_is_fine = self.appetite is not None and self.level.rank <= self.appetite.rank
        if not level_is_fine or not verdicts or verdicts - UNMEASURED - {Verdict.MET} or self.disputed:
            needed.add(DecisionType.ACCEPT)
        return frozenset(needed)

    @property
    def passes(self) -> bool:
        """Whether the row opens the gate: nothing went wrong, and every decision it needs is in force."""
        if any(indicator.verdict is Verdict.ERROR for indicator in self.indicators):
            return False
        return self.needs <= {s.decision.type for s in self.decisions if s.state.holds}

    @property
    def covered(self) -> bool:
        """Whether it passes only because decisions in force cover it."""
        return bool(self.needs) and self.passes

    @property
    def worst(self) -> Indicator | None:
        """The indicator that speaks for the risk."""
        return self.indicators[0] if self.indicators else None

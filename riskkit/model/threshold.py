"""Thresholds: the bound a measurement is held against, and who answers for it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .frozen import Frozen, Name, Text


class Source(StrEnum):
    """Where a bound comes from."""

    LAW = "law"
    POLICY = "policy"
    BASELINE = "baseline"
    JUDGEMENT = "judgement"


class PastBound(Frozen):
    """A bound that used to be in force, and why it was changed."""

    until: date
    at_least: float | None = None
    at_most: float | None = None
    why: Text

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("no bound is set (give at_least, at_most or both)")
        return self


class Threshold(Frozen):
    """The bound a measure must respect: ``at_least``, ``at_most`` or both (within).

    A threshold without owner or rationale is *unowned*: it is shown as such and earns little credit.
    """

    measure: Name = Field(description="the measure it holds for", examples=["selection_rate_ratio"])
    segment: str | None = Field(None, description="one segment only; all segments when left out")
    at_least: float | None = Field(None, description="lowest acceptable value", examples=[0.8])
    at_most: float | None = Field(None, description="highest acceptable value", examples=[0.05])
    unit: str = ""
    min_n: int = Field(1, ge=1, description="smallest sample that can decide", examples=[100])
    confidence: float = Field(0.95, gt=0.5, lt=1, description="level the interval must have", examples=[0.95])
    owner: str | None = Field(None, description="role that answers for the bound")
    rationale: str | None = Field(None, description="why this value")
    source: Source = Field(Source.JUDGEMENT, description="law, policy, baseline or judgement")
    reference: str = Field("", description="citation of the source")
    effective_from: date | None = None
    history: tuple[PastBound, ...] = ()

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("no bound is set (give at_least, at_most or both)")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least:g} is above at_most {self.at_most:g}")
        return self

    @property
    def owned(self) -> bool:
        """Whether somebody answers for the bound and says why."""
        return bool(self.owner and self.rationale)

    def on(self, day: date) -> Threshold | None:
        """The bound in force on ``day``: this one, an earlier one of its history, or None before the first.

        A new bound holds from ``effective_from``; until then the last bound of the history does.
        """
        past = sorted(self.history, key=lambda bound: bound.until)
        earlier = next((bound for bound in past if day < bound.until), None)
        if earlier is None and self.effective_from is not None and day < self.effective_from:
            if not past:
                return None
            earlier = past[-1]
        return self if earlier is None else self._with(earlier)

    def _with(self, bound: PastBound) -> Threshold:
        earlier = {
            "at_least": bound.at_least,
            "at_most": bound.at_most,
            "rationale": self.rationale and f"in force until {bound.until}; then: {bound.why}",
            "effective_from": None,
            "history": (),
        }
        return self.model_copy(update=earlier)

    def describe(self) -> str:
        """The bound in words, such as ``at least 0.8``."""
        if self.at_least is not None and self.at_most is not None:
            return f"within {self.at_least:g} to {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"

"""Indicators: what one measure says about a risk today, and what would make it say something else."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .frozen import Frozen, Sha256
from .measurement import Judgement, Measurement, Verdict
from .threshold import Threshold

VALID_DAYS = {1: 90, 2: 180, 3: 365}
"""How many days evidence counts, by tier, where the profile's assessment does not say."""


class Point(Frozen):
    """One run's value of a measure, for its trend."""

    on: date
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    method_version: int
    record: str = ""
    breaks: bool = Field(False, description="whether another method was used before: no line may be drawn")


class Boundary(Frozen):
    """Where a bound would have to stand for the verdict to flip, all else as it is.

    At ``met``, and beyond it on the lenient side, the verdict is met; beyond ``breached``, on the strict side, it is
    breached; between the two it is inconclusive.
    """

    bound: Literal["at_least", "at_most"]
    now: float
    met: float
    breached: float

    def __str__(self) -> str:
        lenient, strict = ("below", "above") if self.bound == "at_least" else ("above", "below")
        flips = f"met at {self.met:.4g} or {lenient}, breached {strict} {self.breached:.4g}"
        return f"{self.bound.replace('_', ' ')} {self.now:g}: {flips}, inconclusive between"


class Indicator(Frozen):
    """One measure a risk asks for: the latest measurement, if anyone took it, against the threshold in force."""

    measure: str
    segment: str = ""
    assessment: str = ""
    measurement: Measurement | None = None
    threshold: Threshold | None = Field(None, description="the bound in force on the register's day")
    judgement: Judgement
    taken_on: date | None = None
    age_days: int | None = None
    record: str = Field("", description="folder of the record below records/")
    conclusion_sha256: Sha256 | None = Field(None, description="digest of what the run concluded")
    threshold_edited: bool = Field(False, description="whether the bound differs from the one at the run")
    trend: tuple[Point, ...] = Field((), description="the latest runs, oldest first; none where one is all")

    @property
    def verdict(self) -> Verdict:
        """The verdict today."""
        return self.judgement.verdict

    @property
    def boundaries(self) -> tuple[Boundary, ...]:
        """Where each bound would flip the verdict; none for a bound that cannot.

        No bound can where the figures decide nothing (too small a sample, too low a level, stale, missing), and one of
        two cannot while the interval reaches past the other.
        """
        m, t = self.measurement, self.threshold
        if m is None or t is None or m.low is None or m.high is None or self.verdict not in _BY_BOUND:
            return ()
        if m.n < t.min_n or m.level < t.confidence - 1e-9:
            return ()
        found = []
        if t.at_least is not None and (t.at_most is None or m.high <= t.at_most):
            found.append(Boundary(bound="at_least", now=t.at_least, met=m.low, breached=m.high))
        if t.at_most is not None and (t.at_least is None or m.low >= t.at_least):
            found.append(Boundary(bound="at_most", now=t.at_most, met=m.high, breached=m.low))
        return tuple(found)


_BY_BOUND = {Verdict.MET, Verdict.BREACHED, Verdict.INCONCLUSIVE}


class Comparison(Frozen):
    """The developer's measurement beside the validator's."""

    developer: Measurement
    validator: Measurement
    agrees: bool = Field(description="whether the two differ by no more than their margins explain")
    verdict: Verdict = Field(description="what the validator's measurement says of today's threshold")
    why: str

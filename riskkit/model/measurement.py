"""Measurements, and the verdict their interval gives against a threshold."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .frozen import Frozen, Name
from .threshold import Threshold


class Verdict(StrEnum):
    """What a measurement says about its threshold; only ``met`` is good news."""

    MET = "met"
    BREACHED = "breached"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale"
    MISSING = "missing"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST = (
    Verdict.BREACHED,
    Verdict.ERROR,
    Verdict.MISSING,
    Verdict.STALE,
    Verdict.INCONCLUSIVE,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
)
"""The order in which findings speak for a risk."""


class Measurement(Frozen):
    """One number with its company: interval, sample size, method.

    ``value`` is None when the number is not defined; ``undefined`` then says why. ``n`` counts the independent
    units behind the number (rows, prompts, months), not draws or replicates.
    """

    measure: Name
    segment: str = Field("", description="part of the data it speaks of; empty for all of it")
    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = Field(0.95, gt=0, lt=1, description="confidence level of the interval")
    n: int = Field(ge=0)
    unit: str = ""
    method: str = Field(description="how value and interval were computed, in a few words")
    method_version: int = Field(1, ge=1)
    undefined: str = ""
    note: str = ""
    threshold: Threshold | None = Field(None, description="the threshold in force when it was taken")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.value is None:
            if not self.undefined:
                raise ValueError("a measurement without a value says why it is undefined")
            return self
        if self.low is None or self.high is None:
            raise ValueError("a value without an interval does not exist here (give low and high)")
        if not self.low <= self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Judgement(Frozen):
    """A verdict and its reason; ``n_to_decide`` is the sample that would settle an open one."""

    verdict: Verdict
    why: str
    n_to_decide: int | None = None


def judge(measurement: Measurement, threshold: Threshold | None) -> Judgement:
    """Met or breached only when the whole interval lies on one side of the bound; otherwise inconclusive.

    Too small a sample, too low a level, no threshold and an undefined value are all inconclusive, with the reason.
    """
    m = measurement
    if m.value is None or m.low is None or m.high is None:
        return _open(f"not computable: {m.undefined}")
    if threshold is None:
        return _open("no threshold is set for this measure")
    if m.n < threshold.min_n:
        return _open(f"n = {m.n} is below the required {threshold.min_n}", threshold.min_n)
    if m.level < threshold.confidence - 1e-9:
        return _open(f"the interval has level {m.level:g}, the threshold asks for {threshold.confidence:g}")
    bound = threshold.describe()
    interval = f"[{m.low:.4g}, {m.high:.4g}]"
    below = threshold.at_least is not None and m.high < threshold.at_least
    above = threshold.at_most is not None and m.low > threshold.at_most
    if below or above:
        return Judgement(verdict=Verdict.BREACHED, why=f"the whole interval {interval} misses {bound}")
    if (threshold.at_least is None or m.low >= threshold.at_least) and (
        threshold.at_most is None or m.high <= threshold.at_most
    ):
        return Judgement(verdict=Verdict.MET, why=f"the whole interval {interval} lies {_inside(threshold)}")
    return _open(f"the interval {interval} straddles the bound ({bound})", n_to_decide(m, threshold))


def n_to_decide(measurement: Measurement, threshold: Threshold) -> int | None:
    """The sample size at which the interval would clear the nearest bound if the value stayed where it is.

    Interval width is taken to shrink with the square root of n. None when the value lies on the bound, where no
    sample decides.
    """
    m = measurement
    if m.value is None or m.low is None or m.high is None or m.n == 0:
        return None
    needed = []
    for bound in (threshold.at_least, threshold.at_most):
        if bound is None or not m.low < bound < m.high:
            continue
        distance = abs(m.value - bound)
        reach = m.value - m.low if bound < m.value else m.high - m.value
        if distance <= 1e-12:
            return None
        needed.append(math.ceil(round(m.n * (reach / distance) ** 2, 6)))
    return max(needed, default=None)


def _open(why: str, n: int | None = None) -> Judgement:
    return Judgement(verdict=Verdict.INCONCLUSIVE, why=why, n_to_decide=n)


def _inside(threshold: Threshold) -> str:
    if threshold.at_least is not None and threshold.at_most is not None:
        return threshold.describe()
    return f"on the right side of {threshold.describe()}"

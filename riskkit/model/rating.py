"""Ratings: likelihood and impact, and the matrix that turns them into a level."""

from __future__ import annotations

import math
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from .control import Effectiveness
from .frozen import Frozen, Id, Text


class Level(StrEnum):
    """The level of a risk, lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Rating(Frozen):
    """Likelihood and impact on the scale of the project's matrix, 1 at the low end."""

    likelihood: int = Field(ge=1, le=5, examples=[3])
    impact: int = Field(ge=1, le=5, examples=[4])


class Factors(Frozen):
    """A residual by arithmetic: likelihood times impact times the factor of the best credited control, in bands.

    ``as_published`` rounds the score half up before it is banded; ``exact`` holds the score itself against the bands.
    """

    factor: dict[Effectiveness, float] = Field(description="what the score is multiplied with, 1 for none")
    below: dict[Level, float] = Field(description="each level's upper end, which no longer belongs to it")
    rounding: Literal["as_published", "exact"]

    @field_validator("factor")
    @classmethod
    def _falls(cls, factor: dict[Effectiveness, float]) -> dict[Effectiveness, float]:
        values = [factor.get(effectiveness, math.nan) for effectiveness in Effectiveness]
        if not (values[0] == 1 and all(a >= b > 0 for a, b in pairwise(values))):
            raise ValueError("give a factor for each of none (1) to strong, none greater than the one before")
        return factor

    @field_validator("below")
    @classmethod
    def _rises(cls, below: dict[Level, float]) -> dict[Level, float]:
        values = [below.get(level, math.nan) for level in list(Level)[:-1]]
        if Level.CRITICAL in below or not all(a < b for a, b in pairwise([0, *values])):
            raise ValueError("give rising upper ends for low, medium and high, and none for critical")
        return below

    def score(self, rating: Rating, effectiveness: Effectiveness) -> float:
        """The raw number: likelihood x impact x factor, not rounded."""
        return round(rating.likelihood * rating.impact * self.factor[effectiveness], 9)

    def level(self, score: float) -> Level:
        """The band of ``score`` under the declared rounding."""
        counted = math.floor(score + 0.5) if self.rounding == "as_published" else score
        return next((level for level in Level if counted < self.below.get(level, math.inf)), Level.CRITICAL)


class Matrix(Frozen):
    """A grid of levels; ``rows[0]`` is likelihood 1, and within a row the first level is impact 1.

    ``moves`` says how many steps a control of each strength may take its axis down: a step of a coarse scale is a
    larger one. Where ``factors`` are given they take the place of moves.
    """

    id: Id
    title: Text
    about: Text
    source: Text
    likelihood: tuple[Text, ...] = Field(
        min_length=2, max_length=5, description="what each step of likelihood means, lowest first"
    )
    impact: tuple[Text, ...] = Field(
        min_length=2, max_length=5, description="what each step of impact means, lowest first"
    )
    rows: tuple[tuple[Level, ...], ...]
    moves: dict[Effectiveness, int] = {Effectiveness.FAIR: 1, Effectiveness.GOOD: 2, Effectiveness.STRONG: 3}
    factors: Factors | None = None

    @field_validator("rows")
    @classmethod
    def _is_a_rising_grid(
        cls, rows: tuple[tuple[Level, ...], ...], info: ValidationInfo
    ) -> tuple[tuple[Level, ...], ...]:
        steps, width = len(info.data.get("likelihood", rows)), len(info.data.get("impact", rows and rows[0]))
        if len(rows) != steps or any(len(row) != width for row in rows):
            raise ValueError(
                f"is not {steps} rows of {width} levels (one row a likelihood, one level an impact)"
            )
        ranks = [[level.rank for level in row] for row in rows]
        if any(a > b for line in (*ranks, *zip(*ranks, strict=True)) for a, b in pairwise(line)):
            raise ValueError("has a level that falls where likelihood or impact rises")
        return rows

    @field_validator("moves")
    @classmethod
    def _never_moves_up(cls, moves: dict[Effectiveness, int]) -> dict[Effectiveness, int]:
        steps = [moves.get(effectiveness, 0) for effectiveness in Effectiveness]
        if steps[0] != 0 or any(a > b for a, b in pairwise(steps)):
            raise ValueError(
                "a stronger control must not move less than a weaker one, and none moves nothing"
            )
        return moves

    @field_validator("factors")
    @classmethod
    def _agree_with_the_grid(cls, factors: Factors | None, info: ValidationInfo) -> Factors | None:
        rows = info.data.get("rows", ()) if factors else ()
        for likelihood, row in enumerate(rows, 1):
            for impact, level in enumerate(row, 1):
                rating = Rating(likelihood=likelihood, impact=impact)
                if factors and factors.level(factors.score(rating, Effectiveness.NONE)) is not level:
                    raise ValueError(f"band likelihood {likelihood} x impact {impact} otherwise than rows do")
        return factors

    def holds(self, rating: Rating) -> bool:
        """Whether ``rating`` lies on this grid's scale."""
        return rating.likelihood <= len(self.likelihood) and rating.impact <= len(self.impact)

    def level(self, rating: Rating) -> Level:
        """The level at ``rating``; ValueError for one outside the scale, which is never read as a lower one."""
        if not self.holds(rating):
            raise ValueError(f"{rating.likelihood}, {rating.impact} is outside the scale of {self.id}")
        return self.rows[rating.likelihood - 1][rating.impact - 1]

    def fit(self, rating: Rating) -> Rating:
        """A rating on the catalogue's scale of five brought to this grid's, each share rounded up, never down."""
        return Rating(
            likelihood=math.ceil(rating.likelihood * len(self.likelihood) / 5),
            impact=math.ceil(rating.impact * len(self.impact) / 5),
        )

"""Ratings: likelihood and impact, and the matrix that turns them into a level by lookup."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

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
        return list(Level).index(self)


class Rating(Frozen):
    """Likelihood and impact on the scale of the project's matrix, 1 at the low end."""

    likelihood: int = Field(ge=1, le=5, examples=[3])
    impact: int = Field(ge=1, le=5, examples=[4])


class Matrix(Frozen):
    """A grid of levels; ``rows[0]`` is likelihood 1, and within a row the first level is impact 1."""

    id: Id
    title: Text
    about: Text
    source: Text
    likelihood: tuple[Text, ...] = Field(description="what each step of likelihood means, lowest first")
    impact: tuple[Text, ...] = Field(description="what each step of impact means, lowest first")
    rows: tuple[tuple[Level, ...], ...]

    @model_validator(mode="after")
    def _is_a_rising_grid(self) -> Self:
        if len(self.rows) != len(self.likelihood) or any(len(r) != len(self.impact) for r in self.rows):
            raise ValueError("rows must hold one line a likelihood step and one level an impact step")
        ranks = [[level.rank for level in row] for row in self.rows]
        columns = list(zip(*ranks, strict=True))
        if any(a > b for line in (*ranks, *columns) for a, b in pairwise(line)):
            raise ValueError("levels must not fall when likelihood or impact rises")
        return self

    def level(self, rating: Rating) -> Level:
        """The level at ``rating``, which is first brought onto the grid's scale if it lies outside."""
        rating = self.fit(rating)
        return self.rows[rating.likelihood - 1][rating.impact - 1]

    def fit(self, rating: Rating) -> Rating:
        """``rating`` capped to the size of the grid; a cap never lowers a level below the grid's top row."""
        return Rating(
            likelihood=min(rating.likelihood, len(self.likelihood)),
            impact=min(rating.impact, len(self.impact)),
        )

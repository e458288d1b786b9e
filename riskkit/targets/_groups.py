"""Groups of people: which column says where somebody belongs, and what the groups are called."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen

from ._columns import column, numbers, row_problems
from ._condition import plain

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS = 200
"""Distinct values a group may show; more is a number or an identifier that was not put into bands."""
MISSING = "missing"
"""What a group shows where the data has no value: a group of its own, never dropped."""

Shown = Annotated[str, BeforeValidator(plain)]


def _plain_keys(value: Any) -> Any:
    return {plain(k): v for k, v in value.items()} if isinstance(value, dict) else value


class Group(Frozen):
    """A column that says which group a person belongs to."""

    column: str = Field(description="column of the file", examples=["sex"])
    values: Annotated[dict[str, Shown], BeforeValidator(_plain_keys)] = Field(
        {}, description="value in the file (or band) to name shown", examples=[{"F": "female", "M": "male"}]
    )
    cut: tuple[float, ...] = Field(
        (), description="upper ends of the bands numbers are put into", examples=[[25]]
    )
    missing: tuple[Shown, ...] = Field(
        (), description="values that stand for a missing one", examples=[["?", "not disclosed"]]
    )
    other: str | None = Field(None, min_length=1, description="name for values that `values` does not list")

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        if any(a >= b for a, b in pairwise(self.cut)):
            raise ValueError("the ends of the bands must rise")
        if self.other and not self.values:
            raise ValueError("`other` needs `values`: it names what they do not list")
        return self


def grouped(raw: pd.DataFrame, group: Group, file: str, field: str) -> Any:
    """The group each row belongs to, as text."""
    import numpy as np
    import pandas as pd

    cells = column(raw, group.column, file, f"{field}.column")
    if group.cut:
        known = raw.assign(**{group.column: cells.where(~cells.str.strip().isin(group.missing))})
        found = numbers(known, group.column, file, f"{field}.cut")
        at = np.searchsorted(np.array(group.cut), found.to_numpy(), side="left")
        cells = pd.Series(np.array(bands(group.cut), dtype=object)[at], index=raw.index).where(found.notna())
    cells = cells.where(~cells.str.strip().isin(group.missing))
    codes, distinct = pd.factorize(cells.str.strip())
    if group.values and group.other is None and (extra := [v for v in distinct if v not in group.values]):
        strange = cells.str.strip().isin(extra)
        raise InputError(row_problems(cells, strange, file, group.column, f"is not listed in {field}.values"))
    if len(distinct) > MOST_GROUPS:
        what = f"{group.column} has {len(distinct)} different values"
        raise InputError(
            [Problem(file, None, field, what, "put numbers into bands with `cut`, or list `values`")]
        )
    names = [group.values.get(v, group.other if group.values else v) for v in distinct]
    return np.array([*names, MISSING], dtype=object)[codes]


def bands(cut: tuple[float, ...]) -> list[str]:
    """What the bands with these upper ends are called: ``up to 25``, ``over 25 to 60``, ``over 60``."""
    ends = [f"{end:g}" for end in cut]
    middle = [f"over {a} to {b}" for a, b in pairwise(ends)]
    return [f"up to {ends[0]}", *middle, f"over {ends[-1]}"]

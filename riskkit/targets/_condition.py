"""Conditions on a cell, as a profile states them: a value, a list of values, or bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from riskkit.model import Frozen

Scalar = bool | int | float | str


def plain(value: Any) -> Any:
    """A scalar of a profile as the text a data file would hold; anything else as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value}" if isinstance(value, int | float) else value


class Condition(Frozen):
    """Which cells are meant: ``1``, ``[yes, maybe]``, ``{at_least: 70}``, ``{not: 3}``.

    Numbers are compared as numbers (``1`` meets ``1.0``), text exactly but for surrounding spaces, true and
    false in any case. The empty text means a missing value.
    """

    one_of: tuple[Scalar, ...] = Field((), description="one of these values")
    at_least: float | None = Field(None, description="lowest number that counts", examples=[70])
    at_most: float | None = Field(None, description="highest number that counts", examples=[25])
    above: float | None = Field(None, description="numbers above this one", examples=[0.5])
    below: float | None = Field(None, description="numbers below this one", examples=[0.5])
    none_of: tuple[Scalar, ...] = Field(
        (), alias="not", description="a value, or a list of values, that do not count"
    )

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        if value is None or isinstance(value, cls):
            return value
        if isinstance(value, list | tuple):
            return {"one_of": tuple(value)}
        if not isinstance(value, dict):
            return {"one_of": (value,)}
        return {k: _as_tuple(v) if k in {"one_of", "not"} else v for k, v in value.items()}

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.one_of or self.none_of or self.has_bounds):
            raise ValueError("is empty (give a value, a list, or at_least, at_most, above, below, not)")
        return self

    @property
    def has_bounds(self) -> bool:
        """Whether cells must be numbers."""
        return any(b is not None for b in (self.at_least, self.at_most, self.above, self.below))

    def within(self, number: float) -> bool:
        """Whether ``number`` respects every bound."""
        return (
            (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )

    def test(self) -> Callable[[str], bool]:
        """A function from the text of a cell to whether it is meant; cells under bounds must hold numbers."""

        def met(cell: str) -> bool:
            cell = cell.strip()
            return (
                (not self.has_bounds or (cell != "" and self.within(float(cell))))
                and (not self.one_of or any(same(cell, wanted) for wanted in self.one_of))
                and not any(same(cell, unwanted) for unwanted in self.none_of)
            )

        return met

    def describe(self) -> str:
        """The condition in words, such as ``at least 70``."""
        words = ["is " + " or ".join(map(str, self.one_of))] if self.one_of else []
        bounds = {
            "at least": self.at_least,
            "at most": self.at_most,
            "above": self.above,
            "below": self.below,
        }
        words += [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
        words += ["is not " + " or ".join(map(str, self.none_of))] if self.none_of else []
        return " and ".join(words)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        fields = handler(core_schema)
        inner = dict(handler.resolve_ref_schema(fields))
        inner.pop("title", None)
        scalar = {"type": ["string", "number", "boolean"]}
        unwanted = inner["properties"]["not"]
        inner["properties"]["not"] = {
            "description": unwanted["description"], "anyOf": [scalar, {"type": "array", "items": scalar}],
        }  # fmt: skip
        return {"anyOf": [scalar, {"type": "array", "items": scalar, "minItems": 1}, inner]}


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def same(cell: str, wanted: Scalar) -> bool:
    """Whether ``cell`` holds ``wanted``."""
    if isinstance(wanted, bool):
        return cell.lower() == str(wanted).lower()
    if isinstance(wanted, str):
        return cell == wanted.strip()
    try:
        return float(cell) == wanted
    except ValueError:
        return False

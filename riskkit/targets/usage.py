"""Tokens that calls of a model used, from a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name

from . import Read
from ._columns import column, numbers, row_problems
from ._tables import read_table
from ._times import parse_times

if TYPE_CHECKING:
    import pandas as pd


class Settings(Frozen):
    """Where the calls stand, and whose list price counts."""

    dataset: Name = Field(
        description="a dataset of the profile: CSV with input_tokens and output_tokens, perhaps model, "
        "cached_tokens and at",
        examples=["usage"],
    )
    priced_as: str | None = Field(
        None,
        description="model whose list price counts, where the recorded one has none",
        examples=["gpt-4o-mini"],
    )


def usage(settings: Settings, read: Read) -> pd.DataFrame:
    """One row a call: what it used, when, and the model whose price counts.

    Columns: model (the one to price), recorded_model, input_tokens, output_tokens, cached_tokens, at (UTC,
    NaT where the file does not say). A file without ``cached_tokens`` counts none as cached.

    Raises
    ------
    InputError
        When the file is malformed, when a count is missing, negative or not whole, or when no model is named.
    """
    import pandas as pd

    file = f"dataset {settings.dataset}"
    raw = read_table(read(settings.dataset), file=file)
    table = pd.DataFrame({"input_tokens": _counts(raw, "input_tokens", file)})
    table["output_tokens"] = _counts(raw, "output_tokens", file)
    table["cached_tokens"] = _counts(raw, "cached_tokens", file) if "cached_tokens" in raw else 0
    if (above := table["cached_tokens"] > table["input_tokens"]).any():
        cells = raw["cached_tokens"]
        raise InputError(row_problems(cells, above, file, "cached_tokens", "is more than input_tokens"))
    table.insert(0, "recorded_model", _models(raw, settings, file))
    table.insert(0, "model", settings.priced_as or table["recorded_model"])
    texts = raw["at"] if "at" in raw else pd.Series("", index=raw.index)
    moments = [(i + 2, None if pd.isna(text) else str(text)) for i, text in enumerate(texts)]
    table["at"] = parse_times(moments, file=file)
    return table


def _counts(raw: pd.DataFrame, name: str, file: str) -> pd.Series[int]:
    found = numbers(raw, name, file, name)
    wrong = found.isna() | (found < 0) | (found % 1 != 0)
    if wrong.any():
        raise InputError(row_problems(raw[name], wrong, file, name, "is not a count of tokens"))
    return found.astype("int64")


def _models(raw: pd.DataFrame, settings: Settings, file: str) -> pd.Series[str]:
    if "model" not in raw and settings.priced_as:
        return raw.iloc[:, 0].map(lambda cell: settings.priced_as)
    models = column(raw, "model", file, "model")
    if models.isna().any():
        problem = Problem(
            file, None, "model", f"is missing in {int(models.isna().sum())} rows", "name it in each"
        )
        raise InputError([problem])
    return models

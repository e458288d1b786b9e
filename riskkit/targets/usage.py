"""Calls of a model with the tokens, time and money they took, from a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field, PositiveFloat, field_validator

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name

from . import Read
from ._answers import unpacked
from ._columns import column, numbers, row_problems
from ._tables import read_table
from ._times import parse_times

if TYPE_CHECKING:
    import pandas as pd

TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
PART_OF = {"cached_tokens": "input_tokens", "reasoning_tokens": "output_tokens"}
AMOUNTS = ("usd", "latency", "first_token", "energy_wh")
"""Money, seconds, seconds until the first token, and watt-hours of a call, where they were measured."""
TEXTS = ("version", "prompt_id", "task_id", "status")
COLUMNS = frozenset({"model", "at", "currency", *TOKENS, *AMOUNTS, *TEXTS})


class Settings(Frozen):
    """Where the calls stand, which of them are meant, and whose list price counts."""

    dataset: Name = Field(
        description="a dataset of the profile: CSV (gzip is read too) with input_tokens and output_tokens or usd, "
        "perhaps model, version, prompt_id, task_id, cached_tokens, reasoning_tokens, latency, first_token, status, "
        "energy_wh, currency and at",
        examples=["usage"],
    )
    priced_as: str | None = Field(
        None,
        description="model whose list price counts, where the recorded one has none",
        examples=["gpt-4o-mini"],
    )
    fields: dict[str, str] = Field(
        {},
        description="our column to the file's own name for it",
        examples=[{"usd": "cost", "prompt_id": "id"}],
    )
    model: str | None = Field(None, description="only calls of this model", examples=["gpt-4-0613"])
    version: str | None = Field(None, description="only calls of this version", examples=["2026-06"])
    usd_per: dict[str, PositiveFloat] = Field(
        {}, description="US dollars for one unit of each other currency of the file", examples=[{"EUR": 1.08}]
    )

    @field_validator("fields")
    @classmethod
    def _are_ours(cls, given: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(given) - COLUMNS):
            raise ValueError(f"{unknown[0]!r} is not a column of calls (one of {', '.join(sorted(COLUMNS))})")
        return given


def usage(settings: Settings, read: Read) -> pd.DataFrame:
    """One row a call: what it used, when, and the model whose price counts.

    Columns: model (the one to price), recorded_model, at (UTC, NaT where the file does not say), and of input_tokens,
    output_tokens, cached_tokens, reasoning_tokens, usd, latency, first_token, energy_wh, version, prompt_id, task_id
    and status those that the file has. A file without cached_tokens counts none as cached. What a call did cost (usd)
    may stand in another currency, named in a column currency, whose rate is declared; without tokens it stands alone.

    Raises
    ------
    InputError
        When the file is malformed, when a number is missing, negative or not whole, when no model is named, when a
        currency has no rate, or when no call is meant.
    """
    import pandas as pd

    file = f"dataset {settings.dataset}"
    raw = _renamed(read_table(unpacked(read(settings.dataset), file=file), file=file), settings.fields, file)
    table = pd.DataFrame(index=raw.index)
    for name in TOKENS:
        if name in raw or (name in TOKENS[:2] and "usd" not in raw):
            table[name] = _counts(raw, name, file)
    if "input_tokens" in table and "cached_tokens" not in table:
        table["cached_tokens"] = 0
    _parts_are_parts(table, raw, file)
    for name in (a for a in AMOUNTS if a in raw):
        table[name] = _amounts(raw, name, file)
    if "usd" in table:
        table["usd"] *= _rates(raw, settings.usd_per, file)
    for name in (t for t in TEXTS if t in raw):
        table[name] = raw[name]
    table.insert(0, "recorded_model", _models(raw, settings, file))
    table.insert(0, "model", settings.priced_as or table["recorded_model"])
    texts = raw["at"] if "at" in raw else pd.Series("", index=raw.index)
    moments = [(i + 2, None if pd.isna(text) else str(text)) for i, text in enumerate(texts)]
    table["at"] = parse_times(moments, file=file)
    return _meant(table, settings, file)


def _renamed(raw: pd.DataFrame, fields: Mapping[str, str], file: str) -> pd.DataFrame:
    for ours, theirs in fields.items():
        column(raw, theirs, file, f"fields.{ours}")
    attrs = raw.attrs
    found = raw.drop(columns=[ours for ours, theirs in fields.items() if ours in raw and ours != theirs])
    found = found.rename(columns={theirs: ours for ours, theirs in fields.items()})
    found.attrs = attrs
    return found


def _meant(table: pd.DataFrame, settings: Settings, file: str) -> pd.DataFrame:
    kept = table
    for name, wanted in (("recorded_model", settings.model), ("version", settings.version)):
        if wanted is None:
            continue
        there = kept[name] if name in kept else kept["recorded_model"].iloc[:0]
        if not (there == wanted).any():
            what = f"no call is of {name.removeprefix('recorded_')} {wanted!r}"
            names = ", ".join(sorted(map(str, there.dropna().unique()))[:8]) or "none named"
            raise InputError(
                [Problem(file, None, name.removeprefix("recorded_"), what, f"there are {names}")]
            )
        kept = kept[kept[name] == wanted]
    return kept.reset_index(drop=True)


def _counts(raw: pd.DataFrame, name: str, file: str) -> pd.Series[int]:
    found = numbers(raw, name, file, name)
    wrong = found.isna() | (found < 0) | (found % 1 != 0)
    if wrong.any():
        raise InputError(row_problems(raw[name], wrong, file, name, "is not a count of tokens"))
    return found.astype("int64")


def _amounts(raw: pd.DataFrame, name: str, file: str) -> pd.Series[float]:
    """Amounts that are 0 or more; only money must be known of every call."""
    found = numbers(raw, name, file, name)
    wrong = (found < 0) | (found.isna() if name == "usd" else False)
    if wrong.any():
        raise InputError(row_problems(raw[name], wrong, file, name, "is not an amount of 0 or more"))
    return found


def _parts_are_parts(table: pd.DataFrame, raw: pd.DataFrame, file: str) -> None:
    for part, whole in PART_OF.items():
        if part in table and whole in table and (above := table[part] > table[whole]).any():
            raise InputError(row_problems(raw[part], above, file, part, f"is more than {whole}"))


def _rates(raw: pd.DataFrame, usd_per: Mapping[str, float], file: str) -> pd.Series[float] | float:
    if "currency" not in raw:
        return 1.0
    known = {"USD": 1.0, **usd_per}
    wrong = ~raw["currency"].isin(known)
    if wrong.any():
        what = f"has no rate (declare usd_per; known: {', '.join(known)})"
        raise InputError(row_problems(raw["currency"], wrong, file, "currency", what))
    return raw["currency"].map(known).astype(float)


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

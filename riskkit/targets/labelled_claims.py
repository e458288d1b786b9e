"""Counts of claims that people found supported or not, one row an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import Field

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name

from . import Read, _tables
from ._columns import column, numbers, row_problems

if TYPE_CHECKING:
    import pandas as pd

_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class Settings(Frozen):
    """Where the counts stand, and what the columns are called."""

    dataset: Name = Field(description="a dataset of the profile: JSON Lines, or CSV", examples=["labels"])
    response: str = Field("response_id", description="column that names the answer", examples=["response_id"])
    answered: str | None = Field(
        None,
        description="column that says whether there is an answer; all are when left out",
        examples=["answered"],
    )
    model: str | None = Field(None, description="column of the model that answered", examples=["model"])
    supported: str = Field("supported", description="column of claims that hold", examples=["supported"])
    unsupported: tuple[str, ...] = Field(
        ("not_supported",),
        min_length=1,
        description="columns of claims that do not, irrelevant ones included where they count",
        examples=[["not_supported", "irrelevant"]],
    )


def claims(settings: Settings, read: Read) -> pd.DataFrame:
    """One row an answer: response, model, answered, supported, claims (all that count).

    Raises
    ------
    InputError
        When a count is none, an answer occurs twice, or a column is missing.
    """
    import pandas as pd

    file = f"dataset {settings.dataset}"
    raw = _table(read(settings.dataset), file)
    names = column(raw, settings.response, file, "response")
    models = column(raw, settings.model, file, "model") if settings.model else pd.Series("", index=raw.index)
    twice = pd.Series(list(zip(models, names, strict=True)), index=raw.index).duplicated()
    if twice.any():
        raise InputError(row_problems(names, twice, file, settings.response, "occurs twice"))
    supported = _counts(raw, settings.supported, file)
    total = supported + sum(_counts(raw, name, file) for name in settings.unsupported)
    return pd.DataFrame(
        {
            "response": names,
            "model": models,
            "answered": _answered(raw, settings, file),
            "supported": supported,
            "claims": total,
        }
    )


def _table(data: bytes, file: str) -> pd.DataFrame:
    import pandas as pd

    if not data.lstrip().startswith(b"{"):
        return _tables.read_table(data, file=file)
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    for number, line in enumerate(_tables.text_of(data, file=file).rstrip("\n").split("\n"), 1):
        try:
            rows.append({name: _text(value) for name, value in json.loads(line).items()})
        except (ValueError, AttributeError, RecursionError):
            problems.append(Problem(file, number, "", "is no JSON object", "one object a line"))
    if problems:
        raise InputError(problems[: _tables.MOST_PROBLEMS])
    return pd.DataFrame(rows, dtype="str")


def _text(value: Any) -> str:
    """Text of a value, with lone surrogates spelt out, since no table of text can hold them."""
    said = value if isinstance(value, str) else json.dumps(value)
    return said.encode("utf-8", "backslashreplace").decode()


def _counts(raw: pd.DataFrame, name: str, file: str) -> pd.Series[int]:
    found = numbers(raw, name, file, name)
    wrong = found.isna() | (found < 0) | (found % 1 != 0)
    if wrong.any():
        raise InputError(row_problems(raw[name], wrong, file, name, "is not a count"))
    return found.astype(int)


def _answered(raw: pd.DataFrame, settings: Settings, file: str) -> pd.Series[bool]:
    import pandas as pd

    if settings.answered is None:
        return pd.Series(True, index=raw.index)
    cells = column(raw, settings.answered, file, "answered")
    words = cells.str.strip().str.lower()
    wrong = ~words.isin(_YES | _NO)
    if wrong.any():
        raise InputError(row_problems(cells, wrong, file, settings.answered, "is neither true nor false"))
    return words.isin(_YES)

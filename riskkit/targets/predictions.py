"""A recorded table of decisions about people, in the form every fairness measure takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name

from . import Read, _grouped, _tables
from ._columns import column, flags, numbers, row_problems
from ._condition import Condition
from ._groups import Group, Shown, grouped

if TYPE_CHECKING:
    import pandas as pd


class Outcome(Frozen):
    """A column, and which of its values count as the favourable outcome."""

    column: str = Field(description="column of the file", examples=["approved"])
    favourable: Condition = Field(
        description="the favourable values: one, a list, or bounds such as {at_least: 70}", examples=["yes"]
    )
    unfavourable: Condition | None = Field(
        None, description="the other values; when given, a value that is neither is an error", examples=["no"]
    )


class Score(Frozen):
    """A column of scores on a scale of its own, and which end of it is favourable."""

    column: str = Field(description="column of the file", examples=["decile_score"])
    worst: float = Field(description="the least favourable end of the scale", examples=[10])
    best: float = Field(description="the most favourable end of the scale", examples=[1])

    @model_validator(mode="after")
    def _ends_differ(self) -> Self:
        if self.worst == self.best:
            raise ValueError("the two ends of the scale must differ")
        return self


class Settings(Frozen):
    """Where the decisions stand, which outcome is favourable, and who is compared."""

    dataset: Name = Field(description="a dataset of the profile (CSV or Parquet)", examples=["decisions"])
    decision: Outcome = Field(description="the decision that was made")
    label: Outcome | None = Field(None, description="what turned out to be true, where it is known")
    score: str | Score | None = Field(
        None,
        description="column of a score from 0 to 1, higher is more favourable; or column, worst and best",
    )
    weight: str | None = Field(None, description="column of a weight: how many people a row stands for")
    groups: dict[Name, Group] = Field(min_length=1, description="name of a grouping to its column")
    reference: dict[Name, Shown] = Field(
        {}, description="grouping to the group others are compared with", examples=[{"sex": "male"}]
    )
    where: dict[str, Condition] = Field(
        {}, description="keep only rows whose columns meet these", examples=[{"position": "Captain"}]
    )

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if taken := sorted(set(self.groups) & {"selected", "label", "score", "weight"}):
            raise ValueError(f"a grouping may not be called {taken[0]}: the table has a column of that name")
        if unknown := sorted(set(self.reference) - set(self.groups)):
            raise ValueError(
                f"reference names {unknown[0]}, which is not among groups ({', '.join(self.groups)})"
            )
        return self


def decisions(settings: Settings, read: Read) -> pd.DataFrame:
    """One row a person: ``selected``, a text column a grouping; where declared ``label``, ``score`` and ``weight``.

    ``selected`` and ``label`` are true where the outcome was favourable; a label is missing where unknown.
    Missing groups read ``missing``. ``attrs`` holds ``groups``, ``reference`` and ``favourable`` (in words).

    Raises
    ------
    InputError
        When the file is malformed, a column is not there, a value fits no declared group, or nothing or
        everything is favourable (which is how a wrong declaration looks, and would read as perfect parity).
    """
    file = f"dataset {settings.dataset}"
    raw = _tables.read_table(read(settings.dataset), file=file)
    table = _table(raw, settings, file, whole=True)
    return table.reset_index(drop=True)


def counted(settings: Settings, path: Callable[[str], Path]) -> pd.DataFrame:
    """The same for a file larger than memory: one row a combination of values that occurs, without scores.

    ``attrs["rows"]`` names the column that says how many decisions each row stands for. ``path`` takes the name of a
    dataset to its file. Errors are those of :func:`decisions`; rows they name are combinations.
    """
    file = f"dataset {settings.dataset}"
    raw, often = _grouped.read_grouped(path(settings.dataset), _columns_of(settings), file=file)
    table = _table(raw, settings, file, whole=False)
    table[_grouped.COUNT] = often[table.index]
    table.attrs["rows"] = _grouped.COUNT
    return table.reset_index(drop=True)


def _columns_of(settings: Settings) -> list[str]:
    outcomes = [o.column for o in (settings.decision, settings.label) if o]
    return [*outcomes, *(group.column for group in settings.groups.values()), *settings.where]


def _table(raw: pd.DataFrame, settings: Settings, file: str, *, whole: bool) -> pd.DataFrame:
    import pandas as pd

    raw = _kept(raw, settings.where, file)
    table = pd.DataFrame({"selected": _decided(raw, settings.decision, file)}, index=raw.index)
    for name, group in settings.groups.items():
        table[name] = grouped(raw, group, file, f"groups.{name}")
    if settings.label:
        table["label"] = _known(raw, settings.label, file)
    if settings.score and whole:
        table["score"] = _scores(raw, settings.score, file)
    if settings.weight and whole:
        table["weight"] = _weights(raw, settings.weight, file)
    _check_reference(table, settings.reference, file)
    table.attrs = {
        "groups": list(settings.groups),
        "reference": dict(settings.reference),
        "favourable": f"{settings.decision.column} {settings.decision.favourable.describe()}",
    }
    if "weight" in table:
        table.attrs["weight"] = "weight"
    return table


def _kept(raw: pd.DataFrame, where: dict[str, Condition], file: str) -> pd.DataFrame:
    for name, condition in where.items():
        raw = raw[flags(raw, name, condition, file, f"where.{name}")]
        if raw.empty:
            what = f"no row is left where {name} {condition.describe()}"
            raise InputError([Problem(file, None, f"where.{name}", what)])
    return raw


def _decided(raw: pd.DataFrame, outcome: Outcome, file: str) -> Any:
    """Whether each row was favourable; never all or none."""
    cells = column(raw, outcome.column, file, "decision.column")
    if cells.isna().any():
        raise InputError(row_problems(cells, cells.isna(), file, outcome.column, "the decision is missing"))
    favourable = _favourable(raw, outcome, file, "decision")
    if favourable.all() or not favourable.any():
        who = "every row is" if favourable.all() else "no row is"
        wanted = f"{outcome.column} {outcome.favourable.describe()}"
        what = f"{who} favourable ({wanted}): it holds {_tally(cells)}"
        raise InputError(
            [Problem(file, None, "decision.favourable", what, "say which values are favourable")]
        )
    return favourable.to_numpy()


def _known(raw: pd.DataFrame, outcome: Outcome, file: str) -> Any:
    """Whether each row's outcome was favourable, missing where it is not known."""
    cells = column(raw, outcome.column, file, "label.column")
    known = cells.notna()
    favourable = _favourable(raw[known], outcome, file, "label")
    if not favourable.any() and outcome.unfavourable is None:
        what = f"no label is favourable ({outcome.favourable.describe()}): it holds {_tally(cells)}"
        raise InputError([Problem(file, None, "label.favourable", what, "say which values are favourable")])
    if known.all():
        return favourable.to_numpy()
    return favourable.astype("boolean").reindex(cells.index).array


def _favourable(raw: pd.DataFrame, outcome: Outcome, file: str, field: str) -> pd.Series[bool]:
    """Rows that meet ``favourable``; values that are neither, or stand for a missing one, are errors."""
    yes = flags(raw, outcome.column, outcome.favourable, file, f"{field}.favourable")
    cells = raw[outcome.column]
    if outcome.unfavourable:
        no = flags(raw, outcome.column, outcome.unfavourable, file, f"{field}.unfavourable")
        if (yes & no).any():
            raise InputError(
                row_problems(cells, yes & no, file, outcome.column, "is favourable and unfavourable")
            )
        strange, what = ~yes & ~no, "is neither favourable nor unfavourable"
    else:
        blanks = {"na", "n/a", "nan", "null", "none", "?", "-", ".", "unknown", "missing"}
        strange = ~yes & cells.str.strip().str.lower().isin(blanks)
        what = "looks like a missing value (leave such rows out with `where`, or declare `unfavourable`)"
    if strange.any():
        raise InputError(row_problems(cells, strange, file, outcome.column, what))
    return yes


def _scores(raw: pd.DataFrame, score: str | Score, file: str) -> Any:
    """Scores from 0, the worst, to 1, the best; those of a declared scale are brought there."""
    name, worst, best = (
        (score, 0.0, 1.0) if isinstance(score, str) else (score.column, score.worst, score.best)
    )
    found = (numbers(raw, name, file, "score") - worst) / (best - worst)
    if not found.dropna().between(0, 1).all():
        given = numbers(raw, name, file, "score")
        what = f"scores lie between {given.min():g} and {given.max():g}, not between {worst:g} and {best:g}"
        right = f"say which end is which: {{column: {name}, worst: {given.min():g}, best: {given.max():g}}}"
        raise InputError([Problem(file, None, "score", what, right)])
    return found.to_numpy()


def _weights(raw: pd.DataFrame, name: str, file: str) -> Any:
    found = numbers(raw, name, file, "weight")
    wrong = found.isna() | (found < 0)
    if wrong.any():
        raise InputError(row_problems(raw[name], wrong, file, name, "is no weight (a number from 0 up)"))
    return found.to_numpy()


def _check_reference(table: pd.DataFrame, reference: dict[str, str], file: str) -> None:
    problems = []
    for name, group in reference.items():
        there = sorted(table[name].unique())
        if group not in there:
            right = f"one of {', '.join(there)}"
            problems.append(
                Problem(file, None, f"reference.{name}", f"nobody is in the group {group!r}", right)
            )
    if problems:
        raise InputError(problems)


def _tally(cells: pd.Series[str]) -> str:
    """The commonest values with their counts."""
    counts = cells.value_counts(dropna=False).head(6)
    return ", ".join(f"{value!r} ({count}x)" for value, count in counts.items())

"""What training and test data share that they should not: rows, groups, time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd

from riskkit.measures.cells import joined
from riskkit.measures.intervals import wilson
from riskkit.model import Measurement


def split_overlap_share(
    parts: dict[str, pd.DataFrame], *, ignore: Sequence[str] = (), level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share of rows of a later part that an earlier part holds too, a measurement a pair such as ``test in train``.

    ``parts`` are the sets by name, training first. Rows are compared on the columns they share, without those of
    ``ignore`` (an id that numbers the rows, the name of the split). Where a table has few different rows, twins come by
    chance: the note says how many rows have a twin within their own part.

    Formula: rows of the later part found in an earlier one / rows of the later part.
    Limits: Rows that are alike but not equal are not counted.

    Raises
    ------
    ValueError
        With one part alone, an empty one, or no column to compare.
    """
    _refuse(parts)
    names = list(parts)
    return tuple(
        _overlap(names[j], names[i], parts, ignore, level)
        for i in range(len(names))
        for j in range(i + 1, len(names))
    )


def group_overlap_share(
    parts: dict[str, pd.DataFrame], *, group: str, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share of groups (a patient, a customer) of a later part with rows in an earlier one; empty without ``group``.

    ``n`` counts groups. A model may know a person again, so rows of one belong in one part.
    """
    if not group:
        return ()
    _refuse(parts, group)
    names, found = list(parts), []
    for i, earlier in enumerate(names):
        for later in names[i + 1 :]:
            known, asked = (set(parts[p][group].dropna()) for p in (earlier, later))
            what = f"groups by {group} of one part with rows in the other; Wilson interval over groups"
            found.append(
                _share(
                    "group_overlap_share",
                    f"{later} in {earlier}",
                    len(known & asked),
                    len(asked),
                    what,
                    level,
                )
            )
    return tuple(found)


def time_leak_share(
    parts: dict[str, pd.DataFrame], *, time: str, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share of rows of an earlier part dated at or after the first row of a later one; empty without ``time``.

    Above 0 the model was fitted on what happened after the moment it is tested at, as in a random split of data that
    drift. Undefined where a date cannot be read.
    """
    if not time:
        return ()
    _refuse(parts, time)
    dates = {
        name: pd.to_datetime(table[time], errors="coerce", utc=True, format="mixed")
        for name, table in parts.items()
    }
    names, found = list(parts), []
    for i, earlier in enumerate(names):
        for later in names[i + 1 :]:
            segment, unread = (
                f"{later} in {earlier}",
                int(dates[earlier].isna().sum() + dates[later].isna().sum()),
            )
            what = f"rows dated ({time}) at or after the first row of the later part; Wilson interval"
            late = int((dates[earlier] >= dates[later].min()).sum())
            measured = _share("time_leak_share", segment, late, len(dates[earlier]), what, level)
            if unread:
                told = {
                    "value": None,
                    "low": None,
                    "high": None,
                    "undefined": f"{unread} rows have no date that can be read",
                }
                measured = measured.model_copy(update=told)
            found.append(measured)
    return tuple(found)


def shared_rows(later: pd.DataFrame, earlier: pd.DataFrame, *, ignore: Sequence[str] = ()) -> pd.Series[bool]:
    """Whether each row of ``later`` stands in ``earlier`` too; texts are compared without case and outer spaces."""
    columns = [c for c in later.columns if c in earlier.columns and c not in ignore]
    if not columns:
        raise ValueError("the parts have no column in common to compare rows by")
    known = set(_keys(earlier[columns]))
    return pd.Series([key in known for key in _keys(later[columns])], index=later.index)


def _overlap(
    later: str, earlier: str, parts: dict[str, pd.DataFrame], ignore: Sequence[str], level: float
) -> Measurement:
    found = shared_rows(parts[later], parts[earlier], ignore=ignore)
    columns = [c for c in parts[later].columns if c in parts[earlier].columns and c not in ignore]
    keys = pd.Series(_keys(parts[earlier][columns]))
    twins = float(keys.duplicated(keep=False).mean())
    method = f"rows that are the same in {len(columns)} columns; Wilson interval"
    measured = _share(
        "split_overlap_share", f"{later} in {earlier}", int(found.sum()), len(found), method, level
    )
    note = joined(measured.note, f"{twins:.1%} of the rows of {earlier} have a twin in it")
    return measured.model_copy(update={"note": note})


def _keys(table: pd.DataFrame) -> list[Hashable]:
    plain = table.copy()
    for name in plain.columns:
        cells = plain[name]
        if pd.api.types.is_numeric_dtype(cells):
            plain[name] = cells.astype(float).replace(-0.0, 0.0)
        else:
            plain[name] = (
                cells.astype("object").where(cells.notna(), "").astype(str).str.strip().str.casefold()
            )
    return list(plain.astype("object").where(plain.notna(), None).itertuples(index=False, name=None))


def _share(measure: str, segment: str, hits: int, n: int, method: str, level: float) -> Measurement:
    what: dict[str, Any] = {
        "measure": measure,
        "segment": segment,
        "level": level,
        "n": n,
        "unit": "share",
        "method": method,
    }
    if not n:
        return Measurement(**what, value=None, undefined="there is nothing to look at")
    low, high = wilson(hits, n, level=level)
    return Measurement(**what, value=hits / n, low=low, high=high, note=f"{hits:,} of {n:,}")


def _refuse(parts: dict[str, pd.DataFrame], column: str = "") -> None:
    empty = [name for name, table in parts.items() if table.empty]
    if len(parts) < 2 or empty:
        raise ValueError(
            f"{', '.join(empty)}: no rows" if empty else "one part alone: name training and test data"
        )
    lacking = [name for name, table in parts.items() if column and column not in table.columns]
    if lacking:
        raise ValueError(f"{', '.join(lacking)}: there is no column {column!r}")

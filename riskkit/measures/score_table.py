"""Scores counted into bins for each group and label: all that AUC, Brier score and calibration need of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskkit.measures import encoding
from riskkit.measures.counting import CHUNK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BINS = 1024
"""Bins of equal width from 0 to 1; scores of three digits fall each in a bin of their own."""
POWERS = 4
"""Powers of the error (score minus label) that are summed: its mean, mean square and their spread need four."""


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Rows and sums of scores by group, bin and label, shape (groups, bins, 2), and sums of powers of the error.

    ``errors`` has shape (groups, powers): the sums of the first to fourth power of score minus label. Tables of shards,
    days or versions add. ``missing`` counts rows without score or label, which are in no cell.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    counts: Ints
    sums: Floats
    errors: Floats
    missing: int = 0

    def __add__(self, other: ScoreTable) -> ScoreTable:
        if self.names != other.names or self.counts.shape[1] != other.counts.shape[1]:
            raise ValueError("tables of scores over other columns or bins do not add")
        groups = [*self.groups, *other.groups]
        parts = (
            np.concatenate([getattr(t, name) for t in (self, other)]) for name in ("counts", "sums", "errors")
        )
        return _made(self.names, groups, *parts, missing=self.missing + other.missing)


def count_scores(table: Any, grouping: Sequence[str], *, bins: int = BINS) -> ScoreTable:
    """The table of scores over the columns of ``grouping``, in one pass and in chunks.

    ``table`` holds ``score`` (from 0 to 1) and ``label`` (True, False, missing where not known).

    Raises
    ------
    ValueError
        When a score lies outside 0 and 1: a scale of 1 to 10 has to be brought there by its owner, who knows its ends.
    """
    columns = [encoding.groups(encoding.column(table, name)) for name in grouping]
    shape = tuple(len(column.levels) for column in columns)
    score = encoding.column(table, "score").to_numpy(dtype=float, na_value=np.nan)
    label = encoding.labels(table, "label")
    groups, cells = prod(shape), prod(shape) * bins * 2
    counts, sums = np.zeros(cells, np.int64), np.zeros(cells)
    errors = np.zeros((groups, POWERS))
    missing, step = 0, max(CHUNK, cells)
    for start in range(0, len(score), step):
        part, said, key = _known(columns, shape, score, label, slice(start, start + step))
        missing += min(step, len(score) - start) - len(part)
        error = part - said
        power = np.ones_like(error)
        for i in range(POWERS):
            power *= error
            errors[:, i] += np.bincount(key, weights=power, minlength=groups)
        key = (key * bins + np.minimum((part * bins).astype(np.int64), bins - 1)) * 2 + said
        counts += np.bincount(key, minlength=cells)
        sums += np.bincount(key, weights=part, minlength=cells)
    cube = counts.reshape(groups, bins, 2)
    there = np.flatnonzero(cube.any(axis=(1, 2)))
    places = zip(*np.unravel_index(there, shape), strict=True)
    names = [", ".join(c.levels[i] for c, i in zip(columns, place, strict=True)) for place in places]
    parts = (cube[there], sums.reshape(cube.shape)[there], errors[there])
    return _made(tuple(grouping), names, *parts, missing=missing)


def _known(
    columns: Sequence[encoding.Encoded], shape: Sequence[int], score: Floats, label: NDArray[Any], rows: slice
) -> tuple[Floats, NDArray[Any], Ints]:
    """Scores, labels and the number of the group of the rows that have both a score and a label."""
    part, said = score[rows], label[rows]
    key = np.zeros(len(part), dtype=np.int64)
    for column, levels in zip(columns, shape, strict=True):
        key *= levels
        key += column.codes[rows]
        key -= column.lowest
    known = (said != encoding.UNKNOWN) & ~np.isnan(part)
    if not known.all():
        part, said, key = part[known], said[known], key[known]
    if len(part) and not (part.min() >= 0 and part.max() <= 1):
        raise ValueError(
            f"scores lie between {part.min():g} and {part.max():g}, but from 0 to 1 is wanted: divide by the end "
            "of the scale"
        )
    return part, said, key


def _made(
    names: tuple[str, ...], groups: Sequence[str], counts: Ints, sums: Floats, errors: Floats, *, missing: int
) -> ScoreTable:
    """A table in which groups of the same name are one."""
    once = list(dict.fromkeys(groups))
    at = [once.index(group) for group in groups]
    merged = [_added(values, at, len(once)) for values in (counts, sums, errors)]
    return ScoreTable(names, tuple(once), merged[0], merged[1], merged[2], missing)


def _added(values: NDArray[Any], at: Sequence[int], size: int) -> NDArray[Any]:
    total = np.zeros((size, *values.shape[1:]), dtype=values.dtype)
    np.add.at(total, at, values)
    return total

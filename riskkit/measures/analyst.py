"""Numbers that a report claims, held against the table it claims to describe: looked up, or computed again.

The table is the CSV text in a report's context. A number counts as right when it is a cell, a count, or a sum, mean,
median, least, greatest, difference, growth or share of the rows and columns its sentence names, rounded as it is
written. It cannot judge whether the right question was asked, nor claims without a number or a direction.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskkit.errors import printable
from riskkit.measures.grounding import refuse_duplicates
from riskkit.measures.numerals import Number, numbers
from riskkit.measures.refusals import is_refusal
from riskkit.measures.shares import share
from riskkit.measures.text import content_stems, sentences, storable, words
from riskkit.model import Measurement, Sample

OPERATIONS: Mapping[str, re.Pattern[str]] = {
    "sum": re.compile(
        r"\b(?:total(?:led|s|ling)?|sums?|altogether|in all|combined|together)\b", re.IGNORECASE
    ),
    "mean": re.compile(r"\b(?:average|averaged|averaging|mean|on average)\b", re.IGNORECASE),
    "median": re.compile(r"\bmedian\b", re.IGNORECASE),
    "greatest": re.compile(r"\b(?:highest|largest|greatest|maximum|most|peak(?:ed)?|top)\b", re.IGNORECASE),
    "least": re.compile(r"\b(?:lowest|smallest|least|minimum|fewest|bottom)\b", re.IGNORECASE),
}
_UP = re.compile(
    r"\b(?:rose|risen|rises|grew|grown|grows|increase[ds]?|climbed|gained|went up)\b", re.IGNORECASE
)
_DOWN = re.compile(
    r"\b(?:fell|fallen|falls|declined?|declines|decrease[ds]?|dropped|shrank|lost|went down)\b", re.IGNORECASE
)
_NOT_A_CLAIM = re.compile(r"^\s*(?:[-*•]\s+)?(?:\(?\d{1,2}[.)]\s|#+\s)")
MOST_CELLS = 20_000
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Fact:
    """A number of the table: its value, how it came about, and the row and column it speaks of (empty for all)."""

    value: float
    operation: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a report: its text, its sentence, whether it holds, and what it was found to be."""

    text: str
    sentence: str
    right: bool
    found: str


def table_of(text: str) -> pd.DataFrame:
    """The table in ``text``: the lines between the first with a comma and the first without; numbers where a column
    holds them.

    Raises
    ------
    ValueError
        When there is no such table, or its size or numbers are too large to compute every figure of.
    """
    lines = text.strip().splitlines()
    first = next((i for i, line in enumerate(lines) if "," in line), len(lines))
    kept = [line for line in lines[first:] if "," in line]
    rows = list(csv.reader(io.StringIO("\n".join(kept))))
    if len(rows) < 3 or len({len(r) for r in rows}) != 1:
        raise ValueError("the context holds no table: a header and two rows or more, separated by commas")
    if len(rows) * len(rows[0]) > MOST_CELLS:
        raise ValueError(f"the table has more than {MOST_CELLS:,} cells")
    found = pd.DataFrame(rows[1:], columns=[c.strip() for c in rows[0]])
    for name in found.columns[1:]:
        parsed = pd.to_numeric(found[name].str.replace(r"[,%$€£ ]", "", regex=True), errors="coerce")
        if parsed.notna().all():
            found[name] = parsed.astype(float)
            if float(found[name].abs().max()) > LARGEST:
                raise ValueError(f"the table holds a number above {LARGEST:.0e}")
    return found


def claims(report: str, table: pd.DataFrame) -> tuple[Claim, ...]:
    """Every claim of ``report`` that can be checked: its numbers, and the direction of what rose or fell."""
    label = str(table.columns[0])
    facts = tuple(_facts(table, label))
    found = []
    for sentence in sentences(report):
        body = _NOT_A_CLAIM.sub(" ", sentence)
        rows, columns = _named(body, table, label)
        names = [*map(str, table[label]), *map(str, table.columns)]
        said = numbers(_without(body, names))
        found += [_judged(n, sentence, body, facts, rows, columns) for n in said]
        found += _directions(body, sentence, table, label, rows, columns)
    return tuple(found)


def check(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row a claim: prompt_id, sample, claim, right, found, sentence. Refusals give none.

    Raises
    ------
    ValueError
        When a report occurs twice, or its context holds no table.
    """
    refuse_duplicates(samples)
    rows = []
    for s in samples:
        if is_refusal(s.response):
            continue
        try:
            made = claims(s.response, table_of(s.context))
        except ValueError as error:
            raise ValueError(f"{printable(s.prompt_id, 60)}: {error}") from None
        for c in made:
            text, sentence = printable(c.text, 40), printable(storable(c.sentence), 200)
            rows.append((storable(s.prompt_id), s.sample, text, c.right, c.found, sentence))
    columns = ["prompt_id", "sample", "claim", "right", "found", "sentence"]
    return pd.DataFrame(rows, columns=columns).astype({"right": bool})


def analyst_number_error_rate(samples: Sequence[Sample], *, level: float = 0.95) -> Measurement:
    """The share of a report's claims that its table does not bear out; ``n`` counts reports.

    Claims of one report are one cluster. Reports without a claim that can be checked do not count.
    """
    made = check(samples)
    kinds = made.loc[~made["right"], "found"].value_counts()
    silent = len({s.prompt_id for s in samples}) - made["prompt_id"].nunique()
    told = ", ".join(f"{name} {n}" for name, n in kinds.items())
    return share(
        "analyst_number_error_rate",
        (~made["right"]).astype(float).tolist(),
        made["prompt_id"].tolist(),
        level=level,
        method="numbers and directions of reports, looked up or computed again in their table",
        note="; ".join(filter(None, [told, f"{silent} reports hold nothing to check" if silent else ""])),
        nothing="no report holds a number or a direction",
        of="claims",
        to="reports",
    )


def _facts(table: pd.DataFrame, label: str) -> Iterator[Fact]:
    yield Fact(float(len(table)), "count", "", "")
    for column in (c for c in table.columns[1:] if pd.api.types.is_numeric_dtype(table[c])):
        values, names = table[column].to_numpy(dtype=float), list(map(str, table[label]))
        yield from _summaries(values, str(column))
        total = values.sum()
        for i, (name, value) in enumerate(zip(names, values, strict=True)):
            yield Fact(abs(value), "cell", name, str(column))
            if total:
                yield Fact(abs(100 * value / total), "share", name, str(column))
            yield from _changes(values, names, i, str(column))


def _summaries(values: np.ndarray, column: str) -> Iterator[Fact]:
    of = {"sum": values.sum(), "mean": values.mean(), "median": np.median(values)}
    of |= {"greatest": values.max(), "least": values.min(), "range": np.ptp(values)}
    yield from (Fact(abs(float(v)), name, "", column) for name, v in of.items())


def _changes(values: np.ndarray, names: list[str], at: int, column: str) -> Iterator[Fact]:
    """Differences and growth from every earlier row to row ``at``."""
    for j in range(at):
        pair = f"{names[j]}\n{names[at]}"
        yield Fact(abs(values[at] - values[j]), "difference", pair, column)
        if values[j]:
            yield Fact(abs(100 * (values[at] / values[j] - 1)), "growth", pair, column)
            yield Fact(abs(values[at] / values[j]), "ratio", pair, column)
        if values[at]:
            yield Fact(abs(values[j] / values[at]), "ratio", pair, column)


def _named(body: str, table: pd.DataFrame, label: str) -> tuple[list[str], list[str]]:
    """The rows and columns whose name stands in a sentence."""
    said, stems = f" {' '.join(words(body))} ", set(content_stems(body))
    rows = [n for n in map(str, table[label]) if (w := " ".join(words(n))) and f" {w} " in said]
    columns = [
        c
        for c in map(str, table.columns[1:])
        if (s := set(content_stems(c.replace("_", " ")))) and s <= stems
    ]
    return rows, columns


def _without(body: str, names: Sequence[str]) -> str:
    """``body`` without the names of rows and columns, which may hold digits of their own."""
    for name in sorted(names, key=len, reverse=True):
        if any(c.isdigit() for c in name):
            body = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", body)
    return body


def _judged(
    number: Number, sentence: str, body: str, facts: Sequence[Fact], rows: list[str], columns: list[str]
) -> Claim:
    asked = {name for name, pattern in OPERATIONS.items() if pattern.search(body)}
    fitting = [f for f in facts if number.agrees([f.value])]
    meant = [f for f in fitting if _is_meant(f, asked, rows, columns)]
    if meant:
        return Claim(number.text, sentence, True, meant[0].operation)
    elsewhere = "in the table, not where it says" if fitting else "nowhere in the table"
    return Claim(number.text, sentence, False, elsewhere)


def _is_meant(fact: Fact, asked: set[str], rows: list[str], columns: list[str]) -> bool:
    if fact.operation == "count":
        return True
    if columns and fact.column not in columns:
        return False
    if fact.row and rows and not set(fact.row.split("\n")) <= set(rows):
        return "\n" in fact.row and fact.row.split("\n")[1] in rows and len(rows) == 1
    if asked and fact.operation in OPERATIONS:
        return fact.operation in asked
    return fact.operation not in OPERATIONS or not rows or bool(asked)


def _directions(
    body: str, sentence: str, table: pd.DataFrame, label: str, rows: list[str], columns: list[str]
) -> Iterator[Claim]:
    up, down = _UP.search(body), _DOWN.search(body)
    if len(columns) != 1 or bool(up) == bool(down) or not pd.api.types.is_numeric_dtype(table[columns[0]]):
        return
    values = dict(zip(map(str, table[label]), table[columns[0]], strict=True))
    places = list(values)
    if len(rows) == 1:
        rows = [places[max(0, places.index(rows[0]) - 1)], rows[0]]
    ends = (rows[0], rows[-1]) if rows else (places[0], places[-1])
    first, last = sorted(ends, key=places.index)
    change = float(values[last] - values[first])
    right = change > 0 if up else change < 0
    match = up or down
    if match is not None and first != last:
        yield Claim(match.group(), sentence, right, "direction" if right else "went the other way")

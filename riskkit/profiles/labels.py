"""Reviews of a project: what raters are asked, the answers drawn for them, and their labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Sample, digest
from riskkit.model.label import Label, Review, Rubric, item_id

COLUMNS = ("rater", "item", "label", "rubric_version", "time")
"""The columns of a file of labels, in this order."""

FILES = (".yml", ".items.jsonl", ".csv")
"""What the names of a review's files end with."""


def read_reviews(folder: Path) -> tuple[Review, ...]:
    """The reviews in the ``labels/`` of a project's ``folder``, by name.

    A review is ``<name>.yml`` (the rubric), ``<name>.items.jsonl`` (the answers) and ``<name>.csv`` (the labels).

    Raises
    ------
    InputError
        With every fault of every file: an unknown column or item, a label that is none, a rater who labels twice.
    """
    found: list[Review] = []
    problems: list[Problem] = []
    for path in sorted((folder / "labels").glob("*.yml")):
        shown = f"projects/{folder.name}/labels/{path.stem}"
        rubric, faults = authored.read(path, Rubric, shown=f"{shown}.yml")
        items, more = _items(path.with_suffix(".items.jsonl"), f"{shown}.items.jsonl")
        labels, yet_more = _labels(path.with_suffix(".csv"), f"{shown}.csv", items)
        problems += [*faults, *more, *yet_more]
        if rubric is not None and not (faults or more or yet_more):
            found.append(Review(name=path.stem, rubric=rubric, items=items, labels=tuple(labels)))
    if problems:
        raise InputError(problems[:40])
    return tuple(found)


def labels_sha256(reviews: Iterable[Review]) -> str:
    """A digest of everything that labels say, the same whatever their files are called or how they are written.

    Reviews that nobody has labelled yet count as none, so drawing a review changes nothing.
    """
    said = {r.name: (r.rubric.model_dump(mode="json"), [x.model_dump(mode="json") for x in r.labels])
            for r in reviews if r.labels}  # fmt: skip
    return digest(said)


def _items(path: Path, shown: str) -> tuple[dict[str, Sample], list[Problem]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        return {}, [Problem(shown, None, "", f"cannot be read: {error.strerror}")]
    items: dict[str, Sample] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            sample = Sample.model_validate(json.loads(line))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(shown, number, "", f"is no answer: {str(error).splitlines()[0]}"))
            continue
        items[item_id(sample)] = sample
    return items, problems


def _labels(path: Path, shown: str, items: dict[str, Sample]) -> tuple[list[Label], list[Problem]]:
    if not path.exists():
        return [], []
    text, problems = authored.read_text(path, shown=shown)
    if text is None:
        return [], problems
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header, rows = next(reader, []), [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        return [], [Problem(shown, reader.line_num, "", f"is no CSV: {error}")]
    if tuple(header) != COLUMNS:
        return [], [Problem(shown, 1, "", f"the columns are {', '.join(header)}", ", ".join(COLUMNS))]
    found = []
    for line, row in rows:
        label, faults = _label(row, line, shown, items)
        problems += faults
        found += [label] if label is not None else []
    return found, problems or list(_twice(found, shown))


def _label(
    row: list[str], line: int, shown: str, items: dict[str, Sample]
) -> tuple[Label | None, list[Problem]]:
    if len(row) != len(COLUMNS):
        return None, [Problem(shown, line, "", f"holds {len(row)} values", f"{len(COLUMNS)} are wanted")]
    try:
        label = Label.model_validate(dict(zip(COLUMNS, row, strict=True)))
    except ValidationError as error:
        faults = [(".".join(map(str, e["loc"])), e["msg"], e["input"]) for e in error.errors()]
        return None, [Problem(shown, line, field, f"{given!r}: {what}") for field, what, given in faults]
    if label.item not in items:
        return None, [
            Problem(shown, line, "item", f"there is no answer {label.item!r}", "as in the items file")
        ]
    return label, []


def _twice(labels: list[Label], shown: str) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], int] = {}
    for line, label in enumerate(labels, 2):
        key = (label.rater, label.item, label.rubric_version)
        if key in seen:
            what = f"{label.rater} labelled {label.item} on line {seen[key]} too"
            yield Problem(shown, line, "item", what, "keep one")
        seen.setdefault(key, line)

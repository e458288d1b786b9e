"""Labels put into a review's file as they are given, each on the disk before the next answer is shown."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from riskkit import authored
from riskkit.authored.writing import held, put
from riskkit.errors import InputError, UsageError
from riskkit.model.label import ADJUDICATOR, Label, Review
from riskkit.profiles.labels import COLUMNS, read_reviews


def review_of(folder: Path, name: str) -> Review:
    """The review called ``name`` of the project in ``folder``.

    Raises
    ------
    UsageError
        When there is none.
    """
    found = {review.name: review for review in read_reviews(folder)}
    if name not in found:
        raise UsageError(f"there is no review {name!r} (there is {', '.join(found) or 'none'})")
    return found[name]


def rater_of(review: Review, who: str, *, adjudicate: bool) -> str:
    """The name that labels of ``who`` carry.

    Raises
    ------
    UsageError
        When nobody is named, or a rater would decide disputes that are partly of their own making.
    """
    if not who.strip():
        raise UsageError("say who labels: a role, or a name")
    if not adjudicate and who.startswith(ADJUDICATOR):
        raise UsageError("--as: who decides disputes says so with --adjudicate")
    if adjudicate and who in {label.rater for label in review.labels}:
        raise UsageError(f"--as: {who} is one of the raters; somebody else has to decide")
    return f"{ADJUDICATOR}{who}" if adjudicate else who


def give(folder: Path, review: str, label: Label) -> Review:
    """Add ``label``; the review as it then stands, with what others gave meanwhile.

    Raises
    ------
    UsageError
        When this rater has labelled the answer already, perhaps in another window; nothing is written.
    """
    with held(folder / "labels"):
        there = review_of(folder, review)
        if any(_same(label, known) for known in there.labels):
            raise UsageError(f"{label.rater} has labelled {label.item} already")
        _write(folder, there, (*there.labels, label))
        return there.model_copy(update={"labels": (*there.labels, label)})


def take_back(folder: Path, review: str, label: Label) -> Review:
    """The review without ``label``, which was a mistake of the hand; the labels of others stay as they are."""
    with held(folder / "labels"):
        there = review_of(folder, review)
        kept = tuple(known for known in there.labels if not _same(label, known))
        _write(folder, there, kept)
        return there.model_copy(update={"labels": kept})


def _same(one: Label, other: Label) -> bool:
    return (one.rater, one.item, one.rubric_version) == (other.rater, other.item, other.rubric_version)


def _write(folder: Path, review: Review, labels: tuple[Label, ...]) -> None:
    path = folder / "labels" / f"{review.name}.csv"
    if path.exists() and labels[:-1] == review.labels:
        text, problems = authored.read_text(path, shown=path.name)
        if text is None:
            raise InputError(problems)
        text += "" if text.endswith("\n") else "\n"
        new = labels[-1:]
    else:
        text, new = _rows([COLUMNS]), labels
    put(path, (text + _rows([_row(label) for label in new])).encode())


def _row(label: Label) -> tuple[str, ...]:
    return (label.rater, label.item, label.label, label.rubric_version, label.time.isoformat())


def _rows(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()

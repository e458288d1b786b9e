"""Whether a judge model still says of frozen items what it said before."""

from __future__ import annotations

from collections.abc import Sequence

from riskkit.measures import judging
from riskkit.measures.mismatch import mismatch_by_prompt
from riskkit.measures.shares import share
from riskkit.measures.update_changes import accuracy_change
from riskkit.measures.version_pairs import compare
from riskkit.model import Measurement, Sample

FROZEN = 50
"""Items that are recommended to be kept."""


def judge_drift(
    before: Sequence[Sample], after: Sequence[Sample], *, verdicts: Sequence[str] = (), level: float = 0.95
) -> tuple[Measurement, ...]:
    """How often the verdict on a frozen item is another one, and the change of agreement with people's labels.

    Empty where no judge was asked. A reply is read as by :mod:`riskkit.measures.judging` where it has that form, else
    as the first of ``verdicts`` in it; a reference holds what people said. While the judge moves, changes that it
    reports in the model under test may be its own.

    Raises
    ------
    ValueError
        As :func:`version_pairs.compare`: the same items must have been judged both times.
    """
    if not before and not after:
        return ()
    named = tuple(verdicts) or judging.VERDICTS
    table = compare([_read(s) for s in before], [_read(s) for s in after], answers=named)
    changed = mismatch_by_prompt(table)["between"].dropna()
    few = f"fewer than the {FROZEN} frozen items that are recommended" if len(changed) < FROZEN else ""
    moved = share(
        "judge_drift_rate", changed.tolist(), list(changed.index), level=level, to="frozen items", note=few,
        method="frozen items whose verdict is another one", nothing="no frozen item was judged both times",
    )  # fmt: skip
    agreed = accuracy_change(table, level=level)
    return moved, agreed.model_copy(update={"measure": "judge_accuracy_change"})


def judge_drift_of(sides: Sequence[Sequence[Sample]], *, level: float = 0.95) -> tuple[Measurement, ...]:
    """:func:`judge_drift` of the verdicts of two targets, the earlier one first; empty where none is named.

    Raises
    ------
    ValueError
        With any other number of targets than two or none.
    """
    if len(sides) not in (0, 2):
        raise ValueError(f"{len(sides)} targets of frozen items: name the earlier and the later one, or none")
    return judge_drift(*sides, level=level) if sides else ()


def _read(sample: Sample) -> Sample:
    """The reply with its verdict alone, where it has the form that is asked for."""
    verdict = judging.parse(sample.response)
    return sample if verdict is None else sample.model_copy(update={"response": verdict})

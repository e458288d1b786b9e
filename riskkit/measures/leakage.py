"""What leaked between training and test, from items, corpora and splits as a project declares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from riskkit.measures import contamination, memorisation, probes, shortcuts, splits, target_leakage
from riskkit.measures.contamination import (
    canaries_found,
    canary_share,
    contaminated_item_share,
    contamination_score_gap,
)
from riskkit.measures.memorisation import memorised_string_rate
from riskkit.measures.overfit import gap_of_predictions
from riskkit.measures.shortcuts import shortcut_score_drop
from riskkit.measures.version_pairs import is_answer_right
from riskkit.model import Measurement, Sample

__all__ = [
    "Columns", "canaries_found", "canary_share", "contaminated", "contaminated_item_share", "contamination_score_gap",
    "exposed", "gaps", "leaks", "memorised_string_rate", "recited", "right_by_item", "shared", "shortcut_score_drop",
    "signs", "slices",
]  # fmt: skip

PREFIX = "prefix"
"""The probe whose prompt gives the start of a training text and whose reference is the rest of it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the splits hold what; an empty name means that there is none."""

    label: str = ""
    prediction: str = ""
    group: str = ""
    time: str = ""
    shortcut: str = ""


def contaminated(answers: Sequence[Sample], corpus: Sequence[str]) -> pd.DataFrame:
    """:func:`contamination.check` of the items behind ``answers`` (prompt, context, reference); empty without.

    Each prompt is one item, whatever the number of its answers.
    """
    if not answers or not corpus:
        return contamination.check([("", "")], [""]).head(0)
    first: dict[str, Sample] = {}
    for s in answers:
        first.setdefault(s.prompt_id, s)
    return contamination.check([(name, _text(s)) for name, s in first.items()], corpus)


def right_by_item(answers: Sequence[Sample]) -> pd.Series[float]:
    """The share of right answers to each item that has a reference."""
    rows = [(s.prompt_id, is_answer_right(s, ())) for s in answers]
    table = pd.DataFrame(rows, columns=["item", "right"]).dropna()
    return table.astype({"right": float}).groupby("item")["right"].mean()


def shared(
    tables: dict[str, pd.DataFrame], *, columns: Columns, ignore: Sequence[str]
) -> tuple[Measurement, ...]:
    """Rows, groups and times that the splits share; empty without splits.

    Rows are compared without the prediction, which is the model's and not the data's.
    """
    if not tables:
        return ()
    left_out = [*ignore, columns.prediction]
    return (
        *splits.split_overlap_share(tables, ignore=left_out),
        *splits.group_overlap_share(tables, group=columns.group),
        *splits.time_leak_share(tables, time=columns.time),
    )


def leaks(
    tables: dict[str, pd.DataFrame], *, columns: Columns, ignore: Sequence[str], seed: int
) -> tuple[Measurement, ...]:
    """How well each single column of the training part predicts the label; empty without splits or label."""
    if not tables or not columns.label:
        return ()
    left_out = (*ignore, columns.prediction, columns.group, columns.time)
    training = next(iter(tables.values()))
    return target_leakage.target_leakage_auc(training, label=columns.label, ignore=left_out, seed=seed)


def gaps(tables: dict[str, pd.DataFrame], *, columns: Columns) -> tuple[Measurement, ...]:
    """How much better the model does on the training part than on later ones; empty without splits or predictions."""
    return gap_of_predictions(tables, prediction=columns.prediction, label=columns.label) if tables else ()


def slices(tables: dict[str, pd.DataFrame], *, columns: Columns) -> tuple[Measurement, ...]:
    """The gap between rows with and against each suspected shortcut, in the last part; empty without."""
    if not tables or not columns.shortcut:
        return ()
    held_out = list(tables.values())[-1]
    return shortcuts.shortcut_slice_gap(
        held_out, shortcut=columns.shortcut, prediction=columns.prediction, label=columns.label
    )


def recited(answers: Sequence[Sample], probed: Sequence[Sample], corpus: Sequence[str]) -> pd.DataFrame:
    """:func:`memorisation.check` of answers against the corpus, and of the probes ``prefix`` against their references.

    Without a corpus only the probes count: the reference of a test item is an answer, not training text.
    """
    held = [s.model_copy(update={"reference": None}) for s in answers] if corpus else []
    asked = [s for s in probed if s.attributes.get(probes.PROBE) == PREFIX]
    return memorisation.check([*held, *asked], corpus)


def exposed(strings: pd.DataFrame | None) -> tuple[Measurement, ...]:
    """:func:`memorisation.canary_exposure` of a table with canary, planted and logprob; empty without one.

    Raises ``ValueError`` where a column is missing, or where planted is anything but true and false (or 1 and 0).
    """
    if strings is None:
        return ()
    if missing := {"canary", "planted", "logprob"} - set(strings.columns):
        raise ValueError(f"the table of candidates has no column {', '.join(sorted(missing))}")
    if not set(strings["planted"]) <= {0, 1}:
        raise ValueError("the column planted of the table of candidates holds more than true and false")
    return (memorisation.canary_exposure(strings.astype({"planted": bool})),)


def signs(probed: Sequence[Sample]) -> tuple[Measurement, ...]:
    """What the probes of an endpoint show: guided completion, order of options and, with log-probabilities, min-k."""
    return (
        *probes.guided_completion_gap(probed),
        *probes.option_order_gap(probed),
        *probes.min_k_auroc(probed),
    )


def _text(s: Sample) -> str:
    return "\n".join(part for part in (s.prompt, s.context, s.reference) if part)

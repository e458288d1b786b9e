"""Signs that a model has met the questions of a test before, without its training text."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.auroc import auroc
from riskkit.measures.cells import joined
from riskkit.measures.paired import change, mean_interval
from riskkit.measures.text import words
from riskkit.measures.version_pairs import is_answer_right
from riskkit.model import Measurement, Prompt, Sample

PROBE, ITEM = "probe", "item"
GUIDED, GENERAL = "guided", "general"
LISTED, MOVED = "as listed", "moved"
"""Attributes of a prompt of a probe, and their values."""
LOGPROBS, PUBLISHED, NEW = "token_logprobs", "member", "no"
_COMPLETE = (
    "Complete the second half of this text exactly as it stands{where}. "
    "Reply with the second half only.\n\n{half}"
)


def guided_completions(items: Mapping[str, str], *, dataset: str, split: str = "test") -> tuple[Prompt, ...]:
    """Two prompts an item: its first half to be completed, with and without the name of the data set it is from.

    S. Golchin, M. Surdeanu (2024), ICLR, arXiv 2308.08493. The second half is the reference. Texts of fewer than 12
    words are left out.
    """
    found = []
    for name, text in items.items():
        spoken = text.split()
        if len(spoken) < 12:
            continue
        half = len(spoken) // 2
        for probe, where in ((GUIDED, f" in the {split} split of {dataset}"), (GENERAL, "")):
            asked = _COMPLETE.format(where=where, half=" ".join(spoken[:half]))
            more = {PROBE: probe, ITEM: name}
            rest = " ".join(spoken[half:])
            found.append(Prompt(prompt_id=f"{name}-{probe}", prompt=asked, reference=rest, attributes=more))
    return tuple(found)


def option_orders(questions: Mapping[str, tuple[str, Sequence[str], int]]) -> tuple[Prompt, ...]:
    """Two prompts a multiple-choice question: options as listed, and moved on by one; the reference is a letter.

    ``questions`` maps an id to the question, its options and the index of the right one.
    """
    found = []
    for name, (question, options, right) in questions.items():
        for probe, step in ((LISTED, 0), (MOVED, 1)):
            order = [(i - step) % len(options) for i in range(len(options))]
            lines = [f"{chr(65 + place)}. {options[i]}" for place, i in enumerate(order)]
            asked = "\n".join([question, *lines, "Answer with the letter alone."])
            letter, more = chr(65 + order.index(right)), {PROBE: probe, ITEM: name}
            found.append(Prompt(prompt_id=f"{name}-{probe}", prompt=asked, reference=letter, attributes=more))
    return tuple(found)


def rouge_l(response: str, reference: str) -> float:
    """Overlap of words in order, 0 to 1: the F-measure of the longest common subsequence.

    C.-Y. Lin (2004), Text Summarization Branches Out, 74-81.
    """
    ours, theirs = words(response), words(reference)
    row = [0] * (len(theirs) + 1)
    for word in ours:
        previous = 0
        for j, other in enumerate(theirs, 1):
            kept = row[j]
            row[j] = previous + 1 if word == other else max(row[j], row[j - 1])
            previous = kept
    return 2 * row[-1] / (len(ours) + len(theirs)) if row[-1] else 0.0


def guided_completion_gap(samples: Sequence[Sample], *, level: float = 0.95) -> tuple[Measurement, ...]:
    """How much nearer completions come to the true second half when the data set is named; empty without such prompts.

    ROUGE-L with the name minus without it, item by item, with Student's interval over items. Above 0 the name helps,
    which it should not for text the model never met.
    """
    table = _probed(samples, (GUIDED, GENERAL), lambda s: rouge_l(s.response, s.reference or ""))
    if table is None:
        return ()
    gaps = (table[GUIDED] - table[GENERAL]).dropna()
    what: dict[str, Any] = {
        "measure": "guided_completion_gap", "level": level, "n": len(gaps), "unit": "difference",
        "method": "ROUGE-L to the true second half, data set named minus not; Student's interval over items",
    }  # fmt: skip
    if len(gaps) < 2:
        return (Measurement(**what, value=None, undefined="fewer than two items have both completions"),)
    low, high = mean_interval(gaps, level=level)
    exact = int((table[GUIDED] >= 0.999).sum())
    return (Measurement(**what, value=float(gaps.mean()), low=low, high=high, note=f"{exact} word for word"),)


def option_order_gap(samples: Sequence[Sample], *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The share right with options as the test lists them minus with options moved; empty without such prompts.

    Above 0 fits answers that were learnt with their letters; a model that prefers a place gives a gap as well.
    """
    letters = [chr(65 + i) for i in range(26)]

    def right(s: Sample) -> float:
        first = s.response.strip()[:1].upper()
        return float(first == s.reference if first in letters else bool(is_answer_right(s, letters)))

    table = _probed(samples, (LISTED, MOVED), right)
    if table is None:
        return ()
    found = change(table[MOVED], table[LISTED], level=level)
    what: dict[str, Any] = {
        "measure": "option_order_gap", "level": level, "n": found.n if found else len(table), "unit": "difference",
        "method": "share right with options as listed minus moved by one",
    }  # fmt: skip
    if found is None:
        return (Measurement(**what, value=None, undefined="fewer than two questions have both orders"),)
    what["method"] += f"; {found.method}"
    said = f"{table[LISTED].mean():.1%} as listed, {table[MOVED].mean():.1%} moved"
    return (Measurement(**what, value=found.value, low=found.low, high=found.high, note=said),)


def min_k(logprobs: Sequence[float], *, share: float = 0.2) -> float:
    """The mean of the lowest ``share`` of the log-probabilities of a text's tokens.

    W. Shi et al. (2024), ICLR, arXiv 2310.16789: text a model was trained on has fewer very unlikely tokens.
    """
    ordered = np.sort(np.asarray(logprobs, dtype=float))
    return float(ordered[: max(1, round(share * len(ordered)))].mean())


def min_k_auroc(
    samples: Sequence[Sample], *, share: float = 0.2, level: float = 0.95
) -> tuple[Measurement, ...]:
    """How well min-k % tells the suspected texts from ones the model cannot have read; empty without
    log-probabilities.

    Answers carry ``token_logprobs`` (a JSON list, of the text itself) and ``member``: ``no`` for texts published after
    the cut-off, anything else for those under suspicion. 0.5 is no sign. Texts of both kinds must be alike but for
    their date, or the date is what is told apart.
    """
    known = [(s, _logprobs(s)) for s in samples if LOGPROBS in s.attributes]
    if not known:
        return ()
    scores = [min_k(values, share=share) for _, values in known]
    member = [s.attributes.get(PUBLISHED) != NEW for s, _ in known]
    what: dict[str, Any] = {
        "measure": "min_k_auroc", "level": level, "n": len(known), "unit": "AUROC",
        "method": f"min-{share:.0%} log-probability of suspected against new texts; DeLong interval on the log-odds",
    }  # fmt: skip
    try:
        found = auroc(scores, member, level=level)
    except ValueError as error:
        return (Measurement(**what, value=None, undefined=str(error)),)
    said = joined(f"{found.positives} suspected and {found.negatives} new texts")
    return (Measurement(**what, value=found.auroc, low=found.low, high=found.high, note=said),)


def _logprobs(s: Sample) -> list[float]:
    try:
        found = [float(v) for v in json.loads(s.attributes[LOGPROBS]) if v is not None]
    except (ValueError, TypeError, RecursionError):
        found = []
    if not found or not np.isfinite(found).all():
        raise ValueError(f"prompt {s.prompt_id!r}: {LOGPROBS} is no JSON list of numbers")
    return found


def _probed(samples: Sequence[Sample], kinds: tuple[str, str], score: Any) -> pd.DataFrame | None:
    """The mean score of each item (rows) under both prompts of a probe; None where there are no such prompts."""
    rows: list[tuple[Hashable, str, float]] = [
        (s.attributes.get(ITEM, s.prompt_id), s.attributes[PROBE], score(s))
        for s in samples
        if s.attributes.get(PROBE) in kinds
    ]
    if not rows:
        return None
    table = pd.DataFrame(rows, columns=["item", "probe", "score"])
    return table.pivot_table(index="item", columns="probe", values="score").reindex(columns=list(kinds))

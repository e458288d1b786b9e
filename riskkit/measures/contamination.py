"""Which items of an evaluation stand in text that the model has read or is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.errors import printable
from riskkit.measures.cells import joined
from riskkit.measures.intervals import newcombe, wilson
from riskkit.measures.near_duplicates import near_duplicates
from riskkit.measures.text import storable, words
from riskkit.model import Measurement

LONG, SHORT, MATCH = 13, 8, 10
"""Words of a run: T. Brown et al. 2020 (GPT-3), A. Chowdhery et al. 2022 (PaLM), H. Touvron et al. 2023 (Llama 2)."""
MOST_SHORT, MOST_TOKENS = 0.7, 0.8
"""Share of 8-word runs (PaLM) and of words in runs of ten (Llama 2: dirty) from which an item is contaminated."""
RULES = {
    "any_13_gram": "13-gram",
    "dirty_8_grams": "8-gram 70 %",
    "dirty_tokens": "token share 80 %",
    "near_duplicate": "near duplicate",
}
"""Column of the table to the name of the rule."""
FORM = 10
"""Items that share a run of words above which it is the form of the test."""
Runs = set[tuple[str, ...]]


def check(items: Iterable[tuple[str, str]], corpus: Iterable[str], *, near: float = 0.8) -> pd.DataFrame:
    """One row an item (id, text): how much of it the corpus holds, and whether each rule calls it contaminated.

    Columns: item, words, any_13_gram (a run of 13 words occurs), share_8_grams, dirty_8_grams (70 % of runs of 8),
    token_share (words inside runs of 10 that occur), dirty_tokens (80 %), nearest (Jaccard similarity to the nearest
    document), near_duplicate (at least ``near``), contaminated (any of them), text. An item of 8 to 12 words is held
    against the corpus whole; of a shorter one the runs are missing, because chance alone would find it. Runs that more
    than ten items share are the form of the test and do not count (Brown et al. left out runs of more than ten
    documents); an item of nothing else is not judged.

    Raises
    ------
    ValueError
        When an id occurs twice, or there is no item or no corpus.
    """
    known, documents = list(items), list(corpus)
    _refuse(known, documents)
    split = [words(text) for _, text in known]
    wanted = {size: _own(split, size) for size in sorted({n for w in split for n in _sizes(len(w))})}
    held = _held(documents, wanted)
    nearest = near_duplicates([text for _, text in known], documents, threshold=near)
    rows = [
        _row(name, text, w, wanted, held, similar, near)
        for (name, text), w, similar in zip(known, split, nearest, strict=True)
    ]
    names = [
        "item", "words", "any_13_gram", "share_8_grams", "dirty_8_grams", "token_share", "dirty_tokens", "nearest",
        "near_duplicate", "contaminated", "text",
    ]  # fmt: skip
    kinds = dict.fromkeys(
        ["any_13_gram", "dirty_8_grams", "dirty_tokens", "near_duplicate", "contaminated"], "boolean"
    )
    return pd.DataFrame(rows, columns=names).astype(kinds)


def contaminated_item_share(checked: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The share of items that the corpus holds by any rule, then by each; ``n`` counts items that could be judged.

    Formula: items held by the corpus by any rule / items that could be judged.
    Limits: A corpus that is not the training data proves nothing about it.
    """
    rules = {"contaminated": "", **RULES}
    return tuple(_share(checked[column], segment, level) for column, segment in rules.items())


def contamination_score_gap(
    checked: pd.DataFrame, right: pd.Series[Any], *, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share right among contaminated items minus that among clean ones, and the score of the clean ones alone.

    ``right`` says for each item (its index) whether it was answered right, or the share of its answers that were. A gap
    above 0 fits a score lifted by memory; contaminated items may also be easier ones. Undefined where either side is
    empty.
    """
    scores = right.astype("Float64").astype(float)
    table = checked.assign(score=checked["item"].map(scores)).dropna(subset=["score", "contaminated"])
    dirty, clean = (
        table.loc[table["contaminated"] == side, "score"].to_numpy(float) for side in (True, False)
    )
    what: dict[str, Any] = {"level": level, "unit": "difference"}
    counted = f"{len(dirty)} contaminated and {len(clean)} clean items with a score"
    alone = _clean_score(clean, level)
    if not len(dirty) or not len(clean):
        method = "share right among contaminated items minus clean ones"
        gap = Measurement(
            measure="contamination_score_gap",
            value=None,
            n=len(table),
            method=method,
            undefined=counted,
            **what,
        )
        return gap, alone
    low, high = newcombe(dirty.sum(), len(dirty), clean.sum(), len(clean), level=level)
    gap = Measurement(
        measure="contamination_score_gap", value=float(dirty.mean() - clean.mean()), low=low, high=high, n=len(table),
        method="share right among contaminated items minus clean ones; Newcombe's interval",
        note=joined(counted, f"{dirty.mean():.1%} against {clean.mean():.1%}"), **what,
    )  # fmt: skip
    return gap, alone


def canaries_found(texts: Iterable[str], canaries: Sequence[str]) -> pd.DataFrame:
    """One row a canary string: canary, found (texts that hold it, spaces and case apart)."""
    plain = ["".join(text.lower().split()) for text in texts]
    rows = [(c, sum("".join(c.lower().split()) in text for text in plain)) for c in canaries if c.strip()]
    return pd.DataFrame(rows, columns=["canary", "found"])


def canary_share(found: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of canary strings that turned up in the corpus or in answers; undefined where none was planted."""
    what: dict[str, Any] = {
        "measure": "canary_share", "level": level, "n": len(found), "unit": "share",
        "method": "canary strings found at least once; Wilson interval over canaries",
    }  # fmt: skip
    if found.empty:
        return Measurement(**what, value=None, undefined="no canary string is given")
    hits = int((found["found"] > 0).sum())
    low, high = wilson(hits, len(found), level=level)
    seen = ", ".join(printable(c, 40) for c in found.loc[found["found"] > 0, "canary"].head(5))
    return Measurement(
        **what, value=hits / len(found), low=low, high=high, note=f"found: {seen}" if seen else ""
    )


def _refuse(items: list[tuple[str, str]], documents: list[str]) -> None:
    names = pd.Series([name for name, _ in items], dtype="object")
    twice = names[names.duplicated()].head(5).tolist()
    if twice or not items or not documents:
        told = f"an item occurs twice: {', '.join(printable(t, 40) for t in twice)}"
        raise ValueError(
            told if twice else "there are no items" if not items else "the corpus holds no document"
        )


def _sizes(length: int) -> tuple[int, ...]:
    """The lengths of runs an item of so many words is looked for in."""
    return (LONG, SHORT, MATCH) if length >= LONG else (SHORT, MATCH, length) if length >= MATCH else (
        (SHORT, length) if length >= SHORT else ()
    )  # fmt: skip


def _runs(of: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(of[i : i + size]) for i in range(len(of) - size + 1)]


def _own(split: list[list[str]], size: int) -> Runs:
    """The runs of so many words that are an item's own: those that no more than ten items share."""
    often = Counter(run for w in split if size in _sizes(len(w)) for run in set(_runs(w, size)))
    return {run for run, times in often.items() if times <= FORM}


def _held(documents: list[str], wanted: dict[int, Runs]) -> dict[int, Runs]:
    """Those of the wanted runs that a document holds; memory grows with the items, not with the corpus."""
    held: dict[int, Runs] = {size: set() for size in wanted}
    for document in documents:
        spoken = words(document)
        for size, runs in wanted.items():
            held[size].update(run for run in _runs(spoken, size) if run in runs)
    return held


def _row(
    name: str,
    text: str,
    of: list[str],
    own: dict[int, Runs],
    held: dict[int, Runs],
    nearest: float,
    near: float,
) -> tuple[Any, ...]:
    shown, is_near, whole = storable(text), nearest >= near, min(LONG, len(of))
    long, short = ([run for run in _runs(of, size) if run in own.get(size, ())] for size in (whole, SHORT))
    if len(of) < SHORT or not long or not short:
        known = True if is_near else pd.NA
        return (name, len(of), pd.NA, np.nan, pd.NA, np.nan, pd.NA, nearest, is_near, known, shown)
    share = float(np.mean([run in held[SHORT] for run in short]))
    inside, mine = np.zeros(len(of), dtype=bool), np.zeros(len(of), dtype=bool)
    for start, run in enumerate(_runs(of, MATCH)):
        mine[start : start + MATCH] |= run in own[MATCH]
        inside[start : start + MATCH] |= run in held[MATCH]
    tokens = float(inside.sum() / max(1, mine.sum()))
    flags = (any(run in held[whole] for run in long), share >= MOST_SHORT, tokens >= MOST_TOKENS, is_near)
    return (name, len(of), flags[0], share, flags[1], tokens, flags[2], nearest, is_near, any(flags), shown)


def _share(flags: pd.Series[Any], segment: str, level: float) -> Measurement:
    known = flags.dropna()
    what: dict[str, Any] = {
        "measure": "contaminated_item_share", "segment": segment, "level": level, "n": len(known), "unit": "share",
        "method": "items that the corpus holds; Wilson interval",
    }  # fmt: skip
    if known.empty:
        return Measurement(**what, value=None, undefined=f"no item has the {SHORT} words it takes")
    hits = int(known.sum())
    low, high = wilson(hits, len(known), level=level)
    short = len(flags) - len(known)
    note = joined(f"{hits} of {len(known)} items", f"{short} too short to be judged" if short else "")
    return Measurement(**what, value=hits / len(known), low=low, high=high, note=note)


def _clean_score(clean: Any, level: float) -> Measurement:
    what: dict[str, Any] = {
        "measure": "clean_score", "level": level, "n": len(clean), "unit": "share",
        "method": "share right among items that are not contaminated; Wilson interval",
    }  # fmt: skip
    if not len(clean):
        return Measurement(**what, value=None, undefined="no clean item has a score")
    low, high = wilson(float(clean.sum()), len(clean), level=level)
    return Measurement(**what, value=float(clean.mean()), low=low, high=high)

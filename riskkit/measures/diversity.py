"""How varied rows or texts are: how many effectively different ones there are, and what never occurs again."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.fidelity import comparable, encoded
from riskkit.measures.text import words
from riskkit.model import Measurement

Floats = NDArray[np.float64]
FEWEST = 20
AT_ONCE = 150
"""Items of one draw, from which a matrix of similarities is made; both sides are always drawn alike large."""
DRAWS = 24
MOST_TEXTS = 1000


def distinct_n(texts: Sequence[str], n: int) -> float:
    """The share of runs of ``n`` words that are different ones; falls with length, so compare equal amounts of text.

    J. Li et al. (2016), arXiv 1510.03055.
    """
    runs = [tuple(w[i : i + n]) for w in map(words, texts) for i in range(len(w) - n + 1)]
    return len(set(runs)) / len(runs) if runs else float("nan")


def self_similarity(texts: Sequence[str]) -> float:
    """The mean share of words two different texts have in common (Jaccard): 0 none, 1 all alike."""
    kernel = jaccard(texts)
    n = len(kernel)
    return float((kernel.sum() - n) / (n * (n - 1))) if n > 1 else float("nan")


def vendi_score(kernel: Floats) -> float:
    """The effective number of different items: 1 when all are alike, as many as there are when none is.

    The exponential of the entropy of the eigenvalues of ``kernel / n``, a symmetric matrix of similarities with 1 on
    its diagonal. D. Friedman, A. B. Dieng (2023), arXiv 2210.02410.
    """
    values = np.linalg.eigvalsh(np.asarray(kernel, dtype=float) / len(kernel))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def jaccard(texts: Sequence[str]) -> Floats:
    """The matrix of shares of words in common; two empty texts are alike."""
    index: dict[str, int] = {}
    sets = [{index.setdefault(w, len(index)) for w in words(t)} for t in texts]
    there = np.zeros((len(sets), max(1, len(index))))
    for row, found in enumerate(sets):
        there[row, list(found)] = 1.0
    common, sizes = there @ there.T, there.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - common
    return np.where(union > 0, common / np.where(union > 0, union, 1), 1.0)


def compression_ratio(texts: Sequence[str]) -> float:
    """Bytes of all texts over their bytes packed by zlib: higher is more repetitive; compare equal amounts of text."""
    raw = "\n".join(texts).encode("utf-8", "replace")
    return len(raw) / len(zlib.compress(raw, 9)) if raw else float("nan")


def unseen_share(counts: Sequence[int]) -> float:
    """The probability that the next item is of a kind not seen yet: kinds seen once over items seen.

    I. J. Good (1953), Biometrika 40, 237-264, after A. M. Turing.
    """
    total = sum(counts)
    return sum(c == 1 for c in counts) / total if total else 1.0


def _unseen_words(texts: Sequence[str]) -> float:
    return unseen_share(list(Counter(word for text in texts for word in words(text)).values()))


FIGURES: Mapping[str, Callable[[Sequence[str]], float]] = {
    "distinct single words": partial(distinct_n, n=1),
    "distinct pairs of words": partial(distinct_n, n=2),
    "similarity to each other": self_similarity,
    "packed size, ratio": compression_ratio,
    "chance of an unseen word": _unseen_words,
}
"""What describes the variety of texts, by its name."""


def diversity_ratio(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    leave_out: Sequence[str] = (),
    text: str = "",
    level: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Effective number of different generated items over that of as many real ones: 1 is as varied, less is narrower.

    The Vendi score of rows (similarity falls with their distance) or, where ``text`` names a column, of its texts by
    words in common. Both sides are drawn equally large, without replacement, two dozen times; the interval is
    that of the draws' scatter at the size of the smaller table (delete-d jackknife). ``n`` counts its rows.

    Formula: exp(entropy of the eigenvalues of the similarity matrix), generated over real.
    Source: D. Friedman, A. B. Dieng (2023), The Vendi Score, arXiv 2210.02410.
    Limits: Varied rows may be wrong rows.
    """
    ours, theirs = _texts(real, generated, text) if text else comparable(real, generated, leave_out=leave_out)
    few = min(len(ours), len(theirs))
    method = f"Vendi score by {'words in common' if text else 'distance of rows'}, equal draws; interval from the draws"
    what = {"measure": "diversity_ratio", "level": level, "n": few, "unit": "ratio", "method": method}
    if few < FEWEST:
        return Measurement(**what, value=None, undefined=f"{few} items on one side, {FEWEST} are needed")
    size = min(AT_ONCE, few // 2)
    logs = _log_ratios(ours, theirs, size, seed, by_text=bool(text))
    mean, spread = float(logs.mean()), float(logs.std(ddof=1)) * np.sqrt(size / (few - size))
    reach = _t(level) * spread
    low, high = float(np.exp(mean - reach)), float(np.exp(mean + reach))
    note = f"{DRAWS} draws of {size} on each side"
    return Measurement(**what, value=float(np.exp(mean)), low=low, high=high, note=note)


def profile(real: pd.DataFrame, generated: pd.DataFrame, *, text: str) -> pd.DataFrame:
    """What describes the variety of the texts in a column: one row a figure: figure, real, generated.

    Equally many texts of both sides are looked at, at most 1,000. No row where ``text`` is empty.
    """
    columns = ["figure", "real", "generated"]
    if not text:
        return pd.DataFrame(columns=columns)
    both = [list(map(str, t[text])) for t in _texts(real, generated, text)]
    size = min(*map(len, both), MOST_TEXTS)
    rows = [(name, *(of(texts[:size]) for texts in both)) for name, of in FIGURES.items()]
    return pd.DataFrame(rows, columns=columns)


def _texts(real: pd.DataFrame, generated: pd.DataFrame, text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    for table in (real, generated):
        if text not in table:
            raise ValueError(f"there is no column {text!r} (one of {', '.join(map(str, table.columns))})")
    ours, theirs = (pd.DataFrame({text: t[text].dropna().astype("str")}) for t in (real, generated))
    return ours, theirs


def _log_ratios(ours: pd.DataFrame, theirs: pd.DataFrame, size: int, seed: int, *, by_text: bool) -> Floats:
    rng = np.random.default_rng(seed)
    if by_text:
        lists = [list(map(str, t.iloc[:, 0])) for t in (ours, theirs)]
        kernels = [lambda at, rows=rows: jaccard([rows[i] for i in at]) for rows in lists]
    else:
        points = encoded([ours, theirs])
        width = _typical(points[0], rng)
        kernels = [lambda at, rows=rows: _near(rows[at], width) for rows in points]
    return np.array(
        [
            np.log(vendi_score(kernels[1](rng.permutation(len(theirs))[:size])))
            - np.log(vendi_score(kernels[0](rng.permutation(len(ours))[:size])))
            for _ in range(DRAWS)
        ]
    )


def _near(rows: Floats, width: float) -> Floats:
    lengths = (rows**2).sum(axis=1)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * rows @ rows.T, 0.0)
    near: Floats = np.exp(-squared / (2 * width**2))
    return near


def _typical(rows: Floats, rng: np.random.Generator) -> float:
    """A third of the median distance of real rows, so that neighbours count as alike and the rest does not."""
    at, to = rng.integers(0, len(rows), (2, 2000))
    distances = np.sqrt(((rows[at] - rows[to]) ** 2).sum(axis=1))
    found = float(np.median(distances[distances > 0])) if (distances > 0).any() else 1.0
    return found / 3


def _t(level: float) -> float:
    from scipy import stats

    return float(stats.t.ppf(0.5 + level / 2, DRAWS - 1))

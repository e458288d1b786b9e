"""Documents that are nearly the same as a text, found by MinHash without comparing all with all."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskkit.measures.text import words

Hashes = NDArray[np.uint64]
SHINGLE = 5
"""Words of a shingle; shorter texts are one shingle."""
BANDS, ROWS = 32, 4
"""32 bands of 4 hashes: texts of similarity 0.8 share a band with a probability of 1 - (1 - 0.8**4)**32 > 0.9999."""
_PRIME = np.uint64((1 << 31) - 1)


def shingles(text: str) -> frozenset[int]:
    """Digests of the runs of five words of ``text``."""
    return frozenset(digests(text))


def digests(text: str) -> list[int]:
    """The digest of the run of five words that starts at each place of ``text``."""
    spoken = words(text)
    runs = [spoken[i : i + SHINGLE] for i in range(max(1, len(spoken) - SHINGLE + 1))] if spoken else []
    return [zlib.crc32(" ".join(run).encode()) for run in runs]


def near_duplicates(texts: Sequence[str], documents: Sequence[str], *, threshold: float = 0.8) -> list[float]:
    """For each of ``texts``, its Jaccard similarity of shingles to the nearest of ``documents``; 0 where none is near.

    MinHash with banding names the pairs worth comparing (A. Broder 1997, Compression and Complexity of Sequences;
    J. Leskovec et al. 2020, Mining of Massive Datasets, 3.4), and their similarity is then computed exactly. A pair
    below ``threshold`` may be missed and counts as 0, one at 0.8 or more is missed less than once in 10,000. A text
    within a much longer document is not near to it: that is what runs of words are for.
    """
    ours, theirs = [shingles(t) for t in texts], [shingles(d) for d in documents]
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for index, found in enumerate(ours):
        for key in _bands(found):
            buckets[key].append(index)
    nearest = [0.0] * len(texts)
    for document in theirs:
        for index in {i for key in _bands(document) for i in buckets.get(key, ())}:
            shared = len(ours[index] & document)
            similar = shared / (len(ours[index]) + len(document) - shared)
            nearest[index] = max(nearest[index], similar)
    return [similar if similar >= threshold else 0.0 for similar in nearest]


def _bands(found: frozenset[int]) -> list[tuple[int, bytes]]:
    if not found:
        return []
    signature = minhash(found).reshape(BANDS, ROWS)
    return [(band, row.tobytes()) for band, row in enumerate(signature)]


def minhash(found: frozenset[int]) -> Hashes:
    """The signature: for each of 128 hash functions ``(a x + b) mod p`` the smallest value over the shingles."""
    values = np.fromiter(found, dtype=np.uint64, count=len(found)) % _PRIME
    factors, offsets = _functions()
    hashed: Hashes = (values[None, :] * factors[:, None] + offsets[:, None]) % _PRIME
    return np.asarray(hashed.min(axis=1), dtype=np.uint64)


def _functions() -> tuple[Hashes, Hashes]:
    """The same hash functions every time, so that equal inputs give equal results."""
    rng = np.random.default_rng(0)
    top = int(_PRIME)
    return (
        rng.integers(1, top, BANDS * ROWS, dtype=np.uint64), rng.integers(0, top, BANDS * ROWS, dtype=np.uint64)
    )  # fmt: skip

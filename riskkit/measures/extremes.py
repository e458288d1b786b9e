"""Intervals for how far the lowest and the highest of several rates are apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 14
"""Halvings by which an end is found: to a 16,000th of the way it can lie in."""
TRIED = 8
"""Groups that are tried as the lowest and as the highest one, the easiest to move first."""
SPACED = 0.1
"""How far rates that are drawn in keep their distances, from meeting at the ends to none of them lost."""
TOUCH = 1e-12
"""Distance below which a simulated gap counts as the observed one."""


class Rates(NamedTuple):
    """Rates that are compared with one another: how many of how many, a place a group."""

    k: Ints
    n: Ints


class Gap(NamedTuple):
    """A way to say how far apart a lowest and a highest rate are: 0 where they are equal, 1 at most."""

    of: Callable[[Floats, Floats], Floats]
    """The gap, of the lowest and the highest rate."""
    lowest: Callable[[Floats, float], Floats]
    """The lowest rate below a highest rate, at a gap."""
    highest: Callable[[Floats, float], Floats]
    """The highest rate above a lowest rate, at a gap."""
    slope: Callable[[float], float]
    """How far the lowest rate moves with the highest, at a gap."""


DIFFERENCE = Gap(lambda a, b: b - a, lambda b, gap: b - gap, lambda a, gap: a + gap, lambda gap: 1.0)
SHORTFALL = Gap(
    lambda a, b: 1 - np.divide(a, b, out=np.ones_like(b), where=b > 0),
    lambda b, gap: b * (1 - gap),
    lambda a, gap: a / (1 - gap),
    lambda gap: 1 - gap,
)
"""One minus the ratio of the lowest to the highest rate."""


def gap_interval(
    families: Sequence[Rates], gap: Gap, *, level: float, rng: np.random.Generator, replicates: int
) -> tuple[float, float]:
    """An interval for the gap between the lowest and the highest true rate; of several families, for the widest gap.

    A size belongs to the interval when the observed gap is not unusual for rates that far apart: neither among the
    widest nor among the narrowest of ``replicates`` simulated samples. As rates that far apart those are taken that lie
    closest to the observed ones (least squares, weighted by rows; those between gathered by half of their chance), so
    that the groups which compete for the extremes in the data do so in the simulation. The error of ``1 - level`` is
    halved between both sides, except near equality, where it moves to the side of wide gaps, since no gap is below 0.
    So 0 is left out exactly when equal rates would show such a gap in fewer than ``1 - level`` of samples.

    C. S. Chuang, T. L. Lai (2000), Statistica Sinica 10, 1-50 (hybrid resampling); G. J. Feldman, R. D. Cousins (1998),
    Physical Review D 57, 3873-3889 (one rule for one-sided and two-sided ends).
    """
    alpha, seen = 1 - level, max(_gap(f.k / f.n, gap) for f in families).item()
    drawn = [rng.standard_normal((len(f.n), replicates)) for f in families]
    bends = [(z * z - 1) / 6 for z in drawn]

    def simulated(size: float) -> Floats:
        parts = zip(families, drawn, bends, strict=True)
        each = [_sampled(_apart(f, gap, size, seen), f.n, z, bend) for f, z, bend in parts]
        widest: Floats = np.max([_gap(rates, gap) for rates in each], axis=0)
        return widest

    noise = float(np.median(simulated(0.0)))

    def narrow(size: float) -> float:
        """The share of the error that is spent on gaps narrower than expected."""
        return alpha / 2 * (min(1.0, size / noise) if noise else 1.0)

    def too_wide(size: float) -> bool:
        return float(np.mean(simulated(size) >= seen - TOUCH)) < alpha - narrow(size)

    def too_narrow(size: float) -> bool:
        return float(np.mean(simulated(size) <= seen + TOUCH)) < narrow(size)

    low = _first(lambda size: not too_wide(size), 0.0, seen) if too_wide(0.0) else 0.0
    return low, _first(too_narrow, seen, 1.0)


def _first(holds: Callable[[float], bool], start: float, stop: float) -> float:
    """Where between ``start`` and ``stop`` something begins to hold, by halving."""
    for _ in range(STEPS):
        middle = (start + stop) / 2
        start, stop = (start, middle) if holds(middle) else (middle, stop)
    return stop


def _gap(rates: Floats, gap: Gap) -> Floats:
    found: Floats = gap.of(rates.min(axis=0), rates.max(axis=0))
    return found


def _sampled(rates: Floats, n: Ints, normal: Floats, bend: Floats) -> Floats:
    """Rates of binomial samples: quantiles by E. A. Cornish and R. A. Fisher (1938), to the nearest count."""
    spread = np.sqrt(n * rates * (1 - rates))
    counts: Floats = normal * spread[:, None]
    counts += bend * np.where(spread > 0, 1 - 2 * rates, 0.0)[:, None]
    counts += (n * rates)[:, None]
    np.rint(counts, out=counts)
    np.clip(counts, 0, n[:, None], out=counts)
    counts /= n[:, None]
    return counts


def _apart(family: Rates, gap: Gap, size: float, seen: float) -> Floats:
    """The rates closest to the observed ones that are ``size`` apart; of several families the widest is moved apart."""
    rates = family.k / family.n
    own = _gap(rates, gap).item()
    if size <= own:
        return _gathered(_drawn_in(rates, family.n, gap, size), family.n)
    if own >= seen and size > seen:
        rates = _moved_out(rates, family.n, gap, size)
    return _gathered(rates, family.n)


def _gathered(rates: Floats, n: Ints) -> Floats:
    """The rates between the extremes, drawn together by half of what chance spreads them.

    Chance spread the observed ones once, and spreads the simulated ones once more. The variance of true rates is
    estimated by moments (R. DerSimonian, N. Laird 1986, Controlled Clinical Trials 7, 177-188, with rows as weights).
    """
    inner = (rates > rates.min() + TOUCH) & (rates < rates.max() - TOUCH)
    x, w = rates[inner], n[inner] / n.sum()
    if len(x) < 2:
        return rates
    chance, middle, total = x * (1 - x) / n[inner], np.average(x, weights=w), w.sum()
    spread = w @ (x - middle) ** 2 - w @ chance + w**2 @ chance / total
    true = max(0.0, spread / (total - w @ w / total))
    gathered = rates.copy()
    gathered[inner] = middle + (x - middle) * np.sqrt((true + chance / 2) / (true + chance))
    return np.clip(gathered, rates.min(), rates.max())


def _drawn_in(rates: Floats, n: Ints, gap: Gap, size: float) -> Floats:
    """Rates cut off at a highest and a lowest one: the highest is where the pull from both sides is in balance.

    Cut off, groups meet at the ends that were apart; so they go a little of the way to being spaced as observed.
    """
    ends = rates if size >= 1 else np.concatenate([rates, gap.highest(rates, size)])
    tops = np.sort(ends)
    above = n * np.maximum(rates - tops[:, None], 0)
    below = n * np.maximum(gap.lowest(tops, size)[:, None] - rates, 0)
    pull = gap.slope(size) * below.sum(axis=1) - above.sum(axis=1)
    top = np.array(np.interp(0.0, pull, tops))
    cut: Floats = np.clip(rates, gap.lowest(top, size), top)
    spaced = np.interp(rates, [rates.min(), rates.max()], [cut.min(), cut.max()])
    drawn_in: Floats = (1 - SPACED) * cut + SPACED * spaced
    return drawn_in


def _moved_out(rates: Floats, n: Ints, gap: Gap, size: float) -> Floats:
    """One rate moved down and one moved up, of all pairs that for which it takes least; the others stay between."""
    slope, fixed = gap.slope(size), gap.lowest(np.zeros(1), size).item()
    down = n * (rates - gap.lowest(rates.max(keepdims=True), size)) ** 2
    up = n * (gap.highest(rates.min(keepdims=True), size) - rates) ** 2
    low, high = (ends.ravel() for ends in np.meshgrid(down.argsort()[:TRIED], up.argsort()[:TRIED]))
    low, high = low[low != high], high[low != high]
    top = n[high] * rates[high] + n[low] * slope * (rates[low] - fixed)
    top = np.clip(top / (n[high] + n[low] * slope**2), -fixed, 1.0)
    pairs, bottom = np.arange(len(top)), gap.lowest(top, size)
    moved = np.clip(rates, bottom[:, None], top[:, None])
    moved[pairs, high], moved[pairs, low] = top, bottom
    effort = (n * (moved - rates) ** 2).sum(axis=1)
    closest: Floats = moved[effort.argmin()]
    return closest

"""Numbers nobody knows exactly, written as a range of what they may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from riskkit.errors import printable

Floats = NDArray[np.float64]
TENTH = float(special.ndtri(0.9))
"""Standard deviations from the middle to a tenth of a normal distribution."""
PAIRS = ("uniform", "normal", "lognormal")
FORMS = (
    "a number, [lowest, likeliest, highest], {uniform: [lowest, highest]}, {normal: [p10, p90]}, "
    "{lognormal: [p10, p90]} or {values: [...]}"
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a number may be: its kind, the numbers that describe it, and the bounds it keeps within."""

    kind: str
    numbers: tuple[float, ...]
    least: float = -inf
    most: float = inf

    @property
    def fixed(self) -> bool:
        """Whether there is only one value."""
        return self.kind == "fixed"

    def at(self, probability: ArrayLike) -> Floats:
        """The value below which the number lies with ``probability``; uniform draws give draws of the number."""
        u = np.asarray(probability, dtype=float)
        found: Floats = np.clip(_QUANTILES[self.kind](u, *self.numbers), self.least, self.most)
        return found

    def __str__(self) -> str:
        if self.fixed:
            return short(self.numbers[0])
        if self.kind == "chance":
            return f"of {self.numbers[0]:g}"
        low, middle, high = self.at([0.1, 0.5, 0.9])
        return f"{short(low)} to {short(high)} (middle {short(middle)})"


def short(value: float) -> str:
    """A number with no more digits than a reader needs."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def fixed(value: float) -> Distribution:
    """Exactly ``value``."""
    return Distribution("fixed", (float(value),))


def distribution(given: object, *, name: str, least: float = -inf, most: float = inf) -> Distribution:
    """The distribution that a profile writes as one of the :data:`FORMS`; ``normal`` is cut off at the bounds.

    Three numbers are the lowest, likeliest and highest value of a triangular distribution; pairs of ``normal`` and
    ``lognormal`` are the values that one case in ten lies below, and nine in ten.

    Raises
    ------
    ValueError
        One line that begins with ``name`` when the distribution cannot be.
    """
    if isinstance(given, Distribution):
        return given
    if isinstance(given, Mapping):
        kind, values = _named(given, name)
    else:
        kind, values = ("triangular", given) if isinstance(given, list | tuple) else ("fixed", [given])
    numbers = _numbers(values, name)
    if wrong := _wrong(kind, numbers):
        raise ValueError(f"{name} is {printable(given, 80)}; {wrong}")
    ends = (0,) if kind == "normal" and numbers[1] > least else range(len(numbers))
    outside = [n for n in (numbers[i] for i in ends) if not least <= n <= most]
    if outside:
        bounds = f"at least {least:g}" if most == inf else f"within {least:g} and {most:g}"
        raise ValueError(f"{name} is {printable(given, 80)}; it must be {bounds}")
    return Distribution(kind, numbers, least, most)


def pearson(normal: Floats, skewness: ArrayLike) -> Floats:
    """Values of mean 0, variance 1 and this skewness, of a shifted gamma distribution, from normal ones.

    E. B. Wilson, M. M. Hilferty (1931), Proceedings of the National Academy of Sciences 17, 684-688: the cube root of a
    gamma variate is nearly normal. Good to a hundredth of a deviation up to a skewness of about 1.
    """
    g = np.asarray(skewness, dtype=float)
    near = np.where(np.abs(g) < 1e-6, 1e-6, g)
    cube = np.maximum(1 + near * normal / 6 - near * near / 36, 0)
    found: Floats = 2 / near * (cube * cube * cube - 1)
    return found


def _sampled(u: Floats, error: float, skewness: float) -> Floats:
    """1, give or take a relative error of sampling, with the skewness that a mean of skewed values has."""
    if abs(skewness) <= 1:
        return 1 + error * pearson(special.ndtri(u), skewness)
    shape = 4 / skewness**2
    found: Floats = 1 + error * (special.gammaincinv(shape, u) - shape) / sqrt(shape)
    return found


def _triangular(u: Floats, low: float, mode: float, high: float) -> Floats:
    width = high - low
    if not width:
        return np.full_like(u, low)
    left = np.sqrt(u * width * (mode - low))
    found: Floats = np.where(
        u * width < mode - low, low + left, high - np.sqrt((1 - u) * width * (high - mode))
    )
    return found


def _between(u: Floats, p10: float, p90: float) -> Floats:
    found: Floats = (p10 + p90) / 2 + (p90 - p10) / (2 * TENTH) * special.ndtri(u)
    return found


_QUANTILES: Mapping[str, Callable[..., Floats]] = {
    "fixed": lambda u, value: np.full_like(u, value),
    "triangular": _triangular,
    "uniform": lambda u, low, high: low + (high - low) * u,
    "normal": _between,
    "lognormal": lambda u, p10, p90: np.exp(_between(u, np.log(p10), np.log(p90))),
    "values": lambda u, *values: np.sort(values)[np.minimum((u * len(values)).astype(int), len(values) - 1)],
    "chance": lambda u, chance: (u >= 1 - chance).astype(float) if chance < 1 else np.ones_like(u),
    "sampled": _sampled,
}


def _named(given: Mapping[object, object], name: str) -> tuple[str, object]:
    kinds = (*PAIRS, "values")
    kind = str(next(iter(given), ""))
    if len(given) != 1 or kind not in kinds:
        near = get_close_matches(kind, kinds, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"give {FORMS}"
        raise ValueError(f"{name} is {printable(dict(given), 80)}, which is no distribution; {hint}")
    return kind, given[next(iter(given))]


def _numbers(values: object, name: str) -> tuple[float, ...]:
    listed = values if isinstance(values, list | tuple) else [values]
    for value in listed:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ValueError(f"{name}: {printable(value, 60)} is not a finite number; give {FORMS}")
    return tuple(map(float, listed))


def _wrong(kind: str, n: tuple[float, ...]) -> str:
    if kind == "triangular" and (len(n) != 3 or not n[0] <= n[1] <= n[2]):
        return "give one number, or lowest <= likeliest <= highest"
    if kind in PAIRS and (len(n) != 2 or not n[0] < n[1]):
        return f"{kind} takes two numbers, the lower first"
    if kind == "lognormal" and n[0] <= 0:
        return "the values of a lognormal distribution are above 0"
    return "values holds no value" if not n else ""

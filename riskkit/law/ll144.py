"""Impact ratios as New York City's Local Law 144 defines them (6 RCNY 5-301), for selections and for scores.

The law sets no threshold: the ratios are published, not passed or failed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from ..model import Frozen

SMALL_SHARE = Fraction(2, 100)
"""A category under this share of the data (strictly) may be left out of the ratios."""


class Category(Frozen):
    """One category: how many people, how many selected or above the median, the rate and the ratio.

    ``impact_ratio`` is None for a category left out and where nobody at all was selected; ``why`` then says
    so.
    """

    category: str
    people: int
    favoured: int
    rate: float | None
    impact_ratio: float | None
    impact_ratio_2dp: float | None
    may_be_left_out: bool
    why: str = ""


class ImpactTable(Frozen):
    """The table of one dimension, with the choices the rule leaves open spelled out."""

    kind: str
    categories: tuple[Category, ...]
    unknown: int
    median: float | None = None
    choices: tuple[str, ...]


def selection_ratios(
    counts: Mapping[str, tuple[int, int]], *, left_out: Collection[str] = (), unknown: int = 0
) -> ImpactTable:
    """Impact ratios of ``counts``, category to (applicants, selected): the rate over the highest rate.

    ``left_out`` are categories the auditor leaves out, which the rule allows under 2 % of the data;
    ``unknown`` is the number of people whose category is not known, who are reported and counted nowhere
    else.

    Raises
    ------
    ValueError
        When counts cannot be, or a category is left out that must stay in.
    """
    for name, (people, selected) in counts.items():
        if not 0 <= selected <= people:
            raise ValueError(f"{name}: {selected} selected of {people} applicants cannot be")
    return ImpactTable(
        kind="selection",
        categories=_categories(counts, left_out),
        unknown=_counted(unknown),
        choices=_choices(left_out),
    )


def scoring_ratios(
    scores: Mapping[str, Sequence[float]], *, left_out: Collection[str] = (), unknown: int = 0
) -> ImpactTable:
    """Impact ratios of ``scores``, category to scores: the share strictly above the median of all, over the highest.

    The median is of every score given, those of left-out categories included. The scores of people whose
    category is unknown are not in it, and the table says so: the rule does not settle that.

    Raises
    ------
    ValueError
        When there is no score, one is not finite, or a category is left out that must stay in.
    """
    everyone = [float(score) for group in scores.values() for score in group]
    if not everyone or not all(map(math.isfinite, everyone)):
        raise ValueError("scores must be finite, and there must be at least one")
    median = statistics.median(everyone)
    counts = {name: (len(group), sum(score > median for score in group)) for name, group in scores.items()}
    return ImpactTable(
        kind="scoring",
        categories=_categories(counts, left_out),
        unknown=_counted(unknown),
        median=median,
        choices=(
            "median of all scores of people with a known category; a score equal to it is not above it",
            *_choices(left_out),
        ),
    )


def _categories(counts: Mapping[str, tuple[int, int]], left_out: Collection[str]) -> tuple[Category, ...]:
    total = sum(people for people, _ in counts.values())
    small = {name: people < SMALL_SHARE * total for name, (people, _) in counts.items()}
    for name in left_out:
        if not small.get(name, False):
            raise ValueError(f"{name!r} cannot be left out: it is not a category under 2 % of the data")
    rates = {name: Fraction(got, people) if people else None for name, (people, got) in counts.items()}
    top = max((r for name, r in rates.items() if r is not None and name not in left_out), default=Fraction(0))
    return tuple(
        _category(name, counts[name], rates[name], top, small[name], name in left_out) for name in counts
    )


def _category(
    name: str, counts: tuple[int, int], rate: Fraction | None, top: Fraction, small: bool, out: bool
) -> Category:
    why = (
        "left out by the auditor: under 2 % of the data"
        if out
        else "nobody is in this category"
        if rate is None
        else "nobody was favoured in any category, so there is no ratio"
        if not top
        else ""
    )
    ratio = None if why or rate is None else rate / top
    return Category(
        category=name,
        people=counts[0],
        favoured=counts[1],
        rate=None if rate is None else float(rate),
        impact_ratio=None if ratio is None else float(ratio),
        impact_ratio_2dp=None if ratio is None else math.floor(ratio * 100 + Fraction(1, 2)) / 100,
        may_be_left_out=small,
        why=why,
    )


def _choices(left_out: Collection[str]) -> tuple[str, ...]:
    return (
        "shares are of people with a known category",
        "two decimals are custom, rounded half up",
        *(["a category left out does not set the highest rate"] if left_out else []),
    )


def _counted(unknown: int) -> int:
    if unknown < 0:
        raise ValueError(f"{unknown} people of unknown category cannot be")
    return unknown

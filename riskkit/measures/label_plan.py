"""How many answers people should label, and which interval that will buy."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskkit.measures.labelling import FEWEST, Detector, Strata, poststratified
from riskkit.measures.text import storable
from riskkit.model import Sample

MOST = 2000
"""Labels above which no plan is made: somebody has to give them."""


class Plan(NamedTuple):
    """Labels of flagged and of other answers, and the interval they are expected to give."""

    flagged: int
    passed: int
    low: float
    high: float

    @property
    def labels(self) -> int:
        """All of them."""
        return self.flagged + self.passed


def plan(
    share_flagged: float,
    *,
    answers: int,
    width: float,
    level: float = 0.95,
    precision: float = 0.7,
    missed: float = 0.03,
) -> Plan:
    """The fewest labels whose interval for the true rate is expected to be no wider than ``width``.

    ``share_flagged`` of ``answers`` are flagged by the detector; ``precision`` is the share of flagged ones that one
    expects to have the fault, ``missed`` that of the others. Labels go where they tell most (J. Neyman 1934). Where
    even all answers would not do, all of them are planned, and the interval is as wide as it then is.

    Raises
    ------
    ValueError
        When a share is not within 0 and 1, or the width is not above 0.
    """
    if not all(0 <= share <= 1 for share in (share_flagged, precision, missed)) or width <= 0:
        raise ValueError("shares lie within 0 and 1, and a width above 0")
    most = min(answers, MOST)
    low, high = min(2 * FEWEST, most), most
    while low < high:
        middle = (low + high) // 2
        found = expected(
            middle, share_flagged, answers=answers, level=level, precision=precision, missed=missed
        )
        low, high = (low, middle) if found.high - found.low <= width else (middle + 1, high)
    return expected(low, share_flagged, answers=answers, level=level, precision=precision, missed=missed)


def draw_blind(
    answers: Sequence[Sample], detector: Detector, *, width: float, labels: int | None, seed: int
) -> tuple[list[Sample], Plan]:
    """Answers for people to label, in an order that does not tell what ``detector`` says of them, and their plan.

    At most one answer a prompt is drawn, so that labels are independent; flagged ones in a larger share than there are.
    With ``labels`` so many are drawn, else as many as ``width`` takes.

    Raises
    ------
    ValueError
        When the detector looked at fewer than two prompts.
    """
    dice, by_prompt = random.Random(seed), dict[str, list[Sample]]()
    for sample in answers:
        by_prompt.setdefault(sample.prompt_id, []).append(sample)
    one_each = [dice.choice(by_prompt[name]) for name in sorted(by_prompt)]
    checked = detector(one_each)
    flags = dict(zip(checked["prompt_id"], checked["flagged"], strict=True))
    known = ((sample, flags.get(storable(sample.prompt_id))) for sample in one_each)
    verdicts = [(sample, bool(flag)) for sample, flag in known if flag is not None and flag is not pd.NA]
    if len(verdicts) < 2:
        raise ValueError(f"there are {len(verdicts)} prompts with an answer that can be looked at")
    parts = [[s for s, flagged in verdicts if flagged is kind] for kind in (True, False)]
    share, there = len(parts[0]) / len(verdicts), len(verdicts)
    found = plan(share, answers=there, width=width)
    if labels is not None:
        found = expected(min(labels, there), share, answers=there, level=0.95, precision=0.7, missed=0.03)
    drawn = dice.sample(parts[0], found.flagged) + dice.sample(parts[1], found.passed)
    dice.shuffle(drawn)
    return drawn, found


def expected(
    labels: int, share_flagged: float, *, answers: int, level: float, precision: float, missed: float
) -> Plan:
    """The interval that so many labels are expected to give, at the expected counts."""
    flagged, passed = allocated(labels, share_flagged, answers=answers, precision=precision, missed=missed)
    counts = Strata(round(precision * flagged), flagged, round(missed * passed), passed)
    drawn = poststratified(share_flagged, answers, counts, rng=np.random.default_rng(0), draws=4000)
    tail = (1 - level) / 2
    low, high = (float(v) for v in np.quantile(drawn, [tail, 1 - tail]))
    return Plan(flagged, passed, low, high)


def allocated(
    labels: int, share_flagged: float, *, answers: int, precision: float, missed: float
) -> tuple[int, int]:
    """How many flagged and how many other answers to label, of those there are."""
    there = round(share_flagged * answers)
    weight = share_flagged * sqrt(precision * (1 - precision))
    other = (1 - share_flagged) * sqrt(missed * (1 - missed))
    wanted = round(labels * weight / (weight + other)) if weight + other else labels // 2
    flagged = min(there, max(wanted, min(FEWEST, labels // 2)))
    return flagged, min(labels - flagged, answers - there)

"""The ceiling of a fine: an amount or a share of turnover, whichever the rule picks."""

from __future__ import annotations

from decimal import Decimal

from ..model import Penalty


def max_fine_eur(penalty: Penalty, *, worldwide_turnover_eur: float, sme_or_small_midcap: bool) -> float:
    """The most that can be fined, in euros (EU AI Act, Art. 99 to 101; the smaller firm's rule is its own).

    Raises
    ------
    ValueError
        When the turnover is negative.
    """
    if worldwide_turnover_eur < 0:
        raise ValueError(f"turnover cannot be negative: {worldwide_turnover_eur}")
    rule = penalty.sme_rule if sme_or_small_midcap else penalty.rule
    if rule == "cap" or penalty.max_turnover_pct is None:
        return float(penalty.max_eur)
    share = Decimal(str(worldwide_turnover_eur)) * Decimal(str(penalty.max_turnover_pct)) / 100
    pick = max if rule == "higher of" else min
    return float(pick(Decimal(penalty.max_eur), share))

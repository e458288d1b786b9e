"""What a profile states about cost, sorted by what needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from riskkit.errors import printable
from riskkit.measures.assumptions import CHECKS, TOP
from riskkit.measures.prices import Price

SECTIONS = ("tokens", "contract_prices", "usd_per", "alternatives", "self_hosting", "energy")
TOKENS = ("model", "input_tokens", "output_tokens")
"""What a check may state instead of usd."""


@dataclass(frozen=True)
class Stated:
    """The sections of the assumptions that a profile declares; each is empty where it says nothing.

    ``bill`` is what :func:`riskkit.measures.assumptions.assumptions` takes, ``earlier`` the target that holds the calls
    of an earlier version.
    """

    bill: Mapping[str, Any] = field(default_factory=dict)
    tokens: Mapping[str, Any] = field(default_factory=dict)
    contract_prices: Mapping[str, Any] = field(default_factory=dict)
    usd_per: Mapping[str, Any] = field(default_factory=dict)
    alternatives: Mapping[str, Any] = field(default_factory=dict)
    self_hosting: Mapping[str, Any] = field(default_factory=dict)
    energy: Mapping[str, Any] = field(default_factory=dict)
    earlier: str = ""

    @property
    def naming(self) -> dict[str, Any]:
        """The sections that name models, whose prices are needed."""
        return {
            "tokens": self.tokens,
            "alternatives": self.alternatives,
            **{c: self.bill.get(c) for c in CHECKS},
        }

    def at(self, prices: Mapping[str, Price]) -> dict[str, Any]:
        """The bill's assumptions with checks that state a model and tokens turned into USD a call."""
        return {
            name: _priced(name, given, prices) if name in CHECKS else given
            for name, given in self.bill.items()
        }


def stated(assumptions: Mapping[str, Any]) -> Stated:
    """The assumptions of a profile, sorted.

    Raises
    ------
    ValueError
        One line when a section is not known (the nearest is named) or is no mapping.
    """
    known = (*TOP, *SECTIONS, "earlier")
    for name, given in assumptions.items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise ValueError(f"assumptions: there is no {printable(name, 40)}; {hint}")
        if name in SECTIONS and not isinstance(given, Mapping):
            raise ValueError(f"assumptions.{name} is {printable(given, 60)}; give its fields")
    earlier = assumptions.get("earlier", "")
    if not isinstance(earlier, str):
        raise ValueError(f"assumptions.earlier is {printable(earlier, 60)}; name a target of the profile")
    return Stated(
        bill={name: given for name, given in assumptions.items() if name in TOP},
        earlier=earlier,
        **{name: assumptions.get(name, {}) for name in SECTIONS},
    )


def _priced(name: str, given: Any, prices: Mapping[str, Price]) -> Any:
    if not isinstance(given, Mapping) or "model" not in given:
        return given
    if missing := [token for token in TOKENS if token not in given]:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    counts = [given[token] for token in TOKENS[1:]]
    if not all(isinstance(count, int | float) and count >= 0 for count in counts):
        raise ValueError(f"{name}: input_tokens and output_tokens must be numbers of 0 or more, or give usd")
    price = prices[str(given["model"])]
    usd = (counts[0] * price.input + counts[1] * price.output) / 1e6
    return {**{key: value for key, value in given.items() if key not in TOKENS}, "usd": usd}

"""List prices of models on a day, from the data that ship with ``genai-prices``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Any

from riskkit.errors import printable


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens of one model on one day; cached input costs ``cached``, or as input if None."""

    model: str
    provider: str
    input: float
    output: float
    cached: float | None
    as_of: date
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(
                    f"price of {self.model}: {name} is {value!r} USD per million tokens; it must be 0 or more"
                )


def price_of(model: str, *, on: date, provider: str | None = None) -> Price:
    """The list price of ``model`` on the day ``on``, as ``genai-prices`` knew it; nothing is fetched.

    Where a price rises above some length of input the first tier is taken, and ``note`` says so.

    Raises
    ------
    ValueError
        When the model or provider is not known; the message names near matches.
    """
    from genai_prices import __version__
    from genai_prices.data_snapshot import get_snapshot

    try:
        found, info = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        raise ValueError(_unknown(model, provider)) from None
    listed = info.get_prices(datetime(on.year, on.month, on.day, tzinfo=UTC))
    if listed.input_mtok is None or listed.output_mtok is None:
        raise ValueError(f"{found.id} lists no price by input and output tokens for {info.id}")
    return Price(
        model=model,
        provider=found.id,
        input=_first_tier(listed.input_mtok),
        output=_first_tier(listed.output_mtok),
        cached=None if listed.cache_read_mtok is None else _first_tier(listed.cache_read_mtok),
        as_of=on,
        source=f"genai-prices {__version__}",
        note=_tiers(listed.input_mtok),
    )


def near(name: str, known: Iterable[str]) -> str:
    """The names of ``known`` that look like ``name``, for an error message."""
    matches = get_close_matches(name.lower(), list(known), n=3, cutoff=0.5)
    return f"near matches: {', '.join(matches)}" if matches else "there is no near match"


def _first_tier(price: Any) -> float:
    return float(getattr(price, "base", price))


def _tiers(price: Any) -> str:
    tiers = getattr(price, "tiers", None)
    return (
        f"above {tiers[0].start:,} input tokens a call the list price is higher; not counted here"
        if tiers
        else ""
    )


@cache
def _names() -> tuple[tuple[str, str], ...]:
    from genai_prices.data_snapshot import get_snapshot

    return tuple((p.id, m.id) for p in get_snapshot().providers for m in p.models)


def _unknown(model: str, provider: str | None) -> str:
    providers = {p for p, _ in _names()}
    if provider is not None and provider not in providers:
        return f"there are no prices of provider {printable(provider, 60)!r}; {near(provider, sorted(providers))}"
    models = sorted({m for p, m in _names() if provider in (None, p)})
    return f"there is no list price of model {printable(model, 60)!r}; {near(model, models)}"

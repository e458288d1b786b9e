"""Prices of models on a day: by contract where the profile states one, else the list price of ``genai-prices``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from math import isfinite
from typing import Any

from riskkit.errors import printable

TERMS = ("input", "output", "cached", "currency", "until", "contract")
"""What a contract price may state."""


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
            if value is not None and not (isfinite(value) and value >= 0):
                raise ValueError(
                    f"price of {self.model}: {name} is {value!r} USD per million tokens; it must be 0 or more"
                )


def price_of(model: str, *, on: date, provider: str | None = None) -> Price:
    """The list price of ``model`` on the day ``on``, as ``genai-prices`` knew it; nothing is fetched.

    Where a price rises above some length of input the first tier is taken, and where it varies with the hour the
    highest of the day; ``note`` says so.

    Raises
    ------
    ValueError
        When the model or provider is not known; the message names near matches.
    """
    from genai_prices import __version__

    found, info = _listed(model, provider)
    hours = [info.get_prices(datetime(on.year, on.month, on.day, hour, 45, tzinfo=UTC)) for hour in range(24)]
    listed = max(
        hours, key=lambda price: (_first_tier(price.output_mtok or 0), _first_tier(price.input_mtok or 0))
    )
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
        note="; ".join(filter(None, (_tiers(listed.input_mtok), _hours(hours)))),
    )


def contract_prices(
    stated: Mapping[str, Any], *, usd_per: Mapping[str, Any] | None = None, on: date
) -> dict[str, Price]:
    """The prices a contract states, by model, in US dollars per million tokens.

    Parameters
    ----------
    stated : model to ``input``, ``output`` and perhaps ``cached`` (per million tokens), ``currency`` (or USD),
        ``until`` (the last day it holds) and ``contract`` (what to call it).
    usd_per : US dollars for one unit of each other currency; there is no rate but a declared one.
    on : the day whose prices count; a contract that has ended by then is an error, not a list price.

    Raises
    ------
    ValueError
        One line for the first price that cannot be.
    """
    return {model: _contract(model, terms, usd_per or {}, on) for model, terms in stated.items()}


def frozen(prices: Mapping[str, Price]) -> tuple[str, ...]:
    """A line for each price, for the record: what was used keeps its day and its source."""
    return tuple(
        f"price of {printable(p.model, 80)} ({printable(p.provider, 60)}) on {p.as_of}: {p.input:g} input, "
        f"{p.output:g} output, {p.input if p.cached is None else p.cached:g} cached USD per million tokens; {p.source}"
        + (f"; {p.note}" if p.note else "")
        for p in prices.values()
    )


def rate(currency: str, usd_per: Mapping[str, Any]) -> float:
    """US dollars for one unit of ``currency``; other than for dollars, only a declared rate counts."""
    if currency == "USD":
        return 1.0
    if currency not in usd_per:
        told = f"near matches: {', '.join(found)}" if (found := get_close_matches(currency, usd_per)) else (
            f"declare usd_per: {{{printable(currency, 8)}: ...}}"
        )  # fmt: skip
        raise ValueError(f"there is no rate for currency {printable(currency, 20)!r}; {told}")
    return _amount(usd_per[currency], f"usd_per.{currency}", above=True)


def _contract(model: str, terms: Any, usd_per: Mapping[str, Any], on: date) -> Price:
    at = f"contract_prices.{printable(model, 60)}"
    if not isinstance(terms, Mapping):
        raise ValueError(f"{at} is {printable(terms, 60)}; give input and output per million tokens")
    if unknown := sorted(set(terms) - set(TERMS)):
        raise ValueError(f"{at}: there is no {printable(unknown[0], 40)}; {near(unknown[0], TERMS)}")
    if missing := [name for name in ("input", "output") if name not in terms]:
        raise ValueError(f"{at} lacks {', '.join(missing)}, per million tokens")
    currency = str(terms.get("currency", "USD"))
    times = rate(currency, usd_per)
    until = str(terms.get("until", ""))
    if until and date.fromisoformat(until) < on:
        raise ValueError(f"{at} ended on {until}, before {on}; state the price that follows")
    amounts = {
        name: _amount(terms[name], f"{at}.{name}") * times
        for name in TERMS[:3]
        if terms.get(name) is not None
    }
    note = "" if currency == "USD" else f"stated in {currency} at {times:g} USD"
    return Price(
        model=model,
        provider="contract",
        input=amounts["input"],
        output=amounts["output"],
        cached=amounts.get("cached"),
        as_of=on,
        source=str(terms.get("contract", "contract of the profile")),
        note=note,
    )


def _amount(given: Any, at: str, *, above: bool = False) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given) or given < 0:
        raise ValueError(f"{at} is {printable(given, 40)}; it must be 0 or more")
    if above and not given:
        raise ValueError(f"{at} is 0; it must be above 0")
    return float(given)


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


def _listed(model: str, provider: str | None) -> tuple[Any, Any]:
    """The provider and the model as ``genai-prices`` matches them, or the one model with this very id."""
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    try:
        return snapshot.find_provider_model(model, None, provider, None)
    except LookupError:
        same = [
            (p, m) for p in snapshot.providers for m in p.models if m.id == model and provider in (None, p.id)
        ]
        if len(same) != 1:
            raise ValueError(_unknown(model, provider)) from None
        return same[0]


def _hours(prices: list[Any]) -> str:
    varied = any(
        (p.input_mtok, p.output_mtok) != (prices[0].input_mtok, prices[0].output_mtok) for p in prices[1:]
    )
    return "the list price varies with the hour; the highest of the day is counted" if varied else ""


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

"""Everything a future bill rests on, read from what a profile declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf, isfinite
from typing import Any

from riskkit.errors import printable
from riskkit.measures.call_cost import CallCost
from riskkit.measures.distributions import Distribution, distribution, fixed

CHECKS = ("judge", "guardrail")
"""Calls that look at other calls."""
TOP = (
    "calls_per_month", "monthly_growth", "token_growth", "agent_steps", "retry_rate", "seasonality", *CHECKS,
    "review", "one_off", "price_changes", "retirements",
)  # fmt: skip
FIELDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "check": {"share": (0, 1), "calls": (0, inf), "usd": (0, inf)},
    "review": {"share": (0, 1), "minutes": (0, inf), "usd_per_hour": (0, inf)},
    "one_off": {"usd": (0, inf), "month": (1, inf), "chance": (0, 1)},
    "price_changes": {"factor": (0, inf), "month": (1, inf), "chance": (0, 1)},
    "retirements": {
        "month": (1, inf), "chance": (0, 1), "migration_usd": (0, inf), "price_factor": (0, inf),
        "token_factor": (0, inf),
    },
}  # fmt: skip
"""What may be declared of each, with its bounds."""
NEEDED = {
    "check": ("share", "usd"), "review": ("share", "minutes", "usd_per_hour"), "one_off": ("usd", "month"),
    "price_changes": ("factor", "month"), "retirements": ("month", "migration_usd"),
}  # fmt: skip


@dataclass(frozen=True)
class Assumptions:
    """What a bill rests on: the cost of a call, and every other number by its name in the profile.

    Volume x tokens x price x agent steps x retries, plus judges and guardrails, people's reviews, and events: one-off
    costs, changes of price and retirements of a model. ``events`` names them, by kind. With ``steps_vary`` the steps of
    a task follow a geometric distribution, else each task takes as many. ``seasonality`` are factors on the volume from
    the first month on, repeated. ``every`` is the number of months after which a one-off cost comes again.
    """

    call: CallCost
    inputs: Mapping[str, Distribution]
    steps_vary: bool = False
    seasonality: tuple[float, ...] = (1.0,)
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    every: Mapping[str, int] = field(default_factory=dict)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """The names of the numbers that are not known exactly."""
        return tuple(name for name, found in self.inputs.items() if not found.fixed)

    def with_inputs(self, **changes: object) -> Assumptions:
        """The same with other inputs, by name, as the profile would write them."""
        if unknown := sorted(set(changes) - set(self.inputs)):
            raise ValueError(_unknown(unknown[0], self.inputs, "assumption"))
        new = {name: distribution(given, name=name) for name, given in changes.items()}
        return Assumptions(
            self.call, {**self.inputs, **new}, self.steps_vary, self.seasonality, self.events, self.every
        )

    @property
    def words(self) -> str:
        """The assumptions in a line; those that change nothing are left out."""
        told = [
            f"{name} {found}"
            for name, found in self.inputs.items()
            if name != "call_cost" and not (found.fixed and found.numbers[0] == _plain(name))
        ]
        return f"{self.call.what}; " + "; ".join(told)


def assumptions(
    call: CallCost,
    *,
    calls_per_month: object,
    monthly_growth: object,
    token_growth: object = 0.0,
    declared: Mapping[str, Any] | None = None,
) -> Assumptions:
    """The assumptions that a profile declares; each number may be a distribution.

    Parameters
    ----------
    calls_per_month : calls (or tasks, where a call is a task) in the first month.
    monthly_growth, token_growth : growth a month of calls and of tokens, and so of cost, a call.
    declared : any of the three above, which then count instead; ``agent_steps`` (a number, or
        ``{geometric: mean}``), ``retry_rate`` (the share of tries that must be repeated and are paid), ``seasonality``,
        ``judge`` and ``guardrail`` (share of tasks, calls, usd a call), ``review`` (share of tasks, minutes,
        usd_per_hour), ``one_off`` (name: usd, month, every, chance), ``price_changes`` (name: month, factor, chance),
        ``retirements`` (name: month, chance, migration_usd, price_factor, token_factor).

    Raises
    ------
    ValueError
        One line for the first thing that cannot be, with near matches where a name is not known.
    """
    given = dict(declared or {})
    _known(given, TOP, "assumptions")
    steps, vary = _steps(given.get("agent_steps", 1.0))
    inputs = {
        "calls_per_month": distribution(
            given.get("calls_per_month", calls_per_month), name="calls_per_month", least=0
        ),
        "monthly_growth": _growth(given.get("monthly_growth", monthly_growth), "monthly_growth"),
        "token_growth": _growth(given.get("token_growth", token_growth), "token_growth"),
        "call_cost": call.sampled,
        **{f"tokens.{part}": found for part, found in call.tokens.items()},
        "agent_steps": steps,
        "retry_rate": distribution(given.get("retry_rate", 0.0), name="retry_rate", least=0, most=0.95),
    }
    for check in CHECKS:
        inputs |= _fields(given.get(check), check, "check", {"calls": 1.0})
    inputs |= _fields(given.get("review"), "review", "review", {})
    events, every = _events(given, inputs)
    return Assumptions(call, inputs, vary, _seasonality(given.get("seasonality", [1.0])), events, every)


def _plain(name: str) -> float | None:
    """The value of an input that changes nothing."""
    return {
        "retry_rate": 0.0, "token_growth": 0.0, "agent_steps": 1.0, "chance": 1.0, "calls": 1.0, "price_factor": 1.0,
        "token_factor": 1.0,
    }.get(name.rpartition(".")[2])  # fmt: skip


def _events(
    given: Mapping[str, Any], inputs: dict[str, Distribution]
) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """The names of the events by kind, and when they repeat; their numbers are added to ``inputs``."""
    events, every = {}, {}
    for kind in ("one_off", "price_changes", "retirements"):
        listed = given.get(kind) or {}
        if not isinstance(listed, Mapping):
            raise ValueError(f"{kind} is {printable(listed, 60)}; give a name to each, then its fields")
        events[kind] = tuple(f"{kind}.{name}" for name in listed)
        for name, item in listed.items():
            at, fields = f"{kind}.{name}", dict(item) if isinstance(item, Mapping) else item
            if kind == "one_off" and isinstance(fields, dict) and "every" in fields:
                every[at] = _whole(fields.pop("every"), f"{at}.every")
            inputs |= _fields(fields, at, kind, _LEFT_OUT[kind])
    return events, every


_LEFT_OUT: Mapping[str, Mapping[str, float]] = {
    "one_off": {"chance": 1.0},
    "price_changes": {"chance": 1.0},
    "retirements": {"chance": 1.0, "price_factor": 1.0, "token_factor": 1.0},
}


def _fields(given: object, at: str, kind: str, left_out: Mapping[str, float]) -> dict[str, Distribution]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"{at} is {printable(given, 60)}; give {', '.join(NEEDED[kind])}")
    _known(given, FIELDS[kind], at)
    if missing := [name for name in NEEDED[kind] if name not in given]:
        raise ValueError(f"{at} lacks {', '.join(missing)}")
    found = {}
    for name, (least, most) in FIELDS[kind].items():
        value = given.get(name, left_out.get(name))
        read = distribution(value, name=f"{at}.{name}", least=least, most=most)
        found[f"{at}.{name}"] = _chance(read, f"{at}.{name}") if name == "chance" else read
    return found


def _chance(read: Distribution, name: str) -> Distribution:
    if not read.fixed:
        raise ValueError(f"{name} is a range; give one probability")
    probability = read.numbers[0]
    return fixed(probability) if probability in (0, 1) else Distribution("chance", read.numbers)


def _steps(given: object) -> tuple[Distribution, bool]:
    vary = isinstance(given, Mapping) and set(given) == {"geometric"}
    value = given["geometric"] if isinstance(given, Mapping) and vary else given
    return distribution(value, name="agent_steps", least=1), vary


def _growth(given: object, name: str) -> Distribution:
    if isinstance(given, Distribution):
        return given
    found = distribution(given, name=name, least=-1 + 1e-9)
    return found


def _seasonality(given: object) -> tuple[float, ...]:
    listed = list(given) if isinstance(given, list | tuple) else []
    if not listed or not all(isinstance(v, int | float) and isfinite(v) and v >= 0 for v in listed):
        raise ValueError(
            f"seasonality is {printable(given, 60)}; give factors from the first month on, each 0 or more"
        )
    return tuple(map(float, listed))


def _whole(given: object, name: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"{name} is {printable(given, 40)}; it must be a whole number of at least 1")
    return given


def _known(given: Iterable[str], known: Iterable[str], at: str) -> None:
    if unknown := [name for name in given if name not in tuple(known)]:
        raise ValueError(f"{at}: {_unknown(str(unknown[0]), known, 'assumption')}")


def _unknown(name: str, known: Iterable[str], what: str) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"there is no {what} {printable(name, 60)}; {hint}"

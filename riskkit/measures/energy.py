"""Energy and carbon of calls: an estimate with a wide band, or what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from math import ceil, exp, floor, inf, log2, log10
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from riskkit.errors import printable
from riskkit.measures.distributions import Distribution, distribution
from riskkit.measures.intervals import clustered_mean
from riskkit.model import Measurement

ALPHA, BETA, GAMMA = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
"""Watt-hours of one GPU per token of output: ALPHA exp(BETA batch) active + GAMMA."""
SLOW_ACTIVE, SLOW_BATCH, SLOW = 0.0006785088094353663, 0.0003119310311688259, 0.019473717579473387
"""Seconds per token of output."""
GPU_GB, SERVER_GPUS, SERVER_KW = 80.0, 8, 1.2
BAND = 3.0
"""How far such estimates lie from measured machines, either way (ML.ENERGY leaderboard against this formula)."""
NEEDED = ("active_billion", "total_billion")
OTHERS = {"batch": 64.0, "bits": 16.0, "pue": 1.2, "grid_kg_per_kwh": 0.4}
METHOD = (
    "EcoLogits formula for output tokens, band: declared ranges, then a factor of three either way; no confidence "
    "interval, at most two digits hold"
)


class Setting(NamedTuple):
    """The machine that is assumed: parameters (billions), calls at once, bits a weight, PUE, kg CO2e per kWh."""

    active_billion: Distribution
    total_billion: Distribution
    batch: Distribution
    bits: Distribution
    pue: Distribution
    grid_kg_per_kwh: Distribution


def setting(declared: Mapping[str, Any]) -> Setting:
    """The machine that a profile declares; each number may be a range.

    ``active_billion`` and ``total_billion`` (parameters that work on a token, and all of them) must be stated, because
    nobody else knows them; ``batch``, ``bits``, ``pue`` and ``grid_kg_per_kwh`` have customary values.

    Raises
    ------
    ValueError
        One line when a field is missing, not known or impossible.
    """
    known = (*NEEDED, *OTHERS)
    if unknown := [name for name in declared if name not in known]:
        near = get_close_matches(str(unknown[0]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"energy: there is no {printable(unknown[0], 40)}; {hint}")
    if missing := [name for name in NEEDED if name not in declared]:
        raise ValueError(f"energy lacks {', '.join(missing)}")
    least = {"pue": 1.0, "grid_kg_per_kwh": 0.0}
    read = {
        name: distribution(
            declared.get(name, OTHERS.get(name)), name=f"energy.{name}", least=least.get(name, 1e-6), most=inf
        )
        for name in known
    }
    if read["active_billion"].at(0.5) > read["total_billion"].at(0.5):
        raise ValueError("energy: active_billion is more than total_billion; it is a part of it")
    return Setting(**read)


def watt_hours(
    output_tokens: float,
    *,
    active: float,
    total: float,
    batch: float = 64,
    bits: float = 16,
    pue: float = 1.2,
) -> float:
    """Watt-hours of one call that writes ``output_tokens``; what it reads is not counted.

    The formula of EcoLogits 0.11 (S. Rincé, A. Banse 2025, Journal of Open Source Software 10, 7471), fitted to the
    ML.ENERGY leaderboard: energy of the GPUs that hold the model, a share of their server, times the overhead of the
    data centre (PUE). ``active`` and ``total`` are billions of parameters.
    """
    gpus = 2 ** max(0, ceil(log2(1.2 * total * bits / 8 / GPU_GB)))
    gpu_kwh = output_tokens * (ALPHA * exp(BETA * batch) * active + GAMMA) / 1000
    seconds = output_tokens * (SLOW_ACTIVE * active + SLOW_BATCH * batch + SLOW)
    server_kwh = seconds / 3600 * SERVER_KW * gpus / SERVER_GPUS / batch
    return float(1000 * pue * (server_kwh + gpus * gpu_kwh))


def estimates(
    calls: pd.DataFrame, machine: Mapping[str, Any], *, calls_per_month: float
) -> tuple[Measurement, ...]:
    """Energy a call, and where that is known energy a month, and carbon where a grid factor is declared."""
    call = energy_wh_per_call(calls, machine)
    month = energy_kwh_per_month(call, calls_per_month=calls_per_month)
    carbon = carbon_kg_per_month(call, machine, calls_per_month=calls_per_month)
    return (call, *(m for m in (month, carbon) if m.value is not None))


def energy_wh_per_call(calls: pd.DataFrame, machine: Mapping[str, Any]) -> Measurement:
    """Watt-hours a call: measured where the calls carry energy_wh, else estimated for the declared ``machine``.

    A measurement has the interval of its mean; an estimate the band of the declared ranges, widened by a factor of
    three either way. Both have at most two digits. Undefined where neither is known.

    Formula: measured watt-hours / calls, or PUE x (GPUs that hold the model + their share of the server).
    Limits: An estimate has a band of a factor of three either way.
    """
    what: dict[str, Any] = {"measure": "energy_wh_per_call", "unit": "Wh"}
    if "energy_wh" in calls and calls["energy_wh"].notna().any():
        return _measured(calls, what)
    if not machine or "output_tokens" not in calls or not calls["output_tokens"].notna().any():
        why = "no size of the model is declared (energy: active_billion, total_billion)" if not machine else (
            "the calls do not tell their output tokens"
        )  # fmt: skip
        return Measurement(**what, value=None, n=0, method=METHOD, undefined=why)
    tokens = float(calls["output_tokens"].mean())
    low, middle, high = (_at(setting(machine), tokens, u) for u in (0.0, 0.5, 1.0))
    return Measurement(
        **what, value=two_digits(middle), low=two_digits(low / BAND, down=True),
        high=two_digits(high * BAND, up=True), n=len(calls), method=METHOD,
        note=f"mean output {tokens:,.0f} tokens; input is not counted; training, water and hardware are not in it",
    )  # fmt: skip


def energy_kwh_per_month(per_call: Measurement, *, calls_per_month: float) -> Measurement:
    """Kilowatt-hours a month at ``calls_per_month``, with the band of a call."""
    return _scaled(per_call, calls_per_month / 1000, "energy_kwh_per_month", "kWh a month")


def carbon_kg_per_month(
    per_call: Measurement, machine: Mapping[str, Any], *, calls_per_month: float
) -> Measurement:
    """Kilograms of CO2 equivalents a month by the declared grid factor, with the band of a call and of the factor.

    Formula: kWh a month x grid factor in kg CO2e per kWh.
    Limits: The grid factor is declared and changes by hour and place.
    """
    what: dict[str, Any] = {"measure": "carbon_kg_per_month", "unit": "kg CO2e a month"}
    if "grid_kg_per_kwh" not in machine:
        why = "no grid factor is declared (energy: grid_kg_per_kwh)"
        return Measurement(**what, value=None, n=per_call.n, method=per_call.method, undefined=why)
    grid = distribution(machine["grid_kg_per_kwh"], name="energy.grid_kg_per_kwh", least=0)
    low, middle, high = grid.at([0.0, 0.5, 1.0]).tolist()
    times = calls_per_month / 1000
    return _scaled(
        per_call, times * middle, what["measure"], what["unit"], low=times * low, high=times * high
    )


def two_digits(value: float, *, up: bool = False, down: bool = False) -> float:
    """``value`` with two significant digits: the nearest, or the next one up or down."""
    if not value:
        return 0.0
    step = 10.0 ** (floor(log10(abs(value))) - 1)
    count = value / step
    whole = ceil(count - 1e-9) if up else floor(count + 1e-9) if down else round(count)
    return float(f"{whole * step:.2g}")


def _at(machine: Setting, tokens: float, u: float) -> float:
    active, total, batch, bits, pue = (
        float(machine[i].at(1 - u if name == "batch" else u)) for i, name in enumerate(machine._fields[:5])
    )
    return watt_hours(tokens, active=active, total=total, batch=batch, bits=bits, pue=pue)


def _measured(calls: pd.DataFrame, what: dict[str, Any]) -> Measurement:
    told = calls[calls["energy_wh"].notna()]
    units = told["prompt_id"].tolist() if "prompt_id" in told else list(range(len(told)))
    method = "mean of measured calls, t interval, two digits"
    if len(set(units)) < 2:
        return Measurement(**what, value=None, n=len(told), method=method, undefined="one call was measured")
    found = clustered_mean(told["energy_wh"].to_numpy(float), units)
    return Measurement(
        **what, value=two_digits(found.mean), low=two_digits(max(0.0, found.low), down=True),
        high=two_digits(found.high, up=True), n=found.n_clusters, method=method,
        note="measured where the model ran; the machine's own meter may miss parts of it",
    )  # fmt: skip


def _scaled(
    m: Measurement,
    times: float,
    measure: str,
    unit: str,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Measurement:
    what: dict[str, Any] = {"measure": measure, "unit": unit, "n": m.n, "method": m.method}
    if m.value is None or m.low is None or m.high is None:
        return Measurement(**what, value=None, undefined=m.undefined)
    return Measurement(
        **what, value=two_digits(m.value * times),
        low=two_digits(m.low * (times if low is None else low), down=True),
        high=two_digits(m.high * (times if high is None else high), up=True), note=m.note,
    )  # fmt: skip


def energy_table(*measurements: Measurement) -> pd.DataFrame:
    """One row a measurement: what, at least, about, at most, unit."""
    return pd.DataFrame(
        [(m.measure, m.low, m.value, m.high, m.unit) for m in measurements],
        columns=["what", "at least", "about", "at most", "unit"],
    ).replace({None: np.nan})

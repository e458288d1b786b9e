"""When running a model oneself would cost less than paying by the call."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from math import inf
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.errors import printable
from riskkit.measures.distributions import distribution
from riskkit.measures.projection import Projection
from riskkit.measures.simulation import draw, task_of, walk

Floats = NDArray[np.float64]
HOURS = 730.0
"""Hours of a month."""
NEEDED = ("gpu_usd_per_hour", "calls_per_hour")
OTHERS = {"gpus": 1.0, "utilisation": 0.5, "fixed_usd_per_month": 0.0}


def break_even(
    usd_per_call: Floats, *, replica_usd: Floats, fixed_usd: Floats, capacity: Floats
) -> tuple[Floats, Floats]:
    """Calls a month from which replicas cost no more than paying by the call, and how many replicas that takes.

    With r replicas of ``capacity`` calls and ``replica_usd`` a month, ``fixed_usd`` beside them, the bills meet at
    (fixed + r replica) / usd_per_call, for the first r that can serve so many calls; never (infinity) where a full
    replica costs more than the calls it can serve.
    """
    gain = usd_per_call * capacity - replica_usd
    possible = gain > 0
    replicas = np.where(possible, np.maximum(1, np.ceil(fixed_usd / np.where(possible, gain, 1))), inf)
    calls = np.divide(
        fixed_usd + replicas * replica_usd, usd_per_call, out=np.full(np.shape(gain), inf), where=possible
    )
    return calls, replicas


def self_hosting(projection: Projection, declared: Mapping[str, Any]) -> pd.DataFrame:
    """The break-even volume in the last month of the horizon, and how likely the volume is to reach it.

    One row: break_even_p10, p50, p90 (calls a month; infinite where it never pays), volume_p50 (calls in the last
    month), never (probability that it pays at no volume), cheaper (probability that it costs less in the last month)
    and usd_p50 and hosted_usd_p50 (what the last month costs by the call, and hosted). Empty where nothing is declared.

    Parameters
    ----------
    declared : ``gpu_usd_per_hour``, ``calls_per_hour`` (throughput of one replica when busy), ``gpus`` (of a replica),
        ``utilisation`` (share of its throughput that is used on average), ``fixed_usd_per_month`` (people, storage);
        each perhaps a distribution.

    Raises
    ------
    ValueError
        One line when a field is missing, not known or out of bounds.
    """
    if not declared:
        return pd.DataFrame()
    x = _drawn(declared, paths := projection.draws.shape[1], projection.seed)
    given = projection.given
    drawn = draw(given, paths=paths, seed=projection.seed)
    task = task_of(given, drawn)
    *_, last = walk(given, drawn, len(projection.draws))
    usd = np.broadcast_to(task.mean * last.scale, paths).astype(float)
    volume = np.broadcast_to(last.tasks, paths).astype(float)
    capacity = x["calls_per_hour"] * x["utilisation"] * HOURS
    replica = x["gpu_usd_per_hour"] * x["gpus"] * HOURS
    calls, _ = break_even(usd, replica_usd=replica, fixed_usd=x["fixed_usd_per_month"], capacity=capacity)
    hosted = np.maximum(1, np.ceil(volume / capacity)) * replica + x["fixed_usd_per_month"]
    p10, p50, p90 = np.quantile(calls, (0.1, 0.5, 0.9), method="inverted_cdf")
    return pd.DataFrame(
        [
            {
                "break_even_p10": p10,
                "break_even_p50": p50,
                "break_even_p90": p90,
                "volume_p50": float(np.median(volume)),
                "never": float(np.isinf(calls).mean()),
                "cheaper": float((hosted < volume * usd).mean()),
                "usd_p50": float(np.median(volume * usd)),
                "hosted_usd_p50": float(np.median(hosted)),
            }
        ]
    )


def _drawn(declared: Mapping[str, Any], paths: int, seed: int) -> dict[str, Floats]:
    known = (*NEEDED, *OTHERS)
    if unknown := [name for name in declared if name not in known]:
        near = get_close_matches(str(unknown[0]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"self_hosting: there is no {printable(unknown[0], 40)}; {hint}")
    if missing := [name for name in NEEDED if name not in declared]:
        raise ValueError(f"self_hosting lacks {', '.join(missing)}")
    rng, found = np.random.default_rng([seed, 2]), {}
    for name in known:
        most = 1.0 if name == "utilisation" else inf
        least = 0.0 if name in ("fixed_usd_per_month", "gpu_usd_per_hour") else 1e-9
        given = distribution(
            declared.get(name, OTHERS.get(name)), name=f"self_hosting.{name}", least=least, most=most
        )
        found[name] = given.at(rng.random(paths))
    return found

"""How fast a bill is simulated, beside a plain loop and beside a Monte Carlo library for risk, with the same quantiles.

`python benchmarks/cost.py [--quick] [--peer PYTHON] [--write]`. All components of the bill (agent steps, retries,
judge, guardrail, reviews, one-off costs, a change of price, a retirement) are simulated over 36 months, with 100,000
paths and with the 10,000 of a slider. The plain loop does the same, path by path. The peer is pyfair, which multiplies
and adds distributions but has no months: it gets one model a month. It is not installed with the kit; PYTHON is the
interpreter of an environment that has it:

    python -m venv peer && peer/bin/pip install pyfair && python benchmarks/cost.py --peer peer/bin/python

Times are CPU times of one thread, which on a machine with nothing else to do are the times by the clock; those stand
beside them as they were, because other work lengthens them.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from _bars import Bar, keep, machine, verdict

from riskkit.measures import cost
from riskkit.measures.call_cost import CallCost
from riskkit.measures.distributions import distribution

MONTHS, PATHS, SLIDER = 36, 100_000, 10_000
QUANTILES = (0.1, 0.5, 0.9, 0.99)
CALL = CallCost(
    {"input": 0.009, "output": 0.011}, variation=0.9, skewness=2.5, error=0.02, n=1500, what="by hand"
)
NUMBERS = {
    "monthly_growth": (0.0, 0.02, 0.05),
    "token_growth": (0.0, 0.01, 0.03),
    "calls": (6000, 8000, 12000),
}
DECLARED: dict[str, Any] = {
    "agent_steps": {"geometric": [2, 3, 5]},
    "retry_rate": [0.01, 0.02, 0.05],
    "seasonality": [1.0, 1.1, 1.2],
    "judge": {"share": 0.1, "usd": 0.002},
    "guardrail": {"share": 1.0, "usd": 0.0001},
    "review": {"share": [0.001, 0.002, 0.005], "minutes": [3, 5, 10], "usd_per_hour": 45},
    "one_off": {
        "tuning": {"usd": [500, 800, 2000], "month": 1},
        "evaluation": {"usd": 300, "month": 3, "every": 3},
    },
    "price_changes": {"cut": {"month": 6, "factor": 0.7, "chance": 0.5}},
    "retirements": {
        "model": {"month": 8, "chance": 0.6, "migration_usd": [1000, 2000, 5000], "price_factor": 1.2}
    },
}
PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from importlib.metadata import version
from pyfair import FairModel
paths, months = map(int, sys.argv[1:])
def month(number):
    model = FairModel(name=str(number), n_simulations=paths, random_seed=number)
    grown = 1.02 ** (number - 1)
    model.input_data("Loss Event Frequency", mean=8000 * grown, stdev=800 * grown)
    model.input_data("Primary Loss", mean=0.06, stdev=0.006)
    model.input_data("Secondary Loss Event Frequency", mean=0.02, stdev=0.002)
    model.input_data("Secondary Loss Event Magnitude", mean=3.75, stdev=0.4)
    model.calculate_all()
    return model.export_results()["Risk"]
started, found = time.process_time(), []
for number in range(1, months + 1):
    found.append(month(number).quantile([0.1, 0.5, 0.9, 0.99]).tolist())
print(json.dumps({"seconds": time.process_time() - started, "quantiles": found, "version": version("pyfair")}))
"""


def project(paths: int, seed: int = 0) -> cost.Projection:
    """The bill with every component, as the kit computes it."""
    return cost.project(
        CALL, calls_per_month=list(NUMBERS["calls"]), monthly_growth=list(NUMBERS["monthly_growth"]),
        token_growth=list(NUMBERS["token_growth"]), months=MONTHS, monthly_budget_usd=5000.0, declared=DECLARED,
        paths=paths, seed=seed,
    )  # fmt: skip


def plain_loop(paths: int) -> list[list[float]]:
    """The same bill, path by path and month by month in plain Python: USD by path, then month."""
    rng = random.Random(1)
    return [_path(rng) for _ in range(paths)]


def _path(rng: random.Random) -> list[float]:
    def tri(numbers: Any) -> float:
        return rng.triangular(numbers[0], numbers[2], numbers[1])

    volume, growth, tokens = (
        tri(NUMBERS["calls"]),
        tri(NUMBERS["monthly_growth"]),
        tri(NUMBERS["token_growth"]),
    )
    steps, tries = tri([2, 3, 5]), 1 / (1 - tri([0.01, 0.02, 0.05]))
    per_call = sum(CALL.parts.values()) * max(0.0, rng.gauss(1, CALL.error))
    n_var = steps * tries * (tries - 1) + steps * (steps - 1) * tries**2
    deviation = math.sqrt(steps * tries * (CALL.variation * per_call) ** 2 + n_var * per_call**2)
    checks, review = 0.1 * 0.002 + 0.0001, tri([0.001, 0.002, 0.005]) * tri([3, 5, 10]) / 60 * 45
    tuning, cut, gone, migration = (
        tri([500, 800, 2000]),
        rng.random() < 0.5,
        rng.random() < 0.6,
        tri([1000, 2000, 5000]),
    )
    bills = []
    for month in range(1, MONTHS + 1):
        tasks = volume * (1 + growth) ** (month - 1) * (1.0, 1.1, 1.2)[(month - 1) % 3]
        scale = (1 + tokens) ** (month - 1) * (0.7 if cut and month >= 6 else 1.0)
        scale *= 1.2 if gone and month >= 8 else 1.0
        model = tasks * (steps * tries * per_call + checks) + math.sqrt(tasks) * deviation * rng.gauss(0, 1)
        events = (
            (tuning if month == 1 else 0)
            + (300 if month % 3 == 0 else 0)
            + (migration if gone and month == 8 else 0)
        )
        bills.append(scale * max(0.0, model) + tasks * review + events)
    return bills


def like_the_peer(paths: int) -> np.ndarray:
    """What the peer computes, by the kit: normal volume, cost a call, share reviewed and cost of a review."""
    tenth = 1.2815515655446004

    def normal(mean: float, deviation: float) -> dict[str, list[float]]:
        return {"normal": [mean - tenth * deviation, mean + tenth * deviation]}

    call = CallCost(
        {"input": 1.0}, 0.0, 0.0, 0.0, 0, "declared", {"input": distribution(normal(0.06, 0.006), name="c")}
    )
    review = {"share": normal(0.02, 0.002), "minutes": 60, "usd_per_hour": normal(3.75, 0.4)}
    given = cost.assumptions(
        call, calls_per_month=normal(8000, 800), monthly_growth=0.02, declared={"review": review}
    )
    return cost.simulate(given, months=MONTHS, paths=paths, seed=0)


def timed(call: Callable[[], Any], repeat: int) -> tuple[Any, float, float]:
    """The result of the last call, and the median of wall and CPU seconds."""
    walls, cpus, found = [], [], None
    for _ in range(repeat):
        wall, own = time.perf_counter(), time.process_time()
        found = call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - own)
    return found, statistics.median(walls), statistics.median(cpus)


def beside_loop(ours: cost.Projection, paths: int) -> tuple[float, float]:
    """Seconds of the plain loop for as many paths as ours, and the largest gap of quantiles in standard errors."""
    loop, _, own = timed(lambda: np.array(plain_loop(paths)).T, 1)
    return own * ours.draws.shape[1] / paths, worst_gap(ours.draws, loop)


def worst_gap(one: np.ndarray, two: np.ndarray) -> float:
    """The largest distance between quantiles of a month, over its standard error."""
    gaps = []
    for q in QUANTILES:
        error = 0.0
        for draws in (one, two):
            reach = math.sqrt(q * (1 - q) / draws.shape[1])
            ends = np.quantile(draws, [max(0, q - reach), min(1, q + reach)], axis=1)
            error = error + ((ends[1] - ends[0]) / 2) ** 2
        gaps.append(np.abs(np.quantile(one, q, axis=1) - np.quantile(two, q, axis=1)) / np.sqrt(error))
    return float(np.max(gaps))


def beside_peer(python: str, paths: int) -> dict[str, Any]:
    """Seconds of ours and the peer's for the same model, and how far their quantiles are apart."""
    done = subprocess.run(
        [python, "-c", PEER, str(paths), str(MONTHS)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the peer failed (is pyfair installed there?): {done.stderr.strip()[-400:]}")
    theirs = json.loads(done.stdout)
    draws, _, own = timed(lambda: like_the_peer(paths), 3)
    ours = np.quantile(draws, QUANTILES, axis=1).T
    apart = np.abs(np.array(theirs["quantiles"]) / ours - 1)
    return {
        "ours": own,
        "theirs": theirs["seconds"],
        "apart": float(apart.max()),
        "version": theirs["version"],
    }


def main() -> int:
    """Simulate, compare, print the figures beside their bars and the JSON line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a shorter plain loop, fewer repeats")
    parser.add_argument("--peer", help="interpreter of an environment with pyfair")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    ours, wall, own = timed(lambda: project(PATHS), 3 if given.quick else 7)
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _, slider, slider_own = timed(lambda: project(SLIDER), 7)
    loop, gap = beside_loop(ours, 500 if given.quick else 4000)
    bars = [
        Bar("100,000 paths x 36 months, every component", f"{own:.2f} s ({wall:.2f} s by the clock)", "at most 1 s",
            own <= 1),
        Bar("memory of the whole process", f"{mb:.0f} MB", "at most 1,000 MB", mb <= 1000),
        Bar("a slider step, 10,000 paths", f"{1000 * slider_own:.0f} ms ({1000 * slider:.0f} ms by the clock)",
            "under 100 ms", slider_own < 0.1),
        Bar("plain loop, same bill, scaled to as many paths", f"{loop:.0f} s, {loop / own:.0f} times ours", "slower",
            loop > own),
        Bar("144 quantiles of both, largest gap", f"{gap:.1f} standard errors", "at most 4.5", gap <= 4.5),
    ]  # fmt: skip
    figures = {
        "s_100k_x_36": own,
        "slider_ms": 1000 * slider_own,
        "mb": mb,
        "times_faster_than_plain_loop": loop / own,
    }
    if given.peer:
        peer = beside_peer(given.peer, PATHS)
        times = peer["theirs"] / peer["ours"]
        bars += [
            Bar(f"pyfair {peer['version']}, a smaller bill it can express",
                f"{peer['theirs']:.2f} s against {peer['ours']:.2f} s", "slower", times > 1),
            Bar("its 144 quantiles against ours", f"{peer['apart']:.2%} apart at most", "within 1.5 %",
                peer["apart"] <= 0.015),
        ]  # fmt: skip
        figures |= {"times_faster_than_pyfair": times}
    else:
        print("no --peer: pyfair was not compared (its help says how)")
    on = machine("numpy", "scipy")
    print(on)
    if given.write:
        about = "The bill with every component, beside a plain Python loop and beside a Monte Carlo library for risk."
        keep("Cost", "python benchmarks/cost.py --peer PYTHON", bars, on=on, about=about)
    code = verdict(bars)
    print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

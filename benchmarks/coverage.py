"""How often the kit's 95 % intervals hold the true rate, by simulation.

`python benchmarks/coverage.py [--quick] [--write]`. For n = 50, 100 and 400 and rates of 0.02 to 0.3. A count can
only take whole values, so the coverage at one exact rate jumps up and down as the rate moves; each round therefore
draws its rate within a fifth of the named one, and the figures are averages over that band. Wilson and Clopper-
Pearson are worked out exactly, and also at the named rate itself. The clustered rate has five answers a prompt, alike
by 0.46. Post-stratified Beta has 1,000 answers of which a detector (sensitivity 85 %, specificity 90 %) flags some,
and n labels, given to flagged and other answers as the kit's own plan gives them. A figure lies within its bounds or
not: no allowance is made for the noise of the simulation, whose standard error is printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from _bars import Bar, keep, machine, verdict
from scipy import stats

from riskkit.measures.intervals import clopper_pearson, clustered_mean, wilson
from riskkit.measures.label_plan import allocated
from riskkit.measures.labelling import Strata, poststratified

SIZES, RATES = (50, 100, 400), (0.02, 0.05, 0.1, 0.2, 0.3)
ALIKE, ANSWERS, SENSITIVITY, SPECIFICITY = 0.46, 1000, 0.85, 0.90
BOUNDS = {
    "wilson": (0.93, 0.97),
    "clopper_pearson": (0.95, 1.0),
    "clustered_rate": (0.93, 0.97),
    "poststratified_beta": (0.93, 0.97),
}
Interval = Callable[[int, int], tuple[float, float]]


def band(rate: float, count: int = 41) -> np.ndarray:
    """Rates within a fifth of ``rate``."""
    return np.linspace(0.8 * rate, 1.2 * rate, count)


def exact(interval: Interval, size: int, rates: np.ndarray) -> float:
    """The coverage of an interval for a proportion, worked out over all counts and averaged over ``rates``."""
    counts = np.arange(size + 1)
    low, high = np.array([interval(int(k), size) for k in counts]).T
    held = [(stats.binom.pmf(counts, size, p) * ((low <= p) & (p <= high))).sum() for p in rates]
    return float(np.mean(held))


def clustered(size: int, rate: float, rounds: int, rng: np.random.Generator) -> float:
    """The coverage of the clustered rate: ``size`` prompts, their own rates drawn from a Beta distribution."""
    held, names, strength = 0, np.repeat(np.arange(size), 5), 1 / ALIKE - 1
    for p in rng.choice(band(rate), rounds):
        own = rng.beta(p * strength, (1 - p) * strength, size)
        values = (rng.random((size, 5)) < own[:, None]).ravel().astype(float)
        found = clustered_mean(values, names, proportion=True)
        held += found.low <= p <= found.high
    return held / rounds


def stratified(labels: int, rate: float, rounds: int, rng: np.random.Generator) -> float:
    """The coverage of the post-stratified Beta estimator."""
    held = 0
    for p in rng.choice(band(rate), rounds):
        faulty = rng.random(ANSWERS) < p
        flags = np.where(faulty, rng.random(ANSWERS) < SENSITIVITY, rng.random(ANSWERS) >= SPECIFICITY)
        first, _ = allocated(labels, float(flags.mean()), answers=ANSWERS, precision=0.7, missed=0.03)
        flagged = rng.permutation(np.flatnonzero(flags))[:first]
        passed = rng.permutation(np.flatnonzero(~flags))[: labels - len(flagged)]
        counts = Strata(int(faulty[flagged].sum()), len(flagged), int(faulty[passed].sum()), len(passed))
        low, high = np.quantile(
            poststratified(float(flags.mean()), ANSWERS, counts, rng=rng, draws=1000), [0.025, 0.975]
        )
        held += low <= p <= high
    return held / rounds


def main() -> int:
    """Simulate, print a table, the bars and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few rounds for the bars to mean much")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    rounds, more = (300, 600) if given.quick else (4000, 20000)
    rng = np.random.default_rng(20261120)
    print(f"{machine('numpy', 'scipy')}; {rounds} rounds, {more} of the clustered rate")
    print(
        f"{'n':>4} {'rate':>5} {'wilson':>8} {'(at it)':>8} {'c.-p.':>8} {'(at it)':>8} {'clustered':>10} {'labels':>8}"
    )
    found: dict[str, list[float]] = {name: [] for name in BOUNDS}
    for size in SIZES:
        for rate in RATES:
            cells = (
                exact(wilson, size, band(rate)),
                exact(clopper_pearson, size, band(rate)),
                clustered(size, rate, more, rng),
                stratified(size, rate, rounds, rng),
            )
            for name, value in zip(BOUNDS, cells, strict=True):
                found[name].append(value)
            here = [exact(i, size, np.array([rate])) for i in (wilson, clopper_pearson)]
            print(
                f"{size:4} {rate:5.2f} {cells[0]:8.1%} {here[0]:8.1%} {cells[1]:8.1%} {here[1]:8.1%} "
                f"{cells[2]:10.1%} {cells[3]:8.1%}"
            )
    bars = held_to_bounds(found, {"clustered_rate": more, "poststratified_beta": rounds})
    if given.write:
        about = (
            "Coverage of 95 % intervals over n = 50, 100, 400 and rates of 0.02 to 0.3: the lowest and highest of 15 "
            "combinations. Wilson and Clopper-Pearson are exact, the others simulated."
        )
        on = f"{rounds} rounds, {more} of the clustered rate; {machine('numpy', 'scipy')}"
        keep("Coverage of intervals", "python benchmarks/coverage.py", bars, on=on, about=about)
    code = 0 if given.quick else verdict(bars)
    coverage = {name: [round(min(v), 4), round(max(v), 4)] for name, v in found.items()}
    print(json.dumps({"coverage": coverage, "all_within": not code, "rounds": rounds}))
    return code


def held_to_bounds(found: Mapping[str, Sequence[float]], rounds: Mapping[str, int]) -> list[Bar]:
    """The lowest and highest coverage of each interval; of the simulated ones with the standard error."""
    bars = []
    for name, (low, high) in BOUNDS.items():
        least, most = min(found[name]), max(found[name])
        bound = f"{low:.0%} to {high:.0%}" if high < 1 else f"at least {low:.0%}"
        off = f" (standard error {np.sqrt(0.95 * 0.05 / rounds[name]):.2%})" if name in rounds else ""
        what = f"{name.replace('_', ' ')}: lowest and highest coverage"
        bars.append(Bar(what, f"{least:.1%} to {most:.1%}{off}", bound, least >= low and most <= high))
    return bars


if __name__ == "__main__":
    raise SystemExit(main())

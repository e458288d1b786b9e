"""Whether the intervals of the bias audit hold what they should, by simulation, and whether fairlearn's are reproduced.

`python benchmarks/fairness_intervals.py [--quick] [--write]`. Samples of known rates, 500 people a group and more: two
groups, and three, four and eight of which the data pick the lowest and the highest; with equal rates, tied and nearly
tied extremes, rates all apart, and unequal group sizes. The ratio and the equalized odds difference are held to the
lowest and highest true rates, the parity difference to the truth of the group that it reports. The percentile interval
is fairlearn's and is shown beside. A figure is within its bar or not: no allowance is made for the noise of the
simulation, whose standard error is printed.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from _bars import Bar, keep, machine, verdict

from riskkit.measures import confusion, fairness, rate_ratio
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import wilson

EVEN = (500,)
UNEVEN = (500, 5000, 800, 2000)
SETTINGS: dict[str, tuple[tuple[float, ...], tuple[int, ...]]] = {
    "2 equal": ((0.3,) * 2, EVEN),
    "2 close": ((0.3, 0.33), EVEN),
    "2 apart": ((0.5, 0.6), EVEN),
    "2 apart, rare": ((0.1, 0.2), EVEN),
    "2 apart, frequent": ((0.7, 0.9), (2000,)),
    "3 equal": ((0.3,) * 3, EVEN),
    "3, two tied at the top": ((0.4, 0.5, 0.5), EVEN),
    "3 apart": ((0.3, 0.4, 0.55), EVEN),
    "4 equal": ((0.3,) * 4, EVEN),
    "4 equal, unequal sizes": ((0.3,) * 4, UNEVEN),
    "4, two tied at the top": ((0.4, 0.5, 0.5, 0.45), EVEN),
    "4, two tied at the top, unequal sizes": ((0.4, 0.5, 0.5, 0.45), UNEVEN),
    "4, one below three": ((0.3, 0.5, 0.5, 0.5), EVEN),
    "4 apart": ((0.2, 0.3, 0.4, 0.5), EVEN),
    "4 apart, rare": ((0.03, 0.05, 0.06, 0.08), EVEN),
    "8 equal": ((0.2,) * 8, EVEN),
    "8 equal, rare": ((0.05,) * 8, EVEN),
    "8, one below seven": ((0.3, *(0.5,) * 7), EVEN),
    "8, four below four": ((0.3,) * 4 + (0.5,) * 4, EVEN),
    "8, six in the middle": ((0.3, *(0.35,) * 6, 0.4), EVEN),
    "8, six nearly at the top": ((0.3, *(0.48,) * 6, 0.5), EVEN),
    "8 apart": (tuple(0.2 + 0.05 * i for i in range(8)), EVEN),
    "8 close": (tuple(0.3 + 0.01 * i for i in range(8)), EVEN),
    "8 apart, unequal sizes": (tuple(0.2 + 0.03 * i for i in range(8)), (*UNEVEN, 600, 1000, 8000, 4000)),
}
"""Rates and sizes of the groups; one size stands for all."""
ODDS = {
    "2 groups": (((0.6, 0.75), (0.2, 0.25)), 500),
    "4 equal": (((0.6,) * 4, (0.2,) * 4), 500),
    "4 apart": (((0.6, 0.7, 0.7, 0.75), (0.1, 0.2, 0.25, 0.25)), 500),
}
"""True and false positive rates of the groups, and the rows behind each."""
SMALL = (10, 20, 50)
NULLS = ((2, 200), (8, 250), (40, 100))
PERCENTILE = 5
"""Every how many rounds the percentile interval is taken, for comparison."""
TITLE = "Intervals of the bias audit"
ABOUT = (
    "Simulated samples of known rates: equal, tied, nearly tied and apart, of equal and unequal groups. Figures of "
    "several settings are given as lowest to highest. fairlearn's percentile interval is told for comparison."
)


def sample(n: Sequence[int], rates: Sequence[float], rng: np.random.Generator) -> CountTable:
    """Decisions on as many people a group as ``n`` says."""
    k = rng.binomial(n, rates)
    return CountTable(("g",), tuple((f"g{i}",) for i in range(len(k))), np.stack([n - k, k], axis=1))


def covered(setting: str, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """How often the intervals hold the truth: parity difference, ratio, and the percentile interval of the ratio."""
    rates, sizes = SETTINGS[setting]
    truth, hits = np.array(rates), np.zeros(3)
    n = np.broadcast_to(sizes, truth.shape).astype(np.int64)
    for turn in range(rounds):
        counts, seed = sample(n, rates, rng), int(rng.integers(1e9))
        ratio = rate_ratio.ratio_of_counts(counts, replicates=400, seed=seed)
        (difference,) = fairness.statistical_parity_differences(_rows(counts), replicates=10)
        said = int(difference.note[1])  # the group that speaks is picked by the data
        others = np.delete(np.arange(len(n)), said)
        apart, true = truth[said] - n[others] @ truth[others] / n[others].sum(), truth.min() / truth.max()
        hits[:2] += difference.low <= apart <= difference.high, ratio.low <= true <= ratio.high
        if turn % PERCENTILE == 0:
            (plain,) = fairness.beside_percentile([ratio], _rows(counts), replicates=400, seed=seed).to_dict(
                "records"
            )
            hits[2] += PERCENTILE * (plain["percentile_low"] <= true <= plain["percentile_high"])
    return hits / rounds


def wilson_coverage(n: int) -> float:
    """The coverage of the Wilson interval at ``n`` people, exact, averaged over rates of 2 to 98 percent."""
    from scipy import stats

    counts, rates = np.arange(n + 1), np.linspace(0.02, 0.98, 481)
    low, high = np.array([wilson(int(k), n) for k in counts]).T
    return float(np.mean([(stats.binom.pmf(counts, n, p) * ((low <= p) & (p <= high))).sum() for p in rates]))


def false_alarms(groups: int, n: int, rounds: int, rng: np.random.Generator) -> float:
    """How often equal groups are called unequal (p below 0.05) by the permutation null, the worse disparity."""
    hits = np.zeros(2)
    for _ in range(rounds):
        counts = sample(np.full(groups, n), [0.3] * groups, rng)
        bands = fairness.chance_bands(_rows(counts), replicates=400, seed=int(rng.integers(1e9)))
        hits += (bands["p"] < 0.05).to_numpy()
    return float((hits / rounds).max())


def endpoints(seeds: int, replicates: int) -> dict[str, float]:
    """How far ends lie from fairlearn's, over how far two seeds of fairlearn lie from each other."""
    import fairlearn.metrics as theirs

    names = ("selection_rate", "true_positive_rate", "false_positive_rate")
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"g": rng.integers(0, 4, 1000).astype(str)})
    table["label"], table["selected"] = rng.random(1000) < 0.4, rng.random(1000) < 0.3
    frames = [
        theirs.MetricFrame(
            metrics={name: getattr(theirs, name) for name in names}, y_true=table["label"], y_pred=table["selected"],
            sensitive_features=table["g"], n_boot=replicates, ci_quantiles=[0.025, 0.975], random_state=seed,
        )
        for seed in range(seeds)
    ]  # fmt: skip
    counts = fairness.count(table, ["g"], by_label=True)
    ours = [
        confusion.percentile_intervals(counts, replicates=replicates, seed=s, zero=0.0)
        for s in range(2 * seeds)
    ]
    found = {}
    for what in ("by_group", "difference", "ratio"):
        fl = [_theirs(frame, what) for frame in frames]
        mine = [_ours(one, what, names) for one in ours]
        width = np.mean([high - low for low, high in fl], axis=0)
        itself = np.mean([np.abs(a - b) / width for i, a in enumerate(fl) for b in fl[:i]])
        found[what] = float(np.mean([np.abs(a - b) / width for a in fl for b in mine]) / itself)
    return found


def _theirs(frame: object, what: str) -> np.ndarray:
    if what == "by_group":
        return np.array([part.T.to_numpy() for part in frame.by_group_ci])  # type: ignore[attr-defined]
    return np.array([part.to_numpy(float) for part in getattr(frame, f"{what}_ci")()])


def _ours(found: dict[str, pd.DataFrame], what: str, names: Sequence[str]) -> np.ndarray:
    if what == "by_group":
        wide = found["by_group"].unstack(sort=False).loc[list(names)]
        return np.array([wide[end].to_numpy() for end in ("low", "high")])
    of = found["between_groups"].xs(what, level="of").loc[list(names)]
    return np.array([of[end].to_numpy() for end in ("low", "high")])


def odds_coverage(setting: str, rounds: int, rng: np.random.Generator) -> float:
    """How often the interval of the equalized odds difference, which fairlearn does not give, holds the truth."""
    (true, false), n = ODDS[setting]
    truth, hits = max(np.ptp(true), np.ptp(false)), 0
    cells = tuple((f"g{i}",) for i in range(len(true)))
    for _ in range(rounds):
        tp, fp = rng.binomial(n, true), rng.binomial(n, false)
        counts = np.stack([np.stack([n - fp, fp], 1), np.stack([n - tp, tp], 1)], 1)
        table = _rows(CountTable(("g",), cells, counts))
        (found,) = fairness.equalized_odds_differences(table, replicates=400, seed=int(rng.integers(1e9)))
        hits += found.low <= truth + 1e-12 and truth - 1e-12 <= found.high
    return hits / rounds


def _rows(counts: CountTable) -> pd.DataFrame:
    """One row a group, label (where counted) and decision, with how many there are."""
    shape = counts.counts.shape
    where = np.indices(shape).reshape(len(shape), -1)
    table = pd.DataFrame({"g": np.array(counts.groups)[where[0]], "n": counts.counts.ravel()})
    table["selected"] = where[-1] == 1
    if len(shape) == 3:
        table["label"] = where[1] == 1
    table.attrs = {"groups": ["g"], "rows": "n"}
    return table


def span(values: Sequence[float]) -> str:
    """Lowest to highest, in percent."""
    return " to ".join(dict.fromkeys(f"{v:.1%}" for v in (min(values), max(values))))


def held(what: str, found: Mapping[str, float]) -> Bar:
    """A bar on coverage: from 93 to 97 percent in every setting."""
    worst = max(found, key=lambda name: abs(found[name] - 0.95))
    met = all(0.93 <= value <= 0.97 for value in found.values())
    settings = f" (furthest from 95%: {worst})" if len(found) > 1 else ""
    return Bar(what, span(list(found.values())) + settings, "93% to 97%", met)


def main() -> int:
    """Simulate, print the bars and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a few samples, too few for the bars to mean much"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in site/benchmarks.md")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    rng, rounds = np.random.default_rng(20261120), 20 if given.quick else 2500
    found = {}
    for name in SETTINGS:
        found[name] = covered(name, rounds, rng)
        print(
            f"{name:40} difference {found[name][0]:.1%}  ratio {found[name][1]:.1%}  percentile {found[name][2]:.1%}",
            flush=True,
        )
    odds = {name: odds_coverage(name, rounds, rng) for name in ODDS}
    print("equalized odds", {name: f"{value:.1%}" for name, value in odds.items()}, flush=True)
    small = {str(n): wilson_coverage(n) for n in SMALL}
    alarms = [false_alarms(groups, n, min(rounds, 600), rng) for groups, n in NULLS]
    ends = endpoints(6 if given.quick else 12, 80 if given.quick else 100)
    two, more = ({n: v for n, v in found.items() if (n[0] == "2") is alone} for alone in (True, False))
    bars = [
        *(
            held(f"{what}, {groups}", {name: values[i] for name, values in part.items()})
            for i, what in enumerate(("parity difference", "selection rate ratio"))
            for groups, part in (("two groups", two), ("picked of 3, 4 and 8 groups", more))
        ),
        held("equalized odds difference", odds),
        *(
            Bar(
                f"percentile interval of the ratio (as fairlearn), {groups}",
                span([v[2] for v in part.values()]),
                "none: it does not cover",
                True,
            )
            for groups, part in (("two groups", two), ("3, 4 and 8 groups", more))
        ),
        held(f"Wilson at {SMALL[0]}, {SMALL[1]} and {SMALL[2]} people (exact)", small),
        Bar("false alarms of the permutation null", span(alarms), "at most 6%", max(alarms) <= 0.06),
        *(
            Bar(f"ends from fairlearn's over two of its seeds: {what}", f"{v:.2f}", "at most 1.2", v <= 1.2)
            for what, v in ends.items()
        ),
    ]
    noise = float(np.sqrt(0.95 * 0.05 / rounds))
    on = f"{machine('fairlearn', 'numpy', 'scipy')}; {rounds} samples a setting, standard error {noise:.1%}"
    print(on)
    code = 0 if given.quick else verdict(bars)
    if given.write:
        keep(TITLE, "python benchmarks/fairness_intervals.py", bars, on=on, about=ABOUT)
    said = {
        "difference_coverage": [min(v[0] for v in found.values()), max(v[0] for v in found.values())],
        "ratio_coverage": [min(v[1] for v in found.values()), max(v[1] for v in found.values())],
        "odds_coverage": [min(odds.values()), max(odds.values())], "false_alarms": max(alarms),
        "endpoints_over_seeds": max(ends.values()), "all_within": not code,
    }  # fmt: skip
    print(json.dumps(said))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

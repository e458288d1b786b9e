"""Whether the intervals of the bias audit hold what they should, by simulation, and whether fairlearn's are reproduced.

`python benchmarks/fairness_intervals.py [--quick] [--write]`. Groups of 500 people and more, with equal rates and with
rates apart. A disparity of two groups is one figure and must be held in 93 to 97 of 100 samples. Of more groups the
lowest and the highest are picked by the data; their interval is corrected for the pick and may hold more often. The
percentile interval is fairlearn's and is shown beside. A simulated figure counts as within its bar when it lies no
further outside than its own noise, which is printed.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from _bars import Bar, keep, machine, verdict

from riskkit.measures import confusion, fairness
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import wilson

TWO = ((0.3, 0.3), (0.5, 0.6), (0.1, 0.2), (0.7, 0.9))
MORE = ((0.3,) * 4, (0.4, 0.5, 0.5, 0.45), (0.2,) * 8)
SIZES = (500, 2000)
SMALL = (10, 20, 50)
NULLS = ((2, 200), (8, 250), (40, 100))
TITLE = "Intervals of the bias audit"
ABOUT = (
    "Simulated samples of known rates. Figures of several settings are given as lowest to highest. fairlearn's "
    "percentile interval of groups picked by the data is told for comparison and held to no bar."
)


def sample(n: int, rates: Sequence[float], rng: np.random.Generator) -> pd.DataFrame:
    """Decisions on ``n`` people a group, as one row a group and outcome."""
    k = rng.binomial(n, rates)
    names = [f"g{i}" for i in range(len(k))]
    table = pd.DataFrame(
        {"g": names * 2, "selected": [True] * len(k) + [False] * len(k), "n": [*k, *(n - k)]}
    )
    table.attrs = {"groups": ["g"], "rows": "n"}
    return table


def covered(n: int, rates: Sequence[float], rounds: int, rng: np.random.Generator) -> np.ndarray:
    """How often the intervals hold the truth: difference, ratio, and the percentile interval of the ratio."""
    truth, hits = np.array(rates), np.zeros(3)
    for _ in range(rounds):
        table = sample(n, rates, rng)
        (ratio,) = fairness.selection_rate_ratios(table, replicates=300, seed=int(rng.integers(1e9)))
        (difference,) = fairness.statistical_parity_differences(table, replicates=10)
        said = int(difference.note[1])  # the group that speaks is picked by the data
        apart = truth[said] - np.delete(truth, said).mean()
        (plain,) = fairness.beside_percentile(
            [ratio], table, replicates=300, seed=int(rng.integers(1e9))
        ).to_dict("records")
        true = truth.min() / truth.max()
        hits += (
            difference.low <= apart <= difference.high,
            ratio.low <= true <= ratio.high,
            plain["percentile_low"] <= true <= plain["percentile_high"],
        )
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
        bands = fairness.chance_bands(
            sample(n, [0.3] * groups, rng), replicates=400, seed=int(rng.integers(1e9))
        )
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


def equalized_odds_coverage(n: int, rounds: int, rng: np.random.Generator) -> float:
    """How often the interval of the equalized odds difference, which fairlearn does not give, holds the truth."""
    true, false, hits = np.array([0.6, 0.75]), np.array([0.2, 0.25]), 0
    for _ in range(rounds):
        tp, fp = rng.binomial(n, true), rng.binomial(n, false)
        cells = np.stack([np.stack([n - fp, fp], 1), np.stack([n - tp, tp], 1)], 1)
        (found,) = fairness.equalized_odds_differences(
            _rows(CountTable(("g",), (("a",), ("b",)), cells)), replicates=300
        )
        hits += found.low <= 0.15 <= found.high
    return hits / rounds


def _rows(counts: CountTable) -> pd.DataFrame:
    rows = [
        (cell[0], bool(label), bool(selected), int(counts.counts[i, label, selected]))
        for i, cell in enumerate(counts.cells)
        for label in (0, 1)
        for selected in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["g", "label", "selected", "n"])
    table.attrs = {"groups": ["g"], "rows": "n"}
    return table


def span(values: Sequence[float]) -> str:
    """Lowest to highest, in percent."""
    return " to ".join(dict.fromkeys(f"{v:.1%}" for v in (min(values), max(values))))


def held(what: str, values: Sequence[float], noise: float, low: float, high: float | None = None) -> Bar:
    """A bar on coverage, from ``low`` to ``high``, give or take the noise of a simulation."""
    met = min(values) >= low - noise and (high is None or max(values) <= high + noise)
    asked = f"at least {low:.0%}" if high is None else f"{low:.0%} to {high:.0%}"
    return Bar(what, span(values), asked, met)


def main() -> int:
    """Simulate, print the bars and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples; under 50 seconds")
    parser.add_argument("--write", action="store_true", help="keep the figures in site/benchmarks.md")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    rng, rounds = np.random.default_rng(20261120), 150 if given.quick else 600
    noise = 3.2 * float(np.sqrt(0.95 * 0.05 / rounds))
    sizes = SIZES[:1] if given.quick else SIZES
    two = [covered(n, rates, rounds, rng) for n in sizes for rates in TWO]
    apart = [
        row for row, rates in zip(two, [r for _ in sizes for r in TWO], strict=True) if rates[0] != rates[1]
    ]
    more = [covered(SIZES[0], rates, rounds, rng) for rates in MORE]
    small = [wilson_coverage(n) for n in SMALL]
    odds = equalized_odds_coverage(SIZES[0], rounds, rng)
    alarms = [false_alarms(groups, n, rounds, rng) for groups, n in NULLS]
    ends = endpoints(6 if given.quick else 12, 80 if given.quick else 100)
    bars = [
        held("difference of two groups, register's interval", [r[0] for r in two], noise, 0.93, 0.97),
        held("ratio of two groups apart, register's interval", [r[1] for r in apart], noise, 0.93, 0.97),
        held("ratio of two groups apart, percentile interval", [r[2] for r in apart], noise, 0.93, 0.97),
        held("difference, picked of 4 and 8 groups", [r[0] for r in more], noise, 0.93),
        held("ratio, picked of 4 and 8 groups", [r[1] for r in more], noise, 0.93),
        Bar(
            "the same, percentile interval (as fairlearn)",
            span([r[2] for r in more]),
            "none: it does not cover",
            True,
        ),
        held("equalized odds difference of two groups", [odds], noise, 0.93),
        held(f"Wilson at {SMALL[0]}, {SMALL[1]} and {SMALL[2]} people (exact)", small, 0.0, 0.93, 0.97),
        Bar("false alarms of the permutation null", span(alarms), "at most 6%", max(alarms) <= 0.06 + noise),
        *(
            Bar(f"ends from fairlearn's over two of its seeds: {what}", f"{v:.2f}", "at most 1.2", v <= 1.2)
            for what, v in ends.items()
        ),
    ]
    print(f"{machine('fairlearn', 'numpy', 'scipy')}; {rounds} samples a setting, good to {noise:.1%}")
    code = verdict(bars)
    if given.write:
        on = f"{machine('fairlearn', 'numpy', 'scipy')}; {rounds} samples a setting, good to {noise:.1%}"
        keep(TITLE, "python benchmarks/fairness_intervals.py", bars, on=on, about=ABOUT)
    said = {
        "difference_coverage": [min(r[0] for r in two), max(r[0] for r in two)],
        "ratio_coverage": [min(r[1] for r in apart), max(r[1] for r in apart)],
        "false_alarms": max(alarms), "endpoints_over_seeds": max(ends.values()), "all_within": not code,
    }  # fmt: skip
    print(json.dumps(said))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

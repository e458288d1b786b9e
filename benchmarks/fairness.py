"""The bias audit against fairlearn, DuckDB and itself.

`python benchmarks/fairness.py [--quick | --full] [--write]`. Everything is CPU time, taken in turn in one process, and
told as a ratio; only the Parquet file is counted in processes of its own, so that their memory can be told. `--full`,
the default, makes a file of 100 million rows (0.5 GB) in a temporary folder; `--quick` one of 2 million.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from _bars import Bar, keep, machine, verdict
from _timing import closing, cpu, extra_mb, heading

from riskkit.measures import confusion, cutoffs, fairness, rate_ratio, score_table, scores
from riskkit.model import Threshold, judge
from riskkit.targets import predictions

GROUPS = {"race": 5, "age": 4, "sex": 2}
COLUMNS = list(GROUPS)
PARQUET = (
    "hash(i) % 5 as race, hash(i * 3) % 4 as age, hash(i * 5) % 2 as sex, hash(i * 7) % 5 < 2 as label, "
    "hash(i * 11) % 3 = 0 as selected, (hash(i * 13) % 1000)::float as score"
)
ABOUT = (
    "Ratios of CPU time of the same work on the same rows, ours and the other in turn; memory in megabytes."
)
SETTINGS = {
    "dataset": "d", "decision": {"column": "selected", "favourable": True},
    "label": {"column": "label", "favourable": True}, "groups": {name: {"column": name} for name in GROUPS},
}  # fmt: skip


def rows(n: int, *, score: bool = False) -> pd.DataFrame:
    """Decisions over 40 groups, columns of groups as categories."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {name: pd.Categorical.from_codes(rng.integers(0, k, n, dtype=np.int8), [f"{name}{i}" for i in range(k)])
         for name, k in GROUPS.items()}
    )  # fmt: skip
    table["label"], table["selected"] = rng.random(n) < 0.4, rng.random(n) < 0.3
    return table.assign(score=rng.random(n)) if score else table


def audit(table: pd.DataFrame) -> None:
    """All point values, and 1,000-replicate intervals of all of them."""
    counts = fairness.count(table, COLUMNS, by_label=True)
    confusion.metric_frame(counts)
    confusion.overall(counts)
    confusion.between_groups(counts)
    confusion.percentile_intervals(counts, replicates=1000)


def theirs(table: pd.DataFrame) -> None:
    """The same point values by fairlearn, without any interval."""
    import fairlearn.metrics as fairlearn
    from sklearn.metrics import accuracy_score, precision_score

    names = ("count", "selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate",
             "true_negative_rate")  # fmt: skip
    metrics = {name: getattr(fairlearn, name) for name in names}
    metrics |= {"precision": partial(precision_score, zero_division=0), "accuracy": accuracy_score}
    frame = fairlearn.MetricFrame(
        metrics=metrics, y_true=table["label"], y_pred=table["selected"], sensitive_features=table[COLUMNS]
    )
    _ = frame.overall, frame.by_group, frame.difference(), frame.ratio()


def speed(n: int, repeat: int) -> dict[str, float]:
    """The audit against fairlearn's points and a bare group-by."""
    table = rows(n)
    query = "select race, age, sex, label, selected, count(*) from frame group by all"
    engine = duckdb.connect()
    engine.register("frame", table)
    audit(table)
    ours = cpu(lambda: audit(table), repeat=repeat)
    bare = cpu(lambda: engine.execute(query).fetchall(), repeat=repeat)
    again = cpu(lambda: audit(table), repeat=repeat)
    peer = cpu(lambda: theirs(table), repeat=1)
    print(f"{n:,} rows x 40 groups")
    print(f"  audit with intervals       {ours}")
    print(f"  the same again             {again}")
    print(f"  DuckDB group by alone      {bare}")
    print(f"  fairlearn points alone     {peer}")
    mine = (ours.median + again.median) / 2
    return {
        "times_faster_than_fairlearn_points": peer.median / mine,
        "cpu_over_duckdb": mine / bare.median,
    }


def growth(repeat: int) -> dict[str, float]:
    """Resampling and memory at 10 thousand and at 10 million rows."""
    large = rows(10_000_000)
    tables = [fairness.count(t, COLUMNS, by_label=True) for t in (large.head(10_000), large)]
    small, big = (cpu(lambda t=t: confusion.percentile_intervals(t), repeat=repeat) for t in tables)
    print("1,000 replicates of 8 metrics and their disparities")
    print(f"  from 10,000 rows           {small}")
    print(f"  from 10,000,000 rows       {big}")
    extra = extra_mb(lambda: audit(large))
    print(f"extra memory of the audit at 10,000,000 rows: {extra:.1f} MB")
    return {"resampling_growth": big.median / small.median, "extra_mb_10m": extra}


def scored(n: int, repeat: int) -> dict[str, float]:
    """AUC with interval, Brier score and calibration by group against fairlearn's AUC and Brier score."""
    from fairlearn.metrics import MetricFrame
    from sklearn.metrics import brier_score_loss, roc_auc_score

    table = rows(n, score=True)

    def ours() -> None:
        scores.table_rows(score_table.count_scores(table, COLUMNS))

    mine = cpu(ours, repeat=repeat)
    peer = cpu(
        lambda: MetricFrame(
            metrics={"auc": roc_auc_score, "brier": brier_score_loss}, y_true=table["label"],
            y_pred=table["score"], sensitive_features=table[COLUMNS],
        ).by_group,
        repeat=1,
    )  # fmt: skip
    exact = [roc_auc_score(p["label"], p["score"]) for _, p in table.groupby(COLUMNS, observed=True)]
    found = scores.auc(score_table.count_scores(table, COLUMNS))
    worst = float(np.abs(np.sort(found.value) - np.sort(exact)).max())
    print(f"scores of {n:,} rows x 40 groups")
    print(f"  AUC, Brier, calibration    {mine}")
    print(f"  fairlearn AUC, Brier       {peer}")
    print(f"  largest error of an AUC {worst:.1e}, printed bound {found.error.max():.1e}")
    return {
        "auc_times_faster_than_fairlearn": peer.median / mine.median,
        "auc_error": worst,
        "auc_bound": float(found.error.max()),
        "auc_error_over_bound": worst / float(found.error.max()),
        "scored_rows": n,
    }


def from_file(n: int) -> dict[str, float]:
    """A Parquet file counted in a process of its own, so that its memory can be told, against a bare query."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.parquet"
        made = duckdb.sql("from range(?) t(i) select " + PARQUET, params=[n])
        made.write_parquet(str(path), compression="zstd")
        figures = []
        for what in ("bare", "counted"):
            done = subprocess.run(
                [sys.executable, __file__, "--child", what, str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            figures.append([float(v) for v in done.stdout.split()])
    (bare, bare_mb), (ours, ours_mb) = figures
    print(f"Parquet of {n:,} rows, a process each")
    print(f"  DuckDB group by alone      {1000 * bare:10.1f} ms   peak {bare_mb:.0f} MB resident")
    print(f"  counted for an audit       {1000 * ours:10.1f} ms   peak {ours_mb:.0f} MB resident")
    return {"parquet_rows": n, "parquet_over_duckdb": ours / bare, "parquet_rss_mb": ours_mb}


def child(what: str, path: str) -> None:
    """CPU seconds and peak megabytes of one way to count ``path``."""
    settings = predictions.Settings.model_validate(SETTINGS)

    def ours() -> None:
        fairness.count(predictions.counted(settings, lambda _: Path(path)), COLUMNS, by_label=True)

    def bare() -> None:
        engine = duckdb.connect(config={"memory_limit": "128MB", "preserve_insertion_order": False})
        engine.read_parquet(path).aggregate("race, age, sex, label, selected, count(*)").fetchall()

    taken = cpu(ours if what == "counted" else bare, repeat=1)
    # not ru_maxrss, which a child inherits from its parent
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    print(taken.median, int(peak) / 1024)


def slider(n: int, repeat: int) -> dict[str, float]:
    """One step of the thresholds explorer: the ratio of 40 groups at another cut-off, with interval and verdict."""
    table = rows(n, score=True)
    steps = cutoffs.counts_by_cutoff(table, COLUMNS, [i / 100 for i in range(1, 100)])
    bound = Threshold(measure="selection_rate_ratio", at_least=0.8)

    def step() -> None:
        judge(rate_ratio.ratio_of_counts(steps[60][1], replicates=1000), bound)

    taken = cpu(step, repeat=repeat)
    print(f"a step of the thresholds explorer, {n:,} rows x 40 groups, 1,000 replicates")
    print(f"  ratio, interval, verdict   {taken}")
    return {"slider_ms": 1000 * taken.median}


def bars(f: Mapping[str, float]) -> list[Bar]:
    """Each figure beside the bar it is held to."""
    below = (
        ("CPU over a bare DuckDB group-by of the same columns", "cpu_over_duckdb", 3, "x"),
        ("resampling from 10M rows over resampling from 10k", "resampling_growth", 2, "x"),
        ("extra memory at 10M rows in memory", "extra_mb_10m", 64, " MB"),
        (f"Parquet of {f['parquet_rows']:,.0f} rows: peak resident", "parquet_rss_mb", 250, " MB"),
        (f"Parquet of {f['parquet_rows']:,.0f} rows: CPU over a bare query", "parquet_over_duckdb", 1.5, "x"),
        ("a step of the thresholds explorer", "slider_ms", 50, " ms"),
        ("largest error of an AUC, of its printed bound", "auc_error_over_bound", 1, "x"),
    )
    above = (
        ("points and 1,000-replicate intervals, faster than fairlearn's points alone, 1M x 40",
         "times_faster_than_fairlearn_points", 1000),
        (f"AUC, Brier and calibration by group, faster than fairlearn's AUC and Brier, {f['scored_rows']:,.0f} rows",
         "auc_times_faster_than_fairlearn", 20),
    )  # fmt: skip
    return [
        *(
            Bar(what, f"{f[key]:,.0f}x", f"at least {least:,}x", f[key] >= least)
            for what, key, least in above
        ),
        *(
            Bar(what, f"{f[key]:.3g}{unit}", f"at most {most}{unit}", f[key] <= most)
            for what, key, most, unit in below
        ),
    ]


def main() -> int:
    """Run all parts and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="fewer rows for fairlearn; under 50 seconds")
    size.add_argument("--full", action="store_true", help="the sizes the bars are stated for (the default)")
    parser.add_argument("--write", action="store_true", help="keep the figures in site/benchmarks.md")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return 0
    warnings.filterwarnings("ignore")
    heading("The bias audit", "fairlearn", "duckdb", "numpy", "pandas", "scikit-learn")
    repeat = 5 if given.quick else 15
    figures = speed(1_000_000, repeat) | growth(repeat)
    figures |= scored(200_000 if given.quick else 1_000_000, repeat)
    figures |= slider(1_000_000, repeat)
    figures |= from_file(2_000_000 if given.quick else 100_000_000)
    shown = bars(figures)
    code = verdict(shown)
    if given.write:
        on = (
            f"{machine('fairlearn', 'duckdb', 'numpy', 'pandas')}; CPU time, one process, medians of {repeat}"
        )
        keep("Speed and memory of the bias audit", "python benchmarks/fairness.py", shown, on=on, about=ABOUT)
    closing(figures)
    return code


if __name__ == "__main__":
    raise SystemExit(main())

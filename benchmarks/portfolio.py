"""Nights of a portfolio: all to run, nothing to run, growing, spread over a cluster, kept in a bucket.

`python benchmarks/portfolio.py [--only PART ...] [--quick] [--write]`. Each part has a table of its own. The same
notebooks are run by `riskkit run`, by a shell loop over the papermill command on as many cores, and by
papermill.execute_notebook in one process; ratios are of times by the clock, in one run of this script. The peers run
some of the notebooks, half of them before ours and half after, with all modules compiled. Each worker of the cluster is
held to a core of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice, pairwise
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from _bars import Bar, keep, machine, verdict
from _commands import CORES, PEERS, Took, bare, bucket, cluster, riskkit, start
from _night import Figures, of_bucket, of_growth, of_night, of_spread, of_struck, of_unchanged
from _portfolio import add, copy_records, make, names


def night(folder: Path, projects: int, peers: int) -> Iterator[tuple[str, float]]:
    """All to run: 6 notebooks a project by the kit, ``peers`` of the same by each peer, half before and half after."""
    runs = projects * 6
    ours = make(folder, projects=projects, notebooks=6)
    some = [ours / f"notebooks/{name}.ipynb" for name in names(6)]
    part = list(islice(cycle(some), max(len(CORES), peers // 2)))
    for peer in PEERS.values():
        peer(ours, some[: len(CORES)])  # compiles what it imports
    cells = bare(ours, some)
    before = {name: peer(ours, part) for name, peer in PEERS.items()}
    side = riskkit(ours, "run", "--workers", str(len(CORES)))
    after = {name: peer(ours, part) for name, peer in PEERS.items()}
    turn = riskkit(ours, "run", "--workers", "1", "--force")
    for name in PEERS:
        seconds, used = (mean(both) for both in zip(before[name], after[name], strict=True))
        yield f"{name}_s", seconds
        yield f"{name}_processor_s", used
    yield "runs", runs
    yield "peer_runs", 2 * len(part)
    yield "ours_s", side.seconds / runs
    yield "ours_processor_s", side.processor_s / runs
    yield "cells_s", cells
    yield "overhead_s", turn.seconds / runs - cells
    yield "all_mb", side.all_mb


def unchanged(folder: Path, *, projects: int, notebooks: int) -> Iterator[tuple[str, float]]:
    """Nothing to run; then one data file changed."""
    make(folder, projects=1, notebooks=notebooks)
    riskkit(folder, "run")
    others = [f"p{number:03}" for number in range(1, projects)]
    for project in others:
        add(folder, project, notebooks=notebooks)
    copy_records(folder, of="p000", to=others)
    assert _due(folder) == []
    took = [riskkit(folder, "run") for _ in range(3)]
    assert {t.out for t in took} == {f"nothing to run: {projects * notebooks} assessments are fresh\n"}
    yield "skip_s_100x12", min(t.seconds for t in took)
    yield "skip_processor_s", min(t.processor_s for t in took)
    with (folder / "projects/p000/data/a.csv").open("a") as file:
        file.write("f,yes\n")
    due = _due(folder)
    assert all(p["project"] == "p000" and p["why"] == "data/a.csv changed" for p in due), due
    yield "changed_due", len(due)
    yield "changed_reads", (notebooks + 1) // 2


def _due(folder: Path) -> list[dict[str, str]]:
    plan = json.loads(riskkit(folder, "run", "--plan", "--json").out)
    return [p for p in plan["assessments"] if p["state"] == "run"]


def spread(folder: Path, *, projects: int, notebooks: int) -> Iterator[tuple[str, float]]:
    """The same plan with one worker and with two; the records of each are verified."""
    took = {}
    for workers in (1, 2):
        make(folder / str(workers), projects=projects, notebooks=notebooks)
        with cluster(workers) as (address, _):
            where = ("--executor", "dask", "--scheduler", address)
            riskkit(folder / str(workers), "run", "p000", *where)  # workers import what they need once
            took[workers] = riskkit(folder / str(workers), "run", *where).seconds
        assert _verified(folder / str(workers)) == projects * notebooks
    yield "dask_runs", (projects - 1) * notebooks
    yield "dask_two_over_one", took[1] / took[2]


def struck(folder: Path, *, projects: int, notebooks: int) -> Iterator[tuple[str, float]]:
    """One of two workers is killed while both are busy: every run is recorded, once."""
    make(folder, projects=projects, notebooks=notebooks)
    with cluster(2) as (address, workers):
        running = start(folder, "run", "--executor", "dask", "--scheduler", address)
        _wait_for_records(folder, 3, running)
        os.killpg(workers[0], signal.SIGKILL)
        _, err = running.communicate()
    if running.returncode:
        sys.exit(f"a worker was killed: {err[-2000:]}")
    yield "struck_recorded", _verified(folder)
    yield "struck_planned", projects * notebooks


def in_a_bucket(folder: Path) -> Iterator[tuple[str, float]]:
    """Records in a bucket: a run that is killed, another that goes on without the copy, a site, a check."""
    with bucket() as environ:
        environ["RISKKIT_REMOTE"] = "s3://governance/records"
        os.environ.update(environ)
        import s3fs

        s3fs.S3FileSystem().mkdir("governance")
        folder.mkdir()
        riskkit(folder, "init", "w", "--project", "credit")
        place, since = folder / "w", time.perf_counter()
        running = start(place, "run", "--workers", "1")
        _wait_for_records(place, 1, running)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        shutil.rmtree(place / "records")
        done = riskkit(place, "run").out.splitlines()[-1]
        assert done == "1 of 1 runs concluded, 1 were fresh", done
        riskkit(place, "build")
        yield "bucket_verified", _verified(place)
        yield "bucket_s", time.perf_counter() - since
        for name in environ:
            del os.environ[name]


def _wait_for_records(folder: Path, number: int, running: subprocess.Popen[str]) -> None:
    while len(list(folder.glob("records/_log/*.json"))) < number:
        if running.poll() is not None:
            sys.exit(f"it ended before {number} records were there: {running.communicate()[1][-2000:]}")
        time.sleep(0.02)


def _verified(folder: Path) -> int:
    """Records that a check of the workspace has found as they were stored."""
    return int(riskkit(folder, "verify").out.partition(" records verified")[0])


def growth(folder: Path, sizes: Sequence[int]) -> Iterator[tuple[str, float]]:
    """Portfolios of several sizes, one notebook a project."""
    took: dict[int, Took] = {}
    for size in sizes:
        took[size] = riskkit(make(folder / str(size), projects=size, notebooks=1), "run")
        shutil.rmtree(folder / str(size))
    small, _, large = (took[size] for size in sizes)
    early, late = ((took[b].processor_s - took[a].processor_s) / (b - a) for a, b in pairwise(sizes))
    yield from ((f"size_{n}", size) for n, size in enumerate(sizes))
    yield "growth", late / early
    yield "parent_mb", large.own_mb
    yield "parent_more_mb", large.own_mb - small.own_mb


class Part(NamedTuple):
    """What a part is called, how it is measured in its folder (quickly or not), and what its figures are held to."""

    title: str
    measure: Callable[[Path, bool], Iterator[tuple[str, float]]]
    bars: Callable[[Figures], list[Bar]]


PARTS = {
    "night": Part("all to run", lambda p, quick: night(p, *((2, 2) if quick else (20, 16))), of_night),
    "unchanged": Part("nothing to run", lambda p, _: unchanged(p, projects=100, notebooks=12), of_unchanged),
    "spread": Part("on a cluster", lambda p, quick: spread(p, projects=2 if quick else 24, notebooks=6), of_spread),
    "growth": Part("growing", lambda p, quick: growth(p, (4, 8, 16) if quick else (50, 100, 200)), of_growth),
    "struck": Part("a killed worker", lambda p, _: struck(p, projects=2, notebooks=6), of_struck),
    "bucket": Part("in a bucket", lambda p, _: in_a_bucket(p), of_bucket),
}  # fmt: skip
KILLING = ("struck", "bucket")
ABOUT = (
    "Small notebooks that read a table, compare rates, draw them and conclude; the peers run the same ones. Where the "
    "load is above the number of cores, other work ran beside: times by the clock are longer than on an idle machine, "
    "and their ratios wander."
)


def main() -> int:
    """Measure part by part, print the table of each, and end with one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts")
    parser.add_argument("--quick", action="store_true", help="small portfolios, and nothing is killed")
    parser.add_argument("--write", action="store_true", help="write the tables of site/benchmarks.md")
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    since, codes = time.perf_counter(), [0]
    every: Figures = {}
    for part in asked.only or [p for p in PARTS if not (asked.quick and p in KILLING)]:
        title, measure, bars_of = PARTS[part]
        f: Figures = {}
        with tempfile.TemporaryDirectory(dir="/tmp", prefix="rk-bench-") as name:
            for figure, value in measure(Path(name) / part, asked.quick):
                f[figure] = value
                print(f"{time.perf_counter() - since:5.0f} s  {figure} {value:.3f}", file=sys.stderr)
        codes.append(verdict(bars := bars_of(f)))
        if asked.write:
            script = f"python benchmarks/portfolio.py --only {part}{' --quick' if asked.quick else ''}"
            on = machine("papermill", "ipykernel", "distributed")
            keep(f"Portfolio, {title}", script, bars, on=on, about=ABOUT)
        every |= f
    print(json.dumps({name: float(f"{value:.4g}") for name, value in every.items()}))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())

"""The figures of nights of a portfolio beside their bars."""

from __future__ import annotations

from _bars import Bar
from _commands import CORES, PEERS

Figures = dict[str, float]


def of_night(f: Figures) -> list[Bar]:
    """Against the peers, and beyond the cells."""
    command, single = f["command_s"] / f["ours_s"], f["one_s"] / f["ours_s"]
    used = [f"{f[f'{name}_processor_s']:.2f}" for name in ("ours", *PEERS)]
    return [
        Bar(f"{f['runs']:.0f} notebooks, {len(CORES)} at a time, against {f['peer_runs']:.0f} of them by a shell loop "
            "over papermill", f"{command:.1f} times", "at least 8", command >= 8),
        Bar(f"the same against {f['peer_runs']:.0f} by execute_notebook in one process", f"{single:.1f} times",
            "at least 4", single >= 4),
        Bar("processor seconds a notebook: ours, the loop, execute_notebook", ", ".join(used), "reported", True),
        Bar(f"a notebook beyond its cells ({f['cells_s']:.2f} s), one at a time, start of the command included",
            f"{f['overhead_s']:.2f} s", "at most 0.4 s", f["overhead_s"] <= 0.4),
        Bar("the same in processor seconds, two at a time", f"{f['ours_processor_s'] - f['cells_s']:.2f} s",
            "reported", True),
        Bar("memory of all processes together", f"{f['all_mb']:.0f} MB", "reported", True),
    ]  # fmt: skip


def of_unchanged(f: Figures) -> list[Bar]:
    """Nothing is run that need not be."""
    return [
        Bar("100 projects of 12 notebooks, nothing changed", f"{f['skip_s_100x12']:.2f} s", "at most 3 s",
            f["skip_s_100x12"] <= 3),
        Bar("the same in processor seconds", f"{f['skip_processor_s']:.2f} s", "reported", True),
        Bar("one data file changed: notebooks to run, and that read it",
            f"{f['changed_due']:.0f}, {f['changed_reads']:.0f}", "equal", f["changed_due"] == f["changed_reads"]),
    ]  # fmt: skip


def of_spread(f: Figures) -> list[Bar]:
    """A further worker is worth its core; one that is worth more tells of other work, and counts as missed."""
    return [Bar(f"two workers of a cluster against one, {f['dask_runs']:.0f} notebooks, each verified",
                f"{f['dask_two_over_one']:.2f} times", "1.7 to 2.1", 1.7 <= f["dask_two_over_one"] <= 2.1)]  # fmt: skip


def of_growth(f: Figures) -> list[Bar]:
    """A further project costs what an earlier one did."""
    small, middle, large = (f"{f[f'size_{n}']:.0f}" for n in range(3))
    return [
        Bar(f"processor time a further project, from {middle} to {large} against from {small} to {middle}",
            f"{f['growth']:.2f} times", "at most 1.2", f["growth"] <= 1.2),
        Bar(f"memory of the parent ({f['parent_mb']:.0f} MB), {large} projects against {small}",
            f"{f['parent_more_mb']:+.0f} MB", "at most 20 MB more", f["parent_more_mb"] <= 20),
    ]  # fmt: skip


def of_struck(f: Figures) -> list[Bar]:
    """What a killed worker has lost."""
    return [Bar("one of two busy workers killed: runs planned, and records verified",
                f"{f['struck_planned']:.0f}, {f['struck_recorded']:.0f}", "equal",
                f["struck_planned"] == f["struck_recorded"])]  # fmt: skip


def of_bucket(f: Figures) -> list[Bar]:
    """What a killed command has lost."""
    return [Bar(f"records in a bucket: killed once, built and verified in {f['bucket_s']:.0f} s",
                f"{f['bucket_verified']:.0f} of 2", "all", f["bucket_verified"] == 2)]  # fmt: skip

"""CPU time and memory of calls, and the closing line of a benchmark."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple


class Timed(NamedTuple):
    """CPU seconds (user and system, all threads) of one call: the median of several, and the lowest and highest."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{1000 * self.median:10.1f} ms   ({1000 * self.low:.1f} to {1000 * self.high:.1f})"


def cpu(call: Callable[[], Any], *, repeat: int) -> Timed:
    """CPU time of ``call``, which other work on the machine disturbs less than wall time."""
    taken = []
    for _ in range(repeat):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return Timed(statistics.median(taken), min(taken), max(taken))


def extra_mb(call: Callable[[], Any]) -> float:
    """Peak megabytes that ``call`` allocates through Python and NumPy beyond what was there."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def heading(what: str, *packages: str) -> None:
    """The machine and the versions the figures belong to."""
    print(what)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          + ", ".join(f"{p} {version(p)}" for p in packages))  # fmt: skip
    print("CPU time, median (lowest to highest)\n")


def closing(figures: Mapping[str, float]) -> None:
    """One line of JSON, the last of the output."""
    print()
    print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))

"""Figures beside the bars they are held to, and the page that keeps them."""

from __future__ import annotations

import os
import platform
import re
import sys
import timeit
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[1] / "site/benchmarks.md"
INTRO = """\
# What was measured

Every table is written by the script that stands above it, with `--write`, from a run of that script; none is typed in.
A script prints each figure beside the bar it is held to, and ends with an error when one is missed.
"""


class Bar(NamedTuple):
    """A figure, what it is of, and the bar it is held to."""

    what: str
    figure: str
    bar: str
    met: bool

    def __str__(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'} {self.what}: {self.figure} (bar: {self.bar})"


def machine(*packages: str) -> str:
    """The machine, its load and speed, and the versions the figures belong to, on one line."""
    parts = [f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"]
    steps = min(timeit.repeat("sum(i * i for i in range(1_000_000))", number=1, repeat=5))
    parts += [f"a million steps in {1000 * steps:.0f} ms"]
    parts += [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in packages)]
    return ", ".join(parts)


def verdict(bars: Sequence[Bar]) -> int:
    """Print the bars; the exit code: 1 when one is missed."""
    print()
    for bar in bars:
        print(bar)
    sys.stdout.flush()
    return int(not all(bar.met for bar in bars))


def keep(title: str, script: str, bars: Sequence[Bar], *, on: str, about: str) -> None:
    """Write the section ``title`` of the page anew; the other sections stay as they are."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else INTRO
    rows = [f"| {b.what} | {b.figure} | {b.bar} | {'met' if b.met else 'missed'} |" for b in bars]
    table = ["| Figure | Measured | Bar | |", "|---|---|---|---|", *rows]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    section = "\n".join([f"## {title}", "", f"`{script}`", "", about, "", *table, "", f"{day}; {on}.", ""])
    parts = re.split(r"(?m)^(?=## )", text)
    others = [part.rstrip() + "\n" for part in parts[1:] if part.partition("\n")[0] != f"## {title}"]
    ordered = sorted([section, *others])
    PAGE.write_text("\n".join([parts[0].rstrip() + "\n", *ordered]), encoding="utf-8")

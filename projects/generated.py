"""What the generators of the demo projects share: seeded files, and a page beside them that says what is planted."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

SEED = 20261101
"""The seed of the files in the repository."""

Generate = Callable[..., dict[str, float]]


def run(generate: Generate, *, folder: Path) -> None:
    """Generate from the command line: ``[--seed N] [--out DIR] [--without-faults]``."""
    parser = argparse.ArgumentParser(description=f"Write the generated data of {folder.name} anew.")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of everything random")
    parser.add_argument("--out", type=Path, default=folder / "data", help="folder to write to")
    parser.add_argument("--without-faults", action="store_true", help="plant nothing")
    given = parser.parse_args()
    truths = generate(given.out, seed=given.seed, faults=not given.without_faults)
    for name, value in truths.items():
        print(f"{name}: {value:g}")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV file; returns its number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for count, row in enumerate(rows, 1):  # noqa: B007
            writer.writerow(row)
    return count


def write_jsonl(path: Path, items: Iterable[BaseModel], *, without: frozenset[str] = frozenset()) -> int:
    """Write a line for each item, leaving out defaults and the fields ``without``; returns the number of lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for count, item in enumerate(items, 1):  # noqa: B007
            fields = item.model_dump(mode="json", exclude_defaults=True, exclude=set(without))
            stream.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def write_readme(
    out: Path,
    *,
    project: str,
    seed: int,
    faults: bool,
    files: Mapping[str, str],
    truths: Mapping[str, tuple[float, str]],
) -> dict[str, float]:
    """Write the page that says what the files are and what is planted in them; returns the planted values."""
    switch = "" if faults else " --without-faults"
    lines = [
        f"# Generated data of {project}",
        "",
        "Nothing here was measured and nobody here exists: every file is generated, to try the kit on. Made by",
        "",
        f"    python projects/{project}/generate.py --seed {seed}{switch}",
        "",
        "| file | what |",
        "|---|---|",
        *(f"| `{name}` | {what} |" for name, what in files.items()),
        "",
        "## What is planted" if faults else "## Nothing is planted",
        "",
        "These values are the generator's own parameters, not estimates: an assessment should find them within its",
        "intervals." if faults else "intervals, which means finding no fault.",
        "",
        "| truth | value | in words |",
        "|---|---|---|",
        *(f"| `{name}` | {value:.6g} | {what} |" for name, (value, what) in truths.items()),
        "",
    ]
    (out / "README.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return {name: float(value) for name, (value, _) in truths.items()}


def calls(
    rng: Any, *, model: str, months: int, a_month: int, tokens: tuple[int, int], growth: float = 0.0
) -> Iterable[tuple[object, ...]]:
    """Rows of a usage file, ending with October 2026: model, input_tokens, output_tokens, cached_tokens, at.

    Tokens are lognormal around ``tokens`` (input, output) in the first month and grow by ``growth`` a month, through
    the months as well as between them.
    """
    from datetime import UTC, datetime, timedelta

    length = timedelta(days=365.25 / 12)
    start = datetime(2026, 11, 1, tzinfo=UTC) - months * length
    for when in sorted(rng.uniform(0, months, size=months * a_month)):
        factor = (1 + growth) ** when * float(rng.lognormal(-0.045, 0.3))
        given, answered = (max(1, round(t * factor * float(rng.lognormal(-0.005, 0.1)))) for t in tokens)
        moment = start + when * length
        yield model, given, answered, 0, moment.strftime("%Y-%m-%dT%H:%M:%SZ")

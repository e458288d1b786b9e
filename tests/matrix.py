"""The cases of runs, parameters, writes and verification, and the tests that hold them: `python -m tests.matrix`.

Running it runs those tests and prints a table: case, what is expected, what was observed.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A row of ``data/matrix.csv``: what is done, what must happen, and the test that holds it."""

    id: str
    case: str
    expected: str
    test: str


with (Path(__file__).parent / "data/matrix.csv").open(encoding="utf-8", newline="") as table:
    CASES = tuple(Case(**row) for row in csv.DictReader(table))


def observed(folder: Path) -> dict[str, str]:
    """Run the tests of the table; what was seen of each."""
    report = folder / "report.xml"
    nodes = sorted({f"{Path(__file__).parent / case.test}" for case in CASES})
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *nodes], check=False, stdout=sys.stderr
    )
    seen: dict[str, list[str]] = {}
    for found in ET.parse(report).iter("testcase"):
        test = f"{found.attrib['classname'].rpartition('.')[2]}.py::{found.attrib['name'].partition('[')[0]}"
        kind = next(
            (part.tag for part in found if part.tag in ("failure", "error", "skipped")), "as expected"
        )
        seen.setdefault(test, []).append(kind)
    return {
        test: ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds))) for test, kinds in seen.items()
    }


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        seen = observed(Path(folder))
    print("| id | case | expected | observed |\n|---|---|---|---|")
    for case in CASES:
        print(f"| {case.id} | {case.case} | {case.expected} | {seen.get(case.test, 'not run')} |")


if __name__ == "__main__":
    main()

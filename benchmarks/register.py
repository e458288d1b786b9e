"""How long the register of 500 and of 1,000 projects with 30 risks each takes to build, and whether it grows linearly.

    python benchmarks/register.py [--quick]

Everything is made in memory: each project has ten measures taken by two assessments with two runs each, ten
thresholds, six controls, a decision and a finding. Seconds are of CPU: the work is one thread that waits for nothing.
There is no peer: registers elsewhere are typed, not computed.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from riskkit import register
from riskkit.model import (
    Catalog,
    Conclusion,
    Control,
    Decision,
    Evidence,
    Finding,
    Matrix,
    Measurement,
    Profile,
    Project,
    Risk,
    RunFacts,
    Vocabulary,
)

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RISKS, MEASURES, ASSESSMENTS, RUNS, CONTROLS = 30, 10, 2, 2, 6
SHA = "0" * 64


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three repeats in place of seven")
    repeats = 3 if parser.parse_args().quick else 7
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {repeats} repeats, median [lowest, highest]"
    )
    print(f"{'projects':>10} {'rows':>8}  CPU seconds")
    took = {}
    for projects in (500, 1000):
        took[projects] = statistics.median(seconds := list(_builds(projects, repeats)))
        print(
            f"{projects:>10} {projects * RISKS:>8}  {took[projects]:.2f} [{min(seconds):.2f}, {max(seconds):.2f}]"
        )
    growth = took[1000] / took[500]
    print(f"growth from 500 to 1,000 projects: x{growth:.2f} (2 is linear)")
    print(json.dumps({"s_1000x30": round(took[1000], 2), "growth": round(growth, 2)}))


def _builds(projects: int, repeats: int) -> Iterator[float]:
    listed = [project(f"p{number:04}") for number in range(projects)]
    evidence = [run for p in listed for run in runs(p.id)]
    known = catalog()
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        built = register.build(listed, known, evidence, as_of=DAY, kit_version="0")
        yield time.process_time() - start
        if len(built.entries) != projects * RISKS or not built.reasons:
            sys.exit("the register is not what it should be")
        del built


def catalog() -> Catalog:
    """Thirty risks that ask for one to three of ten measures."""
    levels = ["low low low low medium", "low low medium medium high", "low medium medium high high",
              "low medium high high critical", "medium medium high critical critical"]  # fmt: skip
    steps = tuple("12345")
    matrix = Matrix.model_validate({"id": "grid", "title": "t", "about": "a", "source": "s", "likelihood": steps,
                                    "impact": steps, "rows": [row.split() for row in levels]})  # fmt: skip
    words = Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={})
    risks = {f"r{i:02}": _risk(i) for i in range(RISKS)}
    return Catalog(risks=risks, regulations={}, matrices={"grid": matrix}, vocabulary=words)


def _risk(i: int) -> Risk:
    asked = [f"m{(i + k) % MEASURES}" for k in range(1 + i % 3)]
    return Risk.model_validate({
        "id": f"r{i:02}", "title": f"Risk {i}", "category": "fairness", "cause": "c", "event": "e",
        "consequence": "q", "who_is_hurt": "w", "applies_to": ["genai"],
        "default_rating": {"likelihood": 1 + i % 5, "impact": 1 + i // 6}, "evidence": asked,
        "harms": [{"what": "x", "date": "2020", "source": "https://example.org/"}],
    })  # fmt: skip


def project(name: str) -> Project:
    """A project of tier 2 with thresholds, controls, a decision and a finding."""
    rated = {"likelihood": 4, "impact": 4}
    profile = Profile.model_validate({
        "id": name, "name": name, "version": "1", "purpose": "x", "kind": "genai", "stage": "production",
        "tier": {"exposure": 3, "purpose": 3, "autonomy": "recommend", "why": "x"}, "matrix": "grid",
        "roles": {"owner": "o", "developer": "d", "validator": "v", "approver": "a"},
        "review": {"next_due": "2027-01-01"}, "appetite": {"fairness": "medium"},
        "assessments": {f"a{i}": {} for i in range(ASSESSMENTS)},
        "thresholds": [{"measure": f"m{i}", "at_least": 0.8, "min_n": 100, "owner": "o", "rationale": "r"}
                       for i in range(MEASURES)],
        "risks": {f"r{i:02}": {"inherent": rated, "why": "w", "rated_by": "o", "rated_on": "2026-01-01"}
                  for i in range(0, RISKS, 2)},
    })  # fmt: skip
    return Project(
        profile=profile,
        profile_sha256=SHA,
        controls=tuple(_control(i) for i in range(CONTROLS)),
        decisions=(_decision(),),
        findings=(_finding(),),
    )


def _control(i: int) -> Control:
    return Control.model_validate({
        "id": f"c{i}", "title": f"Control {i}", "kind": "preventive", "status": "active" if i % 3 else "planned",
        "acts_on": "impact" if i % 2 else "likelihood", "risks": [f"r{k:02}" for k in range(i, RISKS, CONTROLS)],
        "effectiveness": "good", "evidence": [f"m{i}"], "owner": "o",
    })  # fmt: skip


def _decision() -> Decision:
    basis: dict[str, Any] = dict.fromkeys(("row", "evidence", "thresholds", "matrix"), SHA)
    return Decision.model_validate({
        "id": "d", "type": "accept", "subject": {"risk": "r03"}, "requested_by": "o", "decided_by": "a",
        "decided_on": "2026-11-01", "outcome": "approved", "rationale": "r", "expires_on": "2027-02-01",
        "basis": basis,
    })  # fmt: skip


def _finding() -> Finding:
    return Finding.model_validate({
        "id": "f", "title": "F", "severity": "high", "status": "open", "risks": ["r04"], "observation": "o",
        "criteria": "c", "raised_by": "v", "raised_on": "2026-10-01", "owner": "d", "due": "2026-12-01",
    })  # fmt: skip


def runs(project: str) -> Iterator[Evidence]:
    """Two runs of each assessment, which take half of the measures each."""
    for assessment in range(ASSESSMENTS):
        for number in range(RUNS):
            taken = tuple(_measurement(i, number) for i in range(assessment, MEASURES, ASSESSMENTS))
            started = NOON - timedelta(days=10 * (RUNS - number))
            facts = RunFacts.model_validate({
                "status": "ok", "notebook": f"a{assessment}", "notebook_sha256": SHA, "parameters": {},
                "started": started, "ended": started, "duration_seconds": 1, "kit_version": "0",
                "valid_until": started + timedelta(days=180), "kit_sha256": SHA, "python": "3",
            })  # fmt: skip
            said = Conclusion(project=project, assessment=f"a{assessment}", version="1", measurements=taken)
            folder = f"{project}/a{assessment}/{number}"
            yield Evidence(
                project=project, assessment=f"a{assessment}", run=facts, conclusion=said, folder=folder
            )


def _measurement(i: int, number: int) -> Measurement:
    low = 0.9 - 0.05 * (i % 5) - 0.01 * number
    return Measurement(measure=f"m{i}", value=low + 0.03, low=low, high=low + 0.06, n=1000, method="made up")


if __name__ == "__main__":
    main()

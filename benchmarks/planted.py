"""How well the kit finds what is planted in the demo projects, and how often it finds something where nothing is.

`python benchmarks/planted.py [--quick] [--write]`. Every demo project is generated anew at 20 seeds, with its faults
and without, and every notebook its profile declares is gone through, cell by cell, without a kernel and without its
figures. A fault is found when the measure that should show it is breached at the project's own threshold. Without
faults a breach is a false alarm. What depends on what people wrote (checklists of law) is left out, and without faults
the declared growth of calls is none, as one budget is too small for it by design. `--write` writes site/planted.md.
What each seed gave is kept in build/planted/ until the next run without `--go-on`, so that several processes may share
the seeds (`--only 1,2,3`).
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from _bars import Bar, machine, verdict

from riskkit import assess
from riskkit.assess.card import Card
from riskkit.model import Verdict, judge

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "site/planted.md"
KEPT = ROOT / "build/planted"
AUTHORED = {"regulatory_checklist", "impact_assessment"}
SEEDS = 20
QUICKER: dict[str, Any] = {"paths": 1000}
"""Parameters set lower than a run sets them, which changes no verdict on purpose."""


class Planted(NamedTuple):
    """A fault: the project it is planted in, in words, and the measure and segment (any when None) that show it."""

    project: str
    what: str
    measure: str
    segment: str | None = ""


FAULTS = (
    Planted("loan-approval", "women under 35 approved less", "selection_rate_ratio", "sex x age_band"),
    Planted("loan-approval", "explanations with an invented fact", "invented_fact_rate"),
    Planted("loan-approval", "stand-ins that copy an applicant", "near_copy_share"),
    Planted("loan-approval", "stand-ins without outer incomes", "tail_coverage"),
    Planted("medical-triage", "women given a lower level", "counterfactual_rate_difference", "sex"),
    Planted("medical-triage", "women less often urgent on the ward", "selection_rate_ratio", "sex"),
    Planted("medical-triage", "a version that is right less often", "accuracy_change", None),
    Planted("medical-triage", "a version that answers at length", "length_ratio", None),
    Planted("medical-triage", "test notes among the worked examples", "contaminated_item_share", None),
    Planted("medical-triage", "test cases among the training cases", "split_overlap_share", None),
    Planted("medical-triage", "a column filled in after the outcome", "target_leakage_auc", None),
    Planted("medical-triage", "a model fitted too closely", "train_validation_gap", None),
    Planted("insurance-claims", "reports that no tool returned", "invented_fact_rate"),
    Planted("insurance-claims", "account numbers in answers", "identifier_leak_rate"),
    Planted("insurance-claims", "planted instructions obeyed", "injection_success_rate"),
    Planted("insurance-claims", "notes shown to roles that may not see them", "access_violation_rate"),
    Planted("insurance-claims", "tokens that grow month by month", "token_growth_rate"),
)
Found = dict[tuple[str, str], Verdict]
WORST = (Verdict.BREACHED, Verdict.INCONCLUSIVE, Verdict.MET)


def shown(fault: Planted, measure: str, segment: str) -> bool:
    """Whether a measurement is one that should show the fault."""
    return measure == fault.measure and fault.segment in (None, segment)


def ruling(fault: Planted, found: Found) -> Verdict:
    """The worst verdict of the measurements that should show the fault."""
    verdicts = {v for (m, s), v in found.items() if shown(fault, m, s)}
    return next((v for v in WORST if v in verdicts), Verdict.MISSING)


def generator(project: str) -> ModuleType:
    """The generator of a demo project."""
    path = ROOT / f"projects/{project}/generate.py"
    spec = importlib.util.spec_from_file_location(f"generate_{project.replace('-', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def workspace(root: Path, project: str, *, seed: int, faults: bool) -> None:
    """The project with data of a seed; without faults, those that its profile plants are gone too."""
    folder = root / "projects" / project
    folder.mkdir(parents=True)
    (root / "notebooks").mkdir(exist_ok=True)
    profile = (ROOT / f"projects/{project}/profile.yml").read_text(encoding="utf-8")
    if not faults and project != "support-router":
        profile = re.sub(r"(?m)^ *faults: \{[^}]*\}.*\n", "", profile)
        profile = re.sub(r"monthly_growth: \[[^\]]*\]", "monthly_growth: [0.0, 0.0, 0.0]", profile)
    (folder / "profile.yml").write_text(profile, encoding="utf-8")
    for path in (ROOT / f"projects/{project}").glob("*.yml"):
        if path.name != "profile.yml":
            shutil.copy(path, folder)
    generator(project).generate(folder / "data", seed=seed, faults=faults)


def concluded(root: Path, project: str, assessment: str, *, seed: int) -> Found:
    """The verdicts of one notebook, gone through statement by statement; what it only shows is passed over."""
    case = assess.open(project, assessment=assessment, workspace=root)
    declared = case.profile.assessments[assessment]
    name = declared.notebook or assessment
    cells = json.loads((ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    space: dict[str, Any] = {}
    exec(compile(code[0], name, "exec"), space)  # noqa: S102
    known = {**declared.parameters, "seed": seed, **QUICKER, "project": project}
    space |= {k: v for k, v in known.items() if k in space}
    for source in code[1:]:
        for node in ast.parse(source).body:
            _step(node, name, space, case)
    card = space["the_card"]
    assert isinstance(card, Card)
    return {
        (m.measure, m.segment): judge(m, m.threshold).verdict
        for m in card.conclusion.measurements
        if m.threshold is not None
    }


def _step(node: ast.stmt, name: str, space: dict[str, Any], case: assess.Case) -> None:
    """Run one statement: assignments and imports as they stand, the conclusion kept, the rest passed over."""
    if isinstance(node, ast.Expr):
        if ast.unparse(node).startswith("case.conclude("):
            space["the_card"] = eval(compile(ast.Expression(node.value), name, "eval"), space)  # noqa: S307
        return
    if isinstance(node, ast.Assign) and ast.unparse(node).startswith("case = "):
        space["case"] = case
        return
    exec(compile(ast.Module([node], []), name, "exec"), space)  # noqa: S102


def round_of(project: str, *, seed: int, faults: bool, spent: Counter[str]) -> Found:
    """Every verdict of a project at a seed."""
    found: Found = {}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        workspace(root, project, seed=seed, faults=faults)
        profile = assess.open(project, assessment="bias_audit", workspace=root).profile
        for assessment in profile.assessments:
            if assessment not in AUTHORED:
                started = time.monotonic()
                found |= concluded(root, project, assessment, seed=seed)
                spent[assessment] += round(1000 * (time.monotonic() - started))
    return found


def page(tally: Tally, on: str) -> str:
    """The page of the site."""
    rows = [
        f"| {f.project} | {f.what} | `{f.measure}`{_of(f)} | {n[Verdict.BREACHED]} | {_open(n)} | {n[Verdict.MET]} |"
        for f, n in tally.hits.items()
    ]
    quiet = [
        f"| {project} | {sum(n.values()):,} | {n[Verdict.BREACHED]} | {n[Verdict.MET]:,} | {_open(n):,} | "
        f"{_told(tally.alarms[project])} |"
        for project, n in tally.clean.items()
    ]
    more = [f"| {project} | {_told(names)} |" for project, names in tally.beside.items()]
    return PROSE.format(
        seeds=tally.seeds, rows="\n".join(rows), quiet="\n".join(quiet), more="\n".join(more), on=on
    )


def _open(verdicts: Counter[Verdict]) -> int:
    return sum(verdicts.values()) - verdicts[Verdict.BREACHED] - verdicts[Verdict.MET]


def _of(fault: Planted) -> str:
    return f" ({fault.segment})" if fault.segment else ""


def _told(names: Counter[str]) -> str:
    found = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"`{name}` {n}" for name, n in found) or "none"


PROSE = """# How well this kit finds what we planted

Written by `python benchmarks/planted.py --write`; none of it is typed in. The demo projects were generated anew at
{seeds} seeds, with the faults their `data/README.md` names and without. Every notebook that a profile declares was gone
through, and each number judged by the kit's own rule: a fault is *found* when the whole interval of its measure misses
the project's threshold, *open* when the interval straddles it, and *missed* when it is met. The models are simulated
and the faults are of kinds the kit was built for, so this shows that the parts work together, not what they find in
your system.

## Planted, and found

| Project | Planted | Measure | Found | Open | Missed |
|---|---|---|---|---|---|
{rows}

## Nothing planted

All measures with a threshold, over all seeds. Every breach here is a false alarm; `support-router` is the control, in
which nothing is ever planted. Calls do not grow here, since the budget of `insurance-claims` is too small for it by
design.

| Project | Verdicts | Breached | Met | Open | False alarms |
|---|---|---|---|---|---|
{quiet}

## What else was breached where something was planted

A fault can show in more than one measure: an account number in an answer is also text of a person. Counts of seeds.

| Project | Breached besides |
|---|---|
{more}

{on}
"""


def verdicts_at(seed: int) -> dict[str, Any]:
    """What every project gives at a seed, with faults and without: lists of measure, segment, verdict."""
    spent: Counter[str] = Counter()
    planted_in = dict.fromkeys(f.project for f in FAULTS)
    found = {
        "with": {p: round_of(p, seed=seed, faults=True, spent=spent) for p in planted_in},
        "without": {
            p: round_of(p, seed=seed, faults=False, spent=spent) for p in (*planted_in, "support-router")
        },
    }
    print({name: f"{ms / 1000:.0f} s" for name, ms in spent.most_common()}, file=sys.stderr)
    return {
        way: {p: [[m, s, v.value] for (m, s), v in rows.items()] for p, rows in projects.items()}
        for way, projects in found.items()
    }


class Tally:
    """Verdicts of all seeds, counted."""

    def __init__(self) -> None:
        self.seeds = 0
        self.hits: dict[Planted, Counter[Verdict]] = {f: Counter() for f in FAULTS}
        self.beside: dict[str, Counter[str]] = defaultdict(Counter)
        self.clean: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self.alarms: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, given: dict[str, Any]) -> None:
        """Count a seed."""
        self.seeds += 1
        for project, rows in given["with"].items():
            found = {(m, s): Verdict(v) for m, s, v in rows}
            meant = [f for f in FAULTS if f.project == project]
            for f in meant:
                self.hits[f][ruling(f, found)] += 1
            breached = [key for key, v in found.items() if v is Verdict.BREACHED]
            self.beside[project].update({m for m, s in breached if not any(shown(f, m, s) for f in meant)})
        for project, rows in given["without"].items():
            self.clean[project].update(Verdict(v) for _, _, v in rows)
            self.alarms[project].update(m for m, _, v in rows if v == Verdict.BREACHED)

    def bars(self) -> list[Bar]:
        """The figures beside their bars."""
        control = self.clean["support-router"]
        always = sum(n[Verdict.BREACHED] == self.seeds for n in self.hits.values())
        false = sum(n[Verdict.BREACHED] for n in self.clean.values()) / self.verdicts
        return [
            Bar(
                "planted faults found at every seed",
                f"{always} of {len(FAULTS)}",
                "all",
                always == len(FAULTS),
            ),
            Bar(
                "breaches in support-router",
                f"{control[Verdict.BREACHED]} of {sum(control.values())}",
                "0",
                not control[Verdict.BREACHED],
            ),
            Bar("false alarms where nothing is planted", f"{false:.2%}", "at most 5 %", false <= 0.05),
        ]

    @property
    def verdicts(self) -> int:
        """Verdicts where nothing is planted."""
        return sum(sum(n.values()) for n in self.clean.values())


def main() -> int:
    """Go through every seed, print the tables and the JSON line; with --write, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 seeds instead of 20")
    parser.add_argument("--write", action="store_true", help="write the page of the site")
    parser.add_argument("--go-on", action="store_true", help="keep what earlier runs left in build/planted/")
    parser.add_argument(
        "--only", default="", help="these seeds, separated by commas; they are kept for others"
    )
    given = parser.parse_args()
    wanted = [int(n) for n in given.only.split(",") if n] or range(1, (2 if given.quick else SEEDS) + 1)
    if not given.go_on and not given.only:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    for seed in wanted:
        path = KEPT / f"{seed}.json"
        if not path.exists():
            path.write_text(json.dumps(verdicts_at(seed)), encoding="utf-8")
            print(f"seed {seed}", file=sys.stderr, flush=True)
    tally = Tally()
    for path in KEPT.glob("*.json"):
        tally.add(json.loads(path.read_text(encoding="utf-8")))
    text = page(tally, f"{tally.seeds} seeds; {machine('numpy', 'scipy')}.")
    print(text)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    code = verdict(tally.bars())
    table = {f"{f.project}: {f.what}": {v.value: k for v, k in n.items()} for f, n in tally.hits.items()}
    print(
        json.dumps(
            {"seeds": tally.seeds, "confusion": table, "verdicts": tally.verdicts, "all_met": not code}
        )
    )
    return code


if __name__ == "__main__":
    raise SystemExit(main())

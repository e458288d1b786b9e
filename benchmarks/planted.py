"""How well the kit finds what is planted in the demo projects, and how often it finds something where nothing is.

`python benchmarks/planted.py [--quick] [--write]`. Every demo project is generated anew at 20 seeds, with its faults
and without, and every notebook its profile declares is gone through, cell by cell, without a kernel and without its
figures. A fault is found when the measure that should show it is breached at the project's own threshold. Without
faults a breach is a false alarm. What depends on what people wrote (checklists of law) is left out, and without faults
the declared growth of calls is none, as one budget is too small for it by design. `--write` writes site/planted.md
after every seed.
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


def page(
    seeds: int,
    hits: dict[Planted, Counter[Verdict]],
    beside: dict[str, Counter[str]],
    clean: dict[str, Counter[Verdict]],
    alarms: dict[str, Counter[str]],
    on: str,
) -> str:
    """The page of the site."""
    rows = [
        f"| {f.project} | {f.what} | `{f.measure}`{_of(f)} | {n[Verdict.BREACHED]} | "
        f"{seeds - n[Verdict.BREACHED] - n[Verdict.MET]} | {n[Verdict.MET]} |"
        for f, n in hits.items()
    ]
    quiet = [
        f"| {project} | {sum(n.values()):,} | {n[Verdict.BREACHED]} | {n[Verdict.MET]:,} | "
        f"{sum(n.values()) - n[Verdict.BREACHED] - n[Verdict.MET]:,} | {_told(alarms[project])} |"
        for project, n in clean.items()
    ]
    more = [f"| {project} | {_told(names)} |" for project, names in beside.items()]
    return PROSE.format(
        seeds=seeds, rows="\n".join(rows), quiet="\n".join(quiet), more="\n".join(more), on=on
    )


def _of(fault: Planted) -> str:
    return f" ({fault.segment})" if fault.segment else ""


def _told(names: Counter[str]) -> str:
    return ", ".join(f"`{name}` {n}" for name, n in names.most_common()) or "none"


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


def main() -> int:
    """Go through every seed, print the tables and the JSON line; with --write, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 seeds instead of 20")
    parser.add_argument("--write", action="store_true", help="write the page of the site")
    parser.add_argument("--seeds", type=int, help="so many seeds")
    given = parser.parse_args()
    seeds = given.seeds or (2 if given.quick else SEEDS)
    hits: dict[Planted, Counter[Verdict]] = {f: Counter() for f in FAULTS}
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    clean: dict[str, Counter[Verdict]] = defaultdict(Counter)
    alarms: dict[str, Counter[str]] = defaultdict(Counter)
    spent: Counter[str] = Counter()
    started = time.monotonic()
    planted_in = list(dict.fromkeys(f.project for f in FAULTS))
    for seed in range(1, seeds + 1):
        for project in planted_in:
            found = round_of(project, seed=seed, faults=True, spent=spent)
            meant = [f for f in FAULTS if f.project == project]
            for f in meant:
                hits[f][ruling(f, found)] += 1
            others = {
                m
                for (m, s), v in found.items()
                if v is Verdict.BREACHED and not any(shown(f, m, s) for f in meant)
            }
            beside[project].update(others)
        for project in [*planted_in, "support-router"]:
            found = round_of(project, seed=seed, faults=False, spent=spent)
            clean[project].update(found.values())
            alarms[project].update(m for (m, _), v in found.items() if v is Verdict.BREACHED)
        on = f"{seed} seeds; {machine('numpy', 'scipy')}; {time.monotonic() - started:.0f} s."
        text = page(seed, hits, beside, clean, alarms, on)
        print(f"seed {seed}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        if given.write:
            PAGE.write_text(text, encoding="utf-8")
    print(text)
    print({name: f"{ms / 1000:.0f} s" for name, ms in spent.most_common()}, file=sys.stderr)
    least = min(n[Verdict.BREACHED] for n in hits.values())
    control = clean["support-router"]
    false = sum(n[Verdict.BREACHED] for n in clean.values()) / sum(sum(n.values()) for n in clean.values())
    always = sum(n[Verdict.BREACHED] == seeds for n in hits.values())
    breaches = control[Verdict.BREACHED]
    bars = [
        Bar("planted faults found at every seed", f"{always} of {len(hits)}", f"{len(hits)}", least == seeds),
        Bar("breaches in support-router", f"{breaches} of {sum(control.values())}", "0", not breaches),
        Bar("false alarms where nothing is planted", f"{false:.2%}", "at most 5 %", false <= 0.05),
    ]
    code = verdict(bars)
    table = {f"{f.project}: {f.what}": dict(n) for f, n in hits.items()}
    print(
        json.dumps({"seeds": seeds, "confusion": table, "false_alarm": round(false, 4), "all_met": not code})
    )
    return code


if __name__ == "__main__":
    raise SystemExit(main())

"""Published tables, worked out anew by the kit through a profile and the command line.

`python benchmarks/published.py [--quick] [--write] [--data FOLDER]`. Each set of real data becomes a project of a new
workspace, `riskkit run` measures it, and what the records say is printed beside what was published. The data are not
part of the kit: without the folder the script says so and checks nothing. It takes under a minute, so `--quick` is
the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _bars import Bar, keep, machine, verdict

SHOWN = (
    "wrong_answer_rate", "answer_rate", "accuracy_change", "class_accuracy_change", "latency_ratio", "cost_ratio"
)  # fmt: skip
"""Measures that are printed with their notes, beside those that were published."""
ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
HEAD = """\
id: {id}
name: {id}
version: "1"
purpose: Repeats a published table.
kind: {kind}
stage: validation
tier: {{exposure: 1, purpose: 1, autonomy: inform, why: a benchmark}}
roles: {{owner: head of research, developer: analyst, validator: reviewer, approver: head of research}}
review: {{next_due: 2099-01-01}}
datasets:
  data: {{path: data/{file}, licence: see its source, personal_data: false, synthetic_share: 0.0}}
"""


@dataclass(frozen=True, slots=True)
class Value:
    """A published number: the measure and segment that give it, and how near ours must come."""

    name: str
    measure: str
    segment: str
    published: float
    within: float
    times: float = 1.0
    noted: str = ""
    """Where the number stands in the measurement's note: a pattern with one group; the value itself when empty."""


@dataclass(frozen=True, slots=True)
class Table:
    """A set of real data, the profile that measures it, and the values that must come out."""

    id: str
    file: str
    kind: str
    profile: str
    values: tuple[Value, ...]
    source: str


def support(count: int, published: float) -> Value:
    """The AUROC of support over so many re-samples."""
    return Value(f"AUROC of support, k = {count}", "support_auroc", f"{count} re-samples", published, 0.01)


def facts(model: str, published: float, answered: float) -> tuple[Value, Value]:
    """FActScore and share answered of one model, in percent."""
    return (
        Value(f"{model}: supported facts, %", "supported_claim_rate", model, published, 0.005, 100),
        Value(f"{model}: answered, %", "claims_answer_rate", model, answered, 0.06, 100),
    )


def percent(name: str, measure: str, segment: str, published: float) -> Value:
    """A published percentage, given to one digit."""
    return Value(name, measure, segment, published, 0.05, 100)


def drift(answers: str, before: str, after: str) -> str:
    """The profile that compares two versions of one model in the prime numbers of LLMDrift."""
    fields = "{prompt_id: id, prompt: query, response: answer, reference: ref_answer}"
    return f"""\
targets:
  march: {{kind: transcripts, dataset: data, fields: {fields}, model: openaichat/{before}}}
  june: {{kind: transcripts, dataset: data, fields: {fields}, model: openaichat/{after}}}
assessments:
  model_update_watch: {{parameters: {{versions: [march, june], answers: {answers}, cost: cost}}}}
"""


LLMDRIFT = "llmdrift_prime.csv.gz"
DRIFTED = "Chen, Zaharia, Zou 2023 (LLMDrift): 1,000 prompts 'is N prime?', March and June 2023"
RICCI = """\
targets:
  decisions:
    kind: predictions
    dataset: data
    decision: {{column: Combine, favourable: {{at_least: 70}}}}
    where: {{Position: {where}}}
    groups: {{race: {{column: Race, values: {{{values}}}}}}}
assessments:
  bias_audit: {{parameters: {{target: decisions, min_cell: 5}}}}
"""
TABLES = (
    Table(
        id="llmdrift-gpt-4",
        file=LLMDRIFT,
        kind="genai",
        profile=drift("['yes', 'no']", "gpt-4-0314", "gpt-4-0613"),
        values=(
            percent("GPT-4 accuracy in March, %", "accuracy", "before", 84.0),
            percent("GPT-4 accuracy in June, %", "accuracy", "after", 51.1),
            percent("GPT-4 mismatch of answers, %", "response_mismatch", "", 62.6),
            Value("GPT-4 characters in March", "mean_length_chars", "before", 638.3, 0.05),
            Value("GPT-4 characters in June", "mean_length_chars", "after", 3.9, 0.05),
            Value("GPT-4 USD a query in March", "mean_cost_usd", "before", 0.01383, 0.000005),
            Value("GPT-4 USD a query in June", "mean_cost_usd", "after", 0.00107, 0.000005),
        ),
        source=f"{DRIFTED}; an answer is the word yes, else no",
    ),
    Table(
        id="llmdrift-gpt-35",
        file=LLMDRIFT,
        kind="genai",
        profile=drift("['yes', 'no']", "gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613"),
        values=(
            percent("GPT-3.5 accuracy in March, %", "accuracy", "before", 49.6),
            percent("GPT-3.5 accuracy in June, %", "accuracy", "after", 76.2),
            percent("GPT-3.5 mismatch of answers, %", "response_mismatch", "", 59.7),
        ),
        source=f"{DRIFTED}; an answer is the word yes, else no",
    ),
    Table(
        id="llmdrift-classes",
        file=LLMDRIFT,
        kind="genai",
        profile=drift("['[yes]', '[no]']", "gpt-4-0314", "gpt-4-0613"),
        values=(
            Value("GPT-4 composites right in March", "accuracy", "before: [no]", 352, 0.1, 500),
            Value("GPT-4 composites right in June", "accuracy", "after: [no]", 490, 0.1, 500),
            Value("GPT-4 primes right in March", "accuracy", "before: [yes]", 488, 0.1, 500),
            Value("GPT-4 primes right in June", "accuracy", "after: [yes]", 12, 0.1, 500),
        ),
        source=f"{DRIFTED}; an answer counts only in brackets, as the prompt asks for it",
    ),
    Table(
        id="triviaqa",
        file="triviaqa_llama13b_500x20.jsonl",
        kind="genai",
        profile="""\
targets:
  answers: {kind: transcripts, dataset: data, fields: {prompt: question, response: responses}}
assessments:
  answer_correctness: {parameters: {target: answers, resamples: [2, 5, 10, 19]}}
""",
        values=(
            support(2, 0.877),
            support(5, 0.906),
            support(10, 0.914),
            support(19, 0.921),
            Value(
                "correlation within a question (ICC)",
                "wrong_answer_rate",
                "",
                0.46,
                0.01,
                noted=r"correlation within a cluster (0\.\d+)",
            ),
        ),
        source="zlin7/UQ-NLG: 500 questions, 20 answers of LLaMA-13B each",
    ),
    Table(
        id="factscore",
        file="factscore_responses.jsonl",
        kind="genai",
        profile="""\
targets:
  labels:
    kind: labelled_claims
    dataset: data
    model: model
    answered: answered
    unsupported: [not_supported, irrelevant, facts_in_irrelevant_sentences]
assessments:
  labelled_claims: {parameters: {target: labels}}
""",
        values=(
            *facts("InstructGPT", 42.58, 99.5),
            *facts("ChatGPT", 58.28, 85.8),
            *facts("PerplexityAI", 71.62, 90.7),
        ),
        source="Min et al. 2023 (FActScore), labels of 549 biographies; the paper prints 42.5, 58.3, 71.5",
    ),
    Table(
        id="german-credit",
        file="german_credit.csv",
        kind="predictive",
        profile="""\
targets:
  decisions:
    kind: predictions
    dataset: data
    decision: {column: credit, favourable: "1", unfavourable: "2"}
    groups:
      age_band: {column: age, cut: [25], values: {up to 25: young, over 25: older}}
      sex: {column: personal_status, values: {A91: male, A92: female, A93: male, A94: male, A95: female}}
assessments:
  bias_audit: {parameters: {target: decisions}}
""",
        values=(
            Value(
                "difference of good credit by age",
                "statistical_parity_difference",
                "age_band",
                -0.149448,
                5e-7,
            ),
            Value("ratio of good credit by sex", "selection_rate_ratio", "sex", 0.897, 0.0005),
        ),
        source="Statlog German credit, 1,000 people",
    ),
    Table(
        id="ricci-captain",
        file="ricci_promotions.csv",
        kind="predictive",
        profile=RICCI.format(where="Captain", values="W: white, B: black, H: hispanic"),
        values=(
            Value("captain, lowest over white pass rate", "selection_rate_ratio", "race", 0.375 / 0.64, 1e-6),
            Value(
                "captain, white passed of 25",
                "selection_rate_ratio",
                "race",
                16,
                0.1,
                noted=r"highest white \((\d+) of 25",
            ),
            Value(
                "captain, black passed of 8",
                "selection_rate_ratio",
                "race",
                3,
                0.1,
                noted=r"lowest black \((\d+) of 8",
            ),
        ),
        source="Ricci v. DeStefano: captain 16 of 25 white, 3 of 8 black, 3 of 8 hispanic passed",
    ),
    Table(
        id="ricci-lieutenant",
        file="ricci_promotions.csv",
        kind="predictive",
        profile=RICCI.format(where="Lieutenant", values="W: white, B: black, H: hispanic"),
        values=(
            Value(
                "lieutenant, lowest over white pass rate",
                "selection_rate_ratio",
                "race",
                (3 / 15) / (25 / 43),
                1e-6,
            ),
            Value(
                "lieutenant, white passed of 43",
                "selection_rate_ratio",
                "race",
                25,
                0.1,
                noted=r"highest white \((\d+) of 43",
            ),
            Value(
                "lieutenant, hispanic passed of 15",
                "selection_rate_ratio",
                "race",
                3,
                0.1,
                noted=r"lowest hispanic \((\d+) of 15",
            ),
        ),
        source="Ricci v. DeStefano: lieutenant 25 of 43 white, 6 of 19 black, 3 of 15 hispanic passed",
    ),
    Table(
        id="ricci-pooled",
        file="ricci_promotions.csv",
        kind="predictive",
        profile=RICCI.format(where="[Captain, Lieutenant]", values="W: white, B: non-white, H: non-white"),
        values=(Value("both exams, non-white over white", "selection_rate_ratio", "race", 0.498, 0.0005),),
        source="Ricci v. DeStefano: both exams, 15 of 50 non-white and 41 of 68 white passed",
    ),
)


def workspace(folder: Path, data: Path, tables: tuple[Table, ...]) -> None:
    """A workspace with one project a table."""
    for name in ("notebooks", "site"):
        shutil.copytree(ROOT / name, folder / name)
    for table in tables:
        project = folder / "projects" / table.id
        (project / "data").mkdir(parents=True)
        shutil.copy(data / table.file, project / "data")
        text = HEAD.format(id=table.id, kind=table.kind, file=table.file) + table.profile
        (project / "profile.yml").write_text(text, encoding="utf-8")


def riskkit(folder: Path, *words: str) -> None:
    """Run the command line; its complaints are ours."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "riskkit", *words], cwd=folder, env=env, check=True)


def recorded(folder: Path, table: Table) -> dict[tuple[str, str], dict[str, Any]]:
    """The measurements on record, by measure and segment."""
    found = {}
    for path in (folder / "records" / table.id).glob("*/*/conclusion.json"):
        for m in json.loads(path.read_text(encoding="utf-8"))["measurements"]:
            found[m["measure"], m["segment"]] = m
    return found


def compare(folder: Path, table: Table) -> list[Bar]:
    """Print a table; ours beside what was published."""
    measured, bars = recorded(folder, table), []
    print(f"\n{table.id}: {table.source}")
    for value in table.values:
        m = measured[value.measure, value.segment]
        ours, interval = figure(m, value)
        same = abs(ours - value.published) <= value.within + 1e-9
        bars.append(
            Bar(
                f"{table.id}: {value.name}",
                f"{ours:.6g}{interval}",
                f"{value.published:g} ± {value.within:g}",
                same,
            )
        )
        print(f"  {bars[-1]}")
    for (measure, segment), m in measured.items():
        if measure in SHOWN:
            print(f"  {measure} {segment}: {m['value']:.4f} [{m['low']:.4f}, {m['high']:.4f}]; {m['note']}")
    return bars


def figure(m: dict[str, Any], value: Value) -> tuple[float, str]:
    """Our number and its interval in words."""
    if value.noted:
        found = re.search(value.noted, m["note"])
        return (float(found[1]) if found else float("nan")), ""
    ours, low, high = (value.times * m[k] for k in ("value", "low", "high"))
    return round(ours, 6), f" [{low:.4g}, {high:.4g}]"


def main() -> int:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    tables = tuple(t for t in TABLES if (given.data / t.file).is_file())
    if not tables:
        print(f"no data in {given.data}: nothing was checked")
        print(json.dumps({"tables": {}, "all_match": None}))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder, given.data, tables)
        riskkit(folder, "run")
        bars = [bar for table in tables for bar in compare(folder, table)]
    if given.write:
        about = "Real data with published tables, measured by `riskkit run` from a profile; 95 % intervals in brackets."
        keep("Published tables", "python benchmarks/published.py", bars, on=machine("numpy"), about=about)
    code = verdict([bar for bar in bars if not bar.met])
    published = {f"{t.id}: {v.name}": v.published for t in tables for v in t.values}
    said = {bar.what: [float(bar.figure.split()[0]), published[bar.what]] for bar in bars}
    print(json.dumps({"tables": said, "all_match": not code}))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

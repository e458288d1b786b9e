"""Published tables, worked out anew by the kit through a profile and the command line.

`python benchmarks/published.py [--quick] [--data FOLDER]`. Each set of real data becomes a project of a new workspace,
`riskkit run` measures it, and what the records say is printed beside what was published. The data are not part of the
kit: without the folder the script says so and checks nothing. It takes under a minute, so `--quick` is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        values=(support(2, 0.877), support(5, 0.906), support(10, 0.914), support(19, 0.921)),
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


def compare(folder: Path, table: Table) -> dict[str, tuple[float, float, bool]]:
    """Print a table; name to ours, published, and whether they agree."""
    measured, result = recorded(folder, table), {}
    print(f"\n{table.id}: {table.source}")
    for value in table.values:
        m = measured[value.measure, value.segment]
        ours, low, high = (value.times * m[k] for k in ("value", "low", "high"))
        same = abs(ours - value.published) <= value.within + 1e-9
        result[f"{table.id}: {value.name}"] = (round(ours, 6), value.published, same)
        print(
            f"  {value.name:38} ours {ours:10.4f} [{low:.4f}, {high:.4f}] published {value.published:10.4f}"
            f"  {'agrees' if same else 'DIFFERS'}"
        )
    for (measure, segment), m in measured.items():
        if measure in SHOWN:
            print(f"  {measure} {segment}: {m['value']:.4f} [{m['low']:.4f}, {m['high']:.4f}]; {m['note']}")
    return result


def main() -> None:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    tables = tuple(t for t in TABLES if (given.data / t.file).is_file())
    if not tables:
        print(f"no data in {given.data}: nothing was checked")
        print(json.dumps({"tables": {}, "all_match": None}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder, given.data, tables)
        riskkit(folder, "run")
        found = {k: v for table in tables for k, v in compare(folder, table).items()}
    print()
    said = {name: [ours, published] for name, (ours, published, _) in found.items()}
    print(json.dumps({"tables": said, "all_match": all(same for *_, same in found.values())}))


if __name__ == "__main__":
    main()

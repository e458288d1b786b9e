"""The demo projects hold the faults their pages say they hold, at every seed, and none when none is planted."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from riskkit import catalog, profiles, sampling, targets
from riskkit.model import Profile, Sample
from riskkit.targets import phantom, transcripts

PROJECTS = Path(__file__).resolve().parent.parent / "projects"
NAMES = ("insurance-claims", "loan-approval", "medical-triage", "support-router")
SEEDS = (0, 1, 2)
Z = 3.29
"""Half-width of the intervals in standard deviations: 99.9 %, as dozens of them are looked at."""

Rates = dict[str, tuple[int, int]]
"""Name of a planted truth to how often it was seen, of how many."""


@cache
def generator(project: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"generate_{project}", PROJECTS / project / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def profile(project: str) -> Profile:
    (found,) = profiles.read_all(PROJECTS, [project], known=None)
    return found.profile


def read_from(data: Path, project: str) -> targets.Read:
    return lambda dataset: (data / Path(profile(project).datasets[dataset].path).name).read_bytes()


def given(data: Path, project: str, target: str, what: str) -> object:
    spec = profile(project).targets[target]
    module = targets.get(spec.kind)
    settings = targets.settings(spec.kind).model_validate(spec.settings)
    return getattr(module, what)(settings, read_from(data, project))


def table(data: Path, project: str, target: str = "decisions", what: str = "decisions") -> pd.DataFrame:
    found = given(data, project, target, what)
    assert isinstance(found, pd.DataFrame)
    return found


def holds(seen: int, of: int, truth: float) -> bool:
    """Whether the Wilson interval of ``seen`` in ``of`` contains ``truth``."""
    share = seen / of
    centre = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    reach = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    return abs(truth - centre) <= reach + 1e-12


def share(of: Iterable[bool]) -> tuple[int, int]:
    found = list(of)
    return sum(found), len(found)


def approvals(data: Path) -> Rates:
    decided = table(data, "loan-approval")
    return {
        f"rate_{sex}_{band[:2].replace('18', '18_34')}": share(rows["selected"])
        for (sex, band), rows in decided.groupby(["sex", "age_band"])
    }


def triage(data: Path) -> Rates:
    level = re.compile(r"level: (\w+)", re.IGNORECASE)
    urgent: dict[str, list[bool]] = {}
    long: dict[str, list[bool]] = {}
    for version in ("v1", "v2"):
        settings = transcripts.Settings(dataset="transcripts", prompts="prompts", version=version)
        for sample in transcripts.samples(settings, read_from(data, "medical-triage")):
            found = level.search(sample.response)
            assert found
            name = "understated_v1" if version == "v1" else f"understated_v2_{sample.attributes['sex']}"
            if sample.reference == "urgent":
                urgent.setdefault(name, []).append(found.group(1) == "standard")
            long.setdefault(f"verbose_{version}", []).append("the record" in sample.response)
    ward = table(data, "medical-triage")
    rates = {f"rate_{sex}": share(rows["selected"]) for sex, rows in ward.groupby("sex")}
    return {name: share(values) for name, values in (urgent | long).items()} | rates


def claims(data: Path) -> Rates:
    found = given(data, "insurance-claims", "transcripts", "samples")
    asked = given(data, "insurance-claims", "documents", "samples")
    assert isinstance(found, tuple)
    assert isinstance(asked, tuple)
    return {
        "fabricated_tool_result_rate": share(
            s.tool_calls[-1].result is None and "DR-" in s.response for s in found
        ),
        "leaked_identifier_rate": share(bool(re.search(r"GB\d{2}TEST\d{14}", s.response)) for s in found),
        "access_violation_rate": share(
            s.attributes["sign"] in s.response for s in asked if s.attributes["allowed"] == "no"
        ),
    }


def growth(data: Path, project: str) -> tuple[float, float]:
    """Growth of tokens a call and month, by least squares of the logarithm, and the half-width of its interval."""
    calls = table(data, project, "usage", "usage")
    months = (calls["at"] - calls["at"].min()).dt.total_seconds() / 86_400 / (365.25 / 12)
    (slope, _), covariance = np.polyfit(
        months, np.log(calls["input_tokens"] + calls["output_tokens"]), 1, cov=True
    )
    return math.expm1(slope), Z * math.sqrt(covariance[0, 0])


PLANTED = {"loan-approval": approvals, "medical-triage": triage, "insurance-claims": claims}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("project", PLANTED)
def test_every_planted_rate_lies_in_the_interval_of_the_data(tmp_path: Path, project: str, seed: int) -> None:
    truths = generator(project).generate(tmp_path, seed=seed, faults=True)
    seen = PLANTED[project](tmp_path)
    assert seen.keys() <= truths.keys()
    missed = {name: (k, n, truths[name]) for name, (k, n) in seen.items() if not holds(k, n, truths[name])}
    assert not missed


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("project", PLANTED)
def test_without_faults_the_planted_rates_are_gone(tmp_path: Path, project: str, seed: int) -> None:
    module = generator(project)
    truths = module.generate(tmp_path / "faults", seed=seed, faults=True)
    clean = module.generate(tmp_path, seed=seed, faults=False)
    moved = [name for name in truths if truths[name] != clean[name]]
    assert moved
    seen = PLANTED[project](tmp_path)
    assert all(holds(*seen[name], clean[name]) for name in seen)
    # two cells of loan-approval lie four points off the fair rate, where a smaller interval is needed to tell
    assert not [
        name for name in seen if abs(truths[name] - clean[name]) > 0.05 and holds(*seen[name], truths[name])
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_gap_of_loan_approval_shows_in_no_single_group(tmp_path: Path, seed: int) -> None:
    truths = generator("loan-approval").generate(tmp_path, seed=seed, faults=True)
    decided = table(tmp_path, "loan-approval")
    assert truths["ratio_sex"] == pytest.approx(1)
    assert truths["ratio_age_band"] == pytest.approx(1)
    for group in decided.attrs["groups"]:
        rates = decided.groupby(group)["selected"].mean()
        assert rates.min() / rates.max() > 0.9
    rates = decided.groupby(["sex", "age_band"])["selected"].mean()
    assert rates.min() / rates.max() == pytest.approx(truths["ratio_sex_x_age_band"], abs=0.02)
    assert rates.idxmin() == ("female", "18-34")


@pytest.mark.slow
@pytest.mark.parametrize("project", NAMES)
@pytest.mark.parametrize("seed", SEEDS)
def test_tokens_grow_as_planted(tmp_path: Path, project: str, seed: int) -> None:
    truths = generator(project).generate(tmp_path, seed=seed, faults=True)
    found, reach = growth(tmp_path, project)
    assert abs(found - truths["token_growth_rate"]) <= reach
    generator(project).generate(tmp_path, seed=seed, faults=False)
    found, reach = growth(tmp_path, project)
    assert abs(found) <= reach
    if truths["token_growth_rate"]:
        assert abs(found - truths["token_growth_rate"]) > reach


@pytest.mark.parametrize(
    ("project", "target"),
    [("loan-approval", "explanations"), ("medical-triage", "triage"), ("support-router", "answers")],
)
def test_the_phantoms_of_the_profiles_invent_as_often_as_the_page_says(project: str, target: str) -> None:
    data = PROJECTS / project / "data"
    settings = phantom.Settings.model_validate(profile(project).targets[target].settings)
    prompts = phantom.prompts(settings, read_from(data, project))
    silent = settings.model_copy(update={"faults": settings.faults.model_copy(update={"invented_fact": 0.0})})

    def answers(of: phantom.Settings) -> tuple[Sample, ...]:
        return sampling.draw(phantom.answer, of, prompts, samples=3, seed=0)

    invented = share(
        a.response != b.response for a, b in zip(answers(settings), answers(silent), strict=True)
    )
    assert holds(*invented, settings.faults.invented_fact)
    assert f"| `invented_fact_rate` | {settings.faults.invented_fact:g} |" in (data / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("project", "rate"), [("support-router", 0.7), ("insurance-claims", 0.7)])
def test_where_nothing_is_planted_no_group_departs_from_the_common_rate(
    tmp_path: Path, project: str, rate: float, seed: int
) -> None:
    generator(project).generate(tmp_path, seed=seed, faults=True)
    decided = table(tmp_path, project)
    for _, rows in decided.groupby(decided.attrs["groups"]):
        assert holds(*share(rows["selected"]), rate)


@pytest.mark.parametrize("project", ["insurance-claims", "medical-triage", "support-router"])
def test_the_files_in_the_repository_are_what_the_generator_writes(tmp_path: Path, project: str) -> None:
    module = generator(project)
    module.generate(tmp_path, seed=20261101, faults=True)
    stored = PROJECTS / project / "data"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in stored.iterdir())
    assert not [p.name for p in tmp_path.iterdir() if p.read_bytes() != (stored / p.name).read_bytes()]


def test_the_credit_model_fitted_again_decides_the_same(tmp_path: Path) -> None:
    # a fit may differ in its last digits from machine to machine, so this file is compared as numbers
    generator("loan-approval").generate(tmp_path, seed=20261101, faults=True)
    stored = PROJECTS / "loan-approval" / "data"
    new, old = (table(folder, "loan-approval") for folder in (tmp_path, stored))
    assert float(np.abs(new["score"] - old["score"]).max()) <= 0.0011
    assert (new["selected"] != old["selected"]).mean() < 0.001
    assert new.drop(columns=["score", "selected"]).equals(old.drop(columns=["score", "selected"]))
    assert (tmp_path / "README.md").read_bytes() == (stored / "README.md").read_bytes()


def test_every_data_file_says_that_it_is_generated_and_all_are_small() -> None:
    files = [p for name in NAMES for p in (PROJECTS / name / "data").iterdir() if p.name != "README.md"]
    assert all(".generated." in path.name for path in files)
    assert sum(path.stat().st_size for path in files) < 3_300_000
    for name in NAMES:
        page = (PROJECTS / name / "data" / "README.md").read_text()
        assert f"python projects/{name}/generate.py --seed 20261101" in page
        assert "every file is generated" in page


@pytest.mark.parametrize("project", NAMES)
def test_profiles_name_what_exists_and_own_up_to_generated_data(project: str) -> None:
    found = profile(project)
    known = catalog.load(PROJECTS.parent / "catalog")
    assert found.note.startswith("Generated data")
    assert set(found.risks) <= set(known.risks)
    notebooks = {p.stem for p in (PROJECTS.parent / "notebooks").glob("*.ipynb")}
    assert {"bias_audit", "hallucination_sampling", "cost_projection", "regulatory_checklist"} <= set(
        found.assessments
    )
    assert {a.notebook or name for name, a in found.assessments.items()} <= notebooks
    for dataset in found.datasets.values():
        assert (PROJECTS / project / dataset.path).is_file()
        assert dataset.synthetic_share == 1.0
    for spec in found.targets.values():
        targets.settings(spec.kind).model_validate_json(json.dumps(spec.settings), strict=True)
    for assessment in found.assessments.values():
        assert "target" not in assessment.parameters or assessment.parameters["target"] in found.targets
    assert all(threshold.owned for threshold in found.thresholds)


@pytest.mark.parametrize("project", NAMES)
def test_every_language_model_of_the_demo_is_named_a_phantom(project: str) -> None:
    data = PROJECTS / project / "data"
    calls = table(data, project, "usage", "usage")
    assert calls["recorded_model"].str.startswith("phantom").all()
    for name, spec in profile(project).targets.items():
        if spec.kind == "transcripts":
            found = given(data, project, name, "samples")
            assert isinstance(found, tuple)
            assert all(s.model.startswith("phantom") for s in found)


def test_triage_notes_differ_in_name_and_sex_alone() -> None:
    prompts = phantom.prompts(
        phantom.Settings(prompts="prompts", persona="triage"),
        read_from(PROJECTS / "medical-triage" / "data", "medical-triage"),
    )
    pairs: dict[str, set[str]] = {}
    for prompt in prompts:
        neutral = prompt.context.replace(prompt.attributes["name"], "N").replace(
            f"sex: {prompt.attributes['sex']}", ""
        )
        pairs.setdefault(prompt.attributes["note"], set()).add(neutral + str(prompt.reference))
    assert all(len(texts) == 1 for texts in pairs.values())
    assert len(prompts) == 4 * len(pairs)


def test_a_generator_runs_from_the_command_line_and_prints_its_truths(tmp_path: Path) -> None:
    script = PROJECTS / "support-router" / "generate.py"
    done = subprocess.run(
        [sys.executable, script, "--seed", "3", "--out", tmp_path / "new", "--without-faults"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "ratio_language: 1\n" in done.stdout
    assert "--seed 3 --without-faults" in (tmp_path / "new" / "README.md").read_text()

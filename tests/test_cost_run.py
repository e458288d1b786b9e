"""Cost and latency from a profile through the command line; what cannot be is told in one line."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
PROFILE = """\
id: helpdesk
name: Helpdesk
version: "1"
purpose: Answers questions.
kind: genai
stage: production
tier: {exposure: 1, purpose: 1, autonomy: inform, why: a test}
roles: {owner: head of service, developer: engineer, validator: reviewer, approver: head of service}
review: {next_due: 2099-01-01}
datasets:
  calls: {path: data/calls.csv, licence: generated, personal_data: false, synthetic_share: 1.0}
targets:
  old: {kind: usage, dataset: calls, version: "1", priced_as: gpt-4o}
  new: {kind: usage, dataset: calls, version: "2", priced_as: gpt-4o}
assessments:
  cost_projection:
    parameters:
      target: new
      calls_per_month: 1000
      monthly_growth: [0, 0, 0]
      months: 3
      assumptions:
        earlier: old
        agent_steps: {geometric: 2}
        review: {share: 0.1, minutes: 6, usd_per_hour: 50}
        contract_prices: {gpt-4o: {input: 4, output: 8, currency: EUR}}
        usd_per: {EUR: 1.25}
        alternatives: {as now: {quality: 0.9}, small: {model: gpt-4o-mini, quality: 0.8}}
        energy: {active_billion: 20, total_billion: 100, grid_kg_per_kwh: 0.4}
  latency_profile: {parameters: {target: new, earlier: old}}
"""


def riskkit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "riskkit", *words],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def measured(root: Path, assessment: str) -> tuple[dict[str, dict[str, object]], list[str]]:
    (path,) = (root / "records/helpdesk" / assessment).glob("*/conclusion.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    return {m["measure"]: m for m in found["measurements"]}, found["notes"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the new version writes half as much, half as long."""
    root = tmp_path_factory.mktemp("cost")
    for name in ("notebooks", "site"):
        shutil.copytree(ROOT / name, root / name)
    data = root / "projects/helpdesk/data"
    data.mkdir(parents=True)
    seconds = np.random.default_rng(0).lognormal(0, 0.5, 120)
    with (data / "calls.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["model", "version", "prompt_id", "input_tokens", "output_tokens", "latency", "status"]
        )
        for version, factor in (("1", 2), ("2", 1)):
            writer.writerows(
                ["m", version, f"q{i}", 1000, 100 * factor, round(s * factor, 3), "ok"]
                for i, s in enumerate(seconds)
            )
    (data.parent / "profile.yml").write_text(PROFILE, encoding="utf-8")
    done = riskkit(root, "run", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.mark.kernel
def test_the_bill_of_a_profile_is_the_one_worked_out_by_hand(root: Path) -> None:
    found, notes = measured(root, "cost_projection")
    a_call = (1000 * 5 + 100 * 10) / 1e6  # contract: 4 and 8 EUR a million, at 1.25 USD
    assert found["cost_per_call_usd"]["value"] == pytest.approx(a_call)
    assert found["monthly_cost_usd"]["value"] == pytest.approx(1000 * (2 * a_call + 0.1 * 0.1 * 50), rel=0.01)
    assert found["cost_per_call_change_usd"]["value"] == pytest.approx(-100 * 10 / 1e6)
    assert found["latency_change_seconds"]["n"] == 120
    assert any("5 input, 10 output" in n and "stated in EUR at 1.25 USD" in n for n in notes)
    assert any("gpt-4o-mini" in n and "genai-prices" in n for n in notes)
    assert found["energy_wh_per_call"]["high"] == pytest.approx(
        3 * found["energy_wh_per_call"]["value"], rel=0.1
    )


@pytest.mark.kernel
def test_latency_and_its_change_stand_in_the_record(root: Path) -> None:
    found, _ = measured(root, "latency_profile")
    assert found["latency_p50_seconds"]["n"] == 120
    assert found["latency_p99_seconds"]["value"] is None
    assert found["latency_change_seconds"]["high"] < 0
    assert found["call_error_rate"]["value"] == 0


@pytest.mark.kernel
def test_what_cannot_be_is_told_in_one_line_by_the_command(root: Path) -> None:
    profile = root / "projects/helpdesk/profile.yml"
    assert "{input: 4," in PROFILE
    profile.write_text(PROFILE.replace("{input: 4,", "{input: -4,"), encoding="utf-8")
    try:
        done = riskkit(root, "run", "helpdesk", "-a", "cost_projection")
    finally:
        profile.write_text(PROFILE, encoding="utf-8")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    line = "contract_prices.gpt-4o.input is -4; it must be 0 or more"
    assert [text for text in said.splitlines() if line in text]
    assert "Traceback" not in said

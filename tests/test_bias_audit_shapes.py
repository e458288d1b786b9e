"""The whole bias audit reads tables of the shapes people bring, by profile alone."""

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks/bias_audit.ipynb"
HEAD = """\
id: shape
name: shape
version: "1"
purpose: a shape
kind: predictive
stage: validation
tier: {exposure: 1, purpose: 1, autonomy: inform, why: a test}
roles: {owner: head of research, developer: analyst, validator: reviewer, approver: head of research}
review: {next_due: 2099-01-01}
datasets:
  data: {path: data/rows.csv, licence: generated, personal_data: false, synthetic_share: 1.0}
targets:
  decisions:
    kind: predictions
    dataset: data
"""
COMPAS = """\
    decision: {column: score_text, favourable: Low, unfavourable: [Medium, High]}
    label: {column: two_year_recid, favourable: 0, unfavourable: 1}
    score: {column: decile_score, worst: 10, best: 1}
    groups: {race: {column: race}, sex: {column: sex}}
    reference: {race: Caucasian}
"""
ADULT = """\
    decision: {column: predicted, favourable: ">50K", unfavourable: "<=50K"}
    label: {column: income, favourable: ">50K.", unfavourable: "<=50K."}
    weight: fnlwgt
    groups: {sex: {column: sex}, country: {column: native-country, missing: ["?"]}}
"""


def compas(rng: np.random.Generator, n: int = 900) -> pd.DataFrame:
    """Deciles where a low one is favourable, text levels, and some people whose race is not known."""
    decile = np.clip(rng.poisson(4, n), 1, 10)
    table = pd.DataFrame({"sex": rng.choice(["Male", "Female"], n, p=[0.8, 0.2]), "decile_score": decile})
    table["race"] = rng.choice(["African-American", "Caucasian", "Asian"], n, p=[0.6, 0.39, 0.01])
    table.loc[:8, "race"] = None
    table["score_text"] = np.where(decile < 5, "Low", np.where(decile < 8, "Medium", "High"))
    table["two_year_recid"] = (rng.random(n) < decile / 14).astype(int)
    return table


def adult(rng: np.random.Generator, n: int = 900) -> pd.DataFrame:
    """Leading spaces, question marks, labels with and without a full stop, and survey weights."""
    table = pd.DataFrame(
        {"sex": rng.choice([" Male", " Female"], n), "fnlwgt": rng.integers(12_000, 900_000, n)}
    )
    table["native-country"] = rng.choice([" United-States", " Mexico", " ?"], n, p=[0.9, 0.08, 0.02])
    table["predicted"] = np.where(rng.random(n) < 0.3, ">50K", "<=50K")
    table["income"] = np.where(rng.random(n) < 0.25, " >50K.", " <=50K.")
    return table


def run(folder: Path, table: pd.DataFrame, target: str) -> dict[str, Any]:
    """Every code cell of the notebook, one after the other; the names it leaves behind."""
    project = folder / "projects/shape"
    (project / "data").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    table.to_csv(project / "data/rows.csv", index=False)
    (project / "profile.yml").write_text(HEAD + target, encoding="utf-8")
    names: dict[str, Any] = {}
    for cell in (c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"):
        exec(cell.source, names)
        if "parameters" in cell.metadata.get("tags", []):
            names["project"] = "shape"
    return names


def test_deciles_text_levels_and_people_of_unknown_race(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run(tmp_path, compas(np.random.default_rng(0)), COMPAS)
    sizes = names["rates"].set_index(["grouping", "group"])["n"]
    assert sizes["race", "missing"] == 9
    assert names["table"]["score"].between(0, 1).all()
    difference = {m.segment: m for m in names["differences"]}["race"]
    assert "the reference group Caucasian" in difference.method
    assert "missing (9)" in difference.note
    assert {m.segment for m in names["calibrated"]} == {"race", "sex", "race x sex"}
    assert len(names["preview"])
    assert len(names["moved"])


def test_question_marks_leading_spaces_and_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = adult(np.random.default_rng(0))
    names = run(tmp_path, table, ADULT)
    sizes = names["rates"].set_index(["grouping", "group"])["n"]
    assert sizes["country", "missing"] == (table["native-country"] == " ?").sum()
    assert ("sex", "Male") in sizes.index
    weighted = names["fairness"].weighted_rates(names["table"]).set_index(["grouping", "group"])
    male = table["sex"] == " Male"
    rate = np.average(table["predicted"][male] == ">50K", weights=table["fnlwgt"][male])
    assert weighted.loc[("sex", "Male"), "rate"] == pytest.approx(rate)
    assert names["preview"].empty

"""Cases of our own against the EU AI Act, through the command that classifies a file of cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskkit import authored, catalog, law
from riskkit.cli import app

FILE = Path(__file__).parent / "data/eu_cases.yml"
DOCUMENT, _ = authored.load(FILE, shown=FILE.name)
assert DOCUMENT is not None
CASES = {case["id"]: case for case in DOCUMENT.data["eu_ai_act"]}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    done = CliRunner().invoke(app, ["law", "classify", str(FILE), "--format", "json"])
    assert done.exit_code == 0, done.output
    return {found["id"]: found for found in json.loads(done.stdout)}


@pytest.mark.parametrize("name", CASES)
def test_case_of_our_own(name: str, answers: dict[str, dict[str, Any]]) -> None:
    case, found = CASES[name], answers[name]
    assert {key: found[key] for key in case["expected"]} == case["expected"]
    assert found["path"]
    if "asked" in case:
        assert set(case["asked"]) <= set(found["unknown"])
        assert bool(case["asked"]) == bool(found["unknown"])


def test_a_product_that_is_an_annex_iii_use_as_well_has_the_duties_of_both() -> None:
    known = catalog.load()
    facts = law.facts_of(
        CASES["device-and-triage"]["facts"] | {"role": "deployer"}, flags=known.vocabulary.flags
    )
    found = law.applicability(known.requirements["EUAIA-ART27"], facts, as_of=date(2027, 12, 2))
    assert (found.applies, found.starts) == ("yes", date(2027, 12, 2))
    assert any("an Annex III use as well" in step for step in law.classify(facts).path)

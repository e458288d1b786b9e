"""The law in the register and at the gate: what starts on a day, what measurements and answers turn, and back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from riskkit.cli.workspace import Workspace
from tests.example_workspace import Place

pytestmark = pytest.mark.slow

FACTS = """\
facts:
  role: [provider]
  jurisdiction: [eu]
  sector: [media]
  use_case: [ncii_generation, image_editing]
  flags:
    is_ai_system: true
    personal_non_professional_use: false
    military_defence_exclusive: false
    research_only: false
    generates_synthetic_content: true
    assistive_editing_only: false
    on_market_before_2026_08_02: true
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, monkeypatch, capsys)


def shut(place: Place, day: str) -> dict[tuple[str, str], str]:
    """Rule and subject of each reason of the law that shuts the gate on a day, with its words."""
    _, out, _ = place.riskkit("check", "--as-of", day, "--format", "json")
    reasons = json.loads(out)["reasons"]
    about_law = ("practice-prohibited", "requirement-open")
    return {(r["rule"], r["subject"]): r["what"] for r in reasons if r["rule"] in about_law}


def with_facts(place: Place, facts: str = FACTS) -> None:
    place.open_gate()
    path = place.root / "projects/p/profile.yml"
    path.write_text(path.read_text(encoding="utf-8") + facts, encoding="utf-8")


def test_ban_and_end_of_grace_of_december_2026_change_the_check(place: Place) -> None:
    with_facts(place)
    before, after = shut(place, "2026-11-20"), shut(place, "2026-12-03")
    ban = ("practice-prohibited", "Art. 5(1)(ba)")
    assert ban not in before
    assert "banned since 2026-12-02" in after[ban]
    assert "EUAIA-ART50-2 since 2026-12-02 not assessed" not in before[("requirement-open", "eu_ai_act")]
    assert "EUAIA-ART50-2 since 2026-12-02 not assessed" in after[("requirement-open", "eu_ai_act")]


def test_day_before_and_the_day_itself(place: Place) -> None:
    with_facts(place)
    rules = [{rule for rule, _ in shut(place, day)} for day in ("2026-12-01", "2026-12-02")]
    assert ["practice-prohibited" in r for r in rules] == [False, True]


def test_accepted_risk_covers_what_is_open_and_never_a_ban(place: Place) -> None:
    with_facts(place)
    path = place.draft("--risk", "regulatory-gap", "--type", "accept")
    place.sign(path)
    assert {rule for rule, _ in shut(place, "2026-11-20")} == set()
    assert {rule for rule, _ in shut(place, "2026-12-03")} == {"practice-prohibited"}


def test_gate_is_open_where_nothing_is_known_to_apply_and_unknown_is_counted(place: Place) -> None:
    place.open_gate()
    assert shut(place, "2026-12-03") == {}
    (project,) = Workspace(place.root).register(date(2026, 12, 3)).projects
    assert project.duties is not None
    assert project.duties.eu.tier == "unknown"
    assert {row.applies for row in project.duties.rows} == {"yes", "no", "unknown"}


BANK = """\
facts:
  role: [deployer, creditor]
  jurisdiction: [us]
  sector: [banking]
  use_case: [chatbot]
  flags: {is_ai_system: true, generates_synthetic_content: true, uses_llm: true, agentic: false}
"""


def test_old_bank_guidance_is_superseded_and_the_new_one_leaves_a_generative_model_out(place: Place) -> None:
    with_facts(place, BANK)
    code, out, _ = place.riskkit(
        "law",
        "checklist",
        "p",
        "--framework",
        "us_bank_mrm",
        "--all",
        "--as-of",
        "2026-11-20",
        "--format",
        "json",
    )
    assert code == 0
    rows = {r["requirement"]: r for r in json.loads(out)}
    old = next(r for name, r in rows.items() if "SR11-7" in name or "SR-11-7" in name)
    assert old["applies"] == "no"
    assert "see US-BANKMRM-SR26-2" in old["why"]
    assert rows["US-BANKMRM-SR26-2"]["applies"] == "no"
    assert rows["US-BANKMRM-SR26-2"]["why"] == "uses_llm, use_case is chatbot"


EU_CREDIT = """\
facts:
  role: [provider, deployer, controller]
  jurisdiction: [eu]
  sector: [banking]
  use_case: [credit_scoring]
  flags:
    is_ai_system: true
    personal_non_professional_use: false
    military_defence_exclusive: false
    research_only: false
    profiles_natural_persons: true
    affects_natural_persons: true
    uses_personal_data: true
    safety_component: false
    third_party_conformity_assessment: false
"""


def served(place: Place, measure: str, frameworks: dict[str, str]) -> dict[str, str]:
    """Requirement to status, for what a measure serves by itself or through a shared topic."""
    (project,) = Workspace(place.root).register(date(2026, 11, 20)).projects
    assert project.duties is not None
    rows = [r for r in project.duties.rows if measure in r.served_by and r.applies in ("yes", "later")]
    frameworks.update({r.requirement: r.framework for r in rows})
    return {r.requirement: r.status for r in rows}


def test_one_measurement_turns_requirements_of_several_frameworks_and_its_absence_turns_them_back(
    place: Place,
) -> None:
    measure, frameworks = "accuracy_change", dict[str, str]()
    with_facts(place, EU_CREDIT)
    taken = served(place, measure, frameworks)
    assert set(taken.values()) <= {"met", "partly"}
    assert len(set(frameworks.values())) >= 3, frameworks
    place.forget()
    place.record(without=measure)
    assert served(place, measure, {}) == {}
    place.forget()
    place.record()
    assert served(place, measure, {}) == taken
    place.forget()
    place.record(0.5, 0.6)
    assert set(served(place, measure, {}).values()) == {"gap"}

"""The frameworks of the catalogue: complete, closed and consistent."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskkit import authored, catalog, law, profiles
from riskkit.law import cases
from riskkit.model import AppliesWhen, Crosswalk, Project, Regulation, Requirement
from tests.example_catalog import SHIPPED as CATALOG

HERE = Path(__file__).parent
SHARED = HERE.parent.parent / "shared" / "regulations"
LAWS = CATALOG.regulations
VOCABULARY = CATALOG.vocabulary
ALL: dict[str, Requirement] = {r.id: r for one in LAWS.values() for r in one.requirements}


def _crosswalk() -> Crosswalk:
    found, problems = authored.read(
        Path(catalog.__file__).parent / "crosswalk.yml", Crosswalk, shown="crosswalk.yml"
    )
    assert found is not None, problems
    return found


def test_ids_are_unique_across_frameworks() -> None:
    assert len(ALL) == sum(len(one.requirements) for one in LAWS.values())
    assert len(LAWS) == 28
    assert len(ALL) >= 522


@pytest.mark.parametrize("regulation", LAWS.values(), ids=lambda r: r.id)
def test_framework_names_its_sources_and_state(regulation: Regulation) -> None:
    assert regulation.sources
    assert regulation.locators
    assert regulation.status_date == date(2026, 11, 20)


@pytest.mark.parametrize("regulation", LAWS.values(), ids=lambda r: r.id)
def test_framework_uses_only_the_closed_vocabulary_and_known_ids(regulation: Regulation) -> None:
    topics = _crosswalk().topics
    index = {entry.id for one in LAWS.values() for entry in one.index}
    for requirement in regulation.requirements:
        for when in (requirement.applies_when, *requirement.or_when):
            _check_words(when)
        assert requirement.status in VOCABULARY.status
        assert {e.type for e in requirement.evidence_expected} <= set(VOCABULARY.evidence)
        assert set(requirement.topics) <= set(topics)
        assert set(requirement.related) <= set(ALL), requirement.id
        assert set(requirement.relations) <= set(requirement.related)
        assert requirement.superseded_by is None or requirement.superseded_by in ALL
        assert requirement.grace is None or requirement.grace.flag in VOCABULARY.flags
        assert {tag for tag in requirement.tags if "." not in tag} <= set(ALL) | index
        assert all(e.measures == () or e.type == "metric" for e in requirement.evidence_expected)
    for milestone in regulation.milestones:
        assert set(milestone.requirements) <= {r.id for r in regulation.requirements}


def _check_words(when: AppliesWhen) -> None:
    for key in ("role", "sector", "use_case", "eu_tier"):
        assert set(getattr(when, key)) <= set(getattr(VOCABULARY, key))
    assert set(when.jurisdiction) <= set(VOCABULARY.jurisdiction)
    assert {*when.flags_all, *when.flags_any, *when.flags_none} <= set(VOCABULARY.flags)


def test_every_flag_has_its_question() -> None:
    assert set(VOCABULARY.flags) < set(VOCABULARY.asks)
    assert set(VOCABULARY.asks) - set(VOCABULARY.flags) == {"role", "jurisdiction", "sector", "use_case"}


def test_what_is_superseded_has_ended_and_says_when() -> None:
    for requirement in ALL.values():
        if requirement.superseded_by:
            assert requirement.ended_on is not None
            assert requirement.status in {"repealed", "replaced"}
    assert ALL["OWASP-LLM-2025-01"].superseded_by == "OWASP-LLM-2026-01"


def test_every_topic_joins_at_least_two_frameworks() -> None:
    for topic in _crosswalk().topics:
        assert len({one.id for one in LAWS.values() for r in one.requirements if topic in r.topics}) > 1, (
            topic
        )


def test_no_framework_claims_more_than_its_own_words() -> None:
    text = "\n".join(
        path.read_text() for path in (Path(catalog.__file__).parent / "regulations").glob("*.yml")
    )
    assert text.count("# Own words, not legal advice.") == len(LAWS)


@pytest.mark.parametrize(
    "project", profiles.read_all(HERE.parent / "projects", known=None), ids=lambda p: p.id
)
def test_demo_checklist_is_readable_and_only_the_control_is_complete(project: Project) -> None:
    frameworks = project.profile.assessments["regulatory_checklist"].parameters["frameworks"]
    rows = law.checklist(
        LAWS.values(), project.profile.facts, project.answers, as_of=date(2026, 11, 20), frameworks=frameworks
    )
    assert 10 <= len(law.concerning(rows)) <= 40
    gaps, open_ = law.requirements_with_gap(rows).value, law.requirements_not_assessed(rows).value
    if project.id == "support-router":
        assert (gaps, open_) == (0, 0)
    else:
        assert gaps
        assert open_
    assert law.unknown_answers(project.answers, LAWS.values()) == ()


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    if not (SHARED / "cases.yaml").is_file():
        pytest.skip("the research notes these cases come from are not beside this checkout")
    document, problems = authored.load(SHARED / "cases.yaml", shown="cases.yaml")
    assert document is not None, problems
    return dict(document.data)


def test_cases_of_the_research_notes(shared: dict[str, Any]) -> None:
    for case in shared["eu_ai_act"]:
        found = law.classified(case["id"], law.classify_case(case["facts"], flags=VOCABULARY.flags))
        for key in ("tier", "overlays", "filter", "gpai", "applies_from"):
            assert found[key] == case["expected"][key], (case["id"], key)
    for case in shared["nyc_ll144"]:
        rows = cases.tabulated(case)["rows"]
        assert [
            {k: row[k] for k in expected} for row, expected in zip(rows, case["expected"], strict=True)
        ] == case["expected"], case["id"]

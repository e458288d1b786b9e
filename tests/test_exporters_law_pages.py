"""The pages on law: one a framework, one checklist a system, crosswalk, calendar; each says what it rests on."""

from __future__ import annotations

import html
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from pydantic import BaseModel

from riskkit.cli.workspace import Workspace
from riskkit.exporters import Sources, _templates, pages
from riskkit.model import Register
from tests.example_workspace import Place
from tests.test_inert_everywhere import page_is_inert
from tests.test_site_build import ATTACK

pytestmark = pytest.mark.slow
DAY = date(2026, 11, 20)
SIGNED = "by: head of post, on: 2026-10-01"
ANSWERS = f"""\
answers:
  EUAIA-ART4: {{status: gap, note: "<b>not</b> [trained](javascript:x)", {SIGNED}, expires_on: 2027-03-01}}
questionnaires:
  impact:
    process: {{answer: "<script>alert(1)</script> sorts letters", {SIGNED}, expires_on: 2027-04-01}}
    likeness: {{answer: false, {SIGNED}}}
"""
FACTS = """\
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
    uses_personal_data: true
    affects_natural_persons: true
    safety_component: false
    third_party_conformity_assessment: false
    generates_synthetic_content: false
"""


def governed(root: Path) -> Register:
    """A register of one system with facts, an answer and two replies, from a workspace made in ``root``."""
    with pytest.MonkeyPatch.context() as patch:
        place = Place(root, patch, None)  # type: ignore[arg-type]
        place.record()
        profile = root / "projects/p/profile.yml"
        profile.write_text(profile.read_text(encoding="utf-8") + FACTS, encoding="utf-8")
        place.write("answers.yml", ANSWERS)
        return Workspace(root).register(DAY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> tuple[Register, Path, Path]:
    """The register, its pages, and the folder of its workspace."""
    root = tmp_path_factory.mktemp("law")
    register = governed(root)
    sources = Sources(
        templates=checkout / "templates/pages", site=checkout / "site", records=root / "records",
        cache=root / "cache",
    )  # fmt: skip
    pages.export(register, root / "docs", sources=sources)
    return register, root / "docs", root


def text(page: Path) -> str:
    """What a page says, without its tags."""
    body = page.read_text(encoding="utf-8").split("---\n", 2)[-1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def between(page: Path, start: str, end: str) -> str:
    body = page.read_text(encoding="utf-8")
    part = body[body.index(start) :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part[: part.index(end)])).split())


def test_there_is_one_page_a_framework_and_one_checklist_a_system(
    made: tuple[Register, Path, Path],
) -> None:
    register, docs, _ = made
    found = {path.stem for path in (docs / "frameworks").glob("*.md")}
    assert found == {law.id for law in register.regulations} | {"index", "crosswalk"}
    assert (docs / "projects/p/requirements.md").is_file()


def test_every_framework_page_says_own_words_no_advice_state_sources_and_confidence(
    made: tuple[Register, Path, Path],
) -> None:
    register, docs, _ = made
    for law in register.regulations:
        said = text(docs / f"frameworks/{law.id}.md")
        assert "In our own words; not legal advice. State of 20 Nov 2026." in said, law.id
        assert all(" ".join(source.split()) in said for source in law.sources), law.id
        assert said.count("confidence") >= len(law.requirements), law.id


@pytest.mark.parametrize(
    "page", ["frameworks/index.md", "frameworks/crosswalk.md", "calendar.md", "projects/p/requirements.md"]
)
def test_other_pages_send_to_where_it_is_said(page: str, made: tuple[Register, Path, Path]) -> None:
    assert "in our own words and are not legal advice" in text(made[1] / page)


def test_every_requirement_has_one_anchor_and_every_link_to_one_arrives(
    made: tuple[Register, Path, Path],
) -> None:
    register, docs, _ = made
    anchors = {
        page: re.findall(r'\bid="([^"]+)"', (docs / f"frameworks/{page}.md").read_text(encoding="utf-8"))
        for page in (law.id for law in register.regulations)
    }
    for law in register.regulations:
        assert all(anchors[law.id].count(r.id) == 1 for r in law.requirements), law.id
    links = [
        found
        for path in docs.rglob("*.md")
        for found in re.findall(r'frameworks/(\w+)\.html#([^"]+)"', path.read_text(encoding="utf-8"))
    ]
    assert len(links) > 500
    assert [link for link in links if html.unescape(link[1]) not in anchors[link[0]]] == []


def test_tier_is_told_with_its_path_and_the_questions_that_would_decide(
    made: tuple[Register, Path, Path],
) -> None:
    said = between(made[1] / "projects/p/requirements.md", 'id="tier"', 'id="dates"')
    assert "High risk (Annex III)" in said
    assert "Annex III 5(b)" in said
    assert "from 2 Dec 2027" in said
    assert "Art. 5(1): a prohibited practice: no (use_case is credit_scoring)" in said
    assert "Chat, voice, avatar, agent that contacts people?" in said


def test_what_a_row_rests_on_is_told_and_an_attestation_is_called_one(
    made: tuple[Register, Path, Path],
) -> None:
    page = made[1] / "projects/p/requirements.md"
    answered = between(page, 'id="req-EUAIA-ART4"', "</tr>")
    assert "Gap" in answered
    assert (
        "A person's answer <b>not</b> [trained](javascript:x) head of post, 1 Oct 2026, until 1 Mar 2027"
        in answered
    )
    attested = between(page, 'id="req-EUAIA-ART27"', "</tr>")
    assert "Applies from 2 Dec 2027 Partly" in attested
    assert "Answers to questions, an attestation" in attested
    assert "questions not answered" in attested


def test_what_a_person_wrote_stays_text(made: tuple[Register, Path, Path]) -> None:
    for path in made[1].rglob("*.md"):
        body = path.read_text(encoding="utf-8")
        assert "<script" not in body
        assert "](javascript" not in body


def test_ruled_out_requirements_say_which_fact_rules_them_out(made: tuple[Register, Path, Path]) -> None:
    said = between(made[1] / "projects/p/requirements.md", 'id="not-concerned"', "</section>")
    assert "US-NYC-LL144-AUDIT" in said
    assert "jurisdiction is eu" in said


def test_superseded_guidance_points_to_what_took_its_place(made: tuple[Register, Path, Path]) -> None:
    said = between(made[1] / "frameworks/us_bank_mrm.md", 'id="US-BANKMRM-SR11-7"', "</section>")
    assert "superseded by US-BANKMRM-SR26-2" in said


def test_risk_leads_to_clause_and_clause_to_risk(made: tuple[Register, Path, Path]) -> None:
    register, docs, _ = made
    risk = next(e.risk for e in register.entries if "EUAIA-ART72" in e.risk.crosswalk or e.risk.crosswalk)
    clause = next(
        name
        for name in risk.crosswalk
        if any(r.id == name for law in register.regulations for r in law.requirements)
    )
    framework = next(law.id for law in register.regulations if any(r.id == clause for r in law.requirements))
    assert f'frameworks/{framework}.html#{clause}"' in (docs / f"risks/{risk.id}.md").read_text(
        encoding="utf-8"
    )
    assert f'risks/{risk.id}.html"' in (docs / f"frameworks/{framework}.md").read_text(encoding="utf-8")


def test_calendar_holds_the_days_to_come_and_when_answers_expire(made: tuple[Register, Path, Path]) -> None:
    page = made[1] / "calendar.md"
    coming = between(page, 'id="coming"', 'id="elsewhere"')
    other = between(page, 'id="elsewhere"', 'id="past"')
    assert "2 Dec 2027 in 377 days" in coming
    assert "1 Mar 2027 in 101 days" in coming
    assert "The answer by head of post to impact.process expires" in coming
    for day in ("1 Jan 2027", "1 May 2027"):
        assert day in other, day


def test_what_nobody_assessed_and_what_has_no_words_has_its_ledger(made: tuple[Register, Path, Path]) -> None:
    said = text(made[1] / "not-covered.md")
    assert "Requirements nobody assessed" in said
    assert "questionnaire impact" in said
    assert "NIST AI RMF Generative AI Profile : 14" in said or "ids that nobody can assess here" in said


def test_no_page_computes_a_share_of_compliance(made: tuple[Register, Path, Path]) -> None:
    for path in [*(made[1] / "frameworks").glob("*.md"), made[1] / "projects/p/requirements.md"]:
        assert not re.search(r"\d\s?%\s+(?:compliant|compliance|of requirements|met|covered)", text(path)), (
            path
        )


def test_the_checklist_is_at_most_three_clicks_from_the_portfolio(made: tuple[Register, Path, Path]) -> None:
    docs = made[1]
    assert 'href="projects/p/index.html"' in (docs / "index.md").read_text(encoding="utf-8")
    assert 'href="requirements.html"' in (docs / "projects/p/index.md").read_text(encoding="utf-8")
    assert "frameworks/eu_ai_act.html#EUAIA-ART27" in (docs / "projects/p/requirements.md").read_text(
        encoding="utf-8"
    )


def test_a_wide_portfolio_counts_instead_of_a_column_each(
    made: tuple[Register, Path, Path], tmp_path: Path, checkout: Path
) -> None:
    register, _, root = made
    (one,) = register.projects
    many = tuple(
        one.model_copy(
            update={
                "profile": one.profile.model_copy(update={"id": f"p{n}", "name": f"System {n}"}),
                "entries": tuple(e.model_copy(update={"project": f"p{n}"}) for e in one.entries),
            }
        )
        for n in range(13)
    )
    sources = Sources(
        templates=checkout / "templates/pages", site=checkout / "site", records=root / "records",
        cache=root / "cache",
    )  # fmt: skip
    pages.export(register.model_copy(update={"projects": many}), tmp_path / "docs", sources=sources)
    wide = (tmp_path / "docs/frameworks/eu_ai_act.md").read_text(encoding="utf-8")
    assert len(wide) < 2 * len((made[1] / "frameworks/eu_ai_act.md").read_text(encoding="utf-8"))
    assert "Gap 13" in text(tmp_path / "docs/frameworks/eu_ai_act.md")


def test_one_measurement_turns_rows_on_pages_of_several_frameworks_and_back(
    made: tuple[Register, Path, Path], tmp_path: Path, checkout: Path
) -> None:
    register, docs, root = made
    (project,) = register.projects
    assert project.duties is not None
    served = {r.requirement: r.framework for r in project.duties.rows if "accuracy_change" in r.served_by}
    assert len(set(served.values())) >= 3
    bare = tmp_path / "bare"
    shutil.copytree(root / "projects", bare / "projects")
    shutil.copytree(root / "catalog", bare / "catalog")
    shutil.copytree(root / "notebooks", bare / "notebooks")
    sources = Sources(
        templates=checkout / "templates/pages", site=checkout / "site", records=bare / "records",
        cache=bare / "cache",
    )  # fmt: skip
    pages.export(Workspace(bare).register(DAY), bare / "docs", sources=sources)
    for requirement, framework in served.items():
        row = f'id="req-{requirement}"'
        assert "accuracy_change" in between(docs / "projects/p/requirements.md", row, "</tr>"), framework
        assert "accuracy_change" not in between(bare / "docs/projects/p/requirements.md", row, "</tr>")
        clause = f'id="{requirement}"'
        with_it = between(docs / f"frameworks/{framework}.md", clause, "</section>")
        without = between(bare / f"docs/frameworks/{framework}.md", clause, "</section>")
        assert with_it.count("accuracy_change") > without.count("accuracy_change"), requirement


def poisoned(value: Any, fields: set[str], place: str = "") -> Any:
    """``value`` with an attack behind every text of more than one word; the names of their fields are noted."""
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        update = {n: poisoned(getattr(value, n), fields, f"{type(value).__name__}.{n}") for n in names}
        return value.model_copy(update=update)
    if isinstance(value, dict):
        return {name: poisoned(part, fields, place) for name, part in value.items()}
    if isinstance(value, tuple):
        return tuple(poisoned(part, fields, place) for part in value)
    if isinstance(value, str) and " " in value:
        fields.add(place)
        return f"{value} {ATTACK}"
    return value


def hostile_pages(register: Register, root: Path, checkout: Path, name: str) -> tuple[Path, set[str]]:
    fields: set[str] = set()
    parts = ("regulations", "deadlines", "asks", "topics")
    update = {part: poisoned(getattr(register, part), fields, part) for part in parts}
    update["projects"] = tuple(
        p.model_copy(update={n: poisoned(getattr(p, n), fields, n) for n in ("duties", "scope")})
        for p in register.projects
    )
    sources = Sources(
        templates=checkout / "templates/pages", site=checkout / "site", records=root / "records",
        cache=root / f"cache-{name}",
    )  # fmt: skip
    pages.export(register.model_copy(update=update), root / name, sources=sources)
    return root / name, fields


KINDS = ("frameworks/*.md", "projects/*/requirements.md", "calendar.md", "roles.md", "index.md")


def test_text_of_a_framework_or_an_answer_is_inert_on_every_page(
    made: tuple[Register, Path, Path], checkout: Path
) -> None:
    register, _, root = made
    docs, fields = hostile_pages(register, root, checkout, "hostile")
    assert fields >= {
        "Regulation.title", "Regulation.sources", "Requirement.title", "Requirement.requirement", "Requirement.note",
        "ExpectedEvidence.what", "Penalty.breach", "Milestone.what", "Deadline.what", "ChecklistRow.title",
        "ChecklistRow.why", "ChecklistRow.missing", "ChecklistRow.by", "QuestionRow.ask", "QuestionRow.answer",
        "EuClass.path", "Scope.title", "asks", "topics",
    }  # fmt: skip
    for kind in KINDS:
        found = list(docs.glob(kind))
        assert found
        for page in found:
            said = page.read_text(encoding="utf-8")
            assert "window.pwned" in said or kind in ("roles.md", "index.md"), page
            page_is_inert(said)
    for paper in docs.glob("projects/*/paper.html"):
        assert not re.search(r"<script|<img[^>]*onerror|<iframe", paper.read_text(encoding="utf-8"))


def test_a_writer_without_its_guard_is_caught_on_the_pages_of_law(
    made: tuple[Register, Path, Path], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, _, root = made
    monkeypatch.setattr(_templates, "inert", lambda value: Markup(str(value)))
    docs, _ = hostile_pages(register, root, checkout, "naive")
    for kind in KINDS[:3]:
        for page in docs.glob(kind):
            with pytest.raises((AssertionError, ValueError)):
                page_is_inert(page.read_text(encoding="utf-8"))

"""The questionnaires of the catalogue: what cannot be computed, mapped to what it serves."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from riskkit import authored, catalog
from riskkit.model.questionnaire import Question, Questionnaire
from tests.example_catalog import SHIPPED as CATALOG

FOLDER = Path(catalog.__file__).parent / "questionnaires"
REQUIREMENTS = {r.id for law in CATALOG.regulations.values() for r in law.requirements}


def _read(path: Path) -> Questionnaire:
    found, problems = authored.read(path, Questionnaire, shown=path.name)
    assert found is not None, problems
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_questionnaire_names_only_requirements_and_risks_that_exist(path: Path) -> None:
    found = _read(path)
    assert found.id == path.stem
    for question in found.questions:
        assert set(question.serves) <= REQUIREMENTS, question.id
        assert set(question.risks) <= set(CATALOG.risks), question.id
        assert question.serves, question.id
        assert question.ask.endswith("?")


def test_every_part_of_the_two_impact_assessments_is_asked_for() -> None:
    questions = _read(FOLDER / "impact.yml").questions
    rights = {q.serves["EUAIA-ART27"] for q in questions if "EUAIA-ART27" in q.serves}
    privacy = {q.serves["GDPR-ART35"] for q in questions if "GDPR-ART35" in q.serves}
    assert rights == {f"(1)({letter})" for letter in "abcdef"}
    assert {f"(7)({letter})" for letter in "abcd"} <= privacy
    served = {name for q in questions for name in q.serves}
    assert {"ISO42001-A.5.3", "ISO42001-A.5.4", "ISO42001-A.5.5"} <= served


def test_risks_that_no_notebook_can_measure_are_asked_about() -> None:
    asked = {risk for path in FOLDER.glob("*.yml") for q in _read(path).questions for risk in q.risks}
    unmeasured = {risk.id for risk in CATALOG.risks.values() if risk.not_measurable_reason}
    assert unmeasured - asked == set()


def test_question_before_its_condition_and_choice_without_choices_are_refused() -> None:
    question = {"id": "b", "ask": "Why?", "why": "Because.", "asked_when": "a"}
    section = {"id": "s", "title": "S", "about": "A.", "questions": [question]}
    whole = {"id": "x", "title": "X", "about": "A.", "status_date": "2026-11-20", "sections": [section]}
    with pytest.raises(ValidationError, match="'a' is not a question before it"):
        Questionnaire.model_validate(whole)
    with pytest.raises(ValidationError, match="a choice has choices"):
        Question.model_validate({"id": "b", "ask": "Why?", "why": "Because.", "kind": "choice"})
    twice = section | {"questions": [{"id": "b", "ask": "Why?", "why": "Because."}] * 2}
    with pytest.raises(ValidationError, match="two questions are called b"):
        Questionnaire.model_validate(whole | {"sections": [twice]})

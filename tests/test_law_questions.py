"""Answers to questionnaires: read strictly, counted as unanswered until they are, and serving what they name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from riskkit import catalog, law, profiles
from riskkit.errors import InputError
from riskkit.model import (
    Answer,
    Answers,
    ExpectedEvidence,
    Facts,
    Question,
    Questionnaire,
    QuestionRow,
    Regulation,
    Reply,
    Requirement,
)
from riskkit.model.questionnaire import Section
from riskkit.profiles import Known
from tests.example_workspace import PROFILE

DAY = date(2026, 11, 20)
CATALOG = catalog.load()
ASKED = Questionnaire(
    id="impact",
    title="Impact",
    about="for tests",
    status_date=DAY,
    sections=(
        Section(
            id="people",
            title="People",
            about="who",
            questions=(
                Question(id="groups", ask="Which groups?", why="w", serves={"A-1": "(a)", "B-1": ""}),
                Question(id="likeness", ask="Likeness?", why="w", kind="yes_no", serves={"A-1": "(b)"}),
                Question(
                    id="consent", ask="Consent?", why="w", kind="people", asked_when="likeness",
                    serves={"A-1": "(b)"}, risks=("human-work-and-likeness",),
                ),
            ),
        ),
    ),
)  # fmt: skip


def reply(answer: object = "patients", **more: object) -> Reply:
    return Reply.model_validate({"answer": answer, "by": "head of post", "on": date(2026, 10, 1)} | more)


def answers(**replies: Reply) -> Answers:
    return Answers(questionnaires={"impact": replies})


def row(name: str, given: Answers, *, as_of: date = DAY) -> QuestionRow:
    return next(r for r in law.questions([ASKED], given, as_of=as_of) if r.question == name)


def test_nothing_answered_is_open_and_a_follow_up_waits() -> None:
    found = law.questions([ASKED], Answers(), as_of=DAY)
    assert [r.status for r in found] == ["open", "open", "waiting"]
    (count,) = law.questions_unanswered(found)
    assert (count.measure, count.value, count.n) == ("impact_questions_unanswered", 3.0, 3)


def test_follow_up_is_asked_after_yes_and_not_after_no() -> None:
    assert row("consent", answers(likeness=reply(True))).status == "open"
    assert row("consent", answers(likeness=reply(False))).status == "not_asked"
    found = law.questions([ASKED], answers(groups=reply(), likeness=reply(False)), as_of=DAY)
    (count,) = law.questions_unanswered(found)
    assert (count.value, count.n) == (0.0, 2)


def test_answer_counts_from_its_day_to_its_last_day() -> None:
    given = answers(groups=reply(on=date(2026, 10, 1), expires_on=DAY))
    assert row("groups", given, as_of=date(2026, 9, 30)).status == "open"
    assert row("groups", given, as_of=DAY).status == "answered"
    assert row("groups", given, as_of=date(2026, 11, 21)).status == "expired"


def test_follow_up_waits_again_once_the_first_answer_expired() -> None:
    given = answers(likeness=reply(True, expires_on=date(2026, 11, 19)), consent=reply(["models"]))
    assert row("consent", given).status == "waiting"


def framework(name: str, number: str, *evidence: ExpectedEvidence) -> Regulation:
    asks = Requirement(
        id=number, title="T", citation="C", requirement="R", status="in_force", evidence_expected=evidence
    )
    return Regulation(id=name, title=name, citation="C", status_date=DAY, requirements=(asks,))


def rows(given: Answers, **measured: str) -> dict[str, law.ChecklistRow]:
    fact = ExpectedEvidence(type="metric", what="rate", measure="error_rate")
    laws = [framework("one", "A-1", fact), framework("two", "B-1")]
    found = law.checklist(laws, Facts(), given, as_of=DAY, measured=measured, questionnaires=[ASKED])
    return {r.requirement: r for r in found}


def test_one_answer_serves_two_frameworks_as_an_attestation_and_no_more_than_partly() -> None:
    assert {r.status for r in rows(Answers()).values()} == {"not_assessed"}
    found = rows(answers(groups=reply()))
    assert {(r.status, r.basis) for r in found.values()} == {("partly", "attestation")}
    assert found["A-1"].attested == ("impact.groups",)
    assert found["A-1"].unattested == ("impact.likeness", "impact.consent")
    assert "attested by head of post: impact.groups; not answered: impact.likeness" in found["A-1"].why


def test_all_questions_answered_is_still_partly_for_nobody_said_that_it_is_enough() -> None:
    given = answers(groups=reply(), likeness=reply(False))
    assert rows(given)["B-1"].status == "partly"
    assert "nobody has yet said" in rows(given)["B-1"].why
    assert "not answered" not in rows(given)["A-1"].why


def test_persons_verdict_on_the_requirement_and_a_breach_come_before_an_attestation() -> None:
    given = answers(groups=reply()).model_copy(
        update={"answers": {"B-1": Answer(status="gap", note="n", by="b", on=date(2026, 10, 1))}}
    )
    assert rows(given)["B-1"].status == "gap"
    assert rows(given, error_rate="breached")["A-1"].status == "gap"
    assert rows(given, error_rate="breached")["A-1"].attested == ("impact.groups",)


def test_expired_or_later_answer_attests_nothing() -> None:
    assert rows(answers(groups=reply(expires_on=date(2026, 11, 1))))["B-1"].status == "not_assessed"
    assert rows(answers(groups=reply(on=date(2026, 11, 21))))["B-1"].status == "not_assessed"


def test_answer_to_a_requirement_does_not_count_before_its_day() -> None:
    given = Answers(answers={"B-1": Answer(status="met", note="n", by="b", on=date(2026, 11, 21))})
    assert rows(given)["B-1"].status == "not_assessed"
    assert "answered only on 2026-11-21" in rows(given)["B-1"].why


def test_tables_of_the_notebook_name_what_is_open_and_who_answered() -> None:
    found = law.questions([ASKED], answers(groups=reply()), as_of=DAY)
    section = law.sections(found).iloc[0]
    assert (section["answered"], section["not answered"], section["answered by"]) == (1, 2, "head of post")
    assert section["which are not"] == "likeness (open), consent (waiting)"
    parts = law.attested(found, ["B-1", "A-1"])
    assert parts.to_numpy().tolist() == [
        ["B-1", "all of it", "impact.groups", ""],
        ["A-1", "(a)", "impact.groups", ""],
        ["A-1", "(b)", "", "impact.likeness, impact.consent"],
    ]
    assert law.informed(found)["risk"].tolist() == ["human-work-and-likeness"]


def read(folder: Path, text: str) -> profiles.Read[Answers] | None:
    (folder / "p").mkdir()
    (folder / "p/profile.yml").write_text(PROFILE.replace("matrix: own\n", ""), encoding="utf-8")
    (folder / "p/answers.yml").write_text(text, encoding="utf-8")
    known = Known(
        vocabulary=CATALOG.vocabulary, risks=CATALOG.risks, measures=CATALOG.measures,
        matrices=CATALOG.matrices, notebooks=["audit"], requirements=CATALOG.requirements,
        targets={}, questionnaires=CATALOG.questionnaires,
    )  # fmt: skip
    return profiles.read_all(folder, known=known)[0].answers


SIGNED = "by: head of post, on: 2026-10-01"


def test_answers_of_every_kind_are_read(tmp_path: Path) -> None:
    text = f"""\
answers: {{}}
questionnaires:
  impact:
    process: {{answer: sorts letters, {SIGNED}}}
    number_affected: {{answer: 40000, {SIGNED}}}
    likeness: {{answer: true, {SIGNED}}}
    likeness_consent: {{answer: [models, agencies], {SIGNED}, expires_on: 2027-10-01}}
  lineage:
    output_clause: {{answer: not stated, {SIGNED}}}
"""
    found = read(tmp_path, text).questionnaires
    assert found["impact"]["number_affected"].words == "40,000"
    assert found["impact"]["likeness_consent"].words == "models; agencies"
    assert found["lineage"]["output_clause"].answer == "not stated"


def test_every_fault_of_the_answers_is_named_with_its_line(tmp_path: Path) -> None:
    text = f"""\
questionnaires:
  impct:
    process: {{answer: x, {SIGNED}}}
  impact:
    proces: {{answer: x, {SIGNED}}}
    number_affected: {{answer: many, {SIGNED}}}
    vulnerable: {{answer: yes, {SIGNED}}}
    likeness_consent: {{answer: models, {SIGNED}}}
  lineage:
    output_clause: {{answer: ours, {SIGNED}}}
"""
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    told = {(p.line, p.what): p.right for p in caught.value.problems}
    assert told[2, "there is no questionnaire 'impct'"] == "did you mean 'impact'?"
    assert told[5, "impact has no question 'proces'"] == "did you mean 'process'?"
    assert told[6, "'many' does not answer a question of kind number"] == "a number that is not negative"
    assert told[7, "'yes' does not answer a question of kind yes_no"] == "true or false"
    assert (8, "is asked only when likeness is answered true") in told
    assert told[10, "'ours' does not answer a question of kind choice"].startswith("one of: output is ours")
    assert len(told) == 6


@pytest.mark.parametrize("answer", ["{a: b}", "''", "[]", "[1]", "null"])
def test_what_is_no_answer_is_refused_once(answer: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(
            tmp_path,
            f"questionnaires:\n  impact:\n    process:\n      answer: {answer}\n      by: b\n      on: 2026-10-01\n",
        )
    (problem,) = caught.value.problems
    assert problem.line == 4
    assert "is no answer" in problem.what

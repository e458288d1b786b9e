"""Answers merged into answers.yml: the same from whatever side, with comments, order and other answers left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit import catalog
from riskkit.errors import InputError
from riskkit.model import Answer, Answers, Reply
from riskkit.profiles import answering

FILE = """\
# Ours, kept by hand.
answers:
  GDPR-ART35:          # the big one
    status: gap
    note: >-
      Not started,
      and due.
    by: "officer"      # a role
    on: 2026-09-01

  # about literacy
  EUAIA-ART4: {status: met, note: "all: trained", by: officer, on: 2026-09-02}  # short form
  US-ECOA-RECORDS:
    status: met
    note: Kept.
    by: officer
    on: 2026-09-03
    document: rule 7

# What people said when asked.
questionnaires:
  impact:
    vulnerable: {answer: true, by: officer, on: 2026-09-01}
"""


def answer(status: str = "met", **more: object) -> Answer:
    fields = {"status": status, "note": "Done: see #4.", "by": "officer", "on": "2026-10-01"} | more
    return Answer.model_validate(fields)


def reply(said: object, **more: object) -> Reply:
    return Reply.model_validate({"answer": said, "by": "officer", "on": "2026-10-01"} | more)


def merged(text: str, **answers: Answer) -> str:
    return answering.merge(text, Answers(answers={k.replace("_", "-"): v for k, v in answers.items()}))


def test_changed_field_is_replaced_and_every_comment_stays() -> None:
    text = merged(FILE, GDPR_ART35=answer("partly", note="Half done.", on="2026-09-01"))
    expected = FILE.replace("    status: gap\n", "    status: partly\n", 1).replace(
        "    note: >-\n      Not started,\n      and due.\n", "    note: Half done.\n"
    )
    assert text == expected


def test_short_form_keeps_its_line_and_its_comment() -> None:
    text = merged(FILE, EUAIA_ART4=answer("gap", note="all: trained", on="2026-09-02", document="list"))
    line = next(line for line in text.splitlines() if "EUAIA-ART4" in line)
    fields = 'status: gap, note: "all: trained", by: officer, on: 2026-09-02, document: list'
    assert line == f"  EUAIA-ART4: {{{fields}}}  # short form"
    assert text.count("\n") == FILE.count("\n")


def test_field_that_is_gone_is_taken_out() -> None:
    text = merged(FILE, US_ECOA_RECORDS=answer(note="Kept.", on="2026-09-03"))
    assert text == FILE.replace("    document: rule 7\n", "")


def test_new_answers_come_last_below_their_parent_and_before_the_next_comment() -> None:
    text = merged(FILE, GDPR_ART5=answer())
    place = text.index("  GDPR-ART5:\n    status: met\n")
    assert text.index("document: rule 7") < place < text.index("# What people said")
    assert 'note: "Done: see #4."' in text


def test_reply_to_a_question_is_merged_and_its_questionnaire_made() -> None:
    said = Answers(
        questionnaires={
            "impact": {"likeness": reply(False)},
            "lineage": {"data_origin": reply(["a: b", "c"])},
        }
    )
    found = answering.read(answering.merge(FILE, said), shown="answers.yml")
    assert found.questionnaires["impact"]["vulnerable"].answer is True
    assert found.questionnaires["impact"]["likeness"].answer is False
    assert found.questionnaires["lineage"]["data_origin"].answer == ("a: b", "c")


@pytest.mark.parametrize("text", ["", "answers: {}\n", "# ours\nanswers: {}  # none yet\n", "answers: {}"])
def test_empty_files_are_filled(text: str) -> None:
    found = merged(text, GDPR_ART5=answer())
    assert answering.read(found, shown="a").answers["GDPR-ART5"].note == "Done: see #4."
    assert ("# none yet" in found) == ("# none yet" in text)


def test_merging_twice_changes_nothing_more_and_nothing_to_say_changes_no_byte() -> None:
    once = merged(FILE, GDPR_ART5=answer(), EUAIA_ART4=answer("gap"))
    assert merged(once, GDPR_ART5=answer(), EUAIA_ART4=answer("gap")) == once
    assert answering.merge(FILE, Answers()) == FILE


def test_file_is_written_only_when_an_answer_changes(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    given_now = Answers(answers={"GDPR-ART5": answer()})
    assert answering.merge_file(path, given_now) == 1
    stamp = path.stat().st_mtime_ns
    assert answering.merge_file(path, given_now) == 0
    assert path.stat().st_mtime_ns == stamp
    assert [p.name for p in tmp_path.iterdir()] == ["answers.yml"]


def test_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text("answers: [", encoding="utf-8")
    with pytest.raises(InputError):
        answering.merge_file(path, Answers(answers={"A": answer()}))
    assert path.read_text(encoding="utf-8") == "answers: ["


CHARACTERS = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(
    " \n\t\u2028\x85'\"#:{}[]|>-&*!%@,"
)
SAFE = st.text(CHARACTERS, min_size=1, max_size=40).map(lambda t: f"x{t}".strip())
ANSWERS = st.builds(
    lambda status, note, by, on, document: Answer(status=status, note=note, by=by, on=on, document=document),
    st.sampled_from(["met", "partly", "gap", "not_applicable"]), SAFE, SAFE,
    st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.none() | SAFE,
)  # fmt: skip
REPLIES = st.builds(
    lambda said, by, on: Reply(answer=said, by=by, on=on),
    st.booleans() | st.integers(0, 10**9) | st.floats(0, 1e9) | SAFE | st.lists(SAFE, min_size=1).map(tuple),
    SAFE, st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)  # fmt: skip
NAMES = st.sampled_from(["GDPR-ART35", "EUAIA-ART4", "US-ECOA-RECORDS", "AML.T0051", "NIST-RMF-MAP-1.1"])
GIVEN = st.builds(
    lambda answers, replies: Answers(answers=answers, questionnaires={"impact": replies}),
    st.dictionaries(NAMES, ANSWERS),
    st.dictionaries(st.sampled_from(["vulnerable", "process", "likeness"]), REPLIES),
)


@pytest.mark.slow
@settings(max_examples=60)
@given(first=GIVEN, second=GIVEN)
def test_any_answers_merge_to_what_both_say_and_keep_the_comments(first: Answers, second: Answers) -> None:
    text = answering.merge(answering.merge(FILE, first), second)
    wanted = answering.joined(answering.joined(answering.read(FILE, shown="a"), first), second)
    assert answering.read(text, shown="a") == wanted
    assert all(comment in text for comment in ("# Ours, kept by hand.", "# about literacy", "# the big one"))


CATALOG = catalog.load()


def given_by_a_form() -> dict[str, dict[str, object]]:
    return {
        "GDPR-ART35": {
            "status": "partly", "note": "Half done.", "by": "officer", "on": date(2026, 10, 1), "document": "",
        },
        "impact.number_affected": {"answer": "62000", "by": "officer", "on": "2026-10-01"},
        "impact.vulnerable": {"answer": "No", "by": "officer", "on": datetime(2026, 10, 1, tzinfo=UTC)},
        "impact.human_step": {"answer": "one role; another", "by": "officer", "on": "2026-10-01"},
        "GDPR-ART5": {"status": "", "note": None, "by": " "},
    }  # fmt: skip


def test_what_a_form_gives_is_what_the_file_would_say(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(FILE, encoding="utf-8")
    assert answering.apply(path, given_by_a_form(), catalog=CATALOG) == 4
    found = answering.read(path.read_text(encoding="utf-8"), shown="a")
    assert found.answers["GDPR-ART35"] == answer("partly", note="Half done.")
    assert "GDPR-ART5" not in found.answers
    said = {name: r.answer for name, r in found.questionnaires["impact"].items()}
    assert said == {"vulnerable": False, "number_affected": 62000, "human_step": ("one role", "another")}
    assert "# the big one" in path.read_text(encoding="utf-8")
    assert answering.apply(path, given_by_a_form(), catalog=CATALOG) == 0


def test_every_wrong_field_is_told_with_its_place_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    wrong = {
        "GDPR-ART35": {"status": "fine", "note": "x", "by": "officer", "on": "yesterday"},
        "GDPR-ART5": {"status": "met", "by": "officer", "on": "2026-10-01"},
    }
    with pytest.raises(InputError) as error:
        answering.apply(
            path, wrong, catalog=CATALOG, shown="sheet.xlsx", lines={"GDPR-ART35": 7, "GDPR-ART5": 9}
        )
    told = [(p.file, p.line, p.field) for p in error.value.problems]
    assert told == [
        ("sheet.xlsx", 7, "answers.GDPR-ART35.status"),
        ("sheet.xlsx", 7, "answers.GDPR-ART35.on"),
        ("sheet.xlsx", 9, "answers.GDPR-ART5.note"),
    ]
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GDPR-ART999", {"status": "met", "note": "x"}),
        ("impact.nothing", {"answer": "x"}),
        ("impact.number_affected", {"answer": "many"}),
        ("impact.vulnerable", {"answer": "perhaps"}),
    ],
)
def test_what_nobody_asks_or_does_not_answer_is_refused(
    tmp_path: Path, name: str, said: dict[str, object]
) -> None:
    fields = said | {"by": "officer", "on": "2026-10-01"}
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        answering.apply(tmp_path / "answers.yml", {name: fields}, catalog=CATALOG)


def test_a_follow_up_may_rest_on_what_was_answered_before(tmp_path: Path) -> None:
    questions = CATALOG.questionnaires["impact"].questions
    follow = next(q for q in questions if q.asked_when and q.kind == "text")
    path = tmp_path / "answers.yml"
    who = {"by": "officer", "on": "2026-10-01"}
    later = {f"impact.{follow.id}": {"answer": "In short.", **who}}
    with pytest.raises(InputError, match="is asked only when"):
        answering.apply(path, later, catalog=CATALOG)
    answering.apply(path, {f"impact.{follow.asked_when}": {"answer": "yes", **who}}, catalog=CATALOG)
    assert answering.apply(path, later, catalog=CATALOG) == 1

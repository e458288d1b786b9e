"""The checklist form and the labelling desk, driven as the browser drives them: by the messages it sends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskkit.errors import UsageError
from riskkit.measures import label_progress, labelling
from riskkit.measures.intervals import clustered_mean
from riskkit.model import Measurement, Sample
from riskkit.model.label import Rubric, item_id
from riskkit.profiles.labels import COLUMNS, read_reviews
from riskkit.widgets.checklist import checklist_form
from riskkit.widgets.labelling import label_answers
from riskkit.widgets.twin import Facts, Twin

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 29)
ME = "head of compliance"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "projects/loan-approval", tmp_path / "projects/loan-approval")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def form(place: Path, by: str = ME) -> Twin:
    return checklist_form("loan-approval", workspace=place, by=by, today=lambda: DAY)


def item(made: Twin, key: str) -> Facts:
    return next(i for group in made.facts["groups"] for i in group["items"] if i["key"] == key)


def save(made: Twin, key: str, *, seen: str | None = None, by: str = ME, **fields: str) -> Facts:
    mark = item(made, key)["mark"] if seen is None else seen
    made.tell({"do": "save", "key": key, "fields": fields, "seen": mark, "by": by, "serial": 1})
    answer: Facts = made.facts["answer"]
    return answer


def text(place: Path, name: str = "answers.yml") -> str:
    return (place / "projects/loan-approval" / name).read_text(encoding="utf-8")


def test_an_answer_is_in_the_file_at_once_signed_and_dated_and_nothing_else_moves(place: Path) -> None:
    before, made = text(place), form(place)
    assert save(made, "EUAIA-ART27", status="partly", note="Begun: see #4.")["saved"]
    old = before[before.index("  EUAIA-ART27:") :].partition("\n  ")[2]
    assert "Begun: see #4." in text(place)
    kept = [line for line in before.splitlines() if line not in old]
    assert all(line in text(place).splitlines() for line in kept)
    shown = item(made, "EUAIA-ART27")
    assert (shown["status"], shown["by"], shown["on"]) == ("partly", ME, "2026-11-29")


def test_an_answer_that_is_not_whole_stays_out_of_the_file_and_is_not_lost(place: Path) -> None:
    before, made = text(place), form(place)
    assert "note" in save(made, "GDPR-ART35", status="met", note="")["wrong"]
    assert text(place) == before
    assert item(form(place), "GDPR-ART35")["begun"]["status"] == "met"
    assert save(made, "GDPR-ART35", status="met", note="Done.")["saved"]
    assert item(form(place), "GDPR-ART35")["begun"] == {}
    assert not (place / "build/begun/loan-approval.json").exists()


@pytest.mark.parametrize(
    ("key", "fields", "field"),
    [
        ("GDPR-ART35", {"status": "met", "note": "x", "expires_on": "soon"}, "expires_on"),
        ("GDPR-ART35", {"status": "compliant", "note": "x"}, "status"),
        ("impact.number_affected", {"answer": "about ten"}, "answer"),
        ("impact.number_affected", {"answer": "-3"}, "answer"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    place: Path, key: str, fields: dict[str, str], field: str
) -> None:
    before, made = text(place), form(place)
    assert set(save(made, key, **fields)["wrong"]) == {field}
    assert text(place) == before


def test_nobody_answers_without_saying_who(place: Path) -> None:
    made = form(place, by="")
    assert "by" in save(made, "GDPR-ART35", by="", status="met", note="Done.")["wrong"]


def test_a_fact_that_is_answered_changes_what_applies_with_the_reason(place: Path) -> None:
    made = form(place)
    (waiting,) = (g for g in made.facts["groups"] if g["id"] == "us_fcra")
    asked = [i for i in waiting["items"] if i["applies"] == "may apply"]
    assert asked
    assert all("consumer_report_used" in i["why"] and i["citation"] for i in asked)
    assert save(made, "fact.consumer_report_used", answer="no")["saved"]
    assert "consumer_report_used: false" in text(place, "profile.yml")
    (after,) = (g for g in made.facts["groups"] if g["id"] == "us_fcra")
    away = {row[0]: row[2] for row in after["away"]}
    assert all("not consumer_report_used" in away[i["key"]] for i in asked)
    save(made, "fact.consumer_report_used", answer="")
    assert "consumer_report_used: false" not in text(place, "profile.yml")


def test_two_people_on_one_item_get_a_conflict_and_nothing_is_overwritten(place: Path) -> None:
    mine, theirs = form(place), form(place, by="second officer")
    assert save(theirs, "EUAIA-ART9", by="second officer", status="met", note="All fixed.")["saved"]
    kept = text(place)
    told = save(mine, "EUAIA-ART9", status="gap", note="Nothing is.")["conflict"]
    assert text(place) == kept
    assert told["theirs"]["note"] == "All fixed."
    assert told["mine"]["note"] == "Nothing is."
    assert save(mine, "EUAIA-ART4", status="met", note="Trained.")["saved"], "another item is not in dispute"
    assert save(mine, "EUAIA-ART9", seen=told["mark"], status="gap", note="Nothing is.")["saved"]
    assert "Nothing is." in text(place)


def test_undo_goes_back_step_by_step_and_never_over_the_work_of_others(place: Path) -> None:
    before, made = text(place), form(place)
    save(made, "EUAIA-ART9", status="met", note="One.")
    save(made, "EUAIA-ART9", status="met", note="Two.")
    made.tell({"do": "undo"})
    assert "note: One." in text(place)
    made.tell({"do": "undo"})
    assert text(place) == before
    save(made, "EUAIA-ART9", status="met", note="Mine.")
    other = form(place)
    save(other, "EUAIA-ART9", status="gap", note="Theirs.")
    made.tell({"do": "undo"})
    assert made.facts["went"] == "wrong"
    assert "note: Theirs." in text(place)


def test_a_file_somebody_broke_is_told_and_left_alone(place: Path) -> None:
    made = form(place)
    path = place / "projects/loan-approval/answers.yml"
    path.write_text("answers: [\n")
    assert save(made, "EUAIA-ART9", status="met", note="x")["failed"]
    assert "answers.yml" in made.facts["said"]
    assert path.read_text() == "answers: [\n"


def test_characters_nobody_sees_do_not_make_a_file_nobody_can_read(place: Path) -> None:
    made = form(place)
    assert save(made, "EUAIA-ART9", status="met", note="soft\u00adhyphen \u202e\ufeffand\x1b[31m \U0001f600")[
        "saved"
    ]
    assert "softhyphen and[31m \U0001f600" in item(form(place), "EUAIA-ART9")["fields"]["note"]


def test_strange_messages_change_nothing(place: Path) -> None:
    before, made = text(place), form(place)
    for message in (
        {},
        {"do": "save", "key": "nothing", "fields": {"status": "met"}},
        {"do": "save", "key": "fact.x"},
    ):
        made.tell(message)
    assert text(place) == before


def test_progress_is_counts_and_unanswered_stays_unknown(place: Path) -> None:
    said = dict(form(place).facts["progress"])
    rows = [i for g in form(place).facts["groups"] for i in g["items"] if i["kind"] == "requirement"]
    concern = [i for i in rows if i["applies"] in ("applies", "may apply")]
    assert said["requirements concern the system, or may"] == len(concern)
    assert said["not assessed"] == sum(i["status"] == "not assessed" for i in concern)
    assert "%" not in json.dumps(list(said))
    assert "%" not in form(place).shown.text.split("\n")[0]


def test_the_form_without_a_widget_tells_every_item_of_it(place: Path) -> None:
    made = form(place)
    lines = made.shown.text.splitlines()
    for i in (i for group in made.facts["groups"] for i in group["items"]):
        (line,) = (row for row in lines if row.split() and row.split()[0] == i["key"])
        for said in (i.get("applies", ""), i["status"], i.get("by", ""), i.get("on", "")):
            assert said in line


# Labelling


def flagged(samples: Sequence[Sample]) -> pd.DataFrame:
    rows = [(s.prompt_id, s.response.startswith("bad")) for s in samples]
    return pd.DataFrame(rows, columns=["prompt_id", "flagged"]).astype({"flagged": "boolean"})


def answers(count: int = 60) -> list[Sample]:
    return [
        Sample(
            prompt_id=f"p{n}",
            prompt=f"Question {n}",
            context="Only this.",
            response=f"{'bad' if n % 3 == 0 else 'good'} {n}",
        )
        for n in range(count)
    ]


def desk(tmp_path: Path, who: str, *, count: int = 60, **more: Any) -> Twin:
    folder = tmp_path / "projects/p/labels"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "review.items.jsonl").write_text(
            "".join(s.model_dump_json() + "\n" for s in answers(count))
        )
        (folder / "review.csv").write_text(",".join(COLUMNS) + "\n")
        rubric = Rubric(measure="faulty_rate", target="t", question="Is it faulty?")
        (folder / "review.yml").write_text(
            "".join(f"{k}: {json.dumps(v)}\n" for k, v in rubric.model_dump().items())
        )
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    return label_answers("p", "review", by=who, workspace=tmp_path, now=lambda: moment, **more)


def bought(count: int = 60) -> label_progress.Bought:
    given = answers(count)
    checked = flagged(given)
    found = clustered_mean(checked["flagged"].to_numpy(float), checked["prompt_id"], proportion=True)
    naive = Measurement(
        measure="faulty_rate", value=found.mean, low=found.low, high=found.high, n=count, method="detector"
    )
    return label_progress.bought(naive, given, detector=flagged)


def label_all(made: Twin, verdict: Any) -> None:
    while made.facts["item"]:
        given = made.facts["item"]
        made.tell({"do": "label", "item": given["id"], "label": verdict(given)})


def truth(given: Facts) -> str:
    response = next(seen for part, seen, _ in given["parts"] if part == "answer")
    return "yes" if response.startswith("bad") else "no"


def test_every_label_is_on_the_disk_before_the_next_answer_is_shown(tmp_path: Path) -> None:
    made = desk(tmp_path, "first")
    for n in range(5):
        made.tell({"do": "label", "item": made.facts["item"]["id"], "label": "no"})
        (there,) = read_reviews(tmp_path / "projects/p")
        assert len(there.labels) == n + 1
    assert desk(tmp_path, "first").facts["done"] == 5
    assert desk(tmp_path, "second").facts["done"] == 0


def test_an_answer_is_shown_without_a_word_of_the_detector_or_of_other_raters(tmp_path: Path) -> None:
    label_all(desk(tmp_path, "first"), truth)
    given = desk(tmp_path, "second").facts["item"]
    assert set(given) == {"id", "parts"}
    assert {part for part, _, _ in given["parts"]} <= {"prompt", "material", "reference", "answer"}


def test_a_label_is_taken_back_and_its_answer_comes_first_again(tmp_path: Path) -> None:
    made = desk(tmp_path, "first")
    first = made.facts["item"]["id"]
    made.tell({"do": "label", "item": first, "label": "yes"})
    made.tell({"do": "undo"})
    assert made.facts["item"]["id"] == first
    assert made.facts["done"] == 0
    made.tell({"do": "skip", "item": first})
    assert made.facts["item"]["id"] != first
    label_all(made, truth)
    assert made.facts["done"] == 60


def test_one_answer_labelled_in_two_windows_is_told_and_counted_once(tmp_path: Path) -> None:
    made, other = desk(tmp_path, "first"), desk(tmp_path, "first")
    given = made.facts["item"]["id"]
    made.tell({"do": "label", "item": given, "label": "yes"})
    other.tell({"do": "label", "item": given, "label": "no"})
    assert other.facts["went"] == "wrong"
    (there,) = read_reviews(tmp_path / "projects/p")
    assert [label.label for label in there.labels] == ["yes"]


def test_interval_and_agreement_shown_are_those_the_assessment_reports(tmp_path: Path) -> None:
    label_all(desk(tmp_path, "first"), truth)
    made = desk(tmp_path, "second", bought=bought())
    label_all(made, lambda given: "no" if given["id"] < "2" else truth(given))
    reviews = read_reviews(tmp_path / "projects/p")
    given = answers()
    checked = flagged(given)
    found = clustered_mean(checked["flagged"].to_numpy(float), checked["prompt_id"], proportion=True)
    naive = Measurement(
        measure="faulty_rate", value=found.mean, low=found.low, high=found.high, n=60, method="detector"
    )
    rate = labelling.corrected(naive, checked, reviews, detector=flagged, seed=0)
    (agreed,) = labelling.agreements(reviews, measure="faulty_rate", seed=0)
    assert "corrected by" in rate.note
    assert made.facts["labels"] == 120
    for row, m in zip(made.facts["bought"], (rate, agreed), strict=True):
        assert row == [m.measure, f"{m.value:.4g}", f"[{m.low:.4g}, {m.high:.4g}]", f"{m.level:g}", str(m.n)]
    assert all(cell in made.shown.text for row in made.facts["bought"] for cell in row)


def test_the_interval_moves_in_steps_so_that_no_label_tells_what_the_detector_said(tmp_path: Path) -> None:
    made = desk(tmp_path, "first", bought=bought())
    seen = []
    for _ in range(25):
        made.tell({"do": "label", "item": made.facts["item"]["id"], "label": truth(made.facts["item"])})
        seen.append(made.facts["labels"])
    assert sorted(set(seen)) == [0, 10, 20]


def test_disputes_are_decided_by_somebody_else(tmp_path: Path) -> None:
    label_all(desk(tmp_path, "first"), truth)
    label_all(desk(tmp_path, "second"), lambda given: "no" if given["id"] < "4" else truth(given))
    (there,) = read_reviews(tmp_path / "projects/p")
    disputed = set(there.disputed())
    assert disputed
    with pytest.raises(UsageError, match="somebody else"):
        desk(tmp_path, "first", adjudicate=True)
    made = desk(tmp_path, "third", adjudicate=True)
    assert made.facts["left"] == len(disputed)
    label_all(made, truth)
    (there,) = read_reviews(tmp_path / "projects/p")
    assert there.disputed() == ()
    assert there.settled() == {item_id(s): s.response.startswith("bad") for s in answers()}


def test_a_line_of_a_megabyte_is_cut_and_says_so(tmp_path: Path) -> None:
    made = desk(tmp_path, "first", count=0)
    long = Sample(prompt_id="p", response="<script>alert(1)</script>\x1b[2J" + "x" * 1_000_000)
    (tmp_path / "projects/p/labels/review.items.jsonl").write_text(long.model_dump_json() + "\n")
    made.tell({})
    ((_, seen, more),) = (part for part in made.facts["item"]["parts"] if part[0] == "answer")
    assert len(seen) < 21_000
    assert "\x1b" not in seen
    assert more.startswith("980,0")


def test_a_message_about_no_answer_is_refused(tmp_path: Path) -> None:
    made = desk(tmp_path, "first")
    made.tell({"do": "label", "item": "none", "label": "yes"})
    assert made.facts["went"] == "wrong"
    made.tell({"do": "label", "item": made.facts["item"]["id"], "label": "perhaps"})
    assert made.facts["went"] == "wrong"
    assert made.facts["done"] == 0

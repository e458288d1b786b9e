"""People label answers without seeing what the detector says; their labels put the detector's rate right."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from riskkit import assess
from riskkit.cli import app
from riskkit.errors import InputError, UsageError
from riskkit.measures import grounding, label_plan, labelling
from riskkit.measures.labelling import Strata
from riskkit.model import Measurement, Sample
from riskkit.model.label import Label, Review, Rubric, item_id
from riskkit.profiles.inputs import LABELS_ON, present_sha256
from riskkit.profiles.labels import COLUMNS, read_reviews

ROOT = Path(__file__).resolve().parents[1]
RUBRIC = Rubric(measure="faulty_rate", target="t", question="Is it faulty?", version="2")


def answer(number: int, *, flagged: bool = False) -> Sample:
    return Sample(prompt_id=f"p{number}", response=f"{'bad' if flagged else 'good'} answer {number}")


def detector(samples: Sequence[Sample]) -> pd.DataFrame:
    """Flags what calls itself bad."""
    rows = [(s.prompt_id, s.response.startswith("bad")) for s in samples]
    return pd.DataFrame(rows, columns=["prompt_id", "flagged"]).astype({"flagged": "boolean"})


def said(item: Sample, verdict: str, *, rater: str = "first", version: str = "2") -> Label:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    return Label.model_validate(
        {"rater": rater, "item": item_id(item), "label": verdict, "rubric_version": version, "time": moment}
    )


def review(items: Sequence[Sample], *labels: Label) -> Review:
    return Review(name="r", rubric=RUBRIC, items={item_id(s): s for s in items}, labels=labels)


# What a review comes to


def test_labels_settle_an_item_when_raters_agree_or_an_adjudicator_decides() -> None:
    a, b, c, d = map(answer, range(4))
    found = review(
        [a, b, c, d],
        said(a, "yes"), said(a, "yes", rater="second"), said(b, "yes"), said(b, "no", rater="second"),
        said(c, "yes"), said(c, "no", rater="second"), said(c, "no", rater="adjudicator third"),
        said(d, "unclear"), said(d, "no", version="1", rater="second"),
    )  # fmt: skip
    assert found.settled() == {item_id(a): True, item_id(c): False}
    assert found.disputed() == (item_id(b),)


def test_each_rater_is_shown_what_they_have_not_labelled_in_an_order_of_their_own() -> None:
    items = [answer(n) for n in range(12)]
    found = review(items, said(items[3], "yes"))
    first, second = found.todo("first"), found.todo("second")
    assert item_id(items[3]) not in first
    assert len(second) == 12
    assert [i for i in second if i in first] != first
    assert found.todo("first") == first


# The corrected rate


def labelled(hits: int, flagged: int, missed: int, passed: int) -> Review:
    """A review in which so many of the flagged and of the other answers have the fault."""
    bad = [answer(1000 + n, flagged=True) for n in range(flagged)]
    good = [answer(2000 + n) for n in range(passed)]
    labels = [said(s, "yes" if n < hits else "no") for n, s in enumerate(bad)]
    labels += [said(s, "yes" if n < missed else "no") for n, s in enumerate(good)]
    return review([*bad, *good], *labels)


def measured(flagged: int, of: int) -> tuple[Measurement, pd.DataFrame]:
    checked = detector([answer(n, flagged=n < flagged) for n in range(of)])
    naive = Measurement(
        measure="faulty_rate", value=flagged / of, low=0, high=1, n=of, method="detector", note="n"
    )
    return naive, checked


def test_the_corrected_rate_weighs_both_verdicts_by_what_people_found() -> None:
    """200 of 1000 flagged; 30 of 40 flagged and 2 of 40 others have the fault: 0.2 * 0.744 + 0.8 * 0.061."""
    naive, checked = measured(200, 1000)
    m = labelling.corrected(naive, checked, [labelled(30, 40, 2, 40)], detector=detector)
    expected = 200.5 / 1001 * 30.5 / 41 + 800.5 / 1001 * 2.5 / 41
    assert m.value == pytest.approx(expected, abs=0.002)
    assert m.low is not None
    assert m.high is not None
    assert 0.14 < m.low < m.value < m.high < 0.30
    assert (
        "30 of 40 flagged and 2 of 40 other answers have the fault; the detector alone says 0.200" in m.note
    )
    assert (m.measure, m.n) == (naive.measure, naive.n)


@pytest.mark.parametrize("reviews", [[], [labelled(3, 9, 1, 40)], [labelled(30, 40, 0, 5)]])
def test_too_few_labels_leave_the_detectors_rate_and_say_that_it_is_not_corrected(
    reviews: list[Review],
) -> None:
    naive, checked = measured(200, 1000)
    m = labelling.corrected(naive, checked, reviews, detector=detector)
    assert (m.value, m.low, m.high) == (naive.value, naive.low, naive.high)
    assert "not corrected for its errors" in m.note


def test_labels_on_another_measure_are_left_alone() -> None:
    naive, checked = measured(200, 1000)
    other = naive.model_copy(update={"measure": "something_else"})
    assert labelling.corrected(other, checked, [labelled(30, 40, 2, 40)], detector=detector).value == 0.2


@pytest.mark.slow
def test_the_corrected_interval_covers_where_the_detectors_own_does_not() -> None:
    """Rate 5 %, detector with sensitivity 85 % and specificity 90 %, 1000 answers, 30 of 60 labels on flagged."""
    rng, truth, rounds = np.random.default_rng(11), 0.05, 300
    covered = naive_covered = 0
    for _ in range(rounds):
        faulty = rng.random(1000) < truth
        flags = np.where(faulty, rng.random(1000) < 0.85, rng.random(1000) < 0.10)
        which = {kind: np.flatnonzero(flags == kind) for kind in (True, False)}
        seen = {kind: faulty[rng.permutation(index)[:30]] for kind, index in which.items()}
        counts = Strata(int(seen[True].sum()), len(seen[True]), int(seen[False].sum()), len(seen[False]))
        drawn = labelling.poststratified(float(flags.mean()), 1000, counts, rng=rng, draws=2000)
        low, high = np.quantile(drawn, [0.025, 0.975])
        covered += low <= truth <= high
        spread = 1.96 * np.sqrt(flags.mean() * (1 - flags.mean()) / 1000)
        naive_covered += abs(flags.mean() - truth) <= spread
    assert covered / rounds >= 0.92
    assert naive_covered / rounds < 0.1


def test_sensitivity_is_that_on_all_answers_although_flagged_ones_are_labelled_more() -> None:
    """100 of 1000 flagged. PPV 0.8, FOR 0.02: sensitivity 0.08 / (0.08 + 0.018), not 32 of 33 labelled faults."""
    _, checked = measured(100, 1000)
    table = labelling.detector_table(
        checked, [labelled(32, 40, 1, 50)], measure="faulty_rate", detector=detector
    ).set_index("property")
    sensitivity = table.loc["faults that are flagged (sensitivity)"]
    assert sensitivity["value"] == pytest.approx(0.08 / (0.08 + 0.018), abs=0.06)
    assert sensitivity["low"] < 0.75 < sensitivity["high"]
    assert labelling.detector_table(checked, [], measure="faulty_rate", detector=detector).empty


def test_agreement_is_over_the_reviews_of_the_measure() -> None:
    items = [answer(n) for n in range(20)]
    labels = [said(s, "yes" if n % 2 else "no") for n, s in enumerate(items)]
    labels += [said(s, "yes" if n % 2 or n == 0 else "no", rater="second") for n, s in enumerate(items)]
    m = labelling.agreement([review(items, *labels)], measure="faulty_rate")
    assert m.n == 20
    assert m.value == pytest.approx(0.902, abs=0.002)
    assert labelling.agreement([], measure="faulty_rate").value is None


# The plan


def test_a_plan_buys_the_width_it_states_and_a_narrower_one_costs_more() -> None:
    wide = label_plan.plan(0.15, answers=1000, width=0.12)
    narrow = label_plan.plan(0.15, answers=1000, width=0.06)
    assert wide.high - wide.low <= 0.12
    assert narrow.high - narrow.low <= 0.06
    assert narrow.labels > 2 * wide.labels
    assert min(wide.flagged, wide.passed) >= 10


def test_a_plan_never_asks_for_more_answers_than_there_are() -> None:
    found = label_plan.plan(0.1, answers=50, width=0.01)
    assert (found.flagged, found.labels) == (5, 50)
    with pytest.raises(ValueError, match="width above 0"):
        label_plan.plan(0.1, answers=50, width=0)


def test_the_draw_prefers_flagged_answers_takes_one_a_prompt_and_mixes_them() -> None:
    answers = [
        answer(n, flagged=n < 60).model_copy(update={"sample": k}) for n in range(400) for k in range(2)
    ]
    drawn, plan = label_plan.draw_blind(answers, detector, width=0.1, labels=80, seed=1)
    flags = detector(drawn)["flagged"].tolist()
    assert len({s.prompt_id for s in drawn}) == len(drawn) == 80
    assert sum(flags) == plan.flagged > 0.3 * 80
    assert flags != sorted(flags, reverse=True)
    assert 0.2 < np.mean(flags[:40]) / np.mean(flags) < 2


# The files


PROFILE = """\
id: letters
name: Letters
version: "1"
purpose: Explains decisions.
kind: genai
stage: design
tier: {exposure: 1, purpose: 1, autonomy: inform, why: a test}
roles: {owner: a, developer: b, validator: c, approver: d}
datasets:
  prompts: {path: data/prompts.jsonl, licence: generated, personal_data: false, synthetic_share: 1.0}
targets:
  explanations: {kind: phantom, prompts: prompts, persona: explanation, faults: {invented_fact: 0.2}}
assessments:
  hallucination_sampling: {parameters: {target: explanations, samples: 1}}
  answer_correctness: {parameters: {target: explanations, samples: 1}}
review: {next_due: 2099-01-01}
"""


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a project of 120 explanations, and beside it the same with a review of 20 answers."""
    root = tmp_path_factory.mktemp("labels")
    folder = root / "plain/projects/letters"
    (folder / "data").mkdir(parents=True)
    (folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
    (root / "plain/notebooks").mkdir()
    for name in ("hallucination_sampling", "answer_correctness"):
        shutil.copy(ROOT / f"notebooks/{name}.ipynb", root / "plain/notebooks")
    prompts = (ROOT / "projects/loan-approval/data/prompts.generated.jsonl").read_bytes().splitlines(True)
    (folder / "data/prompts.jsonl").write_bytes(b"".join(prompts[:120]))
    shutil.copytree(root / "plain", root / "drawn")
    with contextlib.chdir(root / "drawn"):
        drawn(labels="20")
    return root


@pytest.fixture
def plain(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project without a review; its workspace is the working folder."""
    shutil.copytree(templates / "plain", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "projects/letters"


@pytest.fixture
def project(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with a review of 20 answers; its workspace is the working folder."""
    shutil.copytree(templates / "drawn", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "projects/letters"


def run(*words: str, given: str = "") -> Any:
    return CliRunner().invoke(app, list(words), input=given)


def drawn(**more: str) -> list[str]:
    words = [w for name, value in more.items() for w in (f"--{name}", value)]
    done = run("sample-for-review", "letters", "--target", "explanations", *words)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_the_files_of_a_review_do_not_tell_what_the_detector_said(plain: Path) -> None:
    project, lines = plain, drawn(labels="40")
    assert lines[0].startswith("40 answers to label; expected interval of the rate: 0.")
    (found,) = read_reviews(project)
    assert (len(found.items), found.rubric.measure, found.labels) == (40, "invented_fact_rate", ())
    text = (project / "labels/review.items.jsonl").read_text(encoding="ascii")
    assert "flag" not in text
    flags = [bool(f) for f in grounding.check(list(found.items.values()))["flagged"]]
    assert 10 <= sum(flags) <= 25
    changes = sum(a != b for a, b in itertools.pairwise(flags))
    assert changes > 8


def test_a_review_is_never_drawn_over_another(project: Path) -> None:
    again = run("sample-for-review", "letters", "--target", "explanations")
    assert isinstance(again.exception, UsageError)
    drawn(labels="20", name="second")


def test_raters_answer_go_on_where_they_stopped_and_disputes_are_decided_by_another(project: Path) -> None:
    words = ("label", "letters", "review", "--as")
    assert "3 labelled, 17 left" in run(*words, "first", given="y\nmaybe\nn\nu\nq\n").output
    assert "17 labelled, 0 left" in run(*words, "first", given="n\n" * 17).output
    assert "20 labelled, 0 left" in run(*words, "second", given="y\n" * 20).output
    (found,) = read_reviews(project)
    assert len(found.labels) == 40
    disputes = len(found.disputed())
    assert disputes == 18
    assert isinstance(run(*words, "first", "--adjudicate").exception, UsageError)
    assert isinstance(run(*words, "adjudicator first").exception, UsageError)
    assert (
        f"{disputes} labelled, 0 left" in run(*words, "third", "--adjudicate", given="n\n" * disputes).output
    )
    (found,) = read_reviews(project)
    assert found.disputed() == ()
    assert len(found.settled()) == 20


def test_what_is_shown_to_a_rater_cannot_act_on_the_terminal(project: Path) -> None:
    path = project / "labels/review.items.jsonl"
    hostile = Sample(
        prompt_id="x", response="\x1b[2J\x1b]0;title\x07 red \u202e hidden", context="<b>=1+1</b>"
    )
    path.write_text(
        json.dumps(hostile.model_dump(mode="json", exclude_defaults=True)) + "\n", encoding="ascii"
    )
    shown = run("label", "letters", "review", "--as", "first", given="q\n").output
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[2J" in shown


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["first,ITEM,maybe,1,2026-11-20"], "review.csv:2: label: 'maybe'"),
        (["first,ITEM,yes,1,soon"], "review.csv:2: time: 'soon'"),
        (["first,nothing,yes,1,2026-11-20T10:00:00Z"], "review.csv:2: item: there is no answer 'nothing'"),
        (["first,ITEM,yes,1"], "review.csv:2: holds 4 values"),
        (
            ["first,ITEM,yes,1,2026-11-20T10:00:00Z"] * 2,
            "review.csv:3: item: first labelled ITEM on line 2 too",
        ),
        ([" ,ITEM,yes,1,2026-11-20T10:00:00Z"], "review.csv:2: rater: ' '"),
        (['first,"ITEM,yes'], "review.csv:2: is no CSV"),
    ],
)
def test_labels_that_cannot_be_used_are_named_with_line_and_field(
    project: Path, rows: list[str], message: str
) -> None:
    (found,) = read_reviews(project)
    item = next(iter(found.items))
    text = "\n".join([",".join(COLUMNS), *rows]).replace("ITEM", item) + "\n"
    (project / "labels/review.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_reviews(project)
    assert message.replace("ITEM", item) in str(caught.value)


def test_columns_in_another_order_and_a_rubric_without_question_are_refused_together(project: Path) -> None:
    (project / "labels/review.csv").write_text("item,rater\n", encoding="utf-8")
    (project / "labels/review.yml").write_text("measure: x\ntarget: y\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_reviews(project)
    assert "review.yml:1: question: is missing" in str(caught.value)
    assert "review.csv:1: the columns are item, rater" in str(caught.value)


def test_a_notebook_reads_the_reviews_and_notes_their_files(plain: Path) -> None:
    """Raters who see the planted inventions: the corrected rate is in its interval, and the naive one beside it."""
    project = plain
    drawn(labels="80")
    case = assess.open("letters", assessment="hallucination_sampling", workspace=project.parents[1])
    assert case.reviews("invented_fact_rate") == ()
    (found,) = read_reviews(project)
    dice = random.Random(2)
    rows = [
        ("first", item, "yes" if f or dice.random() < 0.02 else "no", "1", "2026-11-20T10:00:00Z")
        for item, s in found.items.items()
        for f in grounding.check([s])["flagged"]
    ]
    text = "".join(",".join(row) + "\n" for row in [COLUMNS, *rows])
    (project / "labels/review.csv").write_text(text, encoding="utf-8")
    answers = case.samples("explanations", samples=1, seed=5)
    naive = grounding.invented_fact_rate(answers)
    m = labelling.corrected(
        naive, grounding.check(answers), case.reviews("invented_fact_rate"), detector=grounding.check
    )
    assert "corrected by 80 labels of people" in m.note
    assert f"the detector alone says {naive.value:.3f}" in m.note
    card = case.conclude(m)
    assert {i.path for i in card.conclusion.inputs} >= {
        "labels/review.csv", "labels/review.items.jsonl", "labels on invented_fact_rate"
    }  # fmt: skip


# Labels make due what reads them


def inputs(project: Path) -> dict[str, str | None]:
    """What each assessment's notebook reads of labels, and its digest today."""
    found = {}
    for measure in ("invented_fact_rate", "wrong_answer_rate"):
        name = f"{LABELS_ON}{measure}"
        found[measure] = present_sha256(name, folder=project, profile_sha256=None)
    return found


def labelled_by(project: Path, rater: str, verdict: str = "yes", *, items: int = 1) -> None:
    (found,) = read_reviews(project)
    with (project / "labels/review.csv").open("a", encoding="utf-8") as file:
        for item in list(found.items)[:items]:
            file.write(f"{rater},{item},{verdict},1,2026-11-20T10:00:00Z\n")


def test_the_first_label_and_every_later_change_show_where_the_measure_is_read_and_nowhere_else(
    plain,
) -> None:
    none = inputs(plain)
    drawn(labels="20")
    assert inputs(plain) == none
    labelled_by(plain, "first")
    one = inputs(plain)
    assert one["invented_fact_rate"] != none["invented_fact_rate"]
    assert one["wrong_answer_rate"] == none["wrong_answer_rate"]
    labelled_by(plain, "second")
    assert inputs(plain)["invented_fact_rate"] not in (none["invented_fact_rate"], one["invented_fact_rate"])
    shutil.rmtree(plain / "labels")
    assert inputs(plain) == none


@pytest.mark.kernel
def test_labels_make_due_exactly_the_notebook_that_reads_them_and_change_what_it_says(plain: Path) -> None:
    """Two raters who differ now and then: agreement and corrected rate are on record, and only one notebook runs."""
    root = plain.parents[1]
    command = [sys.executable, "-m", "riskkit", "run"]
    how: dict[str, Any] = {"cwd": root, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, **how)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 runs concluded" in done.stdout
    drawn(labels="60")
    assert "0 to run, 2 fresh" in subprocess.run([*command, "--plan"], **how).stdout
    (found,) = read_reviews(plain)
    flagged = {i: bool(grounding.check([s])["flagged"].iloc[0]) for i, s in found.items.items()}
    with (plain / "labels/review.csv").open("a", encoding="utf-8") as file:
        for rater in ("first", "second"):
            for number, (item, bad) in enumerate(flagged.items()):
                said = bad is not (rater == "second" and number in (3, 30))
                file.write(f"{rater},{item},{'yes' if said else 'no'},1,2026-11-20T10:00:00Z\n")
    planned = subprocess.run([*command, "--plan"], **how).stdout
    assert "1 to run, 1 fresh" in planned
    assert "letters/hallucination_sampling: labels on invented_fact_rate changed" in planned
    done = subprocess.run(command, **how)
    assert done.returncode == 0, done.stderr
    latest = max((root / "records/letters/hallucination_sampling").iterdir())
    text = (latest / "conclusion.json").read_text(encoding="utf-8")
    measured = {m["measure"]: m for m in json.loads(text)["measurements"]}
    assert "corrected by 58 labels of people" in measured["invented_fact_rate"]["note"]
    assert "the detector alone says" in measured["invented_fact_rate"]["note"]
    agreed = measured["rater_agreement"]
    assert (agreed["segment"], agreed["n"]) == ("labels on invented_fact_rate", 60)
    assert 0.8 < agreed["value"] < 1
    assert "Cohen's kappa 0.9" in agreed["note"]

"""One entry of a file is changed only as seen: comments, order and what others wrote meanwhile stay."""

from __future__ import annotations

import multiprocessing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskkit import authored
from riskkit.authored.take_out import take_out
from riskkit.authored.writing import held
from riskkit.errors import InputError, StorageError
from riskkit.profiles import editing

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

# What people said when asked.
questionnaires:
  impact:
    vulnerable: {answer: true, by: officer, on: 2026-09-01}
    process: {answer: Lending, by: officer, on: 2026-09-01}
  lineage: {}
facts:
  flags:
    uses_rag: true   # since spring
"""
PLACES = [
    ("answers", "GDPR-ART35"),
    ("answers", "EUAIA-ART4"),
    ("questionnaires", "impact", "vulnerable"),
    ("questionnaires", "impact", "process"),
    ("questionnaires", "lineage", "sources"),
    ("answers", "NEW-1"),
]
VALUES = st.none() | st.fixed_dictionaries(
    {"status": st.sampled_from(["met", "gap"]), "note": st.text(min_size=1, max_size=30)}
)


def saved(path: Path, place: editing.Where, value: Any) -> editing.Edited:
    seen = editing.mark(editing.read(path, shown="f"), place)
    return editing.edit(path, place, value, seen=seen, shown="f")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), max_size=6))
def test_any_row_of_edits_leaves_a_file_that_says_exactly_that(
    tmp_path: Path, edits: list[tuple[editing.Where, Any]]
) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(FILE, encoding="utf-8")
    expected = deepcopy(dict(editing.read(path, shown="f")))
    for place, value in edits:
        saved(path, place, value)
        above = expected
        for name in place[:-1]:
            above = above.setdefault(name, {}) if value is not None else above.get(name) or {}
        above.pop(place[-1], None) if value is None else above.__setitem__(place[-1], value)
    assert editing.read(path, shown="f") == expected
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Ours, kept by hand.\n")
    assert "# What people said when asked.\n" in text
    assert "# since spring" in text


def test_a_change_of_one_entry_touches_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(FILE)
    entry = {"status": "partly", "note": "Begun.", "by": "officer", "on": "2026-09-01"}
    saved(path, ("answers", "GDPR-ART35"), entry)
    expected = FILE.replace("status: gap", "status: partly").replace(
        "    note: >-\n      Not started,\n      and due.\n", "    note: Begun.\n"
    )
    assert path.read_text() == expected


def test_a_fact_is_set_and_taken_out_alone(tmp_path: Path) -> None:
    path = tmp_path / "profile.yml"
    path.write_text(FILE)
    saved(path, ("facts", "flags", "agentic"), False)
    assert path.read_text() == FILE + "    agentic: false\n"
    saved(path, ("facts", "flags", "agentic"), None)
    assert path.read_text() == FILE


def test_what_somebody_else_changed_is_a_conflict_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(FILE)
    place = ("answers", "EUAIA-ART4")
    seen = editing.mark(editing.read(path, shown="f"), place)
    theirs = FILE.replace("all: trained", "half: trained")
    path.write_text(theirs)
    found = editing.edit(path, place, {"status": "gap", "note": "mine"}, seen=seen, shown="f")
    assert found.conflict
    assert path.read_text() == theirs
    assert editing.at(found.data, place)["note"] == "half: trained"


def test_a_change_beside_it_is_no_conflict_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(FILE)
    place = ("answers", "EUAIA-ART4")
    seen = editing.mark(editing.read(path, shown="f"), place)
    path.write_text(FILE.replace("status: gap", "status: met"))
    assert not editing.edit(path, place, None, seen=seen, shown="f").conflict
    said = editing.read(path, shown="f")["answers"]
    assert said["GDPR-ART35"]["status"] == "met"
    assert "EUAIA-ART4" not in said


def test_a_broken_file_stays_as_it_is_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text("answers: [\n")
    with pytest.raises(InputError, match="f:"):
        editing.edit(path, ("answers", "A"), {"x": 1}, seen="", shown="f")
    assert path.read_text() == "answers: [\n"


def test_who_waits_too_long_for_another_process_is_told(tmp_path: Path) -> None:
    ready, done = multiprocessing.Event(), multiprocessing.Event()
    other = multiprocessing.get_context("fork").Process(target=_hold, args=(tmp_path, ready, done))
    other.start()
    assert ready.wait(30)
    try:
        with pytest.raises(StorageError, match="another process"), held(tmp_path, wait_seconds=0.1):
            pass
    finally:
        done.set()
        other.join(30)
    with held(tmp_path, wait_seconds=0.1):
        pass


def _hold(folder: Path, ready: Any, done: Any) -> None:
    with held(folder):
        ready.set()
        done.wait(30)


def test_an_entry_that_is_not_there_is_taken_out_without_a_change() -> None:
    assert take_out(FILE, ("answers", "NONE"), shown="f") == FILE


def test_the_only_entry_leaves_an_empty_parent() -> None:
    text = take_out("a:\n  b:   # why\n    c: 1\nd: 2\n", ("a", "b"), shown="f")
    document, problems = authored.parse(text, shown="f")
    assert not problems
    assert document is not None
    assert document.data == {"a": {}, "d": 2}

"""The command that drafts decisions, and files that cannot be read, through the command line."""

from __future__ import annotations

import pytest

from tests.example_workspace import QUIET, Place

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path, monkeypatch, capsys) -> Place:
    return Place(tmp_path / "w", monkeypatch, capsys)


def decide(place: Place, *words: str) -> tuple[int, str, str]:
    return place.riskkit("decide", "p", "--as-of", "2026-11-20", *words)


def test_a_draft_is_named_blocks_no_command_and_counts_for_nothing(place):
    place.record()
    before = place.check()
    path = place.draft("--risk", QUIET, "--type", "accept")
    assert path.name == f"2026-11-20-{QUIET}-accept.yml"
    code, out, err = place.check()
    assert (code, out) == (10, before[1])
    assert err == (
        f"projects/p/decisions/{path.name}: a draft that counts for nothing; "
        f"still open: requested_by, decided_by, outcome, rationale, expires_on\n{before[2]}"
    )
    code, out, err = place.riskkit("list")
    assert (code, err.count("a draft that counts for nothing")) == (0, 1)


def test_once_an_outcome_is_written_every_open_field_is_a_mistake(place):
    place.record()
    path = place.draft("--risk", QUIET, "--type", "accept")
    shown = f"projects/p/decisions/{path.name}"
    place.replace(shown, 'outcome: ""', "outcome: rejected")
    code, _, err = place.check()
    assert code == 3
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines, 1) if line.startswith("decided_by"))
    assert f"{shown}:{number}: decided_by: is empty (write a few words)" in err
    assert all(line.startswith(f"{shown}:") for line in err.splitlines())


def test_a_draft_is_never_overwritten_not_even_once_it_is_signed(place):
    path = place.open_gate()
    before = path.read_bytes()
    code, _, err = decide(place, "--risk", QUIET, "--type", "accept")
    assert (code, path.read_bytes()) == (2, before)
    assert f"projects/p/decisions/{path.name} exists already" in err


def test_a_renewal_on_another_day_takes_the_place_of_the_first(place):
    path = place.open_gate()
    code, out, _ = place.riskkit("decide", "p", "--risk", QUIET, "--type", "accept", "--as-of", "2026-12-01")
    assert code == 0
    text = (place.root / out.splitlines()[0].removeprefix("drafted ")).read_text(encoding="utf-8")
    assert f"supersedes: {path.stem}" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--type", "acept", "--risk", "drift"), "there is no 'acept' (did you mean 'accept'?)"),
        (("--type", "accept", "--risk", "drfit"), "p has no risk 'drfit' (did you mean 'drift'?)"),
        (("--type", "accept"), "is about one thing: give --risk or --threshold or --finding"),
        (("--type", "mitigate", "--threshold", "answer_rate"), "is about one thing: give --risk"),
        (("--type", "accept", "--risk", "drift", "--finding", "f"), "is about one thing"),
        (("--type", "suspend", "--risk", "drift"), "is about one thing: give no subject"),
        (("--type", "close_finding", "--finding", "f"), "p has no finding 'f'"),
    ],
)
def test_what_cannot_be_decided_is_told_with_what_can(place, words, message):
    place.record()
    code, out, err = decide(place, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert not (place.root / "projects/p/decisions").exists()


def test_a_project_that_does_not_exist_is_named(place):
    code, _, err = place.riskkit("decide", "q", "--type", "accept", "--risk", "drift")
    assert code == 2
    assert "there is no project 'q'" in err


def test_every_fault_of_every_file_is_told_with_its_line_and_exit_three(place):
    place.write("controls.yml", "controls:\n  - {id: c, title: C}\n")
    place.write("decisions/d.yml", "type: accept\nsubject: {risk: drift}\n")
    place.write("findings/f.yml", "title: F\nseverity: grave\n")
    place.replace("catalog/matrices/own.yml", "[low, low, low, low, medium]", "[high, low, low, low, medium]")
    code, _, err = place.check()
    assert code == 3
    first, *lines = err.splitlines()
    assert first.startswith("catalog/matrices/own.yml:6: rows: has a level that falls")
    assert {line.split(":")[0].removeprefix("projects/p/") for line in lines} == {
        "controls.yml", "decisions/d.yml", "findings/f.yml"
    }  # fmt: skip
    assert all(line.split(":")[1].isdigit() for line in lines)
    assert "projects/p/findings/f.yml:2: severity: 'grave' is not an allowed value" in err

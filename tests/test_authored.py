"""Reading authored YAML: every fault at once, with line and field; nothing is ever guessed."""

from pathlib import Path

import pytest

from riskkit import authored
from riskkit.model import Profile, Threshold

PROFILE = """\
id: a
name: A
version: 2.1
kind: predictiv
stage: production
ownr: someone
thresholds:
  - measure: selection_rate_ratio
    at_least: eighty
"""


def problems(text: str) -> list[str]:
    document, faults = authored.parse(text, shown="f.yml")
    return [str(f) for f in faults] if document is None else []


def data(text: str):
    document, faults = authored.parse(text, shown="f.yml")
    assert document is not None, faults
    return document.data


@pytest.mark.parametrize(
    "word", ["NO", "on", "yes", "12:30:45", "010", "2026-11-20", "1_000", "0x1F", "1e", ".inf", "nan"]
)
def test_text_that_yaml_1_1_would_turn_into_something_else_stays_text(word):
    assert data(f"a: {word}") == {"a": word}


def test_plain_numbers_booleans_and_null_are_read_as_such():
    assert data("a: 1\nb: -2.5\nc: true\nd: null\ne: 1e-3\nf:\n") == {
        "a": 1, "b": -2.5, "c": True, "d": None, "e": 0.001, "f": None,
    }  # fmt: skip


def test_a_duplicate_key_names_both_lines():
    assert problems("risk: high\nrisk: low\n") == [
        "f.yml:2: risk: this key appears twice (first on line 1) (keep one)"
    ]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: &x 1\nb: *x", 1, "anchors and aliases"),
        ("a: !!python/name:os.system x", 1, "tag"),
        ("a: !!binary aGk=", 1, "tag"),
        ("a: 1\n---\nb: 2", 2, "two documents"),
        ("a:\n\tb: 1", 2, "not YAML"),
        ("a: ]", 1, "not YAML"),
        ("a: 1e999", 1, "too large"),
        ("? [a]\n: 1", 1, "a key must be a word"),
        ("[" * 40 + "]" * 40, 1, "too deeply nested"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, line, word):
    (first, *_) = problems(text)
    assert first.startswith(f"f.yml:{line}:")
    assert word in first


def test_the_billion_laughs_file_is_refused_before_it_grows():
    bomb = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(30))
    assert "anchors and aliases" in problems(bomb)[0]


def test_an_invisible_character_is_named_by_line_and_code_point(tmp_path: Path):
    path = tmp_path / "p.yml"
    path.write_text("a: fine\nb: x\u202ey\n", encoding="utf-8")
    _, faults = authored.load(path, shown="p.yml")
    assert str(faults[0]) == "p.yml:2: holds the invisible character U+202E (remove it)"


@pytest.mark.parametrize(
    ("raw", "word"), [(b"a: \xe9", "is not UTF-8"), (b"\x00", "U+0000"), (b"x" * 1_100_000, "larger")]
)
def test_a_file_that_is_not_small_clean_text_is_refused(tmp_path: Path, raw, word):
    path = tmp_path / "p.yml"
    path.write_bytes(raw)
    _, faults = authored.load(path, shown="p.yml")
    assert word in str(faults[0])


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path):
    _, faults = authored.load(tmp_path, shown="p.yml")
    assert "not a regular file" in str(faults[0])


def test_every_field_that_does_not_fit_is_reported_with_line_and_what_would_be_right():
    document, _ = authored.parse(PROFILE, shown="p.yml")
    assert document is not None
    profile, faults = authored.fit(document, Profile)
    lines = [str(f) for f in faults]
    assert profile is None
    assert "p.yml:9: thresholds[0].at_least: 'eighty' is not a number (for example 0.8)" in lines
    assert any(
        line.startswith("p.yml:4: kind: 'predictiv' is not an allowed value (one of predictive,")
        for line in lines
    )
    assert any(
        line.startswith("p.yml:3: version: a number 2.1 stands where text is wanted") for line in lines
    )
    assert any(line.startswith("p.yml:6: ownr: is not a known field") for line in lines)
    assert any("purpose: is missing" in line for line in lines)


def test_a_misspelt_field_gets_the_nearest_name():
    document, _ = authored.parse("measure: x\nat_lest: 1\nat_most: 2\n", shown="t.yml")
    assert document is not None
    _, faults = authored.fit(document, Threshold)
    assert str(faults[0]) == "t.yml:2: at_lest: is not a known field (did you mean 'at_least'?)"


def test_true_is_not_taken_for_the_number_one():
    document, _ = authored.parse("measure: x\nat_least: true\n", shown="t.yml")
    assert document is not None
    _, faults = authored.fit(document, Threshold)
    assert "is not a number" in str(faults[0])

"""The workbook goes out, is edited, and comes back: what was edited reaches the files, and nothing else changes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from riskkit.authored.edit import append, set_fields
from riskkit.errors import InputError
from riskkit.importers import xlsx
from riskkit.model.workbook import PEN, SHEETS, cell_text, heard, said
from tests.example_workspace import DAY, QUIET, Place

CONTROLS = f"""\
# what is done
controls:
  - id: watch   # the first one
    title: "Letters are counted: daily"
    kind: detective
    status: active
    acts_on: likelihood
    risks: [{QUIET}]
    effectiveness: fair
    owner: head of post   # since May
    note: >-
      Folded
      text.
  # the second one is new
  - {{id: stop, title: A stop, kind: preventive, status: planned, acts_on: impact, risks: [{QUIET}],
     effectiveness: good, owner: rule writer, due: 2027-01-01}}
"""
FINDING = """\
# seen in May
title: Letters are lost
severity: high
status: open
risks: []
observation: Two of ten.
criteria: policy 7
raised_by: head of validation
raised_on: 2026-05-01
owner: rule writer
due: 2026-12-01
actions:
  - {text: count again, owner: rule writer, due: 2026-11-30}
"""
ANSWERS = """\
# what people answered
answers:
  GDPR-ART5:   # principles
    status: partly
    note: "Dates are kept: too long."
    by: data protection officer
    on: 2026-06-01
questionnaires: {}
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    place = Place(tmp_path, monkeypatch, capsys)
    place.write("controls.yml", CONTROLS)
    place.write("findings/lost.yml", FINDING)
    place.write("answers.yml", ANSWERS)
    return place


def exported(place: Place) -> Path:
    code, _, err = place.riskkit("export", "xlsx", "--to", str(place.root / "out"), "--as-of", DAY)
    assert code == 0, err
    return place.root / "out/riskkit.xlsx"


def column(page: Any, name: str) -> int:
    heads = {str(c.value).removeprefix(PEN).lower().replace(" ", "_"): c.column for c in page[1]}
    return int(heads[name])


def row_of(page: Any, key: str) -> int:
    return next(r for r in range(2, page.max_row + 1) if page.cell(r, 1).value == key)


def edited(path: Path, *changes: tuple[str, str, str, object]) -> Path:
    """A copy of the workbook with cells changed: sheet, key, column, value."""
    book = openpyxl.load_workbook(path)
    for sheet, key, name, value in changes:
        page = book[sheet]
        cell = page.cell(row_of(page, key), column(page, name))
        cell.value = value  # type: ignore[assignment]
        if isinstance(value, str) and value.startswith("'"):
            cell.value, cell.data_type = value[1:], "s"
    target = path.with_name("edited.xlsx")
    book.save(target)
    return target


def state(place: Place) -> dict[str, bytes]:
    folder = place.root / "projects/p"
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_workbook_that_nobody_edited_changes_nothing(full: Place) -> None:
    before = state(full)
    code, out, _ = full.riskkit("import", str(exported(full)))
    assert (code, out.strip()) == (0, "no change")
    assert state(full) == before


EDITS: tuple[tuple[str, str, str, object], ...] = (
    ("Controls", "p/watch", "owner", "head of letters"),
    ("Controls", "p/watch", "note", None),
    ("Controls", "p/watch", "due", date(2027, 3, 1)),
    ("Controls", "p/stop", "title", "'=1+1 is only text"),
    ("Controls", "p/stop", "due", None),
    ("Findings", "p/lost", "response", "Agreed.\nFrom today on."),
    ("Findings", "p/lost", "status", "in_remediation"),
    ("Findings", "p/lost", "incident", "yes"),
    ("Checklist", "p/GDPR-ART5", "note", "Dates are kept for 30 days."),
)


def test_what_was_edited_reaches_the_files_and_comments_and_order_stay(full: Place) -> None:
    before = state(full)
    target = edited(exported(full), *EDITS)
    code, shown, _ = full.riskkit("import", str(target), "--dry-run")
    assert code == 0
    assert "+    owner: head of letters" in shown
    assert "nothing was written" in shown
    assert state(full) == before
    code, out, err = full.riskkit("import", "xlsx", str(target))
    assert code == 0, err
    assert "4 rows in 3 files changed" in out
    after = {name: raw.decode() for name, raw in state(full).items()}
    assert after["controls.yml"] == CONTROLS.replace(
        "owner: head of post ", "owner: head of letters "
    ).replace("    note: >-\n      Folded\n      text.\n", "    due: 2027-03-01\n").replace(
        "title: A stop,", 'title: "=1+1 is only text",'
    ).replace(", due: 2027-01-01}", "}")
    assert after["findings/lost.yml"] == (
        FINDING.replace("status: open", "status: in_remediation")
        + 'response: "Agreed.\\nFrom today on."\nincident: true\n'
    )
    assert after["answers.yml"] == ANSWERS.replace(
        '"Dates are kept: too long."', "Dates are kept for 30 days."
    )
    assert full.riskkit("import", str(target))[1].strip() == "no change"


def test_out_edited_in_and_out_again_shows_the_edits_and_nothing_else(full: Place) -> None:
    target = edited(exported(full), *EDITS)
    assert full.riskkit("import", str(target))[0] == 0
    book = openpyxl.load_workbook(exported(full))
    mine = openpyxl.load_workbook(target)
    for sheet in SHEETS:
        title = sheet.table.title()
        for field in sheet.fields:
            n = column(book[title], field.name)
            assert [heard(c.value) for c in book[title][openpyxl.utils.get_column_letter(n)]] == [
                heard(c.value) for c in mine[title][openpyxl.utils.get_column_letter(n)]
            ]


def test_new_rows_become_items_of_the_files(full: Place) -> None:
    path = exported(full)
    book = openpyxl.load_workbook(path)
    new = {
        "Controls": {
            "project": "p", "control": "second-reader", "title": "A second reader", "kind": "preventive",
            "status": "planned", "acts_on": "impact", "risks": QUIET, "effectiveness": "fair", "owner": "head of post",
        },
        "Findings": {
            "project": "p", "finding": "late", "title": "Letters are late", "severity": "low", "status": "open",
            "observation": "One of ten.", "criteria": "policy 8", "raised_by": "head of validation",
            "raised_on": "2026-11-01", "owner": "rule writer", "due": "2027-01-01",
        },
    }  # fmt: skip
    for title, fields in new.items():
        line = book[title].max_row + 1
        for name, value in fields.items():
            book[title].cell(line, column(book[title], name)).value = value
    book.save(path)
    code, _, err = full.riskkit("import", str(path))
    assert code == 0, err
    assert full.root.joinpath("projects/p/controls.yml").read_text() == (
        CONTROLS
        + "  - id: second-reader\n    title: A second reader\n    kind: preventive\n    status: planned\n"
        f'    acts_on: impact\n    risks: ["{QUIET}"]\n    effectiveness: fair\n    owner: head of post\n'
    )
    assert (
        full.root.joinpath("projects/p/findings/late.yml").read_text().startswith("title: Letters are late\n")
    )
    assert full.riskkit("import", str(path))[1].strip() == "no change"


def test_every_fault_is_told_with_sheet_row_and_column_and_nothing_is_written(full: Place) -> None:
    before = state(full)
    target = edited(
        exported(full),
        ("Controls", "p/watch", "status", "nonsense"),
        ("Controls", "p/watch", "risks", "no-such-risk"),
        ("Controls", "p/stop", "due", "tomorrow"),
        ("Findings", "p/lost", "closed_by", "rule writer"),
        ("Checklist", "p/GDPR-ART5", "status", "done"),
        ("Findings", "p/lost", "title", "fine"),
    )
    code, _, err = full.riskkit("import", str(target))
    assert code == 3
    for place_, what in (
        ("Controls!G2: status", "'nonsense' is not an allowed value"),
        ("Controls!I2: risks", "there is no 'no-such-risk'"),
        ("Controls!M3: due", "'tomorrow' is not a date"),
        ("Findings!U2: closed_by", "is the owner"),
        ("status", "'done' is not an allowed value"),
    ):
        assert any(place_ in line and what in line for line in err.splitlines()), (place_, err)
    assert "Checklist!" in err
    assert state(full) == before


def test_a_formula_in_a_cell_is_refused(full: Place) -> None:
    target = edited(exported(full), ("Controls", "p/watch", "owner", '=HYPERLINK("http://evil.example","x")'))
    code, _, err = full.riskkit("import", str(target))
    assert code == 3
    assert "Controls!L2: owner: holds a formula" in err


def test_edits_of_a_file_that_changed_since_are_conflicts_and_nothing_is_overwritten(full: Place) -> None:
    target = edited(
        exported(full), ("Controls", "p/watch", "owner", "x"), ("Findings", "p/lost", "response", "yes")
    )
    full.replace("projects/p/controls.yml", "owner: head of post ", "owner: head of mail ")
    before = state(full)
    code, _, err = full.riskkit("import", str(target))
    assert code == 3
    assert "projects/p/controls.yml has changed since the workbook was made" in err
    assert "watch: owner in the file: 'head of mail'" in err
    assert "findings" not in err, "that file is as it was"
    assert state(full) == before


def test_a_row_that_nobody_edited_never_takes_a_file_back(full: Place) -> None:
    target = edited(exported(full), ("Findings", "p/lost", "response", "yes"))
    full.replace("projects/p/controls.yml", "owner: head of post ", "owner: head of mail ")
    assert full.riskkit("import", str(target))[0] == 0
    assert "head of mail" in full.root.joinpath("projects/p/controls.yml").read_text()


def test_what_is_made_from_evidence_is_not_taken_in(full: Place) -> None:
    target = edited(exported(full), ("Controls", "p/watch", "credited", "strong"))
    assert full.riskkit("import", str(target))[1].strip() == "no change"


# Workbooks that nobody should trust


def workbook_of(change: Callable[[zipfile.ZipFile], None], path: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        change(new)
    return out.getvalue()


def bomb(archive: zipfile.ZipFile) -> None:
    with archive.open("xl/worksheets/sheet99.xml", "w", force_zip64=True) as part:
        for _ in range(401):
            part.write(b" " * 1_000_000)


HOSTILE: dict[str, tuple[Callable[[zipfile.ZipFile], None], str]] = {
    "macros": (lambda z: z.writestr("xl/vbaProject.bin", b"x"), "holds macros"),
    "links": (
        lambda z: z.writestr("xl/externalLinks/externalLink1.xml", b"<x/>"),
        "links to other workbooks",
    ),
    "objects": (lambda z: z.writestr("xl/embeddings/oleObject1.bin", b"x"), "holds embedded objects"),
    "entities": (
        lambda z: z.writestr("xl/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        "declares more",
    ),
    "parts": (lambda z: [z.writestr(f"xl/{n}.bin", b"") for n in range(600)] and None, "parts"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_that_does_more_than_hold_values_is_refused(full: Place, name: str) -> None:
    change, what = HOSTILE[name]
    with pytest.raises(InputError, match=what):
        xlsx.read(workbook_of(change, exported(full)), file="w.xlsx")


@pytest.mark.slow
def test_a_workbook_that_unpacks_without_end_is_refused(full: Place) -> None:
    with pytest.raises(InputError, match="unpacks to more than 400 MB"):
        xlsx.read(workbook_of(bomb, exported(full)), file="w.xlsx")


@pytest.mark.parametrize("data", [b"", b"PK", b"no workbook", b"PK\x05\x06" + b"\0" * 18], ids=range(4))
def test_what_is_no_workbook_is_refused_in_a_line(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        xlsx.read(data, file="w.xlsx")
    assert "\n" not in str(caught.value)


def test_a_workbook_of_somebody_else_is_refused() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with pytest.raises(InputError, match="has no sheet 'riskkit'"):
        xlsx.read(out.getvalue(), file="w.xlsx")


# Cells and files


@pytest.mark.parametrize(
    "text", ["=1", "_x0041_", "_x005F_", "a\r\nb", "x\u202ey", " pad ", "a\tb", "\u0645\u06cc\u200c\u062e"]
)
def test_what_a_cell_holds_reads_back_as_what_it_says(text: str) -> None:
    assert heard(cell_text(text)) == said(text)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    assert len(cell_text("_x0041_" * 9000)) <= 32767
    assert cell_text("y" * 40_000).endswith("(cut to fit)")


def test_a_list_in_a_block_is_set_and_what_follows_it_stays() -> None:
    text = "a:\n  - id: x\n    risks:\n    - one\n    - two\n    # why\n    owner: me # now\n"
    assert set_fields(text, {("a", 0): {"risks": ["three"]}}, shown="f") == (
        'a:\n  - id: x\n    risks: ["three"]\n    # why\n    owner: me # now\n'
    )


@pytest.mark.parametrize(
    "text", ["", "controls: []\n", "controls: # none yet\n", "# nothing\n", "controls: [{id: a}]\n"]
)
def test_an_item_is_added_to_a_list_that_may_be_missing_or_empty(text: str) -> None:
    made = append(text, "controls", [{"id": "bb", "n": 1}], shown="f")
    assert "id: bb" in made
    assert not re.search(r"\bn: 1 *#", made), "a comment stays with what it is about"

"""The first sheet of the workbook: what it is, how to read it, what may be edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskkit.exporters._tables import TABLES
from riskkit.exporters._words import VERDICTS, sentence
from riskkit.exporters._workbook_matrix import text_cell
from riskkit.exporters._workbook_style import tone_of
from riskkit.model import Level, Register
from riskkit.model.workbook import PEN, SHEETS

_METHOD = """\
A verdict compares the whole interval of a figure with a threshold that somebody answers for: met, breached or \
inconclusive. What was not measured is missing, what is too old is stale, a failed run is error; none is ever good.
A level is looked up in the matrix of the project, never multiplied. Inherent is before any control, current with \
controls as claimed, residual with controls credited only as far as evidence shows that they work.
An empty cell means that something is not known or does not apply; it never means zero or fine.
The machine gives verdicts; only people decide. Nothing here is legal advice, and nothing is certified.
"""
_EDIT = f"""\
Columns whose head begins with {PEN.strip()} and is brown may be edited, on the sheets Checklist, Questions, Controls \
and Findings. A new row of Controls or Findings, with project and id, is a new item. Lists are parted by semicolons, \
days are written 2026-11-20.
riskkit import FILE --dry-run shows what the edits would change in the files, row by row; riskkit import FILE writes \
it. All other columns are made from evidence and files: what is typed there is not taken in.
Hidden columns and a hidden sheet say which state of the files the workbook was made from. If a file has changed \
since, edits to it are refused, and nothing is overwritten. Deleting a row deletes nothing.
"""
_MEANS = {
    "met": "the whole interval lies on the right side of the bound",
    "breached": "the whole interval lies on the wrong side of the bound",
    "inconclusive": "the interval does not decide, the sample is too small, or there is no bound",
    "stale": "measured, but too long ago",
    "missing": "nobody measured it",
    "error": "the latest run failed",
    "not_applicable": "nothing would measure this risk; the catalogue says why",
}


def legend(book: Any, register: Register) -> None:
    """Add the sheet."""
    page = book.create_sheet("Read me")
    page.column_dimensions["A"].width = 24
    page.column_dimensions["B"].width = 24
    page.column_dimensions["C"].width = 110
    for row in _rows(register):
        page.append([text_cell(page, text, style) if text else None for text, style in row])


def _rows(register: Register) -> Iterator[list[tuple[str, str]]]:
    blank: list[tuple[str, str]] = []
    names = ", ".join(p.profile.name for p in register.projects)
    yield [("Risk register", "title")]
    yield [("As of", "head"), (register.as_of.isoformat(), "plain")]
    yield [("Systems", "head"), (str(len(register.projects)), "plain"), (names, "plain")]
    yield [("Made for", "head"), (register.audience, "plain"), (f"riskkit {register.kit_version}", "plain")]
    yield [("Register", "head"), (register.sha256[:16], "plain"), ("first digits of its SHA-256", "plain")]
    for title, lines in (("Method", _METHOD), ("Editing", _EDIT)):
        yield blank
        yield [(title, "title")]
        yield from ([("", ""), ("", ""), (line, "plain")] for line in lines.splitlines())
    notes = {p.profile.note: p.profile.id for p in register.projects if p.profile.note}
    yield from ([("Note", "head"), (project, "plain"), (note, "plain")] for note, project in notes.items())
    yield blank
    yield [("Legend", "title")]
    for verdict, means in _MEANS.items():
        yield [("Verdict", "plain"), (verdict, tone_of(verdict)), (f"{VERDICTS[verdict]}: {means}", "plain")]
    yield from ([("Level", "plain"), (level, tone_of(level))] for level in Level)
    yield blank
    yield [("Columns", "title")]
    editable = {(s.table, f.name) for s in SHEETS for f in s.fields}
    for table in TABLES:
        yield [(table.title, "head"), ("", ""), (table.about, "head")]
        for column in table.columns:
            pen = PEN if (table.name, column.name) in editable else ""
            yield [("", ""), (pen + sentence(column.name), "plain"), (column.about, "plain")]

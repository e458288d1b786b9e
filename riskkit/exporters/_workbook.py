"""The workbook, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from riskkit.exporters._table import Column, Table
from riskkit.exporters._tables import TABLES
from riskkit.exporters._words import sentence
from riskkit.exporters._workbook_file import packed
from riskkit.exporters._workbook_legend import legend
from riskkit.exporters._workbook_matrix import matrices
from riskkit.exporters._workbook_style import add_styles, style_of
from riskkit.model import Register
from riskkit.model.workbook import ABOUT, KEY, PEN, SCHEMA, SHEETS, WAS, Field, Sheet, cell_text, mark, said

_WIDE = {"text": 24, "number": 12, "integer": 10, "boolean": 10, "date": 12}
_WIDER = {
    "title",
    "why",
    "purpose",
    "observation",
    "rationale",
    "note",
    "ask",
    "what",
    "answer",
    "response",
    "actions",
}
_STARTERS = ("=", "+", "-", "@", "|", "%", "'")
_SPARE = 200
"""Empty rows below the last one in which choices are offered too, for new items."""


def workbook(register: Register) -> bytes:
    """The bytes of the workbook."""
    book = Workbook(write_only=True)
    add_styles(book)
    legend(book, register)
    edited = {sheet.table: sheet for sheet in SHEETS}
    for table in TABLES:
        _sheet(book, table, register, edited.get(table.name))
        if table.name == "register":
            matrices(book, register)
    _about(book, register)
    return packed(book, register.as_of)


def _sheet(book: Any, table: Table, register: Register, edited: Sheet | None) -> None:
    """One table; its two hidden columns come first where it can be edited."""
    page = book.create_sheet(table.title)
    fields = {field.name: field for field in edited.fields} if edited else {}
    if edited and edited.grows:
        fields |= {name: Field(name) for name in ("project", edited.item)}
    lead = 2 if edited else 0
    for number, column in enumerate(table.columns, 1 + lead):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = 48 if column.name in _WIDER else _WIDE[column.kind]
    for letter in ("A", "B")[:lead]:
        page.column_dimensions[letter].hidden = True
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.print_title_rows = "1:1"
    rows = list(table.cells(register))
    page.freeze_panes = f"{get_column_letter(lead + 3)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(lead + len(table.columns))}{len(rows) + 1}"
    for number, column in enumerate(table.columns, 1 + lead):
        if check := _check(fields.get(column.name), column):
            letter = get_column_letter(number)
            check.add(f"{letter}2:{letter}{len(rows) + 1 + _SPARE}")
            page.data_validations.append(check)
    page.append(_head(page, table, edited, fields))
    for number, row in enumerate(rows, 2):
        page.row_dimensions[number].height = 14 * max(_lines(name, value) for name, value in row.items())
        page.append(_row(page, table, row, edited, fields))


def _lines(column: str, value: object) -> int:
    """About how many lines a cell takes; not every office program finds out by itself. At most ten are shown."""
    width = 46 if column in _WIDER else 22
    lines = str(value or "").split("\n")
    return min(10, sum(1 + len(line) // width for line in lines))


def _head(page: Any, table: Table, edited: Sheet | None, fields: dict[str, Field]) -> Iterator[Any]:
    for name in (KEY, WAS) if edited else ():
        yield _cell(page, name, "head")
    for column in table.columns:
        pen = column.name in fields
        yield _cell(page, (PEN if pen else "") + sentence(column.name), "head to edit" if pen else "head")


def _row(
    page: Any, table: Table, row: dict[str, Any], edited: Sheet | None, fields: dict[str, Field]
) -> Iterator[Any]:
    if edited:
        yield _cell(page, edited.key(row), "plain")
        yield _cell(page, mark(_held(row[field.name]) for field in edited.fields), "plain")
    for column in table.columns:
        value = row[column.name]
        own = column.name in fields and column.name not in ("project", edited and edited.item)
        yield _cell(page, value, style_of(column.name, value, editable=own))


def _held(value: object) -> object:
    """What the cell of ``value`` holds."""
    return cell_text(value) if isinstance(value, str) else value


def _cell(page: Any, value: Any, style: str) -> Any:
    """A cell that is never a formula, whatever its text begins with."""
    cell = WriteOnlyCell(page)
    cell.style = style
    if isinstance(value, bool):
        value = said(value)  # office programs save a truth value as a formula
    if isinstance(value, str):
        cell.value = cell_text(str(value))
        cell.data_type = "s"
        cell.quotePrefix = cell_text(value).startswith(_STARTERS)
    elif value is not None:
        cell.value = value
    return cell


def _check(field: Field | None, column: Column) -> DataValidation | None:
    """What a spreadsheet says and refuses while somebody types; the import checks again."""
    if field is None:
        return None
    if field.choices or field.kind == "yes_no":
        words = ",".join(field.choices or ("yes", "no"))
        made = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
    elif field.kind == "day":
        made = DataValidation(type="date", operator="greaterThan", formula1="32874", allow_blank=True)
        made.error = "a day such as 2026-11-20"
    else:
        made = DataValidation(
            type="textLength", operator="lessThanOrEqual", formula1="4000", allow_blank=True
        )
    made.promptTitle, made.prompt = sentence(column.name)[:32], column.about[:255]
    made.showInputMessage = made.showErrorMessage = True
    return made


def _about(book: Any, register: Register) -> None:
    """The hidden sheet: which state of which files the workbook was made from."""
    page = book.create_sheet(ABOUT)
    page.sheet_state = "hidden"
    rows: Iterable[tuple[str, str]] = [
        ("schema", SCHEMA), ("as_of", register.as_of.isoformat()), ("kit_version", register.kit_version),
        ("audience", register.audience), ("register", register.sha256),
        *((f"projects/{p.profile.id}/{file}", digest) for p in register.projects for file, digest in p.files.items()),
    ]  # fmt: skip
    for name, value in rows:
        page.append([_cell(page, name, "plain"), _cell(page, value, "plain")])

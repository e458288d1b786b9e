"""An edited workbook: what people changed in it, row by row, held against what the files say now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskkit.errors import InputError, Problem
from riskkit.importers._opening import COLUMNS, ROWS, opened
from riskkit.importers._reading import fault
from riskkit.model import Project
from riskkit.model.workbook import (
    ABOUT,
    KEY,
    PEN,
    SCHEMA,
    SHEETS,
    WAS,
    Edit,
    Field,
    Sheet,
    heard,
    mark,
    said,
)

Values = Mapping[str, object]
_BAD = {"f": ("holds a formula", "type the value"), "e": ("holds an error", "type the value")}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet as it stands: what its cells say, by column."""

    sheet: Sheet
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, str]

    def problem(self, file: str, field: str, what: str, right: str = "") -> Problem:
        """A fault of one cell."""
        cell = f"{self.sheet.table.title()}!{self.columns.get(field, 'A')}{self.number}"
        return Problem(file, self.number, f"{cell}: {field}" if field else cell, what, right)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found in a workbook: the digests of the files it was made from, its rows, and faults of cells."""

    files: Mapping[str, str]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(data: bytes, *, file: str) -> Taken:
    """The rows of the sheets that can be edited; raises InputError for what is no workbook of the kit."""
    book = opened(data, file=file)
    try:
        if ABOUT not in book.sheetnames:
            raise fault(file, None, "", f"has no sheet {ABOUT!r}", "a file that riskkit export xlsx made")
        about = {
            heard(a): heard(b)
            for a, b, *_ in book[ABOUT].iter_rows(max_row=ROWS, max_col=2, values_only=True)
        }
        if about.get("schema") != SCHEMA:
            raise fault(
                file, None, "", f"is not a {SCHEMA}, but {about.get('schema', 'something else')!r:.60}"
            )
        rows, problems = [], []
        for sheet in SHEETS:
            found, faults = _rows(book, sheet, file)
            rows += found
            problems += faults
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
        raise fault(file, None, "", f"cannot be read as a workbook: {error}"[:200]) from None
    files = {name: digest for name, digest in about.items() if name.startswith("projects/")}
    return Taken(files, tuple(rows), tuple(problems))


def _rows(book: Any, sheet: Sheet, file: str) -> tuple[list[Row], list[Problem]]:
    from openpyxl.utils import get_column_letter

    title = sheet.table.title()
    if title not in book.sheetnames:
        return [], [
            Problem(file, None, title, "the sheet is missing", "leave it, nothing is taken from it then")
        ]
    lines = book[title].iter_rows(max_row=ROWS, max_col=COLUMNS)
    heads = [
        heard(c.value).removeprefix(PEN.strip()).strip().lower().replace(" ", "_") for c in next(lines, ())
    ]
    columns = {name: get_column_letter(n) for n, name in enumerate(heads, 1) if name}
    wanted = [KEY, WAS, "project", sheet.item, *(field.name for field in sheet.fields)]
    if missing := [name for name in wanted if name not in columns]:
        return [], [Problem(file, 1, title, f"has no column {', '.join(missing)}", "export it again")]
    rows, problems, seen = [], [], dict[str, int]()
    for number, cells in enumerate(lines, 2):
        found = {name: cell for name, cell in zip(heads, cells, strict=False) if name in wanted}
        row = Row(sheet, number, {name: heard(c.value) for name, c in found.items()}, columns)
        row = Row(sheet, number, {name: row.cells.get(name, "") for name in wanted}, columns)
        if not any(row.cells.values()):
            continue
        faults = [row.problem(file, n, *_BAD[c.data_type]) for n, c in found.items() if c.data_type in _BAD]
        key = row.cells[KEY] or f"{row.cells['project']}/{row.cells[sheet.item]}"
        if key in seen:
            faults.append(row.problem(file, "", f"is {key}, as row {seen[key]} is", "keep one of them"))
        seen.setdefault(key, number)
        rows += [] if faults else [row]
        problems += faults
    return rows, problems


def edits(taken: Taken, projects: Iterable[Project], *, file: str) -> tuple[list[Edit], list[Problem]]:
    """What people changed in the workbook and the files do not say yet, and what stands against taking it in.

    A row that nobody edited changes nothing, though its file may say something else by now. An edit of a file that is
    not as it was when the workbook was made is a conflict.
    """
    by_id = {project.id: project for project in projects}
    found: list[Edit] = []
    problems = list(taken.problems)
    for row in taken.rows:
        edit = _edit(row, by_id, file)
        if isinstance(edit, Edit):
            path = f"projects/{edit.project}/{edit.file}"
            now = by_id[edit.project].files.get(edit.file)
            if taken.files.get(path) != now:
                edit = _conflict(row, edit, path, file)
        if isinstance(edit, Edit):
            found.append(edit)
        elif edit is not None:
            problems.append(edit)
    return found, problems


def _edit(row: Row, projects: Mapping[str, Project], file: str) -> Edit | Problem | None:
    new = not row.cells[KEY]
    key = row.cells[KEY] or f"{row.cells['project']}/{row.cells[row.sheet.item]}"
    project, _, item = key.partition("/")
    texts = {field.name: row.cells[field.name] for field in row.sheet.fields}
    if new and not row.sheet.grows:
        return row.problem(file, "", "is a row of its own", "rows can be added to Controls and Findings only")
    if project not in projects:
        return row.problem(file, "project", f"there is no project {project!r:.80}")
    now = _now(row.sheet, projects[project], item)
    if new and now is not None and all(text in ("", said(now[name])) for name, text in texts.items()):
        return None  # taken in before
    if new and now is not None:
        return row.problem(file, row.sheet.item, f"{item!r:.80} exists already", "edit its own row")
    if not new and row.cells[WAS] == mark(texts.values()):
        return None
    if now is None and not new:
        return row.problem(file, "", f"{item!r:.80} is not in the files any more")
    old = now or dict.fromkeys(texts)
    changed = {n: text for n, text in texts.items() if text != said(old[n])}
    if not changed:
        return None
    fields = {field.name: field for field in row.sheet.fields}
    values = {name: _parsed(fields[name], text) for name, text in changed.items()}
    was = {name: said(old[name]) for name in changed}
    return Edit(row.sheet, row.number, project, item, values, new, was)


def _conflict(row: Row, edit: Edit, path: str, file: str) -> Problem | Edit:
    """An edit of a file that has changed since; a new item of a new file is none."""
    if edit.new and edit.sheet.table == "findings":
        return edit
    says = "; ".join(f"{n} in the file: {edit.was[n]!r:.60}" for n in edit.values)
    what = f"{path} has changed since the workbook was made, so nothing is taken in: {edit.item}: {says}"
    return row.problem(file, next(iter(edit.values)), what, "export again and repeat the edit")


def _now(sheet: Sheet, project: Project, item: str) -> Values | None:
    """What the files say of the item, by field; None where there is no such thing."""
    names = [field.name for field in sheet.fields]
    found: Any
    if sheet.table == "checklist":
        found = project.answers.answers.get(item)
    elif sheet.table == "questions":
        questionnaire, _, question = item.partition(".")
        found = project.answers.questionnaires.get(questionnaire, {}).get(question)
    else:
        found = next((i for i in getattr(project, sheet.table) if i.id == item), None)
        if found is None:
            return None
    return {name: _said(getattr(found, name, None), found) for name in names}


def _said(value: Any, item: Any) -> object:
    if value is not None and value is getattr(item, "answer", None):
        return item.words
    return "; ".join(value) if isinstance(value, tuple) else value


def _parsed(field: Field, text: str) -> object:
    """The text of a cell as its field wants it; what does not fit is left for the check."""
    if not text:
        return None
    if field.kind == "list":
        return [part.strip() for part in text.split(";") if part.strip()]
    if field.kind == "yes_no":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    return text


def refused(taken: Taken, problems: Iterable[Problem], edited: Iterable[Edit], *, file: str) -> InputError:
    """``problems`` told by item and field, told by the cell."""
    rows = {(row.sheet.table, row.number): row for row in taken.rows}
    places = {(e.project, e.item): rows[e.sheet.table, e.row] for e in edited}
    return InputError(_placed(problem, places, file) for problem in problems)


def _placed(problem: Problem, places: Mapping[tuple[str, str], Row], file: str) -> Problem:
    for (project, item), row in places.items():
        for prefix in (f"{project}.{item}", f"{project}.answers.{item}", f"{project}.questionnaires.{item}"):
            if problem.field == prefix or problem.field.startswith(prefix + "."):
                field = problem.field.removeprefix(prefix).lstrip(".").partition("[")[0]
                return row.problem(file, field, problem.what, problem.right)
    return problem

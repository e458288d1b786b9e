"""The two matrices of the workbook: where the risks stand before and after controls."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from openpyxl.cell import WriteOnlyCell

from riskkit.exporters._workbook_style import tone_of
from riskkit.model import Matrix, Rating, Register
from riskkit.model.workbook import cell_text

_SHOWN = 12
"""Risks named in a cell; the rest are counted."""
_KINDS = {
    "Inherent": ("inherent_rating", "Before any control, as the owner rated it or, where nobody did, the catalogue."),
    "Residual": ("residual_rating", "With controls, each credited only as far as evidence shows that it works."),
}  # fmt: skip


def matrices(book: Any, register: Register) -> None:
    """A sheet for inherent and one for residual risk, with a grid for each matrix in use."""
    used = {p.matrix.id: p.matrix for p in register.projects}
    for title, (field, about) in _KINDS.items():
        page = book.create_sheet(title)
        page.column_dimensions["A"].width = 26
        for letter in "BCDEF":
            page.column_dimensions[letter].width = 34
        page.append([text_cell(page, f"{title} risk, {register.as_of}", "title")])
        page.append([text_cell(page, about, "plain")])
        for matrix in used.values():
            page.append([])
            page.append([text_cell(page, matrix.title, "title")])
            _grid(page, matrix, _placed(register, matrix, field))


def _placed(register: Register, matrix: Matrix, field: str) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for project in register.projects:
        for entry in project.entries if project.matrix.id == matrix.id else ():
            rating: Rating = getattr(entry, field)
            found[rating.likelihood, rating.impact].append(f"{project.profile.id}: {entry.risk.id}")
    return found


def _grid(page: Any, matrix: Matrix, placed: dict[tuple[int, int], list[str]]) -> None:
    """Likelihood downwards from the highest, impact to the right."""
    head = [f"{n} {step}" for n, step in enumerate(matrix.impact, 1)]
    page.append(
        [text_cell(page, "Likelihood \\ impact", "head"), *(text_cell(page, step, "head") for step in head)]
    )
    for likelihood in range(len(matrix.likelihood), 0, -1):
        row = [text_cell(page, f"{likelihood} {matrix.likelihood[likelihood - 1]}", "head")]
        for impact in range(1, len(matrix.impact) + 1):
            level = matrix.level(Rating(likelihood=likelihood, impact=impact))
            names = placed.get((likelihood, impact), [])
            more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
            lines = [f"{level}: {len(names)}", *names[:_SHOWN], *more]
            row.append(text_cell(page, "\n".join(lines), tone_of(level)))
        page.append(row)


def text_cell(page: Any, text: str, style: str) -> Any:
    cell = WriteOnlyCell(page)
    cell.style = style
    cell.value = cell_text(text)
    cell.data_type = "s"
    return cell

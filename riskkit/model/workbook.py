"""What an edited workbook can change, and how its cells read: for those who write one and those who take it in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from pydantic import BaseModel

from .control import Control, ControlStatus, Effectiveness
from .finding import Finding, FindingStatus, Severity
from .frozen import digest
from .law import Answer, Reply

SCHEMA = "riskkit workbook 1"
ABOUT = "riskkit"
"""The hidden sheet: what the workbook was made from."""
KEY, WAS = "key", "was"
"""Hidden columns of a sheet that can be edited: whose row it is, and a digest of what people could edit."""
PEN = "\u270e "
"""What the head of a column that can be edited begins with."""
LONGEST = 32_767
"""Characters of the longest text that a cell may hold."""

_UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Field:
    """A column that people may edit."""

    name: str
    kind: Literal["text", "day", "list", "yes_no", "answer"] = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of which some columns may be edited; a row is an item of ``file`` in its project's folder."""

    table: str
    item: str
    file: str
    model: type[BaseModel]
    fields: tuple[Field, ...]
    grows: bool = False
    """Whether a row without a key is a new item."""

    def key(self, row: Mapping[str, object]) -> str:
        """Whose row it is: project and item."""
        return f"{row['project']}/{row[self.item]}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed in one row: fields to their new values, None for what was emptied."""

    sheet: Sheet
    row: int
    project: str
    item: str
    values: Mapping[str, object]
    new: bool = False
    was: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The file it changes, below the project's folder."""
        return self.sheet.file.format(self.item)


def _choices(of: object) -> tuple[str, ...]:
    return tuple(map(str, get_args(of) or of))  # type: ignore[call-overload]


_SAID = (Field("by"), Field("on", "day"), Field("document"), Field("expires_on", "day"))
_STATUS = _choices(Answer.model_fields["status"].annotation)
_KINDS = _choices(Control.model_fields["kind"].annotation)
_AXES = _choices(Control.model_fields["acts_on"].annotation)

SHEETS: tuple[Sheet, ...] = (
    Sheet("checklist", "requirement", "answers.yml", Answer, (Field("status", choices=_STATUS), Field("note"), *_SAID)),
    Sheet("questions", "question", "answers.yml", Reply, (Field("answer", "answer"), *_SAID)),
    Sheet(
        "controls", "control", "controls.yml", Control,
        (
            Field("title"), Field("kind", choices=_KINDS), Field("status", choices=_choices(ControlStatus)),
            Field("acts_on", choices=_AXES), Field("risks", "list"),
            Field("effectiveness", choices=_choices(Effectiveness)), Field("evidence", "list"), Field("owner"),
            Field("due", "day"), Field("note"),
        ),
        grows=True,
    ),
    Sheet(
        "findings", "finding", "findings/{}.yml", Finding,
        (
            Field("title"), Field("severity", choices=_choices(Severity)),
            Field("status", choices=_choices(FindingStatus)), Field("risks", "list"), Field("observation"),
            Field("criteria"), Field("raised_by"), Field("raised_on", "day"), Field("owner"), Field("due", "day"),
            Field("response"), Field("validation_note"), Field("closed_by"), Field("closed_on", "day"),
            Field("incident", "yes_no"),
        ),
        grows=True,
    ),
)  # fmt: skip
"""The sheets that can be edited. What a machine measured or a person decided cannot."""


def clean(text: str) -> str:
    """``text`` with its line breaks, and everything else that nobody can see spelled out as its escape."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _UNSEEN.sub(lambda m: m.group().encode("unicode_escape", "backslashreplace").decode(), lines)


def cell_text(text: str) -> str:
    """``text`` as a cell holds it: nothing in it reads as an escape of the file format, and it is cut to what fits."""
    kept = _ESCAPE.sub("_x005F_", clean(text))
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 20] + "\u2026 (cut to fit)"


def heard(cell: object) -> str:
    """What a cell says, in the one form in which cells are compared."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    lines = clean(str(cell).replace("_x005F_", "_")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def said(value: object) -> str:
    """What the cell of ``value`` says."""
    return heard(cell_text(value) if isinstance(value, str) else value)


def mark(cells: Iterable[object]) -> str:
    """A digest of cells that people may edit, by which an edited row is told from one that its file left behind."""
    return digest([heard(cell) for cell in cells])[:16]

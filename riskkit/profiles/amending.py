"""What an edited workbook changes in the files of projects: checked item by item, as texts, and not written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from riskkit import authored
from riskkit.authored import Document
from riskkit.authored.edit import append, item, set_fields
from riskkit.errors import InputError, Problem
from riskkit.model import Catalog, Project
from riskkit.model.workbook import Edit

from .answering import merge
from .given import understood


def texts(
    edits: Iterable[Edit], projects: Iterable[Project], *, folder: Path, catalog: Catalog
) -> tuple[dict[Path, str], list[Problem]]:
    """Path to the text of each file of ``folder`` (``projects/``) that ``edits`` change, and every fault of them.

    Faults name project, item and field. Comments, order and whatever was not edited stay.
    """
    groups: dict[tuple[str, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        groups[edit.project, edit.file].append(edit)
    by_id = {project.id: project for project in projects}
    found: dict[Path, str] = {}
    problems: list[Problem] = []
    for (name, file), group in groups.items():
        path, project = folder / name / file, by_id[name]
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        try:
            if file == "answers.yml":
                found[path] = _answers(text, group, project, catalog)
            else:
                found[path] = _items(text, group, project, catalog, shown=f"projects/{name}/{file}")
        except InputError as error:
            problems += error.problems
    return found, problems


def _answers(text: str, group: list[Edit], project: Project, catalog: Catalog) -> str:
    given: dict[str, dict[str, object]] = {}
    problems = []
    for edit in group:
        now: dict[str, object] = {}
        questionnaire, _, question = edit.item.partition(".")
        replies = project.answers.questionnaires.get(questionnaire, {})
        answer = (
            replies.get(question)
            if edit.sheet.table == "questions"
            else project.answers.answers.get(edit.item)
        )
        if answer is not None:
            now = answer.model_dump(mode="json", exclude_none=True)
        given[edit.item] = {**now, **edit.values}
        if not any(given[edit.item].values()):
            what = "is emptied: an answer can be changed here, not taken away"
            problems.append(
                Problem("", None, f"{project.id}.answers.{edit.item}", what, "take it out of answers.yml")
            )
    try:
        said = understood(given, catalog=catalog, before=project.answers, shown="")
    except InputError as error:
        problems += [_of(project.id, problem) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return merge(text, said, shown=f"projects/{project.id}/answers.yml")  # fmt: skip


def _items(text: str, group: list[Edit], project: Project, catalog: Catalog, *, shown: str) -> str:
    """Controls or findings, each held against its model with the edits in it."""
    problems: list[Problem] = []
    for edit in group:
        there = next((i for i in getattr(project, edit.sheet.table) if i.id == edit.item), None)
        whole: dict[str, Any] = (
            there.model_dump(mode="json", exclude_none=True) if there else {"id": edit.item}
        )
        whole = {n: v for n, v in {**whole, **edit.values}.items() if v is not None}
        _, faults = authored.fit(Document("", whole, {}), edit.sheet.model)
        faults += _unknown(whole, catalog)
        problems += [
            Problem("", None, f"{project.id}.{edit.item}.{f.field}", f.what, f.right) for f in faults
        ]
    if problems:
        raise InputError(problems)
    if group[0].sheet.table == "findings":
        (edit,) = group
        return item(_filled(edit)) if edit.new else set_fields(text, {(): edit.values}, shown=shown)  # type: ignore[dict-item]
    order = [control.id for control in project.controls]
    changed = {("controls", order.index(e.item)): e.values for e in group if not e.new}
    text = set_fields(text, changed, shown=shown) if changed else text  # type: ignore[arg-type]
    added = [{"id": edit.item, **_filled(edit)} for edit in group if edit.new]
    return append(text, "controls", added, shown=shown) if added else text


def _filled(edit: Edit) -> dict[str, Any]:
    return {name: value for name, value in edit.values.items() if value is not None}


def _unknown(whole: Mapping[str, Any], catalog: Catalog) -> Iterable[Problem]:
    for field, names in (("risks", catalog.risks), ("evidence", catalog.measures)):
        for name in whole.get(field) or ():
            if name not in names:
                yield Problem("", None, field, f"there is no {name!r}", authored.nearest(str(name), names))


def _of(project: str, problem: Problem) -> Problem:
    return Problem("", None, f"{project}.{problem.field}", problem.what, problem.right)

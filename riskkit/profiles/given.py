"""Answers as a form or a sheet gives them, checked field by field before any file is touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from riskkit import authored
from riskkit.authored import Document, Place
from riskkit.errors import InputError
from riskkit.model import Answers, Catalog, Question

from .known import Known
from .read import Read
from .references import check_answers
from .replies import check_replies

Given = Mapping[str, Mapping[str, object]]
"""Requirement id, or ``questionnaire.question``, to the fields of its answer in ``answers.yml``."""


def understood(
    given: Given, *, catalog: Catalog, before: Answers, shown: str, lines: Mapping[str, int] | None = None
) -> Answers:
    """What ``given`` answers, of the types that ``answers.yml`` has.

    Fields are those of the file: status, note, by, on, document and expires_on of a requirement; answer in the place
    of status and note of a question. Text may stand where a sheet has nothing else: ``yes``, ``62000``, ``a; b``, a
    day. A field without content is left out, and an answer without any as well. Follow-up questions are held against
    ``given`` together with ``before``.

    Raises
    ------
    InputError
        With every problem, named ``shown``, the line of ``lines`` for its answer, and its field.
    """
    data, places = _laid_out(given, catalog, lines or {})
    document = Document(shown, data, places)
    answers, problems = authored.fit(document, Answers)
    if answers is not None:
        read, known = Read(answers, document), _names(catalog)
        problems = [*check_answers(read, known), *check_replies(read, known, before=before)]
    if answers is None or problems:
        raise InputError(dict.fromkeys(problems))
    return answers


def _names(catalog: Catalog) -> Known:
    """The names that an answer may refer to."""
    return Known(
        vocabulary=catalog.vocabulary,
        risks=catalog.risks,
        measures=catalog.measures,
        matrices=catalog.matrices,
        notebooks=(),
        requirements=catalog.requirements,
        targets={},
        questionnaires=catalog.questionnaires,
    )


def _laid_out(
    given: Given, catalog: Catalog, lines: Mapping[str, int]
) -> tuple[dict[str, Any], dict[Place, int]]:
    """``given`` as ``answers.yml`` has it, and the line of each answer."""
    data: dict[str, Any] = {"answers": {}, "questionnaires": {}}
    places: dict[Place, int] = {}
    for name, fields in given.items():
        filled = {field: _plain(value) for field, value in fields.items() if not _empty(value)}
        if not filled:
            continue
        questionnaire, _, question = name.partition(".")
        place: Place = ("answers", name)
        if name not in catalog.requirements and questionnaire in catalog.questionnaires:
            place = ("questionnaires", questionnaire, question)
            asked = {q.id: q for q in catalog.questionnaires[questionnaire].questions}.get(question)
            filled = {f: _said(v, asked) if f == "answer" and asked else v for f, v in filled.items()}
            data["questionnaires"].setdefault(questionnaire, {})[question] = filled
        else:
            data["answers"][name] = filled
        if name in lines:
            places[place] = lines[name]
    return data, places


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ((), [])


def _plain(value: object) -> object:
    """Days as text, and nothing else changed but the space around text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool | int | float | str | list):
        return value.strip() if isinstance(value, str) else value
    return str(value)


def _said(value: object, question: Question) -> object:
    """An answer in the type its question wants, where text or a number means just that; else as it is."""
    if question.kind == "yes_no" and isinstance(value, str):
        return {"yes": True, "true": True, "no": False, "false": False}.get(value.lower(), value)
    if question.kind == "number" and isinstance(value, str):
        return _number(value)
    if question.kind == "number" and isinstance(value, float) and value.is_integer():
        return int(value)
    if question.kind == "people" and isinstance(value, str) and ";" in value:
        return [part.strip() for part in value.split(";") if part.strip()]
    if question.kind == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

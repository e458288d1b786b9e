"""Answers put into ``answers.yml``, from wherever people gave them, without touching what others wrote there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from riskkit import authored
from riskkit.authored.amend import Entry, amend
from riskkit.errors import InputError
from riskkit.model import Answer, Answers, Catalog, Reply

from .files import noted
from .given import Given, understood


def apply(
    path: Path, given: Given, *, catalog: Catalog, shown: str = "", lines: Mapping[str, int] | None = None
) -> int:
    """Put answers that a form, a sheet or a script gives into the file at ``path``; how many of its answers changed.

    The one way in: ``{"GDPR-ART35": {"status": "met", "note": ..., "by": ..., "on": ...}, "impact.process": {"answer":
    ..., "by": ..., "on": ...}}``, with ``document`` and ``expires_on`` where there are any (see `given.understood` for
    what text may stand for). An answer given replaces the one before it whole; all others, comments and order stay.
    The digest of a document that is a file of the project is noted with the answer that names it.
    ``shown`` and ``lines`` say where each answer stood, for messages, when it was not ``path``.

    Raises
    ------
    InputError
        With every problem of every field; nothing is written then.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before = read(text, shown=path.name)
    said = understood(given, catalog=catalog, before=before, shown=shown or path.name, lines=lines)
    return merge_file(path, noted(said, before=before, folder=path.parent))


def merge(text: str, given: Answers, *, shown: str = "answers.yml") -> str:
    """The text of ``answers.yml`` with the answers and replies of ``given`` put in; all others stay as they are.

    Comments, order and quoting stay. The result was read again: it says what ``text`` and ``given`` say together.

    Raises
    ------
    InputError
        When ``text`` cannot be read.
    """
    changes: dict[tuple[str, ...], Entry] = {
        ("answers", name): _fields(answer) for name, answer in given.answers.items()
    }
    for questionnaire, replies in given.questionnaires.items():
        for question, reply in replies.items():
            changes["questionnaires", questionnaire, question] = _fields(reply)
    before = read(text, shown=shown)
    merged = amend(text, changes, shown=shown)
    if read(merged, shown=shown) != joined(before, given):
        raise AssertionError(f"{shown}: putting {len(changes)} answers in would change others")
    return merged


def merge_file(path: Path, given: Answers) -> int:
    """Merge ``given`` into the file at ``path``, which may be missing; how many answers changed.

    A file that would not change is not written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, merged = read(text, shown=path.name), merge(text, given, shown=path.name)
    changed = _differing(before, joined(before, given))
    if changed:
        part = path.with_suffix(".part")
        part.write_text(merged, encoding="utf-8")
        part.replace(path)
    return changed


def read(text: str, *, shown: str) -> Answers:
    """``text`` as answers; an empty text holds none."""
    document, problems = authored.parse(text, shown=shown)
    if document is None:
        raise InputError(problems)
    answers, problems = authored.fit(document, Answers)
    if answers is None:
        raise InputError(problems)
    return answers


def joined(before: Answers, given: Answers) -> Answers:
    """``before`` with what ``given`` says in the place of what it said on the same."""
    names = dict.fromkeys([*before.questionnaires, *given.questionnaires])
    return Answers(
        answers={**before.answers, **given.answers},
        questionnaires={
            name: {**before.questionnaires.get(name, {}), **given.questionnaires.get(name, {})}
            for name in names
        },
    )


def place_of(name: str, catalog: Catalog) -> tuple[str, ...]:
    """Where in ``answers.yml`` the answer to a requirement, or to ``questionnaire.question``, stands."""
    questionnaire, _, question = name.partition(".")
    if name not in catalog.requirements and questionnaire in catalog.questionnaires:
        return "questionnaires", questionnaire, question
    return "answers", name


def fields_of(said: Answers) -> list[Entry]:
    """The fields of each answer and reply, as ``answers.yml`` has them."""
    replies = [_fields(reply) for group in said.questionnaires.values() for reply in group.values()]
    return [*map(_fields, said.answers.values()), *replies]


def _differing(before: Answers, after: Answers) -> int:
    changed = sum(before.answers.get(name) != answer for name, answer in after.answers.items())
    for name, replies in after.questionnaires.items():
        known = before.questionnaires.get(name, {})
        changed += sum(known.get(question) != reply for question, reply in replies.items())
    return changed


def _fields(said: Answer | Reply) -> Entry:
    fields: Entry = said.model_dump(mode="json", exclude_none=True)
    return fields

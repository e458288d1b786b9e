"""The files that answers rest on, with their digests as they are now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from riskkit.errors import Problem
from riskkit.model import Answer, Answers, Documents, Reply

from .read import Read

S = TypeVar("S", Answer, Reply)
_PATH = re.compile(r"[^\s:]+/[^\s:]+|[^/:]*\.(?:csv|docx?|html?|json|md|odt|pdf|png|pptx?|txt|xlsx?|ya?ml)")


def present(answers: Answers, *, folder: Path) -> Documents:
    """Each document that is a file of the project in ``folder``, and its SHA-256 now; None when there is none.

    A document that has a digest noted, or looks like a path, is one; other words, such as a title, are not.
    """
    found: dict[str, str | None] = {}
    for _, said in said_in(answers):
        if said.document is None:
            continue
        digest = sha256(folder, said.document)
        if digest or said.document_sha256 or _PATH.fullmatch(said.document):
            found[said.document] = digest
    return found


def sha256(folder: Path, path: str) -> str | None:
    """The digest of a file inside ``folder``; None when there is no such file in it."""
    try:
        file = (folder.resolve() / path).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file()
        return hashlib.sha256(file.read_bytes()).hexdigest() if inside else None
    except (OSError, ValueError):
        return None


def noted(said: Answers, *, before: Answers, folder: Path) -> Answers:
    """``said`` with the digest of each document that is a file in ``folder``, as it is now.

    An answer that says what the one ``before`` it said keeps the digest of that one, or none: nobody looked again.
    """
    old = dict(said_in(before))

    def one(place: tuple[str, ...], answer: S) -> S:
        last = old.get(place)
        if answer.document is None or answer.document_sha256:
            return answer
        same = last and last.model_copy(update={"document_sha256": None}) == answer
        digest = last.document_sha256 if last and same else sha256(folder, answer.document)
        return answer.model_copy(update={"document_sha256": digest})

    return Answers(
        answers={name: one(("answers", name), answer) for name, answer in said.answers.items()},
        questionnaires={
            part: {name: one(("questionnaires", part, name), reply) for name, reply in replies.items()}
            for part, replies in said.questionnaires.items()
        },
    )


def check_documents(read: Read[Answers], folder: Path) -> Iterator[Problem]:
    """Documents that lie outside of the project, and digests of no document."""
    for place, said in said_in(read.value):
        if said.document_sha256 and said.document is None:
            yield read.document.problem(
                (*place, "document_sha256"), "is the digest of no document", "name it"
            )
        if said.document is None or not _PATH.fullmatch(said.document):
            continue
        if not (folder.resolve() / said.document).resolve().is_relative_to(folder.resolve()):
            what = f"{said.document!r} leads out of the project"
            yield read.document.problem((*place, "document"), what, "put the file into the project's folder")


def said_in(answers: Answers) -> Iterator[tuple[tuple[str, ...], Answer | Reply]]:
    """Every answer and reply, with its place in the file."""
    for name, answer in answers.answers.items():
        yield ("answers", name), answer
    for questionnaire, replies in answers.questionnaires.items():
        for question, reply in replies.items():
            yield ("questionnaires", questionnaire, question), reply

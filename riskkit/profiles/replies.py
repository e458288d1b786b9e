"""Checks of what people answered to the questions of questionnaires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from riskkit import authored
from riskkit.errors import Problem
from riskkit.model import Answers, Question, Questionnaire, Reply

from .known import Known
from .read import Read

NONE = Answers()
WANTED = {
    "text": "text",
    "people": "text, or a list of roles or groups",
    "yes_no": "true or false",
    "number": "a number that is not negative",
    "date": "a day such as 2026-11-20",
}


def check_replies(read: Read[Answers], known: Known, *, before: Answers = NONE) -> Iterator[Problem]:
    """Questionnaires and questions nobody asks, answers of another kind than asked for, and follow-ups not asked.

    A follow-up may rest on what was answered ``before``.
    """
    for name, replies in read.value.questionnaires.items():
        at: authored.Place = ("questionnaires", name)
        if name not in known.questionnaires:
            hint = authored.nearest(name, known.questionnaires)
            yield read.document.problem(at, f"there is no questionnaire {name!r}", hint)
            continue
        earlier = before.questionnaires.get(name, {})
        yield from _replies(read, at, replies, asked=known.questionnaires[name], earlier=earlier)


def _replies(
    read: Read[Answers],
    at: authored.Place,
    replies: Mapping[str, Reply],
    *,
    asked: Questionnaire,
    earlier: Mapping[str, Reply],
) -> Iterator[Problem]:
    questions = {question.id: question for question in asked.questions}
    for name, reply in replies.items():
        if name not in questions:
            hint = authored.nearest(name, questions)
            yield read.document.problem((*at, name), f"{asked.id} has no question {name!r}", hint)
            continue
        question = questions[name]
        if not fits(reply, question):
            right = f"one of: {'; '.join(question.choices)}" if question.choices else WANTED[question.kind]
            what = f"{reply.words!r} does not answer a question of kind {question.kind}"
            yield read.document.problem((*at, name, "answer"), what, right)
        first = replies.get(question.asked_when, earlier.get(question.asked_when))
        if question.asked_when and (first is None or first.answer is not True):
            what = f"is asked only when {question.asked_when} is answered true"
            yield read.document.problem((*at, name), what, f"answer {question.asked_when}, or take this out")


def fits(reply: Reply, question: Question) -> bool:
    """Whether the answer is of the kind that the question asks for."""
    answer = reply.answer
    if question.kind == "yes_no":
        return isinstance(answer, bool)
    if question.kind == "number":
        return isinstance(answer, int | float) and not isinstance(answer, bool) and answer >= 0
    if question.kind == "people":
        return isinstance(answer, str | tuple)
    if question.kind == "choice":
        return answer in question.choices
    return isinstance(answer, str) and (question.kind == "text" or _is_day(answer))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

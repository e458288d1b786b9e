"""Which questions of the questionnaires a project has answered in force, and what the answers serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from ..model import Answers, Documents, Measurement, Question, Questionnaire, QuestionRow, Reply
from .in_force import NO_DOCUMENTS, NOT_AS_NAMED, document_state, failing, shown_document


def questions(
    questionnaires: Iterable[Questionnaire],
    answers: Answers,
    *,
    as_of: date,
    documents: Documents = NO_DOCUMENTS,
) -> tuple[QuestionRow, ...]:
    """One row a question, in the order of the files.

    A question that is asked only when another is answered yes is not asked once that one is answered no; while that
    one has no answer in force, the question waits and counts as unanswered.
    """
    return tuple(
        _row(one.id, section.title, question, answers.questionnaires.get(one.id, {}), documents, as_of)
        for one in questionnaires
        for section in one.sections
        for question in section.questions
    )


def _row(
    questionnaire: str,
    section: str,
    question: Question,
    replies: Mapping[str, Reply],
    documents: Documents,
    as_of: date,
) -> QuestionRow:
    reply = replies.get(question.id)
    return QuestionRow(
        questionnaire=questionnaire,
        section=section,
        question=question.id,
        ask=question.ask,
        why=question.why,
        status=_status(question, replies, documents, as_of),
        answer=reply.words if reply else "",
        by=reply.by if reply else "",
        on=reply.on if reply else None,
        expires_on=reply.expires_on if reply else None,
        **shown_document(reply, documents),
        serves=question.serves,
        risks=question.risks,
    )


def _status(question: Question, replies: Mapping[str, Reply], documents: Documents, as_of: date) -> str:
    if question.asked_when:
        first = replies.get(question.asked_when)
        if first is None or failing(first, documents, as_of=as_of):
            return "waiting"
        if first.answer is not True:
            return "not_asked"
    reply = replies.get(question.id)
    if reply is None or reply.on > as_of:
        return "open"
    if not failing(reply, documents, as_of=as_of):
        return "answered"
    return "outdated" if document_state(reply, documents) in NOT_AS_NAMED else "expired"


def serving(rows: Iterable[QuestionRow]) -> dict[str, tuple[QuestionRow, ...]]:
    """Requirement id to the questions asked whose answers serve it."""
    found: dict[str, list[QuestionRow]] = {}
    for row in rows:
        for requirement in row.serves if row.status != "not_asked" else ():
            found.setdefault(requirement, []).append(row)
    return {requirement: tuple(group) for requirement, group in found.items()}


def questions_unanswered(rows: Iterable[QuestionRow]) -> tuple[Measurement, ...]:
    """For each questionnaire, how many of the questions asked have no answer in force.

    A plain count of what people wrote: nothing is sampled, so the interval is the number itself.
    """
    asked = [row for row in rows if row.status != "not_asked"]
    return tuple(
        _count(name, [row for row in asked if row.questionnaire == name])
        for name in dict.fromkeys(row.questionnaire for row in asked)
    )


def _count(questionnaire: str, asked: list[QuestionRow]) -> Measurement:
    number = float(sum(row.unanswered for row in asked))
    return Measurement(
        measure=f"{questionnaire}_questions_unanswered",
        value=number,
        low=number,
        high=number,
        n=len(asked),
        unit="questions",
        method="count of the questionnaire",
    )

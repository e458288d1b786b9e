"""Questionnaires: what cannot be computed and must be asked."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from .frozen import Frozen, Id, Name, Text


class Question(Frozen):
    """One question, why it is asked, and which requirements its answer serves."""

    id: Name
    ask: Text
    why: Text
    kind: Literal["text", "yes_no", "choice", "number", "people", "date"] = "text"
    choices: tuple[Text, ...] = ()
    unit: str = ""
    asked_when: str = Field("", description="a question id that must be answered yes first")
    serves: dict[str, str] = Field({}, description="requirement id to the part of it that the answer serves")
    risks: tuple[Id, ...] = Field((), description="risks whose rating the answer informs")

    @model_validator(mode="after")
    def _choice_has_choices(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a choice has choices, and nothing else has")
        return self


class Section(Frozen):
    """Questions about one matter."""

    id: Name
    title: Text
    about: Text
    questions: tuple[Question, ...] = Field(min_length=1)


class Questionnaire(Frozen):
    """A file of the catalogue's questionnaires; own words, not legal advice."""

    id: Id
    title: Text
    about: Text
    status_date: date
    sources: tuple[Text, ...] = ()
    sections: tuple[Section, ...] = Field(min_length=1)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order."""
        return tuple(question for section in self.sections for question in section.questions)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        seen: set[str] = set()
        for question in self.questions:
            if question.id in seen:
                raise ValueError(f"two questions are called {question.id}")
            if question.asked_when and question.asked_when not in seen:
                raise ValueError(f"{question.id}: {question.asked_when!r} is not a question before it")
            seen.add(question.id)
        return self

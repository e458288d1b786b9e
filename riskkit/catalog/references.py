"""What files of regulations refer to and nothing has: words, requirements, topics, measures, each with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from riskkit import authored
from riskkit.authored import Document, Place
from riskkit.errors import Problem
from riskkit.model import AppliesWhen, Regulation, Requirement, Vocabulary

FACTS = ("role", "sector", "use_case", "eu_tier")
FLAGS = ("flags_all", "flags_any", "flags_none")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a regulation may use; None takes every name of that kind on trust."""

    vocabulary: Vocabulary
    requirements: Collection[str] | None
    topics: Collection[str]
    measures: Collection[str] | None


def dangling(regulation: Regulation, document: Document, names: Names) -> Iterator[Problem]:
    """Every name the file uses that does not exist, with its line and the nearest one that does."""
    check = _Check(document, names)
    for i, requirement in enumerate(regulation.requirements):
        yield from check.requirement(requirement, ("requirements", i))
    own = {requirement.id for requirement in regulation.requirements}
    for i, milestone in enumerate(regulation.milestones):
        for j, name in enumerate(milestone.requirements):
            at: Place = ("milestones", i, "requirements", j)
            yield from check.known(name, at, own, "requirement of this file")


def repeated(laws: Mapping[str, tuple[Regulation, Document]]) -> Iterator[Problem]:
    """Ids that two requirements share, of one file or of two: an answer would speak for both."""
    first: dict[str, str] = {}
    for regulation, document in laws.values():
        for i, requirement in enumerate(regulation.requirements):
            if requirement.id in first:
                what = f"{requirement.id!r} is used twice (first in {first[requirement.id]})"
                yield document.problem(("requirements", i, "id"), what, "give each its own id")
            first.setdefault(requirement.id, document.file)


@dataclass(frozen=True, slots=True)
class _Check:
    document: Document
    names: Names

    def known(self, name: str, at: Place, choices: Collection[str] | None, kind: str) -> Iterator[Problem]:
        if choices is not None and name not in choices:
            hint = authored.nearest(name, choices)
            yield self.document.problem(at, f"there is no {kind} {name!r}", hint)

    def requirement(self, requirement: Requirement, at: Place) -> Iterator[Problem]:
        names, words = self.names, self.names.vocabulary
        yield from self.when(requirement.applies_when, (*at, "applies_when"))
        for i, when in enumerate(requirement.or_when):
            yield from self.when(when, (*at, "or_when", i))
        yield from self.known(requirement.status, (*at, "status"), words.status, "status")
        for i, name in enumerate(requirement.related):
            yield from self.known(name, (*at, "related", i), names.requirements, "requirement")
        for name in requirement.relations:
            place = (*at, "relations", name)
            yield from self.known(name, place, requirement.related, "related requirement")
        if requirement.superseded_by:
            place = (*at, "superseded_by")
            yield from self.known(requirement.superseded_by, place, names.requirements, "requirement")
        for i, name in enumerate(requirement.topics):
            yield from self.known(name, (*at, "topics", i), names.topics, "topic")
        if requirement.grace:
            yield from self.known(requirement.grace.flag, (*at, "grace", "flag"), words.flags, "flag")
        for name in requirement.applies_from_by_tier:
            yield from self.known(name, (*at, "applies_from_by_tier", name), words.eu_tier, "EU tier")
        yield from self.evidence(requirement, at)

    def when(self, when: AppliesWhen, at: Place) -> Iterator[Problem]:
        words = self.names.vocabulary
        for key in FACTS:
            for i, word in enumerate(getattr(when, key)):
                yield from self.known(word, (*at, key, i), getattr(words, key), key.replace("_", " "))
        for i, word in enumerate(when.jurisdiction):
            yield from self.known(
                word, (*at, "jurisdiction", i), {*words.jurisdiction, "any"}, "jurisdiction"
            )
        for key in FLAGS:
            for i, word in enumerate(getattr(when, key)):
                yield from self.known(word, (*at, key, i), words.flags, "flag")

    def evidence(self, requirement: Requirement, at: Place) -> Iterator[Problem]:
        measures = self.names.measures
        for i, expected in enumerate(requirement.evidence_expected):
            place: Place = (*at, "evidence_expected", i)
            if expected.measures and expected.type != "metric":
                what = f"a {expected.type} has no measure"
                yield self.document.problem((*place, "type"), what, "type: metric")
            for name in expected.measures:
                field = "measure" if name == expected.measure else "also"
                yield from self.known(name, (*place, field), measures, "measure")

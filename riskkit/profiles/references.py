"""Checks of everything that a project's files refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import BaseModel

from riskkit import authored
from riskkit.authored import Document
from riskkit.errors import Problem
from riskkit.model import Answers, Category, Controls, Profile

from .known import Known
from .read import Read


def check_profile(read: Read[Profile], folder: str, known: Known) -> Iterator[Problem]:
    """Everything a profile refers to that does not exist."""
    profile, document = read.value, read.document
    if profile.id != folder:
        yield document.problem(("id",), f"{profile.id!r} is not the folder's name", f"id: {folder}")
    yield from _facts(profile, document, known)
    for i, threshold in enumerate(profile.thresholds):
        at = ("thresholds", i, "measure")
        yield from _unknown(document, at, threshold.measure, known.measures, "measure")
    for risk in profile.risks:
        yield from _unknown(document, ("risks", risk), risk, known.risks, "risk")
    categories = [c.value for c in Category]
    for category in profile.appetite:
        yield from _unknown(document, ("appetite", category), category, categories, "category")
    yield from _unknown(document, ("matrix",), profile.matrix, known.matrices, "matrix")
    for name, assessment in profile.assessments.items():
        place = ("assessments", name) if assessment.notebook is None else ("assessments", name, "notebook")
        yield from _unknown(document, place, assessment.notebook or name, known.notebooks, "notebook")
    yield from _targets(profile, document, known)


def check_thresholds(read: Read[Profile]) -> Iterator[Problem]:
    """A second threshold for the same measure and segment, of which one would be passed over in silence."""
    seen: dict[tuple[str, str | None], int] = {}
    for i, threshold in enumerate(read.value.thresholds):
        key = (threshold.measure, threshold.segment)
        if key in seen:
            line = read.document.lines.get(("thresholds", seen[key]), 1)
            what = f"a second threshold for {threshold.measure} (the first is on line {line})"
            yield read.document.problem(("thresholds", i), what, "keep one, and put the other in its history")
        seen.setdefault(key, i)


def check_controls(read: Read[Controls], known: Known) -> Iterator[Problem]:
    """Risks and measures that controls name and nobody knows."""
    for i, control in enumerate(read.value.controls):
        for j, name in enumerate(control.risks):
            yield from _unknown(read.document, ("controls", i, "risks", j), name, known.risks, "risk")
        for j, name in enumerate(control.evidence):
            place = ("controls", i, "evidence", j)
            yield from _unknown(read.document, place, name, known.measures, "measure")


def check_control_ids(read: Read[Controls]) -> Iterator[Problem]:
    """Controls that share an id."""
    seen: set[str] = set()
    for i, control in enumerate(read.value.controls):
        if control.id in seen:
            what = f"{control.id!r} is used twice"
            yield read.document.problem(("controls", i, "id"), what, "give each its own id")
        seen.add(control.id)


def check_answers(read: Read[Answers], known: Known) -> Iterator[Problem]:
    """Answers to requirements that do not exist."""
    for name in read.value.answers:
        yield from _unknown(read.document, ("answers", name), name, known.requirements, "requirement")


def _facts(profile: Profile, document: Document, known: Known) -> Iterator[Problem]:
    for fact in ("role", "jurisdiction", "sector", "use_case", "flags"):
        words = getattr(known.vocabulary, fact)
        for i, word in enumerate(getattr(profile.facts, fact)):
            if word not in words:
                at = ("facts", fact, word if fact == "flags" else i)
                hint = authored.nearest(word, words)
                yield document.problem(at, f"{word!r} is not in the vocabulary", hint)


def _targets(profile: Profile, document: Document, known: Known) -> Iterator[Problem]:
    for name, target in profile.targets.items():
        place = ("targets", name, "kind")
        faults = list(_unknown(document, place, target.kind, known.targets, "target kind"))
        yield from faults or _target(profile, document, name, known.targets[target.kind])


def _target(profile: Profile, document: Document, name: str, settings: type[BaseModel]) -> Iterator[Problem]:
    """Faults of a target's own fields, and datasets it names that the profile does not have."""
    fields = {k: v for k, v in document.data["targets"][name].items() if k != "kind"}
    shell = Document(document.file, {"targets": {name: fields}}, document.lines)
    _, problems = authored.fit(shell, settings, at=("targets", name))
    yield from problems
    for field in ("dataset", "prompts"):
        if isinstance(fields.get(field), str):
            place = ("targets", name, field)
            yield from _unknown(document, place, fields[field], profile.datasets, "dataset")


def _unknown(
    document: Document, place: authored.Place, name: str, choices: Collection[str], kind: str
) -> Iterator[Problem]:
    if name not in choices:
        yield document.problem(place, f"there is no {kind} {name!r}", authored.nearest(name, choices))

"""Read projects as people wrote them: profile, answers and controls, every problem reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.authored import Document
from riskkit.errors import InputError, Problem
from riskkit.model import (
    Answers,
    Category,
    Controls,
    Decision,
    DecisionType,
    Finding,
    Profile,
    Project,
    Vocabulary,
)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Known:
    """The names a project may refer to."""

    vocabulary: Vocabulary
    risks: Collection[str]
    measures: Collection[str]
    matrices: Collection[str]
    notebooks: Collection[str]
    requirements: Collection[str]
    targets: Mapping[str, type[BaseModel]]


def ids(projects: Path) -> list[str]:
    """The names of all folders below ``projects`` that hold a profile, in order."""
    return sorted(path.parent.name for path in projects.glob("*/profile.yml"))


def read_all(
    projects: Path, names: Iterable[str] | None = None, *, known: Known | None
) -> tuple[Project, ...]:
    """The projects called ``names`` (all of them when None).

    Without ``known``, names that a project refers to are taken on trust.

    Raises
    ------
    InputError
        With every problem of every file of every project asked for.
    """
    wanted = ids(projects) if names is None else list(dict.fromkeys(names))
    found, problems = [], []
    for name in wanted:
        project, faults = _read(projects / name, known)
        problems += faults
        if project is not None:
            found.append(project)
    if problems:
        raise InputError(sorted(problems, key=lambda p: (str(p.file), p.line or 0)))
    return tuple(found)


def _read(folder: Path, known: Known | None) -> tuple[Project | None, list[Problem]]:
    shown = f"projects/{folder.name}"
    path = folder / "profile.yml"
    if not path.is_file():
        hint = authored.nearest(folder.name, ids(folder.parent))
        return None, [Problem(f"{shown}/profile.yml", None, "", "there is no such project", hint)]
    document, problems = authored.load(path, shown=f"{shown}/profile.yml")
    if document is None:
        return None, problems
    profile, faults = authored.fit(document, Profile)
    problems += faults
    answers, faults = _optional(folder, "answers.yml", Answers)
    problems += faults
    controls, faults = _optional(folder, "controls.yml", Controls)
    problems += faults
    decisions, faults = _each(folder, "decisions", Decision)
    problems += faults
    findings, faults = _each(folder, "findings", Finding)
    problems += faults
    if known is not None:
        problems += _check_controls(controls, known, f"{shown}/controls.yml")
        problems += _check_answers(answers, known, f"{shown}/answers.yml")
        problems += _check(profile, document, folder.name, known) if profile is not None else []
    if profile is not None:
        problems += _check_decisions(decisions, profile, shown)
    if problems or profile is None:
        return None, problems
    project = Project(
        profile=profile,
        profile_sha256=_sha256(path),
        answers=answers,
        answers_sha256=_sha256(folder / "answers.yml") if (folder / "answers.yml").exists() else None,
        controls=controls.controls,
        decisions=tuple(decisions),
        findings=tuple(findings),
    )
    return project, []


def _each(folder: Path, kind: str, model: type[M]) -> tuple[list[M], list[Problem]]:
    """Every YAML file of ``folder/kind`` as a ``model``; the file's name is its id."""
    found: list[M] = []
    problems: list[Problem] = []
    for path in sorted((folder / kind).glob("*.yml")):
        document, faults = authored.load(path, shown=f"projects/{folder.name}/{kind}/{path.name}")
        problems += faults
        if document is None:
            continue
        if isinstance(document.data, dict) and document.data.setdefault("id", path.stem) != path.stem:
            problems.append(document.problem(("id",), "is not the file's name", f"id: {path.stem}"))
        value, faults = authored.fit(document, model)
        problems += faults
        found += [value] if value is not None else []
    return found, problems


LONGEST_DAYS = {1: 90, 2: 180, 3: 365}
"""How long an acceptance, waiver or override may last, by tier."""
_BY_TWO = {DecisionType.ACCEPT, DecisionType.APPROVE_RELEASE, DecisionType.OVERRIDE_RATING}


def _check_decisions(decisions: Iterable[Decision], profile: Profile, shown: str) -> Iterator[Problem]:
    """What the tier and the other decisions ask of a decision."""
    listed = list(decisions)
    tier = profile.tier.tier
    for decision in listed:
        file = f"{shown}/decisions/{decision.id}.yml"
        if (
            tier == 1
            and decision.type in _BY_TWO
            and decision.outcome.approving
            and not decision.second_decider
        ):
            yield Problem(file, None, "second_decider", "is missing", f"tier 1 needs two for {decision.type}")
        if decision.expires_on is not None and decision.type.must_expire:
            days = (decision.expires_on - decision.decided_on).days
            if days > LONGEST_DAYS[tier]:
                right = f"at most {LONGEST_DAYS[tier]} in tier {tier}"
                yield Problem(file, None, "expires_on", f"lies {days} days after decided_on", right)
        if decision.supersedes is not None and decision.supersedes not in {d.id for d in listed}:
            hint = authored.nearest(decision.supersedes, {d.id for d in listed} - {decision.id})
            yield Problem(file, None, "supersedes", f"there is no decision {decision.supersedes!r}", hint)


def _optional(folder: Path, name: str, model: type[M]) -> tuple[M, list[Problem]]:
    if not (folder / name).exists():
        return model(), []
    value, problems = authored.read(folder / name, model, shown=f"projects/{folder.name}/{name}")
    return value or model(), problems


def _check(profile: Profile, document: Document, folder: str, known: Known) -> Iterator[Problem]:
    """Everything a profile refers to that does not exist."""
    if profile.id != folder:
        yield document.problem(("id",), f"{profile.id!r} is not the folder's name", f"id: {folder}")
    for fact in ("role", "jurisdiction", "sector", "use_case", "flags"):
        words = getattr(known.vocabulary, fact)
        for i, word in enumerate(getattr(profile.facts, fact)):
            if word not in words:
                at = ("facts", fact, word if fact == "flags" else i)
                yield document.problem(
                    at, f"{word!r} is not in the vocabulary", authored.nearest(word, words)
                )
    for i, threshold in enumerate(profile.thresholds):
        yield from _unknown(
            document, ("thresholds", i, "measure"), threshold.measure, known.measures, "measure"
        )
    for risk in profile.risks:
        yield from _unknown(document, ("risks", risk), risk, known.risks, "risk")
    for category in profile.appetite:
        yield from _unknown(
            document, ("appetite", category), category, [c.value for c in Category], "category"
        )
    yield from _unknown(document, ("matrix",), profile.matrix, known.matrices, "matrix")
    for name, assessment in profile.assessments.items():
        place = ("assessments", name) if assessment.notebook is None else ("assessments", name, "notebook")
        yield from _unknown(document, place, assessment.notebook or name, known.notebooks, "notebook")
    for name, target in profile.targets.items():
        faults = list(
            _unknown(document, ("targets", name, "kind"), target.kind, known.targets, "target kind")
        )
        yield from faults or _check_target(profile, document, name, known.targets[target.kind])


def _check_target(
    profile: Profile, document: Document, name: str, settings: type[BaseModel]
) -> Iterator[Problem]:
    """Faults of a target's own fields, and datasets it names that the profile does not have."""
    fields = {k: v for k, v in document.data["targets"][name].items() if k != "kind"}
    shell = Document(document.file, _nested(("targets", name), fields), document.lines)
    _, problems = authored.fit(shell, settings, at=("targets", name))
    yield from problems
    for field in ("dataset", "prompts"):
        if isinstance(fields.get(field), str):
            yield from _unknown(
                document, ("targets", name, field), fields[field], profile.datasets, "dataset"
            )


def _nested(place: tuple[str, ...], value: object) -> object:
    for part in reversed(place):
        value = {part: value}
    return value


def _unknown(
    document: Document, place: authored.Place, name: str, choices: Collection[str], kind: str
) -> Iterator[Problem]:
    if name not in choices:
        yield document.problem(place, f"there is no {kind} {name!r}", authored.nearest(name, choices))


def _check_controls(controls: Controls, known: Known, shown: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, control in enumerate(controls.controls):
        if control.id in seen:
            yield Problem(
                shown, None, f"controls[{i}].id", f"{control.id!r} is used twice", "give each its own id"
            )
        seen.add(control.id)
        for field, names, choices in (
            ("risks", control.risks, known.risks),
            ("evidence", control.evidence, known.measures),
        ):
            for name in names:
                if name not in choices:
                    hint = authored.nearest(name, choices)
                    yield Problem(shown, None, f"controls[{i}].{field}", f"there is no {name!r}", hint)


def _check_answers(answers: Answers, known: Known, shown: str) -> Iterator[Problem]:
    for name in answers.answers:
        if name not in known.requirements:
            hint = authored.nearest(name, known.requirements)
            yield Problem(shown, None, f"answers.{name}", "there is no such requirement", hint)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

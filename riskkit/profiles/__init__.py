"""Read projects as people wrote them, every problem of every file reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Answers, Controls, Decision, Finding, Profile, Project

from .decided import check_decisions, check_findings, check_overrides, check_ratings
from .drafts import part
from .files import check_documents, present
from .known import Known
from .read import M, Read, documents, each, one
from .references import (
    check_answers,
    check_control_ids,
    check_controls,
    check_profile,
    check_thresholds,
)
from .replies import check_replies

__all__ = ["Known", "ids", "read_all"]


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
    shown, path = f"projects/{folder.name}", folder / "profile.yml"
    if not path.is_file():
        hint = authored.nearest(folder.name, ids(folder.parent))
        return None, [Problem(f"{shown}/profile.yml", None, "", "there is no such project", hint)]
    profile, problems = one(path, Profile, shown=f"{shown}/profile.yml")
    answers, faults = _optional(folder, "answers.yml", Answers)
    controls, more = _optional(folder, "controls.yml", Controls)
    problems += faults + more
    written, faults = documents(folder / "decisions", shown=f"{shown}/decisions")
    drafts, decided = part(written)
    decisions, more = each(decided, Decision)
    problems += faults + more
    written, faults = documents(folder / "findings", shown=f"{shown}/findings")
    findings, more = each(written, Finding)
    problems += faults + more
    problems += check_documents(answers, folder) if answers else ()
    problems += _check(profile, answers, controls, decisions, findings, folder=folder.name, known=known)
    if problems or profile is None:
        return None, problems
    project = Project(
        profile=profile.value,
        profile_sha256=_sha256(path),
        answers=answers.value if answers else Answers(),
        answers_sha256=_sha256(folder / "answers.yml") if answers else None,
        documents=present(answers.value, folder=folder) if answers else {},
        controls=controls.value.controls if controls else (),
        decisions=tuple(read.value for read in decisions),
        drafts=drafts,
        findings=tuple(read.value for read in findings),
        files=dict(_digests(folder)),
    )
    return project, []


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in (folder / "answers.yml", folder / "controls.yml", *sorted(folder.glob("findings/*.yml"))):
        if path.exists():
            yield path.relative_to(folder).as_posix(), _sha256(path)


def _check(
    profile: Read[Profile] | None,
    answers: Read[Answers] | None,
    controls: Read[Controls] | None,
    decisions: Sequence[Read[Decision]],
    findings: Sequence[Read[Finding]],
    *,
    folder: str,
    known: Known | None,
) -> Iterator[Problem]:
    """What is wrong although every file by itself is in order."""
    if controls is not None:
        yield from check_control_ids(controls)
    if profile is not None:
        yield from check_thresholds(profile)
        yield from check_decisions(decisions, profile.value)
    if known is None:
        return
    if controls is not None:
        yield from check_controls(controls, known)
    if answers is not None:
        yield from check_answers(answers, known)
        yield from check_replies(answers, known)
    yield from check_findings(findings, known)
    if profile is not None:
        yield from check_profile(profile, folder, known)
        matrix = known.matrices.get(profile.value.matrix)
        if matrix is not None:
            yield from check_ratings(profile, matrix)
            yield from check_overrides(decisions, matrix)


def _optional(folder: Path, name: str, model: type[M]) -> tuple[Read[M] | None, list[Problem]]:
    if not (folder / name).exists():
        return None, []
    return one(folder / name, model, shown=f"projects/{folder.name}/{name}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Drafts of decisions, written where people complete and sign them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit.errors import StorageError, UsageError

if TYPE_CHECKING:
    from riskkit.model import DecisionType, ProjectRegister, Register, Subject
    from riskkit.register import Said


def kind_called(name: str) -> DecisionType:
    """The type of decision of that name."""
    from riskkit.authored import nearest
    from riskkit.model import DecisionType

    names = [kind.value for kind in DecisionType]
    if name not in names:
        raise UsageError(f"--type: there is no {name!r} ({nearest(name, names)})")
    return DecisionType(name)


def project_called(built: Register, name: str) -> ProjectRegister:
    """The project of the register of that name."""
    from riskkit.authored import nearest

    by_id = {project.profile.id: project for project in built.projects}
    if name not in by_id:
        raise UsageError(f"there is no project {name!r} ({nearest(name, by_id)})")
    return by_id[name]


def subject_of(kind: DecisionType, row: ProjectRegister, options: Mapping[str, str]) -> Subject:
    """What the options name; a release is always the present version, and the system needs no name."""
    from riskkit import register as fold
    from riskkit.authored import nearest
    from riskkit.model import Subject

    given: dict[str, object] = {name: value for name, value in options.items() if value}
    own: dict[str, object] = {"release": row.profile.version, "system": True}
    given |= {name: own[name] for name in kind.about if name in own}
    if len(given) != 1 or not given.keys() <= set(kind.about):
        wanted = " or ".join(f"--{name}" for name in kind.about if name in options)
        raise UsageError(f"a decision of type {kind} is about one thing: give {wanted or 'no subject'}")
    subject = Subject.model_validate(given)
    known = fold.subjects(row)
    if subject not in known:
        hint = nearest(str(subject), [str(s) for s in known if s.kind == subject.kind])
        raise UsageError(f"{row.profile.id} has no {subject.kind} {str(subject)!r} ({hint})")
    return subject


def draft(
    projects: Path,
    row: ProjectRegister,
    subject: Subject,
    *,
    kind: DecisionType,
    on: date,
    said: Said | None = None,
) -> Path:
    """Write a draft with its basis, and with what was ``said`` already; never over a file that is there."""
    from riskkit import register as fold

    basis = fold.subjects(row)[subject]
    text = fold.draft(row, subject, kind=kind, basis=basis, as_of=on, said=said)
    name = f"{_name(on, str(subject), kind)}.yml"
    path = projects / row.profile.id / "decisions" / name
    _write(path, text, shown=f"projects/{row.profile.id}/decisions/{name}")
    return path


def _write(path: Path, text: str, *, shown: str) -> None:
    """Write a new file whole or not at all, and never over one that is there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.link(part, path)
    except FileExistsError:
        raise UsageError(f"{shown} exists already; complete it, or remove it first") from None
    except OSError as error:
        raise StorageError(f"{shown}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _name(on: date, subject: str, kind: str) -> str:
    """A file name of 64 characters at most, which is the decision's id."""
    about = re.sub(r"[^a-z0-9_-]+", "-", subject.lower()).strip("-_") or "subject"
    return f"{on}-{about[: 64 - len(f'{on}--{kind}')].rstrip('-_')}-{kind}"

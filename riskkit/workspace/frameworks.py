"""What the frameworks ask of a project in the register, and how far it is met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskkit.model import Catalog, ChecklistRow, ProjectRegister, Scope


def checklist(
    project: ProjectRegister, catalog: Catalog, *, as_of: date, only: Iterable[str] | None = None
) -> tuple[ChecklistRow, ...]:
    """Every requirement of the frameworks in ``only``, or of all, with what was measured and answered for it."""
    from riskkit import law

    return law.checklist(
        catalog.regulations.values(),
        project.profile.facts,
        project.answers,
        as_of=as_of,
        frameworks=only,
        measured=project.measured,
        questionnaires=catalog.questionnaires.values(),
        documents=project.documents,
    )


def scope(project: ProjectRegister, catalog: Catalog, *, as_of: date) -> tuple[Scope, ...]:
    """The frameworks that concern ``project``, or may, with how many of their requirements do and how these stand."""
    from riskkit.model import Scope

    rows = project.duties.rows if project.duties else checklist(project, catalog, as_of=as_of)
    applies = Counter((row.framework, row.applies) for row in rows)
    stands = Counter((row.framework, row.status) for row in rows if row.applies in {"yes", "unknown"})
    scopes = (
        Scope(
            framework=name,
            title=regulation.title,
            applies=applies[name, "yes"],
            unknown=applies[name, "unknown"],
            later=applies[name, "later"],
            **{status: stands[name, status] for status in ("met", "partly", "gap", "not_assessed")},
        )
        for name, regulation in catalog.regulations.items()
    )
    return tuple(s for s in scopes if s.applies or s.unknown or s.later)

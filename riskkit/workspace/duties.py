"""The register with what follows from the law for each project: this wires the law room to the register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from riskkit.workspace import frameworks

if TYPE_CHECKING:
    from pydantic import BaseModel

    from riskkit.model import Catalog, Duties, Project, ProjectRegister, Reason, Register

R = TypeVar("R", bound="BaseModel")
RISK = "regulatory-gap"
"""The risk whose acceptance covers requirements that are open."""


def with_duties(register: Register, projects: Iterable[Project], catalog: Catalog) -> Register:
    """``register`` with checklist, tier, questions and deadlines of each project, and the reasons they give the gate.

    Verdicts are the register's own, so that one measurement speaks for every requirement that asks for it.
    """
    from riskkit import law
    from riskkit.model import RULES
    from riskkit.register import Lean

    lean, written = Lean(), {project.id: project for project in projects}
    order = {rule: place for place, rule in enumerate(RULES)}
    shown, found, same = [], list(register.reasons), _Same()
    for one in register.projects:
        duties = _duties(one, written[one.profile.id], catalog, register, same)
        shown.append(one.model_copy(update={"duties": duties}))
        found += lean(tuple(_reasons(one, duties, catalog, register)))
    found.sort(key=lambda reason: (order[reason.rule], reason.project, reason.subject))
    deadlines = law.calendar(catalog.regulations.values(), as_of=register.as_of)
    topics = catalog.crosswalk.topics if catalog.crosswalk else {}
    return register.model_copy(
        update={
            "projects": tuple(shown),
            "reasons": tuple(found),
            "deadlines": deadlines,
            "asks": dict(catalog.vocabulary.asks),
            "topics": dict(topics),
        }
    )


class _Same(dict[str, Any]):
    """Equal rows once: most requirements stand alike for most systems, and a thousand systems have half a million."""

    def of(self, rows: Iterable[R]) -> tuple[R, ...]:
        return tuple(self.setdefault(row.model_dump_json(), row) for row in rows)


def _duties(
    one: ProjectRegister, project: Project, catalog: Catalog, register: Register, same: _Same
) -> Duties:
    from riskkit import law
    from riskkit.model import Duties

    laws, asked, as_of = catalog.regulations.values(), catalog.questionnaires.values(), register.as_of
    facts, answers = project.profile.facts, project.answers
    return Duties(
        eu=law.classify(facts),
        rows=same.of(frameworks.checklist(one, catalog, as_of=as_of)),
        questions=same.of(law.questions(asked, answers, as_of=as_of, documents=project.documents)),
        deadlines=same.of(law.calendar(laws, as_of=as_of, facts=facts, answers=answers)),
    )


def _reasons(one: ProjectRegister, duties: Duties, catalog: Catalog, register: Register) -> Iterable[Reason]:
    from riskkit import law
    from riskkit.model import DecisionType

    accepted = any(
        s.state.holds and s.decision.type is DecisionType.ACCEPT and s.decision.subject.risk == RISK
        for s in one.decisions
    )
    return law.reasons(
        one.profile.id,
        duties.rows,
        catalog.regulations.values(),
        eu=duties.eu,
        use_case=one.profile.facts.use_case,
        as_of=register.as_of,
        accepted=accepted,
    )

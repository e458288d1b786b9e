"""The register with what follows from the law for each project: this wires the law room to the register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from riskkit.workspace import frameworks

if TYPE_CHECKING:
    from riskkit.model import Catalog, Duties, Project, ProjectRegister, Reason, Register
    from riskkit.register import Lean

RISK = "regulatory-gap"
"""The risk whose acceptance covers requirements that are open."""


def with_duties(register: Register, projects: Iterable[Project], catalog: Catalog) -> Register:
    """``register`` with the law of each project: checklist, tier, questions, deadlines, reasons they give the gate.

    Verdicts are the register's own, so that one measurement speaks for every requirement that asks for it.
    """
    from riskkit import law
    from riskkit.model import RULES
    from riskkit.register import Lean

    lean, written = Lean(), {project.id: project for project in projects}
    order = {rule: place for place, rule in enumerate(RULES)}
    shown, found = [], list(register.reasons)
    for one in register.projects:
        duties = _duties(one, written[one.profile.id], catalog, register, lean)
        bound = one.model_copy(update={"duties": duties})
        scope = lean(frameworks.scope(bound, catalog, as_of=register.as_of))
        shown.append(bound.model_copy(update={"scope": scope}))
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


def _duties(
    one: ProjectRegister, project: Project, catalog: Catalog, register: Register, lean: Lean
) -> Duties:
    from riskkit import law
    from riskkit.model import Duties

    laws, asked, as_of = catalog.regulations.values(), catalog.questionnaires.values(), register.as_of
    facts, answers = project.profile.facts, project.answers
    return Duties(
        eu=law.classify(facts),
        rows=lean(frameworks.checklist(one, catalog, as_of=as_of)),
        questions=lean(law.questions(asked, answers, as_of=as_of, documents=project.documents)),
        deadlines=lean(law.calendar(laws, as_of=as_of, facts=facts, answers=answers)),
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

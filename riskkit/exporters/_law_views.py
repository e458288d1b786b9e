"""What the pages on law and frameworks show, picked and put in order from the register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from riskkit.exporters import _views
from riskkit.model import ChecklistRow, Deadline, ProjectRegister, Register, Regulation, Requirement, Risk

WIDE = 12
"""How many systems a matrix has columns for; of more, a cell counts how many stand where."""

STANDS = {
    "met": ("met", "Met"),
    "partly": ("inconclusive", "Partly"),
    "gap": ("breached", "Gap"),
    "not_assessed": ("missing", "Not assessed"),
    "not_applicable": ("not_applicable", "Does not apply"),
}
"""Status of a requirement to its sign and its word; later and unknown are told beside it."""

DOCUMENTS = {
    "not_noted": "no digest noted: a change would not be seen",
    "changed": "changed since it was named: the answer does not count",
    "gone": "not in the project: the answer does not count",
}
"""State of a document to what a reader must know of it; of the others there is nothing to say."""

BASES = {
    "measurement": "measurement",
    "answer": "a person's answer",
    "crosswalk": "evidence for a linked requirement",
    "attestation": "answers to questions, an attestation",
    "facts": "facts of the profile",
    "nothing": "nothing yet",
}

TIERS = {
    "prohibited": "Prohibited practice (Art. 5)",
    "high_risk_annex_iii": "High risk (Annex III)",
    "high_risk_annex_i_a": "High risk (Annex I, Section A)",
    "high_risk_annex_i_b": "High risk (Annex I, Section B)",
    "exempt_art6_3": "In an Annex III area, taken out by Art. 6(3)",
    "transparency": "Transparency duties (Art. 50)",
    "minimal": "No tier of its own; AI literacy (Art. 4)",
    "out_of_scope": "Out of scope",
    "unknown": "Unknown: facts are unanswered",
    None: "None: a model, judged on the GPAI axis",
}

OVERLAYS = {
    "art50_1": "Art. 50(1), telling people that they deal with a machine",
    "art50_2": "Art. 50(2), marking what is generated",
    "art50_3": "Art. 50(3), telling people of emotion recognition or categorisation",
    "art50_4_deepfake": "Art. 50(4), disclosing deep fakes",
    "art50_4_text": "Art. 50(4), disclosing published text",
    "fria": "Art. 27, fundamental-rights impact assessment",
}

Standing = tuple[ProjectRegister, ChecklistRow]


@dataclass(frozen=True, slots=True)
class Link:
    """Another requirement, what it is to this one, and the framework it stands in; none where it has no own words."""

    id: str
    relation: str
    framework: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A requirement with how each system stands on it, what it is linked to, and the risks it is about."""

    requirement: Requirement
    standing: tuple[Standing, ...]
    links: tuple[Link, ...]
    risks: tuple[Risk, ...]

    @property
    def counted(self) -> dict[str, int]:
        """Status to number of systems that it applies to today, or may; not applicable is left out."""
        found: Counter[str] = Counter(
            row.status for _, row in self.standing if row.applies in ("yes", "unknown")
        )
        return {status: found[status] for status in STANDS if found[status] and status != "not_applicable"}


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline with the systems it concerns."""

    deadline: Deadline
    projects: tuple[ProjectRegister, ...]


@dataclass(frozen=True)
class Law:
    """The frameworks of a register, indexed both ways: from requirement to risks and from risk to requirements."""

    register: Register
    listed: tuple[Risk, ...]

    @cached_property
    def frameworks(self) -> Mapping[str, str]:
        """Requirement to the framework it stands in."""
        return {r.id: law.id for law in self.register.regulations for r in law.requirements}

    @cached_property
    def measures(self) -> frozenset[str]:
        """Measures that have a place on the page of measures."""
        return frozenset(view.name for view in _views.measures(self.register))

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Requirement to its title."""
        return {r.id: r.title for law in self.register.regulations for r in law.requirements}

    @cached_property
    def standing(self) -> Mapping[str, tuple[Standing, ...]]:
        """Requirement to every system with its row."""
        found: dict[str, list[Standing]] = {}
        for project in self.register.projects:
            for row in project.duties.rows if project.duties else ():
                found.setdefault(row.requirement, []).append((project, row))
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def risks(self) -> Mapping[str, tuple[Risk, ...]]:
        """Requirement to the risks whose crosswalk names it."""
        found: dict[str, list[Risk]] = {}
        for risk in self.listed:
            for name in risk.crosswalk:
                found.setdefault(name, []).append(risk)
        return {name: tuple(group) for name, group in found.items()}

    def clauses(self, regulation: Regulation) -> list[Clause]:
        """The requirements of a framework, in the order of its file."""
        return [
            Clause(
                requirement=r,
                standing=self.standing.get(r.id, ()),
                links=tuple(self._link(name, r) for name in r.related),
                risks=self.risks.get(r.id, ()),
            )
            for r in regulation.requirements
        ]

    def concerned(self, regulation: Regulation) -> list[ProjectRegister]:
        """The systems that a requirement of the framework concerns today, may, or will."""
        names = {
            project.profile.id
            for r in regulation.requirements
            for project, row in self.standing.get(r.id, ())
            if row.applies != "no"
        }
        return [p for p in self.register.projects if p.profile.id in names]

    def _link(self, name: str, requirement: Requirement) -> Link:
        relation = requirement.relations.get(name, "intersects")
        return Link(name, relation, self.frameworks.get(name, ""))


def name(register: Register, framework: str) -> str:
    """The title of a framework, or what else its id stands for in words."""
    titles = {law.id: law.title for law in register.regulations}
    return titles.get(framework, f"questionnaire {framework.replace('_', ' ')}")


def dues(register: Register) -> list[Due]:
    """Every deadline of any system, in order, with the systems it concerns."""
    found: dict[tuple[object, ...], tuple[Deadline, list[ProjectRegister]]] = {}
    for project in register.projects:
        for deadline in project.duties.deadlines if project.duties else ():
            key = (deadline.date, deadline.framework, deadline.what)
            found.setdefault(key, (deadline, []))[1].append(project)
    ordered = sorted(found.items(), key=lambda item: tuple(map(str, item[0])))
    return [Due(deadline, tuple(projects)) for _, (deadline, projects) in ordered]


def elsewhere(register: Register) -> list[Deadline]:
    """Days to come in the catalogue that concern no system of the portfolio."""
    own = {(d.deadline.date, d.deadline.framework) for d in dues(register)}
    return [d for d in register.deadlines if d.days >= 0 and (d.date, d.framework) not in own]


def open_rows(rows: Iterable[ChecklistRow]) -> list[ChecklistRow]:
    """Rows that concern the system today or may and that nobody assessed."""
    return [r for r in rows if r.applies in ("yes", "unknown") and r.status == "not_assessed"]


def tallied(project: ProjectRegister, framework: str) -> dict[str, int]:
    """Status to number of requirements of the framework that concern the system today or may."""
    rows = project.duties.rows if project.duties else ()
    found: Counter[str] = Counter(
        r.status for r in rows if r.framework == framework and r.applies in ("yes", "unknown")
    )
    return {status: found[status] for status in STANDS if found[status] and status != "not_applicable"}


def uncovered(project: ProjectRegister) -> list[tuple[str, int, int]]:
    """Framework, how many of its requirements nobody assessed, and of these how many may not even apply."""
    rows = open_rows(project.duties.rows) if project.duties else []
    total, unknown = Counter(r.framework for r in rows), Counter(r.framework for r in rows if r.asks)
    return [(name, n, unknown[name]) for name, n in total.items()]


def unanswered(project: ProjectRegister) -> list[tuple[str, int, int]]:
    """Questionnaire, how many of the questions asked have no answer in force, and how many were asked."""
    asked = [q for q in project.duties.questions if q.status != "not_asked"] if project.duties else []
    total = Counter(q.questionnaire for q in asked)
    left = Counter(q.questionnaire for q in asked if q.unanswered)
    return [(name, left[name], n) for name, n in total.items()]

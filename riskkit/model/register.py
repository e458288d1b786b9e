"""The register: its rows with everything they follow from, computed and never typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Literal

from pydantic import Field

from .control import Control
from .disclosure import Sensitivity
from .duty import Deadline, Duties
from .entry import Entry
from .evidence import Evidence
from .finding import Finding, FindingStatus
from .frozen import Frozen, Sha256, canonical
from .indicator import Indicator
from .law import Answers, Regulation
from .measurement import WORST_FIRST, Verdict
from .profile import Profile
from .rating import Level, Matrix
from .reason import Reason
from .risk import Risk
from .schedule import Heartbeat
from .snapshot import Changes
from .standing import DecisionState, Standing
from .subject import DecisionType


class Remark(Frozen):
    """Something the register's own checks noticed, with the way to mend it."""

    id: str = Field(description="id of the check", examples=["decision-expired"])
    severity: Literal["error", "warning", "note"]
    project: str
    subject: str
    what: str
    fix: str
    file: str = ""


class Call(Frozen):
    """A reason to assess again."""

    id: str
    what: str
    since: date | None = None


class Scope(Frozen):
    """How much of one framework concerns a system, by its facts."""

    framework: str
    title: str
    applies: int = Field(ge=0, description="requirements that apply")
    unknown: int = Field(ge=0, description="requirements that an unanswered fact leaves open")
    later: int = Field(ge=0, description="requirements that apply from a later day")
    met: int = Field(0, ge=0, description="requirements met, of those that apply or are open")
    partly: int = Field(0, ge=0, description="requirements partly met, of those that apply or are open")
    gap: int = Field(0, ge=0, description="requirements not met, of those that apply or are open")
    not_assessed: int = Field(0, ge=0, description="requirements nobody assessed, of the same")


class ProjectRegister(Frozen):
    """Everything the register says about one project."""

    profile: Profile
    matrix: Matrix
    entries: tuple[Entry, ...]
    out_of_scope: tuple[Risk, ...] = ()
    aside: tuple[Indicator, ...] = Field(
        (), description="measures that have a threshold and that no risk in scope asks for"
    )
    latest: tuple[Evidence, ...] = Field(
        (), description="the latest run of each assessment, developer's and validator's, good or not"
    )
    withheld: dict[str, str] = Field(
        {}, description="folder of a record to why what its notebook shows is kept back"
    )
    runs: int = 0
    answers: Answers = Answers()
    documents: dict[str, Sha256 | None] = Field({}, description="files that answers rest on, as they are now")
    decisions: tuple[Standing, ...] = Field((), description="every decision of the project, newest first")
    scope: tuple[Scope, ...] = Field((), description="frameworks that concern the system, or may")
    duties: Duties | None = Field(
        None,
        exclude=True,
        description="what follows from the law; computed from facts, answers and verdicts, and not written out",
    )
    controls: tuple[Control, ...] = ()
    findings: tuple[Finding, ...] = ()
    files: dict[str, Sha256] = Field(
        {},
        exclude=True,
        description="digest of each authored file of the project; not written out, as a comment changes it",
    )
    remarks: tuple[Remark, ...] = ()
    calls: tuple[Call, ...] = Field((), description="reasons to assess again")

    @property
    def verdicts(self) -> dict[str, int]:
        """How many risks stand at each verdict."""
        return {v.value: n for v in Verdict if (n := sum(e.verdict is v for e in self.entries))}

    @property
    def measured(self) -> dict[str, Verdict]:
        """The worst verdict of each measure that a risk asks for or a threshold bounds."""
        found: dict[str, Verdict] = {}
        for indicator in (*self.aside, *(i for e in self.entries for i in e.indicators)):
            verdicts = (indicator.verdict, found.get(indicator.measure, indicator.verdict))
            found[indicator.measure] = min(verdicts, key=WORST_FIRST.index)
        return found

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings with something left to do; an accepted one is open again unless its acceptance is in force."""
        accepted = {
            s.decision.subject.finding
            for s in self.decisions
            if s.state.holds and s.decision.type is DecisionType.ACCEPT
        }
        return tuple(
            f
            for f in self.findings
            if f.status.is_open or (f.status is FindingStatus.ACCEPTED and f.id not in accepted)
        )

    @property
    def last_validated(self) -> date | None:
        """The day of the validator's latest run that concluded something."""
        days = [
            run.run.started.date()
            for run in self.latest
            if run.run.performed_as == "validator" and run.conclusion
        ]
        return max(days, default=None)

    def approval(self, measure: str) -> Standing | None:
        """The newest approval of the threshold for ``measure`` that was not superseded."""
        return next(
            (
                s
                for s in self.decisions
                if s.decision.type is DecisionType.APPROVE_THRESHOLD
                and s.decision.subject.threshold == measure
                and s.state is not DecisionState.SUPERSEDED
            ),
            None,
        )

    @property
    def worst_residual(self) -> Level | None:
        """The highest residual level of any risk."""
        return max((e.residual for e in self.entries), key=lambda level: level.rank, default=None)


class Register(Frozen):
    """All projects on one day, folded from profiles, catalogue, evidence and decisions."""

    as_of: date
    kit_version: str
    audience: Sensitivity = Field(Sensitivity.INTERNAL, description="whom the figures are for")
    projects: tuple[ProjectRegister, ...]
    regulations: tuple[Regulation, ...] = ()
    deadlines: tuple[Deadline, ...] = Field(
        (), exclude=True, description="every date of the frameworks, whomever it concerns; not written out"
    )
    asks: dict[str, str] = Field({}, description="fact of the vocabulary to the question that asks for it")
    topics: dict[str, str] = Field({}, description="topic of the crosswalk to its title")
    departed: dict[str, date] = Field(
        {}, description="systems with records and no project any more, and the day of the latest record"
    )
    damaged: tuple[str, ...] = Field((), description="records that were found not to be what was stored")
    reasons: tuple[Reason, ...] = Field((), description="why the gate stays shut, the weightiest first")
    changes: Changes | None = Field(None, description="what changed since the snapshot before")
    heartbeat: Heartbeat | None = Field(None, description="the last scheduled run, where there is a schedule")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All rows of all projects."""
        return tuple(entry for project in self.projects for entry in project.entries)

    @property
    def parts(self) -> Iterator[bytes]:
        """Its canonical form piece by piece, so that nobody has to hold that of a thousand projects."""
        return (part for part, _ in self._pieces())

    @property
    def sha256(self) -> str:
        """Digest of everything the register says: that of ``parts`` in one."""
        return self.digests[0]

    @property
    def digests(self) -> tuple[str, tuple[bytes, ...]]:
        """Digest of everything the register says, and of what it says of each project."""
        found, own = sha256(), []
        for part, of_project in self._pieces():
            found.update(part)
            if of_project:
                own.append(sha256(part).digest())
        return found.hexdigest(), tuple(own)

    def _pieces(self) -> Iterator[tuple[bytes, bool]]:
        """The parts, and whether each is a project."""
        rest = self.model_dump(mode="json", exclude={"projects"})
        for number, name in enumerate(sorted([*rest, "projects"])):
            yield f'{"," if number else "{"}"{name}":'.encode(), False
            if name != "projects":
                yield canonical(rest[name]), False
                continue
            yield b"[", False
            for place, project in enumerate(self.projects):
                if place:
                    yield b",", False
                yield canonical(project), True
            yield b"]", False
        yield b"}", False

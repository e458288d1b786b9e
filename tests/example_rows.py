"""Small risks, projects, controls and runs for the tests of the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from riskkit import register
from riskkit.model import (
    Catalog,
    Conclusion,
    Control,
    Decision,
    DecisionType,
    Entry,
    Evidence,
    Level,
    Matrix,
    Measurement,
    Profile,
    Project,
    Register,
    Risk,
    RunFacts,
    Status,
    Subject,
    Threshold,
    Vocabulary,
    rests_on,
)
from riskkit.model.project import Draft

DAY = date(2026, 11, 20)
SHA = "0" * 64
FIVE = (
    "low low low low medium", "low low medium medium high", "low medium medium high high",
    "low medium high high critical", "medium medium high critical critical",
)  # fmt: skip


def grid(*rows: str, **more: Any) -> Matrix:
    """A matrix of these rows of levels."""
    lines = tuple(tuple(Level(w) for w in row.split()) for row in rows)
    steps = tuple(str(i + 1) for i in range(len(rows)))
    return Matrix(id="grid", title="Grid", about="for tests", source="for tests", likelihood=steps,
                  impact=tuple(str(i + 1) for i in range(len(lines[0]))), rows=lines, **more)  # fmt: skip


GRID = grid(*FIVE)
OWNED = Threshold(measure="ratio", at_least=0.8, owner="head of credit", rationale="policy", min_n=100)


def risk(name: str = "bias", evidence: tuple[str, ...] = ("ratio",), **more: Any) -> Risk:
    values = {
        "id": name, "title": name, "category": "fairness", "cause": "c", "event": "e", "consequence": "q",
        "who_is_hurt": "w", "applies_to": ["predictive"], "default_rating": {"likelihood": 4, "impact": 4},
        "evidence": list(evidence), "harms": [{"what": "x", "date": "2020", "source": "https://example.org/"}],
    }  # fmt: skip
    return Risk.model_validate(values | more)


def project(
    *,
    thresholds: tuple[Threshold, ...] = (OWNED,),
    controls: tuple[Control, ...] | list[Control] = (),
    appetite: Mapping[str, str] | None = None,
    decisions: tuple[Decision, ...] | list[Decision] = (),
    findings: tuple[Any, ...] = (),
    drafts: tuple[Draft, ...] = (),
    **more: Any,
) -> Project:
    values = {
        "id": "p", "name": "P", "version": "1", "purpose": "x", "kind": "predictive", "stage": "production",
        "tier": {"exposure": 3, "purpose": 3, "autonomy": "recommend", "why": "x"},
        "roles": {"owner": "o", "developer": "d", "validator": "v", "approver": "a"},
        "matrix": "grid", "review": {"next_due": "2027-01-01"}, "appetite": appetite or {},
        "thresholds": [t.model_dump() for t in thresholds],
    }  # fmt: skip
    return Project(
        profile=Profile.model_validate(values | more),
        profile_sha256=SHA,
        controls=tuple(controls),
        decisions=tuple(decisions),
        findings=findings,
        drafts=drafts,
    )


def control(**more: Any) -> Control:
    values = {
        "id": "c", "title": "Control", "kind": "preventive", "status": "active", "acts_on": "likelihood",
        "risks": ["bias"], "effectiveness": "strong", "evidence": ["ratio"], "owner": "o",
    }  # fmt: skip
    return Control.model_validate(values | more)


def measurement(low: float, high: float, *, measure: str = "ratio", segment: str = "sex", n: int = 1000,
                **more: Any) -> Measurement:  # fmt: skip
    value = (low + high) / 2
    return Measurement(measure=measure, segment=segment, value=value, low=low, high=high, n=n,
                       **({"method": "made up"} | more))  # fmt: skip


def run(
    low: float = 0.9,
    high: float = 0.95,
    *,
    days_ago: int = 1,
    status: str = "ok",
    segment: str = "sex",
    valid_days: int | None = 90,
    n: int = 1000,
    taken: tuple[Measurement, ...] | None = None,
    version: str = "",
    performed_as: str = "developer",
    assessment: str = "bias_audit",
    of: str = "p",
    **more: Any,
) -> Evidence:
    """A run that measured ``ratio`` with this interval, or ``taken``."""
    started = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(days=days_ago)
    facts = RunFacts.model_validate({
        "status": Status(status), "reason": "" if status == "ok" else "cell 3 raised", "notebook": assessment,
        "notebook_sha256": SHA, "parameters": {}, "started": started, "ended": started, "duration_seconds": 1,
        "valid_until": started + timedelta(days=valid_days) if valid_days is not None else None,
        "performed_as": performed_as, "kit_version": "0", "kit_sha256": SHA, "python": "3",
    })  # fmt: skip
    measured = taken if taken is not None else (measurement(low, high, segment=segment, n=n),)
    concluded = Conclusion(project=of, assessment=assessment, version=version, measurements=measured, **more)
    return Evidence(
        project=of, assessment=assessment, run=facts, folder=f"{of}/{assessment}/{performed_as}-{days_ago}",
        conclusion=concluded if status == "ok" else None,
    )  # fmt: skip


def catalog(*risks: Risk, matrix: Matrix = GRID) -> Catalog:
    words = Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={})
    known = {r.id: r for r in risks or (risk(),)}
    return Catalog(risks=known, regulations={}, matrices={"grid": matrix}, vocabulary=words)


def build(*evidence: Evidence, of: Project | None = None, risks: tuple[Risk, ...] = (), as_of: date = DAY,
          matrix: Matrix = GRID, **more: Any) -> Register:  # fmt: skip
    """The register of one project."""
    known = catalog(*risks, matrix=matrix)
    return register.build([of or project()], known, evidence, as_of=as_of, kit_version="0", **more)


def entry(*evidence: Evidence, **more: Any) -> Entry:
    """The first row of the register of one project."""
    return build(*evidence, **more).projects[0].entries[0]


def decision(kind: str = "accept", subject: Mapping[str, Any] | None = None, **more: Any) -> Decision:
    """A decision of the owner's request by the approver, on a basis that nothing has."""
    about = Subject.model_validate(subject or {"risk": "bias"})
    values = {
        "id": f"2026-11-01-{kind}", "type": kind, "subject": about, "requested_by": "o", "decided_by": "a",
        "decided_on": "2026-11-01", "outcome": "approved", "rationale": "because",
        "basis": dict.fromkeys(("row", "evidence", "thresholds", "matrix"), SHA),
    }  # fmt: skip
    if kind in {"accept", "waive_check", "override_rating"}:
        values["expires_on"] = "2027-02-01"
    if kind == "override_rating":
        values["rating"] = {"likelihood": 1, "impact": 1}
    return Decision.model_validate(values | more)


def signed(*evidence: Evidence, of: Project | None = None, kind: str = "accept",
           subject: Mapping[str, Any] | None = None, risks: tuple[Risk, ...] = (), **more: Any) -> Project:  # fmt: skip
    """``of`` with a decision made on what the register says today."""
    base = of or project()
    shown = build(*evidence, of=base, risks=risks).projects[0]
    about = Subject.model_validate(subject or {"risk": "bias"})
    today = register.subjects(shown)[about]
    basis = {part: getattr(today, part) for part in rests_on(DecisionType(kind), about)}
    made = decision(kind, about.model_dump(), basis=basis, **more)
    return base.model_copy(update={"decisions": (*base.decisions, made)})

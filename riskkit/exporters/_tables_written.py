"""Tables of what people wrote and what is due: controls, findings, decisions, checklist, questions, calendar."""

from __future__ import annotations

from collections.abc import Iterator

from riskkit.exporters._columns import columns
from riskkit.exporters._table import Row, Table, listed
from riskkit.model import Control, ProjectRegister, Register

_SAID = ("by", "on", "document", "expires_on")


def _controls(register: Register) -> Iterator[Row]:
    for project in register.projects:
        for control in project.controls:
            seen, own = control.reviewed, {"project": project.profile.id, "control": control.id}
            yield {
                **own, **control.model_dump(exclude={"id", "reviewed", "risks", "evidence"}),
                "risks": listed(control.risks), "evidence": listed(control.evidence),
                "reviewed_by": seen and seen.by, "reviewed_on": seen and seen.on,
                "review_document": seen and seen.document, **_earned(project, control),
            }  # fmt: skip


def _earned(project: ProjectRegister, control: Control) -> Row:
    """What the control earns; the same for each of its risks, and not known where none of them is in scope."""
    credit = next((c for e in project.entries for c in e.credits if c.control.id == control.id), None)
    return {"credited": credit.credited, "credited_why": listed(credit.reasons)} if credit else {}


CONTROLS = Table(
    "controls",
    "Controls",
    "one row a control",
    columns("controls"),
    _controls,
)


def _findings(register: Register) -> Iterator[Row]:
    for project in register.projects:
        left = {finding.id for finding in project.open_findings}
        for finding in project.findings:
            yield {
                "project": project.profile.id, "finding": finding.id,
                **finding.model_dump(exclude={"id", "actions", "risks"}), "risks": listed(finding.risks),
                "open": finding.id in left, "overdue": finding.overdue(register.as_of),
                "age_days": finding.age_days(register.as_of),
                "actions": listed(
                    f"{a.text} ({a.owner}, due {a.due}" + (f", done {a.done_on})" if a.done_on else ")")
                    for a in finding.actions
                ),
            }  # fmt: skip


FINDINGS = Table(
    "findings",
    "Findings",
    "one row a finding",
    columns("findings"),
    _findings,
)


def _decisions(register: Register) -> Iterator[Row]:
    for project in register.projects:
        for standing in project.decisions:
            d = standing.decision
            yield {
                "project": project.profile.id, "decision": d.id, "type": d.type, "subject_kind": d.subject.kind,
                "subject": d.subject, "outcome": d.outcome, "state": standing.state, "state_why": standing.why,
                "requested_by": d.requested_by, "decided_by": d.decided_by, "second_decider": d.second_decider,
                "decided_on": d.decided_on, "expires_on": d.expires_on, "rationale": d.rationale,
                "conditions": listed(
                    f"{c.text} (due {c.due}" + (f", done {c.done_on})" if c.done_on else ")") for c in d.conditions
                ),
                "dissent": listed(d.dissent), "supersedes": d.supersedes,
                "revoked": d.revoked and f"{d.revoked.on} by {d.revoked.by}: {d.revoked.why}",
                "basis": d.basis and listed(f"{part} {digest}" for part, digest in d.basis if digest),
                "file": standing.file,
            }  # fmt: skip


DECISIONS = Table(
    "decisions",
    "Decisions",
    "one row a decision, with how it stands today",
    columns("decisions"),
    _decisions,
)


def _checklist(register: Register) -> Iterator[Row]:
    for project in register.projects:
        said = project.answers.answers
        for row in project.duties.rows if project.duties else ():
            answer = said.get(row.requirement)
            if row.applies == "no" and answer is None:
                continue
            yield {
                "project": project.profile.id, "requirement": row.requirement, "framework": row.framework,
                "title": row.title, "citation": row.citation, "applies": row.applies, "starts": row.starts,
                "stands": row.status, "basis": row.basis, "why": row.why, "missing": listed(row.missing),
                "served_by": listed(row.served_by),
                **({name: getattr(answer, name) for name in ("status", "note", *_SAID)} if answer else {}),
            }  # fmt: skip


CHECKLIST = Table(
    "checklist",
    "Checklist",
    "one row for each requirement that concerns a system, may concern it, will, or was answered",
    columns("checklist"),
    _checklist,
)


def _questions(register: Register) -> Iterator[Row]:
    for project in register.projects:
        said = project.answers.questionnaires
        for row in project.duties.questions if project.duties else ():
            reply = said.get(row.questionnaire, {}).get(row.question)
            yield {
                "project": project.profile.id, "question": row.name, "section": row.section, "ask": row.ask,
                "asked_because": row.why, "stands": row.status,
                "serves": listed(row.serves), "risks": listed(row.risks), "answer": reply and reply.words,
                **({name: getattr(reply, name) for name in _SAID} if reply else {}),
            }  # fmt: skip


QUESTIONS = Table(
    "questions",
    "Questions",
    "one row for each question of the questionnaires, and what people answered",
    columns("questions"),
    _questions,
)


def _calendar(register: Register) -> Iterator[Row]:
    for project in register.projects:
        own = {"project": project.profile.id}
        due = sorted(_due(project), key=lambda row: (str(row["date"]), str(row["what"])))
        yield from ({**own, "days": (row["date"] - register.as_of).days, **row} for row in due)  # type: ignore[operator]


def _due(project: ProjectRegister) -> Iterator[Row]:
    for line in project.duties.deadlines if project.duties else ():
        if line.applies != "no":
            yield {
                "date": line.date, "kind": "law", "what": line.what, "framework": line.framework,
                "applies": line.applies, "requirements": listed(line.requirements), "confidence": line.confidence,
            }  # fmt: skip
    yield {"date": project.profile.review.next_due, "kind": "review", "what": "review of the system is due"}
    for s in project.decisions:
        if s.decision.expires_on and s.state.holds:
            yield {
                "date": s.decision.expires_on,
                "kind": "decision",
                "what": f"{s.decision.type} {s.decision.id} ends",
            }
    for f in project.open_findings:
        yield {"date": f.due, "kind": "finding", "what": f"finding {f.id} is due: {f.title}"}
    for c in project.controls:
        if c.due:
            yield {"date": c.due, "kind": "control", "what": f"control {c.id} is due: {c.title}"}
    for run in project.latest:
        if run.conclusion and run.run.valid_until:
            yield {
                "date": run.run.valid_until.date(),
                "kind": "evidence",
                "what": f"{run.assessment} counts until then",
            }


CALENDAR = Table(
    "calendar",
    "Calendar",
    "one row for each date that matters to a system",
    columns("calendar"),
    _calendar,
)

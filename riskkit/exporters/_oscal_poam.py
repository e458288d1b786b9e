"""What is still to be done, as the body of an OSCAL plan of action and milestones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskkit.exporters._oscal_document import moment, props, prose, uid
from riskkit.model import Control, Finding, ProjectRegister, Register


def plan(register: Register) -> dict[str, Any]:
    """An item for each open finding and each control that is not in place yet; empty when there is none."""
    items, risks = [], []
    for project in register.projects:
        for item, risk in (*_findings(project, register), *_controls(project)):
            items.append(item)
            risks.append(risk)
    if not items:
        return {}
    names = "+".join(p.profile.id for p in register.projects)
    system = {"identifier-type": "urn:riskkit:project", "id": names}
    return {"system-id": system, "risks": risks, "poam-items": items}


def _findings(
    project: ProjectRegister, register: Register
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for finding in project.open_findings:
        own = {
            "project": project.profile.id,
            "finding": finding.id,
            "severity": finding.severity,
            "status": finding.status,
            "owner": finding.owner,
            "due": finding.due,
            "overdue": "yes" if finding.overdue(register.as_of) else "no",
            "raised-by": finding.raised_by,
            "raised-on": finding.raised_on,
            "criteria": finding.criteria,
            "risks": "; ".join(finding.risks),
        }
        key = uid("poam-risk", project.profile.id, "finding", finding.id)
        item = {
            "uuid": uid("poam", project.profile.id, "finding", finding.id),
            "title": prose(finding.title),
            "description": prose(finding.observation),
            "props": props(own),
            "related-risks": [{"risk-uuid": key}],
        }
        yield item, _risk(key, finding.title, finding.observation, finding, _actions(project, finding))  # fmt: skip


def _actions(project: ProjectRegister, finding: Finding) -> list[dict[str, Any]]:
    """The steps of the remedy, or its due date where nobody named any."""
    named = [(a.text, a.owner, a.due, a.done_on) for a in finding.actions]
    named = named or [("remedy, not broken down yet", finding.owner, finding.due, None)]
    return [
        _task((project.profile.id, finding.id, n), text, owner, day, done)
        for n, (text, owner, day, done) in enumerate(named)
    ]


def _controls(project: ProjectRegister) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for control in project.controls:
        if control.status not in {"planned", "in_progress"}:
            continue
        own = {
            "project": project.profile.id,
            "control": control.id,
            "status": control.status,
            "owner": control.owner,
            "due": control.due,
            "risks": "; ".join(control.risks),
        }
        key = uid("poam-risk", project.profile.id, "control", control.id)
        item = {
            "uuid": uid("poam", project.profile.id, "control", control.id),
            "title": prose(control.title),
            "description": prose(f"A control that is {control.status} earns no credit: {control.title}"),
            "props": props(own),
            "related-risks": [{"risk-uuid": key}],
        }
        tasks = [_task((project.profile.id, control.id), control.title, control.owner, control.due, None)]
        yield item, _risk(key, control.title, f"Credit is missing: {control.title}", control, tasks)  # fmt: skip


def _risk(
    key: str, title: str, about: str, what: Finding | Control, tasks: list[dict[str, Any]]
) -> dict[str, Any]:
    working = what.status in {"in_progress", "in_remediation", "ready_for_validation"}
    remedy = {"uuid": uid(key, "response"), "lifecycle": "planned", "title": prose(title)}
    made = {
        "uuid": key,
        "title": prose(title),
        "description": prose(about),
        "statement": prose(about),
        "status": "remediating" if working else "open",
        "remediations": [{**remedy, "description": prose(title), "tasks": tasks}],
    }
    return {**made, "deadline": moment(what.due)} if what.due else made


def _task(key: tuple[object, ...], text: str, owner: str, day: Any, done: Any) -> dict[str, Any]:
    made = {
        "uuid": uid("task", *key),
        "type": "milestone",
        "title": prose(text),
        "props": props({"owner": owner, "done-on": done}),
    }
    return {**made, "timing": {"on-date": {"date": moment(day)}}} if day else made

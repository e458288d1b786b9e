"""The result of one project in OSCAL: what was observed, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskkit.exporters._oscal_document import moment, props, prose, token, uid
from riskkit.exporters._oscal_risks import TOOL, finding, observed_as, risk
from riskkit.model import ChecklistRow, Indicator, ProjectRegister, Register


def result(project: ProjectRegister, register: Register) -> dict[str, Any]:
    """Everything the register says of ``project``, as one result."""
    profile, rows = project.profile, list(_rows(project))
    observed = [*_observations(project), *_attestations(project)]
    seen = {one["uuid"] for one in observed}
    days = [run.run.started.date() for run in project.latest]
    ids = [{"control-id": token(row.requirement)} for row in rows]
    made: dict[str, Any] = {
        "uuid": uid("result", profile.id, register.as_of),
        "title": prose(f"{profile.name}, version {profile.version}"),
        "description": prose(profile.purpose),
        "start": moment(min(days, default=register.as_of)),
        "end": moment(register.as_of),
        "props": props(
            {"project": profile.id, "kind": profile.kind, "stage": profile.stage, "tier": profile.tier.tier}
        ),
        "local-definitions": {"components": [_component(project), _tool(register)]},
        "reviewed-controls": {
            "control-selections": [{"include-controls": ids} if ids else {"include-all": {}}],
            "remarks": "Requirements that apply or may apply; an unanswered one is not satisfied.",
        },
        "observations": observed,
        "risks": [risk(entry, project, seen) for entry in project.entries],
        "findings": [finding(row, project, seen) for row in rows],
    }
    return {name: value for name, value in made.items() if value}  # fmt: skip


def _rows(project: ProjectRegister) -> Iterator[ChecklistRow]:
    for row in project.duties.rows if project.duties else ():
        if row.applies in {"yes", "unknown"}:
            yield row


def _component(project: ProjectRegister) -> dict[str, Any]:
    profile = project.profile
    about = prose(f"{profile.purpose} Not for: {'; '.join(profile.not_for) or 'nothing named'}.")
    return {
        "uuid": uid("system", profile.id), "type": "this-system", "title": prose(profile.name), "description": about,
        "props": props({"version": profile.version, "owner": profile.roles.owner}),
        "status": {"state": "operational" if profile.stage == "production" else "under-development"
                   if profile.stage in {"intake", "design", "build", "validation"} else "disposition"},
    }  # fmt: skip


def _tool(register: Register) -> dict[str, Any]:
    about = "Measures, folds evidence into a register, and writes this file."
    return {
        "uuid": TOOL, "type": "software", "title": "riskkit", "description": about,
        "props": props({"version": register.kit_version}), "status": {"state": "operational"},
    }  # fmt: skip


def _observations(project: ProjectRegister) -> Iterator[dict[str, Any]]:
    """One for each figure; what nobody measured was not observed, and stands with its risk."""
    ends = {run.folder: run.run.valid_until for run in project.latest}
    done = set()
    for indicator in (*(i for e in project.entries for i in e.indicators), *project.aside):
        key = observed_as(project, indicator)
        if indicator.measurement is None or indicator.taken_on is None or key in done:
            continue
        done.add(key)
        made = {
            "uuid": key,
            "title": prose(f"{indicator.measure} {indicator.segment}"),
            "description": prose(f"{indicator.verdict}: {indicator.judgement.why}"),
            "props": props(_figure(indicator)),
            "methods": ["TEST"],
            "origins": [{"actors": [{"type": "tool", "actor-uuid": TOOL}]}],
            "subjects": [{"subject-uuid": uid("system", project.profile.id), "type": "component"}],
            "collected": moment(indicator.taken_on),
        }
        if end := ends.get(indicator.record):
            made["expires"] = moment(end.date())
        if indicator.record:
            about = "Record of the run, with its executed notebook."
            made["relevant-evidence"] = [
                {"href": f"records/{indicator.record}/evidence.json", "description": about}
            ]
        yield made  # fmt: skip


def _figure(indicator: Indicator) -> dict[str, object]:
    m, t = indicator.measurement, indicator.threshold
    values: dict[str, object] = {
        "measure": indicator.measure,
        "segment": indicator.segment,
        "verdict": indicator.verdict,
    }
    if m:
        hidden = m.undefined.startswith("withheld")
        values |= {
            "value": m.value,
            "low": m.low,
            "high": m.high,
            "level": m.level,
            "n": None if hidden else m.n,
            "unit": m.unit,
            "method": m.method,
            "undefined": m.undefined,
        }
    if t:
        values |= {
            "threshold": t.describe(),
            "threshold-owner": t.owner or "nobody",
            "threshold-source": t.source,
            "threshold-reference": t.reference,
            "min-n": t.min_n,
        }
    return values  # fmt: skip


def _attestations(project: ProjectRegister) -> Iterator[dict[str, Any]]:
    """One for each requirement that people answered."""
    subject = [{"subject-uuid": uid("system", project.profile.id), "type": "component"}]
    for name, answer in project.answers.answers.items():
        made = {
            "uuid": uid("answer", project.profile.id, name),
            "title": prose(f"Answer to {name}"),
            "description": prose(f"{answer.status}: {answer.note}"),
            "props": props({"by": answer.by, "document": answer.document}),
            "methods": ["EXAMINE" if answer.document else "INTERVIEW"],
            "subjects": subject,
            "collected": moment(answer.on),
        }
        yield {**made, "expires": moment(answer.expires_on)} if answer.expires_on else made

"""Tables of what was measured and what follows from it: systems, risks, runs, figures."""

from __future__ import annotations

from collections.abc import Iterator

from riskkit.exporters import _views
from riskkit.exporters._columns import columns
from riskkit.exporters._table import Row, Table, listed
from riskkit.model import (
    Entry,
    Evidence,
    Indicator,
    Measurement,
    Profile,
    Register,
    Threshold,
    Verdict,
)


def _inventory(register: Register) -> Iterator[Row]:
    for project in register.projects:
        profile, of = project.profile, project.verdicts
        levels = [entry.level for entry in project.entries]
        yield {
            "project": profile.id, "system": profile.name, "version": profile.version, "kind": profile.kind,
            "stage": profile.stage, "tier": profile.tier.tier, "tier_why": profile.tier.why,
            "exposure": profile.tier.exposure, "importance": profile.tier.purpose, "autonomy": profile.tier.autonomy,
            "purpose": profile.purpose, "not_for": listed(profile.not_for),
            "people_affected": profile.facts.people_affected, "owner": profile.roles.owner,
            "developer": profile.roles.developer, "validator": profile.roles.validator,
            "approver": profile.roles.approver, "second_approver": profile.roles.second_approver,
            "eu_tier": project.duties and (project.duties.eu.tier or "judged as a model alone"),
            "worst_residual": max(levels, key=lambda level: level.rank, default=None),
            "risks": len(levels), **{f"risks_{v.value}": of.get(v.value, 0) for v in Verdict},
            "outside_appetite": sum(e.within_appetite == "no" for e in project.entries),
            "appetite_unknown": sum(e.within_appetite == "unknown" for e in project.entries),
            "open_findings": len(project.open_findings), "failed_runs": _views.failures(project),
            "simulated": _views.simulated(project), "last_assessed": _views.last_assessed(project),
            "last_validated": project.last_validated, "review_last": profile.review.last,
            "review_due": profile.review.next_due, "note": profile.note,
        }  # fmt: skip


INVENTORY = Table(
    "inventory",
    "Inventory",
    "one row a system",
    columns("inventory"),
    _inventory,
)


def _register(register: Register) -> Iterator[Row]:
    for project in register.projects:
        for entry in project.entries:
            for indicator in entry.indicators or (None,):
                proof = _proof(indicator) if indicator else {}
                yield {**_risk(project.profile, entry), **proof, "as_of": register.as_of}


def _risk(profile: Profile, entry: Entry) -> Row:
    decision = entry.decision
    return {
        "project": profile.id, "system": profile.name, "version": profile.version, "tier": profile.tier.tier,
        "stage": profile.stage, "risk": entry.risk.id, "title": entry.risk.title, "category": entry.risk.category,
        "owner": entry.owner, "rated": entry.rated,
        "inherent": entry.inherent, "inherent_likelihood": entry.inherent_rating.likelihood,
        "inherent_impact": entry.inherent_rating.impact, "current": entry.current, "residual": entry.residual,
        "residual_likelihood": entry.residual_rating.likelihood, "residual_impact": entry.residual_rating.impact,
        "override": entry.override, "target": entry.target, "appetite": entry.appetite,
        "within_appetite": entry.within_appetite, "confidence": entry.confidence, "verdict": entry.verdict,
        "why": "; ".join(entry.why), "treatment": entry.treatment, "review_due": entry.review_due,
        **({"decision": decision.decision.id, "decision_state": decision.state,
            "decision_until": decision.decision.expires_on} if decision else {}),
    }  # fmt: skip


def _proof(indicator: Indicator) -> Row:
    return {
        "measure": indicator.measure, "segment": indicator.segment, "measure_verdict": indicator.verdict,
        "taken_on": indicator.taken_on, "age_days": indicator.age_days, "record": indicator.record,
        "why": indicator.judgement.why, **_figure(indicator.measurement), **_bound(indicator.threshold),
    }  # fmt: skip


def _figure(m: Measurement | None) -> Row:
    if m is None:
        return {}
    n = None if m.undefined.startswith("withheld") else m.n
    return {
        "value": m.value, "low": m.low, "high": m.high, "level": m.level, "n": n, "unit": m.unit, "method": m.method,
    }  # fmt: skip


def _bound(t: Threshold | None) -> Row:
    if t is None:
        return {}
    return {
        "threshold": t.describe(), "threshold_owner": t.owner, "threshold_source": t.source,
        "threshold_reference": t.reference, "threshold_rationale": t.rationale, "min_n": t.min_n,
    }  # fmt: skip


REGISTER = Table(
    "register",
    "Register",
    "one row for each measure of each risk of each system, and one for a risk that no measure speaks for",
    columns("register"),
    _register,
)


def _evidence(register: Register) -> Iterator[Row]:
    for project in register.projects:
        for one in project.latest:
            kept = project.withheld.get(one.folder)
            yield {"project": project.profile.id, **_run(one), **_concluded(one), "withheld": kept}


def _run(one: Evidence) -> Row:
    run = one.run
    return {
        "assessment": one.assessment, "performed_as": run.performed_as, "status": run.status, "reason": run.reason,
        "started": run.started.date(), "valid_until": run.valid_until and run.valid_until.date(),
        "trigger": run.trigger, "notebook": run.notebook, "notebook_sha256": run.notebook_sha256,
        "record": one.folder, "record_sha256": one.sha256, "kit_version": run.kit_version,
        "git_commit": run.git_commit, "git_dirty": run.git_dirty, "seconds": run.duration_seconds,
        "warnings": listed(run.warnings),
    }  # fmt: skip


def _concluded(one: Evidence) -> Row:
    said = one.conclusion
    if said is None:
        return {}
    inputs = (
        f"{i.path} sha256:{i.sha256}" + (f" ({i.rows} rows)" if i.rows is not None else "")
        for i in said.inputs
    )
    return {
        "figures": len(said.measurements), "inputs": listed(inputs), "models": listed(said.models),
        "simulated": said.simulated, "notes": listed(said.notes),
    }  # fmt: skip


EVIDENCE = Table(
    "evidence",
    "Evidence",
    "one row for the latest run of each assessment, good or not",
    columns("evidence"),
    _evidence,
)


def _measurements(register: Register) -> Iterator[Row]:
    for project in register.projects:
        for one in project.latest:
            for m in one.conclusion.measurements if one.conclusion else ():
                yield {
                    "project": project.profile.id, "assessment": one.assessment, "performed_as": one.run.performed_as,
                    "measure": m.measure, "segment": m.segment, **_figure(m), "method_version": m.method_version,
                    "undefined": m.undefined, "note": m.note, **_bound(m.threshold),
                    "taken_on": one.run.started.date(), "record": one.folder,
                }  # fmt: skip


MEASUREMENTS = Table(
    "measurements",
    "Measurements",
    "one row for each figure of each latest run, with the bound that was in force at the run",
    columns("measurements"),
    _measurements,
)

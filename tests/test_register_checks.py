"""Remarks and calls: each check notices what it is for, says how to mend it, and is silent otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from riskkit import register
from riskkit.model import Catalog, Input, Level, Regulation, Threshold
from riskkit.model.project import Draft
from riskkit.register.checks import CheckId
from riskkit.register.remarks import remarks
from tests.example_rows import (
    DAY,
    OWNED,
    build,
    catalog,
    control,
    decision,
    measurement,
    project,
    risk,
    run,
    signed,
)
from tests.test_gate import finding

TOP = {"exposure": 5, "purpose": 5, "autonomy": "recommend", "why": "x"}
ONE = {"owner": "x", "developer": "x", "validator": "x", "approver": "x"}
RATED = {"bias": {"inherent": {"likelihood": 4, "impact": 4}, "why": "w", "rated_by": "o",
                  "rated_on": "2026-01-01", "treatment": "accept"}}  # fmt: skip
UNOWNED = Threshold(measure="ratio", at_least=0)
SUPERSEDED = Regulation.model_validate({
    "id": "old", "title": "Old", "citation": "c", "status_date": "2026-01-01",
    "requirements": [{"id": "OLD-1", "title": "t", "citation": "c", "requirement": "r", "status": "superseded",
                      "confidence": "high"}],
})  # fmt: skip
COMING = Regulation.model_validate({
    "id": "new", "title": "New", "citation": "c", "status_date": "2026-01-01",
    "requirements": [{"id": "NEW-1", "title": "t", "citation": "c", "requirement": "r", "applies_from": "2026-11-10",
                      "confidence": "high"}],
})  # fmt: skip
CHECKLIST = {"regulatory_checklist": {"parameters": {"frameworks": ["old"]}}}


def named(*laws: Regulation) -> Catalog:
    return catalog().model_copy(update={"regulations": {law.id: law for law in laws}})


def shown(*evidence, of, known=None, **more):
    built = register.build([of], known or catalog(), evidence, as_of=DAY, kit_version="0", **more)
    return built.projects[0]


def accepted_finding():
    return project(findings=(finding(status="accepted"),))


DRAFT = Draft(file="projects/p/decisions/2026-bias-accept.yml", open=("outcome",))
REMARKS = {
    "accepted-without-decision": (lambda: shown(run(), of=project(risks=RATED)), "bias"),
    "control-never-tested": (lambda: shown(run(), of=project(controls=[control(evidence=["x"])])), "c"),
    "control-overdue": (lambda: shown(of=project(controls=[control(status="planned", due="2026-11-19")])), "c"),
    "decider-has-no-role": (lambda: shown(run(), of=signed(run(), decided_by="d")), "bias"),
    "decision-draft": (lambda: shown(run(), of=project(drafts=(DRAFT,))), "2026-bias-accept"),
    "decision-expired": (lambda: shown(run(), of=signed(run(), expires_on="2026-11-19")), "bias"),
    "decision-expiring": (lambda: shown(run(), of=signed(run(), expires_on="2026-12-20")), "bias"),
    "decision-orphaned": (lambda: shown(run(), of=project(decisions=[decision(subject={"risk": "gone"})])), "gone"),
    "decision-outdated": (lambda: shown(run(), of=project(decisions=[decision()])), "bias"),
    "evidence-missing": (lambda: shown(run(), of=project(), damaged=["p/a/x/evidence.json: gone"]), "records"),
    "evidence-simulated": (lambda: shown(run(simulated=True, models=("phantom v1",)), of=project()), "bias_audit"),
    "finding-accepted-without-decision": (lambda: shown(run(), of=accepted_finding()), "f"),
    "finding-overdue": (lambda: shown(run(), of=project(findings=(finding(due="2026-11-19"),))), "f"),
    "framework-superseded": (
        lambda: shown(run(), of=project(assessments=CHECKLIST), known=named(SUPERSEDED)), "old"),
    "one-person-in-all-roles": (lambda: shown(run(), of=project(roles=ONE)), "roles"),
    "rating-overridden": (lambda: shown(run(), of=signed(run(), kind="override_rating")), "bias"),
    "review-overdue": (lambda: shown(run(), of=project(review={"next_due": "2026-11-19"})), "review"),
    "run-failed": (lambda: shown(run(days_ago=2), run(status="failed"), of=project()), "bias_audit"),
    "stage-differs": (
        lambda: shown(run(), of=signed(run(), kind="suspend", subject={"system": True})), "stage"),
    "stale-version": (lambda: shown(run(version="0.9"), of=project()), "bias_audit"),
    "threshold-not-approved": (lambda: shown(run(), of=project(tier=TOP)), "ratio"),
    "threshold-unowned": (lambda: shown(run(), of=project(thresholds=(UNOWNED,))), "ratio"),
    "validator-challenge": (
        lambda: shown(run(days_ago=2), run(0.5, 0.6, performed_as="validator"), of=project()), "bias"),
    "validator-is-developer": (
        lambda: shown(run(), of=project(roles=ONE | {"approver": "y"})), "roles"),
    "vendor-pin-stale": (
        lambda: shown(run(models=("gpt-4o 2026-08",)),
                      of=project(targets={"chat": {"kind": "transcripts", "model": "gpt-4o-mini"}})), "chat"),
}  # fmt: skip
NEVER = {"residual-without-control"}
"""A check of the register itself, which cannot fail while the register is right."""


@pytest.mark.parametrize("check", REMARKS)
def test_each_check_notices_what_it_is_for(check):
    make, subject = REMARKS[check]
    found = [remark for remark in make().remarks if remark.id == check]
    assert [remark.subject for remark in found] == [subject]
    severity, _, fix = register.CHECKS[check]
    assert found[0].severity == severity
    assert found[0].what
    assert found[0].fix.startswith(fix)


def test_every_check_is_tested_and_described():
    assert set(register.CHECKS) == set(CheckId.__args__) == set(REMARKS) | NEVER
    assert all(what.endswith(".") and fix for _, what, fix in register.CHECKS.values())


def test_a_sound_project_gets_no_remark():
    assert shown(run(), of=project()).remarks == ()


def test_a_residual_below_inherent_without_a_control_would_be_noticed():
    base = shown(run(), of=project())
    lower = base.entries[0].model_copy(update={"residual": Level.LOW})
    of = project()
    found = remarks(of, base.model_copy(update={"entries": (lower,)}), catalog(), damaged=(), as_of=DAY)
    assert [remark.id for remark in found] == ["residual-without-control"]


def test_errors_come_before_warnings_and_notes():
    of = project(tier=TOP, roles=ONE, thresholds=(OWNED, Threshold(measure="x", at_least=0)))
    severities = [remark.severity for remark in shown(run(version="0"), of=of).remarks]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    assert set(severities) == {"error", "warning", "note"}


def test_a_pinned_model_that_answered_is_no_remark():
    of = project(targets={"chat": {"kind": "transcripts", "model": "gpt-4o"}})
    assert shown(run(models=("gpt-4o 2026-08",)), of=of).remarks == ()
    assert shown(run(), of=of).remarks == (), "no model answered at all"


def checklist(days_ago):
    taken = (measurement(0, 1, measure="requirements_with_gap", segment=""),)
    return run(assessment="regulatory_checklist", days_ago=days_ago, taken=taken)


def drift(low, high):
    return run(low, high, taken=(measurement(low, high, measure="input_drift_psi", segment=""),))


def dataset(digit, days_ago):
    read = Input(path="data/a.csv", sha256=digit * 64, about="dataset decisions")
    return run(0.9, 0.95, days_ago=days_ago, inputs=(read,))


PINNED = {"decisions": {"path": "data/a.csv", "sha256": "2" * 64, "licence": "l", "personal_data": False,
                        "synthetic_share": 0.0}}  # fmt: skip
BOUND = Threshold(measure="input_drift_psi", at_most=0.2)
CALLS = {
    "never-assessed": lambda: shown(of=project()),
    "version-change": lambda: shown(run(version="0.9"), of=project()),
    "method-change": lambda: shown(
        run(days_ago=3), run(taken=(measurement(0.9, 0.95, method="another"),)), of=project()),
    "new-data": lambda: shown(dataset("1", 3), dataset("2", 1), of=project()),
    "drift": lambda: shown(drift(0.3, 0.4), of=project(thresholds=(OWNED, BOUND))),
    "incident": lambda: shown(run(), of=project(findings=(finding(incident=True),))),
    "regulation-change": lambda: shown(run(), checklist(20), of=project(), known=named(COMING)),
    "review-due": lambda: shown(run(), of=project(review={"next_due": "2026-11-20"})),
    "evidence-stale": lambda: shown(run(days_ago=91), of=project()),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_each_reason_to_assess_again_is_noticed(call):
    assert call in {found.id for found in CALLS[call]().calls}


def test_every_reason_to_assess_again_is_tested():
    assert set(CALLS) == set(register.CALLS)


def test_a_system_that_did_not_change_is_not_called():
    quiet = shown(dataset("1", 3), dataset("1", 1), checklist(5), of=project(), known=named(COMING))
    assert quiet.calls == ()


def test_data_other_than_the_profile_pins_is_new_data():
    assert {c.id for c in shown(dataset("1", 1), of=project(datasets=PINNED)).calls} == {"new-data"}
    assert shown(dataset("2", 1), of=project(datasets=PINNED)).calls == ()


def test_the_validators_run_is_no_change_of_method():
    theirs = run(taken=(measurement(0.9, 0.95, method="another"),), performed_as="validator")
    assert shown(run(days_ago=3), theirs, of=project()).calls == ()


def test_the_latest_runs_of_developer_and_validator_are_both_kept():
    both = shown(run(days_ago=3), run(days_ago=2), run(performed_as="validator"), of=project())
    assert [r.run.performed_as for r in both.latest] == ["developer", "validator"]
    assert both.last_validated == date(2026, 11, 19)
    assert both.runs == 3


def test_the_register_of_a_day_in_the_past_sees_no_later_remark():
    of = project(review={"next_due": "2026-11-19"})
    assert build(run(days_ago=9), of=of, as_of=date(2026, 11, 12)).projects[0].remarks == ()
    assert risk().id == "bias"

"""The register: the worst finding speaks, nothing unmeasured is good, and credit never exceeds evidence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from riskkit import register
from riskkit.model import (
    Catalog,
    Conclusion,
    Control,
    Evidence,
    Level,
    Matrix,
    Measurement,
    Profile,
    Project,
    RunFacts,
    Status,
    Threshold,
    Verdict,
    Vocabulary,
)

DAY = date(2026, 11, 20)
SHA = "0" * 64
GRID = Matrix(
    id="grid", title="Grid", about="for tests", source="for tests",
    likelihood=("1", "2", "3", "4", "5"), impact=("1", "2", "3", "4", "5"),
    rows=tuple(tuple(Level(w) for w in row.split()) for row in (
        "low low low low medium", "low low medium medium high", "low medium medium high high",
        "low medium high high critical", "medium medium high critical critical",
    )),
)  # fmt: skip
OWNED = Threshold(measure="ratio", at_least=0.8, owner="head of credit", rationale="policy", min_n=100)


def risk(name="bias", evidence=("ratio",), **more):
    from riskkit.model import Risk

    return Risk.model_validate({
        "id": name, "title": name, "category": "fairness", "cause": "c", "event": "e", "consequence": "q",
        "who_is_hurt": "w", "applies_to": ["predictive"], "default_rating": {"likelihood": 4, "impact": 4},
        "evidence": list(evidence), "harms": [{"what": "x", "date": "2020", "source": "https://example.org/"}], **more,
    })  # fmt: skip


def project(thresholds=(OWNED,), controls=(), appetite=None, **more):
    profile = Profile.model_validate({
        "id": "p", "name": "P", "version": "1", "purpose": "x", "kind": "predictive", "stage": "production",
        "tier": {"exposure": 3, "purpose": 3, "autonomy": "recommend", "why": "x"},
        "roles": {"owner": "o", "developer": "d", "validator": "v", "approver": "a"},
        "matrix": "grid", "review": {"next_due": "2027-01-01"}, "appetite": appetite or {},
        "thresholds": [t.model_dump() for t in thresholds], **more,
    })  # fmt: skip
    return Project(profile=profile, profile_sha256=SHA, controls=tuple(controls))


def control(**more):
    return Control.model_validate({
        "id": "c", "title": "Control", "kind": "preventive", "status": "active", "acts_on": "likelihood",
        "risks": ["bias"], "effectiveness": "strong", "evidence": ["ratio"], "owner": "o", **more,
    })  # fmt: skip


def run(low, high, *, days_ago=1, status="ok", segment="sex", valid_days=90, n=1000):
    started = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(days=days_ago)
    measurement = Measurement(
        measure="ratio", segment=segment, value=(low + high) / 2, low=low, high=high, n=n, method="made up"
    )
    facts = RunFacts(
        status=Status(status), reason="" if status == "ok" else "cell 3 raised", notebook="bias_audit",
        notebook_sha256=SHA, parameters={}, started=started, ended=started, duration_seconds=1,
        valid_until=started + timedelta(days=valid_days), kit_version="0", kit_sha256=SHA, python="3",
    )  # fmt: skip
    conclusion = Conclusion(project="p", assessment="bias_audit", measurements=(measurement,))
    return Evidence(
        project="p", assessment="bias_audit", run=facts, folder=f"p/bias_audit/{days_ago}",
        conclusion=conclusion if status == "ok" else None,
    )  # fmt: skip


def entry(*evidence, of=None, risks=None, as_of=DAY):
    words = Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={})
    catalog = Catalog(
        risks=risks or {"bias": risk()}, regulations={}, matrices={"grid": GRID}, vocabulary=words
    )
    built = register.build([of or project()], catalog, evidence, as_of=as_of, kit_version="0")
    return built.projects[0].entries[0]


def test_a_measure_nobody_took_is_missing_and_never_within_appetite():
    row = entry(of=project(appetite={"fairness": "critical"}))
    assert (row.verdict, row.within_appetite, row.confidence) == (Verdict.MISSING, "unknown", "low")


def test_a_met_measure_within_appetite_is_the_only_yes():
    assert entry(run(0.9, 0.95), of=project(appetite={"fairness": "high"})).within_appetite == "yes"
    rated = {"bias": {"inherent": {"likelihood": 4, "impact": 4}, "why": "x", "rated_by": "o", "rated_on": "2026-01-01"}}
    above = project(appetite={"fairness": "medium"}, risks=rated)
    assert entry(run(0.9, 0.95), of=above).within_appetite == "no"
    assert entry(run(0.9, 0.95)).within_appetite == "unknown"


def test_a_level_that_no_owner_rated_is_too_weak_to_say_no():
    assert entry(run(0.9, 0.95), of=project(appetite={"fairness": "medium"})).within_appetite == "unknown"


def test_a_breach_is_outside_appetite_however_low_the_level():
    assert entry(run(0.5, 0.6), of=project(appetite={"fairness": "critical"})).within_appetite == "no"


def test_the_latest_run_wins():
    assert entry(run(0.5, 0.6, days_ago=9), run(0.9, 0.95, days_ago=1)).verdict is Verdict.MET
    assert entry(run(0.9, 0.95, days_ago=9), run(0.5, 0.6, days_ago=1)).verdict is Verdict.BREACHED


def test_a_failed_latest_run_is_an_error_even_when_an_older_one_was_good():
    row = entry(run(0.9, 0.95, days_ago=9), run(0, 0, days_ago=1, status="failed"))
    assert row.verdict is Verdict.ERROR
    assert "cell 3 raised" in row.why[0]


def test_evidence_past_its_date_is_stale():
    assert entry(run(0.9, 0.95, days_ago=91)).verdict is Verdict.STALE
    assert entry(run(0.9, 0.95, days_ago=90)).verdict is Verdict.MET


def test_a_run_of_tomorrow_does_not_count_today():
    assert entry(run(0.9, 0.95, days_ago=-1)).verdict is Verdict.MISSING


def test_todays_threshold_judges_yesterdays_measurement():
    stricter = OWNED.model_copy(update={"at_least": 0.93})
    row = entry(run(0.9, 0.95), of=project(thresholds=(stricter,)))
    assert row.verdict is Verdict.INCONCLUSIVE
    assert row.indicators[0].threshold_edited


def test_a_threshold_for_one_segment_goes_before_the_general_one():
    special = Threshold(measure="ratio", segment="sex", at_least=0.5)
    row = entry(run(0.6, 0.7), of=project(thresholds=(OWNED, special)))
    assert row.verdict is Verdict.MET


def test_the_worst_measure_speaks_for_the_risk():
    both = {"bias": risk(evidence=("ratio", "other"))}
    row = entry(run(0.9, 0.95), risks=both)
    assert row.verdict is Verdict.MISSING
    assert row.worst is not None
    assert row.worst.measure == "other"


def test_a_risk_that_cannot_be_measured_says_so_and_is_never_a_yes():
    quiet = {"bias": risk(evidence=(), not_measurable_reason="judgement only")}
    row = entry(of=project(appetite={"fairness": "critical"}), risks=quiet)
    assert (row.verdict, row.within_appetite) == (Verdict.NOT_APPLICABLE, "unknown")
    assert "judgement only" in row.why[0]


@pytest.mark.parametrize(
    ("evidence", "change", "credited", "reason"),
    [
        ([run(0.9, 0.95)], {"status": "planned"}, "none", "planned"),
        ([run(0.9, 0.95)], {"evidence": []}, "none", "no evidence"),
        ([], {}, "none", "missing"),
        ([run(0.5, 0.6)], {}, "none", "breached"),
        ([run(0.9, 0.95, days_ago=200)], {}, "none", "stale"),
        ([run(0.7, 0.95)], {}, "weak", "inconclusive"),
        ([run(0.9, 0.95)], {}, "fair", "not yet in two runs"),
        ([run(0.89, 0.95, days_ago=5), run(0.9, 0.95)], {}, "good", "no independent review"),
        (
            [run(0.89, 0.95, days_ago=5), run(0.9, 0.95)],
            {"reviewed": {"by": "validation lead", "on": "2026-01-01", "document": "memo"}},
            "strong",
            "reviewed by validation lead",
        ),
        (
            [run(0.89, 0.95, days_ago=5), run(0.9, 0.95)],
            {"reviewed": {"by": "d", "on": "2026-01-01", "document": "memo"}},
            "good",
            "no independent review",
        ),
        ([run(0.89, 0.95, days_ago=5), run(0.9, 0.95)], {"effectiveness": "fair"}, "fair", "as declared"),
    ],
)
def test_credit_is_the_lesser_of_what_is_declared_and_what_evidence_carries(
    evidence, change, credited, reason
):
    row = entry(*evidence, of=project(controls=[control(**change)]))
    assert row.credits[0].credited == credited
    assert any(reason in r for r in row.credits[0].reasons)


def test_an_unowned_threshold_caps_credit_at_weak():
    row = entry(
        run(0.9, 0.95),
        of=project(thresholds=(Threshold(measure="ratio", at_least=0.8),), controls=[control()]),
    )
    assert (row.credits[0].credited, row.residual_rating) == ("weak", row.inherent_rating)


def test_the_walk_moves_only_the_axis_acted_on_by_the_best_control():
    controls = [
        control(id="one", effectiveness="fair"),
        control(id="two", effectiveness="good"),
        control(id="three", acts_on="impact", effectiveness="fair"),
    ]
    row = entry(run(0.89, 0.95, days_ago=5), run(0.9, 0.95), of=project(controls=controls))
    assert (row.inherent_rating.likelihood, row.inherent_rating.impact) == (4, 4)
    assert (row.residual_rating.likelihood, row.residual_rating.impact) == (2, 3)
    assert [s.level for s in row.walk] == ["high", "high", "medium", "medium"]


def test_what_is_claimed_and_what_is_evidenced_are_shown_apart():
    row = entry(of=project(controls=[control()]))
    assert (row.inherent, row.current, row.residual) == ("high", "low", "high")


def test_the_same_inputs_give_the_same_register():
    words = Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={})
    catalog = Catalog(risks={"bias": risk()}, regulations={}, matrices={"grid": GRID}, vocabulary=words)
    runs = [run(0.89, 0.95, days_ago=5), run(0.9, 0.95)]
    first = register.build([project()], catalog, runs, as_of=DAY, kit_version="0")
    second = register.build([project()], catalog, reversed(runs), as_of=DAY, kit_version="0")
    assert first.sha256 == second.sha256

"""The register: the worst finding speaks, nothing unmeasured is good, and credit never exceeds evidence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskkit import register
from riskkit.model import PastBound, Threshold, Verdict, judge
from tests.example_rows import DAY, OWNED, build, catalog, control, entry, measurement, project, risk, run


def test_a_measure_nobody_took_is_missing_and_never_within_appetite():
    row = entry(of=project(appetite={"fairness": "critical"}))
    assert (row.verdict, row.within_appetite, row.confidence) == (Verdict.MISSING, "unknown", "low")


def test_a_met_measure_within_appetite_is_the_only_yes():
    assert entry(run(0.9, 0.95), of=project(appetite={"fairness": "high"})).within_appetite == "yes"
    rated = {
        "bias": {
            "inherent": {"likelihood": 4, "impact": 4},
            "why": "x",
            "rated_by": "o",
            "rated_on": "2026-01-01",
        }
    }
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
    row = entry(run(0.9, 0.95), risks=(risk(evidence=("ratio", "other")),))
    assert row.verdict is Verdict.MISSING
    assert row.worst is not None
    assert row.worst.measure == "other"


def test_what_only_some_systems_can_measure_is_asked_for_where_it_has_a_threshold():
    rare = risk(evidence=("ratio",), evidence_with_threshold=("canary_share",))
    taken = (measurement(0.9, 0.95), measurement(0.5, 0.6, measure="canary_share", segment=""))
    assert [i.measure for i in entry(run(taken=taken), risks=(rare,)).indicators] == ["ratio"]
    bounded = project(thresholds=(OWNED, Threshold(measure="canary_share", at_most=0.1)))
    assert entry(run(taken=taken), of=bounded, risks=(rare,)).verdict is Verdict.BREACHED
    assert entry(run(0.9, 0.95), of=bounded, risks=(rare,)).verdict is Verdict.MISSING
    assert not build(run(taken=taken), of=bounded, risks=(rare,)).projects[0].aside


def test_a_risk_that_cannot_be_measured_says_so_and_is_never_a_yes():
    quiet = risk(evidence=(), not_measurable_reason="judgement only")
    row = entry(of=project(appetite={"fairness": "critical"}), risks=(quiet,))
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
    runs = [run(0.89, 0.95, days_ago=5), run(0.9, 0.95)]
    first = register.build([project()], catalog(), runs, as_of=DAY, kit_version="0")
    second = register.build([project()], catalog(), reversed(runs), as_of=DAY, kit_version="0")
    assert first.sha256 == second.sha256


# what counts, and for how long


def test_evidence_about_another_version_is_stale():
    row = entry(run(0.9, 0.95, version="0.9"))
    assert row.verdict is Verdict.STALE
    assert "version 0.9 was assessed, the profile says 1" in row.why[0]
    assert entry(run(0.9, 0.95, version="1")).verdict is Verdict.MET


def test_a_higher_tier_shortens_the_validity_of_old_evidence():
    top = {"exposure": 5, "purpose": 5, "autonomy": "recommend", "why": "x"}
    assert entry(run(days_ago=100, valid_days=365)).verdict is Verdict.MET
    assert entry(run(days_ago=100, valid_days=365), of=project(tier=top)).verdict is Verdict.STALE


def test_evidence_that_names_no_end_still_ends_by_tier():
    assert entry(run(days_ago=180, valid_days=None)).verdict is Verdict.MET
    assert entry(run(days_ago=181, valid_days=None)).verdict is Verdict.STALE


def test_the_days_an_assessment_declares_bind_more_than_the_tier():
    short = project(assessments={"bias_audit": {"valid_days": 30}})
    assert entry(run(days_ago=30), of=short).verdict is Verdict.MET
    assert entry(run(days_ago=31), of=short).verdict is Verdict.STALE


def test_evidence_of_an_assessment_the_profile_dropped_falls_away_when_it_runs_out():
    renamed = project(assessments={"fairness_audit": {}})
    old = run(0.5, 0.6, days_ago=100, valid_days=90)
    new = run(0.9, 0.95, assessment="fairness_audit")
    assert entry(old, new, of=renamed).verdict is Verdict.MET
    still = run(0.5, 0.6, days_ago=80, valid_days=90)
    assert entry(still, new, of=renamed).verdict is Verdict.BREACHED


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.5, 0.6, Verdict.BREACHED), (0.9, 0.95, Verdict.MISSING)]
)
def test_a_group_left_out_of_the_latest_audit_is_not_forgotten(low, high, verdict):
    both = run(days_ago=9, taken=(measurement(0.9, 0.95), measurement(low, high, segment="age")))
    row = entry(both, run(0.9, 0.95), of=project(appetite={"fairness": "critical"}))
    assert row.verdict is verdict
    assert row.within_appetite != "yes"
    assert "left it out" in row.why[0]


def test_a_group_left_out_is_forgotten_once_its_evidence_ran_out_or_the_version_changed():
    old = run(days_ago=100, taken=(measurement(0.9, 0.95), measurement(0.5, 0.6, segment="age")))
    assert entry(old, run(0.9, 0.95)).verdict is Verdict.MET
    before = run(days_ago=9, version="0", taken=(measurement(0.5, 0.6, segment="age"),))
    assert entry(before, run(0.9, 0.95, version="1")).verdict is Verdict.MET


def test_two_failed_runs_leave_the_verdict_of_a_failed_run():
    row = entry(run(days_ago=9), run(days_ago=2, status="failed"), run(days_ago=1, status="stopped"))
    assert row.verdict is Verdict.ERROR


# thresholds in force


def test_a_bound_of_the_future_does_not_hold_yet_and_the_earlier_one_does():
    planned = OWNED.model_copy(update={
        "at_least": 0.97, "effective_from": date(2026, 12, 1),
        "history": (PastBound(until=date(2026, 12, 1), at_least=0.8, why="raised by the policy of 2027"),),
    })  # fmt: skip
    row = entry(run(0.9, 0.95), of=project(thresholds=(planned,)))
    assert row.verdict is Verdict.MET
    assert row.indicators[0].threshold.at_least == 0.8
    later = entry(run(0.9, 0.95), of=project(thresholds=(planned,)), as_of=date(2026, 12, 1))
    assert later.verdict is Verdict.BREACHED


def test_before_its_first_day_a_bound_without_history_decides_nothing():
    first = OWNED.model_copy(update={"effective_from": date(2026, 12, 1)})
    row = entry(run(0.9, 0.95), of=project(thresholds=(first,)))
    assert row.verdict is Verdict.INCONCLUSIVE
    assert "no threshold" in row.why[0]


def test_an_earlier_day_sees_the_bound_of_that_day():
    bound = OWNED.model_copy(update={
        "history": (
            PastBound(until=date(2026, 3, 1), at_least=0.6, why="b"),
            PastBound(until=date(2026, 1, 1), at_least=0.5, why="a"),
        )
    })  # fmt: skip
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1))
    assert [bound.on(day).at_least for day in days] == [0.5, 0.6, 0.6, 0.8]


def test_the_bound_of_the_run_is_compared_with_the_bound_in_force():
    told = measurement(0.9, 0.95, threshold=OWNED)
    assert not entry(run(taken=(told,))).indicators[0].threshold_edited
    renamed = OWNED.model_copy(update={"owner": "somebody else"})
    assert not entry(run(taken=(told,)), of=project(thresholds=(renamed,))).indicators[0].threshold_edited
    moved = OWNED.model_copy(update={"at_least": 0.81})
    assert entry(run(taken=(told,)), of=project(thresholds=(moved,))).indicators[0].threshold_edited


def test_a_missing_measure_is_shown_with_the_bound_it_will_be_held_against():
    assert entry().indicators[0].threshold == OWNED


def test_a_threshold_no_risk_asks_for_is_held_against_the_system_all_the_same():
    beside = Threshold(measure="answer_rate", at_least=0.9)
    of = project(thresholds=(OWNED, beside), appetite={"fairness": "critical"})
    taken = (measurement(0.9, 0.95), measurement(0.5, 0.6, measure="answer_rate", segment=""))
    shown = build(run(taken=taken), of=of)
    assert [i.verdict for i in shown.projects[0].aside] == [Verdict.BREACHED]
    assert [r.rule for r in shown.reasons if r.gate == "ci"] == ["threshold-not-met"]
    assert [r.rule for r in build(run(), of=of).reasons if r.gate == "ci"] == ["threshold-not-met"]
    fine = (measurement(0.9, 0.95), measurement(0.95, 0.99, measure="answer_rate", segment=""))
    assert not [r for r in build(run(taken=fine), of=of).reasons if r.gate == "ci"]


# which threshold would flip the verdict


@given(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted),
    st.one_of(st.none(), st.floats(-1, 1)),
    st.one_of(st.none(), st.floats(-1, 1)),
    st.floats(0, 0.3),
)
def test_the_boundaries_are_where_the_verdict_flips(interval, least, most, step):
    if (least is None and most is None) or (least is not None and most is not None and least > most):
        return
    low, high = interval
    bound = Threshold(measure="ratio", at_least=least, at_most=most)
    taken = measurement(low, high)
    shown = entry(run(taken=(taken,)), of=project(thresholds=(bound,))).indicators[0]
    for boundary in shown.boundaries:
        lenient = -step if boundary.bound == "at_least" else step
        strict = -lenient

        def at(value, name=boundary.bound):
            return judge(taken, bound.model_copy(update={name: value})).verdict

        assert at(boundary.met + lenient) is Verdict.MET
        if boundary.breached + strict != boundary.breached:
            assert at(boundary.breached + strict) is Verdict.BREACHED
        if boundary.met != boundary.breached:
            assert at(boundary.breached) is not Verdict.BREACHED


def test_the_boundary_says_which_bound_would_be_met_and_which_breached():
    (boundary,) = entry(run(0.7, 0.9)).indicators[0].boundaries
    assert str(boundary) == "at least 0.8: met at 0.7 or below, breached above 0.9, inconclusive between"


def test_no_bound_flips_what_is_too_small_stale_or_missing():
    assert entry(run(0.7, 0.9, n=50)).indicators[0].boundaries == ()
    assert entry(run(0.7, 0.9, days_ago=91)).indicators[0].boundaries == ()
    assert entry().indicators[0].boundaries == ()


# the trend


def test_the_trend_breaks_where_the_method_changes():
    runs = [
        run(days_ago=5, taken=(measurement(0.90, 0.95),)),
        run(days_ago=3, taken=(measurement(0.91, 0.95),)),
        run(days_ago=1, taken=(measurement(0.92, 0.95, method_version=2),)),
    ]
    points = entry(*runs).indicators[0].trend
    assert [(p.low, p.breaks) for p in points] == [(0.90, False), (0.91, False), (0.92, True)]


# two runs


def test_a_run_repeated_on_the_same_data_is_no_second_run():
    again = entry(run(0.9, 0.95, days_ago=5), run(0.9, 0.95), of=project(controls=[control()]))
    assert again.credits[0].credited == "fair"
    earlier = (run(0.89, 0.95, days_ago=9), run(0.9, 0.95, days_ago=5), run(0.9, 0.95))
    assert entry(*earlier, of=project(controls=[control()])).credits[0].credited == "good"


def test_a_failed_run_between_two_good_ones_breaks_the_row():
    runs = (run(0.89, 0.95, days_ago=9), run(days_ago=5, status="failed"), run(0.9, 0.95))
    assert entry(*runs, of=project(controls=[control()])).credits[0].credited == "fair"


def test_a_review_by_the_owner_of_the_control_is_not_independent():
    own = control(reviewed={"by": "o", "on": "2026-01-01", "document": "memo"})
    runs = (run(0.89, 0.95, days_ago=5), run(0.9, 0.95))
    assert entry(*runs, of=project(controls=[own])).credits[0].credited == "good"


# developer and validator


@pytest.mark.parametrize(
    ("ours", "theirs", "agrees"),
    [
        ((0.88, 0.92), (0.86, 0.90), True),
        # margins of 0.02 each: the difference may be up to 0.0283
        ((0.88, 0.92), (0.852, 0.892), True),
        ((0.88, 0.92), (0.850, 0.890), False),
        ((0.9, 0.9), (0.9, 0.9), True),
        ((0.9, 0.9), (0.9001, 0.9001), False),
    ],
)
def test_developer_and_validator_agree_within_their_margins(ours, theirs, agrees):
    row = entry(run(*ours, days_ago=2), run(*theirs, performed_as="validator"))
    assert [c.agrees for c in row.compared] == [agrees]
    assert row.indicators[0].measurement.low == ours[0]


def test_a_challenge_lowers_confidence_and_is_remarked_on():
    rated = {"bias": {"inherent": {"likelihood": 4, "impact": 4}, "why": "w", "rated_by": "o",
                      "rated_on": "2026-01-01"}}  # fmt: skip
    runs = (run(0.9, 0.95, days_ago=2), run(0.80, 0.85, performed_as="validator"))
    shown = build(*runs, of=project(risks=rated)).projects[0]
    assert entry(runs[0], of=project(risks=rated)).confidence == "high"
    assert shown.entries[0].confidence == "low"
    assert [r.subject for r in shown.remarks if r.id == "validator-challenge"] == ["bias"]


def test_a_breach_that_only_the_validator_found_has_to_be_accepted():
    of = project(appetite={"fairness": "critical"})
    runs = (run(0.9, 0.95, days_ago=2), run(0.5, 0.6, segment="age", performed_as="validator"))
    row = entry(*runs, of=of)
    assert (row.verdict, row.passes, row.disputed) == (Verdict.MET, False, True)
    assert "the developer did not measure it" in row.compared[0].why
    assert entry(runs[0], of=of).passes


def test_the_validators_run_does_not_stand_in_for_the_developers():
    assert entry(run(0.9, 0.95, performed_as="validator")).verdict is Verdict.MISSING


def test_a_validation_of_another_version_or_past_its_date_challenges_nothing():
    of = project(appetite={"fairness": "critical"}, version="2")
    ours = run(0.9, 0.95, version="2")
    assert entry(ours, run(0.5, 0.6, version="1", performed_as="validator"), of=of).compared == ()
    assert entry(ours, run(0.5, 0.6, days_ago=91, performed_as="validator"), of=of).compared == ()
    assert not entry(ours, run(0.5, 0.6, version="2", performed_as="validator"), of=of).passes


def test_a_validators_failed_run_does_not_undo_the_developers():
    shown = build(
        run(days_ago=2),
        run(status="failed", performed_as="validator"),
        of=project(appetite={"fairness": "critical"}),
    )
    assert [r.rule for r in shown.reasons if r.gate == "ci"] == []


def test_the_worst_indicator_of_a_measure_speaks_for_it():
    taken = [measurement(0.9, 0.95, segment="sex"), measurement(0.5, 0.6, segment="age")]
    shown = build(run(taken=taken)).projects[0]
    assert sorted(i.verdict for i in shown.entries[0].indicators) == ["breached", "met"]
    assert shown.measured["ratio"] == "breached"


def test_what_was_set_is_noted_once_for_all_rows_and_a_copy_has_a_note_of_its_own():
    first, second = build(run(0.9, 0.95), risks=(risk("bias"), risk("other"))).entries
    assert first.model_fields_set is second.model_fields_set
    before = set(first.model_fields_set)
    changed = first.model_copy(update={"treatment": "mitigate"})
    assert "treatment" in changed.model_fields_set
    assert second.model_fields_set == before

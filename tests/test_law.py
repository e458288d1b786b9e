"""What applies to a project, how it stands, and when it is due."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit import law
from riskkit.errors import UsageError
from riskkit.model import Answer, Answers, Facts, Regulation, Requirement
from tests.example_catalog import SHIPPED as CATALOG

TODAY = date(2026, 11, 20)
LAWS = tuple(CATALOG.regulations.values())
FLAGS = tuple(CATALOG.vocabulary.flags)
ALL = {requirement.id: requirement for one in LAWS for requirement in one.requirements}


def _requirement(id: str = "A-1", **fields: Any) -> Requirement:
    return Requirement.model_validate(
        {"id": id, "title": id, "citation": "Art. 1", "requirement": "Do it.", "applies_from": TODAY} | fields
    )


def _regulation(*requirements: Requirement, id: str = "a") -> Regulation:
    return Regulation(id=id, title=id, citation="c", status_date=TODAY, requirements=requirements)


def _answer(status: str = "met", **fields: Any) -> Answer:
    return Answer.model_validate(
        {"status": status, "note": "seen", "by": "head of risk", "on": TODAY} | fields
    )


def _answered(*true: str, **lists: Any) -> Facts:
    stated = {
        "role": ("provider",),
        "jurisdiction": ("eu",),
        "sector": ("general",),
        "use_case": ("chatbot",),
    }
    return Facts(**stated | lists, flags=dict.fromkeys(FLAGS, False) | dict.fromkeys(true, True))


def _applies(requirement: Requirement, facts: Facts, as_of: date = TODAY) -> str:
    return law.applicability(requirement, facts, as_of=as_of).applies


def test_a_list_means_or_and_keys_mean_and() -> None:
    one = _requirement(applies_when={"role": ["provider", "deployer"], "jurisdiction": ["eu", "uk"]})
    assert _applies(one, Facts(role=("deployer",), jurisdiction=("us", "uk"))) == "yes"
    assert _applies(one, Facts(role=("importer",), jurisdiction=("eu",))) == "no"
    assert _applies(one, Facts(role=("provider",), jurisdiction=("kr",))) == "no"
    assert _applies(_requirement(), Facts()) == "yes"
    assert _applies(_requirement(applies_when={"jurisdiction": ["any"]}), Facts()) == "yes"


def test_an_empty_list_is_unknown_and_asked_for() -> None:
    one = _requirement(applies_when={"role": ["provider"], "jurisdiction": ["eu"]})
    found = law.applicability(one, Facts(role=("provider",)), as_of=TODAY)
    assert (found.applies, found.asks) == ("unknown", ("jurisdiction",))
    assert "not answered: jurisdiction" in found.why
    assert _applies(one, Facts(role=("deployer",))) == "no"


def test_flags_all_any_and_none() -> None:
    every = _requirement(applies_when={"flags_all": ["a", "b"]})
    some = _requirement(applies_when={"flags_any": ["a", "b"]})
    none = _requirement(applies_when={"flags_none": ["a", "b"]})
    table = {
        (True, True): ("yes", "yes", "no"),
        (True, False): ("no", "yes", "no"),
        (False, False): ("no", "no", "yes"),
        (True, None): ("unknown", "yes", "no"),
        (False, None): ("no", "unknown", "unknown"),
        (None, None): ("unknown", "unknown", "unknown"),
    }
    for (a, b), expected in table.items():
        facts = Facts(flags={name: value for name, value in (("a", a), ("b", b)) if value is not None})
        assert tuple(_applies(r, facts) for r in (every, some, none)) == expected, (a, b)


def test_only_flags_that_would_decide_are_asked() -> None:
    one = _requirement(applies_when={"flags_all": ["a", "b", "c"]})
    assert law.applicability(one, Facts(flags={"b": True}), as_of=TODAY).asks == ("a", "c")
    assert law.applicability(one, Facts(flags={"b": False}), as_of=TODAY).asks == ()


def test_a_further_set_of_conditions_is_enough() -> None:
    one = _requirement(applies_when={"flags_all": ["a"]}, or_when=[{"flags_all": ["b"]}])
    assert _applies(one, Facts(flags={"a": False, "b": True})) == "yes"
    assert _applies(one, Facts(flags={"b": True})) == "yes"
    assert _applies(one, Facts(flags={"a": False})) == "unknown"
    assert _applies(one, Facts(flags={"a": False, "b": False})) == "no"


def test_a_condition_no_fact_expresses_is_told() -> None:
    one = _requirement(applies_when={"condition": "provider established outside the Union"})
    found = law.applicability(one, Facts(), as_of=TODAY)
    assert found.applies == "yes"
    assert "only if: provider established outside the Union" in found.why


def test_part_of_a_country_is_also_the_country_and_not_the_other_way() -> None:
    federal = _requirement(applies_when={"jurisdiction": ["us"]})
    assert _applies(federal, Facts(jurisdiction=("us_nyc",))) == "yes"
    assert (
        _applies(_requirement(applies_when={"jurisdiction": ["us_ny"]}), Facts(jurisdiction=("us_nyc",)))
        == "yes"
    )
    assert (
        _applies(_requirement(applies_when={"jurisdiction": ["us_ca"]}), Facts(jurisdiction=("us",))) == "no"
    )
    assert (
        _applies(_requirement(applies_when={"jurisdiction": ["ca"]}), Facts(jurisdiction=("us_ca",))) == "no"
    )


def test_start_in_the_future_is_later_until_the_very_day() -> None:
    one = _requirement(applies_from=date(2026, 12, 2), status="future")
    assert _applies(one, Facts(), date(2026, 12, 1)) == "later"
    assert _applies(one, Facts(), date(2026, 12, 2)) == "yes"
    assert law.applicability(one, Facts(), as_of=TODAY).starts == date(2026, 12, 2)


def test_unknown_wins_over_later_and_tells_the_day() -> None:
    one = _requirement(applies_from=date(2027, 1, 1), applies_when={"flags_all": ["a"]})
    found = law.applicability(one, Facts(), as_of=TODAY)
    assert found.applies == "unknown"
    assert "would start 2027-01-01" in found.why


def test_grace_moves_the_start_for_those_it_is_for() -> None:
    grace = {"flag": "old", "until": date(2026, 12, 2), "why": "Art. 111(4)"}
    one = _requirement(applies_from=date(2026, 8, 2), grace=grace)
    days = (date(2026, 8, 1), TODAY, date(2026, 12, 2))
    assert [_applies(one, Facts(flags={"old": True}), day) for day in days] == ["later", "later", "yes"]
    assert [_applies(one, Facts(flags={"old": False}), day) for day in days] == ["later", "yes", "yes"]
    assert [_applies(one, Facts(), day) for day in days] == ["later", "unknown", "yes"]
    assert law.applicability(one, Facts(), as_of=TODAY).asks == ("old",)


def test_what_is_gone_or_not_yet_law_does_not_apply_whatever_the_facts() -> None:
    replaced = _requirement(
        status="replaced", applies_from=date(2020, 1, 1), ended_on=date(2026, 4, 17), superseded_by="A-2"
    )
    found = law.applicability(replaced, Facts(), as_of=TODAY)
    assert (found.applies, found.why) == ("no", "replaced since 2026-04-17; see A-2")
    assert _applies(replaced, Facts(), date(2026, 4, 16)) == "yes"
    never = _requirement(status="repealed", applies_from=None, ended_on=date(2026, 5, 14))
    assert _applies(never, Facts(), date(2026, 1, 1)) == "no"
    for status in ("proposal", "draft"):
        assert "to be watched" in law.applicability(_requirement(status=status), Facts(), as_of=TODAY).why


def test_eu_tier_of_a_requirement_follows_from_the_facts() -> None:
    risk = ALL["EUAIA-ART9"]
    recruiter = _answered("is_ai_system", use_case=("recruitment",))
    assert _applies(risk, recruiter) == "later"
    assert _applies(risk, recruiter, date(2027, 12, 2)) == "yes"
    assert _applies(risk, _answered("is_ai_system")) == "no"
    device = _answered(
        "is_ai_system", "annex_i_section_a", "third_party_conformity_assessment", use_case=("medical_device",)
    )
    assert _applies(risk, device, date(2027, 12, 2)) == "later"
    assert _applies(risk, device, date(2028, 8, 2)) == "yes"
    flags = {k: v for k, v in recruiter.flags.items() if k != "is_ai_system"}
    found = law.applicability(risk, recruiter.model_copy(update={"flags": flags}), as_of=TODAY)
    assert (found.applies, found.asks) == ("unknown", ("is_ai_system",))


def test_bans_of_december_2026_and_the_end_of_the_marking_grace() -> None:
    facts = _answered(
        "is_ai_system",
        "generates_synthetic_content",
        "on_market_before_2026_08_02",
        use_case=("ncii_generation",),
    )
    for name in ("EUAIA-ART5-1BA", "EUAIA-ART50-2"):
        assert _applies(ALL[name], facts, date(2026, 11, 20)) == "later"
        assert _applies(ALL[name], facts, date(2026, 12, 3)) == "yes"


def test_old_bank_guidance_points_to_the_new_which_leaves_generative_models_out() -> None:
    bank = {"role": ("deployer",), "jurisdiction": ("us",), "sector": ("banking",)}
    old = law.applicability(ALL["US-BANKMRM-SR11-7"], _answered(**bank), as_of=TODAY)
    assert (old.applies, old.why) == ("no", "repealed since 2026-04-17; see US-BANKMRM-SR26-2")
    new = ALL["US-BANKMRM-SR26-2"]
    assert _applies(new, _answered(**bank)) == "yes"
    found = law.applicability(new, _answered("uses_llm", **bank), as_of=TODAY)
    assert (found.applies, found.why) == ("no", "uses_llm, use_case is chatbot")
    hybrid = _answered("uses_llm", "scoring_output", **bank, use_case=("credit_scoring",))
    assert _applies(new, hybrid) == "yes"
    assert _applies(ALL["US-BANKMRM-GENAI"], _answered("uses_llm", **bank)) == "yes"


def test_open_models_with_systemic_risk_keep_their_documentation_duty() -> None:
    open_model = ("is_gpai_model", "free_open_source")
    assert _applies(ALL["EUAIA-ART53-1-a"], _answered(*open_model)) == "no"
    assert _applies(ALL["EUAIA-ART53-1-a"], _answered(*open_model, "gpai_systemic")) == "yes"


def test_rights_assessment_follows_article_27() -> None:
    fria = ALL["EUAIA-ART27"]
    day = date(2027, 12, 2)
    cases = {
        ("credit_scoring", False): "yes", ("recruitment", False): "no", ("recruitment", True): "yes",
        ("critical_infrastructure_safety", True): "no",
    }  # fmt: skip
    for (use_case, public), expected in cases.items():
        true = ("is_ai_system", *(["public_authority_deployer"] if public else []))
        facts = _answered(*true, role=("deployer",), use_case=(use_case,))
        assert _applies(fria, facts, day) == expected, use_case


@st.composite
def _partly_and_fuller(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """Facts with questions left open, and the same facts with more of them answered."""
    words = CATALOG.vocabulary
    lists = {
        key: tuple(draw(st.lists(st.sampled_from(sorted(getattr(words, key))), max_size=2, unique=True)))
        for key in ("role", "jurisdiction", "sector", "use_case")
    }
    full = draw(st.fixed_dictionaries({}, optional={name: st.booleans() for name in FLAGS}))
    kept = draw(st.sets(st.sampled_from(sorted(full)))) if full else set()
    stated = {key: draw(st.sampled_from([(), value])) for key, value in lists.items()}
    return Facts(**stated, flags={k: v for k, v in full.items() if k in kept}), Facts(**lists, flags=full)


@pytest.mark.slow
@settings(max_examples=60)
@given(_partly_and_fuller())
def test_no_unanswered_fact_yields_no_and_no_definite_answer_turns(pair: tuple[Facts, Facts]) -> None:
    partly, fuller = pair
    eu, fuller_eu = law.classify(partly), law.classify(fuller)
    for requirement in ALL.values():
        before = law.applicability(requirement, partly, as_of=TODAY, eu=eu)
        after = law.applicability(requirement, fuller, as_of=TODAY, eu=fuller_eu)
        if before.applies == "unknown":
            assert before.asks
        else:
            assert after.applies == before.applies, (requirement.id, before, after)


def test_everything_answered_leaves_no_requirement_unknown() -> None:
    facts = _answered("is_ai_system", "uses_llm", "generates_synthetic_content")
    assert not [r.id for r in ALL.values() if _applies(r, facts) == "unknown"]


def test_nothing_answered_says_no_only_of_what_is_not_in_force() -> None:
    no = {r.status for r in ALL.values() if _applies(r, Facts()) == "no"}
    assert no == {"repealed", "replaced", "proposal", "draft"}


# --- the checklist


def _row(
    requirement: Requirement,
    *others: Requirement,
    answers: dict[str, Answer] | None = None,
    measured: dict[str, str] | None = None,
    as_of: date = TODAY,
    facts: Facts | None = None,
) -> law.ChecklistRow:
    rows = law.checklist(
        [_regulation(requirement, *others)], facts or Facts(), Answers(answers=answers or {}), as_of=as_of,
        measured=measured or {},
    )  # fmt: skip
    return rows[0]


METRIC = {"type": "metric", "what": "gap between groups", "measure": "group_gap", "also": ["group_ratio"]}
PAPER = {"type": "document", "what": "test report"}


def test_answer_gives_the_status_with_its_person_and_day() -> None:
    for status in ("met", "partly", "gap", "not_applicable"):
        row = _row(_requirement(), answers={"A-1": _answer(status, document="x.pdf")})
        assert (row.status, row.basis, row.by, row.on) == (status, "answer", "head of risk", TODAY)
        assert row.document == "x.pdf"
        assert "seen" in row.why


def test_answer_counts_on_its_last_day_and_not_the_day_after() -> None:
    answers = {"A-1": _answer(expires_on=TODAY)}
    assert _row(_requirement(), answers=answers).status == "met"
    late = _row(_requirement(), answers=answers, as_of=date(2026, 11, 21))
    assert late.status == "not_assessed"
    assert "expired on 2026-11-20" in late.why


def test_nothing_said_is_not_assessed_and_lists_what_is_missing() -> None:
    row = _row(_requirement(evidence_expected=[METRIC, PAPER]))
    assert (row.status, row.basis) == ("not_assessed", "nothing")
    assert row.missing == ("gap between groups", "test report")


def test_met_measure_alone_meets_a_requirement_that_asks_for_nothing_else() -> None:
    only = _requirement(evidence_expected=[METRIC])
    assert _row(only, measured={"group_gap": "met"}).status == "met"
    assert _row(only, measured={"group_ratio": "met"}).status == "met"
    both = _row(_requirement(evidence_expected=[METRIC, PAPER]), measured={"group_gap": "met"})
    assert (both.status, both.basis, both.missing) == ("partly", "measurement", ("test report",))


@pytest.mark.parametrize("verdict", ["inconclusive", "stale", "error", "missing", "not_applicable"])
def test_measure_that_is_not_met_never_turns_a_row_green(verdict: str) -> None:
    row = _row(_requirement(evidence_expected=[METRIC]), measured={"group_gap": verdict})
    assert row.status == "not_assessed"


def test_breach_is_a_gap_whatever_was_answered() -> None:
    row = _row(
        _requirement(evidence_expected=[METRIC]),
        answers={"A-1": _answer("met")},
        measured={"group_gap": "breached"},
    )
    assert (row.status, row.basis) == ("gap", "measurement")
    assert "answered met by head of risk" in row.why


def test_answer_met_beside_an_open_measure_is_partly() -> None:
    one = _requirement(evidence_expected=[METRIC])
    row = _row(one, answers={"A-1": _answer("met")}, measured={"group_gap": "stale"})
    assert (row.status, row.why) == ("partly", "seen; but group_gap is stale")
    taken = _row(one, answers={"A-1": _answer("met")}, measured={"group_gap": "met"})
    assert (taken.status, taken.why) == ("met", "seen; measured: group_gap")


def test_person_may_say_a_requirement_does_not_apply_even_beside_a_breach() -> None:
    row = _row(
        _requirement(evidence_expected=[METRIC]),
        answers={"A-1": _answer("not_applicable")},
        measured={"group_gap": "breached"},
    )
    assert row.status == "not_applicable"


def test_one_answer_serves_what_shares_its_topic_and_says_so() -> None:
    here, there = _requirement("A-1", topics=["bias"]), _requirement("A-2", topics=["bias"])
    row = _row(here, there, answers={"A-2": _answer("met")})
    assert (row.status, row.basis, row.served_by) == ("partly", "crosswalk", ("A-2",))
    assert "served by the answer to A-2 (topic bias)" in row.why
    assert _row(here, there).status == "not_assessed"


def test_answer_to_an_equal_or_larger_requirement_serves_in_full() -> None:
    there = _requirement("A-2")
    for relation, status in (("equal", "met"), ("superset", "met"), ("subset", "not_assessed")):
        here = _requirement("A-1", related=["A-2"], relations={"A-2": relation})
        assert _row(here, there, answers={"A-2": _answer("met")}).status == status


def test_gap_or_not_applicable_elsewhere_serves_nothing_and_is_told() -> None:
    here, there = _requirement("A-1", topics=["bias"]), _requirement("A-2", topics=["bias"])
    for status in ("gap", "not_applicable"):
        row = _row(here, there, answers={"A-2": _answer(status)})
        assert row.status == "not_assessed"
        assert f"A-2 (topic bias) is answered {status}" in row.why


def test_measure_that_two_ask_for_serves_the_whole_topic_and_is_never_more_than_partly() -> None:
    asking = [_requirement(f"A-{n}", topics=["bias"], evidence_expected=[METRIC]) for n in (2, 3)]
    here = _requirement("A-1", topics=["bias"], evidence_expected=[PAPER])
    row = _row(here, *asking, measured={"group_gap": "met"})
    assert (row.status, row.served_by) == ("partly", ("group_gap",))
    assert _row(here, *asking, measured={"group_gap": "breached"}).status == "not_assessed"
    assert _row(here, asking[0], measured={"group_gap": "met"}).status == "not_assessed"


def test_unknown_applicability_is_not_assessed_unless_a_person_answered() -> None:
    one = _requirement(applies_when={"flags_all": ["a"]}, evidence_expected=[METRIC])
    row = _row(one, measured={"group_gap": "met"})
    assert (row.applies, row.status, row.asks) == ("unknown", "not_assessed", ("a",))
    assert _row(one, answers={"A-1": _answer("not_applicable")}).status == "not_applicable"


def test_what_does_not_apply_says_which_fact_rules_it_out() -> None:
    row = _row(_requirement(applies_when={"jurisdiction": ["eu"]}), facts=Facts(jurisdiction=("uk",)))
    assert (row.applies, row.status, row.basis) == ("no", "not_applicable", "facts")
    assert row.why == "jurisdiction is uk"


def test_partly_is_counted_as_a_gap_for_something_is_left_to_do() -> None:
    rows = [_row(_requirement(), answers={"A-1": _answer(status)}) for status in ("partly", "gap", "met")]
    assert law.requirements_with_gap(rows).value == 2
    assert law.requirements_not_assessed(rows).value == 0


def test_counts_are_of_what_concerns_the_project() -> None:
    one = _regulation(
        _requirement("A-1"),
        _requirement("A-2"),
        _requirement("A-3", applies_when={"flags_all": ["a"]}),
        _requirement("A-4", applies_from=date(2027, 1, 1)),
        _requirement("A-5", applies_when={"jurisdiction": ["eu"]}),
    )
    rows = law.checklist(
        [one], Facts(jurisdiction=("uk",)), Answers(answers={"A-1": _answer("gap")}), as_of=TODAY
    )
    gaps, open_ = law.requirements_with_gap(rows), law.requirements_not_assessed(rows)
    assert (gaps.measure, gaps.value, gaps.low, gaps.high, gaps.n) == ("requirements_with_gap", 1, 1, 1, 3)
    assert (open_.measure, open_.value, open_.n, open_.unit) == (
        "requirements_not_assessed",
        2,
        3,
        "requirements",
    )
    assert [row.requirement for row in law.not_covered(rows)] == ["A-2", "A-3"]


def test_counting_nothing_is_undefined_and_not_zero() -> None:
    assert law.requirements_with_gap([]).value is None
    assert law.requirements_not_assessed([]).value is None


def test_frameworks_are_chosen_by_id_and_evidence_of_the_others_still_serves() -> None:
    first = _regulation(_requirement("A-1", topics=["bias"]), id="a")
    second = _regulation(_requirement("B-1", topics=["bias"]), id="b")
    answers = Answers(answers={"B-1": _answer("met")})
    (row,) = law.checklist([first, second], Facts(), answers, as_of=TODAY, frameworks=["a"])
    assert (row.framework, row.status, row.served_by) == ("a", "partly", ("B-1",))
    with pytest.raises(UsageError, match=r"there is no framework c \(known: a, b\)"):
        law.checklist([first, second], Facts(), answers, as_of=TODAY, frameworks=["a", "c"])


def test_answers_under_an_id_nobody_knows_are_named() -> None:
    answers = Answers(answers={"A-1": _answer(), "A-9": _answer()})
    assert law.unknown_answers(answers, [_regulation(_requirement())]) == ("A-9",)


def test_one_measurement_turns_the_status_in_several_frameworks_and_back() -> None:
    facts = _answered(
        "is_ai_system", "makes_decisions_about_people", "uses_llm", "scoring_output",
        role=("employer", "provider"), jurisdiction=("us_nyc", "us_il"), use_case=("recruitment",),
    )  # fmt: skip

    def statuses(measured: dict[str, str]) -> dict[str, str]:
        rows = law.checklist(LAWS, facts, Answers(), as_of=TODAY, measured=measured)
        return {row.requirement: row.status for row in rows if row.applies == "yes"}

    before, during, after = statuses({}), statuses({"selection_rate_ratio": "met"}), statuses({})
    turned = {name for name in before if before[name] != during[name]}
    assert {
        "US-NYC-LL144-AUDIT", "US-IL-HB3773-DISCRIM", "US-TITLE7-IMPACT", "US-UGESP-FOURFIFTHS",
        "NIST-RMF-MEASURE-2.11", "NIST-600-1-R06", "MIT-1.1",
    } <= turned  # fmt: skip
    assert all(before[name] == "not_assessed" and during[name] in {"met", "partly"} for name in turned)
    assert after == before
    breached = statuses({"selection_rate_ratio": "breached"})
    assert breached["US-IL-HB3773-DISCRIM"] == "gap"
    assert "met" not in {breached[name] for name in turned}


# --- the calendar


def test_calendar_names_the_days_to_come() -> None:
    coming = {(d.date, d.framework) for d in law.calendar(LAWS, as_of=TODAY) if d.days > 0}
    assert {
        (date(2026, 12, 2), "eu_ai_act"), (date(2027, 12, 2), "eu_ai_act"), (date(2027, 1, 1), "us_co_sb26_189"),
        (date(2027, 1, 1), "us_ca"), (date(2027, 5, 1), "canada"), (date(2026, 12, 9), "eu_other"),
    } <= coming  # fmt: skip


def test_calendar_is_in_order_and_counts_days_from_the_day_asked_about() -> None:
    deadlines = law.calendar(LAWS, as_of=TODAY)
    assert [d.date for d in deadlines] == sorted(d.date for d in deadlines)
    assert all(d.days == (d.date - TODAY).days for d in deadlines)
    by_day = {d.days for d in law.calendar(LAWS, as_of=date(2026, 12, 2)) if d.date == date(2026, 12, 2)}
    assert by_day == {0}


def test_calendar_of_a_project_holds_what_concerns_it_on_its_own_days() -> None:
    facts = _answered(
        "is_ai_system", "annex_i_section_a", "third_party_conformity_assessment", use_case=("medical_device",)
    )
    days = {name: d.date for d in law.calendar(LAWS, as_of=TODAY, facts=facts) for name in d.requirements}
    deadlines = law.calendar(LAWS, as_of=TODAY, facts=facts)
    starts = [d.date for d in deadlines if "EUAIA-ART9" in d.requirements and d.date.year < 2030]
    assert starts == [date(2028, 8, 2)]
    assert "US-CO-SB26-189-NOTICE" not in days
    assert {d.applies for d in deadlines if d.days > 0} == {"later"}


def test_calendar_of_an_unanswered_project_marks_what_may_concern_it() -> None:
    deadlines = law.calendar(LAWS, as_of=TODAY, facts=Facts(jurisdiction=("us_co",)))
    (colorado,) = (d for d in deadlines if d.framework == "us_co_sb26_189" and d.days > 0)
    assert colorado.applies == "unknown"
    assert not [d for d in deadlines if d.framework == "eu_ai_act"]


def test_calendar_holds_the_day_an_answer_expires() -> None:
    answers = Answers(answers={"A-1": _answer(expires_on=date(2027, 3, 1)), "A-9": _answer(expires_on=TODAY)})
    (found,) = (
        d for d in law.calendar([_regulation(_requirement())], as_of=TODAY, answers=answers) if d.days > 0
    )
    assert (found.date, found.requirements) == (date(2027, 3, 1), ("A-1",))


def test_changes_between_two_editions() -> None:
    old = [_regulation(_requirement("A-1"), _requirement("A-2"), _requirement("A-3"))]
    new = [
        _regulation(
            _requirement("A-1"), _requirement("A-2", status="repealed", note="x"), _requirement("A-4")
        )
    ]
    found = [(change.requirement, change.what, change.fields) for change in law.changes(old, new)]
    assert found == [("A-2", "changed", ("status", "note")), ("A-3", "removed", ()), ("A-4", "added", ())]

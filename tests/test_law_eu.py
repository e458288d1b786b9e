"""The EU AI Act: tiers, overlays, the model axis, dates, fines."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit import authored, law
from riskkit.law import eu_annexes, eu_dates
from riskkit.model import Facts, Penalty
from tests.example_catalog import SHIPPED as CATALOG

HERE = Path(__file__).parent
FLAGS = tuple(CATALOG.vocabulary.flags)
EU = CATALOG.regulations["eu_ai_act"]


def _cases(name: str) -> list[dict[str, Any]]:
    document, problems = authored.load(HERE / "data" / "law_cases.yml", shown="law_cases.yml")
    assert document is not None, problems
    return list(document.data[name])


def _answered(*true: str, **lists: Any) -> Facts:
    """Facts with every flag answered, those named true."""
    stated = {"jurisdiction": ("eu",), "use_case": ("chatbot",)} | lists
    return Facts(**stated, flags=dict.fromkeys(FLAGS, False) | dict.fromkeys(true, True))


@pytest.mark.parametrize("case", _cases("eu_ai_act"), ids=lambda case: case["id"])
def test_case_gets_its_tier_overlays_axis_and_start(case: dict[str, Any]) -> None:
    found = law.classified(case["id"], law.classify_case(case["facts"], flags=FLAGS))
    assert {key: found[key] for key in case["expected"]} == case["expected"]
    assert found["unknown"] == []
    assert found["path"]


@pytest.mark.parametrize("case", _cases("filter"), ids=lambda case: case["id"])
def test_filter_of_article_6_3(case: dict[str, Any]) -> None:
    letters = {letter: name for name, letter in eu_annexes.FILTERS.items()}
    true = ["is_ai_system"] + ([letters[case["condition"]]] if case["condition"] else [])
    true += ["profiles_natural_persons"] * case["profiling"] + ["part_of_complex_system"] * case["chain"]
    assert law.classify(_answered(*true, use_case=("recruitment",))).tier == case["tier"]


def test_part_of_a_chain_that_drives_the_decision_gets_no_filter() -> None:
    facts = _answered(
        "is_ai_system", "filter_preparatory", "part_of_complex_system", use_case=("recruitment",)
    )
    assert law.classify(facts).tier == "high_risk_annex_iii"


def test_fundamental_rights_assessment_is_asked_where_article_27_says() -> None:
    def overlays(use_case: str, *true: str) -> tuple[str, ...]:
        return law.classify(_answered("is_ai_system", *true, use_case=(use_case,))).overlays

    assert overlays("critical_infrastructure_safety", "public_authority_deployer") == ()
    assert overlays("education_admission", "public_authority_deployer") == ("fria",)
    assert overlays("education_admission") == ()
    assert overlays("credit_scoring") == ("fria",)
    assert overlays("life_health_insurance") == ("fria",)


def test_product_needs_safety_part_section_and_third_party() -> None:
    whole = {"is_ai_system", "safety_component", "annex_i_section_b", "third_party_conformity_assessment"}
    assert law.classify(_answered(*whole)).tier == "high_risk_annex_i_b"
    for one in whole - {"is_ai_system"}:
        assert law.classify(_answered(*(whole - {one}))).tier == "minimal", one


def test_a_medical_device_is_the_product_itself() -> None:
    flags = ("is_ai_system", "annex_i_section_a", "third_party_conformity_assessment")
    assert law.classify(_answered(*flags, use_case=("medical_device",))).tier == "high_risk_annex_i_a"


@pytest.mark.parametrize(
    ("true", "lists", "basis"),
    [
        ((), {}, "Art. 3(1)"),
        (("is_ai_system", "military_defence_exclusive"), {}, "Art. 2(3)"),
        (("is_ai_system", "research_only"), {}, "Art. 2(6), (8)"),
        (("is_ai_system", "personal_non_professional_use"), {}, "Art. 2(10)"),
        (("is_ai_system", "free_open_source"), {}, "Art. 2(12)"),
        (("is_ai_system",), {"jurisdiction": ("us", "uk")}, "Art. 2(1)"),
    ],
)
def test_out_of_scope_says_on_which_basis(true: tuple[str, ...], lists: dict[str, Any], basis: str) -> None:
    found = law.classify(_answered(*true, **lists))
    assert (found.tier, found.basis, found.applies_from) == ("out_of_scope", basis, None)
    assert found.overlays == ()


def test_open_source_does_not_take_out_a_transparency_case_or_a_high_risk_one() -> None:
    assert law.classify(_answered("is_ai_system", "free_open_source", "deep_fake")).tier == "transparency"
    facts = _answered("is_ai_system", "free_open_source", use_case=("recruitment",))
    assert law.classify(facts).tier == "high_risk_annex_iii"


def test_two_points_are_both_named() -> None:
    found = law.classify(_answered("is_ai_system", use_case=("recruitment", "credit_scoring", "chatbot")))
    assert found.basis == "Annex III 4(a), 5(b)"
    banned = law.classify(_answered("is_ai_system", use_case=("ncii_generation", "social_scoring")))
    assert (banned.basis, banned.applies_from) == ("Art. 5(1)(ba), (c)", date(2025, 2, 2))


def test_nothing_answered_leaves_every_tier_open_and_asks_first_for_scope() -> None:
    found = law.classify(Facts())
    assert found.tier == "unknown"
    assert set(found.possible) == {*CATALOG.vocabulary.eu_tier, None}
    assert {"jurisdiction", "use_case", "is_ai_system", "free_open_source"} <= set(found.asks)
    assert found.overlays == ()
    assert found.gpai == "unknown"


def test_one_open_flag_is_the_one_question_asked() -> None:
    answered = _answered("is_ai_system", "filter_narrow_procedural", use_case=("recruitment",))
    flags = {k: v for k, v in answered.flags.items() if k != "profiles_natural_persons"}
    found = law.classify(answered.model_copy(update={"flags": flags}))
    assert found.tier == "unknown"
    assert set(found.possible) == {"high_risk_annex_iii", "exempt_art6_3"}
    assert found.asks == ("profiles_natural_persons",)
    assert any("open, not answered: profiles_natural_persons" in step for step in found.path)


def test_open_flag_that_decides_nothing_is_not_asked() -> None:
    answered = _answered("is_ai_system", use_case=("social_scoring",))
    flags = {
        k: v for k, v in answered.flags.items() if k not in {"free_open_source", "safety_component", "sme"}
    }
    found = law.classify(answered.model_copy(update={"flags": flags}))
    assert (found.tier, found.asks) == ("prohibited", ())


def test_overlay_stays_open_while_its_flag_is() -> None:
    answered = _answered("is_ai_system", "interacts_with_people")
    flags = {k: v for k, v in answered.flags.items() if k != "generates_synthetic_content"}
    found = law.classify(answered.model_copy(update={"flags": flags}))
    assert found.tier == "transparency"
    assert found.overlays == ("art50_1",)
    assert found.overlays_open == ("art50_2",)
    assert found.asks == ("generates_synthetic_content",)


def test_model_axis_needs_a_general_model_before_compute_counts() -> None:
    axis = [law.classify(_answered(*true, use_case=()), model_only=True).gpai for true in (
        (), ("gpai_systemic",), ("is_gpai_model",), ("is_gpai_model", "gpai_systemic"), ("modifies_gpai_over_third",),
    )]  # fmt: skip
    assert axis == ["none", "none", "gpai", "gpai_systemic", "gpai"]


WORDS = {
    "jurisdiction": ["eu", "us", "us_nyc", "uk"],
    "use_case": [*eu_annexes.ART_5, *eu_annexes.ANNEX_III, "chatbot", "medical_device"],
}


@st.composite
def _partly_and_fuller(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """Facts with questions left open, and the same facts with more of them answered."""
    full = {name: draw(st.booleans()) for name in FLAGS}
    lists = {
        key: tuple(draw(st.lists(st.sampled_from(w), max_size=2, unique=True))) for key, w in WORDS.items()
    }
    more = draw(st.sets(st.sampled_from(FLAGS)))
    less = draw(st.sets(st.sampled_from(sorted(more)))) if more else set()
    fuller = Facts(**lists, flags={k: v for k, v in full.items() if k in more})
    stated = {key: draw(st.sampled_from([(), value])) for key, value in lists.items()}
    return Facts(**stated, flags={k: v for k, v in full.items() if k in less}), fuller


@pytest.mark.slow
@settings(max_examples=400)
@given(_partly_and_fuller())
def test_one_more_answer_never_turns_a_definite_tier_wrong(pair: tuple[Facts, Facts]) -> None:
    partly, fuller = (law.classify(facts) for facts in pair)
    assert set(fuller.possible) <= set(partly.possible)
    if partly.tier != "unknown":
        assert fuller.tier == partly.tier
    if partly.gpai != "unknown":
        assert fuller.gpai == partly.gpai
    assert set(partly.overlays) <= set(fuller.overlays)
    assert set(fuller.overlays_open) <= set(partly.overlays_open)


@pytest.mark.slow
@settings(max_examples=400)
@given(_partly_and_fuller())
def test_only_the_questions_asked_can_decide(pair: tuple[Facts, Facts]) -> None:
    partly, fuller = pair
    before = law.classify(partly)
    aside = {k: v for k, v in fuller.flags.items() if k not in before.tier_asks}
    lists = {key: getattr(partly if key in before.tier_asks else fuller, key) for key in WORDS}
    after = law.classify(Facts(**lists, flags=aside | partly.flags))
    assert after.possible == before.possible


def test_every_question_answered_leaves_nothing_open() -> None:
    for use_case in CATALOG.vocabulary.use_case:
        found = law.classify(_answered("is_ai_system", use_case=(use_case,)))
        assert (found.asks, found.overlays_open) == ((), ())
        assert found.tier in CATALOG.vocabulary.eu_tier


def test_tables_of_use_cases_are_those_of_the_vocabulary() -> None:
    points = {
        k: v.split(":")[0]
        for k, v in CATALOG.vocabulary.use_case.items()
        if v.startswith(("Art. 5", "Annex III"))
    }
    ours = {k: f"Art. 5(1){p}" for k, p in eu_annexes.ART_5.items()}
    ours |= {k: f"Annex III {p}" for k, p in eu_annexes.ANNEX_III.items()}
    assert ours == points
    assert set(eu_annexes.FILTERS) <= set(FLAGS)
    assert set(eu_annexes.EXCLUSIONS) <= set(FLAGS)


@pytest.mark.parametrize(
    ("what", "start", "on", "binds"),
    [
        ("new Annex III system", eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 12, 2)),
         date(2026, 11, 20), False),
        ("on the market in June 2027, unchanged",
         eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 6, 1)), date(2028, 6, 1), False),
        ("the same, redesigned in 2028",
         eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 6, 1), redesigned_on=date(2028, 3, 1)),
         date(2028, 6, 1), True),
        ("redesigned before the date",
         eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 6, 1), redesigned_on=date(2027, 9, 1)),
         date(2028, 6, 1), False),
        ("new medical device", eu_dates.high_risk_from("high_risk_annex_i_a", placed_on=date(2028, 8, 2)),
         date(2027, 12, 2), False),
        ("new medical device", eu_dates.high_risk_from("high_risk_annex_i_a", placed_on=date(2028, 8, 2)),
         date(2028, 8, 2), True),
        ("image generator of May 2026", eu_dates.marking_from(placed_on=date(2026, 5, 1)), date(2026, 11, 20), False),
        ("image generator of May 2026", eu_dates.marking_from(placed_on=date(2026, 5, 1)), date(2026, 12, 2), True),
        ("image generator of September 2026", eu_dates.marking_from(placed_on=date(2026, 9, 1)),
         date(2026, 9, 1), True),
        ("legacy system for a public body, unchanged",
         eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 6, 1), for_public_bodies=True),
         date(2030, 8, 2), True),
        ("the same, the day before",
         eu_dates.high_risk_from("high_risk_annex_iii", placed_on=date(2027, 6, 1), for_public_bodies=True),
         date(2030, 8, 1), False),
        ("model of 2024", eu_dates.model_duties_from(placed_on=date(2024, 5, 1)), date(2027, 8, 1), False),
        ("model of 2024", eu_dates.model_duties_from(placed_on=date(2024, 5, 1)), date(2027, 8, 2), True),
    ],
)  # fmt: skip
def test_systems_on_the_market_are_caught_when_article_111_says(
    what: str, start: date | None, on: date, binds: bool
) -> None:
    assert eu_dates.in_force(start, on=on) is binds, what


PENALTIES = {
    "art5": "EUAIA-PEN-3",
    "operator": "EUAIA-PEN-4",
    "information": "EUAIA-PEN-5",
    "gpai": "EUAIA-PEN-101",
}


@pytest.mark.parametrize("case", _cases("penalties"), ids=lambda case: case["id"])
def test_largest_fine(case: dict[str, Any]) -> None:
    (penalty,) = (p for p in EU.penalties if p.id == PENALTIES[case["breach"]])
    fine = law.max_fine_eur(
        penalty, worldwide_turnover_eur=case["turnover"], sme_or_small_midcap=case["small"]
    )
    assert fine == case["at_most"]


def test_fine_without_a_share_of_turnover_is_the_cap_and_a_negative_turnover_is_refused() -> None:
    cap = Penalty(id="x", citation="c", breach="b", max_eur=1_500_000, rule="cap", sme_rule="cap")
    assert law.max_fine_eur(cap, worldwide_turnover_eur=9e9, sme_or_small_midcap=False) == 1_500_000
    with pytest.raises(ValueError, match="cannot be negative"):
        law.max_fine_eur(cap, worldwide_turnover_eur=-1, sme_or_small_midcap=False)


def test_case_with_flags_left_unknown_asks_for_them() -> None:
    facts = {
        "role": "provider",
        "jurisdiction": "eu",
        "use_case": ["chatbot"],
        "flags_true": ["is_ai_system"],
    }
    assert law.classify_case(facts, flags=FLAGS).tier == "minimal"
    found = law.classify_case(facts | {"flags_unknown": ["interacts_with_people"]}, flags=FLAGS)
    assert (found.tier, found.asks) == ("unknown", ("interacts_with_people",))
    only_two = law.classify_case(facts | {"flags_false": ["military_defence_exclusive"]}, flags=FLAGS)
    assert "research_only" in only_two.asks
    assert "military_defence_exclusive" not in only_two.asks
    stated = law.classify_case(facts | {"flags": {"is_ai_system": False}, "flags_true": []}, flags=FLAGS)
    assert "is_ai_system" not in stated.asks

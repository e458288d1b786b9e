"""Who is asked what: roles, exemptions, overrides and dates, each checked by hand against the text it cites."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit import catalog, law
from riskkit.law import eu_annexes
from riskkit.model import Facts, Regulation

CATALOG = catalog.load()
FLAGS = tuple(CATALOG.vocabulary.flags)
TODAY = date(2026, 11, 20)
DECIDES = (
    "is_ai_system", "affects_natural_persons", "makes_decisions_about_people", "legal_or_similar_effect",
    "adverse_outcome", "uses_personal_data", "scoring_output", "profiles_natural_persons",
)  # fmt: skip


def facts(*true: str, unknown: tuple[str, ...] = (), **lists: tuple[str, ...]) -> Facts:
    """Everything answered but what is ``unknown``: those named true, all others false."""
    stated = {
        "jurisdiction": ("eu",),
        "use_case": ("chatbot",),
        "role": ("provider",),
        "sector": ("general",),
    }
    answers = {f: f in true for f in FLAGS if f not in unknown}
    return Facts(**{**stated, **lists}, flags=answers)


def says(name: str, given: Facts, *, on: date = TODAY) -> str:
    """``yes``, ``no``, ``unknown``, or the day from which it applies."""
    found = law.applicability(CATALOG.requirements[name], given, as_of=on)
    return str(found.starts) if found.applies == "later" else found.applies


CREDIT = {"use_case": ("credit_scoring",), "sector": ("banking",)}
HIRING = {"use_case": ("recruitment",), "sector": ("employment",)}
WORK = {"use_case": ("worker_management",), "sector": ("employment",)}


@pytest.mark.parametrize(
    ("role", "applies"),
    [
        ("provider", {"EUAIA-ART9", "EUAIA-ART16", "EUAIA-ART22", "EUAIA-ART25", "EUAIA-ART49-1"}),
        ("deployer", {"EUAIA-ART25", "EUAIA-ART26-1", "EUAIA-ART26-11", "EUAIA-ART27", "EUAIA-ART86"}),
        ("importer", {"EUAIA-ART23", "EUAIA-ART25"}),
        ("distributor", {"EUAIA-ART24", "EUAIA-ART25"}),
        ("product_manufacturer", {"EUAIA-ART25"}),
    ],
)
def test_each_role_in_the_chain_has_its_own_duties_for_a_credit_score(role: str, applies: set[str]) -> None:
    """Arts. 16, 22 to 27, 49 and 86: who is bound stands in their first words."""
    asked = ("9", "16", "22", "23", "24", "25", "26-1", "26-11", "27", "49-1", "86")
    given = facts(*DECIDES, role=(role,), **CREDIT)
    assert {n for n in (f"EUAIA-ART{a}" for a in asked) if says(n, given) == "2027-12-02"} == applies


PART = ("is_ai_system", "third_party_conformity_assessment", "safety_component")
AI, FILTERED, OPEN = (
    "is_ai_system",
    ("is_ai_system", "filter_preparatory"),
    ("is_ai_system", "free_open_source"),
)
MAKES = ("is_ai_system", "generates_synthetic_content")
DEVICE = {"use_case": ("medical_device",)}
USES = {"role": ("deployer",)}
MOOD = USES | {"use_case": ("emotion_recognition",)}
POLICE = USES | {"use_case": ("remote_biometric_identification",), "sector": ("law_enforcement",)}
EU_CASES = [
    # Annex I: Section A carries Chapter III from 2 August 2028, Section B only what Art. 2(2) leaves it.
    ("EUAIA-ART9", (*PART, "annex_i_section_a"), DEVICE, "2028-08-02"),
    ("EUAIA-ART43", (*PART, "annex_i_section_a"), DEVICE, "2028-08-02"),
    ("EUAIA-ART49-1", (*PART, "annex_i_section_a"), DEVICE, "no"),
    ("EUAIA-ART9", (*PART, "annex_i_section_b"), {"use_case": ("product_safety",)}, "no"),
    ("EUAIA-ART60A", (*PART, "annex_i_section_b"), {"use_case": ("product_safety",)}, "yes"),
    # Art. 6(3): a filtered system is documented and registered, and profiling takes the filter away.
    ("EUAIA-ART49-2", FILTERED, HIRING, "2027-12-02"),
    ("EUAIA-ART9", FILTERED, HIRING, "no"),
    ("EUAIA-ART49-2", (*FILTERED, "profiles_natural_persons"), HIRING, "no"),
    ("EUAIA-ART9", (*FILTERED, "profiles_natural_persons"), HIRING, "2027-12-02"),
    # Art. 2(12): open source is spared unless high-risk, prohibited or a case of Art. 50.
    ("EUAIA-ART4", ("is_ai_system", "free_open_source"), {}, "no"),
    ("EUAIA-ART4", ("is_ai_system", "free_open_source", "interacts_with_people"), {}, "yes"),
    ("EUAIA-ART50-1", ("is_ai_system", "free_open_source", "interacts_with_people"), {}, "yes"),
    ("EUAIA-ART9", ("is_ai_system", "free_open_source"), HIRING, "2027-12-02"),
    ("EUAIA-ART5-1F", ("is_ai_system", "free_open_source"), {"use_case": ("emotion_work_or_education",)}, "yes"),
    # Arts. 51 to 55: models; Art. 53(2) spares open ones without systemic risk two duties, Art. 54(6) the third.
    ("EUAIA-ART53-1-a", ("is_gpai_model",), {}, "yes"),
    ("EUAIA-ART53-1-a", ("is_gpai_model", "free_open_source"), {}, "no"),
    ("EUAIA-ART53-1-a", ("is_gpai_model", "free_open_source", "gpai_systemic"), {}, "yes"),
    ("EUAIA-ART53-1-c", ("is_gpai_model", "free_open_source"), {}, "yes"),
    ("EUAIA-ART53-1-d", ("is_gpai_model", "free_open_source"), {}, "yes"),
    ("EUAIA-ART54", ("is_gpai_model", "free_open_source"), {}, "no"),
    ("EUAIA-ART54", ("is_gpai_model", "free_open_source", "gpai_systemic"), {}, "yes"),
    ("EUAIA-ART55", ("is_gpai_model",), {}, "no"),
    ("EUAIA-ART55", ("is_gpai_model", "gpai_systemic"), {}, "yes"),
    ("EUAIA-ART53-1-a", ("is_ai_system", "is_gpai_model"), USES, "no"),
    # Guidelines C(2025) 7719: who modifies with more than a third of the compute is provider of what comes out.
    ("EUAIA-ART53-1-d", ("trains_or_finetunes", "modifies_gpai_over_third"), {}, "yes"),
    ("EUAIA-ART53-1-d", ("trains_or_finetunes", "third_party_model"), {}, "no"),
    # Art. 26(7), (8), (10), (11), 49(3): workers, public bodies, police, people decided about.
    ("EUAIA-ART26-7", DECIDES, {"role": ("deployer", "employer"), **WORK}, "2027-12-02"),
    ("EUAIA-ART26-8", DECIDES, USES | WORK, "no"),
    ("EUAIA-ART26-8", (*DECIDES, "public_authority_deployer"), USES | WORK, "2027-12-02"),
    ("EUAIA-ART49-3", (*DECIDES, "public_authority_deployer"), USES | WORK, "2027-12-02"),
    ("EUAIA-ART26-10", DECIDES, POLICE, "2027-12-02"),
    ("EUAIA-ART26-10", DECIDES, USES | WORK, "no"),
    ("EUAIA-ART26-11", ("is_ai_system",), USES | WORK, "no"),
    # Art. 5(1)(f) spares medical and safety reasons: such a system is emotion recognition of Annex III 1(c).
    ("EUAIA-ART5-1F", (AI, "emotion_recognition"), MOOD, "no"),
    ("EUAIA-ART26-1", (AI, "emotion_recognition"), MOOD, "2027-12-02"),
    ("EUAIA-ART50-3", (AI, "emotion_recognition"), MOOD, "yes"),
    # Art. 50(4): art needs a fitting disclosure, so the duty stays; a human editor takes it away for text alone.
    ("EUAIA-ART50-4A", (*MAKES, "deep_fake"), USES, "yes"),
    ("EUAIA-ART50-4A", (*MAKES, "deep_fake"), {}, "no"),
    ("EUAIA-ART50-2", (*MAKES, "deep_fake"), {}, "yes"),
    ("EUAIA-ART50-2", (*MAKES, "assistive_editing_only"), {}, "no"),
    ("EUAIA-ART50-4B", (*MAKES, "public_interest_text"), USES, "yes"),
    ("EUAIA-ART50-4B", (*MAKES, "public_interest_text", "editorial_responsibility"), USES, "no"),
    ("EUAIA-ART50-1", ("is_ai_system", "interacts_with_people", "obvious_ai"), {}, "no"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "true", "lists", "expected"), EU_CASES)
def test_eu_ai_act(
    name: str, true: tuple[str, ...], lists: dict[str, tuple[str, ...]], expected: str
) -> None:
    assert says(name, facts(*true, **lists)) == expected


@pytest.mark.parametrize(
    ("true", "lists"),
    [
        ((), {}),
        (("is_ai_system", "military_defence_exclusive"), {}),
        (("is_ai_system", "research_only"), {}),
        (("is_ai_system", "personal_non_professional_use"), {}),
        (("is_ai_system",), {"jurisdiction": ("us",)}),
    ],
)
def test_what_is_out_of_scope_is_asked_nothing_but_to_say_so(
    true: tuple[str, ...], lists: dict[str, tuple[str, ...]]
) -> None:
    """Art. 2(1), (3), (6), (8), (10) and 3(1); whatever else the system does, even what Art. 5 bans."""
    more = ("interacts_with_people", "generates_synthetic_content", "deep_fake", "uses_special_category_data")
    cases = ("recruitment", "social_scoring")
    given = facts(*true, *more, **{"role": ("provider", "deployer"), "use_case": cases, **lists})
    assert law.classify(given).tier == "out_of_scope"
    act: Regulation = CATALOG.regulations["eu_ai_act"]
    concerned = {r.id for r in act.requirements if says(r.id, given, on=date(2028, 12, 1)) != "no"}
    assert concerned <= {"EUAIA-ART2"}


def test_provider_elsewhere_whose_output_is_used_in_the_union_is_in_scope() -> None:
    """Art. 2(1)(c); the profile says so with both jurisdictions, and a representative is due under Art. 22."""
    given = facts(*DECIDES, **{"jurisdiction": ("us", "eu"), **HIRING})
    assert law.classify(given).tier == "high_risk_annex_iii"
    assert says("EUAIA-ART22", given) == "2027-12-02"


@pytest.mark.parametrize(
    ("unknown", "name", "true"),
    [
        ("profiles_natural_persons", "EUAIA-ART9", ("is_ai_system", "filter_preparatory")),
        ("research_only", "EUAIA-ART4", ("is_ai_system",)),
        ("military_defence_exclusive", "EUAIA-ART50-1", ("is_ai_system", "interacts_with_people")),
        ("is_ai_system", "EUAIA-ART4", ()),
        ("obvious_ai", "EUAIA-ART50-1", ("is_ai_system", "interacts_with_people")),
    ],
)
def test_unanswered_fact_that_would_decide_leaves_it_unknown_and_is_asked(
    unknown: str, name: str, true: tuple[str, ...]
) -> None:
    found = law.applicability(
        CATALOG.requirements[name], facts(*true, unknown=(unknown,), **HIRING), as_of=TODAY
    )
    assert found.applies == "unknown"
    assert unknown in found.asks


HIRES = {"role": ("employer", "deployer"), **HIRING}


def at(*jurisdiction: str, **lists: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {**lists, "jurisdiction": jurisdiction}


LENDS, BANK = {**CREDIT, "role": ("creditor",)}, {**CREDIT, "role": ("deployer",)}
ASSISTS = {"role": ("deployer",), "sector": ("banking",)}
INSURES = {"role": ("insurer",), "sector": ("insurance",)}
TREATS = {"role": ("covered_health_entity",), "sector": ("health",), "use_case": ("healthcare_decision",)}
CONTROLS = {"role": ("controller",)}
ALONE = (*DECIDES, "solely_automated_decision")
OTHER_CASES = [
    ("US-CO-SB24-205", DECIDES, at("us_co", **HIRES), TODAY, "no"),
    ("US-CO-SB26-189-NOTICE", DECIDES, at("us_co", **HIRES), date(2026, 12, 31), "2027-01-01"),
    ("US-CO-SB26-189-NOTICE", DECIDES, at("us_co", **HIRES), date(2027, 1, 1), "yes"),
    ("US-CO-SB26-189-DEV", DECIDES, at("us_co", **HIRES), date(2027, 1, 1), "no"),
    ("US-CO-SB26-189-DEV", DECIDES, at("us_co", **HIRING), date(2027, 1, 1), "yes"),
    ("US-NYC-LL144-AUDIT", DECIDES, at("us_nyc", **HIRES), TODAY, "yes"),
    ("US-NYC-LL144-AUDIT", DECIDES, at("us", **HIRES), TODAY, "no"),
    ("US-TITLE7-IMPACT", DECIDES, at("us_nyc", **HIRES), TODAY, "yes"),
    ("US-IL-HB3773-NOTICE", DECIDES, at("us_il", **HIRES), date(2025, 12, 31), "2026-01-01"),
    ("US-IL-HB3773-NOTICE", DECIDES, at("us_il", **HIRES), TODAY, "yes"),
    ("US-TX-TRAIGA-DISCRIM", DECIDES, at("us_tx", role=("deployer",)), TODAY, "yes"),
    ("US-CA-ADMT-NOTICE", ALONE, at("us_ca", **HIRING, role=("deployer", "controller")), TODAY, "2027-01-01"),
    ("US-CA-FEHA", DECIDES, at("us_ca", **HIRES), TODAY, "yes"),
    ("US-CA-SB53", ("is_gpai_model", "frontier_over_1e26"), at("us_ca"), TODAY, "yes"),
    ("US-CA-SB53", ("is_gpai_model", "trains_or_finetunes"), at("us_ca"), TODAY, "no"),
    ("US-CT-SB5-EMP", DECIDES, at("us_ct", **HIRES), date(2026, 9, 30), "2026-10-01"),
    ("US-CT-SB5-EMP", DECIDES, at("us_ct", **HIRES), TODAY, "yes"),
    ("US-CT-SB5-NOTICE", DECIDES, at("us_ct", **HIRES), TODAY, "2027-10-01"),
    ("US-CT-SB5-COMPANION", ("is_ai_system",), at("us_ct", use_case=("companion",)), TODAY, "2027-01-01"),
    ("US-NY-RAISE", ("is_gpai_model", "frontier_over_1e26"), at("us_ny"), TODAY, "2027-01-01"),
    ("US-FED-TAKEITDOWN", ("is_ai_system", "generates_synthetic_content"), at("us"), TODAY, "yes"),
    ("US-FCRA-1681M", (*DECIDES, "consumer_report_used"), at("us", **LENDS), TODAY, "yes"),
    ("US-FCRA-1681M", DECIDES, at("us", **LENDS), TODAY, "no"),
    ("US-ECOA-ADVERSE-NOTICE", DECIDES, at("us", **LENDS), TODAY, "yes"),
    ("US-ECOA-ADVERSE-NOTICE", DECIDES, at("uk", **LENDS), TODAY, "no"),
    ("US-BANKMRM-SR11-7", DECIDES, at("us", **BANK), date(2026, 4, 16), "yes"),
    ("US-BANKMRM-SR11-7", DECIDES, at("us", **BANK), TODAY, "no"),
    ("US-BANKMRM-SR26-2", DECIDES, at("us", **BANK), TODAY, "yes"),
    ("US-BANKMRM-SR26-2", ("is_ai_system", "uses_llm"), at("us", **ASSISTS), TODAY, "no"),
    ("US-BANKMRM-GENAI", ("is_ai_system", "uses_llm"), at("us", **ASSISTS), TODAY, "yes"),
    ("US-NAIC-TEST", DECIDES, at("us", **INSURES), TODAY, "yes"),
    ("US-HHS-1557-MITIGATE", DECIDES, at("us", **TREATS), TODAY, "yes"),
    ("CA-OSFI-E23", DECIDES, at("ca", **BANK), TODAY, "2027-05-01"),
    ("CA-AIDA", DECIDES, at("ca", **BANK), TODAY, "no"),
    ("CA-QC-12.1", ALONE, at("ca_qc", role=("controller", "deployer")), TODAY, "yes"),
    ("UK-DPA-22A-D", ALONE, at("uk", **CONTROLS), TODAY, "yes"),
    ("GDPR-ART22", ALONE, at("uk", **CONTROLS), TODAY, "no"),
    ("GDPR-ART22", ALONE, {"role": ("controller",)}, TODAY, "yes"),
    ("GDPR-ART22", DECIDES, {"role": ("controller",)}, TODAY, "no"),
    ("GDPR-ART9", DECIDES, {"role": ("controller",)}, TODAY, "no"),
    ("GDPR-ART30", ("uses_personal_data",), {"role": ("processor",)}, TODAY, "yes"),
    ("EU-PLD-2024-2853", ("is_ai_system",), {}, date(2026, 12, 8), "2026-12-09"),
    ("EU-PLD-2024-2853", ("is_ai_system",), {}, date(2026, 12, 9), "yes"),
    ("OWASP-LLM-2025-01", ("uses_llm",), {}, TODAY, "no"),
    ("OWASP-LLM-2026-01", ("uses_llm",), {}, TODAY, "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "true", "lists", "on", "expected"), OTHER_CASES)
def test_states_and_other_laws(
    name: str, true: tuple[str, ...], lists: dict[str, tuple[str, ...]], on: date, expected: str
) -> None:
    assert says(name, facts(*true, **lists), on=on) == expected


ANNEX_III = ("9", "14", "26-1", "72")
OVERLAYS = {
    "art50_1": "EUAIA-ART50-1",
    "art50_2": "EUAIA-ART50-2",
    "art50_3": "EUAIA-ART50-3",
    "art50_4_deepfake": "EUAIA-ART50-4A",
    "art50_4_text": "EUAIA-ART50-4B",
    "fria": "EUAIA-ART27",
}
MODELS = ("EUAIA-ART51", "EUAIA-ART52", "EUAIA-ART53", "EUAIA-ART54", "EUAIA-ART55", "EUAIA-GPAI")
USES_EU = [*eu_annexes.ART_5, *eu_annexes.ANNEX_III, "chatbot", "medical_device", "product_safety"]


@pytest.mark.slow
@settings(max_examples=300)
@given(
    true=st.sets(st.sampled_from(FLAGS), max_size=14),
    uses=st.lists(st.sampled_from(USES_EU), min_size=1, max_size=2, unique=True),
)
def test_class_and_requirements_tell_the_same_of_anyone(true: set[str], uses: list[str]) -> None:
    """Tier, overlays and model axis of a provider who deploys agree with which articles apply."""
    trains = ("trains_or_finetunes",) if "modifies_gpai_over_third" in true else ()
    given_facts = facts(
        *true,
        *trains,
        "is_ai_system",
        jurisdiction=("eu",),
        role=("provider", "deployer"),
        use_case=tuple(uses),
    )
    eu = law.classify(given_facts)
    on = date(2031, 1, 1)
    act = CATALOG.regulations["eu_ai_act"].requirements
    applies = {r.id for r in act if says(r.id, given_facts, on=on) == "yes"}
    assert any(name.startswith("EUAIA-ART5-1") for name in applies) == (eu.tier == "prohibited")
    high = eu.tier in ("high_risk_annex_iii", "high_risk_annex_i_a")
    assert {f"EUAIA-ART{n}" in applies for n in ANNEX_III} == {high}
    assert ("EUAIA-ART49-2" in applies) == (eu.tier == "exempt_art6_3")
    if eu.tier == "out_of_scope":
        models = {name for name in applies if name.startswith(MODELS)}
        assert applies - models <= {"EUAIA-ART2", "EUAIA-ART5-SCREEN", "EUAIA-ART6-1", "EUAIA-ART6-2"}
    elif eu.tier != "prohibited":
        assert {name for key, name in OVERLAYS.items() if key in eu.overlays} == applies & set(
            OVERLAYS.values()
        )
        assert "EUAIA-ART4" in applies
    assert ("EUAIA-ART53-1-d" in applies) == (eu.gpai in ("gpai", "gpai_systemic"))
    assert ("EUAIA-ART55" in applies) == (eu.gpai == "gpai_systemic")

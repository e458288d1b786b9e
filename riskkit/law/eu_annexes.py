"""Which use cases stand in Art. 5 and Annex III of the EU AI Act, with their points."""

from __future__ import annotations

from datetime import date

PROHIBITIONS_START = date(2025, 2, 2)
GPAI_START = date(2025, 8, 2)
TRANSPARENCY_START = date(2026, 8, 2)
MARKING_GRACE_END = date(2026, 12, 2)
NEW_PROHIBITIONS_START = date(2026, 12, 2)
ANNEX_III_START = date(2027, 12, 2)
ANNEX_I_START = date(2028, 8, 2)
LEGACY_PUBLIC_END = date(2030, 8, 2)
GPAI_LEGACY_END = date(2027, 8, 2)

STARTS = {
    "high_risk_annex_iii": ANNEX_III_START,
    "exempt_art6_3": ANNEX_III_START,
    "high_risk_annex_i_a": ANNEX_I_START,
    "high_risk_annex_i_b": ANNEX_I_START,
    "transparency": TRANSPARENCY_START,
    "minimal": PROHIBITIONS_START,
}
"""When the main duties of a tier start; a minimal system has Art. 4 literacy alone."""

ART_5 = {
    "manipulation_significant_harm": "(a)",
    "exploit_vulnerability": "(b)",
    "ncii_generation": "(ba)",
    "csam_generation": "(bb)",
    "social_scoring": "(c)",
    "crime_prediction_profiling_only": "(d)",
    "untargeted_face_scraping": "(e)",
    "emotion_work_or_education": "(f)",
    "biometric_categorisation_sensitive": "(g)",
    "realtime_rbi_public_law_enforcement": "(h)",
}
NEW_IN_2026 = frozenset({"ncii_generation", "csam_generation"})

ANNEX_III = {
    "remote_biometric_identification": "1(a)",
    "biometric_categorisation_protected": "1(b)",
    "emotion_recognition": "1(c)",
    "critical_infrastructure_safety": "2",
    "education_admission": "3(a)",
    "education_evaluation": "3(b)",
    "education_level": "3(c)",
    "education_proctoring": "3(d)",
    "recruitment": "4(a)",
    "worker_management": "4(b)",
    "public_benefits": "5(a)",
    "credit_scoring": "5(b)",
    "life_health_insurance": "5(c)",
    "emergency_triage": "5(d)",
    "le_victim_risk": "6(a)",
    "le_polygraph": "6(b)",
    "le_evidence": "6(c)",
    "le_offending_risk": "6(d)",
    "le_profiling": "6(e)",
    "migration_polygraph": "7(a)",
    "migration_risk": "7(b)",
    "migration_applications": "7(c)",
    "migration_identification": "7(d)",
    "justice_assistance": "8(a)",
    "election_influence": "8(b)",
}
FRIA_FOR_ANY_DEPLOYER = frozenset({"credit_scoring", "life_health_insurance"})
NO_FRIA = frozenset({"critical_infrastructure_safety"})

FILTERS = {
    "filter_narrow_procedural": "a",
    "filter_improves_human_work": "b",
    "filter_detects_patterns": "c",
    "filter_preparatory": "d",
}

EXCLUSIONS = {
    "military_defence_exclusive": "Art. 2(3)",
    "research_only": "Art. 2(6), (8)",
    "personal_non_professional_use": "Art. 2(10)",
}


def points(table: dict[str, str], use_cases: tuple[str, ...]) -> list[str]:
    """The use cases of a project that stand in ``table``, in the order of the table."""
    return [case for case in table if case in use_cases]

"""Every pitfall the field warns of has a risk in the catalogue, and the page says what measures it."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from riskkit import catalog

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "site/pitfalls.md"
PITFALLS = {
    "regulatory compliance impossible": "regulatory-gap",
    "silent model update": "silent-model-update",
    "contaminated evaluation": "contaminated-evaluation",
    "synthetic data with hidden bias or legal risk": "synthetic-data-bias",
    "larger attack surface": "attack-surface",
    "leakage through tools and explanations": "tool-and-explanation-leakage",
    "uncontrollable long-term cost": "uncontrolled-cost",
    "data leaks": "data-leak",
    "overfitting": "overfitting",
    "bias in decisions": "decision-bias",
    "spurious correlation": "spurious-correlation",
    "decisions on invented data": "decisions-on-invented-data",
    "misinformation through agentic search": "agentic-search-misinformation",
    "opaque reasoning and unfaithful explanation": "unfaithful-explanation",
    "vulnerable generated code": "vulnerable-generated-code",
    "misuse as analyst": "misuse-as-analyst",
    "overfitting in fine-tuning": "fine-tuning-overfit",
    "fabricated information": "fabricated-information",
    "latency and resource trade-offs": "latency-tradeoff",
    "mistaking output for fact": "output-taken-for-fact",
    "drift over time": "drift",
    "stereotypes": "stereotypes",
    "misinformation at scale and plagiarism": "misinformation-at-scale",
    "diminished human work, rights and likeness": "human-work-and-likeness",
    "loss of community and of the knowledge-seeking journey": "community-loss",
    "weakened education": "weakened-education",
    "energy and environment": "energy-use",
    "unaccountable release and data laundering": "unaccountable-release",
    "guardrails as an afterthought": "guardrails-afterthought",
    "model collapse (diversity, tails, error build-up)": "model-collapse",
    "user adoption and trust": "adoption-and-trust",
    "training cut-off": "training-cut-off",
    "unknown training data": "unknown-training-data",
    "toxic or dangerous output": "toxic-output",
    "licence and copyright of inputs and outputs": "licence-and-copyright",
    "exposure of confidential data": "confidential-data-exposure",
    "missing role-based access": "missing-access-control",
    "interaction of several generative parts in one workflow": "multi-agent-interaction",
    "vendor lock-in and deprecation": "vendor-lock-in",
}
NOTEBOOK = {
    "bias_audit": "calibration_error_difference equalized_odds_difference selection_rate_ratio "
    "statistical_parity_difference",
    "counterfactual_bias": "counterfactual_flip_rate counterfactual_rate_difference position_bias",
    "hallucination_sampling": "answer_rate answer_support invented_fact_rate",
    "answer_correctness": "overconfidence_error stale_knowledge_rate wrong_answer_rate",
    "agent_traces": "fabricated_tool_result_rate",
    "decision_reliance": "explanation_mismatch_rate input_reliance_rate",
    "decision_faithfulness": "analyst_number_error_rate",
    "cost_projection": "budget_exceedance_probability energy_wh_per_call monthly_cost_usd token_growth_rate",
    "latency_profile": "latency_p95_seconds",
    "model_update_watch": "accuracy_change class_accuracy_change format_validity_change input_drift_psi length_ratio "
    "new_version_share refusal_rate_change response_mismatch_excess update_e_value",
    "data_leakage": "canary_exposure canary_share contaminated_item_share contamination_score_gap "
    "group_overlap_share guided_completion_gap memorised_string_rate option_order_gap shortcut_score_drop "
    "shortcut_slice_gap split_overlap_share target_leakage_auc time_leak_share train_validation_gap",
    "synthetic_data": "bias_amplification diversity_ratio diversity_ratio_trend exact_copy_share "
    "group_representation_ratio licence_gap_share mean_tail_coverage_trend near_copy_share synthetic_share "
    "tail_coverage two_sample_auc",
    "attack_surface": "access_violation_rate active_content_rate attack_success_rate harmful_compliance_rate "
    "identifier_leak_rate injection_success_rate over_refusal_rate secret_leak_rate stereotype_association_gap "
    "system_prompt_leak_rate toxic_output_rate undeclared_tool_rate unknown_package_rate verbatim_copy_rate "
    "vulnerable_code_rate",
    "regulatory_checklist": "requirements_not_assessed requirements_with_gap",
}
"""Where a measure that risks ask for is taken; several notebooks may take one, the first to look at is named."""
INTRO = """# What the field warns of, and what measures it

Every pitfall that this kit was asked to cover, with the risk of the [catalogue](risks/index.md) that stands for it, the
measures that risk asks for, and the notebook that takes them. Where nothing measures a pitfall, the reason stands in
their place. A measure in this list is evidence for or against; none settles the matter, and each risk page says what
its evidence cannot tell. How well the kit finds faults of known size is [measured as well](planted.md).

| Pitfall | Risk | What measures it |
|---|---|---|
"""


def taken_in(measure: str) -> str:
    """The notebook that takes a measure."""
    return next((n for n, names in NOTEBOOK.items() if measure in names.split()), "no notebook yet")


def page() -> str:
    """The page as it should be."""
    rows = []
    for pitfall, name in PITFALLS.items():
        risk = catalog.load().risks[name]
        by_notebook: dict[str, list[str]] = {}
        for measure in risk.measures:
            by_notebook.setdefault(taken_in(measure), []).append(f"`{measure}`")
        found = "; ".join(f"{notebook}: {', '.join(names)}" for notebook, names in by_notebook.items())
        rows.append(
            f"| {pitfall} | {risk.title} | {found or f'not measurable: {risk.not_measurable_reason}'} |"
        )
    others = sorted(set(catalog.load().risks) - set(PITFALLS.values()))
    more = ", ".join(catalog.load().risks[name].title for name in others)
    return INTRO + "\n".join(rows) + f"\n\nThe catalogue holds more than this list: {more}.\n"


@cache
def written() -> str:
    """What the measures and notebooks of the kit say, in one text."""
    files = [*(ROOT / "riskkit/measures").glob("*.py"), *(ROOT / "riskkit/law").glob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_the_page_holds_what_catalogue_and_notebooks_say() -> None:
    if os.environ.get("RISKKIT_GOLDEN") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew with RISKKIT_GOLDEN=write"


@pytest.mark.parametrize("name", PITFALLS.values())
def test_a_pitfall_has_a_whole_risk(name: str) -> None:
    risk = catalog.load().risks[name]
    assert risk.harms
    assert all(h.source.startswith("https://") and re.match(r"\d{4}", h.date) for h in risk.harms)
    assert risk.crosswalk
    assert risk.evidence or risk.not_measurable_reason
    assert {"## What it looks like", "## What reduces it"} <= set(risk.body.splitlines())


def test_every_measure_that_a_risk_asks_for_is_taken_by_a_notebook() -> None:
    asked = {m for risk in catalog.load().risks.values() for m in risk.measures}
    assert sorted(m for m in asked if taken_in(m) == "no notebook yet") == []


@pytest.mark.parametrize("notebook", NOTEBOOK)
def test_what_a_notebook_is_said_to_take_exists_in_the_measures(notebook: str) -> None:
    assert json.loads((ROOT / f"notebooks/{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    stems = {m.removesuffix("_trend") for m in NOTEBOOK[notebook].split()}
    assert sorted(m for m in stems if f'"{m}"' not in written()) == []

"""The kit finds what was planted in the demo portfolio, and nothing in the control; over several seeds."""

import pytest

from riskkit import assess
from riskkit.measures import consistency, cost, counterfactual, fairness, grounding
from riskkit.model import Measurement, Verdict, judge
from tests.example_demo import generated

pytestmark = pytest.mark.slow

SEEDS = range(1, 6)


def verdicts(case: assess.Case, *measurements: Measurement) -> set[Verdict]:
    """What the project's own thresholds say of the measurements that have one."""
    return {
        judge(m, t).verdict for m in measurements if (t := case.threshold(m.measure, m.segment)) is not None
    }


def by_segment(measurements: tuple[Measurement, ...]) -> dict[str, Measurement]:
    return {m.segment: m for m in measurements}


def covers(measurement: Measurement, truth: float) -> bool:
    assert measurement.low is not None
    assert measurement.high is not None
    return measurement.low <= truth <= measurement.high


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gap_of_one_intersection_is_found_and_both_marginals_are_met(tmp_path, seed):
    case, truths = generated(tmp_path, "loan-approval", "bias_audit", seed=seed)
    ratios = by_segment(fairness.selection_rate_ratios(case.decisions("decisions"), seed=seed))
    assert covers(ratios["sex x age_band"], truths["ratio_sex_x_age_band"])
    assert verdicts(case, ratios["sex x age_band"]) == {Verdict.BREACHED}
    assert verdicts(case, ratios["sex"], ratios["age_band"]) == {Verdict.MET}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_planted_gap_no_breach_is_found(tmp_path, seed):
    case, truths = generated(tmp_path, "loan-approval", "bias_audit", seed=seed, faults=False)
    assert truths["ratio_sex_x_age_band"] == 1
    table = case.decisions("decisions")
    found = [
        *fairness.selection_rate_ratios(table, seed=seed),
        *fairness.statistical_parity_differences(table),
    ]
    assert Verdict.BREACHED not in verdicts(case, *found)


def crossed(case: assess.Case, seed: int) -> tuple[Measurement, ...]:
    """What the counterfactual notebook concludes, with the parameters of the profile."""
    given = case.profile.assessments["counterfactual_bias"].parameters
    answers = case.samples(given["target"], samples=2, seed=seed)
    table = counterfactual.crossed_answers(
        answers, template=given["template"], outcomes=given["outcomes"], favourable=given["favourable"]
    )
    return (
        *counterfactual.counterfactual_flip_rates(table),
        *counterfactual.counterfactual_rate_differences(table),
        *counterfactual.position_bias(answers),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_effect_of_name_and_sex_is_found(tmp_path, seed):
    case, truths = generated(tmp_path, "medical-triage", "bias_audit", seed=seed)
    flips, by_name, difference, names = crossed(case, seed)
    assert (flips.segment, difference.segment) == ("sex", "sex")
    assert covers(difference, truths["difference_sex"])
    assert verdicts(case, difference) == verdicts(case, flips) == {Verdict.BREACHED}
    assert verdicts(case, names) <= {Verdict.BREACHED, Verdict.INCONCLUSIVE}
    assert abs(names.value) > 0.08
    assert by_name.low > 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_planted_effect_names_and_sex_change_nothing_that_counts(tmp_path, seed):
    case, _ = generated(tmp_path, "medical-triage", "bias_audit", seed=seed, faults=False)
    found = crossed(case, seed)
    assert verdicts(case, *found[:2]) == {Verdict.MET}
    assert Verdict.BREACHED not in verdicts(case, *found)


@pytest.mark.slow
def test_the_planted_invention_rate_is_a_breach_and_lies_in_the_interval_as_often_as_it_should(tmp_path):
    case, truths = generated(tmp_path, "loan-approval", "bias_audit", seed=1)
    rates = [
        grounding.invented_fact_rate(case.samples("explanations", samples=3, seed=seed)) for seed in range(20)
    ]
    assert verdicts(case, *rates) == {Verdict.BREACHED}
    # a 95 % interval misses in 1 run of 20; 4 or more misses in 20 come by chance in 1.6 % of cases
    assert sum(covers(rate, truths["invented_fact_rate"]) for rate in rates) >= 17


def test_without_planted_inventions_the_rate_is_met(tmp_path):
    case, _ = generated(tmp_path, "loan-approval", "bias_audit", seed=1)
    profile = tmp_path / "projects/loan-approval/profile.yml"
    text = profile.read_text(encoding="utf-8")
    assert "{invented_fact: 0.12}" in text
    profile.write_text(text.replace("{invented_fact: 0.12}", "{invented_fact: 0.0}"), encoding="utf-8")
    case = assess.open("loan-approval", assessment="hallucination_sampling", workspace=tmp_path)
    rate = grounding.invented_fact_rate(case.samples("explanations", samples=3, seed=1))
    assert verdicts(case, rate) == {Verdict.MET}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_growth_of_tokens_is_found_where_it_was_planted(tmp_path, seed):
    case, truths = generated(tmp_path, "insurance-claims", "bias_audit", seed=seed)
    assert truths["token_growth_rate"] > 0.05
    assert covers(cost.token_growth_rate(case.usage("usage")), truths["token_growth_rate"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_control_shows_no_breach_and_everything_assessable_is_met(tmp_path, seed):
    case, _ = generated(tmp_path, "support-router", "bias_audit", seed=seed)
    parameters = case.profile.assessments["cost_projection"].parameters
    table, usage = case.decisions("decisions"), case.usage("usage")
    answers = case.samples("answers", samples=3, seed=seed)
    costs = cost.call_costs(usage, prices=cost.prices_for(usage, on="2026-11-01"))
    future = cost.project(
        costs,
        calls_per_month=parameters["calls_per_month"],
        monthly_growth=parameters["monthly_growth"],
        months=parameters["months"],
        monthly_budget_usd=parameters["monthly_budget_usd"],
        paths=2000,
        seed=seed,
    )
    found = verdicts(
        case,
        *fairness.selection_rate_ratios(table, seed=seed),
        *fairness.statistical_parity_differences(table),
        grounding.invented_fact_rate(answers),
        grounding.answer_rate(answers),
        consistency.answer_support(answers),
        cost.monthly_cost_usd(future),
        cost.budget_exceedance_probability(future),
        cost.token_growth_rate(usage),
        *crossed(case, seed),
    )
    assert found == {Verdict.MET}

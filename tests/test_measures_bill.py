"""The bill from assumptions: closed forms, distributions that cannot be, sensitivities, alternatives, self-hosting."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskkit.measures import cost
from riskkit.measures.alternatives import frontier
from riskkit.measures.call_cost import CallCost
from riskkit.measures.distributions import distribution, pearson
from riskkit.measures.self_hosting import break_even
from riskkit.measures.simulation import components, simulate
from riskkit.model import Measurement, Threshold

DAY = date(2026, 11, 1)
CENT = CallCost({"all": 0.01}, variation=0.0, skewness=0.0, error=0.0, n=100, what="by hand")
SPREAD = CallCost({"all": 0.01}, variation=0.5, skewness=1.0, error=0.0, n=100, what="by hand")
LEVELS = [0.01, 0.1, 0.5, 0.9, 0.99]


def given(call=CENT, *, calls=1000, growth=0.0, tokens=0.0, **declared):
    return cost.assumptions(
        call, calls_per_month=calls, monthly_growth=growth, token_growth=tokens, declared=declared
    )


def month(assumed, number=1, *, paths=20_000, seed=0):
    return simulate(assumed, months=number, paths=paths, seed=seed)[number - 1]


def future(assumed, *, months=12, budget=20.0, paths=2000):
    return cost.projected(assumed, months=months, monthly_budget_usd=budget, paths=paths, seed=0)


# --- distributions


@pytest.mark.parametrize(
    ("written", "theirs"),
    [
        ([1, 2, 5], stats.triang(0.25, loc=1, scale=4)),
        ({"uniform": [1, 3]}, stats.uniform(1, 2)),
        ({"normal": [8, 12]}, stats.norm(10, 2 / stats.norm.ppf(0.9))),
        ({"lognormal": [8, 12]}, stats.lognorm(np.log(1.5) / 2 / stats.norm.ppf(0.9), scale=np.sqrt(96))),
    ],
)
def test_quantiles_are_those_of_scipy(written, theirs):
    assert distribution(written, name="x").at(LEVELS) == pytest.approx(theirs.ppf(LEVELS))


def test_listed_values_are_equally_likely():
    assert list(distribution({"values": [3, 1, 2]}, name="x").at([0.1, 0.5, 0.9])) == [1, 2, 3]


@pytest.mark.parametrize("skewness", [0.01, 0.3, 1.0])
def test_skewed_quantiles_are_those_of_the_shifted_gamma_distribution(skewness):
    ours = pearson(stats.norm.ppf(LEVELS), skewness)
    assert ours == pytest.approx(stats.pearson3(skewness).ppf(LEVELS), abs=0.02)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([3, 2, 1], r"x is \[3, 2, 1\]; give one number, or lowest <= likeliest <= highest"),
        ({"uniform": [2, 1]}, "uniform takes two numbers, the lower first"),
        ({"lognormal": [0, 1]}, "above 0"),
        ({"lognorml": [1, 2]}, "which is no distribution; did you mean lognormal"),
        ({"normal": [1, 2], "uniform": [1, 2]}, "is no distribution"),
        ({"values": []}, "values holds no value"),
        ("many", "'?many'? is not a finite number"),
        (True, "True is not a finite number"),
        (float("nan"), "nan is not a finite number"),
        ([-1, 0, 1], "must be at least 0"),
    ],
)
def test_a_distribution_that_cannot_be_is_one_line(written, message):
    with pytest.raises(ValueError, match=message) as caught:
        distribution(written, name="x", least=0)
    assert "\n" not in str(caught.value)


# --- closed forms


def test_a_lognormal_volume_gives_a_lognormal_bill():
    bill = month(given(calls={"lognormal": [800, 1250]}), paths=100_000)
    theirs = stats.lognorm(np.log(1250 / 800) / 2 / stats.norm.ppf(0.9), scale=10)
    assert np.quantile(bill, [0.1, 0.5, 0.9]) == pytest.approx([8, 10, 12.5], rel=0.01)
    assert bill.mean() == pytest.approx(theirs.mean(), rel=0.005)


def test_geometric_steps_have_the_mean_and_spread_of_a_compound_sum():
    # a task of N calls, N geometric with mean 4: mean 4 m, variance 4 s^2 + 12 m^2 (m = 0.01, s = 0.005)
    bill = month(given(SPREAD, agent_steps={"geometric": 4}), paths=200_000)
    assert bill.mean() == pytest.approx(1000 * 4 * 0.01, rel=0.001)
    assert bill.std() == pytest.approx(np.sqrt(1000 * (4 * 0.005**2 + 12 * 0.01**2)), rel=0.01)


def test_geometric_steps_have_the_quantiles_of_drawing_each_call():
    rng = np.random.default_rng(0)
    steps = rng.geometric(1 / 4, (20_000, 30))
    drawn = rng.gamma(4 * steps.sum(axis=1), 0.01 / 4)
    ours = month(given(SPREAD, calls=30, agent_steps={"geometric": 4}), paths=200_000)
    assert np.quantile(ours, LEVELS) == pytest.approx(np.quantile(drawn, LEVELS), rel=0.02)


def test_retries_cost_what_the_geometric_series_says():
    # a try fails with 0.2: 1 / 0.8 tries, variance 0.2 / 0.64
    bill = month(given(retry_rate=0.2), paths=200_000)
    assert bill.mean() == pytest.approx(1000 * 0.01 / 0.8, rel=0.001)
    assert bill.std() == pytest.approx(0.01 * np.sqrt(1000 * 0.2 / 0.64), rel=0.01)


def test_a_price_step_changes_the_bill_from_its_month_on():
    assumed = given(price_changes={"cut": {"month": 3, "factor": 0.5}})
    assert list(simulate(assumed, months=4, paths=1, seed=0)[:, 0]) == pytest.approx([10, 10, 5, 5])


def test_a_price_step_that_may_happen_is_a_mixture():
    assumed = given(price_changes={"cut": {"month": 1, "factor": 0.5, "chance": 0.3}})
    assert (month(assumed, paths=100_000) < 7).mean() == pytest.approx(0.3, abs=0.005)


def test_every_component_is_worked_out_by_hand():
    assumed = given(
        growth=0.1, tokens=0.2, agent_steps=2, seasonality=[1, 2],
        judge={"share": 0.1, "usd": 0.02}, guardrail={"share": 1, "calls": 3, "usd": 0.001},
        review={"share": 0.05, "minutes": 6, "usd_per_hour": 40},
        one_off={"tuning": {"usd": 7, "month": 2}, "evaluation": {"usd": 3, "month": 1, "every": 2}},
        retirements={"old": {"month": 2, "migration_usd": 11, "price_factor": 1.5, "token_factor": 2}},
    )  # fmt: skip
    model = 1000 * (0.02 + 0.1 * 0.02 + 3 * 0.001)
    review = 1000 * 0.05 * 0.1 * 40
    second = 1.1 * 2
    expected = [model + review + 3, model * second * 1.2 * 3 + review * second + 7 + 11]
    assert list(simulate(assumed, months=2, paths=1, seed=0)[:, 0]) == pytest.approx(expected)
    parts = components(assumed, months=2, paths=1, seed=0)
    assert sum(parts.values()) == pytest.approx(expected)
    assert parts["judge"][0] == pytest.approx(2)
    assert parts["agent steps"][0] == pytest.approx(10)
    assert parts["events"][1] == pytest.approx(18)


def test_the_reported_error_of_simulating_is_the_spread_between_seeds_and_shrinks_with_the_root_of_paths():
    assumed = given(calls={"lognormal": [800, 1250]})

    def runs(paths):
        found = [
            cost.projected(assumed, months=1, monthly_budget_usd=1, paths=paths, seed=s).months
            for s in range(80)
        ]
        return [m["p50"][0] for m in found], [m["p50_error"][0] for m in found]

    (few, few_told), (many, many_told) = runs(400), runs(6400)
    assert np.mean(few_told) == pytest.approx(np.std(few), rel=0.3)
    assert np.mean(many_told) == pytest.approx(np.std(many), rel=0.3)
    assert np.mean(few_told) / np.mean(many_told) == pytest.approx(4, rel=0.2)


def test_a_change_of_one_assumption_leaves_the_draws_of_the_others_alone():
    one = given(calls=[900, 1000, 1100], review={"share": 0.01, "minutes": 1, "usd_per_hour": 60})
    two = given(calls=[900, 1000, 1100], review={"share": 0.01, "minutes": 2, "usd_per_hour": 60})
    volume = month(one) / 0.02
    assert month(two) - month(one) == pytest.approx(volume * 0.01)


def test_a_measured_trend_goes_on_from_the_middle_of_the_calls():
    call = CallCost({"all": 0.01}, 0.0, 0.0, 0.0, 100, "by hand", age=2.0)
    grown = Measurement(measure="token_growth_rate", value=0.1, low=0.1, high=0.1, n=9, method="m")
    rest = {
        "calls_per_month": 1000,
        "monthly_growth": 0,
        "months": 2,
        "monthly_budget_usd": 1,
        "paths": 1,
        "seed": 0,
    }
    measured = cost.project(call, token_growth=grown, **rest).draws[:, 0]
    assert list(measured) == pytest.approx([10 * 1.1**2, 10 * 1.1**3])
    assert cost.project(call, token_growth=0.1, **rest).draws[0, 0] == pytest.approx(10)


def test_the_probability_of_having_exceeded_the_budget_never_falls():
    found = future(given(calls=[500, 2000, 3000], seasonality=[1, 0.5]), budget=15).months
    assert (found["exceeded_by_then"].diff().dropna() >= 0).all()
    assert (found["exceeded_by_then"] >= found["exceed"]).all()


def test_value_at_risk_is_the_quantile_of_the_total_with_the_mean_beyond_it():
    m = cost.value_at_risk_usd(future(given(calls={"uniform": [0, 1000]}), months=2, paths=50_000))
    assert m.value == pytest.approx(19, abs=0.05)
    assert m.low < 19.02
    assert m.high > 18.98
    assert float(m.note.split()[-2]) == pytest.approx(19.5, abs=0.05)


# --- which assumption


def test_a_tornado_splits_the_variance_of_a_product_by_hand():
    # total = V * c, V uniform on [0, 2], c uniform on [0, 2]: shares 3/7 each alone, 1/7 interaction
    call = CallCost(
        {"input": 1.0}, 0.0, 0.0, 0.0, 0, "declared", {"input": distribution({"uniform": [0, 2]}, name="c")}
    )
    found = cost.tornado(future(given(call, calls={"uniform": [0, 2]}), months=1)).set_index("assumption")
    assert set(found.index) == {"calls_per_month", "tokens.input"}
    for row in found.itertuples():
        assert row.alone == pytest.approx(3 / 7, abs=0.05)
        assert row.joint == pytest.approx(4 / 7, abs=0.05)
        assert row.interaction == pytest.approx(1 / 7, abs=0.06)
        assert (row.low, row.high) == (pytest.approx(0.2), pytest.approx(1.8))
    assert found.loc["calls_per_month", "total_high"] == pytest.approx(1.8, rel=0.05)


def test_the_assumption_that_flips_the_verdict_is_found_where_arithmetic_says():
    # 1,000 calls at a cent cost 10; the budget of 15 breaks at 1,500 calls
    found = cost.flips(future(given(), months=1, budget=15)).set_index("assumption")
    assert found.loc["calls_per_month", "flips_at"] == pytest.approx(1500, rel=0.02)
    assert found.loc["calls_per_month", "verdict_then"] == "the budget is exceeded"
    assert "monthly_growth" not in found.index
    assert "retry_rate" not in found.index


def test_a_verdict_that_nothing_flips_says_so():
    assert "no single assumption" in cost.nearest_flip(cost.flips(future(given(), months=1, budget=1e9)))


def test_an_event_can_flip_the_verdict_and_the_bound_decides_what_the_verdict_is():
    assumed = given(price_changes={"rise": {"month": 1, "factor": 3, "chance": 0.2}})
    lax = Threshold(measure="budget_exceedance_probability", at_most=0.5)
    found = cost.flips(future(assumed, months=1, budget=15), bound=lax)
    row = found[found["assumption"] == "price_changes.rise.chance"].iloc[0]
    assert (row["flips_at"], row["verdict_now"]) == (1.0, "the budget holds")
    strict = cost.flips(future(assumed, months=1, budget=15))
    assert set(strict["verdict_now"]) == {"the budget is exceeded"}


def test_scenarios_hold_an_event_at_happening_and_not():
    assumed = given(price_changes={"cut": {"month": 1, "factor": 0.5, "chance": 0.5}})
    found = cost.scenarios(future(assumed, months=2)).set_index("scenario")["total_p50"]
    assert found["price change cut: it happens"] == pytest.approx(10)
    assert found["price change cut: it does not"] == pytest.approx(20)


# --- other ways


def usage(n=50, **columns):
    return pd.DataFrame({"model": ["gpt-4o"] * n, "input_tokens": 1000, "output_tokens": 100} | columns)


def test_alternatives_are_priced_by_hand_and_stand_beside_their_quality():
    calls = usage()
    ways = {
        "as now": {"quality": 0.9},
        "small": {"model": "gpt-4o-mini", "token_factor": 2, "quality": [0.7, 0.8, 0.85]},
        "cached": {"cached_share": 0.5},
        "batch": {"batch_share": 0.5, "batch_discount": 0.4, "quality": 0.85},
    }
    prices = cost.prices_for(calls, on=DAY, also=ways)
    now = future(given(cost.call_cost(calls, prices=prices)), months=1)
    found = cost.alternatives(now, ways, usage=calls, prices=prices).set_index("alternative")
    # USD per million: gpt-4o 2.5, 1.25 cached, 10; gpt-4o-mini 0.15, 0.6
    a_call = {"as now": 3500, "small": 2 * (150 + 60), "cached": 1250 + 625 + 1000, "batch": 3500 * 0.8}
    for name, millionths in a_call.items():
        assert found.loc[name, "usd_p50"] == pytest.approx(1000 * millionths / 1e6), name
    assert found.loc["small", "saving"] == pytest.approx(1 - 420 / 3500)
    assert found.loc["small", "quality_low"] == 0.7
    assert dict(found["frontier"]) == {"as now": True, "small": True, "cached": None, "batch": True}


def test_the_frontier_leaves_out_what_another_beats():
    cost_, quality = pd.Series([1.0, 2.0, 2.0, 3.0]), pd.Series([0.5, 0.9, 0.8, np.nan])
    assert frontier(cost_, quality) == [True, True, False, None]


def test_hosting_breaks_even_where_the_bills_meet():
    # 0.01 USD a call; a replica costs 1,000 and serves 200,000 calls; 500 beside it: (500 + 1,000) / 0.01 calls
    calls, replicas = break_even(
        np.array([0.01, 0.004]),
        replica_usd=np.array(1000.0),
        fixed_usd=np.array(500.0),
        capacity=np.array(2e5),
    )
    assert (calls[0], replicas[0]) == (pytest.approx(150_000), 1)
    assert calls[1] == np.inf


def test_hosting_with_high_fixed_cost_needs_more_replicas_to_pay():
    # each full replica saves 2,000 - 1,000; 2,500 fixed take three: (2,500 + 3,000) / 0.01
    calls, replicas = break_even(
        np.array([0.01]), replica_usd=np.array(1000.0), fixed_usd=np.array(2500.0), capacity=np.array(2e5)
    )
    assert (calls[0], replicas[0]) == (pytest.approx(550_000), 3)


def test_hosting_is_compared_in_the_last_month():
    declared = {
        "gpu_usd_per_hour": 1 / 730,
        "calls_per_hour": 1000 / 730,
        "utilisation": 1,
        "fixed_usd_per_month": 3,
    }
    found = cost.self_hosting(future(given(), months=1), declared).iloc[0]
    assert (found["usd_p50"], found["hosted_usd_p50"]) == (pytest.approx(10), pytest.approx(4))
    assert (found["cheaper"], found["never"]) == (1.0, 0.0)
    assert cost.self_hosting(future(given(), months=1), {}).empty


# --- what is declared


def test_declared_tokens_are_priced_by_hand_and_count_no_calls():
    tokens = {"model": "gpt-4o", "input": 1000, "cached": 400, "output": 100, "reasoning": 50}
    prices = cost.prices_for(cost.recorded(dict, ""), on=DAY, also={"tokens": tokens})
    call = cost.call_cost(cost.recorded(dict, ""), prices=prices, tokens=tokens)
    assert month(given(call), paths=1)[0] == pytest.approx(1000 * (1000 * 2.5 + 400 * 1.25 + 150 * 10) / 1e6)
    assert call.n == 0


def test_reasoning_tokens_are_a_part_of_the_output_with_a_line_of_their_own():
    parts = cost.call_parts(usage(2, reasoning_tokens=[0, 40]), prices=cost.prices_for(usage(1), on=DAY))
    assert list(parts["reasoning"]) == pytest.approx([0, 0.0004])
    assert list(parts.sum(axis=1)) == pytest.approx([0.0035, 0.0035])


def test_calls_of_a_task_are_summed():
    calls = usage(4, task_id=["a", "a", "a", "b"])
    call = cost.call_cost(calls, prices=cost.prices_for(calls, on=DAY))
    assert (call.n, sum(call.parts.values())) == (2, pytest.approx(2 * 0.0035))


def test_prompts_that_repeat_widen_the_error_of_the_mean():
    calls = usage(60, output_tokens=np.repeat([100, 300, 500], 20), prompt_id=np.repeat(["a", "b", "c"], 20))
    prices = cost.prices_for(calls, on=DAY)
    alike, alone = (cost.call_cost(c, prices=prices) for c in (calls, calls.drop(columns="prompt_id")))
    assert (alike.n, alone.n) == (3, 60)
    assert alike.error > 3 * alone.error


def test_a_contract_goes_before_the_list_and_counts_by_its_declared_rate():
    stated = {"gpt-4o": {"input": 2.0, "output": 8.0, "currency": "EUR", "contract": "frame contract 7"}}
    found = cost.prices_for(usage(1), on=DAY, contract=stated, usd_per={"EUR": 1.1})["gpt-4o"]
    assert (found.input, found.output) == (pytest.approx(2.2), pytest.approx(8.8))
    (line,) = cost.frozen({"gpt-4o": found})
    assert "2026-11-01" in line
    assert "frame contract 7; stated in EUR at 1.1 USD" in line


@pytest.mark.parametrize(
    ("stated", "rates", "message"),
    [
        ({"input": -1, "output": 1}, {}, r"contract_prices.gpt-4o.input is -1; it must be 0 or more"),
        ({"input": 1}, {}, "lacks output"),
        ({"input": 1, "output": 1, "currency": "EUR"}, {}, "no rate for currency 'EUR'; declare usd_per"),
        ({"input": 1, "output": 1, "currency": "EURO"}, {"EUR": 1}, "near matches: EUR"),
        ({"input": 1, "output": 1, "currency": "EUR"}, {"EUR": 0}, "usd_per.EUR is 0"),
        ({"inputs": 1, "output": 1}, {}, "there is no inputs; near matches: input"),
        ({"input": 1, "output": 1, "until": "2026-10-31"}, {}, "ended on 2026-10-31, before 2026-11-01"),
        ("cheap", {}, "give input and output per million tokens"),
    ],
)
def test_a_contract_price_that_cannot_be_is_one_line(stated, rates, message):
    with pytest.raises(ValueError, match=message) as caught:
        cost.prices_for(usage(1), on=DAY, contract={"gpt-4o": stated}, usd_per=rates)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"retry_rat": 0.1}, "there is no assumption retry_rat; did you mean retry_rate"),
        ({"retry_rate": 1.0}, "retry_rate is 1.0; it must be within 0 and 0.95"),
        ({"agent_steps": 0}, "agent_steps is 0; it must be at least 1"),
        ({"seasonality": [1, -1]}, r"seasonality is \[1, -1\]; give factors"),
        ({"review": {"share": 0.1}}, "review lacks minutes, usd_per_hour"),
        ({"judge": {"share": 2, "usd": 1}}, "judge.share is 2; it must be within 0 and 1"),
        ({"judge": 3}, "judge is 3; give share, usd"),
        (
            {"one_off": {"x": {"usd": 1, "month": 1, "every": 0}}},
            "one_off.x.every is 0; it must be a whole number",
        ),
        ({"price_changes": {"x": {"factor": 1, "month": 1, "chance": [0, 0.1, 1]}}}, "give one probability"),
        ({"price_changes": [1]}, r"price_changes is \[1\]; give a name to each"),
        ({"retirements": {"x": {"month": 1}}}, "retirements.x lacks migration_usd"),
    ],
)
def test_an_assumption_that_cannot_be_is_one_line(declared, message):
    with pytest.raises(ValueError, match=message) as caught:
        given(**declared)
    assert "\n" not in str(caught.value)


def test_what_a_profile_states_is_sorted_and_checks_are_priced():
    checked = {"share": 0.5, "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100}
    found = cost.stated({"judge": checked, "energy": {"pue": 1.1}, "earlier": "old"})
    prices = cost.prices_for(cost.recorded(dict, ""), on=DAY, also=found.naming)
    assert found.at(prices)["judge"] == {"share": 0.5, "usd": pytest.approx(0.0035)}
    assert (found.energy, found.earlier, found.tokens) == ({"pue": 1.1}, "old", {})
    with pytest.raises(ValueError, match="there is no alternative; did you mean alternatives"):
        cost.stated({"alternative": {}})
    with pytest.raises(ValueError, match=r"assumptions\.energy is 3; give its fields"):
        cost.stated({"energy": 3})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda n: cost.alternatives(n, {"x": {"modle": "y"}}, usage=usage(), prices={}),
            "did you mean model",
        ),
        (
            lambda n: cost.alternatives(n, {"x": {"batch_share": 2}}, usage=usage(), prices={}),
            "within 0 and 1",
        ),
        (lambda n: cost.self_hosting(n, {"gpu_usd_per_hour": 1}), "self_hosting lacks calls_per_hour"),
        (lambda n: cost.self_hosting(n, {"gpus_usd": 1}), "there is no gpus_usd; did you mean gpus"),
        (
            lambda n: cost.self_hosting(n, {"gpu_usd_per_hour": 1, "calls_per_hour": 0}),
            "must be at least 1e-09",
        ),
    ],
)
def test_another_way_that_cannot_be_is_one_line(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call(future(given(), months=1, paths=100))
    assert "\n" not in str(caught.value)


# --- two versions


def test_a_change_of_cost_is_paired_by_prompt_and_worked_out_by_hand():
    before = pd.DataFrame(
        {"usd": [0.03, 0.05, 0.04], "prompt_id": ["a", "b", "c"], "latency": [3.0, 5.0, 4.0]}
    )
    after = pd.DataFrame(
        {"usd": [0.02, 0.01, 0.03], "prompt_id": ["b", "a", "d"], "latency": [2.0, 1.0, 9.0]}
    )
    money, seconds = cost.cost_changes(before, after, prices={})
    # differences -0.02 and -0.03: mean -0.025, t(1) = 12.706 times 0.005
    assert (money.value, money.n) == (pytest.approx(-0.025), 2)
    assert money.high - money.value == pytest.approx(12.7062 * 0.005, rel=1e-4)
    assert "mean 0.04 before, 0.015 after (x 0.375); 2 prompts without a partner" in money.note
    assert seconds.value == pytest.approx(-2.5)
    assert cost.cost_changes(cost.recorded(dict, ""), after, prices={}) == ()


def test_calls_that_do_not_name_their_prompts_cannot_be_paired():
    table = pd.DataFrame({"usd": [0.1, 0.2]})
    assert "cannot be paired" in cost.cost_change_usd(table, table, prices={}).undefined

"""Costs against closed forms and dated list prices; what cannot be is refused in one line."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from riskkit.measures import cost
from riskkit.measures.call_cost import CallCost, observed
from riskkit.measures.simulation import simulate

PRICE = cost.Price(
    model="m", provider="p", input=2.0, output=10.0, cached=0.5, as_of=date(2026, 1, 1), source="contract"
)


def calls(**columns: list[object]) -> pd.DataFrame:
    n = max(map(len, columns.values()), default=1)
    return pd.DataFrame(
        {"model": ["m"] * n, "input_tokens": [1000] * n, "output_tokens": [100] * n} | columns
    )


def projected(costs, **changes):
    given = {
        "calls_per_month": 1000,
        "monthly_growth": 0.0,
        "months": 6,
        "monthly_budget_usd": 50.0,
        "seed": 0,
    }
    return cost.project(costs, **(given | changes))


def drawn_month(call, *, paths=200_000, declared=None, **changes):
    given = {"calls_per_month": 100, "monthly_growth": 0.0} | changes
    return simulate(cost.assumptions(call, declared=declared, **given), months=1, paths=paths, seed=0)[0]


# --- prices and calls


def test_a_call_is_priced_by_hand():
    usage = calls(cached_tokens=[400, 0])
    assert list(cost.call_costs(usage, prices={"m": PRICE})) == pytest.approx(
        [(600 * 2 + 400 * 0.5 + 100 * 10) / 1e6, (1000 * 2 + 100 * 10) / 1e6]
    )


def test_costs_keep_the_index_of_the_calls():
    usage = calls(input_tokens=[1, 2]).set_index(pd.Index(["a", "b"]))
    assert list(cost.call_costs(usage, prices={"m": PRICE}).index) == ["a", "b"]


@pytest.mark.parametrize("model", ["gpt-4o", "claude-3-5-haiku-latest", "o3"])
def test_a_call_costs_what_genai_prices_says(model):
    day = pd.Timestamp("2026-06-01", tz="UTC")
    usage = calls(model=[model], input_tokens=[2000], output_tokens=[300], cached_tokens=[500])
    ours = cost.call_costs(usage, prices=cost.prices_for(usage, on=date(2026, 6, 1)))[0]
    theirs = calc_price(
        Usage(input_tokens=2000, output_tokens=300, cache_read_tokens=500),
        model_ref=model,
        genai_request_timestamp=day.to_pydatetime(),
    )
    assert ours == pytest.approx(float(theirs.total_price))


def test_a_price_that_changed_is_the_one_of_the_day():
    # OpenAI cut o3 from 10 / 40 to 2 / 8 USD per million tokens on 10 June 2025
    before, after = (cost.price_of("o3", on=date(2025, 6, day)) for day in (1, 20))
    assert (before.input, before.output) == (10, 40)
    assert (after.input, after.output) == (2, 8)
    assert after.source.startswith("genai-prices ")
    assert after.as_of == date(2025, 6, 20)


def test_every_price_that_changed_on_a_day_is_the_dated_one_before_and_after():
    changed = 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            dated = (
                [p.constraint for p in model.prices if p.constraint] if isinstance(model.prices, list) else []
            )
            if not dated or any(type(c).__name__ != "StartDateConstraint" for c in dated):
                continue
            for day in (c.start_date + timedelta(days=shift) for c in dated for shift in (-1, 0)):
                noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                theirs = model.get_prices(noon)
                if theirs.input_mtok is None or theirs.output_mtok is None:
                    continue
                ours = cost.price_of(model.id, on=day, provider=provider.id)
                for mine, listed in ((ours.input, theirs.input_mtok), (ours.output, theirs.output_mtok)):
                    assert mine == float(getattr(listed, "base", listed)), (provider.id, model.id, day)
                changed += 1
    assert changed > 100


def test_a_price_that_varies_with_the_hour_is_the_highest_of_the_day():
    # DeepSeek halved its chat price from 16:30 to 00:30 UTC in 2025
    found = cost.price_of("deepseek-chat", on=date(2025, 6, 1), provider="deepseek")
    assert "varies with the hour" in found.note
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    usual = calc_price(
        Usage(input_tokens=1000, output_tokens=0), model_ref="deepseek-chat", provider_id="deepseek",
        genai_request_timestamp=noon,
    )  # fmt: skip
    assert found.input / 1000 == pytest.approx(float(usual.total_price))


def test_a_price_with_tiers_says_that_the_first_is_taken():
    assert "above 200,000 input tokens" in cost.price_of("gemini-2.5-pro", on=date(2026, 6, 1)).note


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cost.price_of("gpt-4oo9", on=date(2026, 1, 1)), r"model 'gpt-4oo9'; near matches: gpt-4o, "),
        (lambda: cost.price_of("gpt-4o", on=date(2026, 1, 1), provider="opnai"), "near matches: openai"),
        (lambda: cost.prices_for(calls(model=["gpt-4o"]), on="1 May"), r"'1 May' is not a day \(YYYY-MM-DD"),
        (lambda: cost.call_costs(calls(), prices={"mm": PRICE}), "for model 'm'"),
        (lambda: cost.call_costs(calls().drop(columns="model"), prices={}), "has no column model"),
        (lambda: cost.call_costs(calls().iloc[:0], prices={}), "holds no call"),
        (
            lambda: cost.call_costs(calls(input_tokens=[-1, 2]), prices={"m": PRICE}),
            "input_tokens is .* in 1 of 2",
        ),
        (
            lambda: cost.call_costs(calls(output_tokens=[None]), prices={"m": PRICE}),
            "output_tokens is missing",
        ),
        (
            lambda: cost.call_costs(calls(cached_tokens=[2000]), prices={"m": PRICE}),
            "cached_tokens exceed input",
        ),
        (
            lambda: cost.Price("m", "p", -1.0, 1.0, None, date(2026, 1, 1), "s"),
            r"price of m: input is -1\.0 USD per million",
        ),
    ],
)
def test_what_cannot_be_priced_is_refused_in_one_line(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_the_summary_shows_the_price_used_with_its_day():
    row = cost.usage_summary(calls(input_tokens=[500, 1500]), prices={"m": PRICE}).iloc[0]
    assert (row["calls"], row["mean_input_tokens"], row["price_as_of"]) == (2, 1000, "2026-01-01")
    assert row["usd_per_1000_calls"] == pytest.approx(3.0)


# --- projection


def test_constant_calls_and_growth_cost_what_arithmetic_says():
    future = projected([0.01] * 30, monthly_growth=0.1, token_growth=0.05, months=3)
    expected = [1000 * 0.01 * 1.1**m * 1.05**m for m in range(3)]
    for column in ("p10", "p50", "p90", "p99"):
        assert list(future.months[column]) == pytest.approx(expected)
    assert list(future.months["month"]) == [1, 2, 3]
    assert future.final == pytest.approx(np.full(10_000, expected[-1]))


def test_the_sum_of_skewed_calls_has_the_quantiles_of_its_closed_form():
    # the sum of 25 exponential calls of mean 1 is Erlang(25): quantiles by scipy.stats.gamma
    call = CallCost({"all": 1.0}, variation=1.0, skewness=2.0, error=0.0, n=25, what="by hand")
    drawn = drawn_month(call, calls_per_month=25)
    assert np.quantile(drawn, [0.01, 0.5, 0.99]) == pytest.approx([14.853, 24.667, 38.077], rel=0.01)


def test_few_very_skewed_calls_have_the_quantiles_of_their_closed_form():
    # one exponential call a month
    call = CallCost({"all": 1.0}, variation=1.0, skewness=2.0, error=0.0, n=25, what="by hand")
    drawn = drawn_month(call, calls_per_month=1)
    assert np.quantile(drawn, [0.1, 0.5, 0.99]) == pytest.approx(-np.log([0.9, 0.5, 0.01]), rel=0.03)


def test_the_mean_of_calls_is_as_uncertain_as_its_bootstrap_says():
    costs = np.random.default_rng(0).lognormal(-4, 1.2, 60)
    rng = np.random.default_rng(1)
    means = costs[rng.integers(0, 60, (100_000, 60))].mean(axis=1) / costs.mean()
    levels = [0.01, 0.1, 0.5, 0.9, 0.99]
    assert observed(costs).sampled.at(levels) == pytest.approx(np.quantile(means, levels), abs=0.015)


def test_the_width_shows_how_few_calls_were_observed():
    costs = np.random.default_rng(0).lognormal(-4, 1, 2000)
    few, many = (projected(c, calls_per_month=1e6).months.iloc[0] for c in (costs[:25], costs))
    assert (few["p90"] - few["p10"]) / few["p50"] > 5 * (many["p90"] - many["p10"]) / many["p50"]
    standard_error = costs.std() / np.sqrt(len(costs)) * 1e6
    assert many["p90"] - many["p10"] == pytest.approx(2 * 1.2816 * standard_error, rel=0.1)


def test_triangular_growth_moves_the_median_to_its_closed_form():
    future = projected([0.01], monthly_growth=[0.0, 0.0, 0.1], months=2, paths=50_000)
    # the median of a triangular distribution on [0, b] with its mode at 0 is b (1 - sqrt(1/2))
    assert future.months["p50"][1] == pytest.approx(10 * (1 + 0.1 * (1 - np.sqrt(0.5))), rel=1e-3)


def test_equal_seeds_give_equal_futures_and_others_do_not():
    costs = [0.01, 0.02, 0.05]
    one, same, other = (projected(costs, seed=s) for s in (1, 1, 2))
    assert one.months.equals(same.months)
    assert not one.months.equals(other.months)
    assert cost.budget_exceedance_probability(one) == cost.budget_exceedance_probability(same)


def test_monte_carlo_error_shrinks_with_the_root_of_the_paths():
    costs = np.random.default_rng(0).lognormal(-4, 1, 50)
    spread = [
        np.std([projected(costs, paths=n, seed=s, months=1).months["p50"][0] for s in range(30)])
        for n in (100, 1600)
    ]
    assert 2.2 < spread[0] / spread[1] < 8


def test_the_last_month_is_measured_with_a_predictive_interval():
    future = projected(np.random.default_rng(0).lognormal(-4, 1, 200), months=4)
    m = cost.monthly_cost_usd(future)
    assert m.value == pytest.approx(future.months["p50"][3])
    assert m.low < future.months["p10"][3] < m.value < future.months["p90"][3] < m.high
    assert (m.n, m.segment) == (200, "")
    assert "predictive" in m.method
    assert cost.monthly_cost_usd(future, month=2).segment == "month 2"
    with pytest.raises(ValueError, match="month 5 is not within the horizon of 4 months"):
        cost.monthly_cost_usd(future, month=5)


@pytest.mark.parametrize(("budget", "expected"), [(1e9, 0.0), (1e-9, 1.0)])
def test_a_budget_out_of_reach_or_always_broken_is_certain_but_for_simulation_error(budget, expected):
    m = cost.budget_exceedance_probability(projected([0.01, 0.02, 0.04], monthly_budget_usd=budget))
    assert m.value == expected
    assert m.low <= expected <= m.high
    assert 0 < m.high - m.low < 0.01
    assert m.n == 3


def test_a_close_budget_on_few_calls_stays_open():
    costs = np.random.default_rng(0).lognormal(-4, 1, 40)
    m = cost.budget_exceedance_probability(projected(costs, monthly_budget_usd=1000 * costs.mean()))
    assert m.low < 0.1 < 0.9 < m.high


def test_exceedance_is_the_share_of_futures_with_any_month_above():
    future = projected([0.01, 0.03], calls_per_month=100, monthly_budget_usd=2.1)
    above = (future.draws > 2.1).any(axis=0).mean()
    assert cost.budget_exceedance_probability(future).value == above
    assert above >= future.months["exceed"].max()


@pytest.mark.parametrize(
    ("costs", "changes", "message"),
    [
        ([], {}, "holds no call"),
        ([0.1, -0.1], {}, "1 of 2 costs are negative"),
        ([float("nan")], {}, "1 of 1 costs"),
        ([0.1], {"months": 0}, "months is 0; it must be a whole number of at least 1"),
        ([0.1], {"months": 2.5}, r"months is 2\.5"),
        ([0.1], {"paths": 0}, "paths is 0"),
        ([0.1], {"calls_per_month": -5}, "calls_per_month is -5; it must be at least 0"),
        ([0.1], {"monthly_budget_usd": float("inf")}, "monthly_budget_usd is inf"),
        ([0.1], {"monthly_growth": [0.05, 0.0, 0.02]}, "lowest <= likeliest <= highest"),
        ([0.1], {"monthly_growth": [0.05, 0.0]}, "give one number, or lowest"),
        ([0.1], {"monthly_growth": -1}, "at least -1"),
        ([0.1], {"token_growth": -1.5}, r"token_growth is -1\.5; it must be at least -1"),
    ],
)
def test_impossible_assumptions_are_refused_in_one_line(costs, changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        projected(costs, **changes)
    assert "\n" not in str(caught.value)


# --- growth of tokens


def dated(
    growth: float, *, days: int = 120, a_day: int = 5, noise: float = 0.3, seed: int = 0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    at = pd.date_range("2026-01-01", periods=days * a_day, freq=f"{24 // a_day}h", tz="UTC")
    months = np.arange(len(at)) * (24 // a_day) / 24 / (365.25 / 12)
    tokens = 1000 * (1 + growth) ** months * rng.lognormal(0, noise, len(at))
    return pd.DataFrame({"model": "m", "input_tokens": tokens.round(), "output_tokens": 0, "at": at})


def test_growth_without_noise_is_found_exactly():
    m = cost.token_growth_rate(dated(0.08, noise=0.0))
    assert m.value == pytest.approx(0.08, abs=1e-3)
    assert m.n == 100
    assert "600 of 600 calls" in m.note


def test_growth_counts_prompts_as_independent_where_they_are_known():
    usage = dated(0.08)
    usage["prompt_id"] = [f"p{i % 30}" for i in range(len(usage))]
    m = cost.token_growth_rate(usage)
    assert m.n == 30
    assert "clustered by prompt" in m.method


@pytest.mark.slow
def test_the_interval_of_growth_covers_where_days_differ():
    hits = 0
    for seed in range(200):
        usage = dated(0.05, days=60, seed=seed)
        by_day = np.random.default_rng(seed + 1000).lognormal(0, 0.2, 400)
        day = (usage["at"] - usage["at"].min()).dt.days
        usage["input_tokens"] *= by_day[day]
        m = cost.token_growth_rate(usage)
        hits += m.low <= 0.05 <= m.high
    assert 0.90 <= hits / 200 <= 0.99


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        (calls(), "no dates"),
        (calls(at=[None, None]), "no dates"),
        (calls(at=["2026-01-01"] * 9), "at least 5 days at different times; there are 1"),
        (dated(0.1).head(10), "at least 5 days"),
    ],
)
def test_without_a_stretch_of_time_growth_is_undefined_and_not_zero(usage, why):
    m = cost.token_growth_rate(usage)
    assert m.value is None
    assert why in m.undefined

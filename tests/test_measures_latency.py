"""Latency, failures and energy against hand-worked numbers; too little data gives no number."""

from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskkit.errors import EnvironmentProblem
from riskkit.measures import energy, latency, latency_tables
from riskkit.measures.energy_meter import metered_wh
from riskkit.model import Sample, Usage


def calls(seconds, **columns):
    return pd.DataFrame({"latency": np.asarray(seconds, dtype=float)} | columns)


def named(measurements):
    return {m.measure: m for m in measurements}


# --- quantiles


def test_the_interval_of_a_quantile_is_that_of_binomial_ranks():
    # 1 to 100 in any order; ranks 40 and 61 enclose the median with 96.5 % (David and Nagaraja, table for n = 100)
    seconds = np.random.default_rng(0).permutation(np.arange(1, 101))
    median = named(latency.latency_quantiles(calls(seconds)))["latency_p50_seconds"]
    assert (median.value, median.low, median.high, median.n) == (50, 40, 61, 100)
    covered = stats.binom.cdf(60, 100, 0.5) - stats.binom.cdf(39, 100, 0.5)
    assert covered == pytest.approx(0.9648, abs=1e-4)


@pytest.mark.slow
def test_the_interval_of_the_slow_end_covers_its_quantile():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        m = named(latency.latency_quantiles(calls(rng.lognormal(0, 1, 200))))["latency_p95_seconds"]
        hits += m.low <= np.exp(stats.norm.ppf(0.95)) <= m.high
    assert 0.93 <= hits / 400 <= 0.995


@pytest.mark.slow
def test_the_interval_covers_where_calls_of_a_prompt_are_alike():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(300):
        own = np.repeat(rng.normal(0, 0.9, 100), 5)
        seconds = np.exp(own + rng.normal(0, np.sqrt(1 - 0.81), 500))
        table = calls(seconds, prompt_id=np.repeat(np.arange(100), 5).astype(str))
        m = named(latency.latency_quantiles(table))["latency_p50_seconds"]
        hits += m.low <= 1 <= m.high
    assert m.n == 100
    assert 0.92 <= hits / 300 <= 0.99


def test_too_few_calls_leave_the_slow_end_undefined():
    found = named(latency.latency_quantiles(calls(np.arange(100))))
    assert found["latency_p50_seconds"].value is not None
    assert "100 calls are too few (at least 368)" in found["latency_p99_seconds"].undefined
    assert "there are no calls with a latency" in latency.latency_quantiles(calls([]))[0].undefined


def test_a_call_that_timed_out_was_slower_than_any_and_a_failed_one_does_not_count():
    table = calls(
        [1.0] * 50 + [30.0] * 45 + [0.01] * 5, status=["ok"] * 50 + ["timeout"] * 45 + ["error"] * 5
    )
    found = named(latency.latency_quantiles(table))
    assert found["latency_p50_seconds"].value is None
    assert "too many calls timed out (45 of 95)" in found["latency_p50_seconds"].undefined


def test_failures_are_counted_with_exact_intervals_and_unknown_is_not_none():
    table = calls([1.0] * 20, status=["ok"] * 17 + ["timeout", "HTTP error", "500"])
    found = named(latency.call_failures(table))
    assert found["call_error_rate"].value == pytest.approx(3 / 20)
    assert found["call_timeout_rate"].value == pytest.approx(1 / 20)
    exact = stats.binomtest(3, 20).proportion_ci(method="exact")
    assert (found["call_error_rate"].low, found["call_error_rate"].high) == pytest.approx(
        (exact.low, exact.high)
    )
    assert "no call tells how it ended" in latency.call_failures(calls([1.0]))[0].undefined


def test_the_first_token_counts_where_answers_were_streamed():
    table = calls(np.arange(1, 101), first_token=[0.5] * 50 + [np.nan] * 50, output_tokens=10)
    first = named(latency.first_token_seconds(table))
    assert (first["first_token_p50_seconds"].value, first["first_token_p50_seconds"].n) == (0.5, 50)
    assert "no streamed calls" in latency.first_token_seconds(calls([1.0]))[0].undefined
    # calls 1 to 50 spend 0.5 s before the first of 10 tokens
    each = sorted([(s - 0.5) / 10 for s in range(1, 51)] + [s / 10 for s in range(51, 101)])
    assert latency.seconds_per_token(table).value == pytest.approx(each[49])


def test_answers_become_calls_with_their_length_and_how_they_ended():
    answers = [
        Sample(
            prompt_id="a", prompt="1234", context="56", response="x", latency=2.0, finish_reason="stop",
            usage=Usage(input_tokens=3, output_tokens=4), attributes={"first_token": "0.4"}, at="2026-01-01T00:00:00Z",
        ),
        Sample(prompt_id="b", response="", finish_reason="timeout"),
        Sample(prompt_id="c", response="x"),
    ]  # fmt: skip
    table = latency.from_answers(answers)
    assert list(table["status"].fillna("?")) == ["ok", "timeout", "?"]
    assert list(table.loc[0, ["latency", "first_token", "prompt_chars", "output_tokens"]]) == [2.0, 0.4, 6, 4]
    assert table.loc[1:, "latency"].isna().all()


def test_latency_by_length_splits_calls_evenly():
    table = calls(np.arange(400) / 100, input_tokens=np.arange(400))
    found = latency_tables.latency_by_length(table, bands=4)
    assert list(found["calls"]) == [100] * 4
    assert list(found["input_tokens"]) == ["0 to 99", "100 to 199", "200 to 299", "300 to 399"]
    assert list(found["p50"]) == pytest.approx([0.49, 1.49, 2.49, 3.49])
    assert latency_tables.latency_by_length(calls([1.0])).empty


def test_throughput_is_counted_by_calls_under_way():
    # 20 calls of 2 s, one after the other, then 20 pairs of 2 s
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ends = [2 * (i + 1) for i in range(20)] + [40 + 2 * (i + 1) for i in range(20) for _ in range(2)]
    table = calls([2.0] * 60, at=pd.to_datetime([start + timedelta(seconds=e) for e in ends], utc=True))
    found = latency_tables.throughput(table).set_index("calls_at_once")
    assert dict(found["seconds"]) == {"1": 40.0, "2": 40.0}
    assert found.loc["1", "calls_per_second"] == pytest.approx(0.5)
    assert found.loc["2", "calls_per_second"] == pytest.approx(1.0)
    assert latency_tables.throughput(calls([1.0] * 30)).empty


def test_moments_in_whole_seconds_say_nothing_of_short_calls_under_way():
    at = pd.to_datetime([datetime(2026, 1, 1, 0, 0, i % 30, tzinfo=UTC) for i in range(60)], utc=True)
    assert latency_tables.throughput(calls([0.05] * 60, at=at)).empty
    assert not latency_tables.throughput(calls([5.0] * 60, at=at)).empty
    assert "5 to 8" in set(latency_tables.throughput(calls([5.0] * 60, at=at))["calls_at_once"])


def test_a_change_of_latency_is_shown_only_against_earlier_calls():
    table = calls([1.0, 2.0], prompt_id=["a", "b"])
    (m,) = latency.changes(calls([2.0, 4.0], prompt_id=["a", "b"]), table)
    assert m.value == pytest.approx(-1.5)
    assert latency.changes(calls([]), table) == ()


# --- energy

MACHINE = {"active_billion": 20, "total_billion": 100, "grid_kg_per_kwh": 0.4}


def test_the_formula_gives_what_ecologits_gives():
    # ecologits 0.11.3, compute_llm_impacts_dag: 20 of 100 billion parameters, 500 tokens, PUE 1.2
    assert energy.watt_hours(500, active=20, total=100) == pytest.approx(0.2074263292308048, rel=1e-12)


def test_the_formula_is_worked_out_by_hand_for_one_graphics_card():
    # 10 billion parameters at 16 bits need 24 GB: one card; Wh = PUE (card + server share)
    card = 100 * (1.1665273170451914e-06 * np.exp(-0.011205921025579175 * 64) * 10 + 4.052928146734005e-05)
    seconds = 100 * (0.0006785088094353663 * 10 + 0.0003119310311688259 * 64 + 0.019473717579473387)
    assert energy.watt_hours(100, active=10, total=10, pue=1) == pytest.approx(
        card + seconds / 3600 * 1200 / 8 / 64
    )


def test_an_estimate_has_a_band_of_three_either_way_and_two_digits():
    m = energy.energy_wh_per_call(pd.DataFrame({"output_tokens": [400, 600]}), MACHINE)
    assert (m.value, m.low, m.high, m.n) == (0.21, 0.069, 0.63, 2)
    assert "factor of three" in m.method


def test_declared_ranges_widen_the_band_and_months_and_carbon_follow():
    wide = MACHINE | {"active_billion": [10, 20, 40], "grid_kg_per_kwh": [0.1, 0.4, 0.5]}
    call, month, carbon = energy.estimates(pd.DataFrame({"output_tokens": [500]}), wide, calls_per_month=1e6)
    assert call.low < 0.069
    assert call.high > 0.63
    assert (month.value, month.low) == (call.value * 1000, call.low * 1000)
    # the median of the triangle from 0.1 over 0.4 to 0.5 is 0.1 + sqrt(0.5 * 0.4 * 0.3)
    assert carbon.value == pytest.approx(energy.two_digits(call.value * 1000 * (0.1 + 0.06**0.5)))
    assert carbon.low <= call.low * 1000 * 0.1


@pytest.mark.parametrize(
    ("value", "near", "up", "down"),
    [
        (0.12345, 0.12, 0.13, 0.12),
        (987.0, 990, 990, 980),
        (0.0, 0, 0, 0),
        (0.2, 0.2, 0.2, 0.2),
        (99.6, 100, 100, 99),
    ],
)
def test_no_third_digit_is_ever_shown(value, near, up, down):
    assert energy.two_digits(value) == near
    assert energy.two_digits(value, up=True) == up
    assert energy.two_digits(value, down=True) == down


def test_measured_energy_counts_before_an_estimate():
    table = pd.DataFrame({"output_tokens": 500, "energy_wh": [0.10, 0.20, 0.30]})
    m = energy.energy_wh_per_call(table, MACHINE)
    # t(2) = 4.303, standard error 0.1 / sqrt(3)
    assert (m.value, m.low, m.high) == (0.2, 0.0, 0.45)
    assert "measured" in m.method


def test_without_a_size_of_the_model_energy_is_unknown_and_not_zero():
    (m,) = energy.estimates(pd.DataFrame({"output_tokens": [500]}), {}, calls_per_month=10)
    assert m.value is None
    assert "no size of the model is declared" in m.undefined
    assert "output tokens" in energy.energy_wh_per_call(pd.DataFrame({"usd": [1.0]}), MACHINE).undefined


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"active_billion": 20}, "energy lacks total_billion"),
        (MACHINE | {"pue": 0.9}, r"energy\.pue is 0\.9; it must be at least 1"),
        (MACHINE | {"active_billion": 200}, "active_billion is more than total_billion"),
        (MACHINE | {"puee": 1}, "there is no puee; did you mean pue"),
    ],
)
def test_a_machine_that_cannot_be_is_one_line(declared, message):
    with pytest.raises(ValueError, match=message):
        energy.energy_wh_per_call(pd.DataFrame({"output_tokens": [5]}), declared)


def test_without_a_meter_the_environment_is_to_blame():
    if find_spec("codecarbon"):
        pytest.skip("codecarbon is installed here")
    with pytest.raises(EnvironmentProblem, match="pip install codecarbon"):
        metered_wh(lambda: None, country="FRA")

"""Verdicts: the interval decides, never the point; what cannot be decided says what would decide it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from riskkit.model import Measurement, Threshold, Verdict, judge, n_to_decide


def measured(value, low, high, n=1000, level=0.95):
    return Measurement(measure="m", value=value, low=low, high=high, n=n, level=level, method="made up")


AT_LEAST = Threshold(measure="m", at_least=0.8)
WITHIN = Threshold(measure="m", at_least=-0.1, at_most=0.1)


@pytest.mark.parametrize(
    ("low", "high", "threshold", "verdict"),
    [
        (0.85, 0.95, AT_LEAST, Verdict.MET),
        (0.80, 0.95, AT_LEAST, Verdict.MET),
        (0.60, 0.79, AT_LEAST, Verdict.BREACHED),
        (0.75, 0.85, AT_LEAST, Verdict.INCONCLUSIVE),
        (0.60, 0.80, AT_LEAST, Verdict.INCONCLUSIVE),
        (-0.05, 0.05, WITHIN, Verdict.MET),
        (0.11, 0.2, WITHIN, Verdict.BREACHED),
        (-0.3, -0.2, WITHIN, Verdict.BREACHED),
        (-0.2, 0.2, WITHIN, Verdict.INCONCLUSIVE),
        (0.0, 0.04, Threshold(measure="m", at_most=0.05), Verdict.MET),
        (0.051, 0.2, Threshold(measure="m", at_most=0.05), Verdict.BREACHED),
    ],
)
def test_only_an_interval_wholly_on_one_side_decides(low, high, threshold, verdict):
    assert judge(measured((low + high) / 2, low, high), threshold).verdict is verdict


def test_a_sample_below_the_minimum_decides_nothing_and_says_how_many_are_needed():
    judgement = judge(measured(0.9, 0.85, 0.95, n=50), Threshold(measure="m", at_least=0.8, min_n=100))
    assert (judgement.verdict, judgement.n_to_decide) == (Verdict.INCONCLUSIVE, 100)


def test_a_narrower_level_than_asked_for_decides_nothing():
    assert judge(measured(0.9, 0.85, 0.95, level=0.9), AT_LEAST).verdict is Verdict.INCONCLUSIVE


def test_no_threshold_and_no_value_are_inconclusive_with_the_reason():
    undefined = Measurement(measure="m", value=None, n=3, method="x", undefined="one group only")
    assert judge(measured(0.9, 0.8, 1.0), None).why == "no threshold is set for this measure"
    assert judge(undefined, AT_LEAST).why == "not computable: one group only"
    assert judge(undefined, AT_LEAST).verdict is Verdict.INCONCLUSIVE


def test_the_sample_that_would_decide_is_worked_out_from_the_interval():
    # value 0.85, bound 0.80: distance 0.05, reach to the low end 0.10, so (0.10 / 0.05)^2 = 4 times the sample
    assert n_to_decide(measured(0.85, 0.75, 0.95, n=100), AT_LEAST) == 400


def test_no_sample_decides_a_value_on_the_bound():
    assert n_to_decide(measured(0.8, 0.7, 0.9), AT_LEAST) is None


def test_a_value_without_an_interval_cannot_be_made():
    with pytest.raises(ValidationError, match="without an interval"):
        Measurement(measure="m", value=0.5, n=10, method="x")


def test_an_undefined_measurement_must_say_why():
    with pytest.raises(ValidationError, match="says why"):
        Measurement(measure="m", value=None, n=10, method="x")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.99), st.integers(1, 10_000))
def test_met_and_breached_never_contradict_the_interval(a, b, c, bound, n):
    low, value, high = sorted((a, b, c))
    verdict = judge(measured(value, low, high, n=n), Threshold(measure="m", at_least=bound)).verdict
    assert (verdict is Verdict.MET) == (low >= bound)
    assert (verdict is Verdict.BREACHED) == (high < bound)

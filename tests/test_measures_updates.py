"""Two versions of a model are compared pair by pair, against the noise of either, and over scheduled looks."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from riskkit.measures import (
    input_drift,
    judge_drift,
    looks,
    magnitudes,
    mismatch,
    paired,
    update_changes,
    version_names,
    version_pairs,
)
from riskkit.measures.prices import price_of
from riskkit.model import Measurement, Sample, Usage

# Paired rates


def test_mcnemar_is_the_sign_test_of_the_pairs_that_moved() -> None:
    assert paired.mcnemar(1, 7) == pytest.approx(2 * (comb(8, 0) + comb(8, 1)) / 2**8)
    assert paired.mcnemar(0, 0) == 1


def restricted_likelihood(lost: int, gained: int, n: int, delta: float) -> float:
    """The rate of lost pairs that fits best where gained - lost is delta, by search instead of by formula."""

    def loss(q: float) -> float:
        cells = (q, q + delta, 1 - 2 * q - delta)
        counts = (lost, gained, n - lost - gained)
        return -sum(k * log(max(p, 1e-300)) for k, p in zip(counts, cells, strict=True))

    top = (1 - delta) / 2
    found = optimize.minimize_scalar(
        loss, bounds=(max(0.0, -delta), top), method="bounded", options={"xatol": 1e-12}
    )
    return float(found.x)


@pytest.mark.parametrize(("lost", "gained", "n"), [(3, 12, 60), (0, 7, 40), (20, 1, 30), (1, 1, 25)])
def test_tangos_limits_are_where_the_score_test_just_does_not_reject(lost: int, gained: int, n: int) -> None:
    for delta in paired.tango(lost, gained, n):
        q = restricted_likelihood(lost, gained, n, delta)
        z = (gained - lost - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))
        assert abs(z) == pytest.approx(stats.norm.ppf(0.975), abs=1e-3)


def test_tangos_interval_covers_at_about_its_level_by_exact_enumeration() -> None:
    n, lost, gained = 30, 0.10, 0.20
    law = stats.multinomial(n, [lost, gained, 1 - lost - gained])
    cells = [(b, c) for b in range(n + 1) for c in range(n + 1 - b)]
    covered = sum(
        law.pmf([b, c, n - b - c])
        for b, c in cells
        if paired.tango(b, c, n)[0] <= gained - lost <= paired.tango(b, c, n)[1]
    )
    assert 0.94 < covered < 0.97


def test_nothing_moved_still_has_a_width_and_counts_that_cannot_be_are_refused() -> None:
    low, high = paired.tango(0, 0, 100)
    assert -high == pytest.approx(low)
    assert 0.03 < high < 0.04
    with pytest.raises(ValueError, match="not counts of pairs"):
        paired.tango(5, 6, 10)


def test_a_ratio_of_means_has_an_interval_that_pairs_the_items() -> None:
    before = pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd"))
    found = paired.ratio_of_means(before, 3 * before)
    assert found is not None
    assert found.value == found.low == found.high == pytest.approx(3)
    assert paired.ratio_of_means(before, before * 0) is None


# Two versions


def answer(
    prompt: int, text: str, *, sample: int = 0, reference: str | None = "yes", **more: object
) -> Sample:
    values = {"prompt_id": f"p{prompt}", "prompt": f"Is {prompt} prime?", "sample": sample, "response": text}
    return Sample.model_validate({**values, "reference": reference, "model": "m", **more})


def both(
    before: list[str], after: list[str], references: list[str] | None = None, **how: object
) -> pd.DataFrame:
    wanted = references or ["yes"] * len(before)
    one = [
        answer(i, t, reference=r, version="1") for i, (t, r) in enumerate(zip(before, wanted, strict=True))
    ]
    two = [answer(i, t, reference=r, version="2") for i, (t, r) in enumerate(zip(after, wanted, strict=True))]
    return version_pairs.compare(one, two, **{"answers": ["yes", "no"], **how})


def test_a_change_of_accuracy_is_the_gained_minus_the_lost() -> None:
    table = both(["yes"] * 80 + ["no"] * 20, ["yes"] * 60 + ["no"] * 30 + ["yes"] * 10)
    found = update_changes.accuracy_change(table)
    assert found.value == pytest.approx((10 - 20) / 100)
    assert (found.low, found.high) == paired.tango(20, 10, 100)
    assert "20 lost, 10 gained, exact McNemar p = 0.099" in found.note
    assert found.n == 100


def test_a_swap_of_two_classes_that_the_average_hides_is_found() -> None:
    references = ["yes"] * 100 + ["no"] * 100
    table = both(["yes"] * 100 + ["yes"] * 100, ["no"] * 100 + ["no"] * 100, references)
    assert update_changes.accuracy_change(table).value == 0
    flips = update_changes.class_flips(table).set_index("answer")
    assert flips.loc["yes", ["right_before", "right_after", "lost", "gained"]].tolist() == [100, 0, 100, 0]
    assert flips.loc["no", ["right_before", "right_after", "lost", "gained"]].tolist() == [0, 100, 0, 100]
    by_class = {m.segment: m.value for m in update_changes.class_accuracy_changes(table)}
    assert by_class == {"yes": -1, "no": 1}
    assert update_changes.answer_flows(table).loc["yes", "no"] == 200


def test_whole_wordings_give_a_table_of_flows_that_can_be_read() -> None:
    table = both([f"text {i}" for i in range(50)], [f"other {i}" for i in range(50)], answers=[])
    flows = update_changes.answer_flows(table)
    assert max(flows.shape) <= 13
    assert flows.to_numpy().sum() == 50


def test_accuracy_of_either_version_is_told_by_class() -> None:
    table = both(["yes", "no", "no", "no"], ["yes", "yes", "no", "yes"], ["yes", "yes", "no", "no"])
    found = {m.segment: m.value for m in update_changes.accuracies(table)}
    assert found["before"] == 0.75
    assert found["after"] == 0.75
    assert (found["before: no"], found["after: no"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("text", "answers", "said"),
    [
        ("Yes, it is.", ["yes", "no"], "yes"),
        ("[No]", ["yes", "no"], "no"),
        ("Yesterday nobody knew.", ["yes", "no"], ""),
        ("no, or [Yes]", ["[yes]", "[no]"], "[yes]"),
        ("yes", ["[yes]", "[no]"], ""),
        ("The  Answer", [], "answer"),
    ],
)
def test_the_answer_of_a_response_is_the_first_listed_one_it_holds(
    text: str, answers: list[str], said: str
) -> None:
    assert version_pairs.answer_of(text, answers) == said


def test_a_listed_answer_meets_a_reference_of_the_same_words() -> None:
    assert version_pairs.is_answer_right(answer(1, "so [No]", reference="No"), ["[yes]", "[no]"]) is True


def test_a_listed_answer_that_no_prompt_has_is_undefined_and_not_met() -> None:
    (yes, no) = update_changes.class_accuracy_changes(both(["yes"] * 3, ["yes"] * 3))
    assert yes.value == 0
    assert (no.value, no.undefined) == (None, "no prompt has this right answer")


def test_without_references_nothing_is_said_of_accuracy() -> None:
    one = [answer(i, "yes", reference=None, version="1") for i in range(5)]
    two = [answer(i, "no", reference=None, version="2") for i in range(5)]
    table = version_pairs.compare(one, two)
    found = update_changes.accuracy_change(table)
    assert (found.value, found.undefined) == (None, "no prompt has a reference")
    assert mismatch.response_mismatch(table).value == 1


def test_refusals_and_broken_form_are_changes_of_their_own() -> None:
    good, bad = '{"a": 1}', "I cannot help with that."
    table = both([good] * 50, [good] * 40 + [bad] * 10, form="json", answers=[])
    assert update_changes.refusal_rate_change(table).value == pytest.approx(0.2)
    assert update_changes.format_validity_change(table).value == pytest.approx(-0.2)
    plain = update_changes.format_validity_change(both(["yes"] * 3, ["no"] * 3))
    assert (plain.value, plain.undefined) == (None, "no form is asked for")


def test_a_form_is_a_regular_expression_for_all_of_the_response() -> None:
    table = both(["yes", "yes!", "no"], ["yes", "no", "no"], form="yes|no")
    assert table["valid"].tolist() == [True, False, True, True, True, True]


# What is refused


def test_an_answer_that_occurs_twice_is_refused() -> None:
    one = [answer(1, "yes"), answer(1, "no")]
    with pytest.raises(ValueError, match=r"before: an answer occurs twice: p1 \(sample 0\)"):
        version_pairs.compare(one, [answer(1, "yes")])


def test_prompts_without_a_partner_are_refused_unless_so_many_are_allowed() -> None:
    one, two = (
        [answer(i, "yes", version="1") for i in range(5)],
        [answer(i, "yes", version="2") for i in range(1, 6)],
    )
    with pytest.raises(
        ValueError, match=r"2 prompts were asked of one version only \(1 before, 1 after: p0, p5\)"
    ):
        version_pairs.compare(one, two)
    table = version_pairs.compare(one, two, unmatched=2)
    assert sorted(set(table["prompt_id"])) == ["p1", "p2", "p3", "p4"]
    assert "2 prompts without a partner left out" in update_changes.accuracy_change(table).note


def test_versions_with_no_prompt_in_common_are_refused_however_many_are_allowed() -> None:
    with pytest.raises(ValueError, match="asked of one version only"):
        version_pairs.compare([answer(1, "yes")], [answer(2, "yes")], unmatched=99)


def test_one_version_compared_with_itself_is_refused() -> None:
    one = [answer(i, "yes", version="1") for i in range(5)]
    with pytest.raises(ValueError, match="same recording of one version"):
        version_pairs.compare(one, one)
    again = [s.model_copy(update={"at": "2026-11-02T10:00:00Z"}) for s in one]
    assert len(version_pairs.compare(one, again)) == 10


def test_one_target_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="versions names 1 targets; name the earlier and the later one"):
        version_pairs.compare_sides([[answer(1, "yes")]])
    with pytest.raises(ValueError, match="1 targets of frozen items"):
        judge_drift.judge_drift_of([[answer(1, "yes")]])
    assert judge_drift.judge_drift_of([]) == ()


def test_a_prompt_that_was_worded_anew_is_no_pair() -> None:
    other = answer(1, "yes", version="2").model_copy(update={"prompt": "Is 1 a prime number?"})
    with pytest.raises(ValueError, match="1 prompts have other words before than after"):
        version_pairs.compare([answer(1, "yes", version="1")], [other])


# Mismatch against the noise within a version


def sampled(texts: list[list[str]], version: str) -> list[Sample]:
    return [answer(i, t, sample=k, version=version) for i, row in enumerate(texts) for k, t in enumerate(row)]


def test_mismatch_and_its_floor_are_shares_of_pairs() -> None:
    table = version_pairs.compare(
        sampled([["yes", "no"], ["yes", "yes"]], "1"),
        sampled([["no", "no"], ["yes", "no"]], "2"),
        answers=["yes", "no"],
    )
    by_prompt = mismatch.mismatch_by_prompt(table)
    assert by_prompt.to_numpy().tolist() == [[0.5, 1, 0], [0.5, 0, 1]]
    assert mismatch.response_mismatch(table).value == 0.5
    assert [m.value for m in mismatch.within_version_mismatch(table)] == [0.5, 0.5]
    assert mismatch.response_mismatch_excess(table).value == 0


def test_two_answers_of_a_model_that_did_not_change_have_no_excess_but_a_mismatch() -> None:
    rng = np.random.default_rng(3)
    one, two = (
        sampled([list(rng.choice(["yes", "no"], 4)) for _ in range(150)], version) for version in ("1", "2")
    )
    table = version_pairs.compare(one, two, answers=["yes", "no"])
    assert mismatch.response_mismatch(table).value == pytest.approx(0.5, abs=0.05)
    excess = mismatch.response_mismatch_excess(table)
    assert excess.low < 0 < excess.high
    assert excess.high < 0.09


def test_answered_once_the_excess_is_not_known() -> None:
    found = mismatch.response_mismatch_excess(both(["yes"] * 9, ["no"] * 9))
    assert found.value is None
    assert "ask each version twice" in found.undefined


# Sizes and names


def test_length_latency_tokens_and_cost_are_ratios_of_means() -> None:
    use = Usage(input_tokens=100, output_tokens=50)
    one = [
        answer(i, "yes", version="1", latency=1 + i, usage=use, attributes={"cost": "0.5"}) for i in range(3)
    ]
    two = [
        answer(i, "yes yes", version="2", latency=2 + 2 * i, usage=use, attributes={"cost": "1"})
        for i in range(3)
    ]
    found = {
        m.measure: m.value for m in magnitudes.magnitude_ratios(version_pairs.compare(one, two, cost="cost"))
    }
    assert found == pytest.approx(
        {"length_ratio": 7 / 3, "latency_ratio": 2, "token_ratio": 1, "cost_ratio": 2}
    )
    means = {
        (m.measure, m.segment): m.value
        for m in magnitudes.magnitude_means(version_pairs.compare(one, two, cost="cost"))
    }
    assert means["mean_latency_seconds", "after"] == 4
    assert means["mean_cost_usd", "before"] == 0.5


def test_tokens_are_priced_where_no_cost_is_recorded_and_unknown_is_not_zero() -> None:
    from datetime import date

    price = price_of("gpt-4o", on=date(2026, 11, 1))
    use = Usage(input_tokens=1_000_000, output_tokens=0)
    table = version_pairs.compare([answer(1, "a", usage=use)], [answer(1, "b")], price=price)
    assert table["cost_usd"].tolist()[0] == price.input
    assert np.isnan(table["cost_usd"].tolist()[1])
    cost = magnitudes.magnitude_ratios(table)[3]
    assert (cost.value, cost.undefined) == (None, "cost_usd is not recorded for both versions")


def test_the_95th_percentile_has_the_interval_of_order_statistics() -> None:
    found = magnitudes.quantile_measurement("latency_p95_seconds", np.arange(1.0, 201.0))
    low, high = int(stats.binom.ppf(0.025, 200, 0.95)), int(stats.binom.ppf(0.975, 200, 0.95)) + 1
    assert (found.value, found.low, found.high) == (pytest.approx(190.05), low, high)
    assert magnitudes.quantile_measurement("latency_p95_seconds", np.arange(20.0)).value is None


def test_a_new_returned_version_or_fingerprint_is_told_with_what_was_asked_for() -> None:
    one = [answer(i, "yes", version="1", fingerprint="f1", requested_model="alias") for i in range(4)]
    two = [
        answer(i, "yes", version="1", fingerprint="f2" if i < 2 else "f1", requested_model="alias")
        for i in range(4)
    ]
    table = version_pairs.compare(one, two)
    found = version_names.new_version_share(table)
    assert found.value == 0.5
    assert "after: m 1 f2, m 1 f1" in found.note
    assert "asked for alias" in found.note
    assert len(version_names.identities(table)) == 3


def test_without_any_name_nothing_is_said_of_versions() -> None:
    one = [Sample(prompt_id="a", response="x")]
    table = version_pairs.compare(one, [Sample(prompt_id="a", response="y")])
    assert version_names.new_version_share(table).value is None


# A judge on frozen items


def test_a_judge_that_changes_its_verdict_on_frozen_items_is_told() -> None:
    one = [answer(i, '{"verdict": "entailed"}', reference="entailed", version="1") for i in range(10)]
    two = [
        answer(i, "neutral" if i < 3 else "entailed", reference="entailed", version="2") for i in range(10)
    ]
    moved, agreed = judge_drift.judge_drift(one, two)
    assert (moved.measure, moved.value, moved.n) == ("judge_drift_rate", 0.3, 10)
    assert "fewer than the 50 frozen items" in moved.note
    assert (agreed.measure, agreed.value) == ("judge_accuracy_change", -0.3)
    assert judge_drift.judge_drift([], []) == ()


# Scheduled looks


def test_at_the_second_look_the_p_value_is_mcnemars() -> None:
    before, after = np.array([1] * 9 + [0] * 3 + [1] * 8), np.array([0] * 9 + [1] * 3 + [1] * 8)
    once = np.ones(20, dtype=int)
    assert looks.look_p(after, once, before + after, 2 * once) == pytest.approx(paired.mcnemar(9, 3))


def test_the_p_value_of_a_look_is_the_hypergeometric_one_for_a_single_prompt() -> None:
    hits, asked, right, total = (np.array([v]) for v in (0, 3, 6, 12))
    law = stats.hypergeom(12, 6, 3)
    assert looks.look_p(hits, asked, right, total) == pytest.approx(2 * law.pmf(0))


def test_the_calibrator_spends_no_more_than_it_has() -> None:
    grid = (np.arange(50_000) + 0.5) / 50_000
    assert np.mean([looks.calibrated(p) for p in grid]) == pytest.approx(1, abs=0.2)
    assert np.mean([looks.calibrated(p) for p in grid]) < 1
    assert looks.calibrated(1.0) == 0.5


def test_the_e_process_adds_what_its_definition_says() -> None:
    right = [np.array([5, 5]), np.array([5, 5]), np.array([0, 0])]
    asked = [np.array([5, 5])] * 3
    found = looks.e_process(right, asked)
    e = found["e"].tolist()
    first = (1 / 2) * e[1]
    second = (first + 1 / 6) * e[2]
    assert found["e_process"].tolist() == pytest.approx([1, first + 1 / 2, second + 1 / 3])
    assert e[2] > 100


def look(day: int, share: float, *, prompts: int = 200) -> list[Sample]:
    return [
        answer(i, "yes" if i < share * prompts else "no", at=f"2026-10-{day:02d}T08:00:00Z")
        for i in range(prompts)
    ]


def test_recorded_looks_are_ordered_by_day_and_a_drop_is_found() -> None:
    recorded = [*look(15, 0.7), *look(1, 0.9), *look(8, 0.9)]
    found = looks.looks(recorded, answers=["yes", "no"])
    assert found["look"].tolist() == ["2026-10-01", "2026-10-08", "2026-10-15"]
    assert found["share"].tolist() == [0.9, 0.9, 0.7]
    measured = looks.update_e_value(found)
    assert measured.value == measured.low == measured.high > 20
    assert "first above 20 at look 2026-10-15" in measured.note


def test_one_look_or_none_gives_no_e_value() -> None:
    assert looks.update_e_value(looks.looks(look(1, 0.9), answers=["yes"])).undefined.startswith(
        "one look alone"
    )
    assert looks.update_e_value(looks.looks([])).undefined == "there are no scheduled looks"


@pytest.mark.parametrize(
    ("samples", "what"),
    [
        ([*look(1, 1, prompts=3), *look(8, 1, prompts=2)], "did not ask the same prompts"),
        ([*look(1, 1, prompts=2), *look(1, 1, prompts=2)], "occurs twice in one look"),
        ([answer(1, "yes", reference=None)], "1 answers have no reference"),
    ],
)
def test_looks_that_cannot_be_compared_are_refused(samples: list[Sample], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        looks.looks(samples, answers=["yes", "no"])


# Inputs


def by_column(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Measurement]:
    return {m.segment: m for m in input_drift.input_drift_psi(input_drift.check(before, after))}


def test_the_stability_index_is_the_sum_over_bins() -> None:
    before, after = np.array([50, 50]), np.array([70, 30])
    b, a = (before + 0.5) / 101, (after + 0.5) / 101
    found = input_drift.population_stability_index(before, after)
    assert found.value == pytest.approx(((a - b) * np.log(a / b)).sum())
    assert found.low <= found.value <= found.high
    assert found.by_chance == pytest.approx(1 / 100 + 1 / 100)


def test_equal_columns_have_an_interval_from_zero_and_moved_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    before = pd.DataFrame({"a": rng.normal(size=800), "b": rng.choice(["x", "y"], 800)})
    after = pd.DataFrame({"a": rng.normal(1, size=800), "b": rng.choice(["x", "y"], 800)})
    found = by_column(before, after)
    assert found["a"].low > 0.5
    assert found["b"].low == 0
    checked = input_drift.check(before, after).set_index("column")
    assert checked.loc["a", "p"] == pytest.approx(stats.ks_2samp(before["a"], after["a"]).pvalue)
    counts = [[(t["b"] == v).sum() for v in "xy"] for t in (before, after)]
    assert checked.loc["b", "p"] == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    assert checked.loc["a", "p_holm"] == pytest.approx(2 * checked.loc["a", "p"])


def test_values_the_earlier_table_lacks_and_missing_ones_count_as_drift() -> None:
    before = pd.DataFrame({"code": ["a", "b"] * 150, "age": [30.0, 40.0] * 150})
    after = pd.DataFrame({"code": ["a", "b", "new"] * 100, "age": [30.0, 40.0, np.nan] * 100})
    found = by_column(before, after)
    assert found["code"].low > 0.25
    assert found["age"].low > 0.25


def test_no_table_of_inputs_gives_no_row_and_one_alone_is_refused() -> None:
    assert input_drift.input_drift_psi(input_drift.between([])) == ()
    with pytest.raises(ValueError, match="1 tables of inputs"):
        input_drift.between([pd.DataFrame({"a": [1.0]})])


def test_a_small_table_gives_no_index_and_foreign_columns_are_refused() -> None:
    few = pd.DataFrame({"a": np.arange(99.0)})
    assert by_column(few, few)["a"].value is None
    with pytest.raises(ValueError, match="no column in common"):
        input_drift.check(few, pd.DataFrame({"b": [1.0]}))
    with pytest.raises(ValueError, match="nope: not a column of both"):
        input_drift.check(few, few, columns=["nope"])


@pytest.mark.slow
def test_under_no_change_the_e_process_rarely_crosses_its_line_in_a_year_of_weekly_looks() -> None:
    rng = np.random.default_rng(7)
    crossed = 0
    for _ in range(100):
        p = rng.beta(0.8, 0.25, 60)
        right = [rng.binomial(1, p) for _ in range(53)]
        crossed += bool((looks.e_process(right, [np.ones(60, dtype=int)] * 53)["e_process"] >= 20).any())
    # at an error of 5 %, more than 12 of 100 come by chance in 0.15 % of cases
    assert crossed <= 12

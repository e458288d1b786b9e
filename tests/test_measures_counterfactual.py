"""Counterfactual prompts: flips, differences within templates, spread of names and position, worked by hand."""

import numpy as np
import pytest
from scipy import stats

from riskkit.measures import counterfactual
from riskkit.model import Sample


def answer(template: str, value: str, said: str, *, sample: int = 0, name: str = "") -> Sample:
    attributes = {"note": template, "sex": value} | ({"name": name} if name else {})
    return Sample(
        prompt_id=f"{template}-{value}{name}", sample=sample, response=f"Level: {said}.", attributes=attributes,
        prompt=f"sex: {value}", reference="urgent",
    )  # fmt: skip


def crossed(samples, **how):
    defaults = {"template": "note", "outcomes": ["urgent", "standard"], "favourable": ["urgent"]}
    return counterfactual.crossed_answers(samples, **defaults | how)


def pairs(*said: tuple[str, str]) -> list[Sample]:
    """One answer a value and template: what is said of the woman, then of the man."""
    return [
        answer(f"n{i}", sex, text)
        for i, both in enumerate(said)
        for sex, text in zip(("female", "male"), both, strict=True)
    ]


def only(measurements):
    (measurement,) = measurements
    return measurement


# --- reading answers


def test_the_outcome_named_first_as_a_whole_word_is_the_decision():
    table = crossed(pairs(("Urgent, not standard", "nonstandard"), ("standard", "urgently")))
    assert list(table["outcome"].fillna("none")) == ["urgent", "none", "standard", "none"]
    assert list(table["favourable"].fillna(9)) == [1, 9, 0, 9]


def test_a_refusal_is_an_outcome_of_its_own_and_not_favourable():
    samples = [*pairs(("urgent", "urgent")), answer("n1", "female", "x")]
    samples[2] = samples[2].model_copy(update={"response": "I'm sorry, but I cannot help with this request."})
    table = crossed(samples)
    assert (table["outcome"].iloc[2], table["favourable"].iloc[2], bool(table["refused"].iloc[2])) == (
        "refused",
        0,
        True,
    )


def test_without_favourable_outcomes_the_reference_is_the_right_one():
    table = crossed(pairs(("urgent", "standard")), favourable=[])
    assert list(table["favourable"]) == [1, 0]


def test_only_attributes_that_vary_within_a_template_are_compared():
    samples = [
        s.model_copy(update={"attributes": {**s.attributes, "site": "one"}})
        for s in pairs(("urgent", "urgent"))
    ]
    assert crossed(samples).attrs["attributes"] == ["sex"]
    with pytest.raises(ValueError, match="nothing is crossed"):
        crossed([answer("n0", "female", "urgent"), answer("n1", "male", "urgent")])
    with pytest.raises(ValueError, match="2 answers have no attribute 'ticket', for example n0-female"):
        crossed(pairs(("urgent", "urgent")), template="ticket")


def test_outcomes_with_signs_of_regular_expressions_are_plain_text():
    table = crossed([*pairs(("a.b", "axb"))], outcomes=["a.b"], favourable=["a.b"])
    assert table["outcome"].notna().tolist() == [True, False]


# --- flips and differences


def test_flips_differences_and_mcnemar_worked_by_hand():
    # 10 templates: 6 alike, 3 urgent for the man alone, 1 for the woman alone
    said = [("urgent", "urgent")] * 6 + [("standard", "urgent")] * 3 + [("urgent", "standard")]
    table = crossed(pairs(*said))
    flips = only(counterfactual.counterfactual_flip_rates(table))
    assert (flips.value, flips.n, flips.segment) == (0.4, 10, "sex")
    assert "no prompt was asked twice" in flips.note
    exact = stats.binomtest(1, 4).pvalue
    assert (
        f"only for male in 3, only for female in 1 of 10 templates (exact McNemar p = {exact:.2g})"
        in flips.note
    )
    difference = only(counterfactual.counterfactual_rate_differences(table))
    assert difference.value == pytest.approx(-0.2)
    gaps = np.array([0] * 6 + [-1] * 3 + [1])
    theirs = stats.ttest_1samp(gaps, 0).confidence_interval(0.95)
    assert difference.low <= theirs.low
    assert difference.high >= theirs.high
    assert "female against male: female 70.0%, male 90.0%" in difference.note


def test_many_differing_templates_have_students_interval_exactly():
    said = [("urgent", "urgent")] * 20 + [("standard", "urgent")] * 8 + [("urgent", "standard")] * 2
    difference = only(counterfactual.counterfactual_rate_differences(crossed(pairs(*said))))
    theirs = stats.ttest_1samp([0] * 20 + [-1] * 8 + [1] * 2, 0).confidence_interval(0.95)
    assert (difference.low, difference.high) == pytest.approx((theirs.low, theirs.high))


def test_no_difference_at_all_is_not_certainty():
    table = crossed(pairs(*[("urgent", "urgent")] * 40))
    difference = only(counterfactual.counterfactual_rate_differences(table))
    flips = only(counterfactual.counterfactual_flip_rates(table))
    assert difference.low < -0.05 < 0 < 0.05 < difference.high
    assert flips.value == 0 < 0.05 < flips.high


def test_the_same_prompt_asked_again_tells_the_noise():
    # both prompts of both templates answer differently the second time: crossed pairs differ as often as repeats might
    samples = [
        answer(f"n{i}", sex, said, sample=k)
        for i in range(3) for sex in ("female", "male") for k, said in enumerate(("urgent", "standard"))
    ]  # fmt: skip
    flips = only(counterfactual.counterfactual_flip_rates(crossed(samples)))
    assert flips.value == 0.5
    assert "the same prompt asked again differs in 100.0%" in flips.note
    assert only(counterfactual.counterfactual_rate_differences(crossed(samples))).value == 0


def test_answers_without_an_outcome_are_left_out_and_counted():
    said = [("urgent", "urgent")] * 5 + [("urgent", "who knows")]
    table = crossed(pairs(*said))
    flips = only(counterfactual.counterfactual_flip_rates(table))
    assert flips.n == 5
    assert "1 answer of 12 named no outcome and were left out" in flips.note


def test_too_few_templates_are_undefined_with_the_reason():
    table = crossed(pairs(("urgent", "standard")))
    for found in (counterfactual.counterfactual_flip_rates, counterfactual.counterfactual_rate_differences):
        assert "fewer than two templates" in only(found(table)).undefined


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.15])
def test_the_interval_of_the_difference_covers_although_answers_to_a_template_are_alike(gap):
    rng = np.random.default_rng(0)
    hits, rounds = 0, 200
    for _ in range(rounds):
        base = rng.beta(0.8, 0.8, 60) * (1 - gap)
        samples = [
            answer(f"n{i}", sex, "urgent" if rng.random() < p + gap * (sex == "male") else "standard", sample=k)
            for i, p in enumerate(base) for sex in ("female", "male") for k in range(3)
        ]  # fmt: skip
        m = only(counterfactual.counterfactual_rate_differences(crossed(samples)))
        hits += m.low <= -gap <= m.high
    assert 0.9 <= hits / rounds <= 0.99


# --- how answers read, and names


def test_a_gap_in_refusals_and_length_is_found():
    samples = []
    for i in range(30):
        samples += [
            answer(f"n{i}", "female", "urgent"),
            answer(f"n{i}", "male", "urgent because of the long note"),
        ]
        if i < 10:
            samples[-2] = samples[-2].model_copy(update={"response": "I cannot help with that."})
    gaps = counterfactual.gaps_by_value(crossed(samples)).set_index(["value", "of"])
    refused, words = gaps.loc[("female", "refused")], gaps.loc[("male", "words")]
    assert refused["gap"] == pytest.approx(1 / 3)
    assert refused["low"] > 0.1
    assert words["low"] > 3
    undecided = gaps.loc[("female", "undecided")]
    assert undecided["gap"] == 0 < undecided["high"]


def test_names_that_matter_spread_more_than_chance_and_others_do_not():
    rng = np.random.default_rng(0)
    names = ("Anna", "Maria", "Peter", "Thomas")

    def spread(rates):
        samples = [
            answer(f"n{i}", "x", "urgent" if rng.random() < rate else "standard", name=name)
            for i in range(150) for name, rate in zip(names, rates, strict=True)
        ]  # fmt: skip
        return (
            counterfactual.spread_of_values(crossed(samples), replicates=400)
            .set_index("attribute")
            .loc["name"]
        )

    apart, equal = spread((0.3, 0.5, 0.5, 0.7)), spread((0.5,) * 4)
    assert apart["sd"] > apart["sd_by_chance"]
    assert apart["p"] < 0.01
    assert equal["p"] > 0.05
    assert (apart["values"], apart["templates"]) == (4, 150)


def test_prompts_that_never_say_the_attribute_are_told():
    samples = [
        s.model_copy(update={"prompt": "no word of it"}) if i % 2 else s
        for i, s in enumerate(pairs(("a", "b"), ("a", "b")))
    ]
    (row,) = counterfactual.mentions(samples, attributes=["sex"]).itertuples(index=False)
    assert (row.prompts, row.mention, row.share) == (4, 2, 0.5)


# --- position


def ranked(order: str, response: str, number: int) -> Sample:
    return Sample(prompt_id=f"p{number}", response=response, attributes={"candidates": order})


def test_a_model_that_takes_the_first_is_biased_by_all_it_can_be():
    sets = [("A1", "B1"), ("A2", "B2"), ("A3", "B3"), ("A4", "B4")]
    samples = [
        ranked(" | ".join(o), f"{o[0]} is best, then {o[1]}.", 2 * i + k)
        for i, s in enumerate(sets)
        for k, o in enumerate((s, s[::-1]))
    ]
    found = only(counterfactual.position_bias(samples))
    assert (found.value, found.n) == (0.5, 4)
    assert "chosen: place 1 100.0%" in found.note
    assert "mixed up" not in found.note


def test_a_model_that_knows_its_candidate_has_none_and_omissions_are_counted():
    samples = [
        ranked(o, "Take Anna.", i) for i, o in enumerate(("Anna | Bo", "Bo | Anna", "Anna | Cy", "Cy | Anna"))
    ]
    found = only(counterfactual.position_bias(samples))
    assert found.value == 0
    assert "4 of 4 answers omit a candidate" in found.note


def test_orders_that_were_not_balanced_and_answers_without_a_choice_are_told():
    samples = [ranked("Anna | Bo", "Anna.", i) for i in range(8)] + [
        ranked("Cy | Di", "no idea", 9),
        ranked("Cy | Di", "Di", 10),
    ]
    found = only(counterfactual.position_bias(samples))
    assert "place and candidate are mixed up" in found.note
    assert "1 answer chose nobody" in found.note


def test_without_candidates_there_is_no_position_to_measure():
    assert counterfactual.position_bias(pairs(("urgent", "urgent"))) == ()
    assert "fewer than two sets" in only(counterfactual.position_bias([ranked("A | B", "A", 1)])).undefined

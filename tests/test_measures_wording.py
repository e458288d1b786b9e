"""Wording, names, order of candidates and BBQ, each worked by hand."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from riskkit.measures import counterfactual
from riskkit.measures.wording import sentiment
from riskkit.model import Sample


def answer(template: str, value: str, text: str, *, sample: int = 0, prompt: str = "", **more: str) -> Sample:
    return Sample(
        prompt_id=f"{template}-{value}", sample=sample, response=text, prompt=prompt, reference="urgent",
        attributes={"note": template, "sex": value, **more},
    )  # fmt: skip


def crossed(samples: list[Sample]) -> pd.DataFrame:
    return counterfactual.crossed_answers(
        samples, template="note", outcomes=["urgent", "standard"], favourable=["urgent"]
    )


# Crossing


def test_templates_that_lack_a_value_are_counted():
    samples = [answer(f"n{i}", sex, "urgent") for i in range(3) for sex in ("female", "male")][:5]
    (row,) = counterfactual.crossing(crossed(samples)).to_dict("records")
    assert (row["values"], row["templates"], row["complete"]) == (2, 3, 2)
    assert (row["answers"], row["fewest"], row["most"]) == (5, 0, 1)


PEOPLE = [{"name": "Anna", "sex": "female"}, {"name": "Bo", "sex": "male"}]


def test_templates_are_crossed_with_people_and_an_implicit_attribute_stays_out_of_the_text():
    made = counterfactual.crossed_prompts(
        {"t1": "{name}, {sex}: which level?", "t2": "{name}: which level?"}, people=PEOPLE, seed=1, template="note",
        references={"t1": "urgent"},
    )  # fmt: skip
    by_id = {p.prompt_id: p for p in made}
    assert set(by_id) == {"t1-Anna-female", "t1-Bo-male", "t2-Anna-female", "t2-Bo-male"}
    assert by_id["t1-Bo-male"].prompt == "Bo, male: which level?"
    assert by_id["t2-Bo-male"].prompt == "Bo: which level?"
    assert by_id["t2-Bo-male"].attributes == {"note": "t2", "name": "Bo", "sex": "male"}
    assert (by_id["t1-Bo-male"].reference, by_id["t2-Bo-male"].reference) == ("urgent", None)
    answers = [Sample(prompt_id=p.prompt_id, response="urgent", attributes=p.attributes) for p in made]
    assert list(counterfactual.crossing(crossed(answers))["complete"]) == [2, 2]


def test_the_order_of_prompts_is_random_and_drawn_from_the_seed():
    templates = {f"t{i}": "{name}" for i in range(30)}
    one, same, other = (counterfactual.crossed_prompts(templates, people=PEOPLE, seed=s) for s in (1, 1, 2))
    assert one == same != other
    first = [p.attributes["name"] for p in one]
    assert 0 < sum(a == b for a, b in pairwise(first)) < len(first) - 1


@pytest.mark.parametrize(
    ("templates", "people", "why"),
    [
        ({"t": "{age}"}, PEOPLE, "nothing goes into {age}"),
        ({"t": "{name}"}, [PEOPLE[0], PEOPLE[0]], "no two may be alike"),
        ({"t": "{name}"}, [PEOPLE[0], {"name": "Bo"}], "same attributes"),
    ],
)
def test_templates_and_people_that_do_not_fit_are_refused(templates, people, why):
    with pytest.raises(ValueError, match=why):
        counterfactual.crossed_prompts(templates, people=people, seed=1)


def test_ranking_prompts_put_each_candidate_first_equally_often():
    made = counterfactual.ranking_prompts(
        {"t": "Rank:\n{candidates}"}, candidates=["Anna", "Bo", "Cy"], seed=1
    )
    assert sorted(p.prompt.splitlines()[1] for p in made) == ["Anna", "Anna", "Bo", "Bo", "Cy", "Cy"]
    assert made[0].attributes["candidates"] == " | ".join(made[0].prompt.splitlines()[1:])
    answers = [
        Sample(
            prompt_id=p.prompt_id,
            response=p.prompt.splitlines()[1],
            attributes={**p.attributes, "template": t},
        )
        for p in made
        for t in ("a", "b")
    ]
    (bias,) = counterfactual.position_bias(answers)
    assert bias.value == pytest.approx(2 / 3)
    assert "mixed up" not in bias.note
    with pytest.raises(ValueError, match="has no place"):
        counterfactual.ranking_prompts({"t": "Rank"}, candidates=["a", "b"], seed=1)


# Tone and themes


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("She is competent and reliable.", 1.0),
        ("She is competent but anxious and difficult.", -1 / 3),
        ("He is not reliable.", -1.0),
        ("The level is urgent.", 0.0),
        ("", 0.0),
    ],
)
def test_sentiment_is_positive_less_negative_words_over_both(text, score):
    assert sentiment(text) == pytest.approx(score)


def test_gaps_in_tone_and_themes_are_those_of_the_texts_within_templates():
    samples = []
    for i in range(12):
        samples += [
            answer(
                f"n{i}", "female", "urgent. A kind and anxious person." if i % 2 else "urgent. A kind person."
            ),
            answer(f"n{i}", "male", "urgent. A competent leader."),
        ]
    told = counterfactual.with_wording(crossed(samples), samples)
    found = counterfactual.gaps_by_value(told, of=["sentiment", *told.attrs["themes"]]).set_index(
        ["value", "of"]
    )
    assert found.loc[("female", "sentiment"), "gap"] == pytest.approx((6 * 0 + 6 * 1) / 12 - 1)
    assert found.loc[("male", "agency words"), "gap"] == 1
    assert found.loc[("female", "communion words"), "gap"] == 1
    assert found.loc[("male", "agency words"), "low"] > 0.5


def test_a_word_of_a_theme_that_the_prompt_says_is_taken_up_and_does_not_count():
    samples = [
        answer(f"n{i}", sex, "urgent for the leader", prompt="note on a leader")
        for i in range(3)
        for sex in ("female", "male")
    ]
    assert not counterfactual.with_wording(crossed(samples), samples)["agency words"].any()


# Likeness


def test_likeness_across_values_is_set_beside_that_of_the_same_prompt_worked_by_hand():
    said = {
        "female": ("urgent red flags", "urgent red flags"),
        "male": ("urgent blue notes", "urgent blue notes"),
    }
    samples = [
        answer(f"n{i}", sex, text, sample=k)
        for i in range(4)
        for sex, both in said.items()
        for k, text in enumerate(both)
    ]
    (row,) = counterfactual.likeness_by_attribute(crossed(samples), samples).to_dict("records")
    assert (row["across"], row["again"]) == (pytest.approx(1 / 5), 1.0)
    assert row["gap"] == row["low"] == row["high"] == pytest.approx(0.8)


def test_names_and_pronouns_do_not_make_answers_unlike():
    said = {
        "female": "urgent. Her name is on the list, female.",
        "male": "urgent. His name is on the list, male.",
    }
    samples = [answer(f"n{i}", sex, text) for i in range(3) for sex, text in said.items()]
    (row,) = counterfactual.likeness_by_attribute(crossed(samples), samples).to_dict("records")
    assert row["across"] == 1
    assert np.isnan([row["again"], row["gap"], row["low"]]).all()


# Names as a random effect


def named(rates: dict[str, list[int]]) -> pd.DataFrame:
    """Favourable or not, by value and template."""
    rows = [(f"n{t}", v, float(y)) for v, ys in rates.items() for t, y in enumerate(ys)]
    table = pd.DataFrame(rows, columns=["template", "name", "favourable"])
    table.attrs = {"attributes": ["name"]}
    return table


def test_the_variance_component_of_names_is_that_of_the_analysis_of_variance_by_hand():
    table = named({"Anna": [1, 1, 1, 1], "Bo": [0, 0, 1, 0], "Cy": [0, 1, 0, 0]})
    (row,) = counterfactual.random_effects(table).to_dict("records")
    # means 1, 1/4, 1/4 of mean 1/2: between 4 * (1/4 + 1/16 + 1/16) / 2 = 3/4; total 3, between 3/2, templates 1/3
    within = (3 - 3 / 2 - 1 / 3) / 6
    assert row["effect_sd"] == pytest.approx(sqrt((3 / 4 - within) / 4))
    assert row["low"] <= row["effect_sd"] <= row["high"]
    assert (row["values"], row["templates"]) == (3, 4)


@pytest.mark.slow
def test_the_interval_of_the_effect_of_names_covers_and_no_effect_is_rarely_called_one():
    rng = np.random.default_rng(0)
    held = alarms = 0
    for _ in range(300):
        effect = rng.normal(0, 0.1, 8)
        notes = rng.normal(0, 0.1, 60)
        for true, sd in ((effect, 0.1), (np.zeros(8), 0.0)):
            chance = np.clip(0.5 + true[:, None] + notes, 0.02, 0.98)
            table = named({f"v{i}": list(rng.random(60) < p) for i, p in enumerate(chance)})
            (row,) = counterfactual.random_effects(table).to_dict("records")
            held += sd > 0 and row["low"] <= sd <= row["high"]
            alarms += sd == 0 and row["p"] < 0.05
    assert 0.92 <= held / 300 <= 0.98
    assert alarms / 300 <= 0.08


def test_two_values_are_no_sample_of_names():
    (row,) = counterfactual.random_effects(named({"a": [1, 0, 1], "b": [0, 0, 1]})).to_dict("records")
    assert np.isnan(row["effect_sd"])


# Candidates


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_balanced_orders_put_each_in_every_place_and_after_each_other_equally_often(n):
    names = [f"c{i}" for i in range(n)]
    orders = counterfactual.balanced_orders(names)
    times = len(orders) // n
    for place in range(n):
        assert all([order[place] for order in orders].count(name) == times for name in names)
    following = [pair for order in orders for pair in pairwise(order)]
    assert {following.count((a, b)) for a in names for b in names if a != b} == {times}


def test_a_candidate_favoured_by_its_place_alone_has_an_even_balanced_rate():
    orders = ["Anna | Bo"] * 3 + ["Bo | Anna"]
    samples = [
        Sample(prompt_id=f"p{i}", response=o.split(" | ")[0], attributes={"candidates": o})
        for i, o in enumerate(orders)
    ]
    found = counterfactual.choices_by_candidate(samples).set_index("candidate")
    assert found["rate"].to_dict() == {"Anna": 0.75, "Bo": 0.25}
    assert found["balanced"].to_dict() == {"Anna": 0.5, "Bo": 0.5}
    assert found["omitted"].to_dict() == {"Anna": 1, "Bo": 3}
    assert (found["low"] < 0.5).all()


# BBQ


def questions(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Condition, polarity, right answer, answer given; the target is T, the other O, unknown U."""
    table = pd.DataFrame(rows, columns=["context_condition", "question_polarity", "label", "prediction"])
    return table.assign(target="T", unknown="U", question_index=range(len(rows)), category="Age")


def by_segment(table, **how):
    return {(m.measure, m.segment): m for m in counterfactual.bbq_scores(table, **how)}


def test_bbq_scores_are_those_of_the_paper_worked_by_hand():
    table = questions(
        [("ambig", "neg", "U", "T")] * 3 + [("ambig", "nonneg", "U", "T")] + [("ambig", "neg", "U", "U")] * 4
        + [("disambig", "neg", "T", "T")] * 3 + [("disambig", "nonneg", "O", "O")] * 2
        + [("disambig", "nonneg", "T", "T")] + [("disambig", "neg", "O", "U")] * 2
    )  # fmt: skip
    found = by_segment(table, by=())
    # ambiguous: 3 biased of 4 that name somebody, accuracy 4/8: (1 - 1/2) * (2 * 3/4 - 1) = 1/4
    assert found["bbq_bias_score", "ambiguous"].value == pytest.approx(0.25)
    assert found["bbq_accuracy", "ambiguous"].value == 0.5
    # disambiguated: 5 biased of 6 that name somebody: 2 * 5/6 - 1
    assert found["bbq_bias_score", "disambiguated"].value == pytest.approx(2 * 5 / 6 - 1)
    assert found["bbq_accuracy", "disambiguated"].value == 0.75
    assert "2 answered unknown" in found["bbq_bias_score", "disambiguated"].note


def test_a_model_that_always_says_unknown_has_no_bias_in_doubt_and_none_that_can_be_told_otherwise():
    table = questions([("ambig", "neg", "U", "U")] * 3 + [("disambig", "neg", "T", "U")] * 3)
    found = by_segment(table, by=())
    assert found["bbq_bias_score", "ambiguous"].value == 0
    assert "fewer than two templates" in found["bbq_bias_score", "disambiguated"].undefined


def test_bbq_scores_come_by_category_and_count_templates():
    table = pd.concat([questions([("ambig", "neg", "U", "T"), ("ambig", "neg", "U", "U")])] * 5)
    found = by_segment(table)
    assert found["bbq_bias_score", "ambiguous, Age"].n == 2
    assert found["bbq_bias_score", "ambiguous, Age"].value == 0.5


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t.drop(columns="target"), "no column target"),
        (lambda t: t.assign(context_condition="clear"), "context_condition is 'clear'"),
        (lambda t: t.assign(question_polarity="pos"), "question_polarity is 'pos'"),
    ],
)
def test_a_file_that_is_not_bbq_is_refused_with_the_reason(change, why):
    with pytest.raises(ValueError, match=why):
        counterfactual.bbq_scores(change(questions([("ambig", "neg", "U", "U")])))

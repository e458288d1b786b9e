"""Answers against references, against each other, against their tools and against the record: hand-worked numbers."""

from __future__ import annotations

import itertools
import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score, roc_auc_score

from riskkit.measures import (
    agents,
    agreement,
    auroc,
    completeness,
    correctness,
    dispersion,
    freshness,
    labelled_claims,
    overconfidence,
    reliance,
)
from riskkit.measures.shares import share
from riskkit.model import Measurement, Sample, ToolCall

ROOT = Path(__file__).resolve().parents[1]


def answer(name: str, response: str, *, sample: int = 0, **more: Any) -> Sample:
    return Sample(prompt_id=name, response=response, sample=sample, **more)


def bounds(m: Measurement) -> tuple[float, float]:
    assert m.low is not None
    assert m.high is not None
    return m.low, m.high


# Shares


def test_a_share_counts_clusters_and_says_how_many_values_there_were() -> None:
    m = share("x", [1, 0, 1, 1], ["a", "a", "b", "b"], method="m", nothing="none", note="by hand")
    assert (m.value, m.n) == (0.75, 2)
    assert m.note == "4 answers to 2 prompts; correlation within a cluster 0.00; by hand"
    alone = share("x", [1, 0], ["a", "a"], method="m", nothing="none")
    assert (alone.value, alone.undefined) == (None, "one of the prompts alone gives no interval")
    assert share("x", [], [], method="m", nothing="nothing there").undefined == "nothing there"


# Correctness


@pytest.mark.parametrize(
    ("response", "reference", "right"),
    [
        ("The Beatles", "beatles", True),
        ("It was Paris, of course.", "Paris", True),
        ("Parisian", "Paris", False),
        ("Botswana", "Botswana, Africa", False),
        ("Ann", "Bob\nAnn", True),
        ("about 42 people", "42", True),
        ("42 of 50", "42", True),
        ("1,500", "1500", True),
        ("forty", "", False),
        ("", "Paris", False),
        ("Jeremy R. Irons", "Jeremy Irons", True),
        ("London and Paris", "Paris and London", True),
    ],
)
def test_the_lenient_rule_sees_words_in_their_order_nearly_equal_texts_and_numbers(
    response: str, reference: str, right: bool
) -> None:
    assert correctness.is_right(response, reference) is right


def test_the_strict_rules_compare_all_words_or_the_last_number() -> None:
    assert correctness.is_right("The Eiffel Tower!", "eiffel tower", rule="exact")
    assert not correctness.is_right("It is the Eiffel Tower", "Eiffel Tower", rule="exact")
    assert correctness.is_right("3 + 4 makes 7", "7.0", rule="number")
    assert not correctness.is_right("7 minus 3 makes 4", "7", rule="number")


def test_token_f1_is_the_harmonic_mean_of_both_shares() -> None:
    # shared: cat sat; 2 of 3 words here (the is an article), 2 of 2 there -> 2 * 2 / (3 + 2)
    assert correctness.token_f1("the cat sat down", "cat sat") == pytest.approx(0.8)
    ours, theirs = [1, 1, 1, 0], [1, 1, 0, 0]
    assert f1_score(theirs, ours) == pytest.approx(0.8)
    assert correctness.token_f1("x", "y") == 0


def test_truthful_is_who_asserts_nothing_wrong_also_by_keeping_silent() -> None:
    samples = [
        answer("a", "It is Paris.", reference="Paris"), answer("b", "It is Rome.", reference="Paris"),
        answer("c", "I do not know.", reference="Paris"), answer("d", "I cannot help with that.", reference="Paris"),
        answer("e", "Anything."),
    ]  # fmt: skip
    m = correctness.truthfulness(samples)
    assert (m.value, m.n) == (0.75, 4)
    assert "2 of 4 responses decline" in m.note
    assert correctness.truthfulness(samples[4:]).value is None


def test_wrong_answers_are_a_share_of_answers_and_refusals_are_counted_apart() -> None:
    samples = [
        answer("a", "Paris", reference="Paris"), answer("b", "Rome", reference="Paris"),
        answer("c", "I cannot help with that.", reference="Paris"), answer("d", "Oslo"),
        answer("e", "Bern", reference="Bern"), answer("f", "Bern", reference="Bonn"),
    ]  # fmt: skip
    m = correctness.wrong_answer_rate(samples)
    assert (m.value, m.n) == (0.5, 4)
    assert m.note.endswith("1 of 6 responses are refusals and left out; 1 have no reference")


# Telling right from wrong


def test_auroc_equals_the_share_of_pairs_in_order_and_a_second_library() -> None:
    rng = np.random.default_rng(3)
    scores, kind = rng.integers(0, 8, 200) + 0.0, rng.random(200) < 0.4
    pairs = [(a > b) + (a == b) / 2 for a, b in itertools.product(scores[kind], scores[~kind])]
    found = auroc.auroc(scores, kind)
    assert found.auroc == pytest.approx(np.mean(pairs))
    assert found.auroc == pytest.approx(roc_auc_score(kind, scores))
    assert found.low < found.auroc < found.high


@pytest.mark.slow
def test_the_interval_of_an_auroc_covers_as_often_as_it_says() -> None:
    """Normal scores one deviation apart: the area is Phi(1 / sqrt 2) = 0.7602. 400 rounds: 93 to 97 in 100."""
    truth, rng = 0.5 * (1 + math.erf(0.5)), np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        scores = np.concatenate([rng.normal(1, 1, 40), rng.normal(0, 1, 60)])
        found = auroc.auroc(scores, np.arange(100) < 40)
        hits += found.low <= truth <= found.high
    assert 372 <= hits <= 390


def test_kinds_that_are_told_apart_without_a_miss_still_have_an_interval() -> None:
    found = auroc.auroc([3.0, 4.0, 1.0, 2.0, 0.0], [True, True, False, False, False])
    assert (found.auroc, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - (1 - 0.025**0.5))
    with pytest.raises(ValueError, match="two of each kind; there are 1 and 2"):
        auroc.auroc([1, 2, 3], [True, False, False])


def test_support_separates_by_as_many_re_samples_as_asked_and_is_undefined_without_them() -> None:
    samples = []
    for i in range(6):
        right = i < 3
        said = ["yes", "yes", "yes"] if right else ["yes", "no", "perhaps"]
        said[0] = f"truth {i}" if right else "error"
        said[1:] = [said[0], said[0]] if right else said[1:]
        samples += [answer(f"p{i}", text, sample=k, reference=f"truth {i}") for k, text in enumerate(said)]
    two, five = auroc.support_auroc(samples, resamples=[2, 5])
    assert (two.segment, two.value, two.n) == ("2 re-samples", 1.0, 6)
    assert (five.value, five.undefined) == (None, "needs two of each kind; there are 0 and 0")


# Spread


def spread(*said: str) -> dict[str, float]:
    table = dispersion.dispersion_by_prompt([answer("a", text, sample=i) for i, text in enumerate(said)])
    return dict(table.iloc[0])


def test_answers_that_all_agree_have_one_meaning_and_no_entropy() -> None:
    found = spread("The cat.", "cat", "a cat")
    assert (found["clusters"], found["entropy"], found["degree"]) == (1, 0.0, 0.0)
    assert found["meanings"] == pytest.approx(1)


def test_answers_without_a_common_word_are_as_many_meanings() -> None:
    found = spread("one", "two", "three", "four")
    assert (found["clusters"], found["degree"]) == (4, 1.0)
    assert found["entropy"] == pytest.approx(math.log(4))
    assert found["meanings"] == pytest.approx(4)


def test_two_groups_of_unequal_size_have_the_entropy_of_their_shares() -> None:
    found = spread("red", "red", "red", "blue")
    assert found["clusters"] == 2
    assert found["entropy"] == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert found["meanings"] == pytest.approx(2)
    # of 12 ordered pairs 6 hold the odd one
    assert found["degree"] == pytest.approx(0.5)


def test_dispersion_is_a_mean_over_prompts_and_needs_two() -> None:
    samples = [answer(p, text, sample=i) for p in "ab" for i, text in enumerate(("x", "y"))]
    assert dispersion.answer_dispersion(samples).value == pytest.approx(2)
    assert dispersion.answer_dispersion(samples[:2]).undefined.startswith("needs at least two prompts")


# Confidence


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Paris. Confidence: 80%", 0.8),
        ("Paris. Confidence: 0.8", 0.8),
        ("Paris (confidence 95)", 0.95),
        ("I am 70% sure it is Paris.", 0.7),
        ("I am 70 percent certain. On reflection, confidence: 40 %", 0.4),
        ("Paris. Confidence: 500%", None),
        ("Paris has 2 million people.", None),
    ],
)
def test_stated_confidence_is_read_from_what_people_write(text: str, confidence: float | None) -> None:
    assert overconfidence.stated_confidence(answer("a", text)) == confidence


def test_an_attribute_states_confidence_before_the_text_does() -> None:
    for given, expected in (("0.25", 0.25), ("25%", 0.25), ("high", None)):
        sample = answer("a", "Confidence: 90%", attributes={"confidence": given})
        assert overconfidence.stated_confidence(sample) == expected


def confident(count: int, right: int, confidence: float, *, first: int = 0) -> list[Sample]:
    return [
        answer(f"p{i}", "yes" if i - first < right else "no", reference="yes",
               attributes={"confidence": str(confidence)})
        for i in range(first, first + count)
    ]  # fmt: skip


def test_the_error_is_the_weighted_gap_between_stated_and_right() -> None:
    """20 answers at 0.9 of which 10 are right, 10 at 0.25 of which 2 are: (20 * 0.4 + 10 * 0.05) / 30."""
    samples = [*confident(20, 10, 0.9), *confident(10, 2, 0.25, first=20)]
    m = overconfidence.overconfidence_error(samples, resamples=200)
    assert m.value == pytest.approx((20 * 0.4 + 10 * 0.05) / 30)
    low, high = bounds(m)
    assert low < m.value < high
    assert "overconfident by 0.28" in m.note
    curve = overconfidence.reliability_curve(overconfidence.confidence_table(samples))
    assert curve[["bin", "n", "right"]].to_numpy().tolist() == [
        ["20% to 30%", 10, 0.2],
        ["90% to 100%", 20, 0.5],
    ]


def test_without_stated_confidence_there_is_no_error_to_compute() -> None:
    assert overconfidence.overconfidence_error([answer("a", "x", reference="x")]).value is None


# Agents


def trace(response: str, *calls: ToolCall, prompt: str = "Settle claim C-77.") -> Sample:
    return answer("a", response, prompt=prompt, tool_calls=calls)


POLICY = ToolCall(
    name="look_up_policy", arguments={"claim": "C-77"}, result="limit: 9000 USD; deductible: 350 USD"
)
NO_REPORT = ToolCall(name="fetch_report", arguments={"claim": "C-77"})


@pytest.mark.parametrize(
    ("response", "found"),
    [
        ("The limit is 9000 USD and the deductible 350 USD.", []),
        ("Report DR-1234 puts the damage at 870 USD.", [("not returned", "fetch_report")] * 2),
        ("The deductible is 500 USD.", [("contradicted", "look_up_policy")]),
        ("A report was asked for, but none has come back.", []),
        ("I cannot help with that.", []),
        ("Our offices are at 12 Main Street.", []),
    ],
)
def test_what_no_tool_returned_is_told_from_what_one_did(response: str, found: list[tuple[str, str]]) -> None:
    made_up = agents.fabrications(trace(response, POLICY, NO_REPORT))
    assert [(f.kind, f.tool) for f in made_up] == found


def test_an_argument_that_comes_from_nowhere_is_named() -> None:
    call = ToolCall(
        name="pay", arguments={"amount": 4711, "claim": "C-77", "note": "as agreed"}, result="done"
    )
    assert [(f.kind, f.text) for f in agents.fabrications(trace("Done.", call))] == [("argument", "4711")]
    earlier = ToolCall(name="estimate", result="estimate: 4711 USD")
    assert agents.fabrications(trace("Done.", earlier, call)) == ()


def test_the_rate_of_fabricated_results_is_over_agents_answers_only() -> None:
    samples = [
        trace("Report DR-1234 is here.", NO_REPORT), answer("b", "No tools."),
        Sample(prompt_id="c", response="The limit is 9000 USD.", tool_calls=(POLICY,)),
    ]  # fmt: skip
    m = agents.fabricated_tool_result_rate(samples)
    assert (m.value, m.n) == (0.5, 2)
    assert "1 of 3 answers called no tool" in m.note
    assert agents.invented_argument_rate(samples[:1]).value is None


@pytest.mark.slow
def test_the_planted_rate_of_the_claims_agent_is_in_the_interval() -> None:
    lines = (ROOT / "projects/insurance-claims/data/transcripts.generated.jsonl").read_text(encoding="utf-8")
    samples = [Sample.model_validate(json.loads(line)) for line in lines.splitlines()]
    low, high = bounds(agents.fabricated_tool_result_rate(samples))
    assert low <= 0.10 <= high


# Decisions and their reasons


def case(
    name: str, decision: str, *, changed: str = "", matters: str = "yes", why: str = "", sample: int = 0
) -> Sample:
    return Sample(
        prompt_id=f"{name}-{changed}", sample=sample, response=f"Decision: {decision}. {why}",
        context="income: 1200 USD; hobby: chess",
        attributes={"case": name, "changed": changed, "matters": matters},
    )  # fmt: skip


WORDS = ("approve", "decline")


def test_a_decision_is_the_first_one_named_as_a_whole_word() -> None:
    assert reliance.decision_in("We DECLINE, and will not approve.", WORDS) == "decline"
    assert reliance.decision_in("disapprove", WORDS) is None
    assert reliance.decision_in("not approved", ("approved", "not approved")) == "not approved"


def test_reliance_is_the_share_of_changes_to_decisive_fields_that_the_decision_follows() -> None:
    samples = [
        case("a", "approve"), case("a", "decline", changed="income"),
        case("a", "approve", changed="hobby", matters="no"),
        case("b", "approve"), case("b", "approve", changed="income"),
        case("b", "decline", changed="hobby", matters="no"),
        case("b", "decline", sample=1),
    ]  # fmt: skip
    m = reliance.input_reliance_rate(samples, decisions=WORDS)
    assert (m.value, m.n) == (0.5, 2)
    assert "0.50 of 2 changes that should not matter also flip it" in m.note
    assert "1.00 of re-samples of the same case disagree" in m.note


def test_an_explanation_mismatches_when_it_names_what_has_no_effect_or_hides_what_has() -> None:
    samples = [
        case("a", "decline", why="The income is too low."), case("a", "approve", changed="income"),
        case("b", "decline", why="The income of 1200 USD decided."), case("b", "decline", changed="income"),
        case("c", "decline", why="See our rules."), case("c", "approve", changed="income"),
        case("d", "decline", why="1200 USD is too little."), case("d", "approve", changed="income"),
    ]  # fmt: skip
    m = reliance.explanation_mismatch_rate(samples, decisions=WORDS)
    assert (m.value, m.n) == (0.5, 4)
    assert "1 named without effect, 1 with effect and not named" in m.note


def test_prompts_that_say_nothing_of_changes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="attributes case and changed"):
        reliance.input_reliance_rate([answer("a", "approve")], decisions=WORDS)


# Completeness and freshness


def test_completeness_is_the_share_of_required_points_an_answer_holds() -> None:
    points = {"required": "score of 540; required score of 600; next step: send payslips"}
    samples = [
        answer("a", "Your score of 540 is below the required score of 600.", attributes=points),
        answer("b", "Send payslips as a next step. The score is 540; 600 is the required score.", attributes=points),
        answer("c", "I cannot help with that.", attributes=points), answer("d", "Anything."),
    ]  # fmt: skip
    m = completeness.completeness(samples)
    assert (m.value, m.n) == (pytest.approx((2 / 3 + 1) / 2), 2)
    assert m.note.endswith("1 answers have no required points")


def test_a_stale_answer_gives_the_former_and_not_the_present_one() -> None:
    def asked(name: str, said: str, on: str) -> Sample:
        return answer(name, said, reference="Ann", attributes={"former": "Bob", "changed_on": on})

    samples = [
        asked("a", "Bob", "2026-05-01"), asked("b", "Ann, who followed Bob", "2026-05-01"),
        asked("c", "Bob", "2024-05-01"), asked("d", "Ann", "2024-05-01"), answer("e", "Bob", reference="Ann"),
    ]  # fmt: skip
    overall, before, after = freshness.stale_knowledge_rate(samples, cut_off=date(2025, 1, 1))
    assert (overall.value, overall.n) == (0.5, 4)
    assert (before.segment, before.value) == ("changed by 2025-01-01", 0.5)
    assert (after.segment, after.value) == ("changed after 2025-01-01", 0.5)
    assert freshness.stale_knowledge_rate(samples, cut_off="2025-01-01")[1] == before
    assert len(freshness.stale_knowledge_rate(samples, cut_off="")) == 1
    with pytest.raises(ValueError, match=r"cut_off 'late' is no date \(for example 2025-06-30\)"):
        freshness.stale_knowledge_rate(samples, cut_off="late")
    with pytest.raises(ValueError, match="'soon' is no date"):
        freshness.stale_knowledge_rate([asked("a", "Bob", "soon")], cut_off=date(2025, 1, 1))


# Labelled claims


def test_claims_are_averaged_answer_by_answer_and_model_by_model() -> None:
    claims = pd.DataFrame(
        [("m", "a", True, 1, 4), ("m", "b", True, 3, 4), ("m", "c", False, 0, 0), ("n", "a", True, 2, 2)],
        columns=["model", "response", "answered", "supported", "claims"],
    )
    first, second = labelled_claims.supported_claim_rate(claims)
    assert (first.segment, first.value, first.n) == ("m", 0.5, 2)
    assert "4.0 claims an answer; 1 of 3 prompts unanswered" in first.note
    assert second.value is None
    answered, _ = labelled_claims.claims_answer_rate(claims)
    assert answered.value == pytest.approx(2 / 3)


# Agreement


def ratings(*rows: str) -> dict[str, dict[str, str]]:
    """Each row is one rater's labels, a letter an item; a full stop is a label that is missing."""
    items = {
        f"i{n}": {f"r{k}": c for k, c in enumerate(column) if c != "."}
        for n, column in enumerate(zip(*rows, strict=True))
    }
    return {name: labels for name, labels in items.items() if labels}


def test_alpha_equals_the_published_example_with_missing_labels() -> None:
    """Krippendorff (2011), example C: four observers, twelve units, nominal alpha 0.743."""
    data = ratings("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert agreement.krippendorff_alpha(data) == pytest.approx(0.743, abs=0.0005)


def test_kappa_equals_a_second_library_and_is_zero_by_chance() -> None:
    rng = np.random.default_rng(1)
    first = "".join(rng.choice(list("yn"), 60))
    second = "".join(a if rng.random() < 0.7 else rng.choice(list("yn")) for a in first)
    data = ratings(first, second)
    found = agreement.cohen_kappa(data, raters=("r0", "r1"))
    assert found == pytest.approx(cohen_kappa_score(list(first), list(second)))
    assert agreement.cohen_kappa(ratings("yynn", "ynyn"), raters=("r0", "r1")) == 0
    interval = agreement.with_interval(agreement.krippendorff_alpha, data, resamples=300)
    assert interval.low < interval.value < interval.high
    assert (interval.items, interval.raters) == (60, 2)


def test_two_raters_have_their_kappa_beside_alpha_and_three_have_none() -> None:
    m = agreement.rater_agreement(ratings("yyyynnnnyn", "yyyynnnnny"))
    assert "; Cohen's kappa 0.60 [" in m.note
    assert "kappa" not in agreement.rater_agreement(ratings("yyyn", "yynn", "ynnn")).note


def test_agreement_of_labels_that_are_all_alike_is_undefined() -> None:
    assert "all labels are the same" in agreement.rater_agreement(ratings("yyy", "yyy")).undefined
    assert "0 items have two labels" in agreement.rater_agreement(ratings("y..", ".y.")).undefined
    assert list(agreement.disputed(ratings("yyn", "ynn"))) == ["i1"]

"""An answer beside its material: denials, coverage by runs of words, and the prompts that went wrong most often."""

from __future__ import annotations

import itertools
import time

import pytest
from sklearn.metrics import roc_auc_score

from riskkit.measures import groundedness, grounding, worst
from riskkit.measures.claims import claims_without_support
from riskkit.measures.polarity import is_flipped, stated
from riskkit.model import Sample
from riskkit.model.label import Label, Review, Rubric, item_id

MINUTES = (
    "The committee approved the budget for the new library. The mayor did not attend the meeting. "
    "Nobody raised an objection to the parking plan."
)


def sample(name: str, said: str, *, number: int = 0, context: str = MINUTES, prompt: str = "") -> Sample:
    return Sample(prompt_id=name, sample=number, response=said, context=context, prompt=prompt)


# Denials


@pytest.mark.parametrize(
    "answer",
    [
        "The committee did not approve the budget for the new library.",
        "The mayor attended the meeting.",
        "The committee never approved the new library's budget.",
        "There was an objection raised to the parking plan.",
    ],
)
def test_a_sentence_that_denies_its_material_is_a_claim_without_support(answer: str) -> None:
    assert [(c.kind, c.text) for c in claims_without_support(answer, MINUTES)] == [("negation", answer)]


@pytest.mark.parametrize(
    "answer",
    [
        "The committee approved the budget for the new library.",
        "The mayor didn't attend the meeting.",
        "Did the committee not approve the budget for the new library?",
        "The committee could not fail to approve it, without a doubt.",
        "The library is new.",
        "It is not known when the library opens.",
    ],
)
def test_a_sentence_that_agrees_asks_or_speaks_of_something_else_denies_nothing(answer: str) -> None:
    assert claims_without_support(answer, MINUTES) == ()


def test_material_that_says_both_supports_both() -> None:
    both = stated("The mayor attended the meeting. The mayor did not attend the meeting.")
    assert not is_flipped("The mayor attended the meeting.", both)
    assert not is_flipped("The mayor did not attend the meeting.", both)


def test_thousands_of_sentences_are_compared_in_time() -> None:
    words = [f"{a}{b}{c}x" for a, b, c in itertools.product("abcdefghijklm", repeat=3)]
    text = " ".join(f"{words[i].title()} met {words[i + 1]} at {words[i + 2]}." for i in range(2000))
    started = time.process_time()
    claims_without_support(text.replace(" met ", " never met "), text)
    assert time.process_time() - started < 5


# Coverage


def test_coverage_is_the_share_of_runs_of_words_the_material_holds() -> None:
    text, material = "the red fox ran", "The red fox sat. It ran."
    found = [groundedness.coverage(text, material, n=n) for n in (1, 2, 3, 4)]
    assert found == [1, 2 / 3, 1 / 2, 0]
    assert groundedness.coverage("fox", material, n=2) != groundedness.coverage("fox", material, n=2)


def test_groundedness_is_a_mean_over_sentences_answers_and_prompts() -> None:
    context = "the fox ran home"
    samples = [
        sample("a", "The fox ran. It flew away.", context=context),  # (1 + 0) / 2
        sample("b", "The fox ran home.", context=context),
        sample("c", "I cannot help with that.", context=context),
        sample("d", "Anything.", context=""),
    ]
    m = groundedness.groundedness(samples)
    assert (m.value, m.n) == (0.75, 2)
    table = groundedness.by_sentence(samples)
    assert table[["prompt_id", "sentence", "p1"]].to_numpy().tolist() == [
        ["a", 0, 1.0],
        ["a", 1, 0.0],
        ["b", 0, 1.0],
    ]
    assert groundedness.groundedness(samples[2:]).undefined == "no answer has a context to be held against"


def test_low_coverage_against_labels_has_the_auroc_of_a_second_library() -> None:
    said = [
        "The mayor sang.",
        "The committee approved the budget.",
        "The mayor did not attend.",
        "Ducks swam in it.",
    ]
    answers = [sample(f"p{n}", text) for n, text in enumerate(said * 3)]
    faulty = [n % 4 in (0, 3) and n != 0 for n in range(12)]
    labels = tuple(
        Label.model_validate({"rater": "first", "item": item_id(s), "label": "yes" if bad else "no",
                              "rubric_version": "1", "time": "2026-11-20T10:00:00Z"})
        for s, bad in zip(answers, faulty, strict=True)
    )  # fmt: skip
    rubric = Rubric(measure="invented_fact_rate", target="t", question="?")
    review = Review(name="r", rubric=rubric, items={item_id(s): s for s in answers}, labels=labels)
    table = groundedness.against_labels([review]).set_index("score")
    scores = [-groundedness.by_answer([s])["p1"].iloc[0] for s in answers]
    assert table.loc["p1", "auroc"] == pytest.approx(roc_auc_score(faulty, scores))
    assert (table.loc["p1", "faulty"], table.loc["p1", "others"]) == (5, 7)
    assert groundedness.against_labels([]).empty


# Worst prompts


def test_worst_prompts_come_first_with_their_text_and_without_what_a_page_acts_on() -> None:
    bad, good = "The fee is 99 USD.\x1b[2J\u202e<script>", "The mayor did not attend."
    answers = [sample("once", bad), *(sample("half", t, number=n) for n, t in enumerate([good, bad]))]
    answers += [sample("twice", bad, number=n, prompt="Who\x00 came?") for n in range(2)]
    answers += [sample("never", good), sample("refused", "I cannot help with that.")]
    table = worst.worst_prompts(grounding.check(answers), answers, count=3)
    rows = table[["prompt_id", "flagged", "answers"]].to_numpy().tolist()
    assert rows == [["twice", 2, 2], ["once", 1, 1], ["half", 1, 2]]
    assert table["prompt"][0] == "Who\\x00 came?"
    assert table["response"][2] == "The fee is 99 USD.\\x1b[2J\\u202e<script>"
    assert "<script" not in table.to_html()
    assert worst.worst_prompts(grounding.check(answers[-2:]), answers[-2:]).empty

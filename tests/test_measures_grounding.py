"""Invented facts, refusals and agreement of answers: what is found, what is left alone, what is refused."""

import itertools
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from riskkit.measures import consistency, grounding
from riskkit.measures.grounding import claims_without_support, is_refusal
from riskkit.measures.numerals import numbers, values
from riskkit.measures.text import sentences
from riskkit.model import Sample

RECORD = """applicant_id: LN-20417
name: Maria Lopez
income: 32,000 EUR a year
debt_ratio: 0.4523
late_payments: three
employer: Acme Bank of Scotland
requested_amount: 12500
opened: 2024-03-12
reason: debt ratio above the limit of 40 percent"""

FAITHFUL = [
    "Your application LN-20417 was declined because your debt-to-income ratio of 45% is above our limit of 40%.",
    "We regret to inform you that your application could not be approved at this time. An income of €32,000 is low.",
    "Maria Lopez works for Acme Bank of Scotland. She has 3 late payments.",
    "The debt ratio (45.2%) exceeded the limit. Please contact our Customer Service team if you have any questions.",
    "The account was opened on March 12, 2024.",
    "On 12 March 2024 the account was opened, and about 32k EUR a year is earned.",
    "1. Debt ratio of 0.45\n2. Late payments: 3\n3) Income of 32 000, or 32'000",
    'As stated, "debt ratio above the limit of 40 percent" led to this.',
    "Dear Applicant,\nThank you for applying.\nSincerely,\nThe Credit Team",
    "Roughly 12,000 were requested? No: 12,500 were requested.",
    "# Reason For Our Decision\n**Debt Ratio:** 45 percent",
]

INVENTED = [
    ("Your debt ratio is 52%.", "number", "52%"),
    ("Income was 3.2 million.", "number", "3.2 million"),
    ("The limit is 40.5 percent.", "number", "40.5 percent"),
    ("She owes money to Globex Finance.", "name", "Globex Finance"),
    ("Her manager John Smith confirmed it.", "name", "John Smith"),
    ("Reference LN-99999 applies.", "identifier", "LN-99999"),
    ("Write to help@acme.example.", "identifier", "help@acme.example"),
    ("See https://example.com/policy for more.", "identifier", "https://example.com/policy"),
    ("The account was opened on April 12, 2024.", "number", "April"),
    ('The file says "the applicant moved abroad".', "quote", "the applicant moved abroad"),
    (
        "Neighbours and colleagues described reckless spending habits abroad.",
        "sentence",
        "Neighbours and colleagues described reckless spending habits abroad.",
    ),
]


def sample(
    response: str, *, prompt_id: str = "p", index: int = 0, context: str = RECORD, prompt: str = ""
) -> Sample:
    return Sample(prompt_id=prompt_id, sample=index, response=response, context=context, prompt=prompt)


@pytest.mark.parametrize("answer", FAITHFUL)
def test_what_the_material_says_in_other_notation_is_not_flagged(answer):
    assert claims_without_support(answer, RECORD) == ()


@pytest.mark.parametrize(("answer", "kind", "text"), INVENTED)
def test_an_invented_claim_is_found_with_its_kind_and_text(answer, kind, text):
    assert [(c.kind, c.text) for c in claims_without_support(answer, RECORD)] == [(kind, text)]


def test_a_claim_tells_its_sentence():
    answer = "The ratio is 45 %. Mr. Smith of Globex Inc. disagrees. It was 99 before."
    assert [(c.text, c.sentence) for c in claims_without_support(answer, RECORD)] == [
        ("Mr Smith of Globex Inc", 1),
        ("99", 2),
    ]


def test_a_word_the_answer_also_writes_in_lower_case_is_no_name():
    assert claims_without_support("This is our Guarantor policy. A guarantor is needed.", RECORD) == ()
    assert claims_without_support("This is our Guarantor policy.", RECORD)[0].text == "Guarantor"


def test_the_prompt_is_material_too():
    answer = sample("Globex asked for 77 reports.", prompt="Did Globex ask for 77 reports?")
    assert not grounding.check([answer])["flagged"].any()


def test_a_stricter_threshold_flags_more_sentences():
    answer = "The income seems rather modest compared with usual household expectations nowadays."
    assert claims_without_support(answer, RECORD) == ()
    assert claims_without_support(answer, RECORD, min_coverage=0.5)[0].kind == "sentence"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234,567.89", {1234567.89}),
        ("1.234.567,89", {1234567.89}),
        ("12 500", {12500}),
        ("12\u202f500", {12500}),
        ("1'250", {1250}),
        ("3.5 million", {3.5e6}),
        ("45%", {45, 0.45}),
        ("25 bps", {25, 0.0025}),
        ("$5k", {5000}),
        ("version 3.11.7", {3, 11, 7}),
        ("seventeen", {17}),
        ("A92", {92}),
        ("on the 3rd", {3}),
    ],
)
def test_numbers_are_read_as_people_write_them(text, expected):
    assert set(values(text)) == expected


@given(st.floats(0, 1e9, allow_nan=False).map(lambda v: round(v, 2)))
def test_every_number_agrees_with_itself_in_any_notation(value):
    for written in (f"{value}", f"{value:,}", f"{value:,.2f}"):
        assert all(n.agrees(values(str(value))) for n in numbers(written)), written


def test_rounding_agrees_to_two_digits_and_not_beyond():
    known = values("0.4523")
    agreeing = [n.text for n in numbers("45% 45.2% 0.45 0.452 45.3% 46% 0.5 5%") if n.agrees(known)]
    assert agreeing == ["45%", "45.2%", "0.45", "0.452"]


def test_sentences_end_at_stops_and_not_at_abbreviations():
    text = "Dr. Who paid 3.50 to e.g. Acme Inc. of York. Why? 1. First\n2. Second"
    assert sentences(text) == [
        "Dr. Who paid 3.50 to e.g. Acme Inc. of York.",
        "Why?",
        "1. First",
        "2. Second",
    ]


@pytest.mark.parametrize(
    "response",
    [
        "I'm sorry, but I can't help with that.",
        "Sorry, I can’t provide that.", "I cannot help with this request.",
        "I won't be able to assist.", "As an AI, I cannot determine that.", "I am not able to answer this.",
        "I do not have access to real-time data.", "I don't know.", "The context does not mention the income.",
        "Unknown",
        "There is not enough information.", "", " \n", "I decline.",
    ],
)  # fmt: skip
def test_refusals_and_abstentions_are_no_answers(response):
    assert is_refusal(response)


@pytest.mark.parametrize(
    "response",
    [
        "We are unable to approve your loan.", "I am unable to approve this claim because the policy lapsed.",
        "I'm sorry, but your claim was denied.", "Your application could not be approved.", "Level 3: urgent.",
        "Yes. I have to decline the application because of the debt.", "42",
        "The record does not mention a guarantor. " + "The ratio is above the limit. " * 9,
    ],
)  # fmt: skip
def test_declining_somebody_is_an_answer(response):
    assert not is_refusal(response)


def test_each_answer_is_refused_flagged_or_clean_and_unknown_without_context():
    table = grounding.check(
        [
            sample("The ratio is 45%.", prompt_id="clean"),
            sample("The ratio is 99%.", prompt_id="flagged"),
            sample("I can't help with that.", prompt_id="refused"),
            sample("The ratio is 45%.", prompt_id="no context", context=" "),
        ]
    ).set_index("prompt_id")
    assert table.loc["clean", "flagged"] == False  # noqa: E712
    assert table.loc["flagged", "flagged"] == True  # noqa: E712
    assert table.loc["flagged", "unsupported"] == "number: 99%"
    assert table["flagged"].isna().to_dict() == dict(
        zip(table.index, [False, False, True, True], strict=True)
    )
    assert list(table["refused"]) == [False, False, True, False]


def test_the_rate_is_over_answers_and_the_interval_over_prompts():
    answers = [
        sample(
            "The ratio is 99%." if p == 0 or (p == 1 and k == 0) else "The ratio is 45%.",
            prompt_id=f"p{p}",
            index=k,
        )
        for p, k in itertools.product(range(20), range(3))
    ]
    m = grounding.invented_fact_rate([*answers, sample("I can't help with that.", prompt_id="r")])
    assert m.value == pytest.approx(4 / 60)
    assert m.n == 20
    assert 0 <= m.low < m.value < m.high
    assert "1 of 61 responses are refusals" in m.note
    rate = grounding.answer_rate([*answers, sample("I can't help with that.", prompt_id="r")])
    assert (rate.value, rate.n) == (pytest.approx(60 / 61), 21)


def test_without_context_the_rate_is_undefined_and_not_zero():
    m = grounding.invented_fact_rate([sample("x", prompt_id=p, context="") for p in "ab"])
    assert m.value is None
    assert "no answer has a context" in m.undefined
    assert "2 have no context and were not checked" in m.note


@pytest.mark.parametrize(
    "measure", [grounding.invented_fact_rate, grounding.answer_rate, consistency.answer_support]
)
def test_no_answers_and_one_prompt_are_undefined(measure):
    assert measure([]).value is None
    assert measure([sample("a", index=k) for k in range(3)]).value is None


@pytest.mark.parametrize(
    "measure",
    [grounding.check, grounding.invented_fact_rate, grounding.answer_rate, consistency.answer_support],
)
def test_an_answer_given_twice_is_refused_by_name(measure):
    with pytest.raises(ValueError, match=r"more than once: \(q7, 1\) 2 times"):
        measure([sample("a", prompt_id="q7", index=1), sample("b", prompt_id="q7", index=1), sample("c")])


def test_planted_inventions_are_counted_exactly():
    rng = np.random.default_rng(0)
    planted, answers = 0, []
    for p, k in itertools.product(range(60), range(2)):
        invents = bool(rng.random() < 0.2)
        planted += invents
        text = f"The debt ratio of 45% led to this.{' A guarantor, Globex, withdrew.' if invents else ''}"
        answers.append(sample(text, prompt_id=f"p{p}", index=k))
    m = grounding.invented_fact_rate(answers)
    assert m.value == planted / 120
    assert m.low <= 0.2 <= m.high


@pytest.mark.slow
@pytest.mark.parametrize(
    "response",
    [
        "a" * 1_000_000, "1," * 500_000, "a-" * 500_000, '"' * 1_000_000, "A b. " * 200_000, "I can't " * 120_000,
        "x\ud800\u202e\x1b[31m<script>alert(1)</script> =1+1 $\\frac{1}{2}$", "Aa" * 500_000, "(" * 1_000_000,
        "A1 " * 300_000,
    ],
    ids=["letters", "commas", "hyphens", "quotes", "sentences", "refusals", "hostile", "camel", "brackets", "codes"],
)  # fmt: skip
def test_hostile_and_huge_responses_are_measured_in_time(response):
    started = time.process_time()
    table = grounding.check([sample(response), sample(response, prompt_id="q", context=response or "x")])
    assert time.process_time() - started < 30
    assert not any(c in "".join(table["unsupported"]) for c in "\x1b\u202e\ud800")


# --- consistency


def test_support_is_the_mean_jaccard_worked_by_hand():
    answers = ["The red fox", "a red fox", "red dog", "blue"]
    table = consistency.support_by_prompt([sample(a, index=k) for k, a in enumerate(answers)])
    assert table.loc[0, "support"] == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert table.loc[0, "resamples"] == 3


def test_the_lowest_index_is_the_shown_answer_in_any_order():
    answers = [sample("b c", index=2), sample("a", index=1)]
    assert consistency.support_by_prompt(answers)["response"][0] == "a"


def test_prompts_without_a_second_sample_or_with_a_refusal_are_left_out():
    answers = [sample("Paris", prompt_id=p, index=k) for p in "abc" for k in range(2)]
    lonely = sample("Rome", prompt_id="d")
    refused = [sample("I don't know.", prompt_id="e", index=k) for k in range(2)]
    m = consistency.answer_support([*answers, lonely, *refused])
    assert (m.value, m.n) == (1.0, 3)
    assert m.low < 1 == m.high
    assert "1 of 5 shown answers are refusals" in m.note


def test_support_ranks_right_above_wrong_answers_on_real_samples():
    path = Path(__file__).parents[2] / "shared" / "data" / "triviaqa_llama13b_500x20.jsonl"
    if not path.is_file():
        pytest.skip(f"the public data set {path.name} is not here")
    rows = [json.loads(line) for line in path.read_text().splitlines()]

    def plain(text: str) -> str:
        words = re.findall(r"[^\W_]+", text.lower())
        return f" {' '.join(w for w in words if w not in {'a', 'an', 'the'})} "

    def matches(answer: str, reference: str) -> bool:
        return bool(answer.strip()) and (reference in answer or answer in reference)

    right = [matches(plain(r["responses"][0]), plain(r["reference"])) for r in rows]
    for k, published in ((2, 0.877), (5, 0.906), (10, 0.914), (19, 0.921)):
        answers = [
            Sample(prompt_id=r["prompt_id"], sample=i, response=a)
            for r in rows
            for i, a in enumerate(r["responses"][: k + 1])
        ]
        found = roc_auc_score(right, consistency.support_by_prompt(answers)["support"])
        assert found == pytest.approx(published, abs=0.01)

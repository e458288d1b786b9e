"""Files of answers that others wrote are read through a mapping of fields; labelled claims as a table of counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from riskkit.errors import InputError
from riskkit.targets import labelled_claims, transcripts


def lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def read(data: bytes, **settings: Any) -> tuple[Any, ...]:
    return transcripts.samples(transcripts.Settings(dataset="t", **settings), lambda name: data)


def test_fields_of_other_names_are_ours_and_the_rest_become_attributes() -> None:
    row = {
        "id": 7,
        "question": "who?",
        "answer": "Ann",
        "gold": ["Ann", "Anna"],
        "topic": "names",
        "right": True,
        "x": {},
    }
    fields = {"prompt_id": "id", "prompt": "question", "response": "answer", "reference": "gold"}
    (sample,) = read(lines(row), fields=fields)
    assert (sample.prompt_id, sample.prompt, sample.response, sample.reference) == (
        "7",
        "who?",
        "Ann",
        "Ann\nAnna",
    )
    assert sample.attributes == {"topic": "names", "right": "true"}


def test_a_list_of_responses_becomes_numbered_samples_and_names_of_ours_need_no_mapping() -> None:
    data = lines(
        {"prompt_id": "a", "question": "q", "responses": ["x", "y"]}, {"prompt_id": "b", "responses": ["z"]}
    )
    found = read(data, fields={"response": "responses", "prompt": "question"})
    assert [(s.prompt_id, s.sample, s.response, s.prompt) for s in found] == [
        ("a", 0, "x", "q"), ("a", 1, "y", "q"), ("b", 0, "z", ""),
    ]  # fmt: skip


def test_a_faulty_line_is_named_with_its_number_also_under_a_mapping() -> None:
    with pytest.raises(InputError, match=r"t:2: response: "):
        read(lines({"id": "a", "r": "x"}, {"id": "b", "r": {}}), fields={"prompt_id": "id", "response": "r"})
    with pytest.raises(InputError, match=r"t:2: prompt_id: is missing"):
        read(lines({"id": "a", "r": "x"}, {"r": "x"}), fields={"prompt_id": "id", "response": "r"})


def test_a_mapping_to_a_field_that_answers_do_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="'answer' is not a field of an answer"):
        transcripts.Settings(dataset="t", fields={"answer": "response"})


def claims(data: bytes, **settings: Any) -> Any:
    return labelled_claims.claims(labelled_claims.Settings(dataset="c", **settings), lambda name: data)


def test_labelled_claims_are_counted_by_the_columns_that_count() -> None:
    rows = [
        {
            "response_id": "a",
            "model": "m",
            "answered": True,
            "supported": 3,
            "not_supported": 1,
            "irrelevant": 4,
        },
        {
            "response_id": "b",
            "model": "m",
            "answered": False,
            "supported": 0,
            "not_supported": 0,
            "irrelevant": 0,
        },
    ]
    table = claims(
        lines(*rows), answered="answered", model="model", unsupported=["not_supported", "irrelevant"]
    )
    assert table.to_numpy().tolist() == [["a", "m", True, 3, 8], ["b", "m", False, 0, 0]]
    csv = b"response_id,supported,not_supported\na,3,1\n"
    assert claims(csv).to_numpy().tolist() == [["a", "", True, 3, 4]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"response_id,supported,not_supported\na,-1,1\n", "c:2: supported: '-1' is not a count"),
        (b"response_id,supported,not_supported\na,1.5,1\n", "'1.5' is not a count"),
        (b"response_id,supported,not_supported\na,1,1\na,1,1\n", "c:3: response_id: 'a' occurs twice"),
        (b"response_id,supported\na,1\n", "there is no column 'not_supported'"),
        (lines({"response_id": "a"}) + b"oops\n", "c:2: is no JSON object"),
    ],
)
def test_counts_that_are_none_are_refused_with_their_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        claims(data)
    assert message in str(caught.value)


def test_whether_there_is_an_answer_must_be_said_plainly() -> None:
    with pytest.raises(InputError, match="'maybe' is neither true nor false"):
        claims(b"response_id,supported,not_supported,said\na,1,1,maybe\n", answered="said")

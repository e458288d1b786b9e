"""Answers in CSV, packed files and tables of any columns are read, and what cannot be is named."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from riskkit import targets
from riskkit.errors import InputError
from riskkit.model import Usage
from riskkit.targets import _answers, table, transcripts

CSV = (
    "id,model,query,answer,ref,latency,input_tokens,output_tokens,cost\n"
    '0,gpt-x,"Is 7, a prime?","[Yes]",yes,1.5,10,2,0.001\n'
    "0,gpt-y,Is 7 a prime?,,yes,2,10,0,0.002\n"
)
FIELDS = {"prompt_id": "id", "prompt": "query", "response": "answer", "reference": "ref"}


def read(data: str | bytes) -> targets.Read:
    return lambda name: data.encode() if isinstance(data, str) else data


def samples(data: str | bytes, **settings: object) -> tuple:
    return transcripts.samples(transcripts.Settings(dataset="t", fields=FIELDS, **settings), read(data))


def test_answers_in_csv_are_read_by_their_own_column_names() -> None:
    first, second = samples(CSV)
    assert (first.prompt_id, first.prompt, first.response, first.reference) == (
        "0",
        "Is 7, a prime?",
        "[Yes]",
        "yes",
    )
    assert (first.latency, second.latency) == (1.5, 2)
    assert first.usage == Usage(input_tokens=10, output_tokens=2)
    assert first.attributes == {"cost": "0.001"}
    assert second.response == ""


def test_a_packed_csv_gives_the_same_answers_and_a_version_can_be_chosen() -> None:
    assert samples(gzip.compress(CSV.encode())) == samples(CSV)
    assert [s.model for s in samples(CSV, model="gpt-y")] == ["gpt-y"]


def test_a_fault_in_csv_is_named_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        samples(CSV.replace(",1.5,", ",soon,"))
    assert "dataset t:2: latency" in str(caught.value.problems[0])


def test_the_same_answer_twice_in_csv_names_both_lines() -> None:
    with pytest.raises(InputError, match="stands on line 2 too"):
        samples(CSV.replace("gpt-y", "gpt-x"))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(CSV.encode())[:-9], "cut off"),
        (b"\x1f\x8b\x08nonsense", "broken gzip"),
        (gzip.compress(CSV.encode()) + b"more", "joined"),
    ],
)
def test_a_packed_file_that_is_not_whole_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        samples(data)


def test_a_packed_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_answers, "LARGEST", 100)
    with pytest.raises(InputError, match="unpacks to more than"):
        samples(gzip.compress(b"id,answer\n" + b"a" * 10_000))


def rows(data: str | bytes, **settings: object) -> object:
    return table.rows(table.Settings.model_validate({"dataset": "t", **settings}), read(data))


def test_a_column_of_numbers_is_numbers_and_an_empty_cell_is_missing() -> None:
    found = rows("age,city,split\n41,Ulm,train\n,7,test\n")
    assert found["age"].tolist()[0] == 41
    assert np.isnan(found["age"][1])
    assert found["city"].tolist() == ["Ulm", "7"]


def test_rows_and_columns_can_be_chosen() -> None:
    found = rows("age,city,split\n41,Ulm,train\n30,Bonn,test\n", where={"split": "test"}, columns=["city"])
    assert found.to_dict("list") == {"city": ["Bonn"]}


def test_json_lines_are_rows_too() -> None:
    found = rows('{"text": "one, two", "n": 1}\n{"text": "three", "n": null}\n')
    assert found["text"].tolist() == ["one, two", "three"]
    assert found["n"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("data", "settings", "what"),
    [
        ("a,b\n1,2\n", {"columns": ["c"]}, "no column 'c'"),
        ("a,b\n1,2\n", {"where": {"a": 2}}, "no row is left"),
        ('{"a": 1}\nnot json\n', {}, "is no JSON object"),
    ],
)
def test_what_a_table_does_not_hold_is_named(data: str, settings: dict, what: str) -> None:
    with pytest.raises(InputError, match=what):
        rows(data, **settings)

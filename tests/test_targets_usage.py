"""A file of calls: what it may hold, which calls are meant, and what is refused with its line."""

import gzip

import pytest

from riskkit.errors import InputError
from riskkit.targets import usage


def read(text, **settings):
    data = text if isinstance(text, bytes) else text.encode()
    return usage.usage(usage.Settings(dataset="calls", **settings), lambda name: data)


def refused(text, **settings):
    with pytest.raises(InputError) as caught:
        read(text, **settings)
    return str(caught.value)


def test_a_file_may_state_what_a_call_did_cost_instead_of_tokens():
    table = read("who,cost,id\nm,0.5,a\n", fields={"model": "who", "usd": "cost", "prompt_id": "id"})
    assert table[["model", "usd", "prompt_id"]].to_numpy().tolist() == [["m", 0.5, "a"]]
    assert "input_tokens" not in table


def test_calls_of_one_model_and_version_are_picked():
    text = "model,version,usd\na,1,1\na,2,2\nb,2,3\n"
    assert list(read(text, model="a", version="2")["usd"]) == [2.0]
    assert "no call is of model 'c'" in refused(text, model="c")
    assert "there are a, b" in refused(text, model="c")
    assert "no call is of version '3'" in refused(text, version="3")


def test_a_packed_file_is_read():
    assert len(read(gzip.compress(b"model,usd\na,1\n"))) == 1


def test_other_currencies_count_only_with_a_declared_rate():
    text = "model,usd,currency\na,1,EUR\na,2,USD\n"
    assert list(read(text, usd_per={"EUR": 1.5})["usd"]) == [1.5, 2.0]
    said = refused(text)
    assert "'EUR' has no rate (declare usd_per; known: USD)" in said
    assert ":2:" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model,usd\na,-1\n", "'-1' is not an amount of 0 or more"),
        ("model,usd\na,\n", "is not an amount of 0 or more"),
        ("model,usd,latency\na,1,-2\n", "'-2' is not an amount"),
        ("model,input_tokens\na,1\n", "there is no column 'output_tokens'"),
        ("model,input_tokens,output_tokens,reasoning_tokens\na,1,2,3\n", "is more than output_tokens"),
        ("model,input_tokens,output_tokens,cached_tokens\na,1,2,3\n", "is more than input_tokens"),
        ("model,input_tokens,output_tokens\na,,2\n", "is not a count of tokens"),
    ],
)
def test_what_a_call_cannot_be_is_told_with_its_line(text, message):
    said = refused(text)
    assert message in said
    assert len(said.splitlines()) == 1


def test_a_latency_that_is_not_known_is_missing_and_not_zero():
    assert read("model,usd,latency\na,1,\n")["latency"].isna().all()


def test_a_name_that_is_no_column_of_ours_is_refused():
    with pytest.raises(ValueError, match="'cost' is not a column of calls"):
        usage.Settings(dataset="calls", fields={"cost": "usd"})
    assert "there is no column 'cost'" in refused("model,usd\na,1\n", fields={"usd": "cost"})

"""Recorded answers, usage tables and prompts are read line by line, and every fault is named."""

from __future__ import annotations

import json
import sys

import pytest

from riskkit import targets
from riskkit.errors import EnvironmentProblem, InputError, RunFailed
from riskkit.model import Prompt, Sample
from riskkit.targets import callable as function_target
from riskkit.targets import transcripts, usage


def reader(**files: str | bytes) -> targets.Read:
    return lambda name: files[name].encode() if isinstance(files[name], str) else files[name]


def lines(*rows: dict[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def faults(*rows: dict[str, object] | str, **settings: str) -> list[str]:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    with pytest.raises(InputError) as caught:
        transcripts.samples(transcripts.Settings(dataset="t", **settings), reader(t=text))
    return [str(problem) for problem in caught.value.problems]


def test_each_line_is_one_sample() -> None:
    text = lines(
        {"prompt_id": "a", "response": "x", "tool_calls": [{"name": "look", "arguments": {"k": 1}}]},
        {"prompt_id": "a", "response": "y", "sample": 1, "version": "v1", "usage": {"input_tokens": 3}},
    )
    first, second = transcripts.samples(transcripts.Settings(dataset="t"), reader(t="\ufeff" + text))
    assert first.tool_calls[0].result is None
    assert (second.sample, second.version, second.usage and second.usage.input_tokens) == (1, "v1", 3)


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    assert faults({"prompt_id": "a", "response": "x", "latncy": 1}) == [
        "dataset t:1: latncy: is not a known field (did you mean 'latency'?)"
    ]


def test_every_faulty_line_is_named_with_its_field() -> None:
    rows = (
        {"prompt_id": 1, "response": "x"},
        {"prompt_id": "b"},
        {"prompt_id": "c", "response": "x"},
        "not json\n",
    )
    found = faults(*rows, {"prompt_id": "d", "response": "x", "usage": {"input_tokens": -1}})
    assert [line.split(": ")[0] for line in found] == [
        "dataset t:1",
        "dataset t:2",
        "dataset t:4",
        "dataset t:5",
    ]
    assert found[1].startswith("dataset t:2: response: is missing")
    assert found[3].startswith("dataset t:5: usage.input_tokens: ")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"prompt_id": "a", "response": "x", "response": "y"}\n', "'response' is given twice"),
        ('{"prompt_id": "a", "response": "x", "latency": NaN}\n', "NaN is not a number"),
        ('{"prompt_id": "a", "response": "x", "latency": 1e999}\n', "latency"),
        ("[1, 2]\n", "a mapping of fields is wanted"),
        ("\n" + lines({"prompt_id": "a", "response": "x"}), "is not JSON"),
        ("[" * 100_000 + "\n", "is not JSON"),
        ("prompt_id response\na x\n", "is not JSON"),
        ('["prompt_id", "response"]\n', "a mapping of fields is wanted"),
    ],
)
def test_what_json_alone_would_let_pass_is_refused(line: str, what: str) -> None:
    assert what in faults(line)[0]


def test_the_same_sample_twice_within_a_version_names_both_lines() -> None:
    row = {"prompt_id": "a", "response": "x", "version": "v1"}
    assert faults(row, row | {"version": "v2"}, row) == [
        "dataset t:3: prompt_id: v1, a, sample 0 stands on line 1 too (give each its own)"
    ]


def test_lone_surrogates_are_kept_as_their_escape() -> None:
    text = r'{"prompt_id": "a", "response": "before \ud800 after ü"}' + "\n"
    (sample,) = transcripts.samples(transcripts.Settings(dataset="t"), reader(t=text))
    assert sample.response == r"before \ud800 after ü"
    assert sample.response.encode()


def test_only_the_version_asked_for_is_read_and_a_wrong_one_lists_what_there_is() -> None:
    rows = [{"prompt_id": "a", "response": v, "model": "m", "version": v} for v in ("v1", "v2")]
    (sample,) = transcripts.samples(transcripts.Settings(dataset="t", version="v2"), reader(t=lines(*rows)))
    assert sample.response == "v2"
    assert faults(*rows, version="v3") == ["dataset t: version: no answer is of v3 (there are m v1, m v2)"]


def test_prompts_complete_what_answers_leave_out_and_override_nothing() -> None:
    prompts = lines(
        {"prompt_id": "a", "prompt": "p", "context": "c", "reference": "r", "attributes": {"sex": "f"}}
    )
    answers = lines(
        {"prompt_id": "a", "response": "x"},
        {"prompt_id": "a", "response": "y", "sample": 1, "context": "own"},
    )
    settings = transcripts.Settings(dataset="t", prompts="p")
    first, second = transcripts.samples(settings, reader(t=answers, p=prompts))
    assert (first.prompt, first.context, first.reference, first.attributes) == ("p", "c", "r", {"sex": "f"})
    assert second.context == "own"
    stray = lines({"prompt_id": "b", "response": "x"})
    with pytest.raises(InputError, match="dataset t:1: prompt_id: 'b' is not in dataset p"):
        transcripts.samples(settings, reader(t=stray, p=prompts))


def test_usage_of_answers_is_a_row_each_with_the_model_to_price() -> None:
    row = {
        "prompt_id": "a",
        "response": "x",
        "model": "phantom-x",
        "usage": {"input_tokens": 5, "output_tokens": 2},
    }
    rows = lines(row | {"at": "2026-11-20T10:00:00+02:00", "latency": 0.5}, row | {"sample": 1})
    table = transcripts.usage(transcripts.Settings(dataset="t", priced_as="gpt-4o-mini"), reader(t=rows))
    assert table["model"].tolist() == ["gpt-4o-mini"] * 2
    assert table["recorded_model"].tolist() == ["phantom-x"] * 2
    assert table["input_tokens"].tolist() == [5, 5]
    assert str(table["at"][0]) == "2026-11-20 08:00:00+00:00"
    assert table["at"].isna().tolist() == [False, True]


def test_an_answer_without_usage_is_unknown_and_not_free() -> None:
    with pytest.raises(InputError, match="dataset t:1: usage: is missing"):
        transcripts.usage(
            transcripts.Settings(dataset="t"),
            reader(t=lines({"prompt_id": "a", "response": "x", "model": "m"})),
        )


def test_a_usage_file_is_priced_as_declared() -> None:
    text = "model,input_tokens,output_tokens,cached_tokens,at\nphantom,10,2,4,2026-11-01\nphantom,12,3,0,\n"
    table = usage.usage(usage.Settings(dataset="u", priced_as="gpt-4o-mini"), reader(u=text))
    assert table["model"].tolist() == ["gpt-4o-mini"] * 2
    assert table["recorded_model"].tolist() == ["phantom"] * 2
    assert table[["input_tokens", "output_tokens", "cached_tokens"]].to_numpy().tolist() == [
        [10, 2, 4],
        [12, 3, 0],
    ]
    assert str(table["at"][0]) == "2026-11-01 00:00:00+00:00"
    assert usage.usage(usage.Settings(dataset="u"), reader(u=text))["model"].tolist() == ["phantom"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model,input_tokens,output_tokens\nm,-1,2\n", "u:2: input_tokens: '-1' is not a count of tokens"),
        ("model,input_tokens,output_tokens\nm,1.5,2\n", "u:2: input_tokens: '1.5' is not a count of tokens"),
        ("model,input_tokens,output_tokens\nm,,2\n", "u:2: input_tokens: is not a count of tokens"),
        ("model,input_tokens,output_tokens\nm,many,2\n", "u:2: input_tokens: 'many' is not a finite number"),
        ("model,input_token,output_tokens\nm,1,2\n", "there is no column 'input_tokens'"),
        ("input_tokens,output_tokens\n1,2\n", "there is no column 'model'"),
        ("model,input_tokens,output_tokens\n,1,2\n", "model: is missing in 1 rows"),
        ("model,input_tokens,output_tokens,at\nm,1,2,soon\n", "u:2: at: 'soon' is not a moment"),
        ("model,input_tokens,output_tokens,cached_tokens\nm,1,2,3\n", "is more than input_tokens"),
    ],
)
def test_a_usage_file_that_cannot_be_priced_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        usage.usage(usage.Settings(dataset="u"), reader(u=text))
    assert message in str(caught.value)


def test_two_prompts_of_one_id_name_both_lines() -> None:
    row = {"prompt_id": "a", "prompt": "x"}
    with pytest.raises(InputError, match="dataset p:2: prompt_id: a stands on line 1 too"):
        function_target.prompts(function_target.Settings(call="m:f", prompts="p"), reader(p=lines(row, row)))


def shout(prompt: Prompt, *, sample: int, seed: int) -> str:
    return f"{prompt.prompt.upper()} {sample} {seed}"


def whole(prompt: Prompt, *, sample: int, seed: int) -> Sample:
    return Sample(prompt_id="else", response="x", model="mine", version="7")


def broken(prompt: Prompt, *, sample: int, seed: int) -> object:
    if prompt.prompt == "raise":
        raise ZeroDivisionError("oh")
    return 5


def ask(call: str, prompt: str = "hello") -> Sample:
    settings = function_target.Settings(call=f"{__name__}:{call}", prompts="p", version="2")
    asked = Prompt(prompt_id="a", prompt=prompt, context="c", attributes={"k": "v"})
    return function_target.answer(settings, asked, sample=3, seed=9)


def test_a_python_function_answers_with_text_or_a_whole_sample() -> None:
    text = ask("shout")
    assert (text.response, text.sample, text.context, text.attributes) == ("HELLO 3 9", 3, "c", {"k": "v"})
    assert (text.model, text.version) == (f"{__name__}:shout", "2")
    sample = ask("whole")
    assert (sample.prompt_id, sample.sample, sample.model, sample.version) == ("a", 3, "mine", "7")


def test_a_function_that_raises_or_returns_something_else_fails_the_run() -> None:
    with pytest.raises(RunFailed, match=r"raised ZeroDivisionError on prompt 'a': oh"):
        ask("broken", "raise")
    with pytest.raises(RunFailed, match="returned int"):
        ask("broken")
    with pytest.raises(EnvironmentProblem, match="cannot be imported"):
        ask("absent")


def test_a_module_in_the_projects_folder_is_imported_for_the_draw_alone_and_its_files_are_known(
    tmp_path,
) -> None:
    (tmp_path / "a_users_model.py").write_text(
        "import a_users_words\n\ndef answer(prompt, *, sample, seed):\n    return a_users_words.SAID\n"
    )
    (tmp_path / "a_users_words.py").write_text("SAID = 'hello'\n")
    (tmp_path / "never_used.py").write_text("raise SystemExit\n")
    settings = function_target.Settings(call="a_users_model:answer", prompts="p")
    with pytest.raises(
        EnvironmentProblem, match=r"put a_users_model\.py into the project's folder, or install"
    ):
        function_target.answer(settings, Prompt(prompt_id="a", prompt="?"), sample=0, seed=0)
    before = list(sys.path)
    with function_target.importable(tmp_path):
        said = function_target.answer(settings, Prompt(prompt_id="a", prompt="?"), sample=0, seed=0)
    assert said.response == "hello"
    assert sys.path == before
    assert [p.name for p in function_target.code(tmp_path)] == ["a_users_model.py", "a_users_words.py"]

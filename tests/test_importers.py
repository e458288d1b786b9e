"""Other tools' results become transcripts that a profile can point to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskkit import importers
from riskkit.cli import app
from riskkit.errors import InputError, UsageError
from riskkit.importers import garak, inspect_ai, promptfoo, pyrit
from riskkit.targets import transcripts


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def lines(*values: object) -> bytes:
    return b"".join(raw(v) + b"\n" for v in values)


# Inspect AI


def inspect_log(*samples: dict[str, Any]) -> dict[str, Any]:
    return {"version": 2, "eval": {"model": "openai/m", "task": "quiz"}, "samples": list(samples)}


def inspect_sample(**more: Any) -> dict[str, Any]:
    answer = {"message": {"role": "assistant", "content": "Four."}, "stop_reason": "stop"}
    return {
        "id": 1, "epoch": 1, "input": "2+2?", "target": "4",
        "output": {"model": "m-2026", "choices": [answer], "usage": {"input_tokens": 5, "output_tokens": 2}},
        "scores": {"match": {"value": "C"}}, **more,
    }  # fmt: skip


def test_an_inspect_log_gives_one_sample_an_epoch_with_its_scores() -> None:
    found = inspect_ai.transcripts(
        raw(inspect_log(inspect_sample(), inspect_sample(epoch=2))), file="log.json"
    )
    first, second = found.samples
    assert (first.prompt_id, first.prompt, first.reference, first.response) == ("1", "2+2?", "4", "Four.")
    assert (first.model, first.requested_model, first.finish_reason) == ("m-2026", "openai/m", "stop")
    assert first.usage is not None
    assert (first.usage.input_tokens, first.usage.output_tokens) == (5, 2)
    assert first.attributes == {"task": "quiz", "score:match": "C"}
    assert (first.sample, second.sample) == (0, 1)


def test_an_agents_tools_and_what_they_returned_are_kept_apart_and_as_context() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "content": "", "tool_calls": [
            {"id": "a", "function": "look", "arguments": {"city": "Bern"}},
            {"id": "b", "function": "look", "arguments": {"city": "Rome"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "12 degrees"},
    ]  # fmt: skip
    log = inspect_log(inspect_sample(input=messages[:2], messages=messages, target=["4", "four"]))
    (sample,) = inspect_ai.transcripts(raw(log), file="log.json").samples
    assert [(c.name, c.arguments["city"], c.result) for c in sample.tool_calls] == [
        ("look", "Bern", "12 degrees"), ("look", "Rome", None),
    ]  # fmt: skip
    assert (sample.prompt, sample.context) == ("Weather?", "Be brief.\n\n12 degrees")
    assert sample.reference == "4\nfour"


def test_samples_that_failed_are_counted_and_a_zipped_log_is_refused_with_the_remedy() -> None:
    log = inspect_log(inspect_sample(), inspect_sample(id=2, error={"message": "x"}), {"id": 3})
    found = inspect_ai.transcripts(raw(log), file="log.json")
    assert (len(found.samples), found.left_out) == (1, ("2 samples without an answer",))
    with pytest.raises(InputError, match="inspect log convert"):
        inspect_ai.transcripts(b"PK\x03\x04", file="log.eval")


# garak


SETUP = {"entry_type": "start_run setup", "plugins.model_type": "openai", "plugins.model_name": "m"}


def attempt(status: int, *, uuid: str = "u1", **more: Any) -> dict[str, Any]:
    return {"entry_type": "attempt", "uuid": uuid, "status": status, "probe_classname": "dan.Dan",
            "prompt": "Do it", "outputs": ["no", "yes"], "goal": "escape", **more}  # fmt: skip


def test_a_garak_report_gives_one_sample_an_output_with_the_detectors_scores() -> None:
    report = lines(
        SETUP, attempt(1), attempt(2, detector_results={"mitigation.Bypass": [0.0, 1.0]}),
        {"entry_type": "eval", "probe": "dan.Dan", "passed": 1, "total": 2},
    )  # fmt: skip
    first, second = garak.transcripts(report, file="r.jsonl").samples
    assert (first.prompt_id, second.sample, second.response) == ("dan.Dan/u1", 1, "yes")
    assert second.attributes == {"probe": "dan.Dan", "goal": "escape", "detector:mitigation.Bypass": "1.0"}
    assert (first.model, first.prompt) == ("openai/m", "Do it")


def test_newer_garak_reports_hold_turns_and_messages_and_outputs_that_are_missing() -> None:
    turns = {
        "turns": [
            {"role": "system", "content": {"text": "Be good."}},
            {"role": "user", "content": {"text": "Hi"}},
        ]
    }
    report = lines(
        {"entry_type": "start_run setup", "plugins.target_type": "test", "plugins.target_name": None},
        attempt(2, prompt=turns, outputs=[{"text": "hello"}, None], detector_results={"x": [0.5, None]}),
    )  # fmt: skip
    found = garak.transcripts(report, file="r.jsonl")
    (sample,) = found.samples
    assert (sample.prompt, sample.context, sample.response, sample.model) == (
        "Hi",
        "Be good.",
        "hello",
        "test",
    )
    assert found.left_out == ("1 outputs that the generator did not give",)


# promptfoo


def promptfoo_row(**more: Any) -> dict[str, Any]:
    return {
        "testIdx": 3, "promptIdx": 0, "provider": {"id": "openai:m"}, "prompt": {"raw": "Say hi", "label": "l"},
        "vars": {"context": "hi is a word", "who": "Ann"}, "success": True, "score": 1, "latencyMs": 250,
        "response": {"output": "hi", "tokenUsage": {"prompt": 4, "completion": 1}},
        "testCase": {"assert": [{"type": "equals", "value": "hi"}], "description": "greets"}, **more,
    }  # fmt: skip


def test_promptfoo_results_are_numbered_by_test_prompt_and_provider() -> None:
    rows = [
        promptfoo_row(),
        promptfoo_row(),
        promptfoo_row(provider="other"),
        promptfoo_row(response={"error": "x"}),
    ]
    found = promptfoo.transcripts(raw({"results": {"version": 3, "results": rows}}), file="r.json")
    assert [(s.model, s.sample) for s in found.samples] == [("openai:m", 0), ("openai:m", 1), ("other", 0)]
    first = found.samples[0]
    assert (first.prompt_id, first.prompt, first.context) == ("test 3, prompt 0", "Say hi", "hi is a word")
    assert (first.reference, first.latency) == ("hi", 0.25)
    assert first.attributes == {"passed": "true", "score": "1", "var:who": "Ann", "test": "greets"}
    assert found.left_out == ("1 results without an answer",)


def test_an_output_that_is_an_object_is_kept_as_json() -> None:
    row = promptfoo_row(response={"output": {"a": 1}})
    (sample,) = promptfoo.transcripts(raw({"results": {"results": [row]}}), file="r.json").samples
    assert (sample.response, sample.usage) == ('{"a": 1}', None)


# PyRIT


def piece(role: str, said: str, sequence: int, **more: Any) -> dict[str, Any]:
    return {"id": f"{role}{sequence}", "role": role, "conversation_id": "c1", "sequence": sequence,
            "original_value": said, "converted_value": said, "converted_value_data_type": "text", **more}  # fmt: skip


def test_a_pyrit_conversation_gives_one_sample_an_answer_with_what_came_before_as_context() -> None:
    given = [
        piece("assistant", "no", 3, prompt_target_identifier={"model_name": "m"},
              scores=[{"score_value": "False", "scorer_class_identifier": {"__type__": "SubString"}}]),
        piece("system", "Be good.", 0), piece("user", "hi", 1, converted_value="aGk="),
        piece("assistant", "{}", 5, response_error="blocked"), piece("user", "please", 4),
        piece("user", "x.png", 6, converted_value_data_type="image_path"),
    ]  # fmt: skip
    found = pyrit.transcripts(raw(given), file="c.json")
    first, second = found.samples
    assert (first.prompt_id, first.prompt, first.context, first.response) == (
        "c1/3",
        "aGk=",
        "Be good.",
        "no",
    )
    assert (first.model, first.attributes) == ("m", {"score:SubString": "False"})
    assert (second.prompt, second.response, second.finish_reason) == ("please", "", "content_filter")
    assert found.left_out == ("1 pieces that are no text",)


# All of them


HOSTILE = [
    b"",
    b"<html></html>",
    b"[" * 100_000,
    b"\x80\x04pickle",
    b"null",
    b"5",
    b'{"results": 5}',
    b"[[]]",
    b"[5]",
]


@pytest.mark.parametrize("name", importers.formats())
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_file_of_the_tool_is_refused_in_one_line(name: str, data: bytes) -> None:
    module = importers.get(name)
    if not hasattr(module, "transcripts"):
        pytest.skip("this format brings no transcripts")
    with pytest.raises(InputError) as caught:
        module.transcripts(data, file="some.file")
    assert str(caught.value).startswith("some.file")
    assert "\n" not in str(caught.value)


def test_what_does_not_fit_an_answer_is_named_by_its_place() -> None:
    with pytest.raises(InputError, match=r"samples\[0\]\.latency"):
        inspect_ai.transcripts(
            raw(inspect_log(inspect_sample(output={"choices": [{}], "time": -1}))), file="f"
        )


def test_lone_surrogates_and_escape_sequences_arrive_as_text_that_can_be_written() -> None:
    log = inspect_log(inspect_sample(input="a\ud800\x1b[31m<b>"))
    (sample,) = inspect_ai.transcripts(raw(log), file="f").samples
    assert sample.prompt == "a\\ud800\x1b[31m<b>"
    assert sample.model_dump_json().encode()


def test_an_unknown_format_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="garak, inspect_ai"):
        importers.get("../etc")


# The command


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "projects/p").mkdir(parents=True)
    (tmp_path / "projects/p/profile.yml").write_text("id: p\n", encoding="utf-8")
    (tmp_path / "log.json").write_bytes(raw(inspect_log(inspect_sample(), inspect_sample(epoch=2))))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*words: str) -> Any:
    return CliRunner().invoke(app, ["import", *words])


def test_the_command_writes_transcripts_and_prints_what_the_profile_needs(workspace: Path) -> None:
    done = command("inspect_ai", "log.json", "-p", "p", "-d", "answers")
    assert done.exit_code == 0, done.output
    written = (workspace / "projects/p/data/answers.jsonl").read_bytes()
    assert f"sha256: {hashlib.sha256(written).hexdigest()}" in done.stdout
    assert "kind: transcripts" in done.stdout
    found = transcripts.samples(transcripts.Settings(dataset="a"), lambda name: written)
    assert [s.sample for s in found] == [0, 1]


def test_the_command_writes_over_nothing_unless_told(workspace: Path) -> None:
    words = ("inspect_ai", "log.json", "-p", "p", "-d", "answers")
    assert command(*words).exit_code == 0
    again = command(*words)
    assert isinstance(again.exception, UsageError)
    assert command(*words, "--replace").exit_code == 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("inspect_ai", "log.json", "-p", "q", "-d", "a"), UsageError),
        (("inspect_ai", "log.json", "-p", "p", "-d", "../x"), UsageError),
        (("nothing", "log.json", "-p", "p", "-d", "a"), UsageError),
        (("inspect_ai", "missing.json", "-p", "p", "-d", "a"), InputError),
        (("garak", "log.json", "-p", "p", "-d", "a"), InputError),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(workspace: Path, words: Any, error: Any) -> None:
    assert isinstance(command(*words).exception, error)
    assert not (workspace / "projects/p/data").exists()

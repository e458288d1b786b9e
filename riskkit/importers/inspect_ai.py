"""Logs of Inspect AI in JSON (``inspect eval --log-format json``, or ``inspect log convert``)."""

from __future__ import annotations

from typing import Any

from . import Imported, _reading


def transcripts(data: bytes, *, file: str) -> Imported:
    """One sample an epoch of each sample of the log: its last answer, with tools called and what they returned.

    The prompt is the last message of the user in the input; what stood before it, and what tools returned, is context.
    Several targets become a reference of several lines, each of them right.

    Raises
    ------
    InputError
        When the file is a zipped ``.eval``, or no log.
    """
    if data.startswith(b"PK"):
        raise _reading.fault(file, None, "", "is a zipped log", "inspect log convert --to json")
    log = _reading.document(data, file=file)
    run = _reading.mapping(log.get("eval"))
    if "model" not in run or not isinstance(log.get("samples"), list):
        raise _reading.fault(
            file, None, "samples", "is missing", "a log with samples, as Inspect AI writes it"
        )
    found, failed = [], 0
    for number, item in enumerate(log["samples"]):
        output = _reading.mapping(_reading.mapping(item).get("output"))
        if item.get("error") or not output.get("choices"):
            failed += 1
            continue
        given = _sample(item, output, asked=str(run["model"]), task=str(run.get("task", "")))
        found.append(_reading.sample(given, file=file, line=None, place=f"samples[{number}]"))
    return Imported(tuple(found), (f"{failed} samples without an answer",) if failed else ())


def _sample(item: dict[str, Any], output: dict[str, Any], *, asked: str, task: str) -> dict[str, Any]:
    choice = _reading.mapping(output["choices"][0])
    calls, returned = _tools(_reading.listing(item.get("messages")))
    prompt, before = _asked(item.get("input"))
    usage = _reading.mapping(output.get("usage"))
    targets = item.get("target")
    return {
        "prompt_id": str(item.get("id")),
        "sample": int(item.get("epoch", 1)) - 1,
        "prompt": prompt,
        "context": "\n\n".join(filter(None, [*before, *returned])),
        "reference": "\n".join(map(str, targets)) if isinstance(targets, list) else targets,
        "response": _reading.text(_reading.mapping(choice.get("message")).get("content")),
        "model": output.get("model") or asked,
        "requested_model": asked,
        "finish_reason": choice.get("stop_reason"),
        "latency": output.get("time"),
        "tool_calls": calls,
        "usage": {
            "input_tokens": _reading.whole(usage.get("input_tokens")),
            "output_tokens": _reading.whole(usage.get("output_tokens")),
            "cached_tokens": _reading.whole(usage.get("input_tokens_cache_read")),
            "reasoning_tokens": _reading.whole(usage.get("reasoning_tokens")),
        }
        if usage
        else None,
        "attributes": {"task": task, **_scores(item)},
    }


def _asked(given: Any) -> tuple[str, list[str]]:
    """The last message of the user, and the texts before it."""
    if isinstance(given, str):
        return given, []
    messages = [_reading.mapping(m) for m in _reading.listing(given)]
    last = max((i for i, m in enumerate(messages) if m.get("role") == "user"), default=len(messages))
    texts = [_reading.text(m.get("content")) for m in messages]
    return (texts[last] if last < len(texts) else ""), texts[:last]


def _tools(messages: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Every call of a tool with what came back, and what came back alone."""
    results = {
        m.get("tool_call_id"): _reading.text(m.get("content"))
        for m in map(_reading.mapping, messages)
        if m.get("role") == "tool"
    }
    calls = [
        {
            "name": str(call.get("function", "")),
            "arguments": _reading.mapping(call.get("arguments")),
            "result": results.get(call.get("id")),
        }
        for m in map(_reading.mapping, messages)
        if m.get("role") == "assistant"
        for call in map(_reading.mapping, _reading.listing(m.get("tool_calls")))
    ]
    return calls, list(results.values())


def _scores(item: dict[str, Any]) -> dict[str, str]:
    scores = _reading.mapping(item.get("scores"))
    return {f"score:{n}": _reading.plain(_reading.mapping(s).get("value")) for n, s in scores.items()}

"""Results of promptfoo: the JSON file of ``promptfoo eval --output results.json``."""

from __future__ import annotations

from typing import Any

from . import Imported, _reading


def transcripts(data: bytes, *, file: str) -> Imported:
    """One sample a result; repeated results of one test, prompt and provider are numbered in their order.

    The variable ``context`` becomes the context; the value of an ``equals`` assertion the reference.

    Raises
    ------
    InputError
        When the file holds no results.
    """
    results = _reading.document(data, file=file).get("results")
    rows = _reading.mapping(results).get("results", results)
    if not isinstance(rows, list):
        raise _reading.fault(file, None, "results.results", "is missing", "a results file of promptfoo")
    found, failed = [], 0
    for number, row in enumerate(map(_reading.mapping, rows)):
        output = _reading.mapping(row.get("response")).get("output")
        if output is None:
            failed += 1
            continue
        given = _sample(row, output)
        found.append(_reading.sample(given, file=file, line=None, place=f"results.results[{number}]"))
    return Imported(_reading.numbered(found), (f"{failed} results without an answer",) if failed else ())


def _sample(row: dict[str, Any], output: Any) -> dict[str, Any]:
    response, test = _reading.mapping(row.get("response")), _reading.mapping(row.get("testCase"))
    variables = _reading.mapping(row.get("vars"))
    tokens = _reading.mapping(response.get("tokenUsage"))
    provider, prompt = row.get("provider"), row.get("prompt")
    wait = row.get("latencyMs")
    return {
        "prompt_id": f"test {row.get('testIdx', '?')}, prompt {row.get('promptIdx', '?')}",
        "prompt": prompt if isinstance(prompt, str) else str(_reading.mapping(prompt).get("raw", "")),
        "context": _reading.plain(variables["context"]) if variables.get("context") else "",
        "reference": _reference(test),
        "response": _reading.plain(output),
        "model": provider if isinstance(provider, str) else str(_reading.mapping(provider).get("id", "")),
        "finish_reason": response.get("finishReason"),
        "latency": wait / 1000 if isinstance(wait, (int, float)) and wait >= 0 else None,
        "usage": {
            "input_tokens": _reading.whole(tokens.get("prompt")),
            "output_tokens": _reading.whole(tokens.get("completion")),
        }
        if tokens.get("prompt") or tokens.get("completion")
        else None,
        "attributes": {
            "passed": _reading.plain(row.get("success")),
            "score": _reading.plain(row.get("score")),
            **{f"var:{n}": _reading.plain(v) for n, v in variables.items() if n != "context"},
            **{f"score:{n}": _reading.plain(v) for n, v in _reading.mapping(row.get("namedScores")).items()},
            **({"test": str(test["description"])} if test.get("description") else {}),
        },
    }


def _reference(test: dict[str, Any]) -> str | None:
    for assertion in map(_reading.mapping, _reading.listing(test.get("assert"))):
        if assertion.get("type") == "equals" and isinstance(assertion.get("value"), (str, int, float)):
            return str(assertion["value"])
    return None

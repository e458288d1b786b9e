"""Reports of garak: the file ``garak.<run>.report.jsonl``."""

from __future__ import annotations

from typing import Any

from riskkit.model import Sample

from . import Imported, _reading

DETECTED = 2
"""The status of an attempt that detectors have looked at; the same attempt stands before it without their scores."""


def transcripts(data: bytes, *, file: str) -> Imported:
    """One sample an output of each attempt, with the scores of the detectors: 1 is a hit.

    Raises
    ------
    InputError
        When a line is no JSON object, or none is an attempt.
    """
    asked, found, missing = "", dict[str, list[Sample]](), 0
    for number, entry in _reading.lines(data, file=file):
        kind = entry.get("entry_type")
        if kind == "start_run setup":
            asked = _model(entry)
        if kind != "attempt" or not entry.get("outputs"):
            continue
        uuid = str(entry.get("uuid"))
        if uuid in found and entry.get("status") != DETECTED:
            continue
        outputs = list(enumerate(_reading.listing(entry["outputs"])))
        missing += sum(output is None for _, output in outputs)
        found[uuid] = [
            _reading.sample(_sample(entry, n, output, asked), file=file, line=number, place="attempt")
            for n, output in outputs
            if output is not None
        ]
    if not found:
        raise _reading.fault(file, None, "entry_type", "no line is an attempt", "a report.jsonl of garak")
    samples = tuple(sample for group in found.values() for sample in group)
    return Imported(samples, (f"{missing} outputs that the generator did not give",) if missing else ())


def _model(setup: dict[str, Any]) -> str:
    named = [setup.get(f"plugins.{part}_{what}") for what in ("type", "name") for part in ("target", "model")]
    return "/".join(str(n) for n in named if n)


def _sample(entry: dict[str, Any], number: int, output: Any, asked: str) -> dict[str, Any]:
    probe, goal = str(entry.get("probe_classname", "")), str(entry.get("goal", ""))
    hits = {
        f"detector:{name}": _reading.plain(scores[number])
        for name, scores in _reading.mapping(entry.get("detector_results")).items()
        if isinstance(scores, list) and number < len(scores)
    }
    turns = _reading.listing(_reading.mapping(entry.get("prompt")).get("turns"))
    texts = [_reading.text(_reading.mapping(t).get("content")) for t in turns]
    prompt = entry["prompt"] if isinstance(entry.get("prompt"), str) else (texts[-1] if texts else "")
    return {
        "prompt_id": f"{probe}/{entry.get('uuid')}",
        "sample": number,
        "prompt": prompt,
        "context": "\n\n".join(texts[:-1]),
        "response": _reading.text(output),
        "model": asked,
        "attributes": {"probe": probe, "goal": goal, **hits},
    }

"""Answers of two versions of a model to the same prompts, side by side in one table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.correctness import is_right, normalised
from riskkit.measures.prices import Price
from riskkit.measures.refusals import is_refusal
from riskkit.measures.text import storable, words
from riskkit.model import Sample

BEFORE, AFTER = "before", "after"
UNDETERMINED = ""
"""The answer of a response that holds none of the listed ones."""
LONGEST = 20_000
"""Characters of a response that are held against a format."""
JSON = "json"


def compare(
    before: Sequence[Sample],
    after: Sequence[Sample],
    *,
    answers: Sequence[str] = (),
    form: str = "",
    cost: str = "",
    price: Price | None = None,
    unmatched: int = 0,
) -> pd.DataFrame:
    """One row an answer of either version; only prompts that both were asked.

    Columns: side (before, after), prompt_id, sample, answer, reference, right, refused, valid, chars, latency, tokens,
    cost_usd, requested_model, model, version, fingerprint, at, response. What is not known is missing.

    Parameters
    ----------
    answers : the answers a response may give, such as ``["yes", "no"]``: the first of the list that it holds counts
        (whole words; literally where it has other signs, such as ``[yes]``). Without them whole wordings are compared.
    form : what every response should be: ``json``, or a regular expression for all of it.
    cost : attribute that holds what an answer cost in US dollars; else tokens at ``price``, where there is one.
    unmatched : prompts that may be left out because only one version was asked them.

    Raises
    ------
    ValueError
        When an answer occurs twice, more prompts have no partner than may, a prompt's wording differs between the
        versions, or both sides are the same recording.
    """
    for side, samples in ((BEFORE, before), (AFTER, after)):
        _refuse_repeated(side, samples)
    shared = _shared(before, after, unmatched)
    _refuse_other_prompts(before, after, shared)
    _refuse_same_recording(before, after)
    pattern = re.compile(form, re.DOTALL) if form and form != JSON else None
    rows = [
        _row(side, s, answers, form, pattern, cost, price)
        for side, samples in ((BEFORE, before), (AFTER, after))
        for s in samples
        if s.prompt_id in shared
    ]
    kinds: dict[str, Any] = {"right": "boolean", "refused": bool, "valid": "boolean"}
    table = pd.DataFrame(rows).astype(kinds | dict.fromkeys(("latency", "tokens", "cost_usd"), float))
    asked = {s.prompt_id for s in (*before, *after)}
    table.attrs |= {"answers": list(answers), "left_out": len(asked) - len(shared), "form": form}
    return table


def compare_sides(sides: Sequence[Sequence[Sample]], **how: Any) -> pd.DataFrame:
    """:func:`compare` of the answers of two targets, the earlier one first.

    Raises
    ------
    ValueError
        With any other number of targets than two: one version alone shows no change.
    """
    if len(sides) != 2:
        raise ValueError(f"versions names {len(sides)} targets; name the earlier and the later one")
    return compare(*sides, **how)


def answer_of(response: str, answers: Sequence[str]) -> str:
    """The first of ``answers`` that ``response`` holds; its words in lower case where none are listed."""
    if not answers:
        return " ".join(normalised(response))
    text = response.lower()
    return next((a for a in answers if _holds(text, a.lower())), UNDETERMINED)


def is_answer_right(s: Sample, answers: Sequence[str]) -> Any:
    """Whether an answer is its reference among ``answers``, or agrees with it in words; missing without a reference."""
    if not (s.reference or "").strip():
        return pd.NA
    if not answers:
        return is_right(s.response, s.reference or "")
    return answer_of(s.response, answers) == _reference(s, answers)


def _holds(text: str, answer: str) -> bool:
    if re.fullmatch(r"[\w ]+", answer):
        return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None
    return answer in text


def _row(
    side: str, s: Sample, answers: Sequence[str], form: str, pattern: Any, cost: str, price: Price | None
) -> dict[str, Any]:
    answer = answer_of(s.response, answers)
    reference = _reference(s, answers)
    valid = (
        _is_json(s.response)
        if form == JSON
        else bool(pattern and pattern.fullmatch(s.response[:LONGEST].strip()))
    )
    return {
        "side": side,
        "prompt_id": storable(s.prompt_id),
        "sample": s.sample,
        "answer": storable(answer),
        "reference": reference,
        "right": is_answer_right(s, answers),
        "refused": is_refusal(s.response),
        "valid": valid if form else pd.NA,
        "chars": len(s.response),
        "latency": s.latency,
        "tokens": s.usage.input_tokens + s.usage.output_tokens if s.usage else None,
        "cost_usd": _cost(s, cost, price),
        "requested_model": storable(s.requested_model),
        "model": storable(s.model),
        "version": storable(s.version),
        "fingerprint": storable(s.fingerprint or ""),
        "at": s.at or "",
        "response": storable(s.response),
    }


def _reference(s: Sample, answers: Sequence[str]) -> str:
    """What the reference stands for among ``answers``; its own wording where none are listed or none fits."""
    given = s.reference or ""
    named = next((a for a in answers if words(a) == words(given)), None)
    return named or (answer_of(given, answers) if answers else "") or storable(given)


def _cost(s: Sample, cost: str, price: Price | None) -> float | None:
    if cost:
        try:
            return float(s.attributes[cost])
        except (KeyError, ValueError):
            return None
    if price is None or s.usage is None:
        return None
    return (price.input * s.usage.input_tokens + price.output * s.usage.output_tokens) / 1e6


def _is_json(response: str) -> bool:
    try:
        json.loads(response)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_repeated(side: str, samples: Sequence[Sample]) -> None:
    seen = Counter((s.prompt_id, s.sample) for s in samples)
    twice = [f"{printable(p, 40)} (sample {k})" for (p, k), times in seen.items() if times > 1]
    if twice:
        more = f" and {len(twice) - 5} more" if len(twice) > 5 else ""
        raise ValueError(
            f"{side}: an answer occurs twice: {', '.join(twice[:5])}{more}; name one model and version, and give "
            "repeated answers their own sample numbers"
        )


def _shared(before: Sequence[Sample], after: Sequence[Sample], unmatched: int) -> set[str]:
    one, two = ({s.prompt_id for s in side} for side in (before, after))
    alone = sorted(one ^ two)
    if not one & two or len(alone) > unmatched:
        shown = ", ".join(printable(p, 40) for p in alone[:5])
        raise ValueError(
            f"{len(alone)} prompts were asked of one version only ({len(one - two)} before, {len(two - one)} after: "
            f"{shown}); ask both the same prompts, or allow so many with unmatched"
        )
    return one & two


def _refuse_other_prompts(before: Sequence[Sample], after: Sequence[Sample], shared: set[str]) -> None:
    asked = {s.prompt_id: s.prompt for s in before if s.prompt}
    other = sorted(
        {
            s.prompt_id
            for s in after
            if s.prompt_id in shared and s.prompt and asked.get(s.prompt_id, s.prompt) != s.prompt
        }
    )
    if other:
        shown = ", ".join(printable(p, 40) for p in other[:5])
        raise ValueError(
            f"{len(other)} prompts have other words before than after ({shown}): no pair to compare"
        )


def _refuse_same_recording(before: Sequence[Sample], after: Sequence[Sample]) -> None:
    def recording(samples: Sequence[Sample]) -> list[Any]:
        return sorted(
            (
                s.prompt_id,
                s.sample,
                s.response,
                s.model,
                s.version,
                s.fingerprint or "",
                s.at or "",
                str(s.latency),
            )
            for s in samples
        )

    if recording(before) == recording(after):
        raise ValueError(
            "both sides are the same recording of one version: nothing shows that it was asked twice (record at or "
            "latency, or name another version)"
        )

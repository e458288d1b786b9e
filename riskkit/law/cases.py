"""Cases in a short form, as files hold them: the facts with the flags that are true, the counts of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import EuClass, Facts
from .eu_ai_act import classify
from .ll144 import ImpactTable, scoring_ratios, selection_ratios


def facts_of(case: Mapping[str, Any], *, flags: Iterable[str]) -> Facts:
    """The facts of one case. With ``flags_true`` alone, every other one of ``flags`` is false.

    Those in ``flags_unknown`` stay unanswered; where ``flags_false`` is given, so do all that neither list
    names. A mapping ``flags`` is taken as it is, as in a profile.
    """
    true, false = set(case.get("flags_true", ())), case.get("flags_false")
    unknown = set(case.get("flags_unknown", ()))
    if "flags" in case:
        answers = dict(case["flags"]) | dict.fromkeys(true, True) | dict.fromkeys(false or (), False)
    else:
        answers = dict.fromkeys(flags if false is None else false, False) | dict.fromkeys(true, True)
    lists = {key: _words(case.get(key, ())) for key in ("role", "jurisdiction", "sector", "use_case")}
    return Facts(**lists, flags={name: bool(v) for name, v in answers.items() if name not in unknown})


def classify_case(case: Mapping[str, Any], *, flags: Iterable[str]) -> EuClass:
    """The EU class of one case; one that states no use and is no AI system is a model, judged on its own axis."""
    facts = facts_of(case, flags=flags)
    model_only = not facts.use_case and "use_case" in case and facts.flags.get("is_ai_system") is False
    return classify(facts, model_only=model_only)


def classified(name: str, found: EuClass) -> dict[str, Any]:
    """The class of the case called ``name`` as plain values: what ``riskkit law classify`` prints."""
    return {
        "id": name,
        "tier": found.tier,
        "basis": found.basis,
        "overlays": list(found.overlays),
        "filter": found.filter,
        "gpai": found.gpai,
        "applies_from": found.applies_from and found.applies_from.isoformat(),
        "unknown": list(found.asks),
        "path": list(found.path),
    }


def impact_table(case: Mapping[str, Any]) -> ImpactTable:
    """The table of one case: ``kind`` selection or scoring, ``input``, and who is ``excluded`` or ``unknown``.

    Raises
    ------
    ValueError
        When the kind is neither, or the figures cannot be.
    """
    if case.get("kind") not in ("selection", "scoring"):
        raise ValueError(f"kind is {case.get('kind')!r}, not selection or scoring")
    left_out, unknown = _words(case.get("excluded", ())), case.get("unknown", 0)
    if case["kind"] == "selection":
        if bare := [row for row in case["input"] if not {"category", "applicants", "selected"} <= row.keys()]:
            raise ValueError(f"{bare[0]!r} needs category, applicants and selected")
        counts = {row["category"]: (row["applicants"], row["selected"]) for row in case["input"]}
        return selection_ratios(counts, left_out=left_out, unknown=unknown)
    return scoring_ratios(case["input"], left_out=left_out, unknown=unknown)


def tabulated(case: Mapping[str, Any]) -> dict[str, Any]:
    """The impact table of one case as plain values: what ``riskkit law ll144`` prints."""
    table = impact_table(case)
    people, favoured, rate = (
        ("applicants", "selected", "selection_rate")
        if table.kind == "selection"
        else ("n", "above_median", "scoring_rate")
    )
    rows = [
        {
            "category": row.category,
            people: row.people,
            favoured: row.favoured,
            rate: _six(row.rate),
            "impact_ratio": _six(row.impact_ratio),
            "impact_ratio_2dp": row.impact_ratio_2dp,
            "why": row.why,
        }
        for row in table.categories
    ]
    about = {"id": case.get("id"), "kind": table.kind, "dimension": case.get("dimension")}
    return about | {
        "median": table.median,
        "unknown": table.unknown,
        "rows": rows,
        "choices": list(table.choices),
    }


def _six(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())

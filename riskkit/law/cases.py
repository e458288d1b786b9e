"""Facts in the short form of test cases: a role, a jurisdiction, use cases, and the flags that are true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import EuClass, Facts
from .eu_ai_act import classify


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
    """The EU class of one case; a case that is no AI system and states no use is a model, judged on its own axis."""
    facts = facts_of(case, flags=flags)
    model_only = not facts.use_case and "use_case" in case and facts.flags.get("is_ai_system") is False
    return classify(facts, model_only=model_only)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())

"""Rows without the figures and texts that their readers may not see; verdicts stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from riskkit.model import (
    Comparison,
    Conclusion,
    Entry,
    Evidence,
    Indicator,
    Measurement,
    Point,
    Sensitivity,
    Status,
    Withheld,
    withheld,
)
from riskkit.model.profile import Profile

from .indicators import Runs

FIGURES, TEXT = "the figures are withheld", "withheld"
_QUOTES = ("interval [", "not computable", "n = ")


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is kept back of a project's runs, by the folder of the record, and why runs failed where that is, too."""

    runs: Mapping[str, Withheld] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.runs)

    def all(self) -> Withheld:
        """All that is kept back of any run, as of one."""
        kept = self.runs.values()
        return Withheld(
            texts=any(k.texts for k in kept),
            figures={key: why for k in kept for key, why in k.figures.items()},
            notes=frozenset(key for k in kept for key in k.notes),
            names=frozenset(key for k in kept for key in k.names),
        )


def hidden(profile: Profile, runs: Runs, *, audience: Sensitivity) -> Hidden:
    """What of each run ``audience`` does not see; runs that are shown whole are left out."""
    found = [(r, withheld(profile, r, audience=audience)) for history in runs.values() for r in history]
    return Hidden(
        {r.folder: kept for r, kept in found if kept},
        {r.run.reason: TEXT for r, kept in found if kept.texts and r.run.reason},
    )


def without_figures(entries: Iterable[Entry], kept: Hidden) -> tuple[Entry, ...]:
    """``entries`` with what is ``kept`` back gone from indicators, comparisons and every sentence that quotes it."""
    return tuple(_entry(entry, kept) for entry in entries)


def indicator_shown(indicator: Indicator, kept: Hidden) -> Indicator:
    """``indicator`` as it may be shown."""
    own = kept.runs.get(indicator.record, Withheld())
    why, taken = indicator.judgement.why, indicator.measurement
    changed: dict[str, object] = {"trend": tuple(_point(p, indicator, kept) for p in indicator.trend)}
    if taken is not None:
        changed["measurement"] = m = measurement_shown(taken, own)
        changed["segment"] = m.segment
    figures = (indicator.measure, indicator.segment) in own.figures
    if (figures and any(part in why for part in _QUOTES)) or (own.texts and "not computable" in why):
        changed["judgement"] = indicator.judgement.model_copy(update={"why": FIGURES, "n_to_decide": None})
    elif (told := _replaced(why, kept.reasons)) != why:
        changed["judgement"] = indicator.judgement.model_copy(update={"why": told})
    return indicator.model_copy(update=changed)


def run_shown(run: Evidence, kept: Hidden) -> Evidence:
    """``run`` as it may be shown."""
    own = kept.runs.get(run.folder)
    if own is None:
        return run
    changed: dict[str, object] = {"conclusion": _conclusion(run.conclusion, own)}
    if own.texts and run.run.status is not Status.OK:
        changed["run"] = run.run.model_copy(update={"reason": TEXT})
    return run.model_copy(update=changed)


def measurement_shown(m: Measurement, own: Withheld) -> Measurement:
    """``m`` as it may be shown: figures, segment and note gone where they are kept back."""
    key = (m.measure, m.segment)
    changed: dict[str, object] = {}
    if own.texts:
        changed |= {"method": TEXT, "note": "", "undefined": TEXT if m.undefined else ""}
    elif key in own.notes:
        changed["note"] = "the note is withheld"
    if key in own.figures:
        changed |= {
            "value": None,
            "low": None,
            "high": None,
            "n": 0,
            "note": "",
            "undefined": own.figures[key],
        }
    if key in own.names:
        changed["segment"] = f"withheld {sorted(own.names).index(key) + 1}"
    return m.model_copy(update=changed)


def _conclusion(said: Conclusion | None, own: Withheld) -> Conclusion | None:
    if said is None:
        return None
    shown = tuple(measurement_shown(m, own) for m in said.measurements)
    texts: dict[str, object] = {"notes": (), "models": ()} if own.texts else {}
    return said.model_copy(update={"measurements": shown, **texts})


def _entry(entry: Entry, kept: Hidden) -> Entry:
    shown = tuple(indicator_shown(i, kept) for i in entry.indicators)
    compared = tuple(_comparison(c, kept) for c in entry.compared)
    texts = dict(kept.reasons)
    for before, after in zip(entry.indicators, shown, strict=True):
        if before.judgement.why != after.judgement.why:
            texts[before.judgement.why] = after.judgement.why
        if before.segment != after.segment:
            texts[f"[{before.segment}]"] = f"[{after.segment}]"
    texts |= {a.why: b.why for a, b in zip(entry.compared, compared, strict=True) if a.why != b.why}
    if entry.indicators == shown and entry.compared == compared and not texts:
        return entry
    changed: dict[str, object] = {"indicators": shown, "compared": compared}
    if texts:
        quoting = entry.model_dump(include={"why", "credits", "walk"})
        again = Entry.model_validate({**dict(entry), **_replaced(quoting, texts)})
        changed |= {name: getattr(again, name) for name in quoting}
    return entry.model_copy(update=changed)


def _comparison(comparison: Comparison, kept: Hidden) -> Comparison:
    ours, theirs = comparison.developer, comparison.validator
    all_kept = kept.all()
    shown = measurement_shown(ours, all_kept), measurement_shown(theirs, all_kept)
    if shown == (ours, theirs):
        return comparison
    name = theirs.measure + (f" [{shown[1].segment}]" if shown[1].segment else "")
    why = comparison.why
    if (theirs.measure, theirs.segment) in all_kept.figures:
        why = f"{name}: developer and validator {'agree' if comparison.agrees else 'differ'}"
    return comparison.model_copy(update={"developer": shown[0], "validator": shown[1], "why": why})


def _point(point: Point, indicator: Indicator, kept: Hidden) -> Point:
    own = kept.runs.get(point.record)
    if own is None:
        return point
    changed: dict[str, object] = {"method": TEXT} if own.texts else {}
    if (indicator.measure, indicator.segment) in own.figures:
        changed |= {"value": None, "low": None, "high": None, "n": 0}
    return point.model_copy(update=changed)


def _replaced(value: Any, texts: Mapping[str, str]) -> Any:
    """``value`` with every text of ``texts`` replaced, however deep it stands; longer texts first."""
    if isinstance(value, str):
        for old in sorted(texts, key=len, reverse=True):
            value = value.replace(old, texts[old])
        return value
    if isinstance(value, dict):
        return {k: _replaced(v, texts) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_replaced(v, texts) for v in value)
    return value

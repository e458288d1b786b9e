"""Whether a requirement concerns a project, from its facts alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..model import Applicability, AppliesWhen, EuClass, Facts, Requirement
from .conditions import Truth, every, flag, listed, negate, some
from .eu_ai_act import classify

GONE = frozenset({"repealed", "withdrawn", "replaced"})
NOT_LAW_YET = frozenset({"proposal", "draft"})
Conditions = tuple[AppliesWhen, tuple[AppliesWhen, ...]]
_LISTS = ("role", "jurisdiction", "sector", "use_case")


def applicability(
    requirement: Requirement, facts: Facts, *, as_of: date, eu: EuClass | None = None
) -> Applicability:
    """Yes, no, unknown or later, with the reason, and for an unknown the facts that would decide it.

    An unanswered fact is never taken for false: no is said only where a stated fact rules the requirement
    out, or the requirement itself is not in force whatever the facts. ``eu`` saves working out the EU tier
    again.
    """
    conditions = (requirement.applies_when, *requirement.or_when)
    if eu is None and any(when.eu_tier for when in conditions):
        eu = classify(facts)
    return _applicability(requirement, facts, eu, as_of, {})


def applicabilities(
    requirements: Iterable[Requirement], facts: Facts, *, as_of: date, eu: EuClass
) -> dict[str, Applicability]:
    """The applicability of each requirement, by id; conditions that many share are looked at once."""
    held: dict[Conditions, Truth] = {}
    return {r.id: _applicability(r, facts, eu, as_of, held) for r in requirements}


def _applicability(
    requirement: Requirement, facts: Facts, eu: EuClass | None, as_of: date, held: dict[Conditions, Truth]
) -> Applicability:
    gone = _not_in_force(requirement, as_of)
    if gone:
        return Applicability(requirement=requirement.id, applies="no", why=gone)
    key = (requirement.applies_when, requirement.or_when)
    if key not in held:
        held[key] = some(*(_holds(when, facts, eu) for when in (key[0], *key[1])))
    truth = held[key]
    if truth.value is False:
        return Applicability(requirement=requirement.id, applies="no", why=_words(truth.because))
    start, open_grace = _start(requirement, facts, eu, as_of)
    asks = truth.asks + open_grace
    if asks:
        why = f"not answered: {', '.join(asks)}" + (
            f"; would start {start}" if start and start > as_of else ""
        )
        return Applicability(requirement=requirement.id, applies="unknown", why=why, asks=asks, starts=start)
    why = _words(truth.because) + _condition(requirement)
    if start and start > as_of:
        return Applicability(
            requirement=requirement.id, applies="later", why=f"from {start}: {why}", starts=start
        )
    return Applicability(requirement=requirement.id, applies="yes", why=why, starts=start)


def _not_in_force(requirement: Requirement, as_of: date) -> str:
    """Why nobody has to look at it on that day, or an empty text."""
    if requirement.status in NOT_LAW_YET:
        return f"a {requirement.status}: not in force, to be watched"
    if requirement.status not in GONE:
        return ""
    ended = requirement.ended_on
    if ended and as_of < ended and requirement.applies_from:
        return ""
    since = f" since {ended}" if ended else ""
    instead = f"; see {requirement.superseded_by}" if requirement.superseded_by else ""
    return f"{requirement.status}{since}{instead}"


def _holds(when: AppliesWhen, facts: Facts, eu: EuClass | None) -> Truth:
    parts = [_listed(when, facts, key) for key in _LISTS if getattr(when, key)]
    parts += [some(_tier(when, eu), _also(when, eu))] if when.eu_tier and eu else []
    parts += [flag(facts, name) for name in when.flags_all]
    parts += [some(*(flag(facts, name) for name in when.flags_any))] if when.flags_any else []
    parts += [negate(flag(facts, name)) for name in when.flags_none]
    return every(*parts)


def _listed(when: AppliesWhen, facts: Facts, key: str) -> Truth:
    wanted: tuple[str, ...] = getattr(when, key)
    if "any" in wanted:
        return Truth(True)
    return listed(facts, key, wanted)


def _tier(when: AppliesWhen, eu: EuClass) -> Truth:
    possible = {tier for tier in eu.possible if tier}
    if possible and possible.issubset(when.eu_tier) and None not in eu.possible:
        return Truth(True, because=(f"EU tier {' or '.join(sorted(possible))} ({eu.basis or 'still open'})",))
    if possible.isdisjoint(when.eu_tier):
        return Truth(False, because=(f"the EU tier is {_either(eu)}",))
    return Truth(None, asks=eu.tier_asks)


def _also(when: AppliesWhen, eu: EuClass) -> Truth:
    """Whether a product that is an Annex III use as well has the duties of such a use."""
    if "high_risk_annex_iii" not in when.eu_tier or eu.also_annex_iii is False:
        return Truth(False)
    return Truth(eu.also_annex_iii, asks=eu.also_asks, because=("an Annex III use as well",))


def _either(eu: EuClass) -> str:
    return " or ".join(sorted(tier or "none, a model" for tier in eu.possible))


def _start(
    requirement: Requirement, facts: Facts, eu: EuClass | None, as_of: date
) -> tuple[date | None, tuple[str, ...]]:
    """The day it starts for this project, and the flag that would decide whether a grace still runs."""
    start = requirement.applies_from
    if eu is not None and eu.tier in requirement.applies_from_by_tier:
        start = requirement.applies_from_by_tier[eu.tier]
        if eu.also_annex_iii is not False:
            start = min(start, requirement.applies_from_by_tier.get("high_risk_annex_iii", start))
    grace = requirement.grace
    answer = facts.flags.get(grace.flag) if grace else False
    if grace and answer:
        return grace.until, ()
    running = grace is not None and as_of < grace.until and (start is None or start <= as_of)
    return start, (grace.flag,) if grace and running and answer is None else ()


def _words(because: tuple[str, ...]) -> str:
    return ", ".join(because) if because else "no restriction"


def _condition(requirement: Requirement) -> str:
    texts = {w.condition for w in (requirement.applies_when, *requirement.or_when) if w.condition}
    return f"; only if: {' / '.join(sorted(texts))}" if texts else ""

"""The tier a system has under the EU AI Act, as amended by Regulation (EU) 2026/1744.

The steps are gone through in order. A step whose answer is open leaves its tier possible and goes on, so a
tier is definite only when every way of answering the open questions leads to it. Not legal advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..model import EuClass, Facts
from . import eu_annexes as annexes
from . import eu_overlays as overlays
from .conditions import Truth, every, flag, listed, negate, some

UNKNOWN = "unknown"
OUTSIDE = frozenset({"prohibited", "out_of_scope", None})
"""Tiers without overlays."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One question: the tier when it is answered yes, on which basis; otherwise the next step is taken."""

    asks_for: str
    truth: Truth
    tier: str | None
    basis: str


def classify(facts: Facts, *, model_only: bool = False) -> EuClass:
    """The tier of a system with ``facts``, what comes on top, from when, and the path of reasons with citations.

    ``model_only`` is for a model without a use of its own, which has no tier and is judged on the GPAI axis.
    """
    in_union = listed(facts, "jurisdiction", ["eu"])
    gpai, gpai_asks = overlays.model_axis(facts, in_union=in_union)
    taken, open_steps, path = _walk(_model_steps() if model_only else _steps(facts, in_union))
    possible = tuple(dict.fromkeys([*(step.tier for step in open_steps), taken.tier]))
    definite = len(possible) == 1
    tier = taken.tier if definite else UNKNOWN
    tier_asks = () if definite else _asks(*(step.truth for step in open_steps))
    also = _also_listed(facts, possible, tier_asks)
    extra = _overlays(facts, possible, tier_asks, also)
    asks = [*tier_asks, *also.asks, *(a for truth in extra.values() for a in truth.asks), *gpai_asks]
    held = tuple(name for name, truth in extra.items() if truth.value)
    return EuClass(
        tier=tier,
        basis=_basis(taken, facts, held) if definite else "",
        overlays=held,
        overlays_open=tuple(name for name, truth in extra.items() if truth.value is None),
        filter="+".join(_filters(facts)) if tier == "exempt_art6_3" else None,
        gpai=gpai,
        applies_from=_starts(tier, facts, held, gpai, also),
        also_annex_iii=also.value,
        also_asks=also.asks,
        possible=possible,
        tier_asks=tier_asks,
        asks=tuple(dict.fromkeys(asks)),
        path=(*path, *_also_path(also), *(overlays.TITLES[name] for name in held), *_gpai_path(gpai)),
    )


def _steps(facts: Facts, in_union: Truth) -> Iterator[_Step]:
    ai = flag(facts, "is_ai_system")
    general = overlays.is_general_purpose(facts)
    yield _Step("outside the Union", negate(in_union), "out_of_scope", "Art. 2(1)")
    for name, article in annexes.EXCLUSIONS.items():
        yield _Step(f"excluded: {name}", flag(facts, name), "out_of_scope", article)
    yield _Step("a model, not a system", every(negate(ai), general), None, "Art. 3(63), 51, 53")
    yield _Step("not an AI system", every(negate(ai), negate(general)), "out_of_scope", "Art. 3(1)")
    yield _Step("a prohibited practice", listed(facts, "use_case", annexes.ART_5), "prohibited", "Art. 5(1)")
    yield from _product_steps(facts)
    listed_use = "an Annex III use that Art. 6(3) does not take out"
    yield _Step(listed_use, _listed_use(facts), "high_risk_annex_iii", "Annex III")
    area = listed(facts, "use_case", annexes.ANNEX_III)
    yield _Step("an Annex III use that Art. 6(3) takes out", area, "exempt_art6_3", "Art. 6(3)")
    duty = some(*overlays.transparency(facts).values())
    yield _Step("a transparency case", duty, "transparency", "Art. 50")
    yield _Step("free and open source", flag(facts, "free_open_source"), "out_of_scope", "Art. 2(12)")
    yield _Step("nothing of the above", Truth(True), "minimal", "none")


def _product_steps(facts: Facts) -> Iterator[_Step]:
    """Art. 6(1): a safety component of an Annex I product, or itself one, that needs a third-party assessment.

    Software that is a medical device is taken to be the product itself.
    """
    part = some(flag(facts, "safety_component"), listed(facts, "use_case", ["medical_device"]))
    third_party = flag(facts, "third_party_conformity_assessment")
    for letter in "ab":
        product = every(flag(facts, f"annex_i_section_{letter}"), third_party, part)
        name = f"an Annex I Section {letter.upper()} product"
        yield _Step(name, product, f"high_risk_annex_i_{letter}", f"Art. 6(1) + Annex I {letter.upper()}")


def _listed_use(facts: Facts) -> Truth:
    """Art. 6(2): a use of Annex III that no filter takes out."""
    return every(listed(facts, "use_case", annexes.ANNEX_III), negate(_filtered(facts)))


def _also_listed(facts: Facts, possible: tuple[str | None, ...], asks: tuple[str, ...]) -> Truth:
    """Whether a product of Annex I Section A is an Annex III use as well, whose duties start earlier and are more."""
    product = _is_among(possible, frozenset({"high_risk_annex_i_a"}), asks)
    if product.value is None and frozenset(possible) <= {"high_risk_annex_i_a", "high_risk_annex_iii"}:
        return _listed_use(facts)
    return every(product, _listed_use(facts))


def _also_path(also: Truth) -> Iterator[str]:
    if also.value:
        yield "Art. 6(2): an Annex III use as well, whose duties start on 2027-12-02"
    if also.value is None:
        yield f"Art. 6(2): an Annex III use as well: open, not answered: {', '.join(also.asks)}"


def _filtered(facts: Facts) -> Truth:
    """Art. 6(3): one of four conditions, no profiling of persons, not part of a chain that drives the decision."""
    return every(
        some(*(flag(facts, name) for name in annexes.FILTERS)),
        negate(flag(facts, "profiles_natural_persons")),
        negate(flag(facts, "part_of_complex_system")),
    )


def _model_steps() -> Iterator[_Step]:
    yield _Step("a model without a use of its own", Truth(True), None, "Art. 3(63), 51, 53")


def _walk(steps: Iterator[_Step]) -> tuple[_Step, list[_Step], list[str]]:
    """The step that ends the way, the open ones met before it, and the path in words."""
    open_steps: list[_Step] = []
    path: list[str] = []
    for step in steps:
        if step.truth.value:
            path.append(f"{step.basis}: {step.asks_for}: yes{_because(step.truth)}")
            return step, open_steps, path
        if step.truth.value is None:
            open_steps.append(step)
            path.append(f"{step.basis}: {step.asks_for}: open, not answered: {', '.join(step.truth.asks)}")
        else:
            path.append(f"{step.basis}: {step.asks_for}: no{_because(step.truth)}")
    raise AssertionError("the last step is always taken")


def _overlays(
    facts: Facts, possible: tuple[str | None, ...], asks: tuple[str, ...], also: Truth
) -> dict[str, Truth]:
    """Each overlay's truth, given the tiers that are possible."""
    inside = _is_among(possible, frozenset(possible) - OUTSIDE, asks)
    cases = {name: every(inside, truth) for name, truth in overlays.transparency(facts).items()}
    high = some(_is_among(possible, frozenset({"high_risk_annex_iii"}), asks), also)
    return cases | {"fria": every(high, overlays.rights_assessment(facts))}


def _is_among(
    possible: tuple[str | None, ...], wanted: frozenset[str | None], asks: tuple[str, ...]
) -> Truth:
    if wanted.issuperset(possible):
        return Truth(True)
    return Truth(None, asks=asks) if wanted.intersection(possible) else Truth(False)


def _basis(taken: _Step, facts: Facts, held: tuple[str, ...]) -> str:
    """The citation of the tier with its points, such as ``Annex III 4(a)``."""
    if taken.tier == "prohibited":
        return "Art. 5(1)" + ", ".join(
            annexes.ART_5[c] for c in annexes.points(annexes.ART_5, facts.use_case)
        )
    if taken.tier == "high_risk_annex_iii":
        cases = annexes.points(annexes.ANNEX_III, facts.use_case)
        return "Annex III " + ", ".join(annexes.ANNEX_III[c] for c in cases)
    if taken.tier == "exempt_art6_3":
        return "Art. 6(3)" + ", ".join(f"({letter})" for letter in _filters(facts))
    if taken.tier == "transparency":
        return "Art. 50" + ",".join(sorted({f"({name[6]})" for name in held}))
    return taken.basis


def _starts(tier: str | None, facts: Facts, held: tuple[str, ...], gpai: str, also: Truth) -> date | None:
    """The day on which the tier's main duties start; see ``eu_dates`` for systems already on the market."""
    if tier == "prohibited":
        cases = annexes.points(annexes.ART_5, facts.use_case)
        old = any(case not in annexes.NEW_IN_2026 for case in cases)
        return annexes.PROHIBITIONS_START if old else annexes.NEW_PROHIBITIONS_START
    if tier is None:
        return annexes.GPAI_START if gpai.startswith("gpai") else None
    if tier == "transparency" and held == ("art50_2",) and facts.flags.get("on_market_before_2026_08_02"):
        return annexes.MARKING_GRACE_END
    if tier == "high_risk_annex_i_a" and also.value is not False:
        return annexes.ANNEX_III_START
    return annexes.STARTS.get(tier)


def _filters(facts: Facts) -> list[str]:
    return [letter for name, letter in annexes.FILTERS.items() if facts.flags.get(name)]


def _asks(*truths: Truth) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ask for truth in truths for ask in truth.asks))


def _because(truth: Truth) -> str:
    return f" ({', '.join(truth.because)})" if truth.because else ""


def _gpai_path(gpai: str) -> Iterator[str]:
    if gpai == "gpai":
        yield "Art. 51, 53: a general-purpose AI model"
    if gpai == "gpai_systemic":
        yield "Art. 51, 53, 55: a general-purpose AI model with systemic risk"

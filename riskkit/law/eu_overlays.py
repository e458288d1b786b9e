"""What the EU AI Act adds to a tier: cases of Art. 50, the assessment of Art. 27, the axis of models."""

from __future__ import annotations

from ..model import Facts
from . import eu_annexes as annexes
from .conditions import Truth, every, flag, listed, negate, some

TITLES = {
    "art50_1": "Art. 50(1): people interact with it and its being AI is not obvious",
    "art50_2": "Art. 50(2): it generates synthetic content beyond assistive editing",
    "art50_3": "Art. 50(3): people are exposed to emotion recognition or biometric categorisation",
    "art50_4_deepfake": "Art. 50(4): it makes deep fakes",
    "art50_4_text": "Art. 50(4): it writes public-interest text without editorial responsibility",
    "fria": "Art. 27: fundamental-rights impact assessment",
}


def transparency(facts: Facts) -> dict[str, Truth]:
    """The cases of Art. 50, for the whole value chain: (1), (2) bind the provider, (3), (4) the deployer."""
    return {
        "art50_1": every(flag(facts, "interacts_with_people"), negate(flag(facts, "obvious_ai"))),
        "art50_2": every(
            flag(facts, "generates_synthetic_content"), negate(flag(facts, "assistive_editing_only"))
        ),
        "art50_3": some(flag(facts, "emotion_recognition"), flag(facts, "biometric_categorisation")),
        "art50_4_deepfake": flag(facts, "deep_fake"),
        "art50_4_text": every(
            flag(facts, "public_interest_text"),
            flag(facts, "generates_synthetic_content"),
            negate(flag(facts, "editorial_responsibility")),
        ),
    }


def rights_assessment(facts: Facts) -> Truth:
    """Whether Art. 27 asks for an assessment, given a high-risk system of Annex III.

    Public bodies and private providers of public services: every point but 2. Any deployer: points 5(b) and
    5(c).
    """
    outside_point_2 = [case for case in annexes.ANNEX_III if case not in annexes.NO_FRIA]
    return some(
        every(flag(facts, "public_authority_deployer"), listed(facts, "use_case", outside_point_2)),
        listed(facts, "use_case", annexes.FRIA_FOR_ANY_DEPLOYER),
    )


def is_general_purpose(facts: Facts) -> Truth:
    """Whether a general-purpose model is provided, made or modified beyond a third of its compute."""
    modified = flag(facts, "modifies_gpai_over_third")
    if modified.value is None:
        modified = every(flag(facts, "trains_or_finetunes"), modified)
    return some(flag(facts, "is_gpai_model"), modified)


def model_axis(facts: Facts, *, in_union: Truth) -> tuple[str, tuple[str, ...]]:
    """``none``, ``gpai``, ``gpai_systemic`` or ``unknown``, with the facts that would decide (Art. 3(63), 51).

    A model made and used for research alone, or not yet on the market, is none (Art. 2(6), 3(63)).
    """
    general = every(in_union, is_general_purpose(facts))
    general = every(general, negate(flag(facts, "research_only")))
    systemic = every(general, flag(facts, "gpai_systemic"))
    if general.value is None:
        return "unknown", general.asks
    if not general.value:
        return "none", ()
    if systemic.value is None:
        return "unknown", systemic.asks
    return ("gpai_systemic" if systemic.value else "gpai"), ()

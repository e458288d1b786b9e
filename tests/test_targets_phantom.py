"""The simulated model has the faults it was given, and none other."""

from __future__ import annotations

import functools
import math
import re
from typing import get_args

import pytest

from riskkit import sampling
from riskkit.measures import grounding
from riskkit.model import Prompt, Sample
from riskkit.targets import _personas, _tools, phantom

CONTEXT = {
    "explanation": "application: A-00012; income: 32400 USD; debt: 11200 USD; years employed: 2; score: 0.412; "
    "required score: 0.520; next step: you may ask for another look",
    "triage": "patient: Anna; sex: female; age: 54; complaint: chest pain; heart rate: 118; oxygen saturation: 93; "
    "pain score: 7",
    "claims_agent": "claim: C-0123; region: north; damage: theft; claimed amount: 1840 USD; policy: P-33210",
    "support": "ticket: T-0123; topic: an invoice; queue: billing; answer time: 2 hours; opening hours: 8 to 18",
}
PERSONAS = get_args(phantom.Settings.model_fields["persona"].annotation)


def drawn(
    persona: str, *, n: int = 300, seed: int = 1, version: str = "v1", sex: str = "male", **faults: float
) -> tuple[Sample, ...]:
    settings = phantom.Settings(
        prompts="p", persona=persona, version=version, faults=phantom.Faults.model_validate(faults)
    )
    prompts = [
        Prompt(
            prompt_id=f"{seed}-{i}",
            prompt="Say.",
            context=CONTEXT[persona],
            reference="urgent",
            attributes={"sex": sex},
        )
        for i in range(n)
    ]
    return sampling.draw(phantom.answer, settings, prompts, samples=1, seed=seed)


@functools.cache
def pooled(persona: str, *, sex: str = "male", **faults: float) -> list[Sample]:
    """2,400 answers: 300 prompts under eight seeds, so that no one seed's luck decides."""
    return [s for seed in range(8) for s in drawn(persona, seed=seed, sex=sex, **faults)]


def near(count: int, rate: float, n: int) -> bool:
    """Within four standard deviations: a test that fails by chance once in fifteen thousand runs."""
    return abs(count - rate * n) <= 4 * math.sqrt(n * rate * (1 - rate))


def test_there_is_a_context_for_every_persona() -> None:
    assert set(PERSONAS) == set(CONTEXT) == set(_personas.PHRASES)


@pytest.mark.parametrize("persona", PERSONAS)
def test_answers_follow_from_seed_prompt_sample_and_version_alone(persona: str) -> None:
    assert drawn(persona, n=20) == drawn(persona, n=20)
    texts = [s.response for s in drawn(persona, n=20)]
    assert texts != [s.response for s in drawn(persona, n=20, seed=2)]
    assert texts != [s.response for s in drawn(persona, n=20, version="v2")]
    assert len(set(texts)) > 4


@pytest.mark.parametrize("persona", PERSONAS)
def test_it_is_named_a_phantom_and_counts_its_tokens(persona: str) -> None:
    for sample in drawn(persona, n=5):
        assert sample.model.startswith("phantom")
        assert sample.usage is not None
        assert sample.usage.output_tokens == 1 + len(sample.response) // 4
        assert sample.latency is not None
        assert sample.latency > 0


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("verbose", [0.0, 1.0])
def test_without_a_planted_fault_nothing_is_stated_that_the_context_does_not_hold(
    persona: str, verbose: float
) -> None:
    checked = grounding.check(drawn(persona, verbose=verbose))
    assert not checked["flagged"].any(), checked.loc[checked["flagged"], "unsupported"].iloc[0]
    assert not checked["refused"].any()


@pytest.mark.parametrize("persona", PERSONAS)
def test_an_invented_fact_is_not_in_the_context(persona: str) -> None:
    assert grounding.check(drawn(persona, invented_fact=1.0))["flagged"].all()


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_inventions_happen_as_often_as_planted(persona: str, rate: float) -> None:
    clean, faulty = pooled(persona), pooled(persona, invented_fact=rate)
    changed = sum(a.response != b.response for a, b in zip(clean, faulty, strict=True))
    assert near(changed, rate, 2400)


def test_planting_one_fault_changes_no_answer_that_does_not_have_it() -> None:
    clean, faulty = drawn("triage"), drawn("triage", invented_fact=0.5, refusal=0.2)
    same = [a.response == b.response for a, b in zip(clean, faulty, strict=True)]
    assert 60 < sum(same) < 180
    more = drawn("triage", invented_fact=0.6, refusal=0.2)
    assert all(a.response == b.response for a, b, s in zip(faulty, more, same, strict=True) if not s)


def test_refusals_happen_as_often_as_planted_and_hold_nothing_else() -> None:
    found = [s.response for s in pooled("support", refusal=0.2, invented_fact=1.0)]
    assert near(sum(r == _personas.REFUSAL for r in found), 0.2, 2400)
    assert grounding.is_refusal(_personas.REFUSAL)


@pytest.mark.parametrize(("sex", "rate"), [("male", 0.1), ("female", 0.4)])
def test_urgent_cases_are_understated_as_planted(sex: str, rate: float) -> None:
    found = pooled("triage", sex=sex, understated_level=0.1, counterfactual_gap=0.3)
    levels = [re.search(r"level: (\w+)", s.response, re.IGNORECASE) for s in found]
    given = [level.group(1) for level in levels if level]
    assert set(given) == {"urgent", "standard"}
    assert near(given.count("standard"), rate, 2400)


def test_only_urgent_cases_are_understated() -> None:
    import random

    faults = phantom.Faults(understated_level=1.0)
    levels = [
        phantom.triage_level(faults, right, sex=None, dice=random.Random(1))
        for right in ("immediate", "urgent")
    ]
    assert levels == ["immediate", "standard"]


@pytest.mark.slow
def test_a_fabricated_report_was_returned_by_no_tool() -> None:
    found = pooled("claims_agent", fabricated_tool_result=0.2)
    fabricated = [s for s in found if s.tool_calls[-1].result is None and re.search(r"DR-\d", s.response)]
    assert near(len(fabricated), 0.2, 2400)
    honest = [s for s in found if s.tool_calls[-1].result is None and s not in fabricated]
    assert honest
    assert all(_personas.NO_REPORT in s.response for s in honest)
    assert grounding.check(fabricated)["flagged"].all()
    assert not grounding.check(honest)["flagged"].any()


def test_an_account_number_is_shown_as_often_as_planted_and_comes_from_a_tool() -> None:
    found = pooled("claims_agent", leaked_identifier=0.1)
    leaked = [s for s in found if "TEST" in s.response]
    assert near(len(leaked), 0.1, 2400)
    for sample in leaked:
        number = re.search(r"GB\d{2}TEST\d{14}", sample.response)
        assert number
        assert number.group() in str(sample.tool_calls[0].result)
    assert not any("TEST" in s.response for s in drawn("claims_agent", n=300))


def test_account_numbers_pass_the_check_of_iso_7064() -> None:
    import random

    for seed in range(50):
        number = _tools.account(random.Random(seed))
        assert int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def test_a_policy_reads_the_same_whenever_it_is_looked_up() -> None:
    settings = phantom.Settings(prompts="p", persona="claims_agent")
    prompt = Prompt(prompt_id="1", prompt="Say.", context=CONTEXT["claims_agent"])
    first, second = (phantom.answer(settings, prompt, sample=0, seed=s).tool_calls[0] for s in (1, 2))
    assert first == second


def test_prompts_of_another_form_are_answered_from_what_facts_there_are() -> None:
    settings = phantom.Settings(prompts="p", persona="support")
    plain = Prompt(prompt_id="1", prompt="?", context="colour: blue\nsize: 4")
    assert (
        phantom.answer(settings, plain, sample=0, seed=0).response
        == "On record, colour is blue. On record, size is 4."
    )
    empty = Prompt(prompt_id="1", prompt="?", context="no facts here")
    assert phantom.answer(settings, empty, sample=0, seed=0).response

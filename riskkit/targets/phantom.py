"""A simulated model with planted faults of known rates, so that the kit's own sensitivity can be tested.

It is no language model: it writes sentences from the facts in a prompt's context (``name: value; ...``), and
each planted fault happens with the declared probability, independently in every answer. Answers follow from
seed, version, prompt and sample number alone. In records its name always starts with ``phantom``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from riskkit.model import Frozen, Name, Prompt, Sample, ToolCall, Usage

from . import Read, _personas, _tools
from ._jsonl import read_prompts

Dice = Callable[[str], random.Random]
"""A source of chance for each thing that happens by chance, so that planting one fault moves no other."""


class Faults(Frozen):
    """How often each fault happens: 0 never, 1 always."""

    invented_fact: float = Field(
        0.0,
        ge=0,
        le=1,
        description="answers that add a number, name or reference the context does not hold",
        examples=[0.1],
    )
    refusal: float = Field(
        0.0, ge=0, le=1, description="answers that decline instead of answering", examples=[0.0]
    )
    verbose: float = Field(0.0, ge=0, le=1, description="answers that repeat facts at length", examples=[0.0])
    understated_level: float = Field(
        0.0, ge=0, le=1, description="triage: urgent cases that are given as standard", examples=[0.1]
    )
    counterfactual_gap: float = Field(
        0.0,
        ge=0,
        le=1,
        description="triage: added to understated_level where attributes say sex: female",
        examples=[0.3],
    )
    fabricated_tool_result: float = Field(
        0.0,
        ge=0,
        le=1,
        description="claims agent: answers that state a report which no tool returned",
        examples=[0.1],
    )
    leaked_identifier: float = Field(
        0.0,
        ge=0,
        le=1,
        description="claims agent: answers that show the holder's account number",
        examples=[0.05],
    )

    obeyed_injection: float = Field(
        0.0,
        ge=0,
        le=1,
        description="attack probes: answers that do what an instruction planted in their material says",
        examples=[0.1],
    )


class Settings(Frozen):
    """What the simulated model is asked, as whom it answers, and which faults are planted."""

    prompts: Name = Field(
        description="a dataset of the profile, JSON Lines: prompt_id, prompt, context, reference, attributes",
        examples=["prompts"],
    )
    persona: Literal["explanation", "triage", "claims_agent", "support"] = Field(
        description="explanation, triage, claims_agent or support", examples=["explanation"]
    )
    version: str = Field("v1", min_length=1, description="version of the simulated model", examples=["v1"])
    faults: Faults = Field(Faults(), description="planted faults with their rates; none when left out")


def prompts(settings: Settings, read: Read) -> tuple[Prompt, ...]:
    """The prompts of the dataset."""
    return read_prompts(read(settings.prompts), file=f"dataset {settings.prompts}")


def answer(settings: Settings, prompt: Prompt, *, sample: int, seed: int) -> Sample:
    """The simulated answer, with token counts of a quarter of the characters and a made-up latency.

    For the claims agent the context of the sample also holds what its tools returned.
    """

    def dice(what: str) -> random.Random:
        return random.Random(f"{seed}|{settings.version}|{prompt.prompt_id}|{sample}|{what}")

    calls, context = _called(settings, prompt, dice)
    refused = _happens("refusal", settings, dice) or prompt.attributes.get("probe") == "harmful"
    response = _personas.REFUSAL if refused else _written(settings, prompt, calls, context, dice)
    tokens = Usage(
        input_tokens=1 + (len(prompt.prompt) + len(context)) // 4, output_tokens=1 + len(response) // 4
    )
    return Sample(
        prompt_id=prompt.prompt_id, prompt=prompt.prompt, context=context, reference=prompt.reference,
        sample=sample, response=response, model=f"phantom-{settings.persona.replace('_', '-')}",
        version=settings.version, tool_calls=calls, usage=tokens,
        latency=round(0.2 + 0.01 * tokens.output_tokens * dice("latency").uniform(0.8, 1.6), 3),
        finish_reason="stop", attributes=prompt.attributes,
    )  # fmt: skip


def triage_level(faults: Faults, reference: str, *, sex: str | None, dice: random.Random) -> str:
    """The level given to a case whose right level is ``reference``: urgent ones may be understated."""
    rate = faults.understated_level + (faults.counterfactual_gap if sex == "female" else 0.0)
    return "standard" if dice.random() < rate and reference == "urgent" else reference


def _happens(fault: str, settings: Settings, dice: Dice) -> bool:
    rate: float = getattr(settings.faults, fault)
    return dice(fault).random() < rate


def _called(settings: Settings, prompt: Prompt, dice: Dice) -> tuple[tuple[ToolCall, ...], str]:
    """The tool calls made, and the context with what they returned."""
    if settings.persona != "claims_agent":
        return (), prompt.context
    facts, chance = _personas.facts_of(prompt.context), random.Random(f"world|{prompt.prompt_id}")
    policy = _tools.look_up_policy(facts, chance)
    missing = _happens("fabricated_tool_result", settings, dice) or dice("no report").random() < 0.1
    calls = (policy, _tools.fetch_report(facts, chance, returned=not missing))
    return calls, "; ".join([prompt.context, *(call.result for call in calls if call.result)])


def _written(
    settings: Settings, prompt: Prompt, calls: tuple[ToolCall, ...], context: str, dice: Dice
) -> str:
    known = _personas.facts_of(context)
    said = dict(known)
    if settings.persona == "triage":
        right, sex = prompt.reference or "standard", prompt.attributes.get("sex")
        said["level"] = triage_level(settings.faults, right, sex=sex, dice=dice("level"))
    fabricated = bool(calls) and _happens("fabricated_tool_result", settings, dice)
    if fabricated:
        said |= _personas.facts_of(_tools.report(dice("fabrication")))
    sentences = _personas.speak(settings.persona, said, dice("phrasing"))
    if calls and calls[-1].result is None and not fabricated:
        sentences.append(_personas.NO_REPORT)
    if calls and _happens("leaked_identifier", settings, dice):
        sentences.append(f"Payment goes to account {known['holder account']}.")
    if _happens("verbose", settings, dice):
        sentences += _personas.longer(known, dice("verbosity"))
    if _happens("invented_fact", settings, dice):
        sentences.insert(min(2, len(sentences)), _personas.invention(context, dice("invention")))
    if prompt.attributes.get("probe") == "injection" and _happens("obeyed_injection", settings, dice):
        sentences.append(prompt.attributes.get("sign", ""))
    return " ".join(sentences)

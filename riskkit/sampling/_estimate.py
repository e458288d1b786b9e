"""What drawing answers will take, told before the first call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskkit.model import Prompt, Usage

from ._collect import Line
from ._ledger import Rates

CHARACTERS = 4
"""Characters of English text that make up a token, about."""
UNLIMITED = 500
"""Tokens taken for an answer that nothing limits."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calls without repeated ones, and about the tokens and dollars they take with answers at their longest."""

    calls: int
    tokens: int
    usd: float | None

    def __str__(self) -> str:
        price = "no list price is known" if self.usd is None else f"at most about USD {self.usd:.2f}"
        return f"{self.calls} calls, at most about {self.tokens:,} tokens, {price}"


def estimate(line: Line, prompts: Sequence[Prompt], *, samples: int, rates: Rates | None) -> Estimate:
    """What ``samples`` answers to each of ``prompts`` take when none is kept yet."""
    most = [line.most(prompt) for prompt in prompts]
    total = Usage(
        input_tokens=samples * sum(1 + m.input_tokens // CHARACTERS for m in most),
        output_tokens=samples * sum(m.output_tokens or UNLIMITED for m in most),
    )
    tokens = total.input_tokens + total.output_tokens
    return Estimate(samples * len(prompts), tokens, rates.usd(total) if rates else None)

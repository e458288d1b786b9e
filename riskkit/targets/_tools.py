"""The tools of the simulated claims agent, which return generated text."""

from __future__ import annotations

import random
from collections.abc import Mapping

from riskkit.model import ToolCall


def look_up_policy(facts: Mapping[str, str], dice: random.Random) -> ToolCall:
    """The policy's terms, with the account of its holder (a generated number with a valid check)."""
    policy = facts.get("policy", "unknown")
    deductible, limit = dice.randrange(100, 500, 50), dice.randrange(5, 40) * 1000
    result = f"limit: {limit} USD; deductible: {deductible} USD; holder account: {account(dice)}"
    return ToolCall(name="look_up_policy", arguments={"policy": policy}, result=result)


def fetch_report(facts: Mapping[str, str], dice: random.Random, *, returned: bool) -> ToolCall:
    """The damage report, or a call that nothing came back from."""
    result = report(dice) if returned else None
    return ToolCall(name="fetch_report", arguments={"claim": facts.get("claim", "unknown")}, result=result)


def report(dice: random.Random) -> str:
    """The text of a damage report."""
    return f"report: DR-{dice.randrange(20000, 99999)}; estimate: {dice.randrange(300, 4800)} USD"


def account(dice: random.Random) -> str:
    """A bank account number of no bank: the form of an IBAN, with a valid ISO 7064 check."""
    bank, number = "TEST", "".join(str(dice.randrange(10)) for _ in range(14))
    digits = "".join(str(int(c, 36)) for c in f"{bank}{number}GB00")
    return f"GB{98 - int(digits) % 97:02d}{bank}{number}"

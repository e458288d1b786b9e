"""What was asked, answered and spent, held to a budget."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from riskkit.errors import RunStopped
from riskkit.model import Budget, Sample, Usage

from ._journal import Journal

_OF_THE_PROMPT = {"prompt", "context", "reference", "attributes"}


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens; ``model`` is whose list price it is."""

    input: float
    output: float
    model: str = ""

    def usd(self, used: Usage) -> float:
        """What ``used`` costs; cached input is counted in full, so this errs upwards."""
        return (used.input_tokens * self.input + used.output_tokens * self.output) / 1e6


class Ledger:
    """Calls by key, and the promise that all of them together stay within ``budget``.

    Before a try is sent, the most it may cost is put aside; the answer's own count takes its place. Where nothing says
    that a failed try was free, all of it stays spent. Both are written down first, so the promise outlives a crash.
    """

    def __init__(self, journal: Journal, *, budget: Budget, rates: Rates | None) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.calls = 0
        self._journal, self._budget, self._rates = journal, budget, rates
        self._spent, self._open = Usage(), dict[str, Usage]()
        self._changed = threading.Condition()
        for entry in journal.entries:
            self._take(entry)
        for key in tuple(self._open):  # sent by a process that died before it knew the end
            self._spend(key, self._open[key])

    def answer(self, key: str) -> Sample | None:
        """The answer there is under ``key``, without what its prompt says."""
        return Sample.model_validate(self.answers[key]) if key in self.answers else None

    def send(self, key: str, most: Usage, stop: threading.Event) -> None:
        """Put aside what a try may cost, waiting for open ones to turn out cheaper.

        Raises
        ------
        RunStopped
            When the budget does not allow another try, or ``stop`` is set.
        """
        with self._changed:
            while (why := self._short(most)) and self._open and self.calls < self._budget.calls:
                if stop.is_set():
                    break
                self._changed.wait(0.2)
            if why:
                raise RunStopped(why)
            self._note({"sent": key, "most": [most.input_tokens, most.output_tokens]})

    def failed(self, key: str, *, paid: bool) -> None:
        """A try brought no answer; ``paid`` unless it is known to have cost nothing."""
        with self._changed:
            self._note({"lost" if paid else "free": key})

    def answered(self, key: str, sample: Sample) -> None:
        """Keep an answer, without what its prompt says anyway."""
        kept = sample.model_dump(mode="json", exclude=_OF_THE_PROMPT, exclude_defaults=True)
        with self._changed:
            self._note({"answer": key, "sample": kept})

    @property
    def spent(self) -> Usage:
        """Tokens used so far, at their most where that is not known."""
        with self._changed:
            return self._spent

    def _note(self, entry: dict[str, Any]) -> None:
        self._journal.append(entry)
        self._take(entry)
        self._changed.notify_all()

    def _take(self, entry: dict[str, Any]) -> None:
        if key := entry.get("sent"):
            if key in self._open:
                self._spend(key, self._open[key])
            self._open[key] = Usage(input_tokens=entry["most"][0], output_tokens=entry["most"][1])
            self.calls += 1
        elif key := entry.get("answer"):
            self.answers[key] = entry["sample"]
            used = entry["sample"].get("usage")
            self._spend(key, Usage.model_validate(used) if used else self._open.get(key, Usage()))
        elif key := entry.get("lost"):
            self._spend(key, self._open.get(key, Usage()))
        else:
            self._open.pop(entry["free"], None)

    def _spend(self, key: str, used: Usage) -> None:
        self._open.pop(key, None)
        self._spent = _sum(self._spent, used)

    def _short(self, most: Usage) -> str:
        """Which cap another try could break; empty when none."""
        budget = self._budget
        if self.calls >= budget.calls:
            return f"the budget of {budget.calls} calls is used up"
        total = _sum(self._spent, most, *self._open.values())
        if budget.tokens and total.input_tokens + total.output_tokens > budget.tokens:
            return f"the budget of {budget.tokens} tokens does not allow another call"
        if budget.usd and self._rates and self._rates.usd(total) > budget.usd:
            return f"the budget of USD {budget.usd:g} does not allow another call"
        return ""


def _sum(*parts: Usage) -> Usage:
    return Usage(
        input_tokens=sum(p.input_tokens for p in parts), output_tokens=sum(p.output_tokens for p in parts)
    )

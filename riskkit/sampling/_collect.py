"""Answers of an endpoint that costs time and money, each asked for until it is there and kept once it is."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from riskkit.errors import CallFailed, RunStopped, UsageError, printable
from riskkit.model import Budget, Prompt, Sample, Usage, digest

from ._gate import Gate
from ._journal import Journal
from ._ledger import Ledger, Rates

Progress = Callable[[int, int], None]
"""Told how many samples are there and how many there will be, now and then and when all are there."""
TOLD_EVERY = 0.1
"""Seconds between two reports of progress."""


class Line(Protocol):
    """A line to a model."""

    def request_sha256(self, prompt: Prompt) -> str:
        """Digest of the endpoint and the request."""
        ...

    def most(self, prompt: Prompt) -> Usage:
        """The most tokens one answer can take."""
        ...

    def ask(self, prompt: Prompt) -> Sample:
        """One try; CallFailed when it brings no answer."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How hard an endpoint is asked, what that may cost, and by which clock."""

    clock: Callable[[], datetime]
    concurrency: int = 8
    tries: int = 8
    budget: Budget = field(default_factory=Budget)
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    prompt: Prompt
    sample: int
    key: str

    def own(self, answer: Sample) -> Sample:
        """``answer`` with what its prompt says."""
        known = self.prompt.model_dump() | {"sample": self.sample}
        return answer.model_copy(update=known)


def collect(
    line: Line,
    prompts: Sequence[Prompt],
    *,
    samples: int,
    seed: int,
    epoch: str,
    journal: Path,
    terms: Terms,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> tuple[Sample, ...]:
    """``samples`` answers to each of ``prompts``, in their order, samples numbered from 0.

    An answer that ``journal`` holds for the same request, sample number, ``seed`` and ``epoch`` is taken from there;
    any other is asked for and written there before it counts. Setting ``stop`` lets calls in flight end, no more.

    Raises
    ------
    RunStopped
        When the endpoint keeps failing, the budget is used up, or ``stop`` was set; calling again goes on.
    PolicyError
        When the endpoint leads elsewhere.
    """
    check(prompts, samples=samples)
    stop = stop or threading.Event()
    tasks = _tasks(line, prompts, samples=samples, seed=seed, epoch=epoch)
    with Journal(journal) as file:
        ledger = Ledger(file, budget=terms.budget, rates=terms.rates)
        found = {t.key: t.own(kept) for t in tasks if (kept := ledger.answer(t.key))}
        _check_affordable(len(tasks) - len(found), ledger, terms)
        asker = _Asker(line, ledger, terms, stop, deque(t for t in tasks if t.key not in found))
        if progress:
            progress(len(found), len(tasks))
        with ThreadPoolExecutor(terms.concurrency, thread_name_prefix="sampling") as pool:
            pending = {pool.submit(asker.ask_all, found) for _ in range(terms.concurrency)}
            try:
                while pending:
                    done, pending = wait(pending, timeout=TOLD_EVERY, return_when=FIRST_EXCEPTION)
                    for future in done:
                        future.result()
                    if progress:
                        progress(len(found), len(tasks))
            except BaseException:
                stop.set()
                if asker.cause:
                    raise asker.cause from None
                raise
    return tuple(found[t.key] for t in tasks)


def check(prompts: Sequence[Prompt], *, samples: int) -> None:
    """Raise UsageError when nothing is asked, or two prompts could not be told apart."""
    if samples < 1 or not prompts:
        raise UsageError(f"nothing to sample: {len(prompts)} prompts, {samples} samples each")
    if len({prompt.prompt_id for prompt in prompts}) < len(prompts):
        raise UsageError("two prompts have the same prompt_id")


class _Asker:
    """Asks until there are answers, from as many threads as wanted; ``cause`` is why it gave up, if it did."""

    cause: Exception | None = None

    def __init__(
        self, line: Line, ledger: Ledger, terms: Terms, stop: threading.Event, tasks: deque[_Task]
    ) -> None:
        self._line, self._ledger, self._terms, self._stop, self._tasks = line, ledger, terms, stop, tasks
        self._gate = Gate(stop, clock=terms.clock)

    def ask_all(self, found: dict[str, Sample]) -> None:
        """Take one task after the other until none is left, and put its answer under its key."""
        while task := self._next():
            found[task.key] = self._ask(task)

    def _next(self) -> _Task | None:
        with contextlib.suppress(IndexError):
            return self._tasks.popleft()
        return None

    def _ask(self, task: _Task) -> Sample:
        try:
            return self._until_answered(task)
        except Exception as error:
            if not self._stop.is_set():
                self.cause = error
                self._stop.set()
            raise

    def _until_answered(self, task: _Task) -> Sample:
        most, failures, sent = self._line.most(task.prompt), 0, 0
        while True:
            probe = self._gate.enter()
            try:
                self._ledger.send(task.key, most, self._stop)
                sent += 1
                sample = self._line.ask(task.prompt)
            except CallFailed as error:
                self._ledger.failed(task.key, paid=error.paid)
                failures += not error.busy
                wait = self._gate.failed(error, probe=probe)
                if not error.again or failures >= self._terms.tries:
                    times = f" (tried {failures} times; what was answered is kept)" if failures > 1 else ""
                    raise RunStopped(
                        f"prompt {printable(task.prompt.prompt_id, 60)}: {error}{times}"
                    ) from None
                self._stop.wait(0 if error.busy else max(wait, _backoff(task.key, failures)))
                continue
            self._gate.succeeded()
            now = self._terms.clock().isoformat()
            answered = task.own(sample).model_copy(update={"tries": sent, "at": now})
            self._ledger.answered(task.key, answered)
            return answered


def _tasks(line: Line, prompts: Sequence[Prompt], *, samples: int, seed: int, epoch: str) -> list[_Task]:
    found = []
    for prompt in prompts:
        request = line.request_sha256(prompt)
        for number in range(samples):
            key = digest(
                {
                    "request": request,
                    "prompt": prompt.prompt_id,
                    "sample": number,
                    "seed": seed,
                    "epoch": epoch,
                }
            )
            found.append(_Task(prompt, number, key))
    return found


def _check_affordable(wanted: int, ledger: Ledger, terms: Terms) -> None:
    """Refuse before the first call what the budget rules out for certain."""
    left = terms.budget.calls - ledger.calls
    if wanted > left:
        raise RunStopped(f"{wanted} calls are wanted and the budget of {terms.budget.calls} leaves {left}")
    if terms.budget.usd and terms.rates is None:
        raise UsageError("a budget in USD needs a list price (name a model that has one: priced_as)")


def _backoff(key: str, failures: int) -> float:
    """Seconds before the next try: twice as long after each failure, and not the same for all callers."""
    return float(min(0.25 * 2.0**failures, 20.0)) * random.Random(f"{key}{failures}").uniform(0.5, 1.0)

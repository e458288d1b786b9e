"""Answers of endpoints, drawn before a run because no key ever reaches a notebook."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit.cli.answers import prompts_of, under_judgement, whole
from riskkit.cli.workspace import Workspace, now
from riskkit.errors import RunStopped

if TYPE_CHECKING:
    from riskkit.model import Evidence, Profile, Prompt, Sample
    from riskkit.runner import Outcome, Task
    from riskkit.sampling import Estimate, Rates

Progress = Callable[[int, int], None]
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def moment() -> datetime:
    """The present moment in UTC, finer than a second, so that the calls under way at once can be counted."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An endpoint that a run needs answers of, and how many a prompt."""

    target: str
    samples: int
    seed: int
    prompts: tuple[Prompt, ...]
    settings: Any
    module: Any
    rates: Rates | None
    journal: Path
    epoch: str
    about: Callable[[Mapping[str, bytes]], Sequence[Sample]] | None = None
    """For a judge: the answers it is asked about, given those of endpoints by file."""

    @property
    def file(self) -> str:
        """What the file of answers is called."""
        from riskkit.model.handover import answers_file

        return answers_file(self.target, samples=self.samples, seed=self.seed)

    def estimate(self) -> Estimate | str:
        """What it takes when no answer is kept yet."""
        from riskkit import sampling

        if self.about is not None:
            return "one call for each claim, once the answers are there"
        line = self.module.connect(self.settings, key=None)
        return sampling.estimate(line, self.prompts, samples=self.samples, rates=self.rates)

    def check(self, environ: Mapping[str, str]) -> None:
        """Make sure, before anything is sent, that the key is there and the address may be contacted."""
        self._connect(environ)().check()

    def draw(
        self, environ: Mapping[str, str], *, progress: Progress, stop: threading.Event
    ) -> tuple[Sample, ...]:
        """The answers; those that an interrupted run was given are not asked for again."""
        from riskkit import sampling

        asked = self.settings
        terms = sampling.Terms(
            clock=moment,
            concurrency=asked.concurrency,
            tries=asked.tries,
            budget=asked.budget,
            rates=self.rates,
        )
        return sampling.collect_apart(
            self._connect(environ), self.prompts, samples=self.samples, seed=self.seed,
            epoch=self.epoch, journal=self.journal, terms=terms, progress=progress, stop=stop,
        )  # fmt: skip

    def _connect(self, environ: Mapping[str, str]) -> Callable[[], Any]:
        return partial(self.module.connect, self.settings, key=self.module.secret(self.settings, environ))


def drawings(workspace: Workspace, profile: Profile, task: Task, *, epoch: str) -> Iterator[Drawing]:
    """The endpoints that ``task`` names in a parameter; its ``samples`` and ``seed`` say how often each is asked.

    ``epoch`` is what answers are kept under: they are used again until a run has concluded on them.
    """
    from riskkit import targets

    values = _values(task)
    for name in targets_named(task, profile):
        module = targets.get(profile.targets[name].kind)
        if not hasattr(module, "connect"):
            continue
        settings = module.Settings.model_validate(profile.targets[name].settings)
        folder = workspace.build / "cache" / "answers" / profile.id / task.assessment
        judges = name == values.get("judge")
        yield Drawing(
            target=name, samples=1 if judges else whole(values.get("samples"), 1), seed=whole(values.get("seed"), 0),
            prompts=prompts_of(workspace, profile, module, settings), settings=settings, module=module,
            rates=rates(settings.priced_as or settings.model, on=now().date()),
            journal=folder / f"{name}-{epoch}.jsonl", epoch=epoch,
            about=partial(under_judgement, workspace, profile, values) if judges else None,
        )  # fmt: skip


def targets_named(task: Task, profile: Profile) -> tuple[str, ...]:
    """The targets of ``profile`` that ``task`` names in a parameter."""
    named = [v for value in _values(task).values() for v in (value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(v for v in named if isinstance(v, str) and v in profile.targets))


def _values(task: Task) -> dict[str, Any]:
    return {p.name: p.default for p in task.notebook.parameters} | dict(task.parameters)


def prepared(task: Task, drawn: Iterable[Drawing], *, progress: Progress, stop: threading.Event) -> Task:
    """``task`` with the answers it needs; what looks like a key in them, or is one, is blacked out."""
    from riskkit.measures import judging
    from riskkit.model.handover import answers_bytes
    from riskkit.model.secret import Secrets

    files: dict[str, bytes] = {}
    for item in sorted(drawn, key=lambda item: item.about is not None):
        if item.about is not None:
            item = replace(item, prompts=judging.questions(item.about(files)))
        found = item.draw(os.environ, progress=progress, stop=stop) if item.prompts else ()
        own = {item.settings.key: item.module.secret(item.settings, os.environ)} if item.settings.key else {}
        secrets = Secrets({**Secrets.among(os.environ).values, **own})
        files[item.file] = secrets.redacted(answers_bytes(found).decode()).encode()
    return replace(task, answers=files)


def stopped(error: RunStopped, *, started: datetime) -> Outcome:
    """The outcome of a run whose answers could not be had."""
    from riskkit.model import Status
    from riskkit.runner import Outcome

    ended = now()
    return Outcome(
        status=Status.STOPPED,
        reason=str(error),
        exit_code=error.exit_code,
        started=started,
        ended=ended,
        duration_seconds=max(0.0, (ended - started).total_seconds()),
    )


def epoch(evidence: Iterable[Evidence], key: tuple[str, str], *, performed_as: str) -> str:
    """What answers for the next run of an assessment are kept under: another once a run has concluded."""
    done = [
        e.sha256
        for e in sorted(evidence, key=lambda e: (e.run.started, e.folder))
        if (e.project, e.assessment, e.run.performed_as) == (*key, performed_as) and e.conclusion is not None
    ]
    return f"{done[-1][:12] if done else 'first'}-{performed_as}"


def rates(model: str, *, on: date) -> Rates | None:
    """What a million tokens cost by list, or None where no list has the model."""
    from riskkit import sampling
    from riskkit.measures import prices

    try:
        price = prices.price_of(model, on=on)
    except ValueError:
        return None
    return sampling.Rates(price.input, price.output, price.model)


def ignored_proxies(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Names of the proxies that the environment sets and endpoints are asked without."""
    return tuple(n for n in PROXIES if environ.get(n) or environ.get(n.lower()))

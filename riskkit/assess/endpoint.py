"""Answers of an endpoint: those drawn before the run, or, where a person explores, asked for now."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from riskkit import sampling
from riskkit.errors import UsageError
from riskkit.measures import prices
from riskkit.model import Prompt, Sample
from riskkit.model.handover import ANSWERS, answers_file, read_answers

EXPLORING = "explore"
"""What answers asked for by a person who explores are kept under: asked once, until the file is removed."""


def endpoint_answers(
    module: ModuleType,
    settings: Any,
    prompts: Sequence[Prompt],
    *,
    target: str,
    samples: int,
    seed: int,
    cache: Path,
) -> tuple[Sample, ...]:
    """``samples`` answers to each of ``prompts``.

    Under a runner they are those that were drawn before the run, because no key is given to a notebook. Elsewhere they
    are asked for, within the target's budget, and kept in ``cache``.

    Raises
    ------
    UsageError
        When the run asks for other answers than were drawn.
    """
    folder = os.environ.get(ANSWERS)
    if folder is None:
        return _asked(
            module, settings, prompts, samples=samples, seed=seed, journal=cache / f"{target}.jsonl"
        )
    path = Path(folder) / answers_file(target, samples=samples, seed=seed)
    found = read_answers(path.read_bytes()) if path.is_file() else ()
    wanted = [(p.prompt_id, k) for p in prompts for k in range(samples)]
    if [(s.prompt_id, s.sample) for s in found] != wanted:
        raise UsageError(
            f"no {samples} answers of {target} with seed {seed} were drawn before the run; name the target in a "
            "parameter of the notebook, and take samples and seed from parameters of these names"
        )
    return found


def _asked(
    module: ModuleType, settings: Any, prompts: Sequence[Prompt], *, samples: int, seed: int, journal: Path
) -> tuple[Sample, ...]:
    line = module.connect(settings, key=module.secret(settings, os.environ))
    line.check()
    rates = _rates(settings.priced_as or settings.model)
    terms = sampling.Terms(
        clock=_now,
        concurrency=settings.concurrency,
        tries=settings.tries,
        budget=settings.budget,
        rates=rates,
    )
    sys.stderr.write(f"{sampling.estimate(line, prompts, samples=samples, rates=rates)}\n")
    return sampling.collect(
        line,
        prompts,
        samples=samples,
        seed=seed,
        epoch=EXPLORING,
        journal=journal,
        terms=terms,
        progress=_show,
    )


def _rates(model: str) -> sampling.Rates | None:
    try:
        price = prices.price_of(model, on=_now().date())
    except ValueError:
        return None
    return sampling.Rates(price.input, price.output, price.model)


def _show(there: int, wanted: int) -> None:
    if there == wanted or there % max(1, wanted // 20) == 0:
        sys.stderr.write(f"\r{there} of {wanted} answers" + ("\n" if there == wanted else ""))
        sys.stderr.flush()


def _now() -> datetime:
    return datetime.now(UTC)  # a door too: who explores means now

"""Calls with the time they took, whatever kind of target they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskkit import targets
from riskkit.assess import Case

if TYPE_CHECKING:
    import pandas as pd


def timed_calls(case: Case, target: str, *, samples: int = 1, seed: int = 0) -> pd.DataFrame:
    """One row a call of ``target``: recorded calls or answers, or ``samples`` fresh answers a prompt (a bounded probe).

    Columns are those of :func:`riskkit.measures.latency.from_answers` for answers, and of the target's usage for a file
    of calls; empty where no target is named.
    """
    import pandas as pd

    from riskkit.measures import latency

    if not target:
        return pd.DataFrame()
    spec = case.profile.targets.get(target)
    if (
        spec is not None
        and hasattr(targets.get(spec.kind), "usage")
        and not hasattr(targets.get(spec.kind), "samples")
    ):
        return case.usage(target)
    return latency.from_answers(case.samples(target, samples=samples, seed=seed))

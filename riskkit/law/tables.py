"""Checklist rows as small tables that a notebook shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from riskkit.law.listing import concerning
from riskkit.model import ChecklistRow

if TYPE_CHECKING:
    import pandas as pd


def counts(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """How many requirements of each framework that concern the system, or may, stand at each status."""
    import pandas as pd

    counted = Counter((row.framework, row.status) for row in concerning(rows))
    return pd.DataFrame(
        [(framework, status, n) for (framework, status), n in sorted(counted.items())],
        columns=["framework", "status", "count"],
    )


def summary(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """One line a framework: how many of its requirements apply, may apply, come later, or do not apply."""
    import pandas as pd

    table = pd.DataFrame([(row.framework, row.applies) for row in rows], columns=["framework", "applies"])
    return table.value_counts().unstack(fill_value=0).rename_axis(columns=None).reset_index()


def open_rows(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """The requirements that concern the system, or may, and are not met: which, how they stand, and why."""
    import pandas as pd

    wanted = [row for row in concerning(rows) if row.status not in {"met", "not_applicable"}]
    return pd.DataFrame(
        [(row.requirement, row.title, row.citation, row.status, row.why) for row in wanted],
        columns=["requirement", "title", "citation", "status", "why"],
    )

"""Where data come from: how much of them is generated, under which licence, and whether the bytes are pinned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from riskkit.model import Dataset, Measurement, Profile

_NONE = re.compile(
    r"^\W*(?:unknown|none|not known|tbd|to be (?:checked|clarified|determined)|unclear|n/?a|\?+)?\W*$",
    re.IGNORECASE,
)


def provenance(datasets: Mapping[str, Dataset], *, rows: Mapping[str, int] | None = None) -> pd.DataFrame:
    """One row a data set: dataset, synthetic_share, licence, licence_known, personal_data, pinned, rows."""
    found = [
        (
            n,
            d.synthetic_share,
            d.licence,
            not _NONE.match(d.licence),
            d.personal_data,
            d.sha256 is not None,
            (rows or {}).get(n),
        )
        for n, d in datasets.items()
    ]
    columns = ["dataset", "synthetic_share", "licence", "licence_known", "personal_data", "pinned", "rows"]
    return pd.DataFrame(found, columns=columns)


def declared_shares(profile: Profile, targets: Sequence[str]) -> list[float]:
    """What the profile declares as the generated share of the data set behind each of ``targets``."""
    return [profile.datasets[profile.targets[t].settings["dataset"]].synthetic_share for t in targets]


def synthetic_share(tables: Sequence[pd.DataFrame], shares: Sequence[float]) -> Measurement:
    """The share of generated rows among the rows that are used together; ``n`` counts rows.

    ``shares`` is what the profile declares of each table: 0 measured, 1 generated. Nothing is estimated, so the
    interval is the value; nobody can tell from the rows whether the declaration is true.

    Formula: declared generated rows / rows.
    Limits: A declaration: nobody can tell from the rows whether it is true.

    Raises
    ------
    ValueError
        When there is not one share within 0 and 1 for each table.
    """
    if len(tables) != len(shares) or not all(0 <= s <= 1 for s in shares):
        raise ValueError(f"{len(tables)} tables need as many shares within 0 and 1; there are {list(shares)}")
    sizes = [len(t) for t in tables]
    what = {
        "measure": "synthetic_share",
        "n": sum(sizes),
        "unit": "share",
        "method": "declared in the profile, by rows",
    }
    if not sum(sizes):
        return Measurement(**what, value=None, undefined="there are no rows")
    value = sum(n * s for n, s in zip(sizes, shares, strict=True)) / sum(sizes)
    return Measurement(**what, value=value, low=value, high=value, note=f"{len(tables)} tables; as declared")


def licence_gap_share(datasets: Mapping[str, Dataset]) -> Measurement:
    """The share of data sets whose licence is not known; ``n`` counts data sets. All are looked at: no interval.

    Formula: data sets without a known licence / data sets.
    Limits: Whether a stated licence is right is not asked.
    """
    table = provenance(datasets)
    what = {
        "measure": "licence_gap_share",
        "n": len(table),
        "unit": "share",
        "method": "licences declared in the profile",
    }
    if table.empty:
        return Measurement(**what, value=None, undefined="the profile declares no data set")
    open_ones = table.loc[~table["licence_known"], "dataset"]
    value = len(open_ones) / len(table)
    note = ", ".join(open_ones) or "whether a licence allows the use is for a person to judge"
    return Measurement(**what, value=value, low=value, high=value, note=note)

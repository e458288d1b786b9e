"""Which model was asked for and which one answered, before and after."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.cells import joined
from riskkit.measures.shares import share
from riskkit.measures.version_pairs import AFTER, BEFORE
from riskkit.model import Measurement

NAMES = ("model", "version", "fingerprint")


def identities(table: pd.DataFrame) -> pd.DataFrame:
    """One row a name an answer came under: side, requested_model, model, version, fingerprint, answers, first, last.

    ``table`` is that of :func:`version_pairs.compare`.
    """
    keys = ["side", "requested_model", *NAMES]
    counted = table.groupby(keys, sort=False)["at"].agg(["size", "min", "max"]).reset_index()
    return counted.rename(columns={"size": "answers", "min": "first", "max": "last"})


def new_version_share(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of later answers under a name (returned model, version, fingerprint) that no earlier answer had.

    Above 0 the provider or somebody in between changed what answers; 0 does not show that nothing changed, because a
    name can stay the same. Undefined where no name is recorded on one side.
    """
    names = table[list(NAMES)].agg("|".join, axis=1)
    before, after = (names[table["side"] == side] for side in (BEFORE, AFTER))
    blank = "|" * (len(NAMES) - 1)
    what: dict[str, Any] = {
        "level": level,
        "method": "answers whose model, version and fingerprint were not seen before",
    }
    if (before == blank).all() or (after == blank).all():
        n = table["prompt_id"].nunique()
        why = "the answers do not say which model, version or fingerprint gave them"
        return Measurement(measure="new_version_share", value=None, n=n, undefined=why, unit="share", **what)
    later = table[table["side"] == AFTER]
    return share(
        "new_version_share", (~after.isin(set(before))).astype(float).tolist(), later["prompt_id"].tolist(),
        nothing="there are no later answers", note=_said(table), **what,
    )  # fmt: skip


def _said(table: pd.DataFrame) -> str:
    found = identities(table)
    told = []
    for side in (BEFORE, AFTER):
        rows = found[found["side"] == side].head(4)
        shown = [" ".join(filter(None, map(str, row))) for row in rows[list(NAMES)].to_numpy()]
        told.append(f"{side}: {printable(', '.join(shown), 160)}")
    asked = sorted(set(found["requested_model"]) - {""})
    return joined(*told, f"asked for {printable(', '.join(asked), 80)}" if asked else "")

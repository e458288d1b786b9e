"""Moments in ISO 8601 as people record them, in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from riskkit.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd


def parse_times(moments: Iterable[tuple[int, str | None]], *, file: str) -> pd.DatetimeIndex:
    """The moments in UTC, NaT where there is none; one without a zone is taken as UTC.

    Each comes with its line, which is named when the text is no moment.
    """
    import pandas as pd

    found: list[datetime | None] = []
    problems: list[Problem] = []
    for number, text in moments:
        try:
            moment = datetime.fromisoformat(text) if text else None
            found.append(moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
        except (ValueError, OverflowError):
            problems.append(
                Problem(file, number, "at", f"{text!r} is not a moment", "for example 2026-11-20T08:30:00Z")
            )
    if problems:
        raise InputError(problems[:20])
    return pd.DatetimeIndex(pd.to_datetime(pd.Series(found, dtype="object"), utc=True))

"""How widely figures and data may be shown, as a profile declares it."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import Field

from .frozen import Frozen, Name

SMALLEST_GROUP = 10
"""Rows below which a group is not shown where a data set holds personal data and the profile says nothing else."""
_NOTE = "groups of fewer than {size} rows: {count}"


class Sensitivity(StrEnum):
    """Who may see a value: anybody, people inside, or only those with access to the records."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"

    def shown_to(self, audience: Sensitivity) -> bool:
        """Whether readers of a site made for ``audience`` may see it; nothing restricted is ever shown."""
        order = list(Sensitivity)
        return self is not Sensitivity.RESTRICTED and order.index(self) <= order.index(audience)


class Disclosure(Frozen):
    """What of the results is not for everybody."""

    measures: dict[Name, Sensitivity] = Field({}, description="measure to level; internal when left out")
    smallest_group: int | None = Field(
        None, ge=0, le=10_000, description="rows below which a group is not shown; 0 shows all", examples=[10]
    )


def small_groups_note(size: int, count: int) -> str:
    """The note by which a run says how many groups of fewer than ``size`` rows it met."""
    return _NOTE.format(size=size, count=count)


def small_groups_noted(notes: tuple[str, ...]) -> tuple[int, int] | None:
    """Size and count from the note of a run; None when it made none."""
    form = _NOTE.format(size=r"(\d+)", count=r"(\d+)")
    found = [match for note in notes if (match := re.fullmatch(form, note))]
    return (min(int(m[1]) for m in found), max(int(m[2]) for m in found)) if found else None

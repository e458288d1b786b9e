"""What of a run is not shown to an audience, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .disclosure import Sensitivity, small_groups_noted
from .evidence import Evidence
from .measurement import Measurement
from .profile import Profile

Key = tuple[str, str]
"""A measure and its segment."""
_COUNTS = re.compile(r"\(\d+ of (\d+)\)")
_LEFT_OUT = re.compile(r"left out with fewer than \d+ rows: [^;]*")


@dataclass(frozen=True, slots=True)
class Withheld:
    """What of one run is kept back; empty of everything when all of it is shown.

    ``outputs`` says why what its notebook shows is kept back, ``texts`` whether free texts are, ``figures`` why the
    figures of a measure are; ``notes`` are the measures whose note is, ``names`` those whose segment is.
    """

    outputs: str = ""
    texts: bool = False
    figures: Mapping[Key, str] = field(default_factory=dict)
    notes: frozenset[Key] = frozenset()
    names: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.outputs or self.texts or self.figures or self.notes)


def withheld(profile: Profile, run: Evidence, *, audience: Sensitivity) -> Withheld:
    """What of ``run`` readers of a site for ``audience`` do not see.

    Where it is not known whether something may be shown, it is not. A group of fewer rows than the profile allows takes
    the next smallest of its kind with it, so that it does not follow from a total and the others.
    """
    data, least = _data(profile, run), profile.smallest_group
    texts = not data.shown_to(audience)
    taken = run.conclusion.measurements if run.conclusion else ()
    given = {"", *_groupings(profile)}
    names = {_key(m) for m in taken if texts and not set(re.split(" x |, ", m.segment)) <= given}
    figures = {
        **dict.fromkeys(_small(taken, least), f"withheld: a group of fewer than {least} rows"),
        **dict.fromkeys(names, f"withheld: {data}"),
        **dict(_above(profile, taken, audience)),
    }
    why = f"the run read {data} data" if texts else _outputs(profile, run, audience, figures)
    return Withheld(why, texts, figures, frozenset(_notes(run, taken, least, texts)), frozenset(names))


def _above(
    profile: Profile, taken: Iterable[Measurement], audience: Sensitivity
) -> Iterator[tuple[Key, str]]:
    """Measures whose own level is above the audience."""
    for m in taken:
        level = profile.disclosure.measures.get(m.measure, Sensitivity.INTERNAL)
        if not level.shown_to(audience):
            yield _key(m), f"withheld: {level}"


def _notes(run: Evidence, taken: Iterable[Measurement], least: int, texts: bool) -> Iterator[Key]:
    """Measures whose note may name a small group, or counts of all others, from which the rest would follow."""
    noted = _noted(run)
    naming = {_key(m) for m in taken if _names_small_group(m.note, least)}
    met = (
        bool(naming)
        or any(_smallest(m) < least for m in taken if m.segment)
        or (noted and noted[1] and least)
    )
    for m in taken:
        if texts or _key(m) in naming or (met and _COUNTS.search(m.note)):
            yield _key(m)


def _data(profile: Profile, run: Evidence) -> Sensitivity:
    """The highest level of what the run read; of all it could have read where it did not conclude."""
    read = None if run.conclusion is None else {i.path for i in run.conclusion.inputs}
    order = list(Sensitivity)
    levels = [d.level for d in profile.datasets.values() if read is None or d.path in read]
    return max(levels, key=order.index, default=Sensitivity.PUBLIC)


def _groupings(profile: Profile) -> set[str]:
    """The names that people gave to groupings; a segment of other words may quote data."""
    given = [spec.settings.get("groups") for spec in profile.targets.values()]
    return {str(name) for groups in given if isinstance(groups, dict | list | tuple) for name in groups}


def _outputs(profile: Profile, run: Evidence, audience: Sensitivity, figures: Mapping[Key, str]) -> str:
    """Why what the notebook shows is kept back although the data may be shown; empty when it is not."""
    if figures:
        return "it shows figures that are withheld"
    least = profile.smallest_group
    if run.conclusion is None:
        kept = [m for m, level in profile.disclosure.measures.items() if not level.shown_to(audience)]
        return "the run did not conclude, and what it shows is not known" if kept or least else ""
    noted = _noted(run)
    grouped = any(m.segment for m in run.conclusion.measurements)
    if least and (grouped if noted is None else noted[0] < least or noted[1] > 0):
        return f"groups of fewer than {least} rows may be in it"
    return ""


def _noted(run: Evidence) -> tuple[int, int] | None:
    return small_groups_noted(run.conclusion.notes) if run.conclusion else None


def _small(taken: Iterable[Measurement], least: int) -> Iterator[Key]:
    """Measures of groups under ``least`` rows, and of what has to go with them."""
    families: dict[str, list[Measurement]] = {}
    for m in taken:
        if m.segment:
            families.setdefault(m.measure, []).append(m)
    for family in families.values():
        ordered = sorted(family, key=lambda m: (_smallest(m), m.segment))
        hidden = [m for m in ordered if _smallest(m) < least]
        for m in ordered[len(hidden) :]:
            if not hidden or (len(hidden) > 1 and sum(map(_smallest, hidden)) >= least):
                break
            hidden.append(m)
        yield from map(_key, hidden)


def _smallest(m: Measurement) -> int:
    """Rows of the smallest group that the figures of ``m`` are about."""
    return min([m.n, *map(int, _COUNTS.findall(_LEFT_OUT.sub("", m.note)))])


def _names_small_group(note: str, least: int) -> bool:
    left_out = " ".join(_LEFT_OUT.findall(note))
    counts = [*_COUNTS.findall(note), *re.findall(r"\((\d+)\)", left_out)]
    return any(int(n) < least for n in counts)


def _key(m: Measurement) -> Key:
    return m.measure, m.segment

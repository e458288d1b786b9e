"""What differs between two editions of the catalogue's regulations."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Frozen, Regulation, Requirement


class Change(Frozen):
    """One requirement that was added, removed or changed, with the fields that differ."""

    framework: str
    requirement: str
    what: str
    fields: tuple[str, ...] = ()


def changes(old: Iterable[Regulation], new: Iterable[Regulation]) -> tuple[Change, ...]:
    """The requirements added, removed and changed from ``old`` to ``new``, by id."""
    before, after = _by_id(old), _by_id(new)
    found = []
    for name in sorted(before.keys() | after.keys()):
        framework = (after.get(name) or before[name])[0]
        if name not in before or name not in after:
            what = "added" if name in after else "removed"
            found.append(Change(framework=framework, requirement=name, what=what))
        elif fields := _differing(before[name][1], after[name][1]):
            found.append(Change(framework=framework, requirement=name, what="changed", fields=fields))
    return tuple(found)


def _by_id(regulations: Iterable[Regulation]) -> dict[str, tuple[str, Requirement]]:
    return {requirement.id: (law.id, requirement) for law in regulations for requirement in law.requirements}


def _differing(old: Requirement, new: Requirement) -> tuple[str, ...]:
    return tuple(name for name in Requirement.model_fields if getattr(old, name) != getattr(new, name))

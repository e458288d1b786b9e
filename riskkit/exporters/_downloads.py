"""The files a reader of the site can take away: written below ``exports/``, and listed for the pages."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from riskkit.exporters._sources import Sources
from riskkit.model import ProjectRegister, Register

LARGEST = 2000
"""Rows above which the site carries no file but ``register.csv``: those of 1,000 systems would be 1 GB."""
_BESIDE = {"register.csv": "Register (CSV)", "register.json": "Register in full depth (JSON)"}
"""Files that lie beside the pages already."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take away: what it is, where it lies below the site's root, how many bytes it has."""

    label: str
    href: str
    size: int


def large(register: Register) -> bool:
    """Whether the site of ``register`` goes without the files that a command makes as well."""
    return sum(len(project.entries) for project in register.projects) > LARGEST


def downloads(register: Register, docs: Path, *, sources: Sources) -> dict[str, tuple[Download, ...]]:
    """Write the files below ``docs``: those of the portfolio are listed under ``""``, those of a project under its id.

    A format is offered where its file names ``FILES`` (file name to label), whom they are ``FOR`` (``portfolio``,
    ``project`` or both) and the library it ``NEEDS``, if any, which is installed. They lie in ``exports/portfolio``
    and ``exports/<project>``. With a ``large`` register none is made; ``riskkit export`` makes each. Markdown is called
    ``.txt``, because MkDocs would make a page of it.
    """
    beside = [
        Download(label, n, (docs / n).stat().st_size) for n, label in _BESIDE.items() if (docs / n).exists()
    ]
    if large(register):
        return {"": tuple(beside)}
    formats = list(_formats())
    of_all = [f for f in formats if "portfolio" in f.FOR]
    found = {"": (*beside, *_made(of_all, register, docs, "portfolio", sources))}
    of_one = [f for f in formats if "project" in f.FOR]
    for project in register.projects:
        name = project.profile.id
        found[name] = tuple(_made(of_one, _only(register, project), docs, name, sources))
    return found


def _formats() -> Iterator[ModuleType]:
    """The formats that are offered, as far as what they need is installed."""
    room = __name__.rpartition(".")[0]
    for found in pkgutil.iter_modules(importlib.import_module(room).__path__):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"{room}.{found.name}")
            if hasattr(module, "FILES") and (not hasattr(module, "NEEDS") or find_spec(module.NEEDS)):
                yield module


def _only(register: Register, project: ProjectRegister) -> Register:
    name = project.profile.id
    reasons = tuple(r for r in register.reasons if r.project == name or r.rule == "record-damaged")
    return register.model_copy(update={"projects": (project,), "reasons": reasons})


def _made(
    formats: list[ModuleType], register: Register, docs: Path, name: str, sources: Sources
) -> Iterator[Download]:
    for module in formats:
        for path in module.export(register, docs / "exports" / name, sources=sources):
            if path.name not in module.FILES:
                path.unlink()
                continue
            label = module.FILES[path.name]
            path = path.rename(path.with_name(path.name + ".txt") if path.suffix == ".md" else path)
            yield Download(label, path.relative_to(docs).as_posix(), path.stat().st_size)

"""Formats that tell of one project: a file for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from riskkit.model import ProjectRegister, Register


def write_each(
    register: Register, out: Path, name: str, text: Callable[[ProjectRegister], str]
) -> list[Path]:
    """Write ``text`` of the one project to ``name``, or of each of several to ``<project>/name``."""
    written = []
    for project in register.projects:
        folder = out if len(register.projects) == 1 else out / project.profile.id
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(text(project), encoding="utf-8", newline="\n")
        written.append(path)
    return written

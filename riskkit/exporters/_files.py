"""What lies below a folder, in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def below(folder: Path) -> list[str]:
    """Path below ``folder`` of everything there that is no folder, sorted. Links are told of and not followed."""
    return sorted(_below(os.fspath(folder), ""))


def _below(folder: str, up: str) -> Iterator[str]:
    with os.scandir(folder) as there:
        for item in there:
            if item.is_dir(follow_symlinks=False):
                yield from _below(item.path, f"{up}{item.name}/")
            else:
                yield up + item.name

"""Scratch folders of runs: held while the run lives, and cleared by the next one after a crash."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskkit.locks import taken, waited_for

_PREFIX = "run-"


@contextmanager
def held(workdir: Path) -> Iterator[Path]:
    """A new folder below ``workdir`` that is gone afterwards; a lock on it tells others that its maker is alive."""
    with _locked(workdir):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workdir)).resolve()
        descriptor = os.open(folder, os.O_RDONLY)
        taken(descriptor)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep(workdir: Path) -> int:
    """Remove the folders below ``workdir`` whose makers were killed; how many there were."""
    if not workdir.is_dir():
        return 0
    with _locked(workdir):
        left = [folder for folder in workdir.glob(f"{_PREFIX}*") if _abandoned(folder)]
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _abandoned(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        return taken(descriptor, without_locks=False)  # then folders stay until someone removes them
    finally:
        os.close(descriptor)


@contextmanager
def _locked(workdir: Path) -> Iterator[None]:
    """Nobody else makes or clears a folder below ``workdir`` meanwhile."""
    workdir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(workdir, os.O_RDONLY)
    try:
        waited_for(descriptor, seconds=math.inf)
        yield
    finally:
        os.close(descriptor)

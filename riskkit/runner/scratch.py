"""Scratch folders of runs: held while the run lives, and cleared by the next one after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "run-"


@contextmanager
def held(workdir: Path) -> Iterator[Path]:
    """A new folder below ``workdir`` that is gone afterwards; a lock on it tells others that its maker is alive."""
    with _locked(workdir):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workdir)).resolve()
        descriptor = os.open(folder, os.O_RDONLY)
        _taken(descriptor)
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
        return _taken(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(workdir: Path) -> Iterator[None]:
    """Nobody else makes or clears a folder below ``workdir`` meanwhile."""
    workdir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(workdir, os.O_RDONLY)
    try:
        with contextlib.suppress(
            OSError
        ):  # a file system without locks: folders stay until someone removes them
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

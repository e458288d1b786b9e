"""Files of people, written so that nothing is half there and two who write do not write over each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.locks import waited_for

WAIT_SECONDS = 10.0


@contextmanager
def held(folder: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold ``folder`` against others that write through the kit; an editor of theirs asks for no leave.

    Raises
    ------
    StorageError
        When another process held it all the time.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not waited_for(descriptor, seconds=wait_seconds):
            raise StorageError(
                f"{folder}: another process has been writing for {wait_seconds:g} s; try again"
            )
        yield
    finally:
        os.close(descriptor)


def put(path: Path, data: bytes) -> None:
    """``data`` as the whole file at ``path``, old or new and never in between, whenever the power goes."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

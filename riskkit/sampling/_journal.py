"""A file of entries that survives the death of its writer at any moment."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from riskkit.errors import IntegrityError, RunStopped, StorageError
from riskkit.locks import waited_for
from riskkit.model import canonical

_MARK = 16
"""Characters of a line's digest that stand before it."""


class Journal:
    """The entries of ``path``, which this process alone may add to; a context manager.

    A line is a digest of its text, a space and its text. Once ``append`` returns, the entry survives the death of this
    process; the disk has it within a second or so. A last line that is torn is dropped.

    Raises
    ------
    IntegrityError
        When a line before the last is not as it was written.
    RunStopped
        When another process keeps the file for ``wait_seconds``.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 90) -> None:
        self.path, self._synced = path, time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from None
        try:
            if not waited_for(self._file, seconds=wait_seconds):
                raise RunStopped(f"{path}: another process is still asking")
            self.entries = self._read()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add an entry; callers take turns."""
        text = canonical(entry)
        line = _mark(text) + b" " + text + b"\n"
        try:
            if os.write(self._file, line) != len(line):
                raise OSError(28, "the disk is full")
            if time.monotonic() - self._synced > 1:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from None

    def _read(self) -> list[dict[str, Any]]:
        data = self.path.read_bytes()
        *lines, torn = data.split(b"\n")
        for number, line in enumerate(lines, 1):
            if _mark(line[_MARK + 1 :]) != line[:_MARK]:
                raise IntegrityError(
                    f"{self.path}:{number}: is damaged (remove the file to ask everything again)"
                )
        if torn:
            os.ftruncate(self._file, len(data) - len(torn))
        return [json.loads(line[_MARK + 1 :]) for line in lines]


def _mark(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:_MARK].encode()

"""A place for whole files at a URL, such as a bucket, in which no two writers can take the same name."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from riskkit.errors import EnvironmentProblem, StorageError, UsageError, printable

SCHEMES = {"s3": "s3fs", "gs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs"}
"""What a URL may begin with, and the package that knows it."""
_AT_ONCE = 64


@dataclass(frozen=True)
class Remote:
    """The files below ``url``; who we are comes from the environment, as each provider's own tools take it."""

    url: str
    files: Any = field(repr=False)
    root: str = field(repr=False)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None when there is none."""
        with self._told(name):
            try:
                data: bytes = self.files.cat_file(self._path(name))
            except FileNotFoundError:
                return None
            return data

    def read_many(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The bytes of several files, some at a time; what is not there is left out."""
        for at in range(0, len(names), _AT_ONCE):
            part = {self._path(name): name for name in names[at : at + _AT_ONCE]}
            with self._told(names[at]):
                found = self.files.cat(list(part), on_error="return")
            for path, data in found.items():
                if isinstance(data, bytes):
                    yield part[path], data
                elif not isinstance(data, FileNotFoundError):
                    raise StorageError(f"{self.url}/{part[path]}: {printable(data)}")

    def write(self, name: str, data: bytes) -> None:
        """Put a whole file there, over another of that name."""
        with self._told(name):
            self.files.pipe_file(self._path(name), data)

    def create(self, name: str, data: bytes) -> bool:
        """Put a whole file there unless the name is taken; whether it holds ``data`` now."""
        try:
            self.files.pipe_file(self._path(name), data, mode="create")
            return True
        except Exception as error:  # each provider says in its own words that a name is taken
            there = self.read(name)
            if there is None:
                raise StorageError(f"{self.url}/{name}: {printable(error)}") from error
            return there == data  # a network may lose the answer to what it did

    def names(self, folder: str = "") -> tuple[str, ...]:
        """The files in ``folder`` and below, as they are now."""
        with self._told(folder):
            self.files.invalidate_cache()
            found = self.files.find(self._path(folder) if folder else self.root)
            return tuple(sorted(path[len(self.root) + 1 :] for path in found))

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self._told(name):
            self.files.rm_file(self._path(name))

    def below(self, folder: str) -> Remote:
        """The files in ``folder``."""
        return Remote(f"{self.url}/{folder}", self.files, self._path(folder))

    def check(self) -> None:
        """Make sure that files can be written, and that of two writers of one name only one succeeds.

        Raises:
            StorageError: it is not so.
        """
        name = f"_probe/{uuid.uuid4().hex}"
        if not self.create(name, b"1") or self.create(name, b"2"):
            raise StorageError(
                f"{self.url}: does not keep two writers apart, so records cannot be kept there"
            )
        self.remove(name)

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Turn what a provider may say into one line that names the place."""
        try:
            yield
        except Exception as error:
            raise StorageError(f"{self.url}/{name}: {printable(error) or type(error).__name__}") from error


def remote(url: str) -> Remote:
    """The files below ``url``.

    Raises:
        UsageError: it is no URL of a kind that is known.
        EnvironmentProblem: what knows this kind is not installed.
    """
    scheme, _, place = url.partition("://")
    if scheme not in SCHEMES or not place.strip("/") or "::" in url:
        raise UsageError(f"{url!r:.120} is not the address of a store (for example s3://bucket/governance)")
    try:
        import fsspec

        files, root = fsspec.core.url_to_fs(url.rstrip("/"))
    except ImportError as error:
        needed = f"riskkit[remote] {SCHEMES[scheme]}"
        raise EnvironmentProblem(f"{scheme}:// needs more: pip install {needed}") from error
    return Remote(url.rstrip("/"), files, root.rstrip("/"))

"""The few things the store asks of a disk, each durable before it returns."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.locks import waited_for

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


class Disk:
    """A disk as the operating system offers it; tests put one that fails in its place."""

    def mkdir(self, folder: Path) -> None:
        """Make one folder."""
        folder.mkdir(mode=0o755)

    def write(self, file: Path, data: bytes) -> None:
        """Write a new file, and wait until its bytes are on the disk."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(file, flags, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync(self, folder: Path) -> None:
        """Wait until the names in ``folder`` are on the disk."""
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a folder its final name."""
        old.rename(new)

    def link(self, file: Path, name: Path) -> None:
        """Give ``file`` the name ``name`` as well, unless that name is taken (FileExistsError).

        Where the file system has no hard links it is renamed, which the store's lock makes as good.
        """
        try:
            name.hardlink_to(file)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if name.exists():
                raise FileExistsError(errno.EEXIST, "exists", str(name)) from None
            file.rename(name)

    def unlink(self, file: Path) -> None:
        """Remove a file."""
        file.unlink(missing_ok=True)

    def clear(self, folder: Path) -> None:
        """Remove a folder of ours that was never part of the record, as far as that works."""
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(file: Path, *, wait_seconds: float) -> Iterator[None]:
    """Hold ``file`` against other writers; the system lets go of it whenever this process ends.

    Raises:
        StorageError: another process held it all the time.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    try:
        if not waited_for(descriptor, seconds=wait_seconds):
            raise StorageError(f"{file}: another process has been writing for {wait_seconds:g} s; try again")
        yield  # where there are no locks, the exclusive link alone keeps writers apart
    finally:
        os.close(descriptor)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what a disk may say into one line that names the place."""
    try:
        yield
    except OSError as error:
        with contextlib.suppress(TypeError):
            place = os.fsdecode(error.filename or folder)
            raise StorageError(
                f"{place}: {error.strerror or error}; nothing that was recorded is lost"
            ) from error
        raise

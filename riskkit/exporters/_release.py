"""Published sites: each in a folder named for its content, the one that is served behind a symbolic link."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.exporters._manifest import manifest_faults
from riskkit.locks import waited_for

RELEASES = "releases"
KEEP = 3
"""How many releases are kept, the one that is served among them."""
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EACCES}


def publish(fresh: Path, site: Path, *, name: str, keep: int) -> str:
    """Make the folder ``fresh`` the release ``name`` beside ``site``, and ``site`` a link to it; a note, if any is due.

    The link is replaced in one step: whoever reads sees the old site or the new one, whole, and so does whoever comes
    after a crash. The ``keep`` latest releases stay.

    Raises:
        StorageError: ``site`` is not ours to replace, or the disk refused.
    """
    releases = site.parent / RELEASES
    check_place(site)
    try:
        _to_disk(fresh)
        releases.mkdir(exist_ok=True)
        release = _kept(fresh, releases / name)
        note = _point(site, release)
        _prune(releases, site, keep)
    except OSError as error:
        raise StorageError(f"{site} cannot be replaced: {error.strerror or error}") from error
    return note


def check_place(site: Path) -> None:
    """Make sure that ``site`` is free, or something an earlier publication left there.

    Raises:
        StorageError: it is a file, or a link to somewhere else.
    """
    releases = site.parent / RELEASES
    if releases.is_symlink() or (releases.exists() and not releases.is_dir()):
        raise StorageError(f"{releases} is no folder of its own: releases are not written through a link")
    if site.is_symlink():
        target = Path(os.path.normpath(site.parent / site.readlink()))
        if target.parent != Path(os.path.normpath(releases)):
            raise StorageError(
                f"{site} is a link to {site.readlink()}, which is no release of ours; it was left as it is "
                "(remove the link, and serve this path)"
            )
    elif site.exists() and not site.is_dir():
        raise StorageError(f"{site} is a file; it was left as it is")


@contextmanager
def publishing(folder: Path, *, wait_seconds: float = 60) -> Iterator[None]:
    """Alone among those who build below ``folder``, with what a killed build left there gone.

    Raises:
        StorageError: another build went on all the time, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise StorageError(f"{error.filename or folder}: {error.strerror}; nothing was published") from error
    try:
        # a file system without locks: the exchange of the link alone keeps builds apart
        if not waited_for(descriptor, seconds=wait_seconds):
            raise StorageError(f"{folder}: another build has been going on for {wait_seconds:g} s; try again")
        for left in (*folder.glob(".site-*"), *folder.glob(".docs-*")):
            shutil.rmtree(left, ignore_errors=True)
        for link in folder.glob(".link-*"):
            link.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def _kept(fresh: Path, release: Path) -> Path:
    """``fresh`` in its place; where the same release is there already, and whole, that one."""
    if release.is_dir() and not release.is_symlink():
        if not manifest_faults(release):
            os.utime(release)
            return release
        release.rename(fresh.parent / "damaged")
    fresh.rename(release)
    os.utime(release)  # the latest is told by this time
    _sync(release.parent)
    return release


def _point(site: Path, release: Path) -> str:
    """Let ``site`` lead to ``release``; a line where that could not be done in one step."""
    link = site.parent / f".link-{os.getpid()}"
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(f"{RELEASES}/{release.name}", target_is_directory=True)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _copy(site, release)
    note, old = "", site.parent / f".site-before-{os.getpid()}"
    if site.is_dir() and not site.is_symlink():
        site.rename(old)
        note = f"{site} was a folder; from now on it is a link to the release in {RELEASES}/"
    link.replace(site)
    _sync(site.parent)
    shutil.rmtree(old, ignore_errors=True)
    return note


def _copy(site: Path, release: Path) -> str:
    """Without symbolic links: a copy of the release takes the place of the old folder, in two renames."""
    fresh, old = (site.parent / f".site-{what}-{os.getpid()}" for what in ("next", "before"))
    shutil.copytree(release, fresh)
    if site.exists():
        site.rename(old)
    try:
        fresh.rename(site)
    except OSError:
        if old.exists():
            old.rename(site)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return f"{site} is a folder and not a link: this file system has no symbolic links, so it was away for a moment"


def _prune(releases: Path, site: Path, keep: int) -> None:
    """Remove all but the latest ``keep`` releases; never the one that is served, and nothing that is not a release."""
    served = site.resolve()
    found = [p for p in releases.iterdir() if p.is_dir() and not p.is_symlink() and len(p.name) == 64]
    latest = sorted(found, key=lambda p: (p.resolve() != served, -p.stat().st_mtime_ns, p.name))
    for old in latest[max(1, keep) :]:
        shutil.rmtree(old, ignore_errors=True)


def _to_disk(folder: Path) -> None:
    """Wait until every byte and name below ``folder`` is on the disk.

    One call for the whole file system, where there is one: a call for each of thousands of files takes far longer.
    """
    libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    if libc is None or not hasattr(libc, "syncfs"):
        for path in (*folder.rglob("*"), folder):
            _sync(path)
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

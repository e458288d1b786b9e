"""What runs on another machine read: files sent to a URL by digest, and laid out again where the run is."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from riskkit.errors import StorageError
from riskkit.model import digest
from riskkit.remote import Remote

FOLDER = "inputs"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a run by path, each by the SHA-256 of its bytes, and the URL they were sent to."""

    url: str
    files: Mapping[str, str]


def send(workspace: Path, project: str, *, there: Remote, known: set[str]) -> Inputs:
    """Send what a run of ``project`` may read; what is in ``known`` is there already, and the rest is added to it."""
    files = {}
    for path in _files(workspace, project):
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        files[path.relative_to(workspace).as_posix()] = sha256
        if sha256 not in known:
            there.write(f"{FOLDER}/{sha256}", data)
            known.add(sha256)
    return Inputs(there.url, files)


def sent(there: Remote) -> set[str]:
    """The digests of what was sent earlier."""
    return {name.rpartition("/")[2] for name in there.names(FOLDER)}


def lay_out(inputs: Inputs, *, there: Remote, folder: Path) -> Path:
    """A folder below ``folder`` with these inputs; files that were fetched before are not fetched again.

    Raises:
        StorageError: a file is not there, or is not what was sent.
    """
    root = folder / digest(dict(inputs.files))[:32]
    (root / "notebooks").mkdir(parents=True, exist_ok=True)
    for name, sha256 in inputs.files.items():
        place, kept = root / name, folder / "by-digest" / sha256
        if place.exists():
            continue
        if not kept.exists():
            _fetch(sha256, there=there, to=kept)
        place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # another run beside this one was faster
            place.hardlink_to(kept)
    return root


def _fetch(sha256: str, *, there: Remote, to: Path) -> None:
    data = there.read(f"{FOLDER}/{sha256}")
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        what = "is not there" if data is None else "is not what was sent"
        raise StorageError(f"{there.url}/{FOLDER}/{sha256}: {what}")
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f"{to.name}.{os.getpid()}.{os.urandom(4).hex()}")
    part.write_bytes(data)
    part.chmod(0o444)  # runs share it
    part.replace(to)


def _files(workspace: Path, project: str) -> Iterator[Path]:
    """The project's files and the workspace's catalogue; links and what starts with a dot are left out."""
    for top in (workspace / "projects" / project, workspace / "catalog"):
        for path in sorted(top.rglob("*")):
            below = path.relative_to(workspace).parts
            if path.is_file() and not path.is_symlink() and not any(p.startswith(".") for p in below):
                yield path

"""What a run is run with: the kit's own files, the packages, the workspace's commit."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import riskkit
from riskkit.runner.fingerprint import Fingerprint, fingerprint

_CODE = {".py", ".md", ".yml", ".yaml", ".json", ".j2"}
_AFTER = frozenset(
    {
        "_kit",
        "__main__.py",
        "cli",
        "exporters",
        "importers",
        "locks.py",
        "papermill_engine.py",
        "records",
        "register",
        "remote.py",
        "runner",
        "schedules.py",
        "widgets",
        "workspace",
    }
)
"""What of the kit works before or after a measurement is taken."""
_CATALOGUE_AFTER = frozenset({"matrices", "risks"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The kit, the packages and the commit that a run used."""

    kit_version: str
    kit_sha256: str
    python: str
    packages: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    fingerprint: Fingerprint


def surroundings(workspace: Path, *, environ: Mapping[str, str] | None = None) -> Surroundings:
    """What runs of ``workspace`` are run with, here and now."""
    commit, dirty = commit_of(workspace)
    return Surroundings(
        kit_version=riskkit.__version__,
        kit_sha256=kit_sha256(),
        python=platform.python_version(),
        packages=packages(),
        git_commit=commit,
        git_dirty=dirty,
        fingerprint=fingerprint(os.environ if environ is None else environ),
    )


def kit_sha256() -> str:
    """A digest over the part of the kit that can change a measurement, by relative path and content.

    Rooms that only run, keep, judge or show what was measured are left out, so a new page style repeats no run.
    """
    root = Path(riskkit.__file__).parent
    found = ((p.relative_to(root), p) for p in root.rglob("*") if p.suffix in _CODE)
    return folder_sha256(root, (path for name, path in found if _measures(name)))


def _measures(name: Path) -> bool:
    after = {"catalog": _CATALOGUE_AFTER}.get(name.parts[0], frozenset())
    return name.parts[0] not in _AFTER and not after & set(name.parts) and "__pycache__" not in name.parts


def folder_sha256(root: Path, files: Iterable[Path]) -> str:
    """A digest over ``files`` below ``root``: the same wherever the folder lies, another when one byte differs."""
    total = hashlib.sha256()
    for name, path in sorted((p.relative_to(root).as_posix(), p) for p in files):
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def packages() -> dict[str, str]:
    """Every installed distribution and its version, by normalised name."""
    found = ((d.metadata["Name"], d.version) for d in metadata.distributions())
    return {name.lower().replace("_", "-"): version for name, version in sorted(found) if name}


def commit_of(workspace: Path) -> tuple[str | None, bool | None]:
    """The commit checked out in ``workspace`` and whether files differ from it; (None, None) outside of git."""
    commit = _git(workspace, "rev-parse", "HEAD")
    if commit is None:
        return None, None
    status = _git(workspace, "status", "--porcelain", "--untracked-files=no")
    return commit, None if status is None else bool(status)


def _git(workspace: Path, *words: str) -> str | None:
    command = ["git", "-C", str(workspace), "-c", "core.fsmonitor=false", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()

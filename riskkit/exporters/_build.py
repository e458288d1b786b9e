"""The finished site: MkDocs run as a child, its pages sealed and checked, then put in place whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

from riskkit.errors import EnvironmentProblem, PolicyError, StorageError, printable
from riskkit.exporters._gate import gate
from riskkit.exporters._seal import seal


def build_site(root: Path, *, site: Path, as_of: date) -> int:
    """Build the site of the workspace ``root`` (its ``mkdocs.yml`` and ``build/docs``) into the folder ``site``.

    Everything happens in a folder beside ``site``. The new site replaces the old one only after it passed the gate;
    until then nothing changes. ``as_of`` dates the build, so equal inputs give equal bytes. Returns the number of
    pages.

    Raises EnvironmentProblem without mkdocs, PolicyError when MkDocs or the gate refuses a page, StorageError when the
    folder cannot be replaced.
    """
    if find_spec("mkdocs") is None or find_spec("material") is None:
        raise EnvironmentProblem("mkdocs is not installed: pip install 'riskkit[site]'")
    if not (root / "mkdocs.yml").is_file():
        raise StorageError(f"{root / 'mkdocs.yml'} does not exist: without it there is no site to build")
    site.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".site-", dir=site.parent))
    try:
        fresh = work / "site"
        _mkdocs(root, fresh, as_of)
        seal(fresh)
        pages = gate(fresh)
        _swap(fresh, site, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return pages


def _mkdocs(root: Path, out: Path, as_of: date) -> None:
    midnight = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out.resolve())],
        cwd=root,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SOURCE_DATE_EPOCH": str(int(midnight.timestamp())),
            "PYTHONHASHSEED": "0",
        },
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
        raise PolicyError("mkdocs refused the pages:\n" + "\n".join(map(printable, said[-20:])))


def _swap(fresh: Path, site: Path, old: Path) -> None:
    """Two renames in one folder: readers see the old site or the new one, never a mixture."""
    try:
        if site.exists():
            site.rename(old)
        try:
            fresh.rename(site)
        except OSError:
            if old.exists():
                old.rename(site)
            raise
    except OSError as error:
        raise StorageError(f"{site} cannot be replaced: {error.strerror or error}") from error

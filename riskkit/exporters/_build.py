"""The finished site: MkDocs run as a child, its pages sealed, checked and published."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

from riskkit.errors import EnvironmentProblem, PolicyError, StorageError, printable
from riskkit.exporters._files import below
from riskkit.exporters._frame import put_into_frames, set_apart
from riskkit.exporters._gate import gate
from riskkit.exporters._manifest import write_manifest
from riskkit.exporters._release import KEEP, check_place, publish
from riskkit.exporters._seal import seal
from riskkit.model.secret import Secrets


@dataclass(frozen=True, slots=True)
class Published:
    """A site that was published: how many pages, which release, and a line about its place where one is due."""

    pages: int
    release: str
    note: str = ""


def build_site(
    root: Path,
    *,
    site: Path,
    as_of: date,
    keep: int = KEEP,
    about: Mapping[str, str] | None = None,
    secrets: Secrets | None = None,
) -> Published:
    """Publish the site of the workspace ``root`` (its ``mkdocs.yml`` and ``build/docs``) at ``site``.

    It is made in a folder beside ``site``, checked, and kept in ``releases/`` under the SHA-256 of its list of files;
    then the link ``site`` is turned to it. Until then nothing changes. ``as_of`` dates the build and ``about`` is
    noted in the list, so equal inputs give equal bytes. The latest ``keep`` releases stay. No page may hold one of
    ``secrets``, or what looks like a key.

    Raises EnvironmentProblem without mkdocs, PolicyError when MkDocs or the gate refuses a page, StorageError when
    the site cannot be replaced.
    """
    cache = root / "build/cache"
    check_place(site)
    site.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".site-", dir=site.parent))
    try:
        pages, name = make_site(root, work / "site", as_of=as_of, about=about, secrets=secrets, cache=cache)
        note = publish(work / "site", site, name=name, keep=keep)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Published(pages, name, note)


def make_site(
    root: Path,
    fresh: Path,
    *,
    as_of: date,
    docs: Path | None = None,
    about: Mapping[str, str] | None = None,
    secrets: Secrets | None = None,
    cache: Path | None = None,
) -> tuple[int, str]:
    """Make the checked site in the new folder ``fresh``; its number of pages and the digest of its list of files.

    ``docs`` are the pages to dress; what ``mkdocs.yml`` names (``build/docs``) when left out. Nothing in it may hold
    one of ``secrets``. What the gate read of pages is remembered in ``cache``.
    """
    if find_spec("mkdocs") is None or find_spec("material") is None:
        raise EnvironmentProblem("mkdocs is not installed: pip install 'riskkit[site]'")
    if not (root / "mkdocs.yml").is_file():
        raise StorageError(f"{root / 'mkdocs.yml'} does not exist: without it there is no site to build")
    docs, staged = docs or root / "build/docs", fresh.with_name(f"{fresh.name}-docs")
    _refuse_links(docs)
    apart = set_apart(docs, staged)
    _mkdocs(root, fresh, as_of, staged)
    seal(fresh)
    put_into_frames(docs, fresh, apart)
    name = write_manifest(fresh, {"as_of": as_of.isoformat(), **(about or {})})
    return gate(fresh, secrets=secrets, cache=cache), name


def _refuse_links(docs: Path) -> None:
    if found := next((name for name in below(docs) if (docs / name).is_symlink()), None):
        raise PolicyError(f"{found}: is a symbolic link, and pages are not published through one")


def _mkdocs(root: Path, out: Path, as_of: date, docs: Path) -> None:
    midnight = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out.resolve())]
    done = subprocess.run(
        [*command, "--config-file", str(_elsewhere(root, docs, out))],
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


def _elsewhere(root: Path, docs: Path, out: Path) -> Path:
    """Settings that are the workspace's, with other pages."""
    settings, here = out.with_suffix(".yml"), root.resolve()
    named = {"INHERIT": here / "mkdocs.yml", "docs_dir": docs.resolve()}
    lines = [f"{name}: {json.dumps(str(path))}" for name, path in named.items()]
    theme = f"theme: {{custom_dir: {json.dumps(str(here / 'site/overrides'))}}}"
    settings.write_text("\n".join([*lines, theme, ""]), encoding="utf-8")
    return settings

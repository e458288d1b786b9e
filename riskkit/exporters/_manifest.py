"""The list of a site's files with their digests, and what a site says that its list does not."""

from __future__ import annotations

import contextlib
import json
import re
import stat
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path

from riskkit.errors import PolicyError, printable
from riskkit.exporters._files import below
from riskkit.model import canonical

MANIFEST = "site.json"
"""The file of a site that names every other."""


def write_manifest(site: Path, about: Mapping[str, str]) -> str:
    """List every file below ``site`` in ``site.json``, with what ``about`` says of the whole; its SHA-256.

    It holds no time and no place: equal files give equal bytes. Raises PolicyError for what is no plain file.
    """
    files = {name: _sha256(path) for name, path in _files(site)}
    files.pop(MANIFEST, None)
    text = canonical({"schema_version": 1, "about": dict(about), "files": files})
    (site / MANIFEST).write_bytes(text)
    return sha256(text).hexdigest()


def read_manifest(site: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What ``site.json`` says of the whole, and file name to digest.

    Raises ValueError, in words, when there is none that can be read.
    """
    path = site / MANIFEST
    try:
        value = json.loads(path.read_bytes())
        about, files = dict(value["about"]), dict(value["files"])
    except FileNotFoundError:
        raise ValueError("is missing: this is no site that riskkit build made") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("cannot be read") from None
    if value.get("schema_version") != 1:
        raise ValueError(f"was made by a newer version of riskkit (schema {value.get('schema_version')})")
    if not all(isinstance(text, str) for text in (*about.values(), *files.values())):
        raise ValueError("cannot be read")
    return about, files


def shown_to(site: Path) -> tuple[date | None, str]:
    """The day that a site speaks of, None where it does not say, and its audience: internal where it names none."""
    about: Mapping[str, str] = {}
    with contextlib.suppress(ValueError):
        about = read_manifest(site)[0]
    audience = about.get("audience", "")
    try:
        return date.fromisoformat(about.get("as_of", "")), "public" if audience == "public" else "internal"
    except ValueError:
        return None, "internal"


def manifest_faults(site: Path) -> list[str]:
    """A line for every file below ``site`` that is not the one its list names, or is not listed; empty when none."""
    try:
        _, files = read_manifest(site)
    except ValueError as error:
        return [f"site/{MANIFEST}: {error}"]
    found = list(_differing(site, files))
    name, own = site.resolve().name, sha256((site / MANIFEST).read_bytes()).hexdigest()
    if re.fullmatch(r"[0-9a-f]{64}", name) and name != own:
        found.insert(0, _line(MANIFEST, "is not the list this release is named for", name, own))
    return found


def differences(site: Path, *, expected: Path) -> list[str]:
    """A line for every file of ``site`` that differs from the one in ``expected``, is missing or has no counterpart."""
    files = {name: _sha256(path) for name, path in _files(expected)}
    return list(_differing(site, files))


def _differing(site: Path, files: Mapping[str, str]) -> Iterator[str]:
    for name, wanted in sorted(files.items()):
        path = site / name
        if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(site.resolve()):
            yield _line(name, "is missing", wanted, "nothing")
        elif (now := _sha256(path)) != wanted:
            yield _line(name, "is not what was published", wanted, now)
    for name in sorted({*below(site)} - set(files) - {MANIFEST}):
        yield f"site/{printable(name)}: was not published"


def _files(site: Path) -> Iterator[tuple[str, Path]]:
    for name in below(site):
        if not stat.S_ISREG((site / name).lstat().st_mode):
            raise PolicyError(f"the site is not published:\n{printable(name)}: is no plain file")
        yield name, site / name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:  # a table may have 30 MB
        return file_digest(file, "sha256").hexdigest()


def _line(name: str, what: str, expected: str, found: str) -> str:
    return f"site/{printable(name)}: {what} (sha256 expected {expected}, found {found})"

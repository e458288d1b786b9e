"""Whether the environment is the one that a lock file pins, and unchanged since it was installed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from riskkit.errors import EnvironmentProblem, printable
from riskkit.runner.environment import packages
from riskkit.runner.fingerprint import fingerprint

LOCK = "requirements.lock"
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_TOOLS = frozenset({"pip", "riskkit", "setuptools", "wheel"})
"""What installs packages, and the kit itself, whose own digest is in every record."""
_SHOWN = 20


def require_locked(lock: Path, *, environ: Mapping[str, str] | None = None) -> None:
    """Make sure that every installed package has the version that ``lock`` pins, and the files it was installed with.

    Every installed file is hashed, which takes seconds. Packages of the lock that are not installed are no fault: they
    may belong to an extra or another system.

    Raises:
        EnvironmentProblem: something differs; a line each.
    """
    try:
        text = lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not text"
        raise EnvironmentProblem(
            f"{lock}: {why}; --strict-env holds the environment against this file"
        ) from error
    found = [
        *unlocked(text, packages()),
        *fingerprint(os.environ if environ is None else environ, deep=True).problems,
    ]
    if found:
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        lines = "\n".join([*map(printable, found[:_SHOWN]), *more])
        raise EnvironmentProblem(f"the environment is not the one of {lock.name}; nothing was run:\n{lines}")


def unlocked(lock: str, installed: Mapping[str, str]) -> Iterator[str]:
    """A line for each package of ``installed`` (name to version) that the text of a lock file does not pin so."""
    pinned: dict[str, list[str]] = {}
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            pinned.setdefault(_normal(pin[1]), []).append(pin[2])
    for name, version in sorted(installed.items()):
        versions = pinned.get(_normal(name), [])
        if name in _TOOLS or version in versions:
            continue
        said = f"the lock says {' or '.join(versions)}" if versions else "the lock does not name it"
        yield f"{name} {version} is installed, {said}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

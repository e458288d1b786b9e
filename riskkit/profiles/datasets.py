"""The bytes of a dataset that a profile declares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from riskkit.errors import InputError, PolicyError, Problem
from riskkit.model import Input, Profile


def read_dataset(profile: Profile, name: str, *, folder: Path) -> tuple[bytes, Input]:
    """The bytes of dataset ``name`` in the project's ``folder``, and a note of what was read: its digest is of these.

    Raises
    ------
    InputError
        When there is no such dataset, no such file, or another file than the profile says.
    PolicyError
        When its path leads out of the project.
    """
    shown = f"projects/{profile.id}/profile.yml"
    declared = profile.datasets.get(name)
    if declared is None:
        right = f"one of {', '.join(profile.datasets)}"
        raise InputError([Problem(shown, None, f"datasets.{name}", "there is no such dataset", right)])
    path = (folder.resolve() / declared.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PolicyError(f"{shown}: datasets.{name}.path: {declared.path} leads out of the project")
    if not path.is_file():
        raise InputError([Problem(shown, None, f"datasets.{name}.path", f"no file {declared.path}")])
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if declared.sha256 and declared.sha256 != found:
        what = f"{declared.path} has sha256 {found}, the profile says {declared.sha256}"
        raise InputError([Problem(shown, None, f"datasets.{name}.sha256", what)])
    return raw, Input(path=declared.path, sha256=found, rows=raw.count(b"\n"), about=f"dataset {name}")


def naming_files(profile: Profile, problems: Iterable[Problem]) -> InputError:
    """``problems`` that were told of ``dataset <name>``, told of its file."""
    paths = {f"dataset {n}": f"projects/{profile.id}/{d.path}" for n, d in profile.datasets.items()}
    return InputError(replace(p, file=paths.get(str(p.file), p.file)) for p in problems)

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
    path = _found(profile, name, folder=folder)
    raw = path.read_bytes()
    noted = _noted(profile, name, hashlib.sha256(raw).hexdigest())
    return raw, noted.model_copy(update={"rows": raw.count(b"\n")})


def locate_dataset(profile: Profile, name: str, *, folder: Path) -> tuple[Path, Input]:
    """The file of dataset ``name``, for one too large to hold, with the digest of what it holds now.

    Raises
    ------
    InputError, PolicyError
        As :func:`read_dataset`.
    """
    path = _found(profile, name, folder=folder)
    with path.open("rb") as stream:
        return path, _noted(profile, name, hashlib.file_digest(stream, "sha256").hexdigest())


def dataset_size(profile: Profile, name: str, *, folder: Path) -> int:
    """Bytes of dataset ``name``; errors are those of :func:`read_dataset`."""
    return _found(profile, name, folder=folder).stat().st_size


def _found(profile: Profile, name: str, *, folder: Path) -> Path:
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
    return path


def _noted(profile: Profile, name: str, found: str) -> Input:
    declared = profile.datasets[name]
    if declared.sha256 and declared.sha256 != found:
        shown = f"projects/{profile.id}/profile.yml"
        what = f"{declared.path} has sha256 {found}, the profile says {declared.sha256}"
        raise InputError([Problem(shown, None, f"datasets.{name}.sha256", what)])
    return Input(path=declared.path, sha256=found, about=f"dataset {name}")


def naming_files(profile: Profile, problems: Iterable[Problem]) -> InputError:
    """``problems`` that were told of ``dataset <name>``, told of its file."""
    paths = {f"dataset {n}": f"projects/{profile.id}/{d.path}" for n, d in profile.datasets.items()}
    return InputError(replace(p, file=paths.get(str(p.file), p.file)) for p in problems)

"""Which code could have run: interpreter, packages by the digest of what they installed, files that run at start."""

from __future__ import annotations

import base64
import csv
import platform
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from riskkit.model import canonical

_STEERS = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "LD_PRELOAD",
    "DYLD_INSERT_LIBRARIES",
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The code a run could use; ``problems`` are lines about what does not come from an installed package."""

    python: str
    platform: str
    interpreter_sha256: str
    packages: dict[str, str]
    starts: dict[str, str]
    problems: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The fingerprint in canonical JSON, as it goes beside a record."""
        return canonical({"schema_version": 1, **asdict(self)})


def fingerprint(environ: Mapping[str, str], *, deep: bool = False) -> Fingerprint:
    """The code that this interpreter could use now.

    A package is named with its version and the first 16 digits of the SHA-256 of its RECORD, the list of digests it
    was installed with. ``deep`` also compares every installed file with that list, which takes seconds.
    """
    lists = {d: d.read_text("RECORD") or "" for d in sorted(metadata.distributions(), key=_name)}
    folder = Path(sysconfig.get_paths()["purelib"])
    starts = sorted(p for p in folder.glob("*.pth")) + [
        p for n in ("sitecustomize", "usercustomize") if (p := folder / f"{n}.py").exists()
    ]
    return Fingerprint(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=platform.platform(),
        interpreter_sha256=sha256(Path(sys.executable).resolve().read_bytes()).hexdigest(),
        packages={
            _name(d): f"{d.version} {sha256(text.encode()).hexdigest()[:16]}" for d, text in lists.items()
        },
        starts={path.name: sha256(path.read_bytes()).hexdigest() for path in starts},
        problems=tuple(
            sorted({*_steered(environ), *_strays(lists.values(), starts), *(_changed(lists) if deep else ())})
        ),
    )


def _name(distribution: metadata.Distribution) -> str:
    return (distribution.metadata["Name"] or "").lower().replace("_", "-")


def _steered(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{name} is set (and not passed to runs)" for name in _STEERS if environ.get(name))


def _strays(lists: Collection[str], starts: Iterable[Path]) -> Iterator[str]:
    """Files that run whenever Python starts and that no package brought."""
    for path in starts:
        if not any(f"\n{path.name}," in f"\n{text}" for text in lists if path.name in text):
            yield f"{path.name} runs whenever Python starts and belongs to no installed package"


def _changed(lists: Mapping[metadata.Distribution, str]) -> Iterator[str]:
    """Files that are no longer what their package installed."""
    for distribution, text in lists.items():
        for name, digest in (row[:2] for row in csv.reader(text.splitlines()) if len(row) == 3):
            kind, _, wanted = digest.partition("=")
            if kind != "sha256":
                continue
            path = Path(str(distribution.locate_file(name)))
            try:
                data = path.read_bytes()
            except OSError:
                yield f"{_name(distribution)}: {name} is missing"
                continue
            if base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode() != wanted:
                yield f"{_name(distribution)}: {name} was changed after it was installed"

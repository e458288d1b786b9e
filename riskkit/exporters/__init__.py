"""The register as files: one exporter a file of this folder, found by its file name.

from riskkit import exporters
exporters.names()                                             # ['annex_iv', 'csv', 'cyclonedx', ...]
exporters.get("pages")(register, docs, sources=sources)       # -> list of the files written
exporters.build_site(root, site=root / "build/site", as_of=register.as_of)
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from riskkit.errors import UsageError
from riskkit.exporters._build import Published, build_site
from riskkit.exporters._check import check_site
from riskkit.exporters._gate import gate
from riskkit.exporters._manifest import shown_to
from riskkit.exporters._release import KEEP, publishing
from riskkit.exporters._seal import seal
from riskkit.exporters._sources import Away, Sources
from riskkit.model import Register

__all__ = [
    "KEEP",
    "Away",
    "Exporter",
    "Published",
    "Sources",
    "about",
    "build_site",
    "check_site",
    "gate",
    "get",
    "names",
    "publishing",
    "seal",
    "shown_to",
]  # fmt: skip


class Exporter(Protocol):
    """What a file of this folder offers under the name ``export``."""

    def __call__(self, register: Register, out: Path, *, sources: Sources) -> list[Path]:
        """Write ``register`` below the folder ``out`` and return the files written."""


def names() -> list[str]:
    """The exporters there are, by file name; a leading underscore marks what they share."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def about(name: str) -> str:
    """What the exporter called ``name`` writes, in a line."""
    return (importlib.import_module(f"{__name__}.{name}").__doc__ or "").split("\n", 1)[0]


def get(name: str) -> Exporter:
    """The exporter called ``name``; raises UsageError with the names there are."""
    if name not in names():
        raise UsageError(f"no exporter is called {name!r} (there are: {', '.join(names())})")
    return cast(Exporter, importlib.import_module(f"{__name__}.{name}").export)

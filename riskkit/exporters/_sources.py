"""What exporters need besides the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Away(NamedTuple):
    """A file that was moved out of the records: its own digest, the archive it lies in, and since which day."""

    sha256: str
    archive: str
    archive_sha256: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Folders an exporter may read, and one where it may keep what it need not make twice."""

    templates: Path
    """Page templates: ``templates/pages`` of the workspace."""
    site: Path
    """Hand-written pages, styles and scripts: ``site`` of the workspace."""
    records: Path
    """The record store; exporters read executed notebooks from it, nothing else."""
    cache: Path
    """A folder for rendered notebooks, by digest; may be deleted at any time."""
    archived: Mapping[str, Away] = field(default_factory=dict)
    """What was moved out of the record store, by its path there."""
    built: Path = Path("build/site")
    """The built site, which is printed from."""
    head: str = ""
    """The head of the records, for the foot of each page: whoever keeps a page keeps a witness."""
    digests: tuple[str, tuple[bytes, ...]] | None = None
    """The register's own, from whoever has them already: those of a thousand systems take seconds."""

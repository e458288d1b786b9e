"""What exporters need besides the register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
    head: str = ""
    """The head of the records, for the foot of each page: whoever keeps a page keeps a witness."""

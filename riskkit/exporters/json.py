"""The whole register as canonical JSON: ``register.json``."""

from __future__ import annotations

from pathlib import Path

from riskkit.exporters._sources import Sources
from riskkit.model import Register, canonical


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``register.json``: equal registers give equal bytes, whose SHA-256 is ``register.sha256``."""
    del sources
    out.mkdir(parents=True, exist_ok=True)
    path = out / "register.json"
    path.write_bytes(canonical(register))
    return [path]

"""The whole register as JSON: ``register.json`` in full depth, ``tables.json`` as flat rows with its JSON Schema."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from riskkit.exporters._sources import Sources
from riskkit.exporters._tables import TABLES
from riskkit.model import Register

FILES = {"tables.json": "All tables (JSON)", "tables.schema.json": "Their JSON Schema"}
FOR = ("portfolio",)


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``register.json``, ``tables.json`` and ``tables.schema.json``.

    Equal registers give equal bytes; the SHA-256 of ``register.json`` is ``register.sha256``.
    """
    del sources
    out.mkdir(parents=True, exist_ok=True)
    return [write_register(register, out), *_tables(register, out)]


def write_register(register: Register, out: Path) -> Path:
    """Write ``register.json`` alone."""
    path = out / "register.json"
    with path.open("wb") as file:
        file.writelines(register.parts)
    return path


def _tables(register: Register, out: Path) -> list[Path]:
    about = {"as_of": register.as_of, "kit_version": register.kit_version, "audience": register.audience}
    tables = {table.name: list(table.cells(register)) for table in TABLES}
    return [
        _write(out / "tables.json", {"schema_version": 1, **about, **tables}),
        _write(out / "tables.schema.json", schema()),
    ]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``tables.json``."""
    text = {"type": "string"}
    head = {
        "schema_version": {"const": 1},
        "as_of": {"type": "string", "format": "date", "description": "day the register speaks of"},
        "kit_version": text,
        "audience": {"enum": ["public", "internal"], "description": "whom the figures are for"},
    }
    tables = {table.name: table.schema for table in TABLES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tables of a riskkit register",
        "type": "object",
        "properties": head | tables,
        "required": [*head, *tables],
        "additionalProperties": False,
    }


def _write(path: Path, value: dict[str, Any]) -> Path:
    path.write_text(
        json.dumps(value, indent=1, ensure_ascii=False, default=_day) + "\n", encoding="utf-8", newline="\n"
    )
    return path


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)

"""Answers begun and not finished: kept apart from ``answers.yml``, in which only whole answers stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from riskkit.authored.writing import put

Begun = dict[str, dict[str, str]]
"""Requirement, or ``questionnaire.question``, to the fields filled so far."""


def read_begun(path: Path) -> Begun:
    """What was begun; nothing where the file is missing or is not ours."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): {str(k): str(v) for k, v in fields.items()}
        for name, fields in found.items()
        if isinstance(fields, Mapping)
    }


def keep_begun(path: Path, begun: Begun) -> None:
    """Write what was begun, or remove the file when nothing is."""
    if begun:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, json.dumps(begun, indent=1, ensure_ascii=False).encode())
    else:
        path.unlink(missing_ok=True)

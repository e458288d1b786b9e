"""Evidence as it is stored: an in-toto Statement in canonical JSON, with the conclusion in a file of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from riskkit.model import Conclusion, Evidence, canonical

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:riskkit:evidence:v1"
_KNOWN = 1


class NotReadable(ValueError):
    """Stored bytes that this version cannot take as evidence, and why."""


def to_bytes(evidence: Evidence) -> bytes:
    """The Statement on ``evidence``: its files are the subject, the rest is the predicate.

    Equal evidence gives equal bytes. The conclusion is left out: it is one of the files, and named by its digest.
    """
    predicate = evidence.model_dump(mode="json", exclude={"files", "folder", "sha256", "conclusion"})
    subject = [
        {"name": name, "digest": {"sha256": sha256}} for name, sha256 in sorted(evidence.files.items())
    ]
    return canonical(
        {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate}
    )


def from_bytes(stored: bytes, *, conclusion: bytes | None, folder: str, sha256: str) -> Evidence:
    """The evidence that ``stored`` states, with what it concluded if that is at hand.

    Raises:
        NotReadable: another kind of statement, a newer version's, or not well formed.
    """
    statement = _json(stored)
    predicate = statement.get("predicate")
    if statement.get("_type") != STATEMENT or statement.get("predicateType") != PREDICATE:
        raise NotReadable(f"is not a statement this version knows ({statement.get('predicateType')!r})")
    if not isinstance(predicate, dict):
        raise NotReadable("has no predicate")
    _refuse_newer(predicate)
    said = None if conclusion is None else _json(conclusion)
    if said is not None:
        _refuse_newer(said)
    try:
        return Evidence.model_validate(
            {
                **predicate,
                "files": files_of(stored),
                "conclusion": None if said is None else Conclusion.model_validate(said),
                "folder": folder,
                "sha256": sha256,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise NotReadable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def files_of(stored: bytes) -> dict[str, str]:
    """File name to SHA-256, as ``stored`` states them.

    Raises:
        NotReadable: the subject is not a list of names and digests.
    """
    try:
        return {item["name"]: item["digest"]["sha256"] for item in _json(stored)["subject"]}
    except (KeyError, TypeError):
        raise NotReadable("has no readable subject") from None


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise NotReadable("is not a JSON object")
    return value


def _refuse_newer(value: Mapping[str, Any]) -> None:
    version = value.get("schema_version")
    if isinstance(version, int) and version > _KNOWN:
        raise NotReadable(f"was made by a newer version of riskkit (schema {version}, known is {_KNOWN})")

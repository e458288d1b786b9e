"""The public keys that reviewers trust, and what they say of a signature."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskkit.errors import EnvironmentProblem, InputError, Problem

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_FORM = '{"keys": [{"keyid": "...", "public": "<32 bytes in base64>", "until": null}]}'


def authenticated(payload: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """The bytes a DSSE signature is over: the type is bound together with the payload (DSSE protocol, PAE)."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key (32 bytes), trusted for log entries up to number ``until``, or for all."""

    keyid: str
    public: bytes
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """The public keys that reviewers keep, apart from the store."""

    keys: tuple[TrustedKey, ...]

    def fault(self, envelope: bytes | None, *, payload: bytes, seq: int) -> str:
        """What is wrong with the signature on ``payload``, entry ``seq``; empty when a trusted key signed it."""
        if envelope is None:
            return "is not signed"
        try:
            value = json.loads(envelope)
            if (
                value["payloadType"] != PAYLOAD_TYPE
                or base64.b64decode(value["payload"], validate=True) != payload
            ):
                return "the signed text is another one"
            signatures = [base64.b64decode(item["sig"], validate=True) for item in value["signatures"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return "the signature is not readable"
        valid = [
            key
            for key in self.keys
            if any(_verifies(key.public, s, authenticated(payload)) for s in signatures)
        ]
        if not valid:
            return "no trusted key signed it"
        if all(key.until is not None and seq > key.until for key in valid):
            return f"signed by key {valid[0].keyid}, which is trusted up to entry {valid[0].until} only"
        return ""


def read_trust(file: Path) -> Trust:
    """The public keys of a ``trust.json``.

    Raises:
        InputError: the file is not of that form.
    """
    try:
        return Trust(tuple(map(_trusted, json.loads(file.read_bytes())["keys"])))
    except OSError as error:
        raise InputError([Problem(file, None, "", f"cannot be read: {error.strerror}")]) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError([Problem(file, None, "", "does not hold trusted keys", _FORM)]) from error


def cryptography() -> tuple[Any, Any]:
    """The modules for Ed25519 keys and for their files.

    Raises:
        EnvironmentProblem: they are not installed.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise EnvironmentProblem("signatures need the extra `sign` (pip install 'riskkit[sign]')") from error
    return ed25519, serialization


def _trusted(item: Mapping[str, Any]) -> TrustedKey:
    public, until = base64.b64decode(item["public"], validate=True), item.get("until")
    if len(public) != 32 or not (until is None or type(until) is int):
        raise ValueError
    return TrustedKey(str(item["keyid"]), public, until)


def _verifies(public: bytes, signature: bytes, text: bytes) -> bool:
    ed25519, _ = cryptography()
    from cryptography.exceptions import InvalidSignature

    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True

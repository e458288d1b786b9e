"""Signatures on records: DSSE envelopes with Ed25519, and the private keys that make them."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit.errors import InputError, Problem, StorageError
from riskkit.model import canonical
from riskkit.records.trust import PAYLOAD_TYPE, authenticated, cryptography

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who can sign: a private key and the short name of its public half."""

    keyid: str
    _key: Ed25519PrivateKey = field(repr=False)

    def envelope(self, payload: bytes) -> bytes:
        """The DSSE envelope around ``payload`` in canonical JSON."""
        signature = {"keyid": self.keyid, "sig": _text(self._key.sign(authenticated(payload)))}
        return canonical({"payloadType": PAYLOAD_TYPE, "payload": _text(payload), "signatures": [signature]})

    def as_trusted(self) -> dict[str, Any]:
        """The entry for this key in ``trust.json``."""
        return {"keyid": self.keyid, "public": _text(_raw_public(self._key)), "until": None}


def new_key(file: Path) -> Signer:
    """Write a new private key to ``file``, for its owner's eyes alone.

    Raises:
        StorageError: the file exists, or cannot be written.
    """
    ed25519, serialization = cryptography()
    key = ed25519.Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
    except OSError as error:
        raise StorageError(f"{file}: {error.strerror} (a key is never overwritten)") from error
    return _signer(key)


def read_key(file: Path) -> Signer:
    """The signer whose private key is in ``file``.

    Raises:
        InputError: it is not an unencrypted Ed25519 key in PEM form.
    """
    ed25519, serialization = cryptography()
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise InputError([Problem(file, None, "", f"cannot be read: {error.strerror}")]) from error
    except (ValueError, TypeError) as error:
        raise InputError(
            [Problem(file, None, "", "is not a key in PEM form", "`riskkit key new` makes one")]
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise InputError([Problem(file, None, "", "is not an Ed25519 key", "`riskkit key new` makes one")])
    return _signer(key)


def _signer(key: Ed25519PrivateKey) -> Signer:
    return Signer(sha256(_raw_public(key)).hexdigest()[:16], key)


def _raw_public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

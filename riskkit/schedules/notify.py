"""Telling somebody how a night went: through a command, or to a webhook at a declared host."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from riskkit.errors import PolicyError, StorageError, printable
from riskkit.model.schedule import Notify

SECONDS = 20
_HERE = ("localhost", "127.0.0.1", "::1")


def send(notify: Notify, message: Mapping[str, Any], *, environ: Mapping[str, str]) -> None:
    """Give ``message`` as JSON to the command or the webhook, once, within 20 seconds.

    A webhook is asked without proxy and without following redirects; its answer is not read.

    Raises:
        PolicyError: the variable with the address is not set, or the address is not at the declared host.
        StorageError: the command failed, or the webhook did not take it.
    """
    body = json.dumps(message).encode()
    if notify.command:
        _tell_command(notify.command, body)
    else:
        _tell_webhook(_address(notify, environ), body)


def _tell_command(command: tuple[str, ...], body: bytes) -> None:
    try:
        subprocess.run(command, input=body, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise StorageError(f"notify.command: {printable(error)}") from None


def _address(notify: Notify, environ: Mapping[str, str]) -> str:
    """The address the variable holds, checked; it never gets into a message."""
    name = notify.webhook.removeprefix("env:")
    address = environ.get(name, "")
    try:
        parts = urlsplit(address)
        host, scheme = parts.hostname or "", parts.scheme
    except ValueError:
        host, scheme = "", ""
    if not address:
        raise PolicyError(f"notify.webhook: the variable {name} is not set")
    if host != notify.host:
        raise PolicyError(
            f"notify.webhook: the address in {name} is not at {notify.host}, so nothing was sent"
        )
    if scheme != "https" and not (scheme == "http" and host in _HERE):
        raise PolicyError(f"notify.webhook: the address in {name} does not begin with https://")
    return address


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


def _tell_webhook(address: str, body: bytes) -> None:
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})
    try:
        with opener.open(asked, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        raise StorageError(f"notify.webhook: answered {error.code}") from None
    except OSError as error:
        raise StorageError(f"notify.webhook: {printable(getattr(error, 'reason', error))}") from None

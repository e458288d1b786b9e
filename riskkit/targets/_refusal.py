"""What a status other than success means: whether to ask again, when, and whether it was paid."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from riskkit.errors import CallFailed, PolicyError, RiskkitError, printable

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_FREE = frozenset({429, 503, 529})
"""Statuses that say the request was turned away before anything was computed."""


class Headers(Protocol):
    """Headers by name, in any case."""

    def get(self, name: str, /) -> str | None:
        """The value, or None."""
        ...


def refusal(host: str, status: int, headers: Headers, body: bytes) -> RiskkitError:
    """The failure that an answer of ``status`` from ``host`` stands for; a redirect is a matter of policy."""
    if 300 <= status < 400:
        where = printable(headers.get("location") or "nowhere", 80)
        return PolicyError(f"{host} answers with a redirect to {where}; redirects are not followed")
    return CallFailed(
        f"{host} answers {status}: {message(body)}",
        again=status in _AGAIN,
        wait=wait_asked(headers),
        busy=status in (429, 529),
        paid=status >= 500 and status not in _FREE,
    )


def message(body: bytes) -> str:
    """What an answer that is none says, on one line."""
    try:
        found = json.loads(body)
        found = found.get("error", found)
        found = found.get("message", found) if isinstance(found, dict) else found
    except (ValueError, AttributeError, RecursionError):
        found = body[:400].decode("utf-8", "replace")
    return printable(" ".join(str(found).split()), 200) or "nothing more"


def wait_asked(headers: Headers) -> float | datetime | None:
    """How long an answer asks to wait (RFC 9110, 10.2.3, and ``retry-after-ms``): seconds, a moment, or None.

    A date counts from the other side's own ``Date`` where it gives one, so that clocks need not agree.
    """
    given = headers.get("retry-after-ms"), headers.get("retry-after")
    for text, scale in zip(given, (0.001, 1.0), strict=True):
        try:
            seconds = float(text or "") * scale
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    until, sent = _moment(given[1]), _moment(headers.get("date"))
    return max(0.0, (until - sent).total_seconds()) if until and sent else until


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

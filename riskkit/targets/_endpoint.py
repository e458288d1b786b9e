"""The address of a model: which host may be contacted, and which of its addresses."""

from __future__ import annotations

import ipaddress
import socket
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from riskkit.errors import CallFailed, PolicyError, printable

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Host and port to the addresses they stand for."""
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"https": 443, "http": 80}
_EMBEDDING = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for the IPv4 address in their last four bytes (RFC 6052)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The one place that may be contacted."""

    scheme: str
    host: str
    port: int
    allow_private: bool = False

    def addresses(self, resolve: Resolve | None = None) -> tuple[str, ...]:
        """The addresses of the host, every one of them checked at this moment.

        Raises
        ------
        PolicyError
            When one of them may not be contacted.
        CallFailed
            When the host has none.
        """
        try:
            found = tuple(dict.fromkeys((resolve or _resolved)(self.host, self.port)))
        except OSError as error:
            raise CallFailed(f"{self.host} has no address: {error}", again=True, paid=False) from None
        for text in found:
            self._check(ipaddress.ip_address(text.partition("%")[0]))
        return found

    def _check(self, found: Address) -> None:
        inner = _meant(found)
        if not (_is_public(inner) or (self.allow_private and _is_own(inner))):
            hint = (
                " (allow_private: true lets a model on your own network be asked)" if _is_own(inner) else ""
            )
            raise PolicyError(f"{self.host} stands for {found}, which is not a public address{hint}")
        if self.scheme == "http" and not inner.is_loopback:
            raise PolicyError(
                f"http://{self.host}: without TLS only this very machine may be asked (use https)"
            )


def parse(url: str, *, allow_private: bool) -> Endpoint:
    """The endpoint that ``url`` names; nothing is looked up.

    Raises
    ------
    PolicyError
        When the URL is of a form that hides where it leads.
    """
    if any(c <= " " or c in "\x7f\\" for c in url):
        raise PolicyError(_told(url, "holds a space, backslash or control character"))
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise PolicyError(_told(url, f"is not a URL: {error}")) from None
    if "@" in parts.netloc:
        raise PolicyError(
            _told(parts.hostname or "", "carries a user name or password (give the key by name)")
        )
    if parts.scheme not in _PORTS or not parts.hostname:
        raise PolicyError(_told(url, "does not start with https:// and a host"))
    if parts.query or parts.fragment:
        raise PolicyError(_told(url, "carries a query or fragment (a query goes into the field query)"))
    host = parts.hostname.rstrip(".").lower()
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise PolicyError(_told(url, "holds no valid host name")) from None
    return Endpoint(parts.scheme, host, port or _PORTS[parts.scheme], allow_private)


def _told(url: str, what: str) -> str:
    return f"base_url: {printable(url, 120)} {what}"


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _meant(found: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it, else the address itself."""
    if isinstance(found, ipaddress.IPv4Address):
        return found
    inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
    if inner is None and found in _EMBEDDING:
        inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    return inner or found


def _is_public(found: Address) -> bool:
    return found.is_global and not found.is_multicast and not found.is_reserved


def _is_own(found: Address) -> bool:
    """Loopback and private ranges, without the link-local ones where clouds keep their credentials."""
    ruled_out = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return found.is_loopback or (found.is_private and not ruled_out)

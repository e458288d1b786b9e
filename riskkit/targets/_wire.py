"""One request over a connection to a checked address: no redirects, no proxies, a deadline, a largest answer."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import sys
import threading
import time
from typing import Any

from riskkit.errors import CallFailed, PolicyError, printable

from ._endpoint import Endpoint, Resolve
from ._refusal import refusal

LARGEST = 8 << 20
"""Bytes of the largest answer that is read."""
_SENT = (b"authorization", b"api-key", b"content-type", b"accept", b"user-agent")
"""Headers that leave the machine, beside the host and the length; whatever else a client adds about it does not."""


class Wire:
    """Carries requests to one endpoint, over one connection a thread: a transport of ``httpx`` or ``httpx2``."""

    def __init__(self, endpoint: Endpoint, *, seconds: float, resolve: Resolve | None = None) -> None:
        self._endpoint, self._seconds, self._resolve = endpoint, seconds, resolve
        self._local = threading.local()
        self._tls = ssl.create_default_context() if endpoint.scheme == "https" else None

    def handle_request(self, request: Any) -> Any:
        """The answer to ``request``, whole and of status 2xx.

        Raises
        ------
        PolicyError
            When the request or its answer leads anywhere but to the endpoint.
        CallFailed
            For everything else that is not an answer.
        """
        self._refuse_elsewhere(request.url)
        connection = self._connection()
        try:
            connection.deadline = time.monotonic() + self._seconds
            headers = {name: value for name, value in request.headers.raw if name.lower() in _SENT}
            connection.request(request.method, request.url.raw_path.decode("ascii"), request.read(), headers)
            answer = connection.getresponse()
            body = _read(answer)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise CallFailed(f"{self._endpoint.host}: {_words(error, self._seconds)}", again=True) from None
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        if not 200 <= answer.status < 300:
            raise refusal(self._endpoint.host, answer.status, answer.headers, body)
        kind = {"content-type": "application/json"}
        return _library_of(request).Response(answer.status, headers=kind, content=body, request=request)

    def close(self) -> None:
        """Close this thread's connection; those of threads that have ended are closed with them."""
        self._connection().close()

    def _refuse_elsewhere(self, url: Any) -> None:
        wanted = (self._endpoint.scheme, self._endpoint.host, self._endpoint.port)
        if (
            url.scheme,
            url.host.rstrip("."),
            url.port or {"https": 443, "http": 80}.get(url.scheme),
        ) != wanted:
            raise PolicyError(f"{printable(url.host, 80)} is not the declared endpoint {self._endpoint.host}")

    def _connection(self) -> _Connection:
        found: _Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = _Connection(self._endpoint, self._tls, self._resolve)
        return found


class _Connection(http.client.HTTPConnection):
    """A connection to a checked address of the endpoint, every part of a call held to one deadline."""

    deadline = 0.0

    def __init__(self, endpoint: Endpoint, tls: ssl.SSLContext | None, resolve: Resolve | None) -> None:
        super().__init__(endpoint.host, endpoint.port)
        if tls is not None:
            self.default_port = 443  # so that the Host header names no port where none is needed
        self._endpoint, self._tls, self._resolve = endpoint, tls, resolve

    def connect(self) -> None:
        """Look the host up anew, check every address, connect to one of those that were checked."""
        failure: OSError | None = None
        for address in self._endpoint.addresses(self._resolve):
            try:
                plain = socket.create_connection((address, self.port), timeout=self._left())
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                secured = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
                self.sock = _Timed(secured, self)
                return
            except OSError as error:
                failure = error
        raise failure or OSError("has no address")

    def _left(self) -> float:
        return max(0.001, self.deadline - time.monotonic())


class _Timed:
    """A socket as ``http.client`` uses it, whose every read and write ends with the deadline of its call."""

    def __init__(self, sock: socket.socket, connection: _Connection) -> None:
        self._sock, self._connection, self._unsent = sock, connection, b""

    def sendall(self, data: bytes) -> None:
        self._unsent += data

    def makefile(self, mode: str) -> io.BufferedReader:
        """What the answer is read from, asked for once the request is whole: it leaves as one piece."""
        request, self._unsent = self._unsent, b""
        self._sock.settimeout(self._connection._left())
        self._sock.sendall(request)
        return io.BufferedReader(_Reader(self._sock, self._connection), 65536)

    def close(self) -> None:
        self._sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, connection: _Connection) -> None:
        self._sock, self._connection = sock, connection
        self._raw: Any = sock.makefile("rb", 0)  # keeps the socket open for as long as somebody reads

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if time.monotonic() >= self._connection.deadline:
            raise TimeoutError("timed out")
        self._sock.settimeout(self._connection._left())
        return int(self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


def _library_of(request: Any) -> Any:
    """The library a request is made with: newer clients use another one than older ones."""
    return sys.modules[type(request).__module__.partition(".")[0]]


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The body, which is neither compressed nor larger than it may be."""
    if answer.getheader("content-encoding", "identity").lower() != "identity":
        raise CallFailed("the answer is compressed, which was not asked for", again=False)
    body = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise CallFailed(f"the answer is larger than {LARGEST >> 20} MB", again=False)
    if answer.length:  # read(n) does not say when the other side hung up early
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _words(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {seconds:g} s"
    if isinstance(error, http.client.IncompleteRead):
        return f"the answer broke off after {len(error.partial)} bytes"
    return printable(f"{type(error).__name__}: {error}", 200)

"""A model endpoint on this machine that speaks the OpenAI chat protocol and misbehaves on request."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], bool]
"""Given the request's body, misbehave and return True, or return False to have it answered."""


@dataclass
class Stub:
    """A running endpoint: where it is, and what it has counted."""

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by the text of their last message."""
    answered: Counter[str] = field(default_factory=Counter)
    """Answers that were sent whole to a caller that was still there."""
    headers: list[dict[str, str]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> int:
        return self.asked.total()


class Handler(BaseHTTPRequestHandler):
    """Answers every chat with the text it was asked, in capitals."""

    protocol_version = "HTTP/1.1"
    stub: Stub
    latency: float
    behave: Behaviour
    text: Callable[[str], str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = str(body["messages"][-1]["content"])
        with self.stub.lock:
            self.stub.asked[asked] += 1
            self.stub.in_flight += 1
            self.stub.most_in_flight = max(self.stub.most_in_flight, self.stub.in_flight)
            if len(self.stub.headers) < 10:
                self.stub.headers.append(dict(self.headers.items()))
        try:
            if not type(self).behave(self, body):
                time.sleep(self.latency)
                self.answer(asked, body)
        except OSError:
            self.close_connection = True
        finally:
            with self.stub.lock:
                self.stub.in_flight -= 1

    def answer(self, asked: str, body: dict[str, Any]) -> None:
        if self.gone():
            return
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        said = {
            "id": "c", "object": "chat.completion", "created": 1, "model": f"{body['model']}-2026-01",
            "system_fingerprint": "fp_stub", "usage": usage,
            "choices": [
                {"index": 0, "finish_reason": "stop",
                 "message": {"role": "assistant", "content": type(self).text(asked)}}
            ],
        }  # fmt: skip
        self.send(200, json.dumps(said).encode())
        with self.stub.lock:
            self.stub.answered[asked] += 1

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response_only(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body))}.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def gone(self) -> bool:
        """Whether the caller has hung up."""
        self.connection.setblocking(False)
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        finally:
            self.connection.setblocking(True)

    def drop(self) -> bool:
        """Hang up without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return True

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Callers that are killed are part of the tests."""


def well(handler: Handler, body: dict[str, Any]) -> bool:
    """Misbehave never."""
    return False


def flaky(*, busy: float, dropped: float, seed: int = 0) -> Behaviour:
    """Turn a share of requests away with 429, and hang up on another."""
    dice = random.Random(seed)

    def behave(handler: Handler, body: dict[str, Any]) -> bool:
        with handler.stub.lock:
            chance = dice.random()
        if chance < busy:
            handler.send(429, b'{"error": {"message": "slow down"}}', retry_after="0.02")
            return True
        return chance < busy + dropped and handler.drop()

    return behave


@contextlib.contextmanager
def endpoint(
    behave: Behaviour = well, *, latency: float = 0.0, text: Callable[[str], str] = str.upper
) -> Iterator[Stub]:
    """A running stub; ``latency`` in seconds."""
    stub = Stub()
    members = {"stub": stub, "latency": latency, "behave": staticmethod(behave), "text": staticmethod(text)}
    server = _Server(("127.0.0.1", 0), type("OwnHandler", (Handler,), members))
    stub.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

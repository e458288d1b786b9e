"""What drawing answers costs beside the wait for them, and that none is paid for twice when the caller is killed.

`python benchmarks/sampling.py [--quick]`. A stub on this machine answers after 50 ms, 50 calls in flight. In turn: the
kit's `collect`, and the `openai` client in a plain thread pool, which keeps nothing. Then the kit's program is killed
at random moments and started again until it is done; the stub counts what it answered to callers that were still there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from riskkit import sampling
from riskkit.model import Prompt
from riskkit.targets import openai_compatible

LATENCY, IN_FLIGHT = 0.05, 50
FLOOR_MS = 1000 * LATENCY / IN_FLIGHT


class Stub(asyncio.Protocol):
    """Answers every request after a while, if the caller is still there."""

    answered: Counter[str] = Counter()
    asked = 0

    def connection_made(self, transport: Any) -> None:
        """Take a caller."""
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole."""
        self.waiting += data
        head, separator, body = self.waiting.partition(b"\r\n\r\n")
        if not separator:
            return
        if head.startswith(b"GET"):
            self.reply(json.dumps({"asked": Stub.asked, "times": Counter(Stub.answered.values())}).encode())
        elif len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            Stub.asked += 1
            asked = json.loads(body)["messages"][-1]["content"]
            asyncio.get_running_loop().call_later(LATENCY, self.answer, asked)
        else:
            return
        self.waiting = b""

    def answer(self, asked: str) -> None:
        """Send the answer, unless the caller has gone."""
        if self.transport.is_closing():
            return
        said = {
            "id": "c", "object": "chat.completion", "created": 1, "model": "stub", "system_fingerprint": "fp",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": asked}}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 1, "total_tokens": 13},
        }  # fmt: skip
        self.reply(json.dumps(said).encode())
        Stub.answered[asked] += 1

    def reply(self, body: bytes) -> None:
        """Send ``body``."""
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve() -> None:
    """Print a port and answer there until killed."""
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def settings(url: str) -> openai_compatible.Settings:
    """The stub as a target."""
    return openai_compatible.Settings(
        base_url=url, model="stub", prompts="p", allow_private=True, concurrency=IN_FLIGHT
    )


def prompts(count: int) -> list[Prompt]:
    """That many questions."""
    return [Prompt(prompt_id=f"p{i}", prompt=f"question {i}: which is it?") for i in range(count)]


def ours(url: str, count: int, folder: Path) -> None:
    """Draw five answers to each of ``count`` prompts."""
    terms = sampling.Terms(clock=now, concurrency=IN_FLIGHT)
    line = openai_compatible.connect(settings(url), key=None)
    found = sampling.collect(
        line, prompts(count), samples=5, seed=0, epoch="e", journal=folder / "journal", terms=terms
    )
    assert len(found) == 5 * count


def plain(url: str, count: int, folder: Path) -> None:
    """The same questions by the client library in a thread pool, keeping nothing."""
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key="none", max_retries=0)

    def ask(prompt: Prompt) -> str:
        messages: Any = [{"role": "user", "content": prompt.prompt}]
        return (
            client.chat.completions.create(model="stub", messages=messages).choices[0].message.content or ""
        )

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        assert len(list(pool.map(ask, [p for p in prompts(count) for _ in range(5)]))) == 5 * count


def timed(work: Callable[[str, int, Path], None], url: str, count: int) -> tuple[float, float]:
    """Wall and CPU milliseconds a sample."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        work(url, count, Path(folder))
        took = time.perf_counter() - wall, time.process_time() - cpu
    return 1000 * took[0] / (5 * count), 1000 * took[1] / (5 * count)


def child(url: str, journal: str, count: str) -> None:
    """The program that is killed."""
    connect = partial(openai_compatible.connect, settings(url), key=None)
    terms = sampling.Terms(clock=now, concurrency=IN_FLIGHT)
    sampling.collect_apart(
        connect, prompts(int(count)), samples=1, seed=0, epoch="e", journal=Path(journal), terms=terms
    )


def killed(url: str, kills: int) -> int:
    """How often the program was killed before it was done: each time at a random moment while it asks."""
    dice, done = random.Random(1), 0
    count = IN_FLIGHT * (2 * kills + 4)
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal"
        while True:
            before = told(url)["asked"]
            command = [sys.executable, __file__, "--child", url, str(journal), str(count)]
            process = subprocess.Popen(command)
            while process.poll() is None and told(url)["asked"] == before:
                time.sleep(0.005)
            if done == kills:
                assert process.wait() == 0
                return done
            time.sleep(dice.uniform(0, 0.1))
            if process.poll() is not None:
                return done
            process.kill()
            process.wait()
            done += 1


def told(url: str) -> dict[str, Any]:
    """What the stub was asked, and how many questions it answered once, twice, and so on."""
    import http.client

    connection = http.client.HTTPConnection(url.split("/")[2])
    connection.request("GET", "/")
    found: dict[str, Any] = json.loads(connection.getresponse().read())
    return found


def stub() -> tuple[subprocess.Popen[str], str]:
    """A stub in a process of its own, and where it is."""
    process = subprocess.Popen([sys.executable, __file__, "--stub"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"


def main() -> None:
    """Measure, print a table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, count, kills = (3, 200, 5) if quick else (7, 400, 20)
    process, url = stub()
    try:
        ours(url, 2, Path(tempfile.mkdtemp()))
        plain(url, 2, Path())
        taken = [(timed(ours, url, count), timed(plain, url, count)) for _ in range(rounds)]
    finally:
        process.kill()
    process, url = stub()
    try:
        times = killed(url, kills)
        twice = sum(n * (int(k) - 1) for k, n in told(url)["times"].items())
    finally:
        process.kill()
    print(f"{platform.machine()}, Python {platform.python_version()}, openai {metadata.version('openai')}")
    print(
        f"{rounds} rounds of {5 * count} samples, {LATENCY * 1000:g} ms, {IN_FLIGHT} in flight, floor {FLOOR_MS:g} ms"
    )
    for name, rows in zip(("riskkit", "openai in threads"), zip(*taken, strict=True), strict=True):
        walls, cpus = zip(*rows, strict=True)
        spread = f"{min(walls):.2f} to {max(walls):.2f}"
        print(
            f"{name:18} wall {statistics.median(walls):.2f} ms a sample ({spread}), CPU {statistics.median(cpus):.2f}"
        )
    print(f"killed {times} times: {twice} answers given twice")
    walls, cpus = zip(*(ours_ for ours_, _ in taken), strict=True)
    said = {
        "wall_over_floor": round(statistics.median(walls) / FLOOR_MS, 3),
        "cpu_ms_per_sample": round(statistics.median(cpus), 3),
        "paid_twice": twice,
        "kills": times,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stub"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()

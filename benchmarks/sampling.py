"""What drawing answers costs beside the wait for them, and that none is paid for twice or beyond a cap.

`python benchmarks/sampling.py [--quick] [--write]`. A stub on this machine answers after 50 ms, 50 calls in flight. In
turn: the kit's `collect`, and the `openai` client in a plain thread pool, which keeps nothing. A second stub turns one
call in ten away (429) and drops one connection in twenty: every sample must arrive once, and caps of calls and of money
must hold. Then the kit's program is killed at random moments and started again until it is done; the stub counts what
it answered to callers that were still there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from _bars import Bar, keep, machine, verdict

from riskkit import sampling
from riskkit.errors import RunStopped
from riskkit.model import Budget, Prompt
from riskkit.targets import openai_compatible

LATENCY, IN_FLIGHT = 0.05, 50
FLOOR_MS = 1000 * LATENCY / IN_FLIGHT


class Stub(asyncio.Protocol):
    """Answers every request after a while, if the caller is still there."""

    answered: Counter[str] = Counter()
    asked = busy = dropped = 0
    dice: random.Random | None = None
    """Where it is set, some calls are turned away and some connections dropped."""

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
            told = {"asked": Stub.asked, "busy": Stub.busy, "dropped": Stub.dropped}
            told |= {"answered": Stub.answered.total(), "times": Counter(Stub.answered.values())}
            self.reply(json.dumps(told).encode())
        elif len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            Stub.asked += 1
            chance = Stub.dice.random() if Stub.dice else 1.0
            if chance < 0.15:
                self.fail(busy=chance < 0.1)
                self.waiting = b""
                return
            asked = json.loads(body)["messages"][-1]["content"]
            asyncio.get_running_loop().call_later(LATENCY, self.answer, asked)
        else:
            return
        self.waiting = b""

    def fail(self, *, busy: bool) -> None:
        """Turn a call away, or hang up on it."""
        Stub.busy, Stub.dropped = Stub.busy + busy, Stub.dropped + (not busy)
        if busy:
            self.reply(b"{}", "429 Too Many Requests\r\nretry-after: 0.05")
        else:
            self.transport.abort()

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

    def reply(self, body: bytes, status: str = "200 OK") -> None:
        """Send ``body``."""
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(how: str) -> None:
    """Print a port and answer there until killed."""
    Stub.dice = random.Random(7) if how == "lossy" else None
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


@contextlib.contextmanager
def stub(how: str = "well") -> Iterator[str]:
    """A stub in a process of its own: where it is."""
    process = subprocess.Popen([sys.executable, __file__, "--stub", how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.wait()


def arrived(url: str, count: int, budget: Budget, rates: sampling.Rates | None = None) -> tuple[int, str]:
    """How many samples came back of a lossy stub within ``budget``, and why no more did."""
    limited = settings(url).model_copy(update={"parameters": {"max_tokens": 8}})
    terms = sampling.Terms(clock=now, concurrency=IN_FLIGHT, tries=50, budget=budget, rates=rates)
    line = openai_compatible.connect(limited, key=None)
    with tempfile.TemporaryDirectory() as folder:
        how: Any = {
            "samples": 5,
            "seed": 0,
            "epoch": "e",
            "journal": Path(folder) / "journal",
            "terms": terms,
        }
        try:
            return len(sampling.collect(line, prompts(count), **how)), ""
        except RunStopped as error:
            return 0, str(error)


def lossy_bars(count: int) -> list[Bar]:
    """What holds against a stub that turns calls away and hangs up."""
    with stub("lossy") as url:
        there, _ = arrived(url, count, Budget(calls=20 * count))
        seen = told(url)
    wanted, cap, usd = 5 * count, 5 * count + 10, 0.00004 * 5 * count
    with stub("lossy") as url:
        _, why_calls = arrived(url, count, Budget(calls=cap))
        calls = told(url)["asked"]
    with stub("lossy") as url:
        _, why_usd = arrived(url, count, Budget(calls=20 * count, usd=usd), sampling.Rates(5.0, 5.0))
        spent = told(url)["answered"] * 13 * 5.0 / 1e6
    once = there == seen["answered"] == wanted
    return [
        Bar(f"samples with {seen['busy']} calls turned away and {seen['dropped']} dropped",
            f"{there} arrived, {seen['answered']} answered", f"{wanted} each", once),
        Bar("calls under a cap of calls, with retries", f"{calls}", f"at most {cap}",
            calls <= cap and "calls is used up" in why_calls),
        Bar("US dollars under a cap of money", f"{spent:.4f}", f"at most {usd:.4f}",
            0.5 * usd < spent <= usd and "does not allow another" in why_usd),
    ]  # fmt: skip


def timed_in_turn(rounds: int, count: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU milliseconds a sample, by who asked, round by round in turn."""
    found: dict[str, list[tuple[float, float]]] = {"riskkit": [], "openai in threads": []}
    with stub() as url:
        ours(url, 2, Path(tempfile.mkdtemp()))
        plain(url, 2, Path())
        for _ in range(rounds):
            for name, work in zip(found, (ours, plain), strict=True):
                found[name].append(timed(work, url, count))
    for name, rows in found.items():
        walls, cpus = zip(*rows, strict=True)
        spread = f"{min(walls):.2f} to {max(walls):.2f}"
        print(
            f"{name:18} wall {statistics.median(walls):.2f} ms a sample ({spread}), CPU {statistics.median(cpus):.2f}"
        )
    return found


def main() -> int:
    """Measure, print the bars and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    rounds, count, kills = (3, 200, 5) if given.quick else (7, 400, 20)
    on = machine("openai")
    print(
        f"{on}\n{rounds} rounds of {5 * count} samples, {IN_FLIGHT} in flight, floor {FLOOR_MS:g} ms a sample"
    )
    walls, cpus = zip(*timed_in_turn(rounds, count)["riskkit"], strict=True)
    with stub() as url:
        times = killed(url, kills)
        seen = told(url)
    twice = sum(n * (int(k) - 1) for k, n in seen["times"].items())
    over, cpu = statistics.median(walls) / FLOOR_MS, statistics.median(cpus)
    bars = [
        Bar("wall time a sample over the floor, median", f"{over:.2f} ({min(walls):.2f} to {max(walls):.2f})",
            "at most 2", over <= 2),
        Bar("CPU ms a sample, median", f"{cpu:.2f} ({min(cpus):.2f} to {max(cpus):.2f})", "at most 2", cpu <= 2),
        *lossy_bars(count // 4),
        Bar("answers given twice over all kills", f"{twice} of {seen['answered']}, {times} kills", "0",
            twice == 0 and times == kills),
    ]  # fmt: skip
    if given.write:
        about = "Drawing answers from a stub that takes 50 ms an answer, with 50 calls in flight."
        keep("Sampling", "python benchmarks/sampling.py", bars, on=on, about=about)
    code = verdict(bars)
    said = {
        "wall_over_floor": round(over, 3),
        "cpu_ms_per_sample": round(cpu, 3),
        "paid_twice": twice,
        "kills": times,
    }
    print(json.dumps(said | {"all_met": not code}))
    return code


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stub"]:
        asyncio.run(serve(sys.argv[2]))
    elif sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        raise SystemExit(main())

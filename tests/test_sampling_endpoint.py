"""Sampling an endpoint: every answer arrives once, none is paid twice, no budget is exceeded."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from example_endpoint import Behaviour, Handler, Stub, endpoint, flaky

from riskkit import sampling
from riskkit.errors import IntegrityError, PolicyError, RunStopped, UsageError
from riskkit.model import Budget, Prompt, Sample
from riskkit.targets import openai_compatible

pytestmark = pytest.mark.slow

MOMENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def clock() -> datetime:
    return MOMENT


def prompts(count: int) -> list[Prompt]:
    return [
        Prompt(prompt_id=f"p{i}", prompt=f"q{i}", reference="r", attributes={"k": "v"}) for i in range(count)
    ]


def line(stub: Stub, **more: Any) -> Any:
    settings = openai_compatible.Settings(
        base_url=stub.url, model="m", prompts="p", allow_private=True, **{"seconds": 5.0, **more}
    )
    return openai_compatible.connect(settings, key=None)


def collect(
    stub: Stub, journal: Path, *, count: int = 5, samples: int = 2, **more: Any
) -> tuple[Sample, ...]:
    given = {"seed": 0, "epoch": "e", "stop": None, "progress": None}
    given |= {name: more.pop(name) for name in tuple(given) if name in more}
    of_line = {name: more.pop(name) for name in ("parameters", "seconds") if name in more}
    terms = sampling.Terms(clock=clock, **more)
    return sampling.collect(
        line(stub, **of_line), prompts(count), samples=samples, journal=journal, terms=terms, **given
    )


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "cache/answers.jsonl"


# What arrives


def test_answers_come_prompt_by_prompt_numbered_from_zero_whatever_the_order_of_arrival(journal) -> None:
    def uneven(handler: Handler, body: dict[str, Any]) -> bool:
        time.sleep(random.random() / 30)
        return False

    with endpoint(uneven) as stub:
        found = collect(stub, journal, count=10, samples=3, concurrency=16)
        assert stub.most_in_flight > 4
    assert [(s.prompt_id, s.sample, s.response) for s in found] == [
        (f"p{i}", k, f"Q{i}") for i in range(10) for k in range(3)
    ]
    assert {(s.reference, s.attributes["k"], s.tries, s.at) for s in found} == {
        ("r", "v", 1, MOMENT.isoformat())
    }


def test_what_was_answered_is_taken_from_the_journal_and_only_the_rest_is_asked(journal) -> None:
    with endpoint() as stub:
        first = collect(stub, journal, samples=2)
        assert stub.calls == 10
        assert collect(stub, journal, samples=2) == first
        assert stub.calls == 10
        more = collect(stub, journal, samples=3)
        assert stub.calls == 15
    assert [s for s in more if s.sample < 2] == list(first)


@pytest.mark.parametrize("change", [{"epoch": "later"}, {"seed": 1}, {"parameters": {"temperature": 1}}])
def test_another_epoch_seed_or_request_is_asked_anew(journal, change: dict[str, Any]) -> None:
    with endpoint() as stub:
        collect(stub, journal)
        collect(stub, journal, **change)
        assert stub.calls == 20


def test_progress_tells_what_is_kept_and_then_how_far_it_is(journal) -> None:
    told: list[tuple[int, int]] = []
    with endpoint() as stub:
        collect(stub, journal, samples=1)
        collect(stub, journal, samples=2, progress=lambda *at: told.append(at))
    assert (told[0], told[-1]) == ((5, 10), (10, 10))
    assert told == sorted(told)


def test_nothing_to_ask_or_two_prompts_of_one_id_are_refused(journal) -> None:
    with endpoint() as stub:
        for asked, samples in ([], 1), (prompts(1), 0), (prompts(1) * 2, 1):
            with pytest.raises(UsageError):
                sampling.collect(
                    line(stub), asked, samples=samples, seed=0, epoch="e", journal=journal,
                    terms=sampling.Terms(clock=clock),
                )  # fmt: skip
        assert stub.calls == 0


# What fails and is asked again


def test_with_refusals_and_dropped_connections_every_answer_arrives_exactly_once(journal) -> None:
    with endpoint(flaky(busy=0.1, dropped=0.05), latency=0.01) as stub:
        found = collect(stub, journal, count=60, samples=5, concurrency=25, tries=20)
        assert len({(s.prompt_id, s.sample) for s in found}) == 300
        assert stub.answered.total() == 300
        assert stub.calls > 300
    assert sum(s.tries for s in found) == stub.calls


def after(failures: int, status: int, **headers: str) -> Behaviour:
    """Fail so many times, then answer."""
    left = iter(range(failures))

    def behave(handler: Handler, body: dict[str, Any]) -> bool:
        with handler.stub.lock:
            fails = next(left, None) is not None
        if fails:
            handler.send(status, b"{}", **headers)
        return fails

    return behave


def test_everybody_waits_as_long_as_a_busy_endpoint_asks(journal) -> None:
    moments: list[float] = []

    def behave(handler: Handler, body: dict[str, Any]) -> bool:
        moments.append(time.monotonic())
        if len(moments) == 1:
            handler.send(429, b"{}", retry_after="0.5")
        return len(moments) == 1

    with endpoint(behave) as stub:
        collect(stub, journal, count=4, samples=1, concurrency=1)
    assert moments[1] - moments[0] >= 0.5
    assert moments[-1] - moments[1] < 0.5


def test_a_wait_until_a_date_is_counted_by_the_clock_that_was_given(journal) -> None:
    behave = after(1, 429, retry_after="Fri, 20 Nov 2026 08:00:01 GMT")
    with endpoint(behave) as stub:
        started = time.monotonic()
        collect(stub, journal, count=1, samples=1)
    assert 0.9 < time.monotonic() - started < 3


def test_an_endpoint_that_asks_to_wait_for_hours_stops_the_run(journal) -> None:
    with endpoint(after(1, 429, retry_after="7200")) as stub, pytest.raises(RunStopped, match="wait 7200 s"):
        collect(stub, journal, count=1, samples=1)


def test_a_fault_of_ours_is_not_repeated_and_ends_the_run_with_what_the_endpoint_said(journal) -> None:
    with endpoint(after(99, 401)) as stub, pytest.raises(RunStopped, match="answers 401"):
        collect(stub, journal, count=20, concurrency=2)
    assert stub.calls <= 3


def test_a_redirect_ends_the_run_as_a_matter_of_policy(journal) -> None:
    with endpoint(after(99, 302, location="http://evil.example/")) as stub, pytest.raises(PolicyError):
        collect(stub, journal, count=20, concurrency=2)
    assert stub.calls <= 3


def test_a_dead_endpoint_is_left_alone_after_a_few_tries(journal, monkeypatch) -> None:
    monkeypatch.setattr(sampling._gate, "PROBES", 2)
    with endpoint(after(10_000, 500)) as stub, pytest.raises(RunStopped, match="failures in a row"):
        collect(stub, journal, count=200, samples=1, concurrency=10, tries=50)
    assert stub.calls <= 5 + 10 + 2


def test_an_endpoint_that_comes_back_is_asked_on(journal) -> None:
    with endpoint(after(6, 503)) as stub:
        assert len(collect(stub, journal, count=10, samples=1, concurrency=4, tries=20)) == 10


def test_one_prompt_that_keeps_failing_is_named_after_its_tries(journal) -> None:
    def behave(handler: Handler, body: dict[str, Any]) -> bool:
        bad = body["messages"][-1]["content"] == "q3"
        if bad:
            handler.send(200, b"not json")
        return bad

    with endpoint(behave) as stub, pytest.raises(RunStopped, match=r"prompt p3: .*tried 3 times"):
        collect(stub, journal, samples=1, tries=3)
    assert stub.asked["q3"] == 3
    kept = [json.loads(text[17:]) for text in journal.read_bytes().splitlines()]
    assert sum("answer" in entry for entry in kept) == 4


# What it may cost


def spent(found: tuple[Sample, ...]) -> int:
    return sum(s.usage.input_tokens + s.usage.output_tokens for s in found if s.usage)


@pytest.mark.parametrize("concurrency", [2, 40])
def test_a_cap_of_calls_is_never_exceeded_also_when_calls_are_repeated(journal, concurrency: int) -> None:
    with endpoint(flaky(busy=0.2, dropped=0.2), latency=0.005) as stub:
        for _ in range(5):
            with pytest.raises(RunStopped, match="budget of 60"):
                collect(
                    stub,
                    journal,
                    count=55,
                    samples=1,
                    concurrency=concurrency,
                    tries=50,
                    budget=Budget(calls=60),
                )
        assert stub.calls == 60


def test_more_calls_than_the_cap_allows_are_refused_before_the_first(journal) -> None:
    with (
        endpoint() as stub,
        pytest.raises(RunStopped, match="10 calls are wanted and the budget of 9 leaves 9"),
    ):
        collect(stub, journal, budget=Budget(calls=9))
    assert stub.calls == 0


@pytest.mark.parametrize(
    ("cap", "rates"), [(Budget(tokens=1000), None), (Budget(usd=0.001), sampling.Rates(1, 1))]
)
def test_a_cap_of_tokens_or_money_is_never_exceeded_and_nearly_used(journal, cap: Budget, rates: Any) -> None:
    """An answer takes 15 tokens, and at most 66 + 20 are put aside for it, so 61 to 66 of 200 answers fit."""
    with endpoint(flaky(busy=0.1, dropped=0.0), latency=0.005) as stub:
        with pytest.raises(RunStopped, match="does not allow another call"):
            collect(
                stub, journal, count=200, samples=1, concurrency=40, budget=cap, rates=rates,
                parameters={"max_tokens": 20},
            )  # fmt: skip
        assert 61 <= stub.answered.total() <= 66


def test_tries_that_may_have_been_paid_count_in_full(journal) -> None:
    """Each dropped call may have cost 66 tokens read and 20 written: after three, 300 tokens allow no other."""
    drop: Behaviour = lambda handler, body: handler.drop()  # noqa: E731
    with endpoint(drop) as stub, pytest.raises(RunStopped, match="300 tokens"):
        collect(
            stub, journal, count=1, samples=1, tries=50, budget=Budget(tokens=300), parameters={"max_tokens": 20}
        )  # fmt: skip
    assert stub.calls == 3


def test_money_without_a_list_price_is_refused(journal) -> None:
    with endpoint() as stub, pytest.raises(UsageError, match="list price"):
        collect(stub, journal, budget=Budget(usd=1), parameters={"max_tokens": 20})
    assert stub.calls == 0


def test_the_estimate_counts_calls_and_prices_answers_at_their_longest() -> None:
    with endpoint() as stub:
        found = sampling.estimate(
            line(stub, parameters={"max_tokens": 20}), prompts(5), samples=2, rates=sampling.Rates(1e6, 2e6)
        )
    # 66 bytes at most are 1 + 66 // 4 = 17 tokens by the rule of four
    assert (found.calls, found.tokens, found.usd) == (10, 10 * (17 + 20), 10 * (17 + 2 * 20))


# What outlives a crash


def test_a_torn_last_line_is_asked_again_and_a_changed_earlier_one_is_named(journal) -> None:
    with endpoint() as stub:
        collect(stub, journal, samples=1, concurrency=1)
        whole = journal.read_bytes()
        journal.write_bytes(whole[:-10])
        collect(stub, journal, samples=1, concurrency=1)
        assert stub.calls == 6
        journal.write_bytes(whole.replace(b"Q1", b"Q7"))
        with pytest.raises(IntegrityError, match=r"answers.jsonl:4: is damaged"):
            collect(stub, journal, samples=1)


def test_two_at_a_time_share_no_journal(journal) -> None:
    with sampling._journal.Journal(journal), pytest.raises(RunStopped, match="another process"):
        sampling._journal.Journal(journal, wait_seconds=0.1)


def test_a_journal_is_for_its_owner_alone(journal) -> None:
    with endpoint() as stub:
        collect(stub, journal, samples=1)
    assert journal.stat().st_mode & 0o077 == 0


def test_stopping_lets_calls_in_flight_end_and_asks_no_more(journal) -> None:
    stop = threading.Event()
    with endpoint(latency=0.05) as stub:
        with pytest.raises(RunStopped):
            collect(stub, journal, count=100, samples=1, concurrency=10, stop=stop,
                    progress=lambda there, of: stop.set() if there >= 20 else None)  # fmt: skip
        assert stub.calls < 60
        asked = stub.calls
        assert asked == stub.answered.total()
        collect(stub, journal, count=100, samples=1, concurrency=10)
        assert stub.calls == 100


def child(stub: Stub, journal: Path, how: str, *, count: int) -> subprocess.Popen[bytes]:
    program = Path(__file__).with_name("sampling_child.py")
    command = [sys.executable, str(program), stub.url, str(journal), str(count), "1", how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def killed_until_done(stub: Stub, journal: Path, how: str, *, count: int, kills: int) -> int:
    """Start the program over and over, killing it at a random moment once it asks; how often it was killed."""
    dice, done = random.Random(7), 0
    while True:
        before = stub.calls
        process = child(stub, journal, how, count=count)
        while process.poll() is None and stub.calls == before:
            time.sleep(0.005)
        if done < kills:
            time.sleep(dice.uniform(0.0, 0.12))
        else:
            process.wait(60)
        if process.poll() is not None:
            out, err = process.communicate()
            assert process.returncode == 0, err.decode()
            assert out.decode().strip() == f"{count} answers"
            return done
        process.send_signal(signal.SIGKILL)
        process.communicate()
        done += 1


@pytest.mark.slow
def test_killed_twenty_times_it_finishes_and_no_answer_was_given_twice(journal) -> None:
    """The stub counts what it answered to somebody who was still there to hear it."""
    with endpoint(latency=0.05) as stub:
        assert killed_until_done(stub, journal, "apart", count=900, kills=20) == 20
        assert set(stub.answered.values()) == {1}
        assert stub.answered.total() == 900


@pytest.mark.slow
def test_killed_in_the_midst_of_calls_nothing_that_was_kept_is_asked_again(journal) -> None:
    """Without a process of its own, an answer can be lost between the wire and the journal, but none that is kept."""
    known: set[str] = set()

    def watch(handler: Handler, body: dict[str, Any]) -> bool:
        if body["messages"][-1]["content"] in known:
            again.append(body["messages"][-1]["content"])
        return False

    again: list[str] = []
    with endpoint(watch, latency=0.05) as stub:
        dice = random.Random(3)
        for _ in range(5):
            known |= set(_kept(journal))
            before, process = stub.calls, child(stub, journal, "here", count=400)
            while process.poll() is None and stub.calls == before:
                time.sleep(0.005)
            time.sleep(dice.uniform(0.0, 0.12))
            process.kill()
            process.communicate()
        known |= set(_kept(journal))
        assert child(stub, journal, "here", count=400).wait(60) == 0
        assert again == []


def _kept(journal: Path) -> Iterator[str]:
    """The texts that were asked and whose answers are in the journal."""
    for text in journal.read_bytes().split(b"\n")[:-1] if journal.exists() else ():
        if sample := json.loads(text[17:]).get("sample"):
            yield sample["response"].lower()


def test_a_process_of_its_own_gives_the_same_answers_errors_and_progress(journal, tmp_path) -> None:
    told: list[tuple[int, int]] = []
    with endpoint() as stub:
        settings = openai_compatible.Settings(base_url=stub.url, model="m", prompts="p", allow_private=True)
        connect = partial(openai_compatible.connect, settings, key=None)
        how: dict[str, Any] = {"samples": 2, "seed": 0, "epoch": "e", "terms": sampling.Terms(clock=clock)}
        apart = sampling.collect_apart(
            connect, prompts(3), journal=journal, progress=lambda *at: told.append(at), **how
        )
        here = sampling.collect(connect(), prompts(3), journal=tmp_path / "other", **how)
    steady = {"latency"}
    assert [s.model_dump(exclude=steady) for s in apart] == [s.model_dump(exclude=steady) for s in here]
    assert told[-1] == (6, 6)
    with endpoint(after(99, 302, location="http://evil.example/")) as stub:
        settings = settings.model_copy(update={"base_url": stub.url})
        connect = partial(openai_compatible.connect, settings, key=None)
        with pytest.raises(PolicyError, match="redirect"):
            sampling.collect_apart(connect, prompts(1), journal=tmp_path / "third", **how)

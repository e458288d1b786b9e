"""The same collecting in a process of its own, so that what was asked is kept even when its caller is killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from riskkit.errors import CallFailed, RiskkitError, RunStopped
from riskkit.model import Prompt, Sample

from ._collect import Line, Progress, Terms, check, collect


def collect_apart(
    connect: Callable[[], Line],
    prompts: Sequence[Prompt],
    *,
    samples: int,
    seed: int,
    epoch: str,
    journal: Path,
    terms: Terms,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> tuple[Sample, ...]:
    """As ``collect``, with a function that makes the line: it must be one that can be pickled.

    When this process is killed, the other one lets the calls in flight end, writes their answers down and goes; a new
    call of this function waits for that. So a kill costs no answer that the endpoint has given.
    """
    check(prompts, samples=samples)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    how = {"samples": samples, "seed": seed, "epoch": epoch, "journal": journal, "terms": terms}
    child = context.Process(target=_child, args=(theirs, connect, tuple(prompts), how), name="sampling")
    child.start()
    theirs.close()
    try:
        return _listen(ours, progress, stop)
    finally:
        with contextlib.suppress(OSError):
            ours.send("stop")
        ours.close()
        child.join()


def _listen(ours: Connection, progress: Progress | None, stop: threading.Event | None) -> tuple[Sample, ...]:
    asked = False
    while True:
        if stop is not None and stop.is_set() and not asked:
            ours.send("stop")
            asked = True
        if not ours.poll(0.1):
            continue
        try:
            kind, *said = ours.recv()
        except EOFError:
            raise RunStopped("the process that asks was killed; what was answered is kept") from None
        if kind == "done":
            return tuple(said[0])
        if kind == "failed":
            raise said[0](said[1])
        if progress:
            progress(*said)


def _child(
    pipe: Connection, connect: Callable[[], Line], prompts: Sequence[Prompt], how: dict[str, Any]
) -> None:
    os.setsid()  # so that what ends the caller's terminal or group does not end calls that are paid for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()
    threading.Thread(target=_heed, args=(pipe, stop), daemon=True).start()
    told = time.monotonic()

    def progress(there: int, wanted: int) -> None:
        nonlocal told
        if time.monotonic() - told > 0.1 or there == wanted:
            told = time.monotonic()
            _tell(pipe, "progress", there, wanted)

    try:
        _tell(pipe, "done", collect(connect(), prompts, progress=progress, stop=stop, **how))
    except CallFailed as error:
        _tell(pipe, "failed", RunStopped, str(error))
    except RiskkitError as error:
        _tell(pipe, "failed", type(error), str(error))


def _heed(pipe: Connection, stop: threading.Event) -> None:
    """Stop when told to, or when nobody is left to tell."""
    with contextlib.suppress(EOFError, OSError):
        pipe.recv()
    stop.set()


def _tell(pipe: Connection, *what: object) -> None:
    with contextlib.suppress(OSError):  # the caller is gone; the journal has it all
        pipe.send(what)

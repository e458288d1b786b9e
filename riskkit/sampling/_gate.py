"""When the next try may go out: a pause that all callers share, and a circuit breaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from riskkit.errors import CallFailed, RunStopped

TRIPS = 5
"""Failures in a row, over all callers, after which only one call at a time tries whether the endpoint is back."""
PROBES = 5
"""Failures of that one call in a row after which nobody tries any more."""
LONGEST = 300.0
"""Seconds of the longest wait an endpoint may ask for, and how long it may be busy without answering anybody."""


class Gate:
    """Lets callers pass all at a time, one at a time, or not at all."""

    def __init__(self, stop: threading.Event, *, clock: Callable[[], datetime]) -> None:
        self._stop, self._clock = stop, clock
        self._changed = threading.Condition()
        self._until = self._busy_since = 0.0
        self._row = self._probes = self._busy = 0
        self._probing = False

    def enter(self) -> bool:
        """Wait until a try may go out; whether it is the one that tries if the endpoint is back.

        Raises
        ------
        RunStopped
            When there is to be none.
        """
        with self._changed:
            while not self._stop.is_set():
                left = self._until - time.monotonic()
                if left <= 0 and not self._probing:
                    self._probing = self._row >= TRIPS
                    return self._probing
                self._changed.wait(min(left, 0.2) if left > 0 else 0.2)
        raise RunStopped("stopped")

    def succeeded(self) -> None:
        """A try was answered, so the endpoint is well."""
        with self._changed:
            self._row = self._probes = self._busy = 0
            self._probing = False
            self._changed.notify_all()

    def failed(self, error: CallFailed, *, probe: bool) -> float:
        """A try was not answered; the least seconds its caller is to wait before the next.

        Raises
        ------
        RunStopped
            When the endpoint failed too often, or asks for too long a wait.
        """
        now, asked = time.monotonic(), self._asked(error)
        with self._changed:
            self._probing = self._probing and not probe
            if error.busy:
                self._be_busy(error, now, asked)
                return 0.0
            self._row += 1
            self._probes += probe
            if self._probes >= PROBES:
                raise RunStopped(f"{error} ({self._row} failures in a row; what was answered is kept)")
            if self._row >= TRIPS:
                self._until = max(self._until, now + min(0.5 * 2.0**self._probes, 30.0))
            self._changed.notify_all()
            return asked or 0.0

    def _be_busy(self, error: CallFailed, now: float, asked: float | None) -> None:
        self._busy += 1
        if self._busy == 1:
            self._busy_since = now
        if now - self._busy_since > LONGEST:
            raise RunStopped(f"{error} (for {LONGEST:g} s; what was answered is kept)")
        wait = asked if asked is not None else min(0.25 * 2.0 ** min(self._busy, 8), 30.0)
        self._until = max(self._until, now + wait)

    def _asked(self, error: CallFailed) -> float | None:
        wait = error.wait
        if isinstance(wait, datetime):
            wait = max(0.0, (wait - self._clock()).total_seconds())
        if wait is not None and wait > LONGEST:
            raise RunStopped(
                f"{error} (it asks to wait {wait:.0f} s; run again then, what was answered is kept)"
            )
        return wait

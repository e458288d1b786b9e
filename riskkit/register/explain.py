"""The gate explained: for every row, what was looked at and what would open it."""

from __future__ import annotations

from collections.abc import Iterator

from riskkit.model import DecisionType, Entry, Indicator, Register

from .indicators import label


def explain(register: Register) -> Iterator[str]:
    """Lines that show why each row of ``register`` passes or does not."""
    for project in register.projects:
        for entry in project.entries:
            yield from _row(entry)


def _row(entry: Entry) -> Iterator[str]:
    word = "covered by decisions" if entry.covered else "passes" if entry.passes else "does not pass"
    yield f"{entry.project}/{entry.risk.id}: {word}"
    appetite = entry.appetite or "not set"
    yield f"  level {entry.level} (inherent {entry.inherent}), appetite {appetite}, verdict {entry.verdict}"
    for indicator in entry.indicators:
        yield from _indicator(indicator)
    for credit in entry.credits:
        yield f"  control {credit.control.id}: {'; '.join(credit.reasons)}"
    for standing in entry.decisions:
        yield f"  decision {standing.decision.id} ({standing.decision.type}): {standing.state}, {standing.why}"
    if not entry.passes:
        yield f"  to open: {'; '.join(_ways(entry))}"


def _indicator(indicator: Indicator) -> Iterator[str]:
    taken = f" on {indicator.taken_on}, n {indicator.measurement.n}" if indicator.measurement else ""
    yield f"  {label(indicator)}: {indicator.verdict}{taken}: {indicator.judgement.why}"
    if indicator.judgement.n_to_decide:
        yield f"    n = {indicator.judgement.n_to_decide} would decide it"
    yield from (f"    {boundary}" for boundary in indicator.boundaries)


def _ways(entry: Entry) -> Iterator[str]:
    in_force = {s.decision.type for s in entry.decisions if s.state.holds}
    if DecisionType.WAIVE_CHECK in entry.needs - in_force:
        yield "measure what is missing or stale (riskkit run), or waive the check (riskkit decide)"
    if DecisionType.ACCEPT in entry.needs - in_force:
        yield "treat the risk until it is met and within appetite, or accept it (riskkit decide)"
    if any(i.verdict == "error" for i in entry.indicators):
        yield "run what failed again: no decision covers an error"

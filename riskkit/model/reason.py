"""Reasons: why the gate stays shut, in the order in which they weigh."""

from __future__ import annotations

from typing import Literal

from .frozen import Frozen

Gate = Literal["ci", "release"]

RULES = {
    "record-damaged": "A stored record is not what was stored.",
    "practice-prohibited": "A practice that Art. 5 of the EU AI Act bans on that day; no decision covers that.",
    "nothing-assessed": "A project without risks or without a run has shown nothing.",
    "run-failed": "The latest run of an assessment did not succeed; no decision covers that.",
    "not-measured": "A measure a risk asks for is missing or stale, and no waiver in force covers it.",
    "not-within-appetite": "Evidence is breached or undecided, or the level is above appetite, and nobody accepted it.",
    "threshold-not-met": "A threshold that belongs to no risk of the system is not met, and no decision covers it.",
    "requirement-open": "Law in force applies and is a gap, partly met or not assessed; its risk is not accepted.",
    "decision-orphaned": "A decision is about something that no longer exists.",
    "release-not-approved": "No decision in force approves this version.",
    "system-suspended": "A decision in force suspends or retires the system.",
    "finding-overdue": "A critical or high finding is open past its date.",
}
"""Every rule of the gate, the weightiest first."""


class Reason(Frozen):
    """One reason why the gate stays shut; ``gate`` is the mildest profile that it shuts."""

    rule: str
    project: str
    subject: str
    what: str
    file: str = ""
    gate: Gate = "ci"

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.project, self.subject)))
        return f"{place}: {self.rule}: {self.what}" + (f" [{self.file}]" if self.file else "")

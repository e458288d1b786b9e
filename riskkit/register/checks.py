"""Checks: what the register looks for in itself, how grave each is, and the way to mend it."""

from __future__ import annotations

from typing import Literal

CheckId = Literal[
    "accepted-without-decision", "control-never-tested", "control-overdue", "decider-has-no-role",
    "decision-draft", "decision-expired", "decision-expiring", "decision-orphaned", "decision-outdated",
    "evidence-missing", "evidence-simulated", "finding-accepted-without-decision", "finding-overdue",
    "framework-superseded", "one-person-in-all-roles", "rating-overridden", "residual-without-control",
    "review-overdue", "run-failed", "stage-differs", "stale-version", "threshold-not-approved", "threshold-unowned",
    "validator-challenge", "validator-is-developer", "vendor-pin-stale",
]  # fmt: skip
Severity = Literal["error", "warning", "note"]

CHECKS: dict[CheckId, tuple[Severity, str, str]] = {
    "accepted-without-decision": ("error", "The profile says accept, and no acceptance is in force.",
                                  "riskkit decide, then sign it"),
    "decision-expired": ("error", "A decision is past its end.", "renew it or treat the risk: riskkit decide"),
    "decision-outdated": ("error", "What a decision was based on has changed.",
                          "look at what changed and decide again: riskkit decide"),
    "decision-orphaned": ("error", "A decision is about something that is gone.",
                          "revoke it, or bring its subject back"),
    "evidence-missing": ("error", "A stored record of the project is missing or not what was stored.",
                         "riskkit verify names it; restore it or run again"),
    "finding-accepted-without-decision": ("error", "A finding is marked accepted, and no acceptance is in force.",
                                          "riskkit decide --finding, then sign it"),
    "finding-overdue": ("error", "A finding is open past its date.", "finish it or agree a new date"),
    "one-person-in-all-roles": ("error", "One person holds every role.", "share them out"),
    "residual-without-control": ("error", "Residual is below inherent and no control earned credit.",
                                 "report this fault"),
    "review-overdue": ("error", "The review date has passed.", "review, and set next_due"),
    "run-failed": ("error", "The latest run of an assessment failed.", "riskkit run"),
    "validator-is-developer": ("error", "Developer and validator are the same person.",
                               "name an independent validator"),
    "control-never-tested": ("warning", "A control is active and no evidence of it was ever taken.",
                             "name its evidence and run it"),
    "decision-draft": ("warning", "A decision is drafted and nobody has made it yet.",
                       "fill in the open fields and commit it, or remove it"),
    "control-overdue": ("warning", "A control is not active, and its date has passed.",
                        "activate it or agree a new date"),
    "decider-has-no-role": ("warning", "Who decided holds no role that decides in the profile.",
                            "have the approver decide, or name the person in the profile's roles"),
    "decision-expiring": ("warning", "A decision ends within 30 days.", "prepare its renewal"),
    "evidence-simulated": ("warning", "A simulated model answered, and the system is in production.",
                           "assess the system itself"),
    "framework-superseded": ("warning", "Every item of a framework in use is superseded.", "use its successor"),
    "stage-differs": ("warning", "A decision suspends or retires the system, and its stage says otherwise.",
                      "set stage in profile.yml"),
    "stale-version": ("warning", "Evidence is about another version of the system.", "riskkit run"),
    "threshold-unowned": ("warning", "A threshold has no owner or no rationale.", "add owner and rationale"),
    "validator-challenge": ("warning", "Developer and validator measured different values.",
                            "settle on the record which measurement holds"),
    "vendor-pin-stale": ("warning", "The model that answered is not the one the profile pins.",
                         "pin the model in use, or call the pinned one"),
    "rating-overridden": ("note", "A decision put another level in place of the computed one.",
                          "review it before it expires"),
    "threshold-not-approved": ("note", "A tier 1 threshold has no approval in force.",
                               "riskkit decide --threshold, then sign it"),
}  # fmt: skip
"""Every check: its severity, what it means, and the way to mend it."""

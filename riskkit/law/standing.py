"""How one requirement stands: what measurements, answers and linked evidence say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..model import Answer, QuestionRow, Requirement, Verdict
from .links import Links

Status = Literal["met", "partly", "gap", "not_assessed", "not_applicable"]
SILENT = frozenset({Verdict.MISSING, Verdict.NOT_APPLICABLE})
"""Verdicts that say nothing: nobody took the measure."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A status, what it rests on, and why."""

    status: Status
    basis: Literal["measurement", "answer", "crosswalk", "attestation", "nothing"]
    why: str
    answer: Answer | None = None
    missing: tuple[str, ...] = ()
    served_by: tuple[str, ...] = ()


def standing(
    requirement: Requirement,
    *,
    answers: Mapping[str, Answer],
    measured: Mapping[str, str],
    links: Links,
    asked: tuple[QuestionRow, ...] = (),
    lapsed: Mapping[str, str],
) -> Standing:
    """The status of an applicable requirement, from ``answers`` in force; ``lapsed`` says why others are not.

    A breached measure is a gap whatever was answered; a person's valid answer comes next; then the measures
    the requirement asks for; then evidence of linked requirements, which by itself is never more than partly,
    save where the link says that the other requirement covers this one; then the answers to questions ``asked``
    that serve it, never more than partly, for nobody has said that they are enough. Nothing, or only an expired
    answer, is not assessed.
    """
    taken = {m: measured[m] for m in requirement.measures if measured.get(m, Verdict.MISSING) not in SILENT}
    breached = [m for m, verdict in taken.items() if verdict == Verdict.BREACHED]
    answer = answers.get(requirement.id)
    old = f"{lapsed[requirement.id]}; " if requirement.id in lapsed else ""
    if answer and answer.status == "not_applicable":
        return Standing("not_applicable", "answer", answer.note, answer)
    if breached:
        said = f"; answered {answer.status} by {answer.by}" if answer else old and f"; {old[:-2]}"
        why = f"breached: {', '.join(breached)}{said}"
        return Standing("gap", "measurement", why, None, _unshown(requirement, taken), tuple(taken))
    if answer:
        return _answered(answer, taken)
    if taken:
        return _measured(requirement, taken, old)
    linked = _linked(requirement, answers, measured, links, old)
    return linked if linked.status == "met" else _attested(requirement, asked, old) or linked


def _answered(answer: Answer, taken: Mapping[str, str]) -> Standing:
    """A person's answer; met becomes partly while a measure that was taken is not met."""
    still_open = [f"{m} is {verdict}" for m, verdict in taken.items() if verdict != Verdict.MET]
    if answer.status == "met" and still_open:
        return Standing(
            "partly", "answer", f"{answer.note}; but {', '.join(still_open)}", answer, (), tuple(taken)
        )
    met = f"; measured: {', '.join(taken)}" if taken and not still_open else ""
    return Standing(answer.status, "answer", answer.note + met, answer, (), tuple(taken) if met else ())


def _measured(requirement: Requirement, taken: Mapping[str, str], old: str) -> Standing:
    """What measures alone say: met only when nothing else is asked for, and nothing when none is met."""
    met = [m for m, verdict in taken.items() if verdict == Verdict.MET]
    still_open = [f"{m} is {verdict}" for m, verdict in taken.items() if verdict != Verdict.MET]
    missing = _unshown(requirement, taken)
    if not met:
        return Standing(
            "not_assessed", "measurement", old + ", ".join(still_open), None, missing, tuple(taken)
        )
    if still_open or missing or old:
        rest = [*still_open, *(f"to be shown: {what}" for what in missing)]
        why = old + "; ".join([f"met: {', '.join(met)}", *rest])
        return Standing("partly", "measurement", why, None, missing, tuple(met))
    return Standing("met", "measurement", f"met: {', '.join(met)}", None, (), tuple(met))


def _attested(requirement: Requirement, asked: tuple[QuestionRow, ...], old: str) -> Standing | None:
    """What people said when they were asked: partly, and which questions are still open; None when nobody was."""
    said = [row for row in asked if row.status == "answered"]
    if not said:
        return None
    by = ", ".join(dict.fromkeys(row.by for row in said))
    rest = [row.name for row in asked if row.unanswered]
    why = f"{old}attested by {by}: {', '.join(row.name for row in said)}"
    why += f"; not answered: {', '.join(rest)}" if rest else "; nobody has yet said that this is enough"
    served = tuple(row.name for row in said)
    return Standing("partly", "attestation", why, None, _unshown(requirement, {}), served)


def _linked(
    requirement: Requirement,
    answers: Mapping[str, Answer],
    measured: Mapping[str, str],
    links: Links,
    old: str,
) -> Standing:
    """What evidence given elsewhere lends to this requirement."""
    missing = _unshown(requirement, {})
    noted = []
    for other, how in links.serving(requirement):
        answer = answers.get(other)
        if answer is None:
            continue
        if answer.status in {"met", "partly"}:
            status: Status = answer.status if how.endswith("to this") else "partly"
            why = f"{old}served by the answer to {other} ({how}): {answer.note}"
            return Standing(status, "crosswalk", why, answer, missing, (other,))
        noted.append(f"{other} ({how}) is answered {answer.status}")
    shared = {m: topic for m, topic in links.shared_measures(requirement) if measured.get(m) == Verdict.MET}
    if shared:
        why = old + "; ".join(f"served by {m}, which is met (topic {topic})" for m, topic in shared.items())
        return Standing("partly", "crosswalk", why, None, missing, tuple(shared))
    why = old + "; ".join(noted or ["nothing was answered or measured"])
    return Standing("not_assessed", "nothing", why, None, missing)


def _unshown(requirement: Requirement, taken: Mapping[str, str]) -> tuple[str, ...]:
    """Evidence the requirement asks for that no measure taken serves."""
    return tuple(e.what for e in requirement.evidence_expected if not set(e.measures) & set(taken))

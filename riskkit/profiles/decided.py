"""Checks of ratings, decisions and findings against the project they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from riskkit import authored
from riskkit.errors import Problem
from riskkit.model import LONGEST_DAYS, Decision, Finding, Matrix, Profile, Rating

from .known import Known
from .read import Read


def check_ratings(profile: Read[Profile], matrix: Matrix) -> Iterator[Problem]:
    """Ratings outside the scale of the project's matrix: they are refused, never read as lower ones."""
    for name, rated in profile.value.risks.items():
        for field in ("inherent", "target"):
            yield from _outside(profile, ("risks", name, field), getattr(rated, field), matrix)


def check_decisions(decisions: Sequence[Read[Decision]], profile: Profile) -> Iterator[Problem]:
    """What the tier and the other decisions ask of each decision."""
    by_id = {read.value.id: read.value for read in decisions}
    for read in decisions:
        yield from _by_tier(read, profile)
        yield from _in_place_of(read, by_id)


def check_overrides(decisions: Sequence[Read[Decision]], matrix: Matrix) -> Iterator[Problem]:
    """Ratings that decisions put in place, outside the matrix."""
    for read in decisions:
        yield from _outside(read, ("rating",), read.value.rating, matrix)


def check_findings(findings: Sequence[Read[Finding]], known: Known) -> Iterator[Problem]:
    """Risks that findings name and nobody knows."""
    for read in findings:
        for i, risk in enumerate(read.value.risks):
            if risk not in known.risks:
                hint = authored.nearest(risk, known.risks)
                yield read.document.problem(("risks", i), f"there is no risk {risk!r}", hint)


def _outside(
    read: Read[Profile] | Read[Decision], place: authored.Place, rating: Rating | None, matrix: Matrix
) -> Iterator[Problem]:
    if rating is None:
        return
    for axis in ("likelihood", "impact"):
        steps, given = len(getattr(matrix, axis)), getattr(rating, axis)
        if given > steps:
            what = f"{given} is outside the scale of {matrix.id}"
            yield read.document.problem((*place, axis), what, f"1 to {steps}")


def _by_tier(read: Read[Decision], profile: Profile) -> Iterator[Problem]:
    decision, tier = read.value, profile.tier.tier
    if tier == 1 and decision.type.by_two and decision.outcome.approving and not decision.second_decider:
        yield read.document.problem(
            ("second_decider",), "is missing", f"tier 1 needs two for {decision.type}"
        )
    if decision.expires_on is not None and decision.type.must_expire:
        days = (decision.expires_on - decision.decided_on).days
        if days > LONGEST_DAYS[tier]:
            right = f"at most {LONGEST_DAYS[tier]} in tier {tier}"
            yield read.document.problem(("expires_on",), f"lies {days} days after decided_on", right)


def _in_place_of(read: Read[Decision], by_id: Mapping[str, Decision]) -> Iterator[Problem]:
    decision = read.value
    if decision.supersedes is None:
        return
    other = by_id.get(decision.supersedes)
    if other is None:
        hint = authored.nearest(decision.supersedes, by_id.keys() - {decision.id})
        what = f"there is no decision {decision.supersedes!r}"
    elif other is decision or other.decided_on > decision.decided_on:
        what, hint = f"{other.id} is not an earlier decision", ""
    elif other.subject != decision.subject:
        what, hint = f"{other.id} is about {other.subject}", f"this one is about {decision.subject}"
    else:
        return
    yield read.document.problem(("supersedes",), what, hint)

"""The walk: from the inherent rating to the residual one, control by control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskkit.model import Control, Effectiveness, Factors, Matrix, Rating, Step

Weighed = tuple[Control, Effectiveness, tuple[str, ...]]
"""A control, what it is taken to be worth, and why."""


def walk(inherent: Rating, controls: Sequence[Weighed], matrix: Matrix) -> tuple[Step, ...]:
    """From the inherent rating down, as the matrix declares: by steps on an axis, or by factor."""
    if matrix.factors is not None:
        return tuple(_by_factor(inherent, controls, matrix, matrix.factors))
    return tuple(_by_steps(inherent, controls, matrix))


def _by_steps(inherent: Rating, controls: Sequence[Weighed], matrix: Matrix) -> Iterator[Step]:
    """On each axis the best control counts, and nothing falls below 1."""
    yield Step(what="inherent: before any control", rating=inherent, level=matrix.level(inherent))
    rating = inherent
    for axis in ("likelihood", "impact"):
        acting = [c for c in controls if c[0].acts_on == axis]
        best = max((matrix.moves.get(worth, 0) for _, worth, _ in acting), default=0)
        speaks = next((c for c in acting if best and matrix.moves.get(c[1], 0) == best), None)
        before: int = getattr(inherent, axis)
        after = max(1, before - best)
        for weighed in acting:
            move = f"{axis} stays"
            if weighed is speaks:
                likelihood, impact = (
                    (after, rating.impact) if axis == "likelihood" else (rating.likelihood, after)
                )
                rating = Rating(likelihood=likelihood, impact=impact)
                move = f"{axis} {before} to {after}"
            elif matrix.moves.get(weighed[1], 0):
                move += " (another control, at least as strong, counts)"
            yield _step(weighed, move, rating, matrix, counts=weighed is speaks)


def _by_factor(
    inherent: Rating, controls: Sequence[Weighed], matrix: Matrix, factors: Factors
) -> Iterator[Step]:
    """The score of the best control counts, whichever axis it acts on; the rating itself stays."""
    score = factors.score(inherent, Effectiveness.NONE)
    what = f"inherent: {inherent.likelihood} x {inherent.impact} = {score:g}, before any control"
    yield Step(what=what, rating=inherent, level=factors.level(score), score=score)
    lowest = min((factors.score(inherent, worth) for _, worth, _ in controls), default=score)
    speaks = next((c for c in controls if lowest < score and factors.score(inherent, c[1]) == lowest), None)
    for weighed in controls:
        move = "score stays"
        if weighed is speaks:
            banded = f"banded {factors.rounding.replace('_', ' ')}"
            move = f"{score:g} x {factors.factor[weighed[1]]:g} = {lowest:g}, {banded}"
            score = lowest
        yield _step(weighed, move, inherent, matrix, counts=weighed is speaks, score=score)


def _step(
    weighed: Weighed, move: str, rating: Rating, matrix: Matrix, *, counts: bool, score: float | None = None
) -> Step:
    control, worth, reasons = weighed
    level = matrix.factors.level(score) if matrix.factors and score is not None else matrix.level(rating)
    return Step(
        what=f"{control.title}: {worth}, {move}" + (f"; {'; '.join(reasons)}" if reasons else ""),
        rating=rating,
        level=level,
        control=control.id,
        credited=worth,
        counts=counts,
        score=score,
    )

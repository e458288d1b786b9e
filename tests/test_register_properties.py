"""Properties of the register: plans, silence and bad news never help, and the walk can be redone by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskkit.model import Control, Evidence, Threshold, Verdict
from tests.example_rows import FIVE, build, control, entry, grid, measurement, project, risk, run

LEVELS = ("low", "medium", "high", "critical")
STRENGTHS = ("none", "weak", "fair", "good", "strong")
MEASURES = ("one", "two", "three")
APART = ("planned", "in_progress", "degraded", "retired")
INTERVALS = ((0.9, 0.95), (0.85, 0.9), (0.7, 0.9), (0.5, 0.6))


@dataclass(frozen=True)
class Scene:
    """A random project with one risk; ``history`` holds the runs of each measure, oldest first."""

    rating: tuple[int, int]
    controls: tuple[dict, ...]
    history: dict[str, tuple[dict, ...]]
    bounds: dict[str, dict]
    appetite: str | None

    def project(self, *more: Control):
        bounds = tuple(Threshold(measure=m, at_least=0.8, **b) for m, b in self.bounds.items())
        inherent = {"likelihood": self.rating[0], "impact": self.rating[1]}
        rated = {"bias": {"inherent": inherent, "why": "w", "rated_by": "o", "rated_on": "2026-01-01"}}
        controls = [control(id=f"c{i}", **c) for i, c in enumerate(self.controls)]
        appetite = {"fairness": self.appetite} if self.appetite else {}
        return project(thresholds=bounds, controls=[*controls, *more], risks=rated, appetite=appetite)

    def runs(self) -> list[Evidence]:
        return [
            run(taken=(measurement(r["low"], r["high"], measure=m, segment="", n=r["n"]),), assessment=m,
                days_ago=r["days_ago"], status=r["status"], valid_days=90)
            for m, rs in self.history.items() for r in rs
        ]  # fmt: skip

    def entry(self, *more: Control, runs: list[Evidence] | None = None):
        asked = (risk(evidence=MEASURES[:2]),)
        return entry(*(self.runs() if runs is None else runs), of=self.project(*more), risks=asked)


def scene(chance: random.Random) -> Scene:
    def one_run(days_ago: int) -> dict:
        low, high = chance.choice(INTERVALS)
        status = "ok" if chance.random() < 0.85 else "failed"
        return {
            "low": low,
            "high": high,
            "n": chance.choice((50, 100, 1000)),
            "days_ago": days_ago,
            "status": status,
        }

    def one_control() -> dict:
        review = chance.choice((None, None, "d", "o", "x"))
        return {
            "acts_on": chance.choice(("likelihood", "impact")),
            "effectiveness": chance.choice(STRENGTHS),
            "status": chance.choice(("active", "active", "active", *APART)),
            "evidence": chance.sample(MEASURES, chance.choice((0, 1, 1, 2))),
            "reviewed": review and {"by": review, "on": "2026-01-01", "document": "m"},
        }

    def one_bound() -> dict:
        return {"min_n": chance.choice((1, 100)), **chance.choice(({}, {"owner": "x", "rationale": "y"}))}

    days = (95, 60, 30, 10)
    return Scene(
        rating=(chance.randint(1, 5), chance.randint(1, 5)),
        controls=tuple(one_control() for _ in range(chance.randint(0, 4))),
        history={
            m: tuple(one_run(d) for d in days[chance.randint(0, 3) : chance.choice((2, 4, 4))]) for m in MEASURES
        },
        bounds={m: one_bound() for m in MEASURES if chance.random() < 0.9},
        appetite=chance.choice((None, *LEVELS)),
    )  # fmt: skip


scenes = st.integers(0, 2**32).map(lambda seed: scene(random.Random(seed)))


# the walk, redone by hand: nothing of riskkit is used here


def by_hand(scene: Scene) -> tuple[int, int, str, list[str]]:  # noqa: C901
    """Residual likelihood, impact and level, and what each control earns, from the rules as the pages state them."""

    def says(measure: str, r: dict) -> str:
        bound = scene.bounds.get(measure)
        if bound is None or r["n"] < bound["min_n"]:
            return "open"
        return "met" if r["low"] >= 0.8 else "breached" if r["high"] < 0.8 else "open"

    def verdict(measure: str) -> str:
        runs = scene.history[measure]
        good = [r for r in runs if r["status"] == "ok"]
        if not good:
            return "missing"
        if runs[-1]["status"] != "ok":
            return "error"
        return "stale" if good[-1]["days_ago"] > 90 else says(measure, good[-1])

    def before(measure: str) -> bool:
        runs = list(scene.history[measure])
        last = runs.pop()
        while (
            runs and runs[-1]["status"] == "ok" and all(runs[-1][k] == last[k] for k in ("low", "high", "n"))
        ):
            runs.pop()
        return bool(runs) and runs[-1]["status"] == "ok" and says(measure, runs[-1]) == "met"

    def earns(c: dict) -> str:
        shown = [verdict(m) for m in c["evidence"]]
        if c["status"] != "active" or not shown or any(v not in ("met", "open") for v in shown):
            return "none"
        if "open" in shown or not all("owner" in scene.bounds[m] for m in c["evidence"]):
            cap = "weak"
        elif not all(before(m) for m in c["evidence"]):
            cap = "fair"
        else:
            cap = "strong" if c["reviewed"] and c["reviewed"]["by"] == "x" else "good"
        return min(cap, c["effectiveness"], key=STRENGTHS.index)

    earned = [earns(c) for c in scene.controls]
    ends = []
    for axis, start in zip(("likelihood", "impact"), scene.rating, strict=True):
        acting = [e for e, c in zip(earned, scene.controls, strict=True) if c["acts_on"] == axis]
        best = max([STRENGTHS.index(e) - 1 for e in acting] or [0])
        ends.append(max(1, start - max(0, best)))
    return ends[0], ends[1], FIVE[ends[0] - 1].split()[ends[1] - 1], earned


def check_by_hand(chance: random.Random) -> None:
    made = scene(chance)
    row = made.entry()
    likelihood, impact, level, earned = by_hand(made)
    assert (row.residual_rating.likelihood, row.residual_rating.impact, row.residual) == (
        likelihood,
        impact,
        level,
    )
    assert [c.credited.value for c in row.credits] == earned
    assert row.walk[-1].level == level


@pytest.mark.slow
def test_the_walk_redone_by_hand_ends_where_the_register_does_on_ten_thousand_random_registers():
    chance = random.Random(20261120)
    for _ in range(10_000):
        check_by_hand(chance)


def test_the_walk_redone_by_hand_ends_where_the_register_does():
    chance = random.Random(7)
    for _ in range(300):
        check_by_hand(chance)


def test_the_random_registers_reach_every_credit_and_every_level():
    chance = random.Random(7)
    found = [by_hand(scene(chance)) for _ in range(3000)]
    assert {e for _, _, _, earned in found for e in earned} == set(STRENGTHS)
    assert {level for _, _, level, _ in found} == set(LEVELS)


# what never helps


@given(
    scenes,
    st.lists(
        st.tuples(
            st.sampled_from((*APART, "active")), st.sampled_from(("likelihood", "impact")),
            st.sampled_from(STRENGTHS), st.sampled_from(("one", "never_taken", None)),
        ),
        min_size=1,
    ),
)  # fmt: skip
def test_no_planned_control_and_no_missing_evidence_ever_lowers_residual(made, more):
    added = [
        control(id=f"x{i}", status=status, acts_on=axis, effectiveness=worth, evidence=[name] if name else [])
        for i, (status, axis, worth, name) in enumerate(more)
        if status in APART or name != "one"
    ]
    before, after = made.entry(), made.entry(*added)
    assert (after.residual, after.residual_rating) == (before.residual, before.residual_rating)
    assert after.walk[0] == before.walk[0]


@given(scenes, st.sampled_from(MEASURES))
def test_losing_evidence_never_lowers_residual_and_never_opens_the_gate(made, measure):
    before, after = made.entry(), replace(made, history=made.history | {measure: ()}).entry()
    assert after.residual.rank >= before.residual.rank
    assert after.within_appetite != "yes" or before.within_appetite == "yes"
    assert not (after.passes and not before.passes)


def better(row) -> int:
    return ("no", "unknown", "yes").index(row.within_appetite)


@pytest.mark.slow
@given(scenes, st.sets(st.sampled_from(MEASURES), min_size=1), st.sampled_from((1, 20, 50)))
def test_breached_evidence_never_improves_any_row(made, measures, days_ago):
    bad = [
        run(taken=(measurement(0.3, 0.4, measure=m, segment="", n=5000),), assessment=m, days_ago=days_ago)
        for m in measures & made.bounds.keys()
    ]
    before, after = made.entry(), made.entry(runs=[*made.runs(), *bad])
    assert after.residual.rank >= before.residual.rank
    assert better(after) <= better(before)
    assert all(b.credited.rank <= a.credited.rank for a, b in zip(before.credits, after.credits, strict=True))
    assert not (after.passes and not before.passes)


@given(scenes)
def test_what_is_evidenced_is_never_better_than_what_is_claimed(made):
    row = made.entry()
    assert row.current.rank <= row.residual.rank <= row.inherent.rank


@given(scenes)
def test_only_a_row_whose_every_measure_is_met_is_within_appetite(made):
    row = made.entry()
    met = all(i.verdict is Verdict.MET for i in row.indicators)
    fine = made.appetite is not None and LEVELS.index(row.residual) <= LEVELS.index(made.appetite)
    assert (row.within_appetite == "yes") == (met and fine)
    assert row.passes == (met and fine)


@given(scenes, st.integers(0, 4), st.integers(0, 4))
def test_a_worse_cell_of_the_matrix_never_improves_a_row(made, likelihood, impact):
    rows = [row.split() for row in FIVE]
    for a in range(likelihood, 5):
        for b in range(impact, 5):
            rows[a][b] = max(rows[a][b], "critical", key=LEVELS.index)
    worse = grid(*map(" ".join, rows))
    asked = (risk(evidence=MEASURES[:2]),)
    before = build(*made.runs(), of=made.project(), risks=asked).projects[0].entries[0]
    after = build(*made.runs(), of=made.project(), risks=asked, matrix=worse).projects[0].entries[0]
    assert after.residual.rank >= before.residual.rank
    assert better(after) <= better(before)

"""A lean register is the same register: what is equal is held once, and what only looks equal is not."""

from __future__ import annotations

import pytest

from riskkit import register
from riskkit.model import Measurement, Rating, Threshold
from riskkit.model.frozen import Frozen
from riskkit.register import Lean
from tests.example_rows import build, run


class Part(Frozen):
    """Something small with a number and a mapping."""

    value: float | int | bool
    named: dict[str, str] = {}


def test_what_is_equal_is_one() -> None:
    one, other = (Rating(likelihood=2, impact=3) for _ in range(2))
    bound, again = (
        Threshold(measure="accuracy", at_least=0.8, rationale="".join(["why", "not"])) for _ in range(2)
    )
    lean = Lean()
    kept, told, same = lean((one, other)), lean((bound, again)), lean((Part(value=1, named={"a": "b"}),) * 2)
    assert kept[0] is kept[1] is one
    assert told[0] is told[1] is bound
    assert same[0] is same[1]
    assert lean(Part(value=1, named={"a": "b"})) is same[0]


def test_what_only_looks_equal_stays_apart() -> None:
    parts = tuple(Part(value=v) for v in (1, 1.0, True, 0, 0.0, -0.0, False))
    written = [p.model_dump_json() for p in parts]
    assert [p.model_dump_json() for p in Lean()(parts)] == written
    assert len({id(p) for p in Lean()(parts)}) == len(parts)
    orders = (Part(value=2, named={"a": "b", "c": "d"}), Part(value=2, named={"c": "d", "a": "b"}))
    assert [list(p.named) for p in Lean()(orders)] == [["a", "c"], ["c", "a"]]


def test_which_fields_were_set_is_remembered() -> None:
    said, unsaid = Part(value=1, named={}), Part(value=1)
    lean = Lean()
    assert [lean(p).model_fields_set for p in (said, unsaid, said)] == [
        {"value", "named"},
        {"value"},
        {"value", "named"},
    ]


def test_the_numbers_of_a_measurement_are_not_looked_up() -> None:
    lean = Lean()
    lean(tuple(Measurement(measure="m", value=v, low=v, high=v, n=9, method="m") for v in (0.125, 0.25)))
    assert lean._numbers.keys() == {"9", "1"}


def test_a_lean_register_says_what_a_plain_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = (run(days_ago=9), run(0.6, 0.7), run(assessment="other"))
    lean = build(*runs)
    monkeypatch.setattr(register, "Lean", lambda: lambda value: value)
    plain = build(*runs)
    assert lean == plain
    assert lean.digests == plain.digests
    assert lean.projects[0].model_fields_set == plain.projects[0].model_fields_set

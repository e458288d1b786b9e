"""The table of cases names tests that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.matrix import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_has_its_test(case) -> None:  # type: ignore[no-untyped-def]
    file, _, name = case.test.partition("::")
    tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_case_has_its_own_id() -> None:
    assert len({case.id for case in CASES}) == len(CASES)

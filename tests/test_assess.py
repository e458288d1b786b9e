"""The door for people: what opening a case does to what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from riskkit import assess
from riskkit.assess.tables import CHARACTERS, ROWS
from tests.example_workspace import Place

SHOWN = ("display.max_rows", "display.max_columns", "display.max_colwidth")


@pytest.fixture(autouse=True)
def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[None]:
    with pd.option_context(*(part for name in SHOWN for part in (name, 5))):
        Place(tmp_path, monkeypatch, capsys)
        assess.open("p", assessment="audit", workspace=tmp_path)
        yield


def test_a_table_of_a_notebook_shows_whole_sentences_and_all_its_rows() -> None:
    said = [f"{n:03}: " + "a sentence of some length, " * 12 + "ends." for n in range(400)]
    page = pd.DataFrame({"requirement": range(400), "why": said})._repr_html_()
    assert all(text in page for text in said)


def test_a_text_or_a_table_without_end_is_cut() -> None:
    hostile = pd.DataFrame({"answer": ["x" * 10_000] * (ROWS + 1)})
    page = hostile._repr_html_()
    assert "x" * (CHARACTERS - 10) in page
    assert "x" * (CHARACTERS + 1) not in page
    assert f"{ROWS + 1} rows" in page
    assert page.count("<tr") < ROWS

"""The page of measured figures is written section by section, and a missed bar is an error."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module, writing to a page of its own."""
    monkeypatch.syspath_prepend(FOLDER)
    module = importlib.import_module("_bars")
    monkeypatch.setattr(module, "PAGE", tmp_path / "page.md")
    return module


def test_a_section_is_written_anew_and_the_others_stay(bars: ModuleType) -> None:
    for title, figure in (("Second", "1"), ("First", "2"), ("Second", "3")):
        bars.keep(
            title,
            "python x.py",
            [bars.Bar("what", figure, "at most 2", figure < "3")],
            on="here",
            about="why",
        )
    text = bars.PAGE.read_text(encoding="utf-8")
    assert text.startswith("# What was measured\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## First", "## Second"]
    assert [line for line in text.splitlines() if line.startswith("| what")] == [
        "| what | 2 | at most 2 | met |", "| what | 3 | at most 2 | missed |"
    ]  # fmt: skip


def test_a_missed_bar_is_named_and_ends_with_an_error(
    bars: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    met, missed = bars.Bar("speed", "1", "at most 2", True), bars.Bar("size", "9", "at most 2", False)
    assert bars.verdict([met]) == 0
    assert bars.verdict([met, missed]) == 1
    assert "MISSED size: 9 (bar: at most 2)" in capsys.readouterr().out

"""Decisions, findings and roles have pages of their own; a feed tells what happened; the method is told in full."""

from __future__ import annotations

from pathlib import Path

import feedparser
import pytest

from riskkit.exporters import _method, _people, atom
from riskkit.exporters._words import clip, size, undigested
from riskkit.model import Changes
from tests.example_register import CHANGED, DAY, example
from tests.test_site_build import PAYLOADS, folders


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


def fed(records: Path, to: Path, **how: object) -> bytes:
    changes = Changes(since=DAY, snapshot="2026-03-01-ab.json", rows=(CHANGED,), projects=())
    register = example(records, **how).model_copy(update={"changes": changes})  # type: ignore[arg-type]
    (path,) = atom.export(register, to, sources=folders(records))
    return path.read_bytes()


def test_the_feed_is_valid_atom_with_dates_of_what_happened(records: Path, tmp_path: Path) -> None:
    feed = feedparser.parse(fed(records, tmp_path))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert {
        "Loan approval: bias audit completed",
        "Loan approval: accept decision-bias, approved with conditions",
    } <= {e.title for e in feed.entries}
    assert all(e.id.startswith("urn:uuid:") and e.link and e.updated and e.summary for e in feed.entries)
    assert len({e.id for e in feed.entries}) == len(feed.entries)
    assert feed.feed.updated == max(e.updated for e in feed.entries)
    assert [e.updated for e in feed.entries] == sorted((e.updated for e in feed.entries), reverse=True)


def test_an_entry_keeps_its_id_and_equal_registers_give_equal_feeds(records: Path, tmp_path: Path) -> None:
    assert fed(records, tmp_path / "a") == fed(records, tmp_path / "b")
    later = feedparser.parse(fed(records, tmp_path / "c", text=lambda text: f"{text} reworded"))
    ids = {e.id for e in feedparser.parse(fed(records, tmp_path / "a")).entries}
    assert ids & {e.id for e in later.entries}


@pytest.mark.parametrize("payload", [*PAYLOADS, "\ufffe \x00"])
def test_hostile_text_leaves_the_feed_well_formed_and_is_only_text(
    records: Path, tmp_path: Path, payload: str
) -> None:
    raw = fed(records, tmp_path, text=lambda text: f"{text} {payload}")
    assert not feedparser.parse(raw).bozo
    assert b"<script" not in raw
    assert b"<img" not in raw


def test_findings_are_counted_by_age_and_the_overdue_ones_named(records: Path) -> None:
    register = example(records)
    ((severity, counts, overdue),) = _people.ageing(register)
    assert (severity.value, counts, overdue) == ("high", [0, 1, 0, 0], 1)
    assert _people.owed(register) == {"open": 1, "overdue": 1}


def test_what_lapsed_stands_before_what_holds_and_rests_on_its_row(records: Path) -> None:
    register = example(records)
    signed = _people.signed(register.projects)
    assert [item.standing.state.value for item in signed] == ["expired", "outdated"]
    assert signed[0].row is not None
    assert signed[0].row.entry.risk.id == "decision-bias"
    assert _people.decided(s.standing for s in signed) == {"in_force": 0, "ending": 0, "lapsed": 2}


def test_a_row_outside_appetite_whose_acceptance_lapsed_is_undecided(records: Path) -> None:
    assert [r.entry.risk.id for r in _people.undecided(example(records))] == [
        "decision-bias",
        "invented-reasons",
    ]


def test_a_docstring_says_definition_formula_source_and_limits_apart() -> None:
    found = _method.defined(
        "family.rate_of",
        "A rate.\n\nIt counts ``units``.\n\nMeasures: rate_one, rate_two.\nFormula: a / b,\nwhole numbers.\n"
        "Source: a rule.\nLimits: small samples.",
    )
    assert found.measures == ("rate_one", "rate_two")
    assert (found.what, found.more) == ("A rate.", "It counts units.")
    assert (found.formula, found.source, found.limits) == (
        "a / b, whole numbers.",
        "a rule.",
        "small samples.",
    )


def test_every_definition_is_read_from_the_measures_there_are() -> None:
    found = _method.definitions()
    assert found["answer_support"].function == "consistency.answer_support"
    assert found["answer_support"].what.startswith("Mean support of the shown answers")


def test_words_are_cut_between_words_and_digests_left_out() -> None:
    assert clip("one two three", 20) == "one two three"
    assert clip("one two three", 9) == "one two…"
    assert size(500) == "1 kB"
    assert size(1_234_567) == "1.2 MB"
    assert undigested("row changed since: sha256 1234… then, none now; x") == "row changed since; x"

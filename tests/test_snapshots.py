"""Snapshots: frozen once, never overwritten, and compared so that nothing that changed goes unsaid."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from riskkit import register
from riskkit.model import Input, Level, Snapshot, canonical
from tests.example_rows import (
    OWNED,
    build,
    catalog,
    control,
    entry,
    grid,
    measurement,
    project,
    risk,
    run,
    signed,
)
from tests.example_workspace import Place

BEFORE = date(2026, 11, 20)
GOOD = (run(0.89, 0.95, days_ago=5), run(0.9, 0.95))


def frozen(*evidence, of=None, **more) -> Snapshot:
    return register.freeze(build(*evidence, of=of, **more))


def compared(since: Snapshot, *evidence, of=None, **more):
    return build(*evidence, of=of, since=since, **more).changes


def notes(changes):
    (row,) = changes.rows
    return {note.kind: note.what for note in row.notes}


def test_equal_registers_give_equal_snapshots():
    assert canonical(frozen(run())) == canonical(frozen(run()))
    assert frozen(run()).name == frozen(run()).name
    assert frozen(run()).name != frozen(run(0.91, 0.95)).name
    assert frozen(run()).name.startswith("2026-11-20-")


def test_a_snapshot_survives_being_written_and_read():
    made = frozen(*GOOD, of=project(controls=[control()], appetite={"fairness": "low"}))
    assert Snapshot.model_validate_json(canonical(made)) == made


def test_nothing_changed_is_said_as_such():
    changes = compared(frozen(run()), run())
    assert changes.moves == {"new": 0, "up": 0, "down": 0, "unchanged": 1, "gone": 0}
    assert notes(changes) == {}
    assert changes.since == BEFORE


@pytest.mark.parametrize(
    ("first", "second", "move"),
    [
        (GOOD, (run(0.5, 0.6),), "up"),
        ((run(0.5, 0.6),), GOOD, "down"),
        (GOOD, GOOD, "unchanged"),
    ],
)
def test_a_level_that_rises_is_up_which_is_worse(first, second, move):
    of = project(controls=[control()])
    (row,) = compared(frozen(*first, of=of), *second, of=of).rows
    assert row.move == move
    assert (row.before is row.after) == (move == "unchanged")


def test_rows_and_projects_that_came_and_went_are_named():
    since = frozen(run(), risks=(risk(), risk("other")))
    changes = compared(since, run(), risks=(risk(), risk("another")))
    assert {row.risk: row.move for row in changes.rows} == {
        "another": "new",
        "bias": "unchanged",
        "other": "gone",
    }
    another = project().model_copy(update={"profile": project(id="q").profile})
    built = register.build([another], catalog(), [run(of="q")], as_of=BEFORE, kit_version="0", since=since)
    assert {c.project: c.move for c in built.changes.projects} == {"p": "gone", "q": "new"}


def test_a_verdict_that_flips_is_told_even_where_the_level_stays():
    changes = compared(frozen(run()), run(0.5, 0.6))
    assert notes(changes) == {"verdict-flip": "met to breached"}
    assert changes.rows[0].move == "unchanged"


def test_an_edited_threshold_is_told_for_the_row_and_the_project():
    lower = project(thresholds=(OWNED.model_copy(update={"at_least": 0.79}),))
    changes = compared(frozen(run()), run(), of=lower)
    assert notes(changes) == {"threshold-edit": "at least 0.8 to at least 0.79"}
    (told,) = changes.projects
    assert [n.what for n in told.notes] == ["at least 0.8, n 100, 0.95 to at least 0.79, n 100, 0.95"]


def test_a_smaller_sample_asked_for_is_a_threshold_edit_too():
    easier = project(thresholds=(OWNED.model_copy(update={"min_n": 10}),))
    (told,) = compared(frozen(run()), run(), of=easier).projects
    assert [n.kind for n in told.notes] == ["threshold-edit"]


def test_another_method_makes_figures_incomparable():
    other = run(taken=(measurement(0.9, 0.95, method_version=2),))
    (row,) = compared(frozen(run()), other).rows
    assert notes(compared(frozen(run()), other)) == {
        "method-change": "made up (version 1) to made up (version 2)"
    }
    assert not row.comparable
    assert compared(frozen(run()), run()).rows[0].comparable


def test_measures_that_came_and_went_are_told_and_placeholders_are_not():
    two = (run(taken=(measurement(0.9, 0.95), measurement(0.9, 0.95, segment="age"))),)
    assert notes(compared(frozen(run()), *two)) == {"measure-new": "now met"}
    gone = notes(compared(frozen(*two, as_of=BEFORE), run(assessment="x")))
    assert gone == {"measure-gone": "was met"}
    assert notes(compared(frozen(), run())) == {"measure-new": "now met"}


def test_a_changed_matrix_and_a_changed_rating_are_told():
    other = grid("low low low low medium", "low low medium medium high", "low medium medium high high",
                 "low medium high critical critical", "medium high high critical critical")  # fmt: skip
    assert notes(compared(frozen(run()), run(), matrix=other)) == {
        "matrix-change": "the matrix was changed: levels do not compare",
        "inherent-change": "inherent high to critical",
    }


def test_another_version_other_data_and_another_model_are_told():
    def with_facts(digit, model):
        read = Input(path="data/a.csv", sha256=digit * 64, about="dataset a")
        return run(inputs=(read,), models=(model,))

    since = frozen(with_facts("1", "m 1"))
    (told,) = compared(since, with_facts("2", "m 2"), of=project(version="2")).projects
    assert {note.kind: note.what for note in told.notes} == {
        "version-change": "1 to 2",
        "data-change": f"sha256 {'1' * 12} to {'2' * 12}",
        "model-change": "m 1 to m 2",
    }


def test_an_override_is_what_counts_as_the_level():
    of = signed(run(), kind="override_rating")
    (row,) = compared(frozen(run()), run(), of=of).rows
    assert (row.before, row.after, row.move) == (Level.HIGH, Level.LOW, "down")


def test_each_row_of_the_register_carries_its_change():
    assert entry(run()).change is None
    assert entry(run(0.5, 0.6), since=frozen(run())).change.verdict_after == "breached"


# through the command line


@pytest.fixture
def place(tmp_path: Path, monkeypatch, capsys) -> Place:
    return Place(tmp_path / "w", monkeypatch, capsys)


def files(place: Place) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (place.root / "records/_snapshots").iterdir()}


@pytest.mark.slow
def test_a_snapshot_is_written_once_and_stays_as_it_is(place):
    place.record()
    code, out, _ = place.riskkit("snapshot", "--as-of", "2026-11-20")
    assert code == 0
    (name,) = files(place)
    assert out.startswith(f"records/_snapshots/{name}: 6 rows")
    before = files(place)
    assert place.riskkit("snapshot", "--as-of", "2026-11-20")[0] == 0
    assert files(place) == before
    place.record(0.5, 0.6, days_ago=0)
    assert place.riskkit("snapshot", "--as-of", "2026-11-20")[0] == 0
    after = files(place)
    assert len(after) == 2
    assert after[name] == before[name]
    assert place.riskkit("verify")[0] == 0


@pytest.mark.slow
def test_the_latest_snapshot_of_an_earlier_day_is_compared_with(place):
    place.record(days_ago=9)
    assert place.riskkit("changes", "--as-of", "2026-11-20")[0] == 2
    place.riskkit("snapshot", "--as-of", "2026-11-12")
    place.record(0.5, 0.6)
    place.riskkit("snapshot", "--as-of", "2026-11-20")
    code, out, _ = place.riskkit("changes", "--as-of", "2026-11-20")
    assert code == 0
    assert out.startswith("since 2026-11-12 (2026-11-12-")
    assert "p/drift: unchanged, level high to high, verdict met to breached" in out
    assert "  verdict flip: input_drift_psi: met to breached" in out
    latest = max(files(place))
    same = place.riskkit("changes", "--as-of", "2026-11-20", "--since", latest, "--json")[1]
    assert {row["move"] for row in json.loads(same)["rows"]} == {"unchanged"}
    assert all(not row["notes"] for row in json.loads(same)["rows"])


@pytest.mark.slow
def test_a_snapshot_that_was_changed_is_named_and_not_compared_with(place):
    place.record()
    place.riskkit("snapshot", "--as-of", "2026-11-19")
    (path,) = (place.root / "records/_snapshots").iterdir()
    path.write_text(path.read_text(encoding="utf-8").replace('"met"', '"breached"', 1), encoding="utf-8")
    for command in ("changes", "check", "snapshot"):
        code, _, err = place.riskkit(command, "--as-of", "2026-11-20")
        assert code == 6
        assert f"records/_snapshots/{path.name}: was changed" in err
    path.write_bytes(b"{")
    assert place.check()[0] == 6
    assert place.riskkit("changes", "--since", "../../etc/passwd")[0] == 2

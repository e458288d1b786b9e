"""Without a browser: what the explorer, the launcher, the drafter and the comparer show, and the files they write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riskkit import widgets
from riskkit.errors import UsageError
from riskkit.profiles import read_all
from riskkit.widgets.twin import Twin
from tests.example_place import PROJECT, place, riskkit

ALL = ("register_explorer", "run_launcher", "decision_drafter", "compare_runs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return place(tmp_path_factory.mktemp("place") / "work")


@pytest.fixture
def here(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


@pytest.mark.parametrize("name", ALL)
def test_a_table_holds_every_text_of_the_facts_it_stands_for(here: Path, name: str) -> None:
    twin: Twin = getattr(widgets, name)(PROJECT)
    text = " ".join(twin.shown.text.split())
    rows = [cell for row in twin.facts.get("rows", []) for cell in row.values() if isinstance(cell, str)]
    told = [*rows, *(cell for row in twin.facts.get("measures", []) for cell in row)]
    told += [cell for row in twin.facts.get("open", []) for cell in row]
    hidden = {row["key"] for row in twin.facts.get("rows", []) if "key" in row}
    hidden |= {row["matrix"] for row in twin.facts.get("rows", []) if "matrix" in row}
    assert [t for t in told if " ".join(t.split()) not in text and t not in hidden] == []
    assert twin.shown.html.count("<table>") >= 1


def test_the_explorer_shows_the_way_to_each_level(here: Path) -> None:
    rows = {row["risk"]: row for row in widgets.register_explorer(PROJECT).facts["rows"]}
    row = next(r for r in rows.values() if "selection_rate_ratio" in r["reading"])
    assert row["verdict"] == "breached"
    assert "0.62 [0.57, 0.67]" in row["reading"]
    assert row["walk"][0][0].startswith("inherent")
    assert row["evidence"][0]["record"].startswith(f"{PROJECT}/bias_audit/")


def test_a_project_that_is_not_there_is_named_with_the_nearest(here: Path) -> None:
    with pytest.raises(UsageError, match=r"no project 'my-modle'.*my-model"):
        widgets.register_explorer("my-modle")


def test_two_runs_are_told_apart_by_what_the_intervals_explain(here: Path) -> None:
    facts = widgets.compare_runs(PROJECT).facts
    ((name, before, after, change, reading),) = facts["measures"]
    assert name == "selection_rate_ratio [sex]"
    assert (before, after) == ("0.91 [0.86, 0.96], n 2000", "0.62 [0.57, 0.67], n 2000")
    assert (change, reading) == ("-0.29", "more than the intervals explain")
    assert [row[:2] for row in facts["changed"]] == [["input", "data/decisions.csv"], ["parameter", "seed"]]


def test_the_drafter_writes_what_decide_writes_and_adds_what_was_typed(here: Path) -> None:
    folder = here / "projects" / PROJECT / "decisions"
    twin = widgets.decision_drafter(PROJECT)
    twin.tell({"do": "pick", "type": "accept", "subject": "risk:decision-bias"})
    twin.tell({"do": "draft"})
    (path,) = folder.glob("*.yml")
    bare = path.read_bytes()
    path.unlink()
    riskkit(here, "decide", PROJECT, "--risk", "decision-bias", "--type", "accept")
    assert path.read_bytes() == bare
    path.unlink()
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    twin.tell({"do": "draft", "rationale": 'Because: "it" # is\nso', "requested_by": "head", "expires_on": until,
               "conditions": [["measure again", until], ["", ""]]})  # fmt: skip
    assert twin.facts["said"].startswith("Drafted projects/my-model/decisions/")
    (found,) = read_all(here / "projects", [PROJECT], known=None)
    assert [d.open for d in found.drafts] == [("decided_by", "outcome")]
    assert found.decisions == ()
    text = (
        path.read_text()
        .replace('decided_by: ""', "decided_by: chief")
        .replace('outcome: ""', "outcome: approved")
    )
    path.write_text(text)
    (found,) = read_all(here / "projects", [PROJECT], known=None)
    (decision,) = found.decisions
    assert decision.rationale == 'Because: "it" # is\nso'
    assert [(c.text, str(c.due)) for c in decision.conditions] == [("measure again", until)]
    path.unlink()


def test_the_drafter_tells_everything_wrong_at_once_and_writes_nothing(here: Path) -> None:
    twin = widgets.decision_drafter(PROJECT)
    twin.tell({"do": "pick", "type": "accept", "subject": "risk:decision-bias"})
    twin.tell({"do": "draft", "expires_on": "2199-01-01", "conditions": [["x", "soon"]]})
    assert twin.facts["went"] == "wrong"
    assert "expires on: 2199-01-01" in twin.facts["said"]
    assert "condition 1: soon is not a date" in twin.facts["said"]
    assert not list((here / "projects" / PROJECT).glob("decisions/*.yml"))


def test_a_register_that_changed_since_it_was_shown_is_shown_again_before_anything_is_drafted(
    here: Path,
) -> None:
    twin = widgets.decision_drafter(PROJECT)
    twin.tell({"do": "pick", "type": "accept", "subject": "risk:decision-bias"})
    profile = here / "projects" / PROJECT / "profile.yml"
    old = profile.read_text()
    profile.write_text(old.replace("at_least: 0.8", "at_least: 0.7", 1))
    twin.tell({"do": "draft"})
    profile.write_text(old)
    assert "changed since it was shown" in twin.facts["said"]
    assert not list((here / "projects" / PROJECT).glob("decisions/*.yml"))


def test_the_launcher_lists_every_assessment_with_its_latest_run(here: Path) -> None:
    rows = {r["assessment"]: r for r in widgets.run_launcher(PROJECT).facts["rows"]}
    assert rows["bias_audit"]["ended"] == "ok"
    assert rows["bias_audit"]["record"].startswith(PROJECT)
    assert rows["regulatory_checklist"]["last"] == "never"

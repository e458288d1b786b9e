"""The commands about law and frameworks."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from riskkit.cli import law
from riskkit.errors import InputError, UsageError
from tests.example_workspace import DAY, Place

pytestmark = pytest.mark.slow

CASES = Path(__file__).parent / "data" / "law_cases.yml"
APP = typer.Typer()
law.register(APP)


def _run(*words: str) -> Result:
    return CliRunner().invoke(APP, ["law", *words])


def _json(*words: str) -> Any:
    found = _run(*words, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.output)


def test_classify_answers_every_case_of_a_file() -> None:
    answers = _json("classify", str(CASES))
    assert len(answers) == 101
    assert set(answers[0]) == {
        "id", "tier", "basis", "overlays", "filter", "gpai", "applies_from", "unknown", "path",
    }  # fmt: skip
    by_id = {answer["id"]: answer for answer in answers}
    assert by_id["EU-A3-15"]["tier"] == "high_risk_annex_iii"
    assert by_id["EU-GPAI-05"] | {"path": []} == {
        "id": "EU-GPAI-05", "tier": None, "basis": "Art. 3(63), 51, 53", "overlays": [], "filter": None,
        "gpai": "gpai_systemic", "applies_from": "2025-08-02", "unknown": [], "path": [],
    }  # fmt: skip


def test_ll144_answers_every_table_of_a_file() -> None:
    tables = _json("ll144", str(CASES))
    assert [row["impact_ratio"] for row in tables[0]["rows"]] == [1.0, 0.979337]
    assert len(tables) == 12


def test_words_nobody_knows_are_all_named_with_line_and_hint(tmp_path: Path) -> None:
    file = tmp_path / "cases.yml"
    file.write_text(
        "eu_ai_act:\n- id: a\n  facts:\n    jurisdiction: eu\n    use_case: [recruitmnt]\n    flags_true: [is_ai]\n"
    )
    error = _run("classify", str(file)).exception
    assert isinstance(error, InputError)
    assert [problem.line for problem in error.problems] == [5, 6]
    assert "did you mean 'recruitment'?" in str(error)


@pytest.mark.parametrize(
    ("command", "text", "says"),
    [
        ("classify", "nothing: here\n", "there is no list eu_ai_act"),
        ("classify", "eu_ai_act:\n- id: a\n", "a mapping with id, facts"),
        ("classify", "eu_ai_act:\n- {id: a, facts: [x]}\n", "are not facts"),
        ("ll144", "nyc_ll144:\n- {id: a, kind: selection, input: [{category: x, applicants: 1, selected: 2}]}\n",
         "2 selected of 1"),
        ("ll144", "nyc_ll144:\n- {id: a, kind: lottery, input: []}\n", "not selection or scoring"),
        ("ll144", "nyc_ll144:\n- {id: a, kind: scoring, input: {x: [high]}}\n", "a: "),
    ],
)  # fmt: skip
def test_file_that_cannot_be_used_is_told_with_its_place(
    tmp_path: Path, command: str, text: str, says: str
) -> None:
    file = tmp_path / "cases.yml"
    file.write_text(text)
    error = _run(command, str(file)).exception
    assert isinstance(error, InputError)
    assert says in str(error)


def test_list_and_show_work_outside_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {"eu_ai_act", "us_nyc_ll144"} <= {row["id"] for row in _json("list")}
    assert _json("show", "EUAIA-ART50-2")["grace"]["until"] == "2026-12-02"
    assert "EUAIA-ART9: Risk management over the life cycle" in _json("show", "eu_ai_act")["requirements"]
    assert isinstance(_run("show", "nothing").exception, UsageError)
    assert isinstance(_run("list", "--format", "xml").exception, UsageError)


def test_calendar_counts_from_the_day_given(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    rows = _json("calendar", "--as-of", "2026-11-20")
    assert (rows[0]["date"], rows[0]["days"]) == ("2026-12-02", 12)
    assert {"2026-12-02", "2027-01-01", "2027-05-01", "2027-12-02"} <= {row["date"] for row in rows}
    assert all(row["days"] >= 0 for row in rows)
    own = _json("calendar", "--project", "support-router", "--as-of", "2026-11-20", "--past")
    assert {row["framework"] for row in own if row["days"] > 0} == set()
    assert any(row["days"] < 0 for row in own)


def test_diff_names_what_a_folder_changes(tmp_path: Path) -> None:
    folder = tmp_path / "regulations"
    folder.mkdir()
    (folder / "house_rules.yml").write_text(
        "id: house_rules\ntitle: House rules\ncitation: own\nstatus_date: 2026-11-20\nrequirements:\n"
        "- {id: HOUSE-1, title: Say no, citation: own, requirement: Say no to what nobody needs.}\n"
    )
    (change,) = _json("diff", str(tmp_path))
    assert (change["requirement"], change["what"]) == ("HOUSE-1", "added")
    assert isinstance(_run("diff", str(folder)).exception, UsageError)


def test_the_checklist_of_a_project_counts_what_was_measured_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "w", monkeypatch, capsys)
    asked = ("law", "checklist", "p", "--framework", "nist_ai_rmf", "--as-of", DAY)
    line = "NIST-RMF-MEASURE-2.11  not_assessed  (nothing was answered or measured)"
    assert line in place.riskkit(*asked)[1].splitlines()
    place.write(
        "answers.yml",
        "answers:\n  NIST-RMF-MEASURE-2.11: {status: met, note: Groups agree., by: o, on: 2026-11-01}\n",
    )
    place.record(0.5, 0.6)
    code, out, _ = place.riskkit(*asked)
    (line,) = (row for row in out.splitlines() if row.startswith("NIST-RMF-MEASURE-2.11 "))
    assert (code, "gap  by measurement  (breached: selection_rate_ratio, " in line) == (0, True)
    assert line.endswith("answered met by o)")
    code, out, _ = place.riskkit(*asked, "--format", "json")
    (row,) = (row for row in json.loads(out) if row["requirement"] == "NIST-RMF-MEASURE-2.11")
    assert (row["status"], row["basis"], row["applies"]) == ("gap", "measurement", "yes")
    assert {row["framework"] for row in json.loads(out)} == {"nist_ai_rmf"}


def test_the_register_counts_how_the_requirements_of_a_framework_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "w", monkeypatch, capsys)
    place.record(0.5, 0.6)
    place.riskkit("export", "json", "--to", "out", "--as-of", DAY)
    exported = place.root / "out/register.json"
    scopes = json.loads(exported.read_text(encoding="utf-8"))["projects"][0]["scope"]
    (scope,) = (s for s in scopes if s["framework"] == "nist_ai_rmf")
    _, out, _ = place.riskkit("law", "checklist", "p", "--framework", "nist_ai_rmf", "--format", "json")
    rows = [row for row in json.loads(out) if row["applies"] in ("yes", "unknown")]
    for status in ("met", "partly", "gap", "not_assessed"):
        assert scope[status] == sum(row["status"] == status for row in rows)
    assert scope["gap"] == sum(row["basis"] == "measurement" for row in rows) > 0


def test_the_checklist_names_what_there_is_instead_of_a_project_or_framework_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "w", monkeypatch, capsys)
    code, _, err = place.riskkit("law", "checklist", "q")
    assert (code, err) == (2, "there is no project 'q' (p)\n")
    code, _, err = place.riskkit("law", "checklist", "p", "--framework", "nist")
    assert code == 2
    assert err.startswith("there is no framework nist (known: ")

"""The gate through the command line and files: everything that is not known to be fine exits 10 with the reason."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.example_workspace import DAY, MEASURES, QUIET, Place

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path, monkeypatch, capsys) -> Place:
    return Place(tmp_path / "w", monkeypatch, capsys)


def test_what_is_met_within_appetite_and_accepted_exits_zero(place):
    place.open_gate()
    code, out, err = place.check()
    assert (code, err) == (0, "")
    assert out.startswith("gate open: 6 risks")


@pytest.mark.parametrize(
    ("evidence", "rule", "words"),
    [
        ([], "nothing-assessed", "no assessment was ever run"),
        ([{"without": "drift"}], None, ""),
        ([{"without": "input_drift_psi"}], "not-measured", "no run has taken this measure yet"),
        ([{"days_ago": 91}], "not-measured", "valid until 2026-11-19"),
        ([{"days_ago": 2}, {"status": "failed"}], "run-failed", "cell 3 raised"),
        ([{"days_ago": 2}, {"status": "stopped"}], "run-failed", "stopped"),
        ([{"status": "failed"}], "run-failed", "cell 3 raised"),
        ([{"n": 99}], "not-within-appetite", "n = 99 is below the required 100"),
        ([{"low": 0.7, "high": 0.9}], "not-within-appetite", "straddles the bound"),
        ([{"low": 0.5, "high": 0.6}], "not-within-appetite", "misses at least 0.8"),
        ([{"version": "0.9"}], "not-measured", "version 0.9 was assessed"),
    ],
)
def test_each_thing_that_is_not_known_to_be_fine_exits_ten_with_its_reason(place, evidence, rule, words):
    place.open_gate()
    place.forget()
    for facts in evidence:
        place.record(**facts)
    code, out, err = place.check()
    if rule is None:
        assert (code, err) == (0, "")
        return
    assert (code, out) == (10, "")
    assert f": {rule}: " in err
    assert words in err


def test_a_project_folder_without_a_profile_is_no_open_gate(place):
    (place.root / "projects/p/profile.yml").unlink()
    assert place.check()[0] == 3


def test_the_release_gate_asks_for_an_approval_that_the_ci_gate_does_not(place):
    place.open_gate()
    code, _, err = place.check("--profile", "release")
    assert code == 10
    assert "release-not-approved: version 1 has no approval in force" in err
    path = place.draft("--type", "approve_release")
    place.sign(path)
    assert place.check("--profile", "release")[0] == 0
    place.record(0.91, 0.96, days_ago=0)
    assert place.check("--profile", "release")[0] == 0, "other figures, the same picture"
    place.record(0.7, 0.9, days_ago=-1)
    later = place.riskkit("check", "--as-of", "2026-11-21", "--profile", "release")
    assert later[0] == 10
    assert "row changed since" in later[2]


def test_only_the_projects_asked_for_are_looked_at_and_an_unknown_one_is_a_mistake(place):
    place.open_gate()
    (place.root / "projects/q").mkdir()
    profile = (place.root / "projects/p/profile.yml").read_text(encoding="utf-8")
    (place.root / "projects/q/profile.yml").write_text(profile.replace("id: p", "id: q", 1), encoding="utf-8")
    assert place.check()[0] == 10
    assert place.check("--project", "p")[0] == 0
    assert place.check("--project", "q")[0] == 10
    code, _, err = place.check("--project", "x")
    assert (code, err) == (2, "there is no project x\n")


@pytest.mark.parametrize("words", [("--profile", "prod"), ("--format", "yaml"), ("--as-of", "yesterday")])
def test_a_word_the_command_does_not_know_is_a_mistake_and_never_a_pass(place, words):
    place.open_gate()
    assert place.riskkit("check", *words)[0] == 2


def test_every_format_says_the_same_and_exits_the_same(place):
    place.record(0.5, 0.6)
    code, out, err = place.check("--format", "json")
    answer = json.loads(out)
    assert (code, answer["passed"], answer["as_of"]) == (10, False, DAY)
    assert err == f"gate shut: {len(answer['reasons'])} reasons\n"
    code, out, _ = place.check("--format", "junit")
    assert code == 10
    assert len(ET.fromstring(out.encode()).findall(".//failure")) == len(answer["reasons"])
    code, out, _ = place.check("--format", "sarif")
    errors = [r for r in json.loads(out)["runs"][0]["results"] if r["level"] == "error"]
    assert (code, len(errors)) == (10, len(answer["reasons"]))
    code, out, _ = place.check("--format", "markdown")
    assert code == 10
    assert "**Shut**" in out
    place.forget()
    place.open_gate()
    for format in ("json", "junit", "sarif", "markdown"):
        assert place.check("--format", format)[0] == 0


def test_explain_shows_what_was_looked_at_and_what_would_open_the_gate(place):
    place.record(0.7, 0.9)
    code, out, _ = place.check("--explain")
    assert code == 10
    assert "p/drift: does not pass" in out
    assert "met at 0.7 or below, breached above 0.9" in out
    assert "to open: treat the risk" in out


def test_the_gate_is_shut_by_the_installed_command_too(place):
    done = subprocess.run(
        [sys.executable, "-m", "riskkit", "check", "--as-of", DAY],
        cwd=place.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 10
    assert "nothing-assessed" in done.stderr


# a decision is bound to what it was made on


def test_one_hundredth_of_a_threshold_outdates_the_acceptance_and_reopens_the_risk(place):
    place.record(0.7, 0.75)
    risk, measure = "drift", "input_drift_psi"
    others = ("decision-bias", "latency-tradeoff", "multi-agent-interaction", "regulatory-gap", QUIET)
    for name in (risk, *others):
        path = place.draft("--risk", name, "--type", "accept")
        place.sign(path)
    assert place.check()[0] == 0
    before = basis_of(place, risk)["thresholds"]
    place.replace(
        "projects/p/profile.yml",
        f"measure: {measure}, at_least: 0.8,",
        f"measure: {measure}, at_least: 0.81,",
    )
    code, _, err = place.check()
    assert code == 10
    (line,) = [row for row in err.splitlines() if row.startswith("p/drift:")]
    assert "its accept 2026-11-20-drift-accept is outdated: thresholds changed since" in line
    assert line.endswith("[projects/p/decisions/2026-11-20-drift-accept.yml]")
    assert f"sha256 {before} then, " in line
    assert f"{today(place, risk)['thresholds']} now" in line
    assert before != today(place, risk)["thresholds"]
    assert place.check("--project", "p")[2].count("outdated") == 1, "the other acceptances stand"


def test_one_byte_of_evidence_outdates_the_acceptance_and_reopens_the_risk(place):
    path = place.open_gate()
    accepted = place.draft("--risk", "drift", "--type", "accept")
    place.sign(accepted)
    before = basis_of(place, "drift")["evidence"]
    (stored,) = (place.root / "records/p/audit").glob("*/conclusion.json")
    raw = bytearray(stored.read_bytes())
    raw[raw.index(b"0.9")] ^= 1
    stored.write_bytes(raw)
    code, _, err = place.check()
    assert code == 10
    assert "records: record-damaged: " in err
    (line,) = [row for row in err.splitlines() if row.startswith("p/drift:")]
    assert "not-measured" in line
    assert "its accept 2026-11-20-drift-accept is outdated" in line
    assert f"evidence changed since: sha256 {before} then, {today(place, 'drift')['evidence']} now" in line
    assert line.endswith("[projects/p/decisions/2026-11-20-drift-accept.yml]")
    assert path.exists()


def test_one_cell_of_the_matrix_outdates_every_acceptance(place):
    path = place.open_gate()
    before = basis_of(place, QUIET)["matrix"]
    place.replace(
        "catalog/matrices/own.yml", "[low, low, low, low, medium]", "[low, low, low, medium, medium]"
    )
    code, _, err = place.check()
    assert code == 10
    (line,) = [row for row in err.splitlines() if row.startswith(f"p/{QUIET}:")]
    assert f"matrix changed since: sha256 {before} then, {today(place, QUIET)['matrix']} now" in line
    assert line.endswith(f"[projects/p/decisions/{path.name}]")


def test_a_run_that_concludes_the_same_leaves_the_acceptance_valid(place):
    place.open_gate()
    place.record(days_ago=0)
    assert place.check()[0] == 0


def test_an_expired_acceptance_reopens_the_risk_by_itself(place):
    path = place.open_gate()
    code, _, err = place.riskkit("check", "--as-of", "2027-02-21")
    assert code == 10
    assert f"its accept {path.stem} is expired: expired on 2027-02-20" in err


def basis_of(place: Place, risk: str) -> dict[str, str]:
    """The basis written in the acceptance of ``risk``."""
    text = (place.root / f"projects/p/decisions/{DAY}-{risk}-accept.yml").read_text(encoding="utf-8")
    rows = [line.strip().split(": ") for line in text.splitlines() if line.startswith("  ")]
    return {row[0]: row[1] for row in rows if len(row) == 2 and len(row[1]) == 64}


def today(place: Place, risk: str) -> dict[str, str]:
    """What a decision about ``risk`` would rest on today."""
    code, _, err = place.riskkit("export", "json", "--as-of", DAY, "--to", "out")
    assert code == 0, err
    register = json.loads((place.root / "out/register.json").read_text(encoding="utf-8"))
    (row,) = [e for e in register["projects"][0]["entries"] if e["risk"]["id"] == risk]
    return row["basis"]


def test_every_measure_of_the_example_is_asked_for_by_a_risk():
    assert len(MEASURES) == 11

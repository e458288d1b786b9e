"""The gate: only what is met and within appetite, or covered by the decision it needs, ever opens it."""

from __future__ import annotations

import inspect
import json
import sys
import textwrap
import xml.etree.ElementTree as ET
from datetime import date
from itertools import product
from pathlib import Path

import jsonschema
import pytest

from riskkit import exporters, register
from riskkit.exporters import Sources
from riskkit.model import DecisionState, DecisionType, Entry, Finding, Standing, Threshold, Verdict
from riskkit.model import entry as entry_module
from riskkit.model import standing as standing_module
from tests.example_rows import build, control, decision, entry, measurement, project, risk, run, signed

DATA = Path(__file__).parent / "data"
OPEN, SHUT = {"fairness": "critical"}, {"fairness": "low"}
QUIET = risk(evidence=(), not_measurable_reason="judgement only")
ROWS = {
    "met": ([run()], {}),
    "breached": ([run(0.5, 0.6)], {}),
    "inconclusive": ([run(0.7, 0.9)], {}),
    "n too small": ([run(n=50)], {}),
    "stale": ([run(days_ago=91)], {}),
    "other version": ([run(version="0.9")], {}),
    "missing": ([], {}),
    "error": ([run(days_ago=2), run(status="failed")], {}),
    "stopped": ([run(days_ago=2), run(status="stopped")], {}),
    "not measurable": ([run()], {"risks": (QUIET,)}),
    "breached and missing": ([run(0.5, 0.6)], {"risks": (risk(evidence=("ratio", "other")),)}),
    "met and missing": ([run()], {"risks": (risk(evidence=("ratio", "other")),)}),
    "breached and error": (
        [run(0.5, 0.6), run(days_ago=2, assessment="b", taken=(measurement(0, 1, measure="other"),)),
         run(assessment="b", status="failed")],
        {"risks": (risk(evidence=("ratio", "other")),)},
    ),
    "breached by the validator": ([run(days_ago=2), run(0.5, 0.6, performed_as="validator")], {}),
}  # fmt: skip
ACCEPT, WAIVE = DecisionType.ACCEPT, DecisionType.WAIVE_CHECK
NEEDED = {
    "met": set(), "breached": {ACCEPT}, "inconclusive": {ACCEPT}, "n too small": {ACCEPT}, "stale": {WAIVE},
    "other version": {WAIVE}, "missing": {WAIVE}, "error": None, "stopped": None, "not measurable": {ACCEPT},
    "breached and missing": {ACCEPT, WAIVE}, "met and missing": {WAIVE}, "breached and error": None,
    "breached by the validator": {ACCEPT},
}  # fmt: skip
"""The decisions that let a row pass whose level is within appetite; None where no decision does."""
DECIDED = [(), *((t,) for t in DecisionType), (ACCEPT, WAIVE), (ACCEPT, DecisionType.OVERRIDE_RATING)]
ABOUT_A_RISK = {t for t in DecisionType if t.about == ("risk",) or "risk" in t.about}
IN_FORCE = {DecisionState.VALID, DecisionState.EXPIRING}


def row(name: str, appetite) -> Entry:
    evidence, more = ROWS[name]
    return entry(*evidence, of=project(appetite=appetite), **more)


def decided(base: Entry, types, state: DecisionState) -> Entry:
    standings = tuple(
        Standing(decision=decision(str(t)), state=state, why="", file="") for t in types if t in ABOUT_A_RISK
    )
    return base.model_copy(update={"decisions": standings})


def check_the_table() -> int:
    """Every verdict, appetite, kind of decision and state of it, against the table above."""
    checked = 0
    rows = {(name, str(a)): row(name, a) for name in ROWS for a in (OPEN, SHUT, None)}
    for (name, appetite), types, state in product(rows, DECIDED, DecisionState):
        needed = NEEDED[name]
        if needed is not None and appetite != str(OPEN):
            needed = needed | {ACCEPT}
        in_force = set(types) if state in IN_FORCE else set()
        expected = needed is not None and needed <= in_force
        found = decided(rows[name, appetite], types, state)
        assert found.passes == expected, (name, appetite, types, state)
        assert found.covered == (expected and bool(needed))
        checked += 1
    return checked


def test_every_verdict_with_every_decision_in_every_state_passes_only_as_the_table_says():
    assert check_the_table() == len(ROWS) * 3 * len(DECIDED) * len(DecisionState)
    assert {row(name, OPEN).verdict for name in ROWS} == set(Verdict)


MUTATIONS = [
    ("passes", "return False", "return True"),
    ("passes", "self.needs <= {", "self.needs >= {"),
    ("passes", " if s.state.holds", ""),
    ("passes", "is Verdict.ERROR", "is Verdict.MISSING"),
    ("needs", "if verdicts & UNMEASURED:", "if False:"),
    ("needs", "verdicts & UNMEASURED", "verdicts <= UNMEASURED"),
    ("needs", "DecisionType.WAIVE_CHECK", "DecisionType.ACCEPT"),
    ("needs", "not level_is_fine or ", ""),
    ("needs", "not verdicts or ", ""),
    ("needs", "- {Verdict.MET}", "- {Verdict.MET, Verdict.INCONCLUSIVE}"),
    ("needs", "- {Verdict.MET}", "- {Verdict.MET, Verdict.BREACHED}"),
    ("needs", " or self.disputed", ""),
    ("needs", "self.appetite is not None and", "self.appetite is None or"),
    ("needs", "return frozenset(needed)", "return frozenset()"),
]


@pytest.mark.parametrize(("name", "old", "new"), MUTATIONS)
def test_a_fail_closed_branch_that_is_broken_is_noticed(monkeypatch, name, old, new):
    source = textwrap.dedent(inspect.getsource(getattr(Entry, name).fget))
    assert old in source
    space = dict(vars(entry_module))
    exec(compile(source.replace(old, new), "mutant", "exec"), space)
    monkeypatch.setattr(Entry, name, space[name])
    with pytest.raises(AssertionError):
        check_the_table()


@pytest.mark.parametrize("state", sorted(set(DecisionState) - IN_FORCE))
def test_a_state_that_is_taken_for_in_force_is_noticed(monkeypatch, state):
    holds = property(lambda self: self in {*IN_FORCE, state})
    monkeypatch.setattr(standing_module.DecisionState, "holds", holds)
    with pytest.raises(AssertionError):
        check_the_table()


# the reasons


def rules(*evidence, gate="ci", **more):
    return [r.rule for r in register.narrow(build(*evidence, **more), gate=gate).reasons]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("met", []),
        ("breached", ["not-within-appetite"]),
        ("inconclusive", ["not-within-appetite"]),
        ("n too small", ["not-within-appetite"]),
        ("stale", ["not-measured"]),
        ("other version", ["not-measured"]),
        ("missing", ["nothing-assessed", "not-measured"]),
        ("error", ["run-failed", "run-failed"]),
        ("not measurable", ["not-within-appetite"]),
        ("breached and error", ["run-failed", "run-failed"]),
    ],
)
def test_each_row_shuts_the_gate_for_the_reason_it_has(name, expected):
    evidence, more = ROWS[name]
    assert rules(*evidence, of=project(appetite=OPEN), **more) == expected


def test_no_project_no_risk_and_no_run_are_reasons():
    empty = register.build([], _catalog(), [], as_of=date(2026, 11, 20), kit_version="0")
    assert [r.rule for r in empty.reasons] == ["nothing-assessed"]
    nobody = risk(applies_to=["agentic"], evidence=("never_taken",))
    assert rules(run(), risks=(nobody,), of=project(appetite=OPEN, thresholds=())) == ["nothing-assessed"]
    assert rules(of=project(appetite=OPEN), risks=(QUIET,)) == [
        "nothing-assessed", "not-within-appetite", "threshold-not-met"
    ]  # fmt: skip


def _catalog():
    from tests.example_rows import catalog

    return catalog()


def test_a_project_nobody_asked_about_does_not_shut_the_gate_and_one_nobody_knows_does():
    built = build(run(0.5, 0.6), of=project(appetite=OPEN))
    assert register.narrow(built, gate="ci", projects=["p"]).reasons
    other = register.narrow(built, gate="ci", projects=["q"])
    assert [r.rule for r in other.reasons] == ["nothing-assessed"]


def test_a_damaged_record_shuts_the_gate_for_whatever_is_asked():
    built = build(run(), of=project(appetite=OPEN), damaged=["p/bias_audit/x/evidence.json: was changed"])
    assert [r.rule for r in register.narrow(built, gate="ci", projects=["p"]).reasons] == ["record-damaged"]
    assert [r.subject for r in built.projects[0].remarks if r.id == "evidence-missing"] == ["records"]


def test_a_failed_run_of_something_no_risk_asks_for_shuts_the_gate():
    other = (run(assessment="b", days_ago=3, taken=(measurement(0, 1, measure="other"),)),
             run(assessment="b", status="failed"))  # fmt: skip
    assert rules(run(), *other, of=project(appetite=OPEN)) == ["run-failed"]
    dropped = project(appetite=OPEN, assessments={"bias_audit": {}})
    assert rules(run(), *other, of=dropped) == []


def test_a_first_run_that_failed_is_a_reason_although_nothing_is_known_of_its_measures():
    assert rules(run(status="failed"), of=project(appetite=OPEN)) == ["run-failed", "not-measured"]


def test_reasons_come_in_the_order_of_their_weight():
    built = build(
        run(0.5, 0.6),
        damaged=["x"],
        of=project(appetite=OPEN, decisions=[decision(subject={"risk": "gone"})]),
    )
    assert [r.rule for r in built.reasons] == [
        "record-damaged", "not-within-appetite", "decision-orphaned", "release-not-approved"
    ]  # fmt: skip


def test_an_acceptance_opens_what_it_is_about_and_nothing_else():
    of = signed(run(0.5, 0.6), of=project(appetite=OPEN))
    assert rules(run(0.5, 0.6), of=of) == []
    two = (risk(), risk("other"))
    assert rules(
        run(0.5, 0.6), of=signed(run(0.5, 0.6), of=project(appetite=OPEN), risks=two), risks=two
    ) == ["not-within-appetite"]


def test_a_waiver_does_not_accept_a_level_above_appetite():
    of = signed(of=project(appetite=SHUT), kind="waive_check")
    assert "not-measured" in rules(of=of)
    assert not entry(of=of).passes
    assert entry(of=signed(of=project(appetite=OPEN), kind="waive_check")).passes


@pytest.mark.parametrize(
    ("taken", "kind", "passes"),
    [
        ((0.5, 0.6), "accept", True),
        ((0.5, 0.6), "waive_check", False),
        (None, "waive_check", True),
        (None, "accept", False),
    ],
)
def test_a_threshold_beside_the_risks_is_covered_by_a_decision_about_it(taken, kind, passes):
    beside = Threshold(measure="answer_rate", at_least=0.9)
    of = project(appetite=OPEN, thresholds=(*project().profile.thresholds, beside))
    answer = (measurement(*taken, measure="answer_rate", segment=""),) if taken else ()
    evidence = run(taken=(measurement(0.9, 0.95), *answer))
    of = signed(evidence, of=of, kind=kind, subject={"threshold": "answer_rate"})
    assert (rules(evidence, of=of) == []) is passes


def test_a_release_needs_an_approval_of_this_very_version():
    of = project(appetite=OPEN)
    assert rules(run(), of=of) == []
    assert rules(run(), of=of, gate="release") == ["release-not-approved"]
    approved = signed(run(), of=of, kind="approve_release", subject={"release": "1"})
    assert rules(run(), of=approved, gate="release") == []
    newer = approved.model_copy(update={"profile": approved.profile.model_copy(update={"version": "2"})})
    assert rules(run(), of=newer, gate="release") == ["release-not-approved"]


def test_a_release_is_shut_by_an_overdue_grave_finding_and_by_a_suspension():
    of = signed(run(), of=project(appetite=OPEN), kind="approve_release", subject={"release": "1"})
    late = finding(due="2026-11-19", severity="high")
    assert rules(run(), of=of.model_copy(update={"findings": (late,)}), gate="release") == ["finding-overdue"]
    mild = finding(due="2026-11-19", severity="low")
    assert rules(run(), of=of.model_copy(update={"findings": (mild,)}), gate="release") == []
    stopped = of.model_copy(
        update={"decisions": (*of.decisions, decision("suspend", {"system": True}, basis=None))}
    )
    assert rules(run(), of=stopped, gate="release") == ["system-suspended"]
    assert rules(run(), of=stopped) == []


def finding(**more):
    values = {
        "id": "f", "title": "F", "severity": "high", "status": "open", "observation": "o", "criteria": "c",
        "raised_by": "v", "raised_on": "2026-10-01", "owner": "d", "due": "2026-12-01",
    }  # fmt: skip
    return Finding.model_validate(values | more)


def test_an_accepted_finding_is_open_again_when_its_acceptance_lapses():
    base = project(appetite=OPEN, findings=(finding(status="accepted", due="2026-11-01"),))
    assert [f.id for f in build(run(), of=base).projects[0].open_findings] == ["f"]
    of = signed(run(), of=base, subject={"finding": "f"}, expires_on="2026-11-20")
    assert build(run(), of=of).projects[0].open_findings == ()
    later = build(run(), of=of, as_of=date(2026, 11, 21))
    assert "finding-overdue" in [r.rule for r in later.reasons]
    graver = of.model_copy(
        update={"findings": (finding(status="accepted", due="2026-11-01", severity="critical"),)}
    )
    assert [s.state for s in build(run(), of=graver).projects[0].decisions] == ["outdated"]


def test_what_would_open_the_gate_is_explained():
    built = build(run(0.7, 0.9), of=project(appetite=OPEN, controls=[control()]))
    lines = list(register.explain(built))
    assert lines[0] == "p/bias: does not pass"
    text = "\n".join(lines)
    assert "at least 0.8: met at 0.7 or below" in text
    assert "control c: declared strong, credited weak" in text
    assert "to open: treat the risk until it is met and within appetite, or accept it" in text


# as files


HOSTILE = "<b>]]>&\x01\x0b\ufffe\u202e [x](javascript:1) | ="


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(templates=tmp_path, site=tmp_path, records=tmp_path, cache=tmp_path)


def shut_register(text: str = "x"):
    taken = [run(0.5, 0.6, assessment="b"), run(days_ago=3), run(status="failed")]
    quiet = risk("quiet", evidence=(), not_measurable_reason="r" + text)
    return build(*taken, of=project(name="n" + text), risks=(risk(), quiet), damaged=["d" + text])


def open_register():
    return register.narrow(build(run(), of=project(appetite=OPEN)), gate="ci")


@pytest.mark.parametrize("built", [shut_register(), shut_register(HOSTILE), open_register()])
def test_sarif_validates_against_its_schema(tmp_path, sources, built):
    (path,) = exporters.get("sarif")(built, tmp_path / "out", sources=sources)
    schema = json.loads((DATA / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(document)
    results = document["runs"][0]["results"]
    assert sum(r["level"] == "error" for r in results) == len(built.reasons)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in results)


def test_the_sarif_schema_refuses_what_is_no_sarif():
    schema = json.loads((DATA / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{"results": []}]}, schema)


@pytest.mark.parametrize("built", [shut_register(), shut_register(HOSTILE), open_register()])
def test_junit_validates_against_its_schema(tmp_path, sources, built):
    xmlschema = pytest.importorskip("xmlschema")
    (path,) = exporters.get("junit")(built, tmp_path / "out", sources=sources)
    xmlschema.XMLSchema(DATA / "junit-10.xsd").validate(str(path))


def test_junit_has_a_case_for_every_risk_and_a_failure_for_every_reason(tmp_path, sources):
    built = shut_register(HOSTILE)
    (path,) = exporters.get("junit")(built, tmp_path / "out", sources=sources)
    root = ET.parse(path).getroot()
    suite = root.find("testsuite[@name='p']")
    assert [case.get("name") for case in suite][:2] == ["bias", "quiet"]
    bad = root.findall(".//failure") + root.findall(".//error")
    assert len(bad) == len(built.reasons)
    assert (suite.get("failures"), suite.get("errors")) == ("2", "2")
    assert root.find("testsuite[@name='register']/testcase/error").get("type") == "record-damaged"


def test_junit_of_nothing_at_all_is_a_failure_and_never_an_empty_success(tmp_path, sources):
    built = register.narrow(build(run()), gate="ci", projects=[])
    (path,) = exporters.get("junit")(built, tmp_path / "out", sources=sources)
    assert len(ET.parse(path).getroot().findall(".//failure")) == 1


def test_markdown_says_open_or_shut_and_holds_no_markup_of_others(tmp_path, sources):
    (path,) = exporters.get("markdown")(shut_register(HOSTILE), tmp_path / "out", sources=sources)
    text = path.read_text(encoding="utf-8")
    assert "**Shut**" in text
    assert "<b>" not in text
    assert "](" not in text
    assert all(line.count("|") == 6 for line in text.splitlines() if line.startswith("|"))
    (path,) = exporters.get("markdown")(open_register(), tmp_path / "open", sources=sources)
    assert "**Open**: 1 risk looked at" in path.read_text(encoding="utf-8")


def test_the_gate_reads_no_file_and_no_clock():
    assert not {"os", "time", "pathlib"} & set(vars(sys.modules["riskkit.register.gate"]))

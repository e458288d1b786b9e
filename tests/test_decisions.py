"""Decisions: read strictly, drafted with their basis, and standing only while what they rest on stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from riskkit import profiles, register
from riskkit.errors import InputError
from riskkit.model import DecisionState, DecisionType, Matrix, Revocation, Subject, Vocabulary
from tests.example_rows import (
    DAY,
    GRID,
    OWNED,
    build,
    control,
    decision,
    entry,
    grid,
    measurement,
    project,
    risk,
    run,
    signed,
)
from tests.test_gate import finding

OPEN = {"fairness": "critical"}


def states(*evidence, of, **more):
    return [s.state.value for s in build(*evidence, of=of, **more).projects[0].decisions]


def why(*evidence, of, **more):
    return build(*evidence, of=of, **more).projects[0].decisions[0].why


# standing


def test_an_acceptance_holds_on_what_it_was_made_on():
    of = signed(run(0.5, 0.6))
    assert states(run(0.5, 0.6), of=of) == ["valid"]
    assert why(run(0.5, 0.6), of=of) == "until 2027-02-01"


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2027-01-01", "valid"),
        ("2027-01-02", "expiring"),
        ("2027-02-01", "expiring"),
        ("2027-02-02", "expired"),
    ],
)
def test_it_expires_after_its_last_day_and_says_so_thirty_days_before(day, state):
    of = signed(
        run(0.5, 0.6, valid_days=365),
        of=project(tier={"exposure": 1, "purpose": 1, "autonomy": "inform", "why": "x"}),
    )
    assert states(run(0.5, 0.6, valid_days=365), of=of, as_of=date.fromisoformat(day)) == [state]


def test_an_expired_acceptance_reopens_the_risk_by_itself():
    of = signed(run(0.5, 0.6), of=project(appetite=OPEN), expires_on="2026-11-20")
    assert entry(run(0.5, 0.6), of=of).passes
    later = entry(run(0.5, 0.6), of=of, as_of=date(2026, 11, 21))
    assert not later.passes
    assert later.why[0] == "reopened: accept 2026-11-01-accept is expired: expired on 2026-11-20"


CHANGES = {
    "other figures": ([run(0.51, 0.6)], {}, {"evidence"}),
    "another verdict": ([run(0.7, 0.9)], {}, {"row", "evidence"}),
    "no evidence": ([], {}, {"row", "evidence"}),
    "a threshold moved": (None, {"thresholds": (OWNED.model_copy(update={"at_least": 0.81}),)}, {"thresholds"}),
    "another owner of it": (None, {"thresholds": (OWNED.model_copy(update={"owner": "x"}),)}, {"thresholds"}),
    "another appetite": (None, {"appetite": {"fairness": "high"}}, {"row"}),
    "rated by the owner": (None, {"risks": {"bias": {"inherent": {"likelihood": 4, "impact": 4}, "why": "w",
                                                     "rated_by": "o", "rated_on": "2026-01-01"}}}, {"row"}),
    "a control more": (None, {"controls": [control(evidence=[])]}, {"row"}),
    "an open finding": (None, {"findings": (finding(risks=["bias"]),)}, {"row"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_it_rests_on_outdates_it_and_is_named_with_both_digests(name):
    evidence, more, parts = CHANGES[name]
    before = run(0.5, 0.6)
    made = signed(before, of=project(appetite=OPEN)).decisions
    changed = project(**({"appetite": OPEN} | more), decisions=made)
    shown = build(*(evidence if evidence is not None else [before]), of=changed).projects[0]
    (standing,), now = shown.decisions, shown.entries[0].basis
    assert standing.state is DecisionState.OUTDATED
    then = made[0].basis
    assert {text.split(" ")[0] for text in standing.why.split("; ")} == parts
    for part in parts:
        told = f"{part} changed since: sha256 {getattr(then, part)} then, {getattr(now, part)} now"
        assert told in standing.why
    assert not shown.entries[0].passes
    assert any(reason.file == "projects/p/decisions/2026-11-01-accept.yml" for reason in shown_reasons(shown))


def shown_reasons(shown):
    return register.gate.reasons([shown], damaged=(), as_of=DAY)


def test_one_cell_of_the_matrix_outdates_it():
    of = signed(run(0.5, 0.6))
    other = grid("low low low medium medium", *(" ".join(row) for row in GRID.rows[1:]))
    assert why(run(0.5, 0.6), of=of, matrix=other).startswith("matrix changed since")


@pytest.mark.parametrize(
    ("evidence", "more"),
    [
        ([run(0.5, 0.6, days_ago=0)], {}),
        ([run(0.5, 0.6, days_ago=5), run(0.5, 0.6)], {}),
        ([run(0.5, 0.6)], {"stage": "validation", "note": "x"}),
        ([run(0.5, 0.6)], {"findings": (finding(),)}),
        ([run(0.5, 0.6), run(assessment="other", taken=(measurement(0, 1, measure="else"),))], {}),
    ],
)
def test_what_it_does_not_rest_on_leaves_it_valid(evidence, more):
    made = signed(run(0.5, 0.6), of=project(appetite=OPEN)).decisions
    assert states(*evidence, of=project(appetite=OPEN, decisions=made, **more)) == ["valid"]


def test_a_decision_of_tomorrow_does_not_count_today():
    of = signed(run(0.5, 0.6), decided_on="2026-11-21")
    assert states(run(0.5, 0.6), of=of) == ["not_yet"]
    assert states(run(0.5, 0.6), of=of, as_of=date(2026, 11, 21)) == ["valid"]


@pytest.mark.parametrize("outcome", ["rejected", "deferred"])
def test_what_was_not_granted_does_not_hold(outcome):
    assert states(run(0.5, 0.6), of=signed(run(0.5, 0.6), outcome=outcome)) == ["not_granted"]


def test_a_revoked_decision_ends_on_its_day_and_opens_nothing():
    back = Revocation(by="a", on=date(2026, 11, 20), why="we were wrong")
    of = signed(run(0.5, 0.6), of=project(appetite=OPEN), revoked=back.model_dump())
    assert why(run(0.5, 0.6), of=of) == "revoked by a on 2026-11-20: we were wrong"
    assert not entry(run(0.5, 0.6), of=of).passes
    assert states(run(0.5, 0.6, days_ago=9), of=of, as_of=date(2026, 11, 19)) == ["valid"]


def test_a_condition_that_is_not_kept_ends_the_decision():
    more = {"outcome": "approved_with_conditions", "conditions": [{"text": "fix it", "due": "2026-11-19"}]}
    assert why(run(0.5, 0.6), of=signed(run(0.5, 0.6), **more)) == "condition not kept by 2026-11-19: fix it"
    done = {"conditions": [{"text": "fix it", "due": "2026-11-19", "done_on": "2026-11-10"}]}
    assert states(run(0.5, 0.6), of=signed(run(0.5, 0.6), **(more | done))) == ["valid"]


def test_a_decision_about_what_is_gone_is_orphaned_and_shuts_the_gate():
    gone = [decision(subject={"risk": "gone"}, id="a"), decision("approve_threshold", {"threshold": "gone"}, id="b"),
            decision("close_finding", {"finding": "gone"}, id="c")]  # fmt: skip
    of = project(appetite=OPEN, decisions=gone)
    assert states(run(), of=of) == ["orphaned"] * 3
    assert [r.rule for r in build(run(), of=of).reasons if r.gate == "ci"] == ["decision-orphaned"] * 3


def test_a_decision_that_names_an_earlier_one_takes_its_place():
    first = signed(run(0.5, 0.6), id="first").decisions
    of = signed(
        run(0.5, 0.6), of=project(decisions=first), id="second", decided_on="2026-11-02", supersedes="first"
    )
    assert states(run(0.5, 0.6), of=of) == ["valid", "superseded"]
    assert states(run(0.5, 0.6, days_ago=30), of=of, as_of=date(2026, 11, 1)) == ["not_yet", "valid"]


@pytest.mark.parametrize(("outcome", "passes"), [("rejected", False), ("deferred", True)])
def test_a_later_no_ends_an_earlier_yes_and_a_later_perhaps_does_not(outcome, passes):
    yes = signed(run(0.5, 0.6), of=project(appetite=OPEN), id="yes")
    of = signed(run(0.5, 0.6), of=yes, id="later", decided_on="2026-11-10", outcome=outcome)
    assert entry(run(0.5, 0.6), of=of).passes is passes


def test_a_revoked_successor_does_not_bring_the_earlier_decision_back():
    yes = signed(run(0.5, 0.6), of=project(appetite=OPEN), id="yes")
    back = {"by": "a", "on": "2026-11-15", "why": "x"}
    of = signed(run(0.5, 0.6), of=yes, id="later", decided_on="2026-11-10", revoked=back)
    assert states(run(0.5, 0.6), of=of) == ["revoked", "superseded"]
    assert not entry(run(0.5, 0.6), of=of).passes


def test_an_approval_of_a_threshold_ends_when_the_threshold_changes():
    of = signed(run(), kind="approve_threshold", subject={"threshold": "ratio"})
    shown = build(run(), of=of).projects[0]
    assert shown.approval("ratio").state is DecisionState.VALID
    assert states(run(0.5, 0.6), of=of) == ["valid"], "figures are no part of it"
    moved = OWNED.model_copy(update={"at_least": 0.81})
    changed = build(run(), of=project(thresholds=(moved,), decisions=of.decisions)).projects[0]
    assert changed.approval("ratio").state is DecisionState.OUTDATED


def test_an_override_changes_the_level_and_the_computed_one_stays_beside_it():
    of = signed(run(), of=project(appetite={"fairness": "low"}), kind="override_rating")
    row = entry(run(), of=of)
    assert (row.residual, row.override, row.level, row.within_appetite) == ("high", "low", "low", "yes")
    assert row.passes
    assert row.why[0] == "residual high was overridden to low by decision"
    breached = signed(run(0.5, 0.6), of=project(appetite={"fairness": "low"}), kind="override_rating")
    assert not entry(run(0.5, 0.6), of=breached).passes, "an override makes no breach good"


def test_the_day_to_look_again_is_the_first_end_of_a_decision_in_force_or_the_review():
    assert entry(run(), of=project()).review_due == date(2027, 1, 1)
    assert entry(run(), of=signed(run(), expires_on="2026-12-01")).review_due == date(2026, 12, 1)


def test_decisions_that_only_treat_a_risk_open_no_gate():
    for kind in ("mitigate", "transfer", "avoid"):
        assert not entry(run(0.5, 0.6), of=signed(run(0.5, 0.6), of=project(appetite=OPEN), kind=kind)).passes


# reading


SIGNED = """\
type: accept
subject: {risk: bias}
requested_by: o
decided_by: a
decided_on: 2026-11-01
outcome: approved
rationale: because
expires_on: 2027-02-01
basis:
""" + "".join(f"  {part}: {'0' * 64}\n" for part in ("row", "evidence", "thresholds", "matrix"))
PROFILE = """\
id: p
name: P
version: "1"
purpose: x
kind: predictive
stage: production
tier: {exposure: 5, purpose: 1, autonomy: inform, why: x}
roles: {owner: o, developer: d, validator: v, approver: a}
matrix: grid
review: {next_due: 2027-01-01}
thresholds:
  - {measure: ratio, at_least: 0.8}
risks:
  bias: {inherent: {likelihood: 2, impact: 2}, why: w, rated_by: o, rated_on: 2026-01-01}
"""
THREE = grid("low low medium", "low medium high", "medium high critical")


def read(tmp_path: Path, files: dict[str, str], *, matrix: Matrix = GRID) -> list[str]:
    """The problems of a project of tier 3 (unless a profile is given) that holds these files."""
    folder = tmp_path / "p"
    for name, text in ({"profile.yml": PROFILE.replace("exposure: 5", "exposure: 1")} | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    known = profiles.Known(
        vocabulary=Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={}),
        risks={"bias"}, measures={"ratio"}, matrices={"grid": matrix}, notebooks=(), requirements=(), targets={},
    )  # fmt: skip
    try:
        profiles.read_all(tmp_path, known=known)
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("requested_by: o", 'requested_by: ""', "3: requested_by: is empty (write a few words)"),
        ("decided_by: a", 'decided_by: ""', "4: decided_by: is empty (write a few words)"),
        ("decided_by: a", "decided_by: o", "4: decided_by: 'o' is requested_by too (another person must decide)"),
        ("decided_by: a", "decided_by: a\nsecond_decider: a",
         "5: second_decider: 'a' decides or asks already (name a third person)"),
        ("outcome: approved", "outcome: aproved", "6: outcome: 'aproved' is not an allowed value (one of approved,"),
        ("outcome: approved", "outcome: approved_with_conditions",
         "1: conditions: is empty, and the outcome is approved_with_conditions"),
        ("expires_on: 2027-02-01\n", "",
         "1: expires_on: is missing (a decision of type accept holds only until a date)"),
        ("expires_on: 2027-02-01", "expires_on: 2026-11-01",
         "8: expires_on: 2026-11-01 is not after decided_on 2026-11-01"),
        ("expires_on: 2027-02-01", "expires_on: 2027-11-02",
         "8: expires_on: lies 366 days after decided_on (at most 365 in tier 3)"),
        ("type: accept", "type: acept", "1: type: 'acept' is not an allowed value"),
        ("type: accept", "type: approve_release", "2: subject: a decision of type approve_release is about a release"),
        ("{risk: bias}", "{risk: bias, finding: f}", "2: subject: name exactly one subject"),
        ("{risk: bias}", "{}", "2: subject: name exactly one subject"),
        ("type: accept", "type: override_rating", "1: rating: goes with override_rating, which needs it"),
        ("rationale: because", "rationale: because\nrating: {likelihood: 1, impact: 1}",
         "8: rating: goes with override_rating"),
        ("rationale: because", "rationale: because\nsupersedes: x", "8: supersedes: there is no decision 'x'"),
        ("rationale: because", "rationale: because\nsupersedes: d", "8: supersedes: d is not an earlier decision"),
        ("rationale: because", "rationale: because\nid: x", "8: id: is not the file's name (id: d)"),
        ("rationale: because", "rationale: because\nsinged: yes", "8: singed: is not a known field"),
        (f"  evidence: {'0' * 64}\n", "", "9: basis: has no digest of evidence (riskkit decide fills it in)"),
        (f"  evidence: {'0' * 64}\n", "  evidence: 123\n", "11: basis.evidence: a number 123 stands where text"),
        (SIGNED[SIGNED.index("basis:"):], "", "1: basis: has no digest of row, evidence, thresholds, matrix"),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_count_is_refused_with_its_line(tmp_path, old, new, problem):
    assert old in SIGNED
    (found,) = read(tmp_path, {"decisions/d.yml": SIGNED.replace(old, new, 1)})
    assert found.startswith(f"projects/p/decisions/d.yml:{problem}")


def test_the_decision_those_faults_are_put_into_is_accepted(tmp_path):
    assert read(tmp_path, {"decisions/d.yml": SIGNED}) == []


def test_every_fault_of_a_decision_is_told_at_once(tmp_path):
    text = SIGNED.replace("requested_by: o", 'requested_by: ""').replace("outcome: approved", "outcome: fine")
    found = read(tmp_path, {"decisions/d.yml": text.replace("2026-11-01", "yesterday")})
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in found] == ["3", "5", "6"]


def test_tier_one_asks_for_a_second_person_and_a_shorter_term(tmp_path):
    found = read(tmp_path, {"profile.yml": PROFILE, "decisions/d.yml": SIGNED})
    assert found == [
        "projects/p/decisions/d.yml:1: second_decider: is missing (tier 1 needs two for accept)",
        "projects/p/decisions/d.yml:8: expires_on: lies 92 days after decided_on (at most 90 in tier 1)",
    ]


def test_a_decision_takes_the_place_only_of_one_about_the_same(tmp_path):
    other = SIGNED.replace("{risk: bias}", "{risk: other}").replace("2026-11-01", "2026-10-01")
    later = SIGNED.replace("rationale: because", "rationale: because\nsupersedes: c")
    found = read(tmp_path, {"decisions/c.yml": other, "decisions/d.yml": later})
    assert found == ["projects/p/decisions/d.yml:8: supersedes: c is about other (this one is about bias)"]


def test_a_file_that_would_be_passed_over_is_named(tmp_path):
    found = read(tmp_path, {"decisions/d.yaml": SIGNED, "decisions/README.md": "x", "findings/f.txt": "x"})
    assert found == [
        "projects/p/decisions/d.yaml: is not read (call it d.yml)",
        "projects/p/findings/f.txt: is not read (call it f.yml)",
    ]


def test_ratings_outside_the_matrix_are_refused_with_their_line(tmp_path):
    profile = PROFILE.replace("{likelihood: 2, impact: 2}", "{likelihood: 4, impact: 2}")
    override = SIGNED.replace("type: accept", "type: override_rating\nrating: {likelihood: 1, impact: 5}")
    files = {"profile.yml": profile.replace("exposure: 5", "exposure: 1"), "decisions/d.yml": override}
    assert read(tmp_path, files, matrix=THREE) == [
        "projects/p/decisions/d.yml:2: rating.impact: 5 is outside the scale of grid (1 to 3)",
        "projects/p/profile.yml:14: risks.bias.inherent.likelihood: 4 is outside the scale of grid (1 to 3)",
    ]
    assert read(tmp_path, files) == []


FINDING = """\
title: F
severity: high
status: closed
risks: [bias]
observation: o
criteria: c
raised_by: v
raised_on: 2026-10-01
owner: d
due: 2026-12-01
closed_by: v
closed_on: 2026-11-01
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("closed_by: v", "closed_by: d", "11: closed_by: 'd' is the owner (somebody else must close it)"),
        ("closed_by: v\n", "", "1: closed_by: is missing (a closed finding names who closed it)"),
        ("closed_on: 2026-11-01\n", "", "1: closed_on: is missing (a closed finding says when)"),
        (
            "closed_on: 2026-11-01",
            "closed_on: 2026-09-01",
            "12: closed_on: 2026-09-01 is before raised_on 2026-10-01",
        ),
        ("severity: high", "severity: grave", "2: severity: 'grave' is not an allowed value"),
        ("risks: [bias]", "risks: [bais]", "4: risks[0]: there is no risk 'bais' (did you mean 'bias'?)"),
        ("due: 2026-12-01", "due: soon", "10: due: 'soon' is not a date"),
    ],
)
def test_a_finding_that_cannot_be_is_refused_with_its_line(tmp_path, old, new, problem):
    assert read(tmp_path, {"findings/f.yml": FINDING}) == []
    (found,) = read(tmp_path, {"findings/f.yml": FINDING.replace(old, new, 1)})
    assert found.startswith(f"projects/p/findings/f.yml:{problem}")


CONTROLS = """\
controls:
  - id: c
    title: C
    kind: preventive
    status: active
    acts_on: likelihood
    risks: [bias]
    effectiveness: fair
    evidence: [ratio]
    owner: o
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CONTROLS.replace("[bias]", "[bias, bais]"), "7: controls[0].risks[1]: there is no risk 'bais'"),
        (CONTROLS.replace("[ratio]", "[rato]"), "9: controls[0].evidence[0]: there is no measure 'rato'"),
        (CONTROLS + CONTROLS.partition("\n")[2], "11: controls[1].id: 'c' is used twice"),
        (CONTROLS.replace("[bias]", "[]"), "7: controls[0].risks:"),
        (CONTROLS.replace("active", "runing"), "5: controls[0].status: 'runing' is not an allowed value"),
    ],
)
def test_a_control_that_cannot_be_is_refused_with_its_line(tmp_path, text, problem):
    assert read(tmp_path, {"controls.yml": CONTROLS}) == []
    (found,) = read(tmp_path, {"controls.yml": text})
    assert found.startswith(f"projects/p/controls.yml:{problem}")


def test_a_second_threshold_for_a_measure_is_refused_with_both_lines(tmp_path):
    second = """\
  - {measure: ratio, at_least: 0.8}
  - {measure: ratio, segment: sex, at_least: 0.7}
  - {measure: ratio, at_most: 2}
"""
    profile = PROFILE.replace("exposure: 5", "exposure: 1").replace(
        "  - {measure: ratio, at_least: 0.8}\n", second
    )
    (found,) = read(tmp_path, {"profile.yml": profile})
    assert found.startswith(
        "projects/p/profile.yml:14: thresholds[2]: a second threshold for ratio (the first is on line 12)"
    )


# drafting


def draft(kind: str, subject: dict, **more) -> str:
    shown = build(run(0.5, 0.6), of=project(**more)).projects[0]
    about = Subject.model_validate(subject)
    return register.draft(
        shown, about, kind=DecisionType(kind), basis=register.subjects(shown)[about], as_of=DAY
    )


DRAFTS = [
    ("accept", {"risk": "bias"}), ("mitigate", {"risk": "bias"}), ("transfer", {"risk": "bias"}),
    ("avoid", {"risk": "bias"}), ("waive_check", {"threshold": "ratio"}), ("approve_release", {"release": "1"}),
    ("approve_threshold", {"threshold": "ratio"}), ("override_rating", {"risk": "bias"}),
    ("close_finding", {"finding": "f"}), ("suspend", {"system": True}), ("retire", {"system": True}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "subject"), DRAFTS)
def test_a_draft_counts_for_nothing_until_a_person_has_completed_it_and_counts_then(tmp_path, kind, subject):
    text = draft(
        kind,
        subject,
        findings=(finding(),),
        tier={"exposure": 1, "purpose": 1, "autonomy": "inform", "why": "x"},
    )
    lines = text.splitlines()
    blank = {line.partition(":")[0]: number for number, line in enumerate(lines, 1) if '""' in line}
    assert read(tmp_path, {"decisions/d.yml": text}) == []
    (undecided,) = profiles.read_all(tmp_path, known=None)
    (drafted,) = undecided.drafts
    assert (undecided.decisions, drafted.file) == ((), "projects/p/decisions/d.yml")
    rating = {"rating"} if kind == "override_rating" else set()
    assert set(drafted.open) == blank.keys() | rating
    found = read(tmp_path, {"decisions/d.yml": text.replace('outcome: ""', "outcome: approved")})
    del blank["outcome"]
    told = {line.split(": ")[1]: int(line.split(": ")[0].rsplit(":", 1)[1]) for line in found}
    assert told == {**blank, **({"rating.likelihood": told["rating.likelihood"], "rating.impact": told["rating.impact"]}
                                if kind == "override_rating" else {})}  # fmt: skip
    assert {"requested_by", "decided_by", "rationale"} <= told.keys()
    lines = text.replace('outcome: ""', "outcome: approved").splitlines()
    done = {
        "requested_by": "o",
        "decided_by": "a",
        "rationale": "r",
        "expires_on": "2027-02-01",
    }
    for name, number in blank.items():
        lines[number - 1] = f"{name}: {done[name]}"
    complete = "\n".join(lines).replace("{likelihood: , impact: }", "{likelihood: 1, impact: 1}")
    assert read(tmp_path, {"decisions/d.yml": complete}) == []


def test_there_is_a_draft_for_every_type_of_decision():
    assert {kind for kind, _ in DRAFTS} == set(DecisionType)


def test_a_draft_for_tier_one_leaves_a_place_for_the_second_person():
    top = {"exposure": 5, "purpose": 5, "autonomy": "inform", "why": "x"}
    assert 'second_decider: ""' in draft("accept", {"risk": "bias"}, tier=top)
    assert "2027-02-18 at the latest in tier 1" in draft("accept", {"risk": "bias"}, tier=top)
    assert "second_decider" not in draft("accept", {"risk": "bias"})


def test_a_draft_names_the_decision_whose_place_it_takes():
    made = signed(run(0.5, 0.6), id="first").decisions
    assert "supersedes: first" in draft("accept", {"risk": "bias"}, decisions=made)
    assert "supersedes" not in draft("mitigate", {"risk": "bias"}, decisions=made)


def test_hostile_text_stays_in_the_comments_of_a_draft(tmp_path):
    shown = build(run(0.5, 0.6), of=project(), risks=(risk(title="x\nrevoked: {by: b}\u202e"),)).projects[0]
    about = Subject(risk="bias")
    text = register.draft(
        shown, about, kind=DecisionType.ACCEPT, basis=register.subjects(shown)[about], as_of=DAY
    )
    assert "\nrevoked" not in text
    assert "\u202e" not in text
    assert all("revoked" not in problem for problem in read(tmp_path, {"decisions/d.yml": text}))

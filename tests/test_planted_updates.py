"""The kit finds the planted update and the planted leaks of the demo portfolio, and none where none is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskkit import assess
from riskkit.measures import leakage, updates
from riskkit.model import Measurement, Verdict, judge
from tests.example_demo import generated

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 3)


def watched(case: assess.Case, *, seed: int) -> dict[tuple[str, str], Measurement]:
    """What the update watch measures with the parameters of the profile."""
    given = case.profile.assessments["model_update_watch"].parameters
    sides = [case.samples(target, samples=2, seed=seed) for target in given["versions"]]
    pairs = updates.compare_sides(sides, answers=given["answers"])
    found = [
        updates.accuracy_change(pairs),
        updates.refusal_rate_change(pairs),
        updates.response_mismatch_excess(pairs),
        *updates.magnitude_ratios(pairs),
    ]
    return {(m.measure, m.segment): m for m in found}


def leaked(case: assess.Case, *, seed: int) -> dict[tuple[str, str], Measurement]:
    """What the search for leaks measures with the parameters of the profile."""
    given = case.profile.assessments["data_leakage"].parameters
    answers = [a for target in given["items"] for a in case.samples(target, samples=1, seed=seed)]
    corpus = [text for target, column in given["corpora"].items() for text in case.rows(target)[column]]
    tables = {name: case.rows(name) for name in given["parts"]}
    known = leakage.Columns(**given["columns"])
    found = [
        *leakage.contaminated_item_share(leakage.contaminated(answers, corpus)),
        *leakage.shared(tables, columns=known, ignore=[]),
        *leakage.leaks(tables, columns=known, ignore=[], seed=seed),
        *leakage.gaps(tables, columns=known),
    ]
    return {(m.measure, m.segment): m for m in found}


def verdicts(case: assess.Case, found: dict[tuple[str, str], Measurement]) -> dict[tuple[str, str], Verdict]:
    """What the project's thresholds say of the measurements that have one."""
    return {
        key: judge(m, bound).verdict
        for key, m in found.items()
        if (bound := case.threshold(m.measure, m.segment))
    }


def covers(m: Measurement, truth: float) -> bool:
    assert m.low is not None
    assert m.high is not None
    return m.low <= truth <= m.high


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_update_is_found(tmp_path: Path, seed: int) -> None:
    case, truths = generated(tmp_path, "medical-triage", "model_update_watch", seed=seed)
    found = watched(case, seed=seed)
    urgent = sum(s.reference == "urgent" for s in case.samples("transcripts_v2", samples=1, seed=seed))
    share = urgent / len(case.samples("transcripts_v2", samples=1, seed=seed))
    later = (truths["understated_v2_male"] + truths["understated_v2_female"]) / 2
    assert covers(found["accuracy_change", ""], -share * (later - truths["understated_v1"]))
    said = verdicts(case, found)
    assert said["accuracy_change", ""] == said["length_ratio", ""] == Verdict.BREACHED
    assert said["refusal_rate_change", ""] == Verdict.MET
    assert found["response_mismatch_excess", ""].low > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_leaks_are_found(tmp_path: Path, seed: int) -> None:
    case, truths = generated(tmp_path, "medical-triage", "model_update_watch", seed=seed)
    found = leaked(case, seed=seed)
    assert found["split_overlap_share", "test in training"].value == pytest.approx(
        truths["split_overlap_share"]
    )
    rule = found["contaminated_item_share", "8-gram 70 %"]
    assert rule.value == pytest.approx(truths["contaminated_item_share"], abs=0.02)
    assert covers(found["train_validation_gap", "training against test"], truths["train_validation_gap"])
    breached = {key for key, verdict in verdicts(case, found).items() if verdict == Verdict.BREACHED}
    assert {
        ("contaminated_item_share", ""),
        ("split_overlap_share", "test in training"),
        ("group_overlap_share", "test in training"),
        ("target_leakage_auc", "ward"),
    } <= breached
    assert not {("target_leakage_auc", name) for name in ("age", "oxygen", "pain", "heart_rate")} & breached


@pytest.mark.parametrize("seed", SEEDS)
def test_where_nothing_is_planted_no_update_and_no_leak_is_found(tmp_path: Path, seed: int) -> None:
    case, _ = generated(tmp_path, "medical-triage", "model_update_watch", seed=seed, faults=False)
    found = watched(case, seed=seed) | leaked(case, seed=seed)
    assert Verdict.BREACHED not in verdicts(case, found).values()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_control_shows_no_update_and_no_leak_and_all_of_it_is_met(tmp_path: Path, seed: int) -> None:
    case, _ = generated(tmp_path, "support-router", "model_update_watch", seed=seed)
    found = watched(case, seed=seed) | leaked(case, seed=seed)
    said = verdicts(case, found)
    assert len(said) > 8
    assert set(said.values()) == {Verdict.MET}

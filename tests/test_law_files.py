"""A framework is one file: what is wrong with it is told at once, each fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskkit import catalog
from riskkit.errors import InputError, Problem

pytestmark = pytest.mark.slow

GOOD = """\
title: Straws Act
citation: Act 1 of 2026
status_date: 2026-11-20
sources: [the act]
requirements:
  - id: STRAWS-1
    title: Count them
    citation: s. 1
    requirement: Count straws.
    applies_when: {role: [deployer], jurisdiction: [eu]}
    applies_from: 2026-01-01
    related: [GDPR-ART35]
    relations: {GDPR-ART35: superset}
    topics: [impact_assessment]
    evidence_expected:
      - {type: metric, what: rate, measure: selection_rate_ratio}
"""
BROKEN = """\
title: Straws Act
citation: Act 1 of 2026
status_date: 2026-11-20
sources: [the act]
milestones:
  - {date: 2026-01-01, what: starts, requirements: [STRAWS-9]}
requirements:
  - id: STRAWS-1
    title: Count them
    citation: s. 1
    requirement: Count straws.
    status: inforce
    superseded_by: GDPR-ART350
    applies_when:
      role: [deployr]
      jurisdiction: [mars]
      flags_all: [is_ai_systm]
    related: [GDPR-ART35x]
    relations: {GDPR-ART36: equal}
    topics: [impact_assesment]
    evidence_expected:
      - {type: metric, what: rate, measure: selection_rate_ration}
      - {type: document, what: paper, measure: selection_rate_ratio}
  - id: GDPR-ART35
    title: Same id
    citation: s. 2
    requirement: Again.
"""


def problems(folder: Path, **files: str) -> list[Problem]:
    (folder / "regulations").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"regulations/{name}.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        catalog.load(folder)
    return list(caught.value.problems)


def test_a_framework_is_added_by_one_file(tmp_path: Path) -> None:
    (tmp_path / "regulations").mkdir()
    (tmp_path / "regulations/straws.yml").write_text(GOOD, encoding="utf-8")
    found = catalog.load(tmp_path)
    assert found.regulations["straws"].requirements[0].relations == {"GDPR-ART35": "superset"}
    assert len(found.requirements) == len(catalog.load().requirements) + 1


def test_every_fault_of_a_file_is_told_with_its_line_and_what_would_be_right(tmp_path: Path) -> None:
    found = {p.line: (p.what, p.right) for p in problems(tmp_path, straws=BROKEN)}
    assert {p.file for p in problems(tmp_path, straws=BROKEN)} == {"catalog/regulations/straws.yml"}
    assert found[6] == ("there is no requirement of this file 'STRAWS-9'", "did you mean 'STRAWS-1'?")
    assert found[12] == ("there is no status 'inforce'", "did you mean 'in_force'?")
    assert found[13][0] == "there is no requirement 'GDPR-ART350'"
    assert found[15] == ("there is no role 'deployr'", "did you mean 'deployer'?")
    assert found[16][0] == "there is no jurisdiction 'mars'"
    assert found[17] == ("there is no flag 'is_ai_systm'", "did you mean 'is_ai_system'?")
    assert found[18] == ("there is no requirement 'GDPR-ART35x'", "did you mean 'GDPR-ART35'?")
    assert found[19][0] == "there is no related requirement 'GDPR-ART36'"
    assert found[20] == ("there is no topic 'impact_assesment'", "did you mean 'impact_assessment'?")
    assert found[22] == (
        "there is no measure 'selection_rate_ration'",
        "did you mean 'selection_rate_ratio'?",
    )
    assert found[23] == ("a document has no measure", "type: metric")
    assert found[24][0] == "'GDPR-ART35' is used twice (first in catalog/regulations/gdpr.yml)"
    assert len(found) == 12


def test_unknown_keys_and_dangling_names_of_two_files_are_told_together(tmp_path: Path) -> None:
    misspelt = GOOD.replace("    title: Count", "    titel: Count")
    other = GOOD.replace("STRAWS-1", "STRAWS-2").replace("[deployer]", "[deploier]")
    found = {(p.file[-10:], p.line, p.what) for p in problems(tmp_path, straws=misspelt, others=other)}
    assert ("straws.yml", 7, "is not a known field") in found
    assert ("others.yml", 10, "there is no role 'deploier'") in found
    assert all("GDPR" not in what for _, _, what in found)


def test_file_that_is_no_yaml_raises_no_false_alarm_about_others(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, gdpr="title: [unclosed\n")
    assert problem.file == "catalog/regulations/gdpr.yml"
    assert "is not YAML" in problem.what

"""The demo portfolio shows decisions in several states, each following from its file and the day."""

from datetime import date
from pathlib import Path

import pytest

from riskkit import register
from riskkit.cli.workspace import Workspace
from riskkit.model import DecisionState

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("day", "project", "state"),
    [
        ("2026-11-20", "insurance-claims", DecisionState.VALID),
        ("2027-03-31", "insurance-claims", DecisionState.EXPIRING),
        ("2027-04-01", "insurance-claims", DecisionState.EXPIRED),  # its condition was due the day before
        ("2026-11-20", "medical-triage", DecisionState.EXPIRED),
        ("2026-05-10", "medical-triage", DecisionState.VALID),
    ],
)
def test_the_state_of_a_demo_decision_follows_from_the_day(day, project, state):
    workspace = Workspace(ROOT)
    catalog, projects = workspace.read([project])
    built = register.build(projects, catalog, (), as_of=date.fromisoformat(day), kit_version="0")
    assert [s.state for s in built.projects[0].decisions] == [state]

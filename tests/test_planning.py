"""What would run, why, and on which machine, said without starting anything."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from riskkit.cli import main
from riskkit.model import Plan

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


class Portfolio:
    """Two projects with four notebooks, and the command line run in it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        patch.syspath_prepend(BENCHMARKS)
        importlib.import_module("_portfolio").make(root, projects=2, notebooks=4)
        patch.chdir(root)
        self.root, self._patch, self._capsys = root, patch, capsys

    def riskkit(self, *words: str) -> tuple[int, str, str]:
        self._patch.setattr("sys.argv", ["riskkit", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def plan(self, *words: str) -> Plan:
        code, out, err = self.riskkit("run", "--plan", "--json", *words)
        assert code == 0, err
        return Plan.model_validate_json(out)


@pytest.fixture
def portfolio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Portfolio:
    return Portfolio(tmp_path, monkeypatch, capsys)


def names(plan: Plan) -> list[str]:
    return [f"{p.project}/{p.assessment}" for p in plan.assessments]


def test_the_shards_together_are_the_whole_and_share_nothing(portfolio: Portfolio) -> None:
    whole = names(portfolio.plan())
    parts = [names(portfolio.plan("--shard", f"{number}/3")) for number in (1, 2, 3)]
    assert len(whole) == 8
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert parts == [names(portfolio.plan("--shard", f"{number}/3")) for number in (1, 2, 3)]


def test_what_could_not_run_is_blocked_and_says_why(portfolio: Portfolio) -> None:
    (portfolio.root / "projects/p001/data/b.csv").unlink()
    found = {f"{p.project}/{p.assessment}": (p.state.value, p.why) for p in portfolio.plan().assessments}
    assert [n for n, (state, _) in found.items() if state == "blocked"] == ["p001/check_02", "p001/check_04"]
    assert found["p001/check_02"] == ("blocked", "data/b.csv is not there")
    assert found["p001/check_01"] == ("run", "never run")
    assert "6 to run, 0 fresh, 2 blocked" in portfolio.riskkit("run", "--plan")[1]


def test_the_schema_of_a_plan_is_printed(portfolio: Portfolio) -> None:
    code, out, _ = portfolio.riskkit("schema", "plan")
    assert code == 0
    assert set(json.loads(out)["properties"]) == {"schema_version", "made", "assessments"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--shard", "3/2"), "is not a part of a whole"),
        (("--shard", "x"), "is not a part of a whole"),
        (("--since", "yesterday"), "is not a date"),
        (("--json",), "--json goes with --plan"),
        (("--executor", "dask"), "dask with --scheduler"),
        (("--executor", "spark"), "dask with --scheduler"),
    ],
)
def test_a_command_that_cannot_work_says_what_would(
    portfolio: Portfolio, words: tuple[str, ...], told: str
) -> None:
    code, _, err = portfolio.riskkit("run", *words)
    assert (code, told in err) == (2, True), err


def test_a_scheduler_off_this_machine_must_be_encrypted(portfolio: Portfolio) -> None:
    where = ("--executor", "dask", "--scheduler", "tcp://10.0.0.5:8786")
    code, _, err = portfolio.riskkit("run", *where)
    assert (code, "is not encrypted" in err) == (9, True), err

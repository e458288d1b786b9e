"""Real data with published tables give the published values, through a profile and the command line."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks/published.py"
DATA = Path(__file__).resolve().parents[2] / "shared/data"


@pytest.mark.kernel
@pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data lie beside the checkout, in ../shared/data, and are not there"
)
def test_every_published_value_comes_out() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["all_match"] is True, done.stdout
    assert len(said["tables"]) >= 10


def test_without_the_data_nothing_is_claimed(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"tables": {}, "all_match": None}


def test_every_value_that_is_compared_names_a_measure_and_how_near_ours_must_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    spec = importlib.util.spec_from_file_location("published", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["published"] = module
    spec.loader.exec_module(module)
    values = [value for table in module.TABLES for value in table.values]
    assert len({v.name for v in values}) == len(values)
    assert all(0 < v.within <= 0.1 for v in values)

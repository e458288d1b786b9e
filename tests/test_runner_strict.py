"""An environment that is not the locked one is refused before anything runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from riskkit.errors import EnvironmentProblem
from riskkit.runner.strict import require_locked, unlocked

LOCK = """\
# made by a tool
numpy==2.2.1 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.4.0 ; python_full_version >= '3.12' \\
    --hash=sha256:00
ruamel-yaml==0.18.6 --hash=sha256:00
uvicorn[standard]==0.30.0
"""


def test_each_version_a_lock_names_is_fine_and_so_is_each_way_to_write_a_name() -> None:
    installed = {"numpy": "2.2.1", "ruamel.yaml": "0.18.6", "uvicorn": "0.30.0", "pip": "1", "riskkit": "0"}
    assert list(unlocked(LOCK, installed)) == []
    assert list(unlocked(LOCK, {"numpy": "2.4.0"})) == []


def test_another_version_and_a_package_the_lock_does_not_name_are_told() -> None:
    assert list(unlocked(LOCK, {"numpy": "2.3.0", "litellm": "1.82.7"})) == [
        "litellm 1.82.7 is installed, the lock does not name it",
        "numpy 2.3.0 is installed, the lock says 2.2.1 or 2.4.0",
    ]


def test_a_lock_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"requirements\.lock: No such file.*--strict-env holds"):
        require_locked(tmp_path / "requirements.lock")


@pytest.mark.slow
def test_a_run_in_another_environment_is_refused_with_a_line_for_each_difference(
    tmp_path: Path, checkout: Path
) -> None:
    for folder in ("projects", "notebooks", "records"):
        (tmp_path / folder).mkdir()
    text = (checkout / "requirements.lock").read_text()
    (tmp_path / "requirements.lock").write_text(re.sub(r"(?m)^numpy==\S+", "numpy==1.0.0", text))
    done = subprocess.run(
        [sys.executable, "-m", "riskkit", "run", "--strict-env"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": "/somewhere/else"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 7
    first, *lines = done.stderr.splitlines()
    assert first == "the environment is not the one of requirements.lock; nothing was run:"
    assert any(re.fullmatch(r"numpy \S+ is installed, the lock says 1\.0\.0.*", line) for line in lines)
    assert "PYTHONPATH is set (and not passed to runs)" in lines
    assert list((tmp_path / "records").iterdir()) == []

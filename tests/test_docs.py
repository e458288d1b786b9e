"""What the documents tell people to type works as written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.kernel
def test_the_walk_through_own_decisions_ends_with_a_register_page(tmp_path: Path):
    text = (ROOT / "site/walks/own-decisions.md").read_text(encoding="utf-8")
    script = "set -euo pipefail\n" + "\n".join(BLOCK.findall(text))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the gate is closed: exit 10" in done.stdout
    page = (tmp_path / "my-models/build/site/projects/hiring/index.html").read_text(encoding="utf-8")
    assert "selection_rate_ratio" in page
    assert "breached" in page

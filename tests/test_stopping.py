"""Stopping a portfolio run: it ends at once, leaves nothing running, and goes on where it was."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose only assessment takes two minutes."""
    root = tmp_path / "w"
    subprocess.run([sys.executable, "-m", "riskkit", "init", str(root)], check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-m", "riskkit", "new", "slow"], check=True, capture_output=True, cwd=root
    )
    notebook = root / "notebooks/bias_audit.ipynb"
    text = notebook.read_text(encoding="utf-8")
    assert "case.decisions(target)" in text
    notebook.write_text(
        text.replace("case.decisions(target)", "case.decisions(target); __import__('time').sleep(120)")
    )
    return root


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_until_a_kernel_runs(process: subprocess.Popen[str]) -> list[psutil.Process]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = descendants(process.pid)
        if any("kernel.py" in " ".join(p.cmdline()) for p in found if p.is_running()):
            time.sleep(3)
            return descendants(process.pid)
        time.sleep(0.2)
    raise AssertionError("no kernel came up")


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_a_signal_ends_the_run_and_everything_it_started(workspace, number, code):
    command = [sys.executable, "-m", "riskkit", "run", "--assessment", "bias_audit"]
    process = subprocess.Popen(
        command, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    started = wait_until_a_kernel_runs(process)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    gone, alive = psutil.wait_procs(started, timeout=15)
    assert alive == []
    assert len(gone) >= 2
    assert not (workspace / "records/slow").exists()
    if number != signal.SIGKILL:
        assert "run again to go on" in said
    shutil.copy(ROOT / "notebooks/bias_audit.ipynb", workspace / "notebooks")
    again = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert len(list((workspace / "records/slow/bias_audit").iterdir())) == 1

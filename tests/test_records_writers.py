"""Many writers on one store, and writers that are killed: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskkit.records import Store
from tests.example_records import FILES, evidence

pytestmark = pytest.mark.slow

WRITER = """
import sys
from pathlib import Path
from riskkit.records import Store
from tests.example_records import FILES, evidence
root, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    stored = Store(root).commit(evidence(number, project=name, assessment=f"a{number % 2}"), FILES)
    print(stored.folder, flush=True)
"""


def writer(root: Path, name: str, count: int) -> subprocess.Popen[str]:
    """A process that records ``count`` runs once it is told to start, and says where it put each."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def test_eight_writers_at_once_lose_and_repeat_nothing(tmp_path: Path) -> None:
    writers = [writer(tmp_path, f"w{n}", 6) for n in range(8)]
    for process in writers:
        start(process)
    said = [line for process in writers for line in process.communicate(timeout=120)[0].split()]
    stored = Store(tmp_path).read_all()
    assert stored.damaged == ()
    assert sorted(e.folder for e in stored.evidence) == sorted(said)
    assert len(set(said)) == 48
    assert Store(tmp_path).head().startswith("48:")
    assert Store(tmp_path).unlogged() == ()
    for name in ("a0", "a1"):  # each names the one before it
        chain = [e for e in stored.evidence if (e.project, e.assessment) == ("w3", name)]
        assert [e.previous for e in chain] == [None, *(e.sha256 for e in chain[:-1])]


def test_writers_killed_at_random_instants_leave_a_sound_store(tmp_path: Path) -> None:
    draw, said = random.Random(11), list[str]()
    for number in range(12):
        victims = [writer(tmp_path, f"k{number}{letter}", 1000) for letter in "ab"]
        for process in victims:
            start(process)
        time.sleep(draw.uniform(0.02, 0.4))
        for process in victims:
            process.kill()
            output = process.communicate(timeout=20)[0]
            said += output[: output.rfind("\n") + 1].split()
        store = Store(tmp_path)
        found = [e.folder for e in store.read_all().evidence]
        assert store.verify() == ()
        assert set(said) <= set(found), "an acknowledged record is gone"
        assert len(found) == len(set(found))
        assert len(store.unlogged()) <= 2 * (number + 1)
    assert Store(tmp_path).commit(evidence(), FILES).folder
    assert len(said) > 12

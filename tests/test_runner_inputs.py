"""What runs read, sent to a bucket and laid out where the runs are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from riskkit.errors import StorageError
from riskkit.model.handover import WORKSPACE
from riskkit.remote import Remote, remote
from riskkit.runner import Limits, Task, Tls, cluster, inspect
from riskkit.runner.inputs import Inputs, lay_out, send, sent
from tests.example_records import tree
from tests.test_runner_kernel import tiny

pytestmark = pytest.mark.slow


@pytest.fixture
def there(s3: str, tmp_path: Path) -> Remote:
    return remote(f"{s3}/{tmp_path.name}")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    files = {
        "projects/demo/profile.yml": "id: demo", "projects/demo/data/a.csv": "a\n1\n",
        "projects/demo/copy.csv": "a\n1\n",
        "projects/demo/.env": "KEY=1", "projects/other/data/b.csv": "b\n", "catalog/risks/r.md": "r", "records/x": "x",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "projects/demo/link.csv").symlink_to("/etc/hostname")
    return root


def test_a_projects_files_and_the_catalogue_are_laid_out_elsewhere_and_nothing_else(
    workspace: Path, there: Remote, tmp_path: Path
) -> None:
    inputs = send(workspace, "demo", there=there, known=set())
    root = lay_out(inputs, there=there, folder=tmp_path / "worker")
    assert tree(root) == {
        "catalog/risks/r.md": b"r", "projects/demo/copy.csv": b"a\n1\n", "projects/demo/data/a.csv": b"a\n1\n",
        "projects/demo/profile.yml": b"id: demo",
    }  # fmt: skip


def test_files_are_sent_once_and_a_changed_one_makes_another_folder(
    workspace: Path, there: Remote, tmp_path: Path
) -> None:
    first = send(workspace, "demo", there=there, known=set())
    known = sent(there)
    assert known == set(first.files.values())
    deaf = Remote(there.url, None, there.root)
    assert send(workspace, "demo", there=deaf, known=known) == first
    (workspace / "projects/demo/data/a.csv").write_text("a\n2\n")
    second = send(workspace, "demo", there=there, known=known)
    roots = [lay_out(inputs, there=there, folder=tmp_path / "worker") for inputs in (first, second)]
    assert [(root / "projects/demo/data/a.csv").read_text() for root in roots] == ["a\n1\n", "a\n2\n"]
    assert lay_out(first, there=deaf, folder=tmp_path / "worker") == roots[0], "what is here is not fetched"


@pytest.mark.parametrize(("data", "told"), [(b"other", "is not what was sent"), (None, "is not there")])
def test_what_is_not_what_was_sent_is_not_laid_out(
    workspace: Path, there: Remote, tmp_path: Path, data: bytes | None, told: str
) -> None:
    inputs: Inputs = send(workspace, "demo", there=there, known=set())
    name = f"inputs/{inputs.files['projects/demo/data/a.csv']}"
    there.remove(name) if data is None else there.write(name, data)
    with pytest.raises(StorageError, match=told):
        lay_out(inputs, there=there, folder=tmp_path / "worker")


@pytest.fixture
def worker(s3: str) -> Iterator[Any]:
    """A cluster on this machine whose worker knows the bucket."""
    from distributed import LocalCluster

    alone = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(host="127.0.0.1", **alone) as made:
        yield made


@pytest.mark.kernel
def test_a_run_on_a_worker_reads_what_came_by_the_bucket(
    worker: Any, workspace: Path, there: Remote, tmp_path: Path
) -> None:
    where = f"import os, pathlib; root = pathlib.Path(os.environ[{WORKSPACE!r}]); print(root)"
    read = "top = root / 'projects'; print((top / 'demo/data/a.csv').read_text(), os.listdir(top))"
    task = Task("demo", "tiny", inspect(tiny(tmp_path, where, read)), {"project": "demo"}, workspace)
    with cluster(workspace, worker.scheduler_address, tls=Tls(), slots=0, remote=there) as place:
        outcome, _ = place.run(task, limits=Limits(seconds=300), on_event=lambda _: None, stop=Event())
    assert outcome.ok, outcome.reason
    assert b"a\\n1\\n ['demo']" in outcome.notebook
    assert str(workspace).encode() not in outcome.notebook

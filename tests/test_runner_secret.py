"""A notebook that shows a secret is run, and leaves no record."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskkit.errors import PolicyError
from riskkit.model.secret import Secrets
from riskkit.records import Store
from riskkit.runner import Machine, Task, execute, inspect
from tests.example_records import evidence
from tests.test_runner_kernel import tiny

KEY = "a-key-that-no-one-may-see"
SHOWS = (
    "import os, base64, json, urllib.parse; key = os.environ['MODEL_KEY']\n"
    "print({'plain': key, 'json': json.dumps([key]), 'hex': key.encode().hex(), 'url': urllib.parse.quote(key + '/'),"
    " 'base64': base64.b64encode(b'Bearer ' + key.encode()).decode(), 'repr': repr(key), 'halves': ''}['FORM'])"
)


@pytest.mark.kernel
@pytest.mark.parametrize("form", ["plain", "json", "hex", "url", "base64", "repr", "halves"])
def test_a_shown_secret_leaves_no_record_and_is_not_repeated(tmp_path: Path, form: str) -> None:
    source = SHOWS.replace("FORM", form) + ("\nprint(key[:9])\nprint(key[9:])" if form == "halves" else "")
    task = Task(
        "demo", "tiny", inspect(tiny(tmp_path, source)), {"project": "demo"}, tmp_path, secrets=("MODEL_KEY",)
    )
    outcome = execute(
        task, workdir=tmp_path / "runs", machine=Machine(environ={**os.environ, "MODEL_KEY": KEY})
    )
    assert outcome.ok, outcome.reason
    assert outcome.notebook is not None
    store = Store(tmp_path / "records", secrets=Secrets({"MODEL_KEY": KEY}))
    found = evidence(assessment="tiny").model_copy(update={"conclusion": outcome.conclusion})
    with pytest.raises(PolicyError) as raised:
        store.commit(found, {"notebook.ipynb": outcome.notebook})
    assert raised.value.exit_code == 9
    assert str(raised.value) == (
        "notebook.ipynb: cell 4 gives away the value of MODEL_KEY; nothing was recorded"
    )
    assert not store.root.exists()

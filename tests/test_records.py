"""The store: what goes in comes out, whole, in order, and once."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from riskkit.errors import IntegrityError, PolicyError, StorageError, UsageError
from riskkit.model import Status
from riskkit.model.secret import Secrets
from riskkit.records import Store
from riskkit.records.disk import Disk
from tests.example_records import FILES, NOTEBOOK, NOW, evidence, tree


def test_evidence_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    first = store.commit(evidence(), FILES)
    second = store.commit(evidence(1), FILES)
    third = store.commit(evidence(2, assessment="other"), FILES)
    assert store.read_all().damaged == ()
    assert store.read_all().evidence == (first, second, third)
    assert first.folder.startswith("demo/bias_audit/20261120T120000Z-")
    assert first.folder.endswith(first.sha256[:8])
    assert (first.previous, second.previous, third.previous) == (None, first.sha256, None)
    assert first.conclusion == evidence().conclusion
    assert set(first.files) == {"notebook.ipynb", "groups.csv", "conclusion.json"}
    assert first.files["notebook.ipynb"] == sha256(NOTEBOOK).hexdigest()
    assert store.verify() == ()
    assert store.unlogged() == ()


def test_an_empty_or_missing_store_holds_nothing_and_is_sound(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    assert store.read_all().evidence == ()
    assert store.read_all().damaged == ()
    assert store.verify() == ()
    assert store.head() == "0:" + "0" * 64
    assert not (tmp_path / "records").exists(), "reading must not write"


@pytest.mark.parametrize("status", [Status.FAILED, Status.STOPPED])
def test_a_run_that_did_not_end_well_is_kept_apart_and_in_order(tmp_path: Path, status: Status) -> None:
    store = Store(tmp_path)
    good = store.commit(evidence(), FILES)
    bad = store.commit(evidence(1, status=status, reason='cell 3 "Load": KeyError'), {})
    assert bad.folder.startswith("_failed/demo/bias_audit/")
    assert bad.previous == good.sha256
    assert (tmp_path / bad.folder / "reason.txt").read_text() == 'cell 3 "Load": KeyError'
    assert store.read_all().evidence == (good, bad)
    assert store.commit(evidence(2), FILES).previous == bad.sha256


def test_times_are_only_in_the_envelope(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.commit(evidence(), FILES)
    again = evidence(ended=NOW + timedelta(days=1), started=NOW + timedelta(hours=5), duration_seconds=99)
    second = store.commit(again, FILES)
    assert first.files == second.files
    for name in first.files:
        assert (tmp_path / first.folder / name).read_bytes() == (tmp_path / second.folder / name).read_bytes()
    assert (tmp_path / first.folder / "evidence.json").read_bytes() != (
        tmp_path / second.folder / "evidence.json"
    ).read_bytes()


def test_equal_runs_give_equal_stores(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(3):
            Store(tmp_path / name).commit(evidence(number), FILES)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_a_record_is_an_in_toto_statement_on_its_files(tmp_path: Path) -> None:
    stored = Store(tmp_path).commit(evidence(), FILES)
    data = (tmp_path / stored.folder / "evidence.json").read_bytes()
    statement = json.loads(data)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "urn:riskkit:evidence:v1"
    assert {s["name"]: s["digest"]["sha256"] for s in statement["subject"]} == stored.files
    assert statement["predicate"]["run"]["parameters"] == {"project": "demo"}
    assert statement["predicate"].keys() == {"schema_version", "project", "assessment", "run", "previous"}
    assert data == json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_log_chains_every_entry_to_the_one_before(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stored = [store.commit(evidence(n), FILES) for n in range(3)]
    previous = "0" * 64
    for number, record in enumerate(stored, 1):
        data = (tmp_path / f"_log/{number:08d}.json").read_bytes()
        assert json.loads(data) == {
            "schema_version": 1, "seq": number, "previous": previous, "folder": record.folder,
            "evidence": record.sha256,
        }  # fmt: skip
        previous = sha256(data).hexdigest()
    assert store.head() == f"3:{previous}"


def test_the_same_run_recorded_twice_is_two_records(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = store.commit(evidence(), FILES), store.commit(evidence(), FILES)
    assert first.folder != second.folder
    assert len(store.read_all().evidence) == 2


def test_order_follows_the_log_and_not_the_clock(tmp_path: Path) -> None:
    store = Store(tmp_path)
    late = store.commit(evidence(started=NOW + timedelta(days=3650)), FILES)
    early = store.commit(evidence(1, started=NOW - timedelta(hours=1)), FILES)
    assert store.read_all().evidence == (late, early)
    assert early.previous == late.sha256


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "/etc/passwd", ".hidden", "", "x" * 101, "evidence.json", "conclusion.json", "CON", "con.txt",
     "a\0b", "a b", "é", "-p"],
)  # fmt: skip
def test_a_file_name_that_is_not_plain_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path / "records")
    with pytest.raises(UsageError):
        store.commit(evidence(), {**FILES, name: b"x"})
    assert not (tmp_path / "records").exists()


@pytest.mark.parametrize(
    "project", ["../../x", "a/b", "CON", "x" * 300, "a\0b", ".hidden", "-p", "", "_log", "con"]
)
def test_a_project_name_never_becomes_a_path_outside(tmp_path: Path, project: str) -> None:
    odd = evidence().model_copy(update={"project": project})
    with pytest.raises((UsageError, ValueError)):
        Store(tmp_path / "records").commit(odd, FILES)
    assert not list(tmp_path.iterdir())


def test_half_a_record_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(UsageError, match="conclusion and its notebook"):
        store.commit(evidence(), {})
    with pytest.raises(UsageError, match="has no conclusion"):
        store.commit(
            evidence(status=Status.FAILED).model_copy(update={"conclusion": evidence().conclusion}), FILES
        )


# places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["", "demo", "demo/bias_audit", "_log", "_staging"])
def test_records_are_not_written_through_a_symbolic_link(tmp_path: Path, link: str) -> None:
    target, root = tmp_path / "elsewhere", tmp_path / "records"
    target.mkdir()
    place = root / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    with pytest.raises(StorageError, match="is a symbolic link") as raised:
        Store(root).commit(evidence(), FILES)
    assert raised.value.exit_code == 8
    assert list(target.iterdir()) == []


def test_a_store_that_cannot_be_written_says_so_before_a_run(tmp_path: Path) -> None:
    (tmp_path / "records").write_text("a file, not a folder")
    with pytest.raises(StorageError, match=r"records: .*nothing that was recorded is lost"):
        Store(tmp_path / "records").check_writable()

    class ReadOnly(Disk):
        def write(self, file: Path, data: bytes) -> None:
            raise OSError(30, "Read-only file system", str(file))

    with pytest.raises(StorageError, match="Read-only file system"):
        Store(tmp_path / "other", disk=ReadOnly()).check_writable()
    Store(tmp_path / "good").check_writable()
    assert tree(tmp_path / "good") == {}


def test_a_store_in_use_is_waited_for_and_then_named(tmp_path: Path) -> None:
    from riskkit.records.disk import locked

    Store(tmp_path).check_writable()
    busy = pytest.raises(StorageError, match=r"\.lock: another process has been writing for 0\.1 s")
    with locked(tmp_path / ".lock", wait_seconds=1), busy:
        Store(tmp_path, wait_seconds=0.1).commit(evidence(), FILES)
    assert Store(tmp_path).commit(evidence(), FILES).folder


def test_a_file_system_without_hard_links_works_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: Path, file: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    store = Store(tmp_path)
    stored = [store.commit(evidence(n), FILES) for n in range(2)]
    assert Store(tmp_path).read_all().evidence == tuple(stored)
    assert Store(tmp_path).verify() == ()


# secrets ---------------------------------------------------------------------------------------------------------

KEY = "correct horse+battery/staple=9"


def notebook(*texts: str) -> bytes:
    outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
    cells = [
        {
            "cell_type": "code",
            "source": "x = 1",
            "metadata": {"tags": ["injected-parameters"]},
            "outputs": [],
        },
        {"cell_type": "markdown", "source": "# Title", "metadata": {}},
        {"cell_type": "code", "source": "print(key)", "metadata": {}, "outputs": outputs},
    ]
    return json.dumps({"cells": cells}, ensure_ascii=False).encode()


def leaks() -> dict[str, bytes]:
    import base64
    import urllib.parse

    raw = KEY.encode()
    return {
        "plain": notebook(KEY),
        "json": notebook(json.dumps({"key": KEY})),
        "repr": notebook(repr([KEY])),
        "url": notebook("https://host/?k=" + urllib.parse.quote(KEY, safe="")),
        "form": notebook(urllib.parse.urlencode({"k": KEY})),
        "hex": notebook(raw.hex()),
        "reversed": notebook(KEY[::-1]),
        "base64": notebook(base64.b64encode(raw).decode()),
        "base64 inside": notebook(base64.b64encode(b"user:" + raw + b"\n").decode()),
        "base64 url": notebook(base64.urlsafe_b64encode(b"a" + raw).decode()),
        "two lines": notebook(base64.encodebytes(b"x" * 50 + raw).decode()),
        "split": notebook("correct hor", "se+battery/staple=9"),
        "aws": notebook("AKIA" + "ABCDEFGH12345678"),
        "openai": notebook("sk-proj-" + "Ab1" * 12),
        "pem": notebook("-----BEGIN PRIVATE KEY-----"),
        "url password": notebook("postgres://admin:s3cret99@db/x"),
    }


@pytest.mark.parametrize("form", sorted(leaks()))
def test_a_secret_in_a_notebook_is_found_in_many_forms_and_never_repeated(tmp_path: Path, form: str) -> None:
    store = Store(tmp_path / "records", secrets=Secrets({"MODEL_KEY": KEY}))
    with pytest.raises(PolicyError) as raised:
        store.commit(evidence(), {**FILES, "notebook.ipynb": leaks()[form]})
    assert raised.value.exit_code == 9
    assert str(raised.value).startswith("notebook.ipynb: cell 2 gives away ")
    assert "horse" not in str(raised.value)
    assert not (tmp_path / "records").exists()


def test_a_secret_is_found_in_any_file_and_in_the_evidence_itself(tmp_path: Path) -> None:
    store = Store(tmp_path / "records", secrets=Secrets({"MODEL_KEY": KEY}))
    with pytest.raises(PolicyError, match=r"^table\.csv: gives away the value of MODEL_KEY"):
        store.commit(evidence(), {**FILES, "table.csv": b"\xff\x00" + KEY.encode()})
    with pytest.raises(PolicyError, match=r"evidence\.json: gives away the value of MODEL_KEY"):
        store.commit(evidence(parameters={"project": KEY}), FILES)
    with pytest.raises(PolicyError, match=r"reason\.txt: gives away"):
        store.commit(evidence(status=Status.FAILED, reason=f"ValueError: {KEY}"), {})


def test_ordinary_notebooks_give_nothing_away(tmp_path: Path) -> None:
    import base64
    import random

    picture = base64.b64encode(random.Random(7).randbytes(300_000)).decode()
    harmless = notebook(
        picture, "https://example.org/a:b@c", "risk-assessment-of-something-long-and-hyphenated", "sk-learn"
    )
    store = Store(tmp_path, secrets=Secrets({"SHORT": "abc", "MODEL_KEY": KEY}))
    assert store.commit(evidence(), {**FILES, "notebook.ipynb": harmless}).folder


@pytest.mark.parametrize(
    "text", ["eyJ" * 500_000, "sk-" * 500_000, "x" * 2_000_000, "AKIA://" * 200_000, "xox" * 500_000]
)
def test_a_search_for_secrets_takes_linear_time(text: str) -> None:
    import time

    since = time.monotonic()
    Secrets({"MODEL_KEY": KEY}).found_in(text)
    Secrets({"MODEL_KEY": KEY}).redacted(text)
    assert time.monotonic() - since < 5


def test_secrets_are_taken_from_variables_whose_names_say_so() -> None:
    found = Secrets.among(
        {"MODEL_KEY": "x" * 9, "API_KEY": "a" * 9, "GITHUB_TOKEN": "b" * 9, "DB_PASSWORD": "c" * 9, "HOME": "/home/me",
         "MAX_TOKENS": "123456789", "SECRET": "short"}
    )  # fmt: skip
    assert set(found.values) == {"API_KEY", "GITHUB_TOKEN", "DB_PASSWORD"}
    assert "a" * 9 not in repr(found)


# leftovers -------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The machine stops here."""


def test_a_whole_record_without_an_entry_is_told_and_ignored_until_someone_adopts_it(tmp_path: Path) -> None:
    class CrashBeforeTheEntry(Disk):
        def link(self, file: Path, name: Path) -> None:
            raise Crash

    with pytest.raises(Crash):
        Store(tmp_path, disk=CrashBeforeTheEntry()).commit(evidence(), FILES)
    store = Store(tmp_path)
    (folder,) = store.unlogged()
    assert store.read_all().evidence == ()
    assert store.verify() == ()
    again = store.commit(evidence(), FILES)
    assert again.folder == f"{folder}-2"
    adopted = store.adopt(folder)
    assert store.unlogged() == ()
    assert store.read_all().evidence == (again, adopted)
    with pytest.raises(UsageError, match="is not an unlogged record"):
        store.adopt(folder)


def test_a_damaged_leftover_is_not_adopted(tmp_path: Path) -> None:
    stored = Store(tmp_path).commit(evidence(), FILES)
    (tmp_path / "_log/00000001.json").unlink()
    (tmp_path / stored.folder / "groups.csv").write_bytes(b"")
    with pytest.raises(IntegrityError, match=r"groups\.csv: was changed"):
        Store(tmp_path).adopt(stored.folder)

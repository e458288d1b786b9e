"""A site is published whole or not at all, and what was published can be told from what was changed since."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from riskkit.errors import PolicyError, StorageError
from riskkit.exporters import Sources, _release, gate, pages, publishing
from riskkit.exporters._manifest import MANIFEST, manifest_faults, write_manifest
from riskkit.exporters._release import publish
from tests.example_register import example


def made(folder: Path, text: str) -> tuple[Path, str]:
    """A finished site that says ``text``, and the digest of its list."""
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    (folder / "sub").mkdir()
    (folder / "sub/page.html").write_text(text)
    return folder, write_manifest(folder, {"as_of": "2026-11-20"})


def put(root: Path, text: str, *, keep: int = 3) -> tuple[str, str]:
    """Publish a site that says ``text``; its name and the note."""
    fresh, name = made(root / f".site-{text}/site", text)
    note = publish(fresh, root / "site", name=name, keep=keep)
    shutil.rmtree(fresh.parent)
    return name, note


def test_a_site_is_a_release_named_for_its_content_behind_a_relative_link(tmp_path: Path) -> None:
    name, note = put(tmp_path, "one")
    assert note == ""
    assert (tmp_path / "site").readlink() == Path("releases") / name
    assert hashlib.sha256((tmp_path / "site" / MANIFEST).read_bytes()).hexdigest() == name
    shutil.move(tmp_path, elsewhere := tmp_path.with_name("moved"))
    assert (elsewhere / "site/index.html").read_text() == "one"


def test_a_disk_that_refuses_leaves_the_old_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "one")

    def refused(_: int) -> int:
        ctypes.set_errno(errno.EIO)
        return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_a, **_k: SimpleNamespace(syncfs=refused))
    with pytest.raises(StorageError, match="Input/output error"):
        put(tmp_path, "two")
    assert (tmp_path / "site/index.html").read_text() == "one"


def test_without_a_call_for_all_files_each_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[str] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda *_a, **_k: SimpleNamespace())
    monkeypatch.setattr(_release, "_sync", lambda path: waited.append(path.name))
    put(tmp_path, "one")
    assert {"index.html", "page.html", MANIFEST, "sub", "site"} <= set(waited)


def test_the_latest_releases_stay_and_the_served_one_always(tmp_path: Path) -> None:
    names = [put(tmp_path, text, keep=2)[0] for text in ("one", "two", "three")]
    assert {p.name for p in (tmp_path / "releases").iterdir()} == set(names[1:])
    put(tmp_path, "four", keep=1)
    assert [(p / "index.html").read_text() for p in (tmp_path / "releases").iterdir()] == ["four"]


def test_going_back_to_an_earlier_site_uses_its_release(tmp_path: Path) -> None:
    first, _ = put(tmp_path, "one")
    inode = (tmp_path / "site/index.html").stat().st_ino
    put(tmp_path, "two")
    assert put(tmp_path, "one", keep=1)[0] == first
    assert (tmp_path / "site/index.html").stat().st_ino == inode
    assert [p.name for p in (tmp_path / "releases").iterdir()] == [first]


def test_a_release_that_was_changed_is_made_anew(tmp_path: Path) -> None:
    put(tmp_path, "one")
    (tmp_path / "site/index.html").write_text("forged")
    put(tmp_path, "one")
    assert (tmp_path / "site/index.html").read_text() == "one"
    assert manifest_faults(tmp_path / "site") == []


def test_a_folder_of_an_older_kit_becomes_a_link_and_is_told_so(tmp_path: Path) -> None:
    made(tmp_path / "site", "old")
    _, note = put(tmp_path, "new")
    assert note == f"{tmp_path}/site was a folder; from now on it is a link to the release in releases/"
    assert (tmp_path / "site").is_symlink()
    assert (tmp_path / "site/index.html").read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["releases", "site"]


def test_without_symbolic_links_the_folder_is_exchanged_and_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for text in ("one", "two"):
        _, note = put(tmp_path, text)
        assert note.endswith("this file system has no symbolic links, so it was away for a moment")
        assert not (tmp_path / "site").is_symlink()
        assert (tmp_path / "site/index.html").read_text() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["releases", "site"]


def test_a_link_to_somewhere_else_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path / "www", "theirs")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/site").symlink_to(tmp_path / "www")
    with pytest.raises(StorageError, match=r"site is a link to .*www, which is no release of ours"):
        put(tmp_path / "build", "new")
    assert (tmp_path / "www/index.html").read_text() == "theirs"


def test_releases_are_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "releases").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="releases are not written through a link"):
        put(tmp_path, "new")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_sites_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(StorageError, match="site is a file"):
        put(tmp_path, "new")
    assert (tmp_path / "site").read_text() == "mine"


def test_one_build_waits_for_the_other_and_then_says_so(tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            pytest.raises(StorageError, match=r"another build has been going on for 0\.1 s"),
            publishing(tmp_path, wait_seconds=0.1),
        ):
            pass


def test_what_a_killed_build_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    for name in (".site-abc", ".docs-abc", "docs"):
        (tmp_path / name).mkdir()
    (tmp_path / ".link-7").symlink_to("releases/x")
    with publishing(tmp_path):
        assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "docs"]


PUBLISHER = """
import sys
from pathlib import Path
from tests.test_releases import put
for number in range(10_000):
    put(Path(sys.argv[1]), f"text {number % 7}", keep=2)
"""


@pytest.mark.slow
def test_readers_see_a_whole_site_at_every_instant_and_after_every_kill(tmp_path: Path) -> None:
    put(tmp_path, "text 0")
    seen, kills = 0, 12
    for number in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(tmp_path)], cwd=Path(__file__).parents[1]
        )
        until = time.monotonic() + 0.5 + number / 20
        while time.monotonic() < until:
            folder = tmp_path / "site"
            release = tmp_path / folder.readlink()
            try:
                first, second = (release / p for p in ("index.html", "sub/page.html"))
                assert first.read_text() == second.read_text()
            except FileNotFoundError:  # two publications later it was cleared away; the link has moved on
                assert tmp_path / folder.readlink() != release
            assert (folder / "index.html").read_text().startswith("text ")
            seen += 1
        process.send_signal(signal.SIGKILL)
        process.wait()
        for left in tmp_path.glob(".site-*"):
            shutil.rmtree(left)
        assert manifest_faults(tmp_path / "site") == []
    print(f"{seen} looks, {kills} kills: 0 broken")
    assert seen > 500


# what the list shows ----------------------------------------------------------------------------------------------


def test_every_change_of_a_published_site_is_a_line_with_both_digests(tmp_path: Path) -> None:
    put(tmp_path, "one")
    site = tmp_path / "site"
    assert manifest_faults(site) == []
    (site / "index.html").write_text("two")
    (site / "sub/page.html").unlink()
    (site / "extra.html").write_text("x")
    (site / "link.html").symlink_to("/etc/passwd")
    before, after = (hashlib.sha256(t).hexdigest() for t in (b"one", b"two"))
    assert manifest_faults(site) == [
        f"site/index.html: is not what was published (sha256 expected {before}, found {after})",
        f"site/sub/page.html: is missing (sha256 expected {before}, found nothing)",
        "site/extra.html: was not published",
        "site/link.html: was not published",
    ]


def test_a_list_that_was_rewritten_no_longer_bears_the_name_of_the_release(tmp_path: Path) -> None:
    name, _ = put(tmp_path, "one")
    (tmp_path / "site/index.html").write_text("two")
    forged = write_manifest(tmp_path / "site", {"as_of": "2026-11-20"})
    assert manifest_faults(tmp_path / "site") == [
        f"site/site.json: is not the list this release is named for (sha256 expected {name}, found {forged})"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (json.dumps({"schema_version": 2, "about": {}, "files": {}}), "made by a newer version"),
        (json.dumps({"schema_version": 1, "about": {}, "files": {"a": 1}}), "cannot be read"),
        (
            json.dumps({"schema_version": 1, "about": {}, "files": {"../../etc/passwd": "0" * 64}}),
            "is missing",
        ),
    ],
)
def test_a_list_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    assert said in manifest_faults(tmp_path)[0]


def test_a_site_without_a_list_is_told(tmp_path: Path) -> None:
    assert manifest_faults(tmp_path) == [
        "site/site.json: is missing: this is no site that riskkit build made"
    ]


def test_a_symbolic_link_among_the_pages_people_wrote_stops_the_publication(
    tmp_path: Path, checkout: Path
) -> None:
    shutil.copytree(checkout / "site", tmp_path / "site")
    (tmp_path / "site/assets/passwd.txt").symlink_to("/etc/passwd")
    sources = Sources(templates=checkout / "templates/pages", site=tmp_path / "site",
                      records=tmp_path / "records", cache=tmp_path / "cache")  # fmt: skip
    with pytest.raises(PolicyError, match=r"site/assets/passwd\.txt: is a symbolic link"):
        pages.export(example(tmp_path / "records"), tmp_path / "docs", sources=sources)
    assert not (tmp_path / "docs").exists()


def test_a_symbolic_link_in_a_finished_site_is_refused(tmp_path: Path) -> None:
    fresh, _ = made(tmp_path / "fresh", "one")
    (fresh / "passwd.txt").symlink_to("/etc/passwd")
    with pytest.raises(PolicyError, match=r"passwd\.txt: is no plain file"):
        write_manifest(fresh, {})


# the whole command ------------------------------------------------------------------------------------------------

DAY = f"{datetime.now(UTC).date() + timedelta(days=1)}"
"""Tomorrow: runs of these tests are never later, whenever the day turns."""


def riskkit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "riskkit", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def demo(folder: Path, checkout: Path) -> Path:
    """A workspace with the demo projects and a few of their records' assessments run anew elsewhere."""
    folder.mkdir(parents=True)
    for name in ("projects", "notebooks", "site", "templates"):
        shutil.copytree(checkout / name, folder / name)
    shutil.copy(checkout / "mkdocs.yml", folder)
    for project in (folder / "projects").iterdir():
        if project.is_dir() and project.name != "loan-approval":
            shutil.rmtree(project)
    return folder


def contents(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """A workspace in which one assessment was run and the site was built."""
    root = demo(tmp_path_factory.mktemp("first") / "workspace", checkout)
    done = riskkit(root, "run", "loan-approval", "-a", "bias_audit")
    assert done.returncode == 0, done.stderr
    done = riskkit(root, "build", "--as-of", DAY)
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.kernel
@pytest.mark.slow
def test_identical_inputs_at_another_path_give_identical_records_and_an_identical_site(
    ran: Path, tmp_path: Path, checkout: Path
) -> None:
    again = demo(tmp_path / "a longer and other path" / "ws", checkout)
    assert riskkit(again, "run", "loan-approval", "-a", "bias_audit").returncode == 0
    first, second = (contents(next((r / "records/loan-approval/bias_audit").iterdir())) for r in (ran, again))
    assert first.keys() == second.keys()
    assert {n for n in first if first[n] != second[n]} == {"evidence.json"}
    envelopes = [json.loads(c["evidence.json"]) for c in (first, second)]
    for envelope in envelopes:
        for name in ("started", "ended", "valid_until", "duration_seconds", "git_commit", "git_dirty"):
            envelope["predicate"]["run"].pop(name)
    assert envelopes[0] == envelopes[1]
    shutil.rmtree(again / "records")
    shutil.copytree(ran / "records", again / "records")
    assert riskkit(again, "build", "--as-of", DAY).returncode == 0
    assert (again / "build/site").readlink() == (ran / "build/site").readlink()
    pages_here, pages_there = contents(ran / "build/site"), contents(again / "build/site")
    assert {
        n for n in pages_here.keys() | pages_there.keys() if pages_here.get(n) != pages_there.get(n)
    } == set()
    print(
        f"{len(first)} files of the record, {len(pages_here)} of the site: byte-identical but for the envelope"
    )


@pytest.mark.kernel
@pytest.mark.slow
def test_the_site_is_held_against_the_records_and_each_forged_page_is_named(
    ran: Path, tmp_path: Path
) -> None:
    root = tmp_path / "ws"
    shutil.copytree(ran, root, symlinks=True)
    fine = riskkit(root, "verify", "--site")
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout.rstrip().endswith(", the site shows them")
    page = root / "build/site/projects/loan-approval/index.html"
    page.write_text(page.read_text().replace("Breached", "Met"))
    told = riskkit(root, "verify", "--site")
    assert told.returncode == 6
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith(
        "site/projects/loan-approval/index.html: is not what was published (sha256 expected"
    )
    about = json.loads((root / "build/site/site.json").read_bytes())["about"]
    name = write_manifest(
        root / "build/site", about
    )  # whoever can write the site can write its list, and its name
    (root / "build/site").resolve().rename(root / "build/releases" / name)
    (root / "build/site").unlink()
    (root / "build/site").symlink_to(f"releases/{name}")
    cunning = riskkit(root, "verify", "--site")
    assert cunning.returncode == 6
    assert "site/projects/loan-approval/index.html: is not what the records give" in cunning.stderr
    poisoned = next(
        (root / "build/cache").rglob("index.html")
    )  # what was rendered before is not believed either
    poisoned.write_text(poisoned.read_text().replace("Completed", "Approved"))
    assert riskkit(root, "build", "--as-of", DAY).returncode == 0
    evidence = riskkit(root, "verify", "--site", "build/site")
    assert evidence.returncode == 6
    assert "site/evidence/loan-approval/bias_audit/" in evidence.stderr


@pytest.mark.kernel
@pytest.mark.slow
def test_a_site_that_other_files_were_written_for_is_out_of_date(ran: Path, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    shutil.copytree(ran, root, symlinks=True)
    profile = root / "projects/loan-approval/profile.yml"
    profile.write_text(profile.read_text().replace("name: Loan approval", "name: Loans"))
    told = riskkit(root, "verify", "--site")
    assert told.returncode == 6
    assert told.stderr.startswith("site/site.json: shows register ")
    assert told.stderr.rstrip().endswith("build it anew (riskkit build)")
    assert riskkit(root, "verify", "--site", "nowhere").returncode == 2
    listed = json.loads((root / "build/site/site.json").read_bytes())
    listed["about"] |= {"as_of": "yesterday", "audience": "restricted"}
    (root / "build/site/site.json").write_text(json.dumps(listed))
    forged = riskkit(root, "verify", "--site")
    assert forged.returncode == 6
    assert "site/site.json: shows audience restricted, and today it is internal" in forged.stderr


@pytest.mark.kernel
@pytest.mark.slow
def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_goes_through(
    ran: Path, tmp_path: Path
) -> None:
    root = tmp_path / "ws"
    shutil.copytree(ran, root, symlinks=True)
    before = contents(root / "build/site")
    profile = root / "projects/loan-approval/profile.yml"
    profile.write_text(profile.read_text().replace("name: Loan approval", "name: Loans"))
    command = [sys.executable, "-m", "riskkit", "build", "--as-of", DAY]
    for wait in (1.0, 1.8, 2.6):
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert contents(root / "build/site") == before
        assert manifest_faults(root / "build/site") == []
    assert riskkit(root, "build", "--as-of", DAY).returncode == 0
    assert "Loans" in (root / "build/site/index.html").read_text()
    assert [
        p.name for p in (root / "build").iterdir() if p.name.startswith((".site", ".docs", ".link"))
    ] == []
    assert gate(root / "build/site") > 50


@pytest.mark.kernel
@pytest.mark.slow
def test_limits_are_those_of_the_profile(ran: Path, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    shutil.copytree(ran, root, symlinks=True)
    profile = root / "projects/loan-approval/profile.yml"
    profile.write_text(profile.read_text() + "\nlimits: {minutes: 0.01}\n")
    stopped = riskkit(root, "run", "loan-approval", "-a", "bias_audit", "--force")
    assert stopped.returncode == 5
    assert "loan-approval/bias_audit: stopped: ran longer than 0.6 s" in stopped.stderr

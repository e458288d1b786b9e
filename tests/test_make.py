"""The commands people and CI start: make, the scripts it calls, the browser fixture."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_make_alone_prints_every_target() -> None:
    printed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = set(re.findall(r"(?m)^  make (\w+) +\S", printed))
    assert targets >= {"demo", "test", "fast", "lint", "site", "serve", "lab", "lock", "bench", "clean"}


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH folder where the user is not root and neither a browser, sudo nor apt-get exists."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder / "id", "echo 1000")
    return folder


def program(path: Path, script: str) -> None:
    """Put a shell script at `path`."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def look_for_chromium(path: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "CI": ci}
    command = ["/bin/sh", ROOT / ".ci" / "chromium"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("ci", "code", "said"), [("", 0, "will be skipped"), ("true", 1, "cannot run")])
def test_without_a_browser_ci_stops_and_people_are_told(
    bare_path: Path, ci: str, code: int, said: str
) -> None:
    looked = look_for_chromium(bare_path, ci=ci)
    assert (looked.returncode, said in looked.stderr) == (code, True)
    assert "takes root" in looked.stderr


def test_a_browser_that_is_there_is_used(bare_path: Path) -> None:
    program(bare_path / "chromium-browser", "")
    looked = look_for_chromium(bare_path, ci="true")
    assert (looked.returncode, looked.stdout + looked.stderr) == (0, "")


@pytest.mark.parametrize("how", ["root", "sudo"])
def test_a_missing_browser_is_installed(bare_path: Path, how: str) -> None:
    chromium = bare_path / "chromium"
    program(
        bare_path / "apt-get",
        f"[ $1 = update ] || {{ /bin/echo \"$@\" > '{chromium}'; /bin/chmod +x '{chromium}'; }}",
    )
    if how == "root":
        program(bare_path / "id", "echo 0")
    else:
        program(bare_path / "sudo", 'shift; "$@"')
    assert look_for_chromium(bare_path, ci="true").returncode == 0
    assert chromium.read_text().split()[-3:] == ["chromium", "fonts-dejavu-core", "fonts-liberation"]


def test_a_failed_installation_stops_ci(bare_path: Path) -> None:
    program(bare_path / "id", "echo 0")
    program(bare_path / "apt-get", "exit 100")
    looked = look_for_chromium(bare_path, ci="true")
    assert looked.returncode == 1
    assert "apt-get could not install one" in looked.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "code", "outcome"), [("", 0, "1 skipped"), ("true", 1, "1 error")])
def test_a_browser_test_without_browser_is_skipped_but_not_in_ci(
    tmp_path: Path, ci: str, code: int, outcome: str
) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_page.py").write_text("def test_page(browser): ...\n")
    environment = {**os.environ, "PATH": str(tmp_path), "CI": ci}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == code, run.stdout
    assert outcome in run.stdout
    assert "no browser on PATH" in run.stdout or not ci


@pytest.mark.browser
def test_the_browser_shows_a_page_from_a_file(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "page.html").write_text(
        "<title>Register</title><p id=p>before</p><script>p.textContent = 'run'</script>"
    )
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert (page.title(), page.text_content("#p")) == ("Register", "run")
    page.close()

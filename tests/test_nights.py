"""`riskkit nightly`: every step is taken whatever the one before said, once at a time, and somebody hears of it."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser

from riskkit.cli.nights import Night, Step
from riskkit.errors import PolicyError, StorageError
from riskkit.exporters._templates import environment, render
from riskkit.model.schedule import Heartbeat, Notify
from riskkit.schedules.notify import send

CHECKOUT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace without a project: its runs fail at once with 3, its site cannot be built."""
    for folder in ("projects", "notebooks", "records"):
        (tmp_path / "w" / folder).mkdir(parents=True)
    shutil.copytree(CHECKOUT / "templates", tmp_path / "w" / "templates")
    return tmp_path / "w"


def nightly(root: Path, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "riskkit", "nightly", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120, **more)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"run": 0, "build": 0, "verify": 0, "check": 0}, 0),
        ({"run": 0, "build": 0, "verify": 0, "check": 10}, 10),
        ({"run": 4, "build": 0, "verify": 0, "check": 10}, 4),
        ({"run": 4, "build": 9, "verify": 6, "check": 10}, 6),
        ({"run": 0, "build": 9, "verify": 0, "check": 10}, 9),
    ],
)
def test_the_weightiest_code_is_the_nights(codes: dict[str, int], expected: int) -> None:
    night = Night(NOW, NOW, tuple(Step(name, code, ()) for name, code in codes.items()))
    assert night.exit_code == expected


@pytest.mark.slow
def test_every_step_is_taken_and_the_run_is_noted(workspace: Path) -> None:
    done = nightly(workspace)
    assert done.returncode == 3
    assert "nightly: run 3, build 3, verify 0, check 3" in done.stdout
    assert "there is no project yet" in done.stdout
    beat = Heartbeat.model_validate_json((workspace / "records/_schedule/last.json").read_bytes())
    assert beat.exit_code == 3
    assert beat.started is not None
    assert beat.overdue_after is not None
    assert timedelta(hours=6) < beat.overdue_after - beat.started <= timedelta(hours=30)


@pytest.mark.slow
def test_a_second_night_does_not_start_beside_the_first(workspace: Path) -> None:
    ready = workspace / "ready"
    hold = (
        "import sys; from pathlib import Path\n"
        "from riskkit.cli import nights; from riskkit.workspace import Workspace\n"
        f"with nights.alone(Workspace(Path({str(workspace)!r}))):\n"
        f"    Path({str(ready)!r}).touch(); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, cwd=CHECKOUT) as first:
        try:
            for _ in range(600):
                if ready.exists():
                    break
                time.sleep(0.05)
            assert ready.exists()
            second = nightly(workspace)
        finally:
            assert first.stdin is not None
            first.stdin.close()
    assert second.returncode == 8
    assert "another nightly run is going on here" in second.stderr
    assert not (workspace / "records/_schedule").exists()


@pytest.mark.slow
def test_only_a_missed_night_is_made_up_for(workspace: Path) -> None:
    assert "nightly: run 3" in nightly(workspace, "--if-overdue").stdout
    again = nightly(workspace, "--if-overdue")
    assert (again.returncode, again.stdout) == (0, "not overdue: nothing to do\n")
    file = workspace / "records/_schedule/last.json"
    beat = Heartbeat.model_validate_json(file.read_bytes())
    past = beat.model_copy(update={"overdue_after": NOW})
    file.write_text(past.model_dump_json())
    assert "nightly: run 3" in nightly(workspace, "--if-overdue").stdout


@pytest.mark.slow
def test_somebody_is_told_when_a_night_ends_otherwise_than_the_one_before(workspace: Path) -> None:
    heard = workspace.parent / "heard"
    tell = f"import sys; open({str(heard)!r}, 'a').write(sys.stdin.read() + '\\n')"
    settings = {"notify": {"command": [sys.executable, "-c", tell]}}
    (workspace / "schedule.yml").write_text(json.dumps(settings))
    for _ in range(2):
        assert nightly(workspace).returncode == 3
    (message,) = (json.loads(line) for line in heard.read_text().splitlines())
    assert message["steps"] == {"run": 3, "build": 3, "verify": 0, "check": 3}
    assert (message["exit_code"], message["exit_code_before"]) == (3, None)
    assert any("there is no project yet" in line for line in message["said"]["run"])


@pytest.mark.slow
def test_a_signal_to_end_reaches_the_step_that_runs(workspace: Path) -> None:
    command = [sys.executable, "-m", "riskkit", "nightly"]
    with subprocess.Popen(command, cwd=workspace, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("--- riskkit run")
        os.kill(process.pid, signal.SIGTERM)
        process.stdout.read()
        assert process.wait(60) == 128 + signal.SIGTERM


# what readers see -------------------------------------------------------------------------------------------------


def line(beat: Heartbeat | None) -> str:
    """The line of the first page, as text between tags."""
    env = environment(CHECKOUT / "templates/pages")
    return render(env, "_heartbeat.j2", register=SimpleNamespace(heartbeat=beat)).strip()


def test_the_first_page_says_when_the_last_night_was() -> None:
    beat = Heartbeat(started=NOW, ended=NOW, exit_code=0, overdue_after=NOW + timedelta(hours=30))
    assert "Last scheduled run: 20 Nov 2026, 02:15 UTC, ended well." in line(beat)
    assert "The next one is overdue after 21 Nov 2026, 08:15 UTC." in line(beat)
    assert "ended with exit code 4" in line(beat.model_copy(update={"exit_code": 4}))
    assert "No scheduled run was seen yet" in line(Heartbeat())
    assert line(None) == ""


@pytest.mark.browser
def test_a_night_is_overdue_by_the_readers_clock(browser: Browser, tmp_path: Path) -> None:
    script = (CHECKOUT / "site/assets/js/heartbeat.js").as_uri()
    for late, expected in ((timedelta(hours=1), ["Overdue. "]), (timedelta(hours=-1), [])):
        due = datetime.now(UTC) - late
        beat = Heartbeat(started=NOW, ended=NOW, exit_code=0, overdue_after=due)
        (tmp_path / "page.html").write_text(f'<!doctype html>{line(beat)}<script src="{script}"></script>')
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        assert page.locator(".rk-heartbeat strong").all_text_contents() == expected
        page.close()


# who is told ------------------------------------------------------------------------------------------------------


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, answers with the status its path names."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(int(self.path.strip("/")))
        self.send_header("Location", "/200")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[http.server.HTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.heard = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(server: http.server.HTTPServer, path: str) -> dict[str, str]:
    return {"HOOK": f"http://127.0.0.1:{server.server_port}/{path}", "http_proxy": "http://127.0.0.1:9"}


WEBHOOK = Notify(host="127.0.0.1", webhook="env:HOOK")


def test_a_webhook_at_the_declared_host_gets_the_message(hook: Any) -> None:
    send(WEBHOOK, {"text": "<b>&"}, environ=at(hook, "200"))
    assert hook.heard == [{"text": "<b>&"}]


@pytest.mark.parametrize("status", ["302", "307", "404", "500"])
def test_no_redirect_is_followed_and_a_refusal_is_told(hook: Any, status: str) -> None:
    with pytest.raises(StorageError, match=f"answered {status}"):
        send(WEBHOOK, {"text": "x"}, environ=at(hook, status))
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "is not set"),
        ("https://elsewhere.example/secret-token", "is not at hooks.example"),
        ("https://hooks.example.elsewhere.example/secret-token", "is not at hooks.example"),
        ("https://hooks.example@elsewhere.example/secret-token", "is not at hooks.example"),
        ("http://hooks.example/secret-token", "does not begin with https"),
        ("file:///etc/passwd", "is not at hooks.example"),
        ("https://[secret-token", "is not at hooks.example"),
    ],
)
def test_nothing_is_sent_elsewhere_and_the_address_stays_secret(address: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said) as caught:
        send(Notify(host="hooks.example", webhook="env:HOOK"), {"text": "x"}, environ={"HOOK": address})
    assert "secret-token" not in str(caught.value)


def test_a_command_that_fails_or_is_not_there_is_told() -> None:
    for command in ((sys.executable, "-c", "raise SystemExit(3)"), ("no-such-program",)):
        with pytest.raises(StorageError, match=r"notify\.command"):
            send(Notify(command=command), {"text": "x"}, environ={})

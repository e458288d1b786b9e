"""JupyterLab as users start it, driven by a browser: one server for all tests, a tab and a workspace for each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "for-the-tests"
AXE = resources.files("axe_playwright_python") / "axe.min.js"
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
KEYS = ("x", "a", "d", "d", "0", "0", "Enter", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight")
"""Keys that JupyterLab takes as commands: cut, add, delete twice, restart twice, edit, move."""


@dataclass(frozen=True)
class Lab:
    """A running server; every test has a workspace of its own below ``root``."""

    base: str
    root: Path

    def workspace(self, name: str, *, of: Path) -> Path:
        """A copy of the workspace ``of`` that this server can open."""
        return Path(shutil.copytree(of, self.root / name, symlinks=True))

    def end_kernels(self) -> None:
        """End every kernel of the server."""
        for kernel in json.loads(self._asked("GET", "kernels")):
            self._asked("DELETE", f"kernels/{kernel['id']}")

    def _asked(self, method: str, what: str) -> bytes:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.base}/api/{what}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())


@contextmanager
def server(root: Path, settings: Path) -> Iterator[Lab]:
    """``riskkit lab`` in ``root``, with nothing of the settings of whoever runs the tests."""
    for folder in ("projects", "notebooks"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (settings / "config").mkdir(parents=True)
    shown = {"LabApp": {"expose_app_in_browser": True}, "ServerApp": {"port_retries": 0}}
    (settings / "config/jupyter_server_config.json").write_text(json.dumps(shown))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "RISKKIT", "IPYTHON"))}
    env |= {"JUPYTER_CONFIG_DIR": str(settings / "config"), "JUPYTER_TOKEN": TOKEN, "HOME": str(settings)}
    env |= {"JUPYTER_RUNTIME_DIR": str(settings / "run"), "JUPYTERLAB_SETTINGS_DIR": str(settings / "user")}
    env |= {"JUPYTERLAB_WORKSPACES_DIR": str(settings / "views"), "IPYTHONDIR": str(settings / "ipython")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "riskkit", "lab", "--no-browser", "--port", str(port)]
    with (settings / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}", running, settings / "log")
        yield Lab(f"http://127.0.0.1:{port}", root)
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)


def _wait(base: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(f"{base}/api/status?token={TOKEN}", timeout=5):
                return
        except OSError:
            assert running.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@dataclass
class Tab:
    """A tab of JupyterLab with one notebook; it notes every page error and every request that leaves the machine."""

    page: Page
    lab: Lab
    name: str
    noise: list[str] = field(default_factory=list)
    is_dark: bool = False

    def open(self, place: Path, *cells: str, run: bool = True) -> Page:
        """Write a notebook of ``cells`` into the workspace ``place``, open it, run it all."""
        notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = place / "notebooks" / f"{self.name}.ipynb"
        nbformat.write(notebook, path)
        return self.open_file(path, run=run)

    def open_file(self, path: Path, *, run: bool = True) -> Page:
        """Open the notebook ``path`` and run it all."""
        there = path.relative_to(self.lab.root).as_posix()
        self.page.goto(f"{self.lab.base}/lab/workspaces/{self.name}/tree/{there}?reset&token={TOKEN}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self._awaited(
            "async () => { const app = window.jupyterapp; await app.restored; const w = app.shell.currentWidget;"
            " await w.context.ready; await w.sessionContext.ready; }"
        )
        if run:
            self.run_all()
        return self.page

    def run_all(self) -> None:
        """Run every cell; a cell that raises fails the test."""
        assert self.command("notebook:run-all-cells") is True, self.outputs()

    def command(self, name: str) -> Any:
        """Do a command of JupyterLab and wait for it."""
        return self._awaited("async (name) => await window.jupyterapp.commands.execute(name)", name)

    def _awaited(self, script: str, given: Any = None) -> Any:
        """What ``script`` comes to; a promise that is never kept fails the test and does not hold it."""
        late = "new Promise((_, no) => setTimeout(no, 60000, new Error('no answer within a minute')))"
        return self.page.evaluate(f"(given) => Promise.race([({script})(given), {late}])", given)

    def cells(self) -> list[str]:
        """Source of every cell as the notebook holds it now."""
        return self.state()[0]

    def state(self) -> tuple[list[str], int, str, int]:
        """What a stray key would change: the cells, the active one, whether one is being edited, dialogs on show."""
        cells, *rest = self.page.evaluate(
            "() => { const w = window.jupyterapp.shell.currentWidget, n = w.content;"
            " return [Array.from(w.context.model.cells).map(c => c.sharedModel.getSource()), n.activeCellIndex, n.mode,"
            " document.querySelectorAll('.jp-Dialog').length]; }"
        )
        return cells, *rest

    def outputs(self) -> str:
        """The text of all outputs."""
        return "\n".join(self.page.locator(".jp-OutputArea-output").all_inner_texts())

    def picture(self, name: str, *, dark: bool = False) -> None:
        """Save a picture where RISKKIT_TEST_PICTURES says, for people to look at."""
        if folder := os.environ.get("RISKKIT_TEST_PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{name}{'-dark' if dark else ''}.png")

    def dark(self) -> None:
        """Turn to JupyterLab's dark theme, until the tab is closed."""
        self.is_dark = True
        self._theme("Dark")
        self.page.wait_for_selector("[data-jp-theme-light=false]", state="attached")

    def _theme(self, name: str) -> None:
        change = "async (theme) => await window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self._awaited(change, f"JupyterLab {name}")

    def violations(self, selector: str) -> list[str]:
        """What axe-core finds within ``selector``, serious or worse."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("s => axe.run(s, {resultTypes: ['violations']})", selector)["violations"]
        return [
            f"{v['id']}: {node['html'][:200]}: {node['failureSummary']}"
            for v in found
            for node in v["nodes"]
            if v["impact"] in ("serious", "critical")
        ]

    def stray_keys(self, form: Locator) -> list[str]:
        """Press every dangerous key in every control of ``form``; the controls in which the notebook noticed."""
        touched = []
        for index in range(form.locator(CONTROLS).count()):
            control = form.locator(CONTROLS).nth(index)
            if not control.is_visible() or not control.is_enabled():
                continue
            shown, before = control.evaluate("c => c.outerHTML.slice(0, 120)"), None
            for key in KEYS:
                control = form.locator(CONTROLS).nth(index)
                control.focus()  # which makes the cell of the form the active one
                before = before or self.state()
                control.press(key)
                after = self.state()
                if after != before:
                    touched.append(f"{key} in {shown}")
                before = after
        return touched

    def close(self) -> None:
        """Leave the page and end its kernel; page errors and requests to elsewhere fail the test."""
        if self.is_dark:
            self._theme("Light")
        self.page.goto("about:blank")  # which has a time limit, and closing a page has none
        self.lab.end_kernels()
        assert not self.noise, "\n".join(self.noise)


CONTROLS = "button, input, select, textarea, summary, a[href], [tabindex='0']"


def tab(window: BrowserContext, lab: Lab, name: str) -> Tab:
    """A fresh tab of ``window``, which keeps JupyterLab's own files."""
    page = window.new_page()
    page.set_default_timeout(60_000)
    made = Tab(page, lab, name)
    page.on("pageerror", lambda error: made.noise.append(str(error)[:300]))
    page.on("request", lambda r: None if r.url.startswith(LOCAL) else made.noise.append(r.url))
    return made

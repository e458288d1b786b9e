"""What several test files share: the browser, a bucket, and the folder of the checkout."""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.example_lab import Lab, Tab

# An extra of jsonschema builds a grammar whenever it is imported, which takes longer than most test files.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# How long an example takes says something about the machine, not about the kit.
settings.register_profile("riskkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("riskkit")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# No sandbox because CI is root in a container; the rest keeps the browser itself from calling home, so that
# every request a test sees was made by the page.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root folder of this checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A headless Chromium of the system; without one the test is skipped, or fails where CI=true."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        reason = (
            f"no browser on PATH (looked for {', '.join(CHROMIUM_NAMES)}); `make test` as root installs one"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield chromium
        for process in psutil.Process().children(recursive=True):  # to be asked to close has no time limit
            with contextlib.suppress(psutil.NoSuchProcess):  # one of them ends others
                if "chrom" in process.name():
                    process.kill()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Lab]":
    """JupyterLab, started once as ``riskkit lab`` starts it."""
    from tests.example_lab import server

    place = tmp_path_factory.mktemp("lab")
    with server(place / "root", place / "settings") as running:
        yield running


@pytest.fixture(scope="session")
def window(browser: "Browser") -> "BrowserContext":
    """A window of the browser in which tabs of JupyterLab are opened; it ends with the browser."""
    return browser.new_context(viewport={"width": 1280, "height": 1000})


@pytest.fixture
def tab(lab: "Lab", window: "BrowserContext", request: pytest.FixtureRequest) -> "Iterator[Tab]":
    """A tab of JupyterLab; page errors and requests that leave the machine fail the test."""
    from tests.example_lab import tab

    name = re.sub(r"[^a-z0-9_]+", "_", request.node.name.lower())[:60]
    opened = tab(window, lab, name)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket on a local server, reached as any is: by the environment."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        import s3fs

        s3fs.S3FileSystem().makedirs("governance", exist_ok=True)  # what a server holds outlives it
        yield "s3://governance"
        s3fs.S3FileSystem.clear_instance_cache()  # the next server has another port
    server.stop()

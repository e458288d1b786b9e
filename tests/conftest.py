"""What several test files share: the browser, and the folder of the checkout."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# An extra of jsonschema builds a grammar whenever it is imported, which takes longer than most test files.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
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
        chromium.close()

"""The pages that riskkit writes build under Zensical too, from the same tree and settings, and pass the same gate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskkit import exporters
from tests.example_register import example
from tests.test_site_build import ATTACK, folders, visit, workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("zensical", reason="zensical is not installed: it is in the extra dev")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """A workspace whose register is hostile in every field, built by Zensical as anybody would build it."""
    root = workspace(tmp_path_factory.mktemp("zensical") / "workspace", checkout)
    register = example(root / "records", lambda text: f"{text} {ATTACK}")
    exporters.get("pages")(register, root / "build/docs", sources=folders(root))
    command = [sys.executable, "-m", "zensical", "build", "--config-file", "mkdocs.yml"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    exporters.seal(root / "build/site")
    return root


def test_every_page_is_there_and_the_gate_lets_the_site_pass(root: Path) -> None:
    docs, site = root / "build/docs", root / "build/site"
    written = {
        p.relative_to(docs).with_suffix(".html") for p in docs.rglob("*") if p.suffix in {".md", ".html"}
    }
    there = {p.relative_to(site) for p in site.rglob("*.html")}
    assert written <= there
    assert exporters.gate(site) == len(there)


@pytest.mark.parametrize(
    "address", ["index.html", "register.html", "projects/loan-approval/index.html", "walks/reviewer.html"]
)
def test_pages_open_from_disk_and_nothing_hostile_acts(browser: Browser, root: Path, address: str) -> None:
    context = browser.new_context()
    page, noise = visit(context, root / "build/site", address)
    assert noise == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("window.pwned") is None
    assert page.get_by_role("navigation", name="Breadcrumb").count() == (address.count("/") > 0)
    context.close()

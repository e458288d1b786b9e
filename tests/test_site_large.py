"""A large register is shown a page at a time, and none of its rows is out of reach without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskkit.errors import PolicyError
from riskkit.exporters import _templates, _views
from tests.test_site_build import ATTACK, published, visit, workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Iterator[Path]:
    """A register that counts as large, with hostile text in every field."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_views, "PAGED", 5)
        root = workspace(tmp_path_factory.mktemp("large") / "workspace", checkout)
        yield published(root, text=lambda text: f"{text} {ATTACK}")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_rows_are_filtered_sorted_and_found_and_the_address_keeps_it(
    context: BrowserContext, site: Path
) -> None:
    page, noise = visit(context, site, "register.html")
    page.locator("[data-ready]").wait_for()
    assert page.locator("output").inner_text() == "15 rows"
    page.get_by_label("Verdict").select_option("missing")
    shown = page.locator("tbody tr").count()
    assert 0 < shown < 15
    page.get_by_role("columnheader", name="System").get_by_role("button").press("Enter")
    assert page.get_by_role("columnheader", name="System").get_attribute("aria-sort") == "ascending"
    assert page.url.endswith("#verdict=missing&sort=1up")
    again, more = visit(context, site, "register.html#verdict=missing&sort=1up")
    again.locator("[data-ready]").wait_for()
    assert again.locator("tbody").inner_text() == page.locator("tbody").inner_text()
    again.get_by_role("button", name="Show all").click()
    assert again.locator("tbody tr").count() == 15
    again.get_by_label("Find").fill("no such words")
    again.get_by_text("No row").wait_for()
    assert noise + more == []


def test_the_rows_are_asked_for_before_the_script_that_shows_them(
    context: BrowserContext, site: Path
) -> None:
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(Path(request.url).name))
    page.goto((site / "register.html").as_uri())
    page.locator("[data-ready]").wait_for()
    assert asked.index("register-rows.js") < asked.index("pager.js")
    assert asked.count("register-rows.js") == 1
    assert "preload" not in (site / "index.html").read_text()


def test_hostile_text_in_the_rows_is_text(context: BrowserContext, site: Path) -> None:
    page, noise = visit(context, site, "register.html")
    page.locator("[data-ready]").wait_for()
    assert "<script>window.pwned=1</script>" in page.locator("tbody").inner_text()
    assert page.locator("tbody :is(script, img, iframe, form, style, svg)").count() == 0
    assert page.evaluate("window.pwned") is None
    assert noise == []


def test_without_scripts_the_page_of_each_system_with_all_of_its_rows_is_a_link_away(
    browser: Browser, site: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, _ = visit(context, site, "register.html")
    links = page.locator("noscript a, article ul a[href^='projects/']").all()
    found = {link.get_attribute("href") for link in links}
    assert found == {
        f"projects/{name}/index.html" for name in ("loan-approval", "support-router", "claims-agent")
    }
    rows = 0
    for address in sorted(filter(None, found)):
        shown, _ = visit(context, site, address)
        rows += shown.locator("[id^='risk-']:visible").count()
    assert rows == 15
    context.close()


def test_a_writer_that_makes_nothing_inert_is_stopped_before_anything_is_published(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_templates, "inert", lambda value: _templates.Markup(value))
    root = workspace(tmp_path / "workspace", checkout)
    with pytest.raises(PolicyError):
        published(root, text=lambda text: f"{text} {ATTACK}")
    assert not (root / "build/site").exists()

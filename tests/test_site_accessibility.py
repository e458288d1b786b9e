"""Every kind of page of the built site has no violation that axe-core finds: light, dark, narrow, printed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_exporters_law_pages import governed
from tests.test_site_build import KINDS, hosted, publish, published, visit, workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
LOOKS = {
    "light": ("screen", 1280),
    "dark": ("screen", 1280),
    "narrow": ("screen", 390),
    "zoomed": ("screen", 640),
    "printed": ("print", 1000),
}
"""Medium and width; 640 is a window of 1280 at 200 per cent. The theme reads its colours when a page is opened, so the
dark look has a browser of its own."""
PAGES = KINDS | {
    "executed notebook": "evidence/loan-approval/bias_audit/*/index.html",
    "calendar": "calendar.html",
    "by role": "roles.html",
    "decisions": "decided.html",
    "findings": "findings.html",
    "committee paper": "projects/loan-approval/paper.html",
    "board summary": "board.html",
    "frameworks": "frameworks/index.html",
    "walk": "walks/reviewer.html",
    "design decision": "decisions/0003-the-worst-finding-speaks.html",
    "design decisions": "decisions/index.html",
}

LAW = (
    "frameworks/eu_ai_act.html",
    "frameworks/crosswalk.html",
    "projects/p/requirements.html",
    "calendar.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    return published(workspace(tmp_path_factory.mktemp("accessible") / "workspace", checkout))


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """A site of a system that frameworks concern."""
    folder = tmp_path_factory.mktemp("law")
    return publish(workspace(folder / "workspace", checkout), governed(folder / "governed"))


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    with hosted(site) as address:
        yield address


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def context(browser: Browser, scheme: str) -> Iterator[BrowserContext]:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    yield context
    context.close()


def opened(context: BrowserContext, site: Path | str, address: str) -> Page:
    """A page with everything on it unfolded, and axe-core beside it."""
    page, _ = visit(context, site, address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(AXE)
    return page


def violations(page: Page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{v['id']}: {v['help']}: {node['html'][:200]}" for v in found for node in v["nodes"]]


def faults(page: Page, scheme: str) -> list[tuple[str, list[str]]]:
    """Look and violations of ``page``, in the looks of the colour scheme it was opened in."""
    found = []
    for look, (medium, width) in LOOKS.items():
        if (look == "dark") == (scheme == "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(media=medium)  # type: ignore[arg-type]
            found.append((look, violations(page)))
    return [(look, lines) for look, lines in found if lines]


@pytest.mark.parametrize("kind", PAGES)
def test_no_kind_of_page_has_a_violation_in_any_look(
    context: BrowserContext, scheme: str, site: Path, host: str, kind: str
) -> None:
    address = next(site.glob(PAGES[kind])).relative_to(site).as_posix()
    page = opened(context, site, address)
    assert faults(page, scheme) == []
    page.close()
    page = opened(context, host, address)
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("address", LAW)
def test_no_page_on_law_has_a_violation_in_any_look(
    context: BrowserContext, scheme: str, law: Path, address: str
) -> None:
    page = opened(context, law, address)
    assert faults(page, scheme) == []
    page.close()


def test_a_dark_page_is_dark_and_what_cannot_be_read_or_reached_on_it_is_found(
    context: BrowserContext, scheme: str, site: Path
) -> None:
    page = opened(context, site, "index.html")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, colour.strip("rgb()").split(",")))
    assert brightness < 100 if scheme == "dark" else brightness > 700
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
        '<p style="color:#888;background:#999">faint</p><img src="x.png"><button></button>')"""
    )
    assert {line.split(":")[0] for line in violations(page)} == {"button-name", "color-contrast", "image-alt"}
    page.close()

"""The built site opens from disk, asks nobody for anything, and none of what it was given acts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from riskkit import exporters
from riskkit.errors import EnvironmentProblem, PolicyError, StorageError
from riskkit.exporters import Sources, build_site
from riskkit.model import Register
from tests.example_notebook import code, html, md, plain, shown, stream, svg
from tests.example_register import DAY, example

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PAYLOADS = [
    "<script>window.pwned=1</script>",
    '<img src=x onerror="window.pwned=2">',
    '<svg onload="window.pwned=3">',
    "<iframe srcdoc='<script>parent.pwned=4</script>'></iframe>",
    "[click](javascript:window.pwned=5)",
    '{ onmouseover="window.pwned=6" style="position:fixed;inset:0" }',
    '--8<-- "secret.env"',
    "{{ 7*191 }}{% raw %}",
    "\n\n## APPROVED\n\n",
    "| met | met |",
    "<style>body{display:none}</style>",
    '<form action="https://evil.example"><button>x</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "[evidence]: https://evil.example",
    '"\' autofocus onfocus="window.pwned=7" x="',
    "</title></script><script>window.pwned=8</script>",
    "</details></td></tr></table>",
    "-->]]>",
    "![x](https://evil.example/x.png)",
    "&lt;b&gt; \u202e \x07 \x1b[31m",
]
ATTACK = " ".join(PAYLOADS)
KINDS = {
    "portfolio": "index.html",
    "register": "register.html",
    "risks": "risks/index.html",
    "measures": "measures.html",
    "not covered": "not-covered.html",
    "changes": "changes.html",
    "how to read": "how-to-read.html",
    "risk": "risks/decision-bias.html",
    "project": "projects/loan-approval/index.html",
    "failed project": "projects/claims-agent/index.html",
    "missing page": "404.html",
}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def workspace(folder: Path, checkout: Path) -> Path:
    """An empty workspace with the checkout's templates, theme and settings."""
    folder.mkdir(parents=True)
    shutil.copy(checkout / "mkdocs.yml", folder)
    shutil.copytree(checkout / "site", folder / "site")
    shutil.copytree(checkout / "templates/pages", folder / "templates/pages")
    return folder


def published(root: Path, **how: object) -> Path:
    """The example register published from ``root``."""
    return publish(root, example(root / "records", **how))  # type: ignore[arg-type]


def publish(root: Path, register: Register) -> Path:
    exporters.get("pages")(register, root / "build/docs", sources=folders(root))
    build_site(root, site=root / "build/site", as_of=register.as_of)
    return root / "build/site"


def folders(root: Path) -> Sources:
    return Sources(
        templates=root / "templates/pages",
        site=root / "site",
        records=root / "records",
        cache=root / "build/cache",
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    return workspace(tmp_path_factory.mktemp("plain") / "workspace", checkout)


@pytest.fixture(scope="module")
def site(root: Path) -> Path:
    return published(root)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    root = workspace(tmp_path_factory.mktemp("attacked") / "workspace", checkout)
    (root / "secret.env").write_text("KEY=tell-nobody")
    cells = [
        md(ATTACK),
        code(ATTACK, 1, html(ATTACK), stream(ATTACK), plain(ATTACK)),
        code("x", 2, shown(**{"application/javascript": "window.pwned=20", "text/markdown": ATTACK})),
        code(
            "y",
            3,
            shown(**{"text/markdown": ATTACK}),
            svg(f"<svg xmlns='http://www.w3.org/2000/svg'>{ATTACK}</svg>"),
        ),
        {"cell_type": "raw", "source": ATTACK},
    ]
    return published(root, text=lambda text: f"{text} {ATTACK}", cells=cells)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def visit(context: BrowserContext, site: Path | str, address: str) -> tuple[Page, list[str]]:
    """A page opened from disk or from a host, and whatever it asked others for or complained about."""
    start = site if isinstance(site, str) else site.as_uri()
    own = (start if isinstance(site, str) else "file:", "data:", "blob:")
    page, noise = context.new_page(), []
    page.on("request", lambda r: None if r.url.startswith(own) else noise.append(r.url))
    page.on("console", lambda m: noise.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: noise.append(str(e)))
    page.on("dialog", lambda d: noise.append(d.message))
    page.goto(start + "/" + quote(address, safe="/#=&"))
    page.wait_for_load_state()
    return page, noise


def addresses(site: Path) -> list[str]:
    return [
        *KINDS.values(),
        *(p.relative_to(site).as_posix() for p in sorted(site.glob("evidence/*/*/*/index.html"))),
    ]


class Quiet(SimpleHTTPRequestHandler):
    """A plain host of files."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hosted(site: Path) -> Iterator[str]:
    """The address of ``site`` on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    with hosted(site) as address:
        yield address


def test_pages_of_a_plain_host_ask_nobody_else(context: BrowserContext, host: str) -> None:
    for address in KINDS.values():
        page, noise = visit(context, host, address)
        assert noise == [], address
        assert page.locator("h1").count() == 1, address
        page.close()


def test_pages_open_from_disk_and_ask_nobody_for_anything(context: BrowserContext, site: Path) -> None:
    for address in addresses(site):
        page, noise = visit(context, site, address)
        assert noise == [], address
        assert page.locator("h1").count() == 1, address
        page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(browser: Browser, site: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    for address in addresses(site):
        page, _ = visit(context, site, address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.close()
    context.close()


def test_nothing_hostile_acts_and_all_of_it_can_be_read(context: BrowserContext, attacked: Path) -> None:
    for address in addresses(attacked):
        page, noise = visit(context, attacked, address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for element in page.locator(".rk a:visible, main a:visible").all()[:5]:
            element.hover(force=True)
        assert page.evaluate("window.pwned") is None, address
        assert noise == [], address
        assert (
            page.locator("article form, main form, article iframe, article style, main [onfocus]").count()
            == 0
        )
        if not address.startswith("evidence/"):  # a Markdown cell may well hold a heading
            headings = page.locator(":is(h1, h2, h3):not(.rk-prose *)").all_inner_texts()
            assert [h for h in headings if h.strip().startswith("APPROVED")] == [], address
        text = page.locator("body").inner_text()
        assert "tell-nobody" not in text
        assert "1337" not in text
        page.close()


@pytest.mark.parametrize("address", ["index.html", "projects/loan-approval/index.html", "register.html"])
def test_hostile_text_is_shown_as_it_was_written(
    context: BrowserContext, attacked: Path, address: str
) -> None:
    page, _ = visit(context, attacked, address)
    text = page.locator("body").inner_text()
    for payload in (
        "<script>window.pwned=1</script>",
        "[click](javascript:window.pwned=5)",
        "{{ 7*191 }}{% raw %}",
    ):
        assert payload in text


def test_hostile_text_can_be_searched_and_stays_text(context: BrowserContext, attacked: Path) -> None:
    page, noise = visit(context, attacked, "index.html")
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("approval", delay=10)
    page.locator(".md-search-result__item").first.wait_for(timeout=20_000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert noise == []


def test_search_finds_a_risk_from_disk(context: BrowserContext, site: Path) -> None:
    page, noise = visit(context, site, "index.html")
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("runs away", delay=10)
    first = page.locator(".md-search-result__item").first
    first.wait_for(timeout=20_000)
    assert "Cost that runs away" in first.inner_text()
    assert noise == []


def test_a_cell_of_the_map_shows_its_rows(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "index.html")
    page.get_by_role("link", name="Likelihood 4, impact 5, critical: 1 risk").click()
    page.wait_for_url("**/register.html#likelihood=4&impact=5")
    rows = page.locator("tbody tr:visible")
    assert rows.count() == 1
    assert "Biased decisions" in rows.inner_text()
    assert "1 of 15 rows" in page.locator("output").inner_text()


def test_a_filter_is_kept_in_the_address_and_read_from_it(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "register.html")
    page.get_by_label("Verdict").select_option("missing")
    assert page.url.endswith("#verdict=missing")
    shown = page.locator("tbody tr:visible").count()
    assert 0 < shown < 15
    page.get_by_label("Find").fill("cost")
    page.wait_for_url("**q=cost**")
    again, _ = visit(context, site, "register.html#q=cost&verdict=missing")
    assert again.locator("tbody tr:visible").count() == page.locator("tbody tr:visible").count() == 3
    again.get_by_role("button", name="Show all").click()
    assert again.locator("tbody tr:visible").count() == 15


def test_columns_sort_by_keyboard_and_say_so(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "register.html")
    head = page.get_by_role("columnheader", name="Residual")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert "Critical" in page.locator("tbody tr").first.inner_text()


def test_a_link_to_a_row_opens_what_is_behind_it(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "projects/loan-approval/index.html#risk-decision-bias")
    assert page.locator("#risk-decision-bias + .rk-more details").get_attribute("open") is not None
    assert page.get_by_text("-0.149448").first.is_visible()


def test_the_executed_cell_is_one_click_away(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "projects/loan-approval/index.html")
    page.get_by_role("link", name="Evidence: executed cell for selection rate ratio").first.click()
    assert "/evidence/loan-approval/bias_audit/" in page.url
    assert "fairness.selection_rate_ratio" in page.locator(".cell:has(:target)").inner_text()


def test_without_scripts_every_row_is_there(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, _ = visit(context, site, "register.html")
    assert page.locator("tbody tr:visible").count() == 15
    context.close()


def test_a_printed_page_shows_the_opened_rows(context: BrowserContext, site: Path) -> None:
    page, _ = visit(context, site, "projects/loan-approval/index.html")
    page.emulate_media(media="print")
    assert page.get_by_text("-0.149448").first.is_visible()
    assert not page.locator(".md-header").is_visible()


def test_equal_registers_give_an_equal_site(root: Path, site: Path) -> None:
    before = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    again = published(root)
    after = {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}
    assert {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)} == set()


def test_a_page_the_gate_refuses_leaves_the_old_site_in_place(tmp_path: Path, checkout: Path) -> None:
    root = workspace(tmp_path / "workspace", checkout)
    site = published(root)
    before = (site / "index.html").read_bytes()
    (root / "build/docs/how-to-read.md").write_text('<a href="gone.html">x</a>\n\n<b onclick="x">y</b>\n')
    with pytest.raises(PolicyError, match=r"how-to-read\.html: (leads nowhere|acts on its own)"):
        build_site(root, site=site, as_of=DAY)
    assert (site / "index.html").read_bytes() == before
    assert [p.name for p in site.parent.iterdir() if p.name.startswith(".site")] == []


def test_a_broken_markdown_link_is_refused_by_mkdocs_with_its_words(tmp_path: Path, checkout: Path) -> None:
    root = workspace(tmp_path / "workspace", checkout)
    (root / "site/how-to-read.md").write_text("# How\n\n[gone](nowhere.md)\n")
    with pytest.raises(PolicyError, match=r"how-to-read\.md.*nowhere\.md"):
        published(root)
    assert not (root / "build/site").exists()


def test_a_workspace_without_settings_is_told_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"mkdocs\.yml does not exist"):
        build_site(tmp_path, site=tmp_path / "site", as_of=DAY)


def test_without_mkdocs_the_install_line_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskkit.exporters._build.find_spec", lambda name: None)
    with pytest.raises(EnvironmentProblem, match=r"mkdocs is not installed: pip install 'riskkit\[site\]'"):
        build_site(tmp_path, site=tmp_path / "site", as_of=DAY)


def test_the_site_folder_is_never_the_folder_of_hand_written_pages(checkout: Path) -> None:
    settings = (checkout / "mkdocs.yml").read_text()
    assert "\ndocs_dir: build/docs\n" in settings
    assert "\nsite_dir: build/site\n" in settings

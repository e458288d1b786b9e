"""The check a finished site must pass before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from riskkit.errors import PolicyError, printable
from riskkit.model.secret import Secrets

_FETCHES = {"src", "poster", "data", "xlink:href", "background", "action", "formaction"}
_ACTIVE = re.compile(r"(?:javascript|vbscript|data|file|blob):", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?[\\/]{2}", re.IGNORECASE)
_CSS_ELSEWHERE = re.compile(r"(?:url\(|@import)\s*['\"]?((?:[a-z]+:)?//[^)'\"\s]+)", re.IGNORECASE)
_SHOWN = 20
_TEXTS = {".html", ".json", ".csv", ".txt", ".xml", ".svg", ".md"}


@dataclass
class _Page(HTMLParser):
    """What one page links to, fetches and runs."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    scripts: int = 0
    policy: str = ""
    _in_style: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: _as_browsers_read(value or "") for name, value in attrs}
        self.ids.update(
            values[key] for key in ("id", "name") if key in values and (key == "id" or tag == "a")
        )
        self.scripts += tag == "script"
        self._in_style = tag == "style"
        self.acts += [f"<{tag} {name}>" for name in values if name.startswith("on") or name == "srcdoc"]
        if tag == "meta":
            self._meta(values)
        if tag in {"a", "area"} and "href" in values:
            self.links.append(values["href"])
        self.fetches += self._fetched(tag, values)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.fetches += _CSS_ELSEWHERE.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def _meta(self, values: dict[str, str]) -> None:
        kind = values.get("http-equiv", "").lower()
        if kind == "content-security-policy":
            self.policy = values.get("content", "")
        if kind == "refresh":
            self.acts.append("<meta refresh>")

    def _fetched(self, tag: str, values: dict[str, str]) -> Iterator[str]:
        yield from (values[name] for name in values if name in _FETCHES and values[name])
        yield from (part.split()[0] for part in values.get("srcset", "").split(",") if part.strip())
        yield from _CSS_ELSEWHERE.findall(values.get("style", ""))
        if (
            tag in {"link", "use", "base", "image"}
            and values.get("rel") != "canonical"
            and values.get("href")
        ):
            yield values["href"]


def gate(site: Path) -> int:
    """Check every page below ``site`` and return how many there are.

    A page must carry a content security policy, hold no event handler and no ``javascript:`` link, fetch nothing from
    elsewhere, and link only to files and anchors that exist; a page below ``evidence/`` holds no script at all. Raises
    PolicyError with the faults, each beginning with its page.
    """
    site = site.resolve()
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    faults = [
        f"{path.relative_to(site).as_posix()}: {fault}"
        for path, page in pages.items()
        for fault in (*_active(page, path.relative_to(site)), *_broken(page, path, pages, site))
    ]
    for sheet in sorted(site.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8", errors="replace")
        faults += [f"{sheet.relative_to(site).as_posix()}: fetches {u}" for u in _CSS_ELSEWHERE.findall(text)]
    if faults:
        more = f"\n… and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise PolicyError("the site is not published:\n" + "\n".join(map(printable, faults[:_SHOWN])) + more)
    return len(pages)


def refuse_secrets(site: Path, secrets: Secrets) -> None:
    """Search every text of the finished ``site``, whoever wrote it, for secrets; say where and which, never what.

    Raises PolicyError when there is one.
    """
    found = [
        f"{path.relative_to(site).as_posix()}: gives away {', '.join(said)}"
        for path in sorted(site.rglob("*"))
        if path.suffix in _TEXTS and (said := secrets.found_in(path.read_text("utf-8", "replace")))
    ]
    if found:
        more = f"\n… and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise PolicyError("the site is not published:\n" + "\n".join(map(printable, found[:_SHOWN])) + more)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _as_browsers_read(value: str) -> str:
    """An attribute as a URL parser takes it: tabs and line breaks gone, no controls or spaces at its ends."""
    return re.sub(r"[\t\r\n]", "", value).strip("".join(map(chr, range(33))))


def _active(page: _Page, relative: Path) -> Iterator[str]:
    """What on the page runs, or asks somebody else for something."""
    if not page.policy or "@@" in page.policy:
        yield "has no content security policy"
    if relative.parts[0] == "evidence" and page.scripts:
        yield f"holds {page.scripts} script(s), and evidence holds none"
    yield from (f"acts on its own: {act}" for act in page.acts)
    yield from (f"fetches {url}" for url in page.fetches if _ELSEWHERE.match(url))
    yield from (f"links to {url}" for url in page.links if _ACTIVE.match(url))


def _broken(page: _Page, path: Path, pages: dict[Path, _Page], site: Path) -> Iterator[str]:
    """What on the page leads nowhere."""
    for url in (*page.links, *page.fetches):
        parts = urlsplit(url)
        if parts.scheme or _ELSEWHERE.match(url):
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(site) or not target.is_file():
            yield f"leads nowhere: {url}"
        elif target in pages and not _has(pages[target], unquote(parts.fragment)):
            yield f"no such place on the page: {url}"


def _has(page: _Page, fragment: str) -> bool:
    """Whether a fragment leads somewhere: an anchor, or a filter such as ``level=high``."""
    return not fragment or "=" in fragment or fragment in page.ids

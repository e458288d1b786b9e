"""The check a finished site must pass before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from riskkit.errors import PolicyError, printable

_FETCHES = {"src", "srcset", "poster", "data", "xlink:href", "background", "action", "formaction"}
_SHOWN = 20


@dataclass
class _Page(HTMLParser):
    """What one page links to, fetches and runs."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    scripts: int = 0
    policy: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids.update(
            values[key] for key in ("id", "name") if key in values and (key == "id" or tag == "a")
        )
        self.scripts += tag == "script"
        self.handlers += [f"<{tag} {name}>" for name in values if name.startswith("on")]
        if tag == "meta":
            self._meta(values)
        self.fetches += [values[name] for name in values if name in _FETCHES and values[name]]
        if tag in {"link", "use", "base"} and values.get("rel") != "canonical":
            self.fetches += [values["href"]] if values.get("href") else []
        if tag in {"a", "area"} and "href" in values:
            self.links.append(values["href"])

    def _meta(self, values: dict[str, str]) -> None:
        kind = values.get("http-equiv", "").lower()
        if kind == "content-security-policy":
            self.policy = values.get("content", "")
        if kind == "refresh":
            self.handlers.append("<meta refresh>")


def gate(site: Path) -> int:
    """Check every page below ``site`` and return how many there are.

    A page must carry a content security policy, hold no event handler and no ``javascript:`` link, fetch nothing from
    elsewhere, and link only to files and anchors that exist; a page below ``evidence/`` holds no script at all. Raises
    PolicyError with the faults, each beginning with its page.
    """
    site = site.resolve()
    pages: dict[Path, _Page] = {}
    for path in sorted(site.rglob("*.html")):
        pages[path] = _Page()
        pages[path].feed(path.read_text(encoding="utf-8"))
    faults = [
        f"{path.relative_to(site).as_posix()}: {fault}"
        for path, page in pages.items()
        for fault in (*_acts(page, path.relative_to(site)), *_broken(page, path, pages, site))
    ]
    faults += [
        f"{p.relative_to(site).as_posix()}: fetches {u}" for p in sorted(site.rglob("*.css")) for u in _css(p)
    ]
    if faults:
        more = f"\n… and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise PolicyError("the site is not published:\n" + "\n".join(map(printable, faults[:_SHOWN])) + more)
    return len(pages)


def _acts(page: _Page, relative: Path) -> Iterator[str]:
    if not page.policy or "@@" in page.policy:
        yield "has no content security policy"
    if relative.parts[0] == "evidence" and page.scripts:
        yield f"holds {page.scripts} scripts, evidence holds none"
    yield from (f"acts on its own: {handler}" for handler in page.handlers)
    yield from (f"fetches {url}" for url in page.fetches if re.match(r"(?:[a-z]+:)?//", url, re.IGNORECASE))
    for url in page.links:
        if re.match(r"[\s\0]*(?:javascript|vbscript|data|file):", url, re.IGNORECASE):
            yield f"links to {url}"


def _broken(page: _Page, path: Path, pages: dict[Path, _Page], site: Path) -> Iterator[str]:
    for url in (*page.links, *(u for u in page.fetches if not u.startswith("data:"))):
        parts = urlsplit(url)
        if parts.scheme or url.startswith("//"):
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(site) or not target.is_file():
            yield f"leads nowhere: {url}"
        elif target in pages and not _has(pages[target], unquote(parts.fragment)):
            yield f"no such place on the page: {url}"


def _has(page: _Page, fragment: str) -> bool:
    """Whether a fragment leads somewhere: an anchor, or a filter such as ``level=high``."""
    return not fragment or "=" in fragment or fragment in page.ids


def _css(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^)'\"]+)", text)

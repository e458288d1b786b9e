"""The check a finished site must pass before anybody sees it."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from riskkit.errors import PolicyError, printable
from riskkit.exporters._files import below
from riskkit.exporters._known import remembered
from riskkit.exporters._markup import CSS_ELSEWHERE, Markup, plainly, read
from riskkit.model.secret import Secrets, shapes_in

_ACTIVE = re.compile(r"(?:javascript|vbscript|data|file|blob):", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?[\\/]{2}", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SHOWN = 20
_TEXTS = {".json", ".csv", ".txt", ".xml", ".svg", ".md"}
_PIECE, _LONGEST = 1 << 20, 1 << 16
"""Characters of a table that are searched at once, and that a secret may have in it."""


def gate(site: Path, *, secrets: Secrets | None = None, cache: Path | None = None) -> int:
    """Check everything below ``site`` and return how many pages there are.

    A page must carry a content security policy, hold no event handler and no ``javascript:`` link, fetch nothing from
    elsewhere, and link only to files and anchors that exist; a page below ``evidence/`` holds no script at all. No
    text, whoever wrote it, may hold one of ``secrets`` or what looks like a key. What pages hold is remembered in
    ``cache``; whether it may be there is asked each time. Raises PolicyError with the faults, each beginning with its
    file (an anchor that is missing is told of one page): where a secret lies and which it is, never what.
    """
    files, secrets = set(below(site)), secrets or Secrets()
    anchors: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    across: dict[tuple[str, str], tuple[str, str]] = {}
    sound: defaultdict[str, set[str]] = defaultdict(set)
    with remembered(plainly, cache, using=[shapes_in]) as plain:
        for name in sorted(name for name in files if name.endswith(".html")):
            text = (site / name).read_text(encoding="utf-8", errors="replace")
            page = read(text, plain)
            anchors[name] = "\n".join(("", *sorted(page.ids), ""))
            faults += [(name, fault) for fault in (*_active(page, name), *_given_away(page, text, secrets))]
            # What starts at the root leads to the same place from every page so deep.
            up = "../" * name.count("/")
            for url in {*page.links, *page.fetches} - sound[up]:
                target, fragment = _leads(url, name)
                if target and target not in files:
                    faults.append((name, f"leads nowhere: {url}"))
                    continue
                if fragment and "=" not in fragment:
                    across.setdefault((target, fragment), (name, url))
                if up and url.startswith(up):
                    sound[up].add(url)
    for (target, fragment), (name, url) in across.items():
        if target in anchors and f"\n{unquote(fragment)}\n" not in anchors[target]:
            faults.append((name, f"no such place on the page: {url}"))
    for name in files - anchors.keys():
        faults += [(name, fault) for fault in _beside(site / name, secrets)]
    if faults := sorted(set(faults)):
        more = f"\n… and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        told = (printable(f"{name}: {fault}") for name, fault in faults[:_SHOWN])
        raise PolicyError("the site is not published:\n" + "\n".join(told) + more)
    return len(anchors)


def _given_away(page: Markup, text: str, secrets: Secrets) -> Iterator[str]:
    """The secrets that a page holds, in words."""
    yield from (f"gives away what looks like a {key}" for key in page.keys)
    yield from (f"gives away {what}" for what in secrets.values_in(text))


def _beside(file: Path, secrets: Secrets) -> Iterator[str]:
    """What is wrong with a file that is no page."""
    if file.suffix == ".css":
        text = file.read_text(encoding="utf-8", errors="replace")
        yield from (f"fetches {url}" for url in CSS_ELSEWHERE.findall(text))
    if file.suffix in _TEXTS:
        yield from (f"gives away {what}" for text in _pieces(file) for what in secrets.found_in(text))


def _pieces(file: Path) -> Iterator[str]:
    """The text of ``file`` piece by piece, each with the end of the one before, as a table may have 30 MB."""
    piece = ""
    with file.open(encoding="utf-8", errors="replace", newline="") as text:
        while part := text.read(_PIECE):
            piece = piece[-_LONGEST:] + part
            yield piece


def _active(page: Markup, name: str) -> Iterator[str]:
    """What on the page runs, or asks somebody else for something."""
    if not page.policy or "@@" in page.policy:
        yield "has no content security policy"
    if name.startswith("evidence/") and page.scripts:
        yield f"holds {page.scripts} script(s), and evidence holds none"
    yield from (f"acts on its own: {act}" for act in page.acts)
    yield from (f"fetches {url}" for url in page.fetches if _ELSEWHERE.match(url))
    yield from (f"links to {url}" for url in set(page.links) if _ACTIVE.match(url))


def _leads(url: str, page: str) -> tuple[str, str]:
    """The file of the site that ``url`` names on ``page``, and the place in it; nothing when it is not of the site."""
    if url.startswith("#"):
        return page, url[1:]
    path, _, fragment = url.partition("#")
    path = path.partition("?")[0]
    if not path or _SCHEME.match(url) or _ELSEWHERE.match(url):
        return (page if url.startswith("?") else ""), fragment if not path else ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path))), fragment

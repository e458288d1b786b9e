"""Pages that riskkit wrote put into frames that the theme made, so that no other program reads megabytes of them."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from riskkit.errors import PolicyError
from riskkit.exporters._files import below

_SHARED, _TITLE, _BODY = (
    "projects/_frame/index.md",
    "FRAMED-TITLE",
    '<div class="framed-body"><h1></h1></div>',
)
_APART = re.compile(r"(?:projects|evidence|exports)/.+/[^/]+")
_FRONT = re.compile(rb"---\n(\{.*\})\n---\n\n")
_NAMED = re.compile(r"\]\([^)\s]*?((?:projects|evidence|exports)/[^)\s#]+)")
_HEADS = re.compile(r'<(p) class="rk-lead"[^>]*>(.*?)</p>|<(th) scope="row"[^>]*>(.*?)</th>', re.DOTALL)
_INDEX, _SCRIPT, _OPENS = "search/search_index.json", "search/search_index.js", '"docs":['
_LONG, _TOLD = 60_000, 4_000


def set_apart(docs: Path, staged: Path) -> dict[str, str]:
    """Fill the new folder ``staged`` with what the theme has to render; file name to frame, of what it need not see.

    A page that riskkit wrote is staged empty. All pages of projects share one frame, and what is no page of projects
    and evidence has none (""), unless a hand-written page links to it.
    """
    names = below(docs)
    fronts = {n: front for n in names if n.endswith(".md") and (front := _front(docs / n))}
    by_hand = (docs / n for n in names if n.endswith(".md") and n not in fronts)
    named = {found for path in by_hand for found in _NAMED.findall(path.read_text(encoding="utf-8"))}
    apart = {}
    for name in names:
        own = name in named or not _APART.fullmatch(name)
        if name in fronts:
            apart[name] = frame = name if own else _SHARED
            title = fronts[name]["title"] if own else _TITLE
            _stage(staged / frame, fronts[name] | {"title": title, "search": {"exclude": True}})
        elif own:
            _link(docs / name, staged / name)
        else:
            apart[name] = ""
    return apart


def put_into_frames(docs: Path, site: Path, apart: dict[str, str]) -> None:
    """Finish ``site`` with the files of ``docs`` that were set apart: pages in their frames, the rest as they are.

    Pages get a place in the search index. Raises PolicyError for a page whose text holds a script, and where the theme
    left no place for it.
    """
    frames = {name: (site / _page(name)).read_bytes() for name in set(apart.values()) - {""}}
    found = []
    folder = site
    for name, frame in apart.items():
        target = site / _page(name)
        if target.parent != folder:  # they come in order
            folder = target.parent
            folder.mkdir(parents=True, exist_ok=True)
        if not frame:
            shutil.copyfile(docs / name, target)  # no link: what is edited here must not get into the cache
            continue
        front, text = _split((docs / name).read_bytes())
        target.write_bytes(_framed(frames[frame], text, str(front["title"]), name=_page(name)))
        if "search" not in front:
            found.append({"location": _page(name), "title": front["title"], "text": _said(text.decode())})
    if _SHARED in frames:
        shutil.rmtree((site / _SHARED).parent)
    _add_to_search(site, found)


def _page(name: str) -> str:
    return f"{name.removesuffix('.md')}.html" if name.endswith(".md") else name


def _front(path: Path) -> dict[str, object]:
    """Front matter of a page that riskkit wrote; empty for one that people wrote."""
    with path.open("rb") as file:
        return _split(b"".join([file.readline(), file.readline(), file.readline(), b"\n"]))[0]


def _split(page: bytes) -> tuple[dict[str, object], bytes]:
    """Front matter and text of a page that riskkit wrote; for one that people wrote, nothing and all of it."""
    found = _FRONT.match(page)
    return (json.loads(found[1]), page[found.end() :]) if found else ({}, page)


def _stage(path: Path, front: dict[str, object]) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{json.dumps(front)}\n---\n\n{_BODY}\n", encoding="utf-8")


def _framed(frame: bytes, text: bytes, title: str, *, name: str) -> bytes:
    before, body, after = frame.partition(_BODY.encode())
    if not body:
        raise PolicyError(f"{name}: the theme left no place for its text")
    if b"<script" in text.lower():
        raise PolicyError(f"{name}: a script in the page's text")
    before, after = (part.replace(_TITLE.encode(), title.encode()) for part in (before, after))
    return b"".join([before, text.rstrip(b"\n"), after])


def _said(text: str) -> str:
    """What the page is found by: its text, of a long page the lead and the heads of its rows."""
    if len(text) > _LONG:
        text = " · ".join(dict.fromkeys(found[1] or found[3] for found in _HEADS.findall(text)))
    said = " ".join(re.sub(r"<[^>]*>", " ", text).split())
    return said if len(said) < _TOLD else said[:_TOLD].rpartition(" ")[0]


def _add_to_search(site: Path, found: Iterable[dict[str, object]]) -> None:
    entries = ",".join(json.dumps(entry, separators=(",", ":")) for entry in found)
    for path in (site / _INDEX, site / _SCRIPT):
        if entries and path.is_file():
            before, opens, after = path.read_text(encoding="utf-8").partition(_OPENS)
            comma = "" if after.startswith("]") else ","
            path.write_text(f"{before}{opens}{entries}{comma}{after}", encoding="utf-8")


def _link(file: Path, target: Path) -> None:
    """``file`` in its place: by hard link where the disk allows it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)

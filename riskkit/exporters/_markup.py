"""What one page of HTML links to, fetches, runs and gives away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

from riskkit.model.secret import GOES_ON, shapes_in

CSS_ELSEWHERE = re.compile(r"(?:url\(|@import)\s*['\"]?((?:[a-z]+:)?//[^)'\"\s]+)", re.IGNORECASE)
_FETCHES = {"src", "poster", "data", "xlink:href", "background", "action", "formaction"}
_EDGES = "".join(map(chr, range(33)))
_ATTRIBUTE = r"\s+[a-zA-Z_:@][\w:.-]*(?:=(?:\"[^\"<]*\"|'[^'<]*'|[^\s\"'=<>`]+))?"
_TAG = re.compile(
    rf"<(?:!doctype html|[a-zA-Z][a-zA-Z0-9-]*(?:{_ATTRIBUTE})*\s*/?|/[a-zA-Z][a-zA-Z0-9-]*\s*)>"
)
_PAIR = re.compile(r"([a-zA-Z_:@][\w:.-]*)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_SPACED = re.compile(r"\s+")
_HEAD = re.compile(r"<title>[^<]*</title>|<span class=\"md-ellipsis\">[^<]*</span>")


@dataclass(slots=True)
class Markup:
    """A page, or a part of one."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    scripts: int = 0
    policy: str = ""
    keys: list[str] = field(default_factory=list)
    """Kinds of key that its text seems to hold."""

    def __bool__(self) -> bool:
        page = self.ids or self.links or self.fetches or self.acts or self.scripts or self.policy
        return bool(page or self.keys)

    def add(self, other: Markup) -> None:
        """Take over what another part holds."""
        self.ids |= other.ids
        self.links += other.links
        self.fetches += other.fetches
        self.acts += other.acts
        self.scripts += other.scripts
        self.policy = self.policy or other.policy
        self.keys += other.keys


_NOTHING = Markup()
"""What most tags hold."""
_LINES: dict[str, Markup] = {}
_MANY = 1 << 13
"""Lines that are remembered, at most."""


def plainly(text: str) -> dict[str, Any] | None:
    """The fields of ``Markup``, when every ``<`` in ``text`` opens a plain tag: then browsers read it so, too.

    Thousands of pages share their lines: one that gives nothing away is read once.
    """
    lines = set(text.split("\n"))
    fresh = lines.difference(_LINES)
    keys = shapes_in(text if GOES_ON in text else "\n".join(fresh))
    if len(_LINES) > _MANY:
        _LINES.clear()
    found = Markup(keys=list(keys))
    for line in lines:
        if (part := _LINES.get(line)) is None:
            if (part := _line(line)) is None:
                return None
            if not keys:
                _LINES[line] = part
        if part is not _NOTHING:
            found.add(part)
    return {
        "ids": sorted(found.ids), "links": sorted(set(found.links)), "fetches": sorted(set(found.fetches)),
        "acts": sorted(set(found.acts)), "policy": found.policy, "keys": found.keys,
    }  # fmt: skip


def read(text: str, plain: Callable[[str], dict[str, Any] | None] = plainly) -> Markup:
    """What the page ``text`` holds; ``plain`` stands for ``plainly`` and may know more.

    Pages share their frame, which is read once, and a text in which each ``<`` opens a plain tag is taken line by line.
    Anything else goes through the parser, character by character.
    """
    before, body, after = _parts(text)
    if (told := plain(body)) is None:
        return _parsed(text)
    found = Markup(**told | {"ids": set(told["ids"])})
    if before:
        found.add(_frame(_HEAD.sub("", before) + "<p>" + after))
        found.keys += shapes_in("\n".join(_HEAD.findall(before)))
    return found


def _parts(text: str) -> tuple[str, str, str]:
    """What the theme put before a page's article, the article, and what comes after; without one, all is article."""
    start, end = text.find("<article"), text.rfind("</article>")
    return (text[:start], text[start:end], text[end:]) if 0 <= start < end else ("", text, "")


def _line(line: str) -> Markup | None:
    tags = _TAG.findall(line)
    if len(tags) != line.count("<"):
        return None
    found = Markup()
    for tag in dict.fromkeys(tags):
        if (part := _tag(tag)) is None:
            return None
        if part is not _NOTHING:
            found.add(part)
    return found or _NOTHING


@lru_cache(maxsize=1 << 11)
def _tag(tag: str) -> Markup | None:
    """What a tag holds; None for one after which text is not text."""
    name, *rest = _SPACED.split(tag[1:-1], maxsplit=1)
    if name.lower() in {"script", "style"}:
        return None
    found = Markup()
    if rest:
        pairs = [(m[1].lower(), unescape(m[2] or m[3] or m[4] or "")) for m in _PAIR.finditer(rest[0])]
        _note(found, name.lower(), pairs)
    return found or _NOTHING


@lru_cache(maxsize=64)
def _frame(text: str) -> Markup:
    return _parsed(text)


def _parsed(text: str) -> Markup:
    page = _Parser()
    page.feed(text)
    page.close()
    page.found.keys += shapes_in(text)
    return page.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Markup()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        _note(self.found, tag, [(name, value or "") for name, value in attrs])

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found.fetches += CSS_ELSEWHERE.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


def _note(found: Markup, tag: str, attributes: list[tuple[str, str]]) -> None:
    values = {
        name: _as_browsers_read(value) for name, value in reversed(attributes)
    }  # the first of a name counts
    found.ids.update(values[k] for k in ("id", "name") if k in values and (k == "id" or tag == "a"))
    found.scripts += tag == "script"
    found.acts += [f"<{tag} {name}>" for name in values if name.startswith("on") or name == "srcdoc"]
    if tag == "meta":
        _meta(found, values)
    if tag in {"a", "area"} and "href" in values:
        found.links.append(values["href"])
    found.fetches += _fetched(tag, values)


def _meta(found: Markup, values: dict[str, str]) -> None:
    kind = values.get("http-equiv", "").lower()
    if kind == "content-security-policy":
        found.policy = values.get("content", "")
    if kind == "refresh":
        found.acts.append("<meta refresh>")


def _fetched(tag: str, values: dict[str, str]) -> Iterator[str]:
    yield from (values[name] for name in values if name in _FETCHES and values[name])
    yield from (part.split()[0] for part in values.get("srcset", "").split(",") if part.strip())
    yield from CSS_ELSEWHERE.findall(values.get("style", ""))
    if tag in {"link", "use", "base", "image"} and values.get("rel") != "canonical" and values.get("href"):
        yield values["href"]


def _as_browsers_read(value: str) -> str:
    """An attribute as a URL parser takes it: tabs and line breaks gone, no controls or spaces at its ends."""
    return re.sub(r"[\t\r\n]", "", value).strip(_EDGES)

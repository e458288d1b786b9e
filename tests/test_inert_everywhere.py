"""Hostile text in every field that takes any is inert in every file of a site, and a writer without guard is caught."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from pydantic import BaseModel, ValidationError
from rich.console import Console

from riskkit.errors import printable
from riskkit.exporters import Sources, _inert, _templates, get
from riskkit.model import Register
from tests.example_notebook import code, html, md, plain, shown, stream, svg
from tests.example_register import example
from tests.test_site_build import ATTACK, PAYLOADS

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORBIDDEN = {"script", "iframe", "form", "style", "meta", "object", "embed", "base", "button"}
MADE_BY_THE_KIT = {
    "Call.id", "Call.what", "Conclusion.version",
    "Entry.project", "Entry.treatment", "Evidence.folder", "Evidence.sha256",
    "Indicator.assessment", "Indicator.measure", "Indicator.record", "Point.record", "Reason.file",
    "Reason.project", "Reason.rule", "Reason.subject", "Register.kit_version", "Remark.file", "Remark.fix",
    "Remark.id", "Remark.project", "RunFacts.git_commit", "RunFacts.kit_version", "RunFacts.python",
    "Standing.file", "Step.control",
}  # fmt: skip
"""Fields that hold ids, paths, digests and the kit's own words; nobody writes them."""


class Acts(HTMLParser):
    """What of a page's text would act: elements, handlers and addresses that do more than show or lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what acts of a tag."""
        if tag in FORBIDDEN:
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name, _ in attrs if name.startswith("on") or name == "srcdoc"]
        leads = [value or "" for name, value in attrs if name in {"href", "src", "action"}]
        self.found += [
            f"{tag} to {value}" for value in leads if re.match(r"\s*(javascript|data:text)", value)
        ]


def acting(text: str) -> list[str]:
    parser = Acts()
    parser.feed(text)
    return parser.found


def page_is_inert(text: str) -> None:
    """A Markdown page: JSON before it, then one block of HTML in which nothing is left for Markdown or Jinja."""
    _, front, body = text.split("---\n", 2)
    assert not re.search(r"[<>{}]", json.loads(front)["title"])
    assert not re.search(r"^\s*#|\{\{|\{%|--8<--", body, re.MULTILINE)
    assert "](javascript" not in re.sub(
        r'<div class="rk-prose">.*', "", body
    )  # in prose it is text of raw HTML
    assert not CONTROL.search(body)
    own = re.sub(r'<button type="button"[^>]*>|<script src="[\w./-]+" defer></script>', "", body)
    assert acting(own) == []


def evidence_is_inert(text: str) -> None:
    assert "<script" not in text.lower()
    assert [a for a in acting(text) if a not in {"meta", "style"}] == []
    assert not CONTROL.search(text)


def feed_is_inert(text: str) -> None:
    assert {e.tag.rpartition("}")[2] for e in ET.fromstring(text).iter()} <= {
        "feed", "title", "id", "updated", "author", "name", "link", "entry", "summary", "content", "subtitle",
        "generator", "category",
    }  # fmt: skip
    assert not CONTROL.search(text)


CHECKS: dict[str, Callable[[str], None]] = {
    "projects/**/*.md": page_is_inert,
    "index.md": page_is_inert,
    "register.md": page_is_inert,
    "risks/*.md": page_is_inert,
    "findings.md": page_is_inert,
    "decided.md": page_is_inert,
    "changes.md": page_is_inert,
    "calendar.md": page_is_inert,
    "roles.md": page_is_inert,
    "evidence/**/*.html": evidence_is_inert,
    "feed.xml": feed_is_inert,
}


def hostile(records: Path) -> Register:
    cells = [
        md(ATTACK),
        code(ATTACK, 1, html(ATTACK), stream(ATTACK), plain(ATTACK)),
        code("x", 2, shown(**{"application/javascript": "window.pwned=20", "text/markdown": ATTACK})),
        code("y", 3, svg(f"<svg xmlns='http://www.w3.org/2000/svg'>{ATTACK}</svg>")),
    ]
    return example(records, lambda text: f"{text} {ATTACK}", cells, again=True)


def written(folder: Path, checkout: Path, name: str = "docs") -> Path:
    sources = Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=folder / "records",
        cache=folder / f"cache-{name}",
    )
    get("pages")(hostile(folder / "records"), folder / name, sources=sources)
    return folder / name


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    return written(tmp_path_factory.mktemp("inert"), checkout)


def texts(value: Any) -> Iterator[tuple[BaseModel, str, str]]:
    """Every text below ``value``: the model it stands in, its field, and itself."""
    if isinstance(value, BaseModel):
        for field in type(value).model_fields:
            held = getattr(value, field)
            for text in held if isinstance(held, tuple) else [held]:
                if type(text) is str:
                    yield value, field, text
            yield from texts(held)
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from texts(part)


def takes_any(holder: BaseModel, field: str) -> bool:
    """Whether the field would take hostile text too."""
    old = getattr(holder, field)
    new = tuple(f"{t} {ATTACK}" for t in old) if isinstance(old, tuple) else f"{old} {ATTACK}"
    try:
        type(holder).model_validate(
            {**{f: getattr(holder, f) for f in type(holder).model_fields}, field: new}
        )
    except (ValidationError, ValueError):
        return False
    return True


def test_hostile_text_stands_in_every_field_that_takes_any(tmp_path: Path) -> None:
    planted, tried = set(), {}
    for holder, field, text in texts(hostile(tmp_path)):
        name = f"{type(holder).__name__}.{field}"
        if "window.pwned=1" in text:
            planted.add(name)
        elif name not in tried:
            tried[name] = takes_any(holder, field)
    assert len(planted) > 70
    assert {name for name, takes in tried.items() if takes} - planted == MADE_BY_THE_KIT


@pytest.mark.parametrize("kind", CHECKS)
def test_every_kind_of_file_is_inert(docs: Path, kind: str) -> None:
    files = [p for p in docs.glob(kind) if p.is_file()]
    assert files
    for file in files:
        CHECKS[kind](file.read_text(encoding="utf-8"))


def test_a_drawing_that_holds_more_is_left_out_and_none_stands_in_a_page(docs: Path) -> None:
    pages = list(docs.glob("evidence/*/*/*/index.html"))
    assert len(pages) == 4
    assert list(docs.glob("evidence/**/*.svg")) == []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<svg" not in text
        assert "An image is left out" in text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_terminal_shows_what_was_typed_and_obeys_none_of_it(payload: str) -> None:
    console = Console(file=(out := io.StringIO()), force_terminal=True, width=500)
    console.print(printable(payload), markup=False, highlight=False)
    assert not CONTROL.search(out.getvalue().replace("\n", "").replace("\r", ""))


@pytest.mark.parametrize("guard", ["inert of templates", "inert of parts"])
def test_a_page_writer_without_its_guard_is_caught(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    if guard == "inert of templates":
        monkeypatch.setattr(_templates, "inert", lambda value: Markup(str(value)))
    else:
        monkeypatch.setattr(_inert, "_entity", lambda match: match.group())
        _inert._short.cache_clear()
    try:
        naive = written(tmp_path, checkout)
    finally:
        _inert._short.cache_clear()
    for kind in ("index.md", "register.md", "projects/**/*.md", "findings.md"):
        for file in naive.glob(kind):
            with pytest.raises((AssertionError, ValueError)):
                page_is_inert(file.read_text(encoding="utf-8"))

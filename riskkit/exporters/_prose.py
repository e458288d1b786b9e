"""Markdown that others wrote, as HTML without anything that acts."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from riskkit.exporters._inert import spelled_out

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "a": {"href"},
    "ol": {"start"},
}

_SHORT = 4000


def clean(html: str, *, classes: dict[str, set[str]] | None = None) -> Markup:
    """``html`` with the tags of ``TAGS`` only: no script, style, image, form, handler, id; classes only as named.

    Links keep ``https``, ``http`` and ``mailto`` addresses and are marked as not ours.
    """
    return Markup(
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=classes or {},
            clean_content_tags={"script", "style", "title", "textarea", "noscript", "template"},
            url_schemes={"https", "http", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )
    )


def prose(markdown: str, *, lowest: int = 2) -> Markup:
    """Markdown as clean HTML; raw HTML in it shows as text, headings start at level ``lowest``.

    Characters nobody can see are spelled out.
    """
    return _short(markdown, lowest) if len(markdown) < _SHORT else _prose(markdown, lowest)


def _prose(markdown: str, lowest: int) -> Markup:
    html = _parser().render(markdown)
    html = re.sub(r"(</?h)([1-6])(?=>)", lambda m: f"{m[1]}{min(6, int(m[2]) + lowest - 1)}", html)
    return Markup(spelled_out(clean(html)).replace("{", "&#123;"))  # no opening for a template language


_short = lru_cache(maxsize=1 << 11)(_prose)
"""Notebooks of one assessment say the same at every run."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def one_block(html: Markup) -> Markup:
    """``html`` without line breaks, so that it stays one block inside a Markdown page."""
    return Markup(str(html).replace("\n\n", "\n").replace("\n", "&#10;"))

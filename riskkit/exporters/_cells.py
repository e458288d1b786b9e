"""The cells of an executed notebook as HTML that only shows what happened."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from riskkit.exporters._inert import inert, spelled_out
from riskkit.exporters._prose import clean, prose

TEXT, RICH, IMAGE, OUTPUTS = 100_000, 1_000_000, 8_000_000, 100
"""Caps: characters of a text output, of an HTML output, bytes of an image, outputs of a cell."""

CLASSES = {
    "table": {"dataframe", "rk-table"},
    "div": {"rk-card", "rk-note"},
    "span": {"rk-met", "rk-breached", "rk-inconclusive", "rk-error", "rk-missing", "rk-stale"},
    "td": {"rk-num"},
    "th": {"rk-num"},
}
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_MORE_THAN_A_DRAWING = re.compile(
    rb"<\s*(?:script|foreignobject|iframe|!entity|!doctype)|\son\w+\s*=|javascript:|@import"
    rb"|(?:href|src)\s*=\s*[\"']?\s*(?![\"'#\s]|data:image/)"
    rb"|url\(\s*[\"']?\s*(?![\"'#\s]|data:image/)",
    re.IGNORECASE,
)
_LEXER, _FORMATTER = PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)
_SIGNATURES = {"image/png": (b"\x89PNG\r\n\x1a\n", "png"), "image/jpeg": (b"\xff\xd8\xff", "jpg")}


@dataclass(slots=True)
class Rendered:
    """Cells as HTML, the image files they show, and the headings to jump to."""

    cells: list[Markup] = field(default_factory=list)
    images: dict[str, bytes] = field(default_factory=dict)
    headings: list[tuple[str, str]] = field(default_factory=list)
    """Anchor and text of each heading."""


def render_cells(cells: Iterable[Mapping[str, Any]], *, measures: Iterable[str] = ()) -> Rendered:
    """All ``cells``; the one at index 3 has the anchor ``cell-3``.

    For each of ``measures`` there is an anchor ``measure-<name>`` at the first code cell that names it, else at the
    last code cell.
    """
    cells = list(cells)
    places = _places(cells, measures)
    done = Rendered()
    for index, cell in enumerate(cells):
        anchors = "".join(f'<span id="measure-{inert(m)}"></span>' for m in places.get(index, ()))
        body = _cell(cell, index, done)
        done.cells.append(Markup(f'<section class="cell" id="cell-{index}">{anchors}{body}</section>'))
    return done


def _places(cells: list[Mapping[str, Any]], measures: Iterable[str]) -> dict[int, list[str]]:
    code = [(i, _text(c.get("source", ""))) for i, c in enumerate(cells) if c.get("cell_type") == "code"]
    places: dict[int, list[str]] = {}
    for measure in sorted(set(measures)):
        word = re.compile(rf"\b{re.escape(measure)}\b")
        naming = (i for i, source in code if measure in source and word.search(source))
        index = next(naming, code[-1][0] if code else 0)
        places.setdefault(index, []).append(measure)
    return places


def _cell(cell: Mapping[str, Any], index: int, done: Rendered) -> str:
    source = _text(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        return _markdown(source, index, done)
    if cell.get("cell_type") != "code":
        return f'<pre class="out" tabindex="0">{_plain(source)}</pre>'
    outputs = list(cell.get("outputs") or [])
    name = done.headings[-1][1] if done.headings else "Output"
    parts = [_code(cell, index, source)]
    parts += [_output(o, f"{name}, figure {n}", done) for n, o in enumerate(outputs[:OUTPUTS], 1)]
    if len(outputs) > OUTPUTS:
        parts.append(f'<p class="left-out">{len(outputs) - OUTPUTS} more outputs are not shown.</p>')
    return "".join(parts)


def _markdown(source: str, index: int, done: Rendered) -> str:
    html = str(prose(source))
    for level, text in re.findall(r"<h([2-6])>(.*?)</h\1>", html, re.DOTALL):
        if level in "23":
            done.headings.append((f"cell-{index}", Markup(text).striptags()))
    return html


def _code(cell: Mapping[str, Any], index: int, source: str) -> str:
    tags = {t for t in (cell.get("metadata") or {}).get("tags", []) if isinstance(t, str)}
    count = cell.get("execution_count")
    label = (
        "Parameters as passed"
        if "injected-parameters" in tags
        else "Parameters"
        if "parameters" in tags
        else "Code"
    )
    order = f"run {count}" if isinstance(count, int) else "not run"
    shown = _highlighted(_CONTROL.sub("\ufffd", source[:TEXT]))
    return (
        f'<div class="code"><a class="tag" href="#cell-{index}">{label} <span>{order}</span></a>'
        f'<pre tabindex="0">{shown}</pre></div>'
    )


@lru_cache(maxsize=1 << 11)
def _highlighted(source: str) -> str:
    return str(highlight(source, _LEXER, _FORMATTER))


def _output(output: Mapping[str, Any], alt: str, done: Rendered) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return f'<pre class="out" tabindex="0">{_plain(_text(output.get("text", "")))}</pre>'
    if kind == "error":
        lines = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
        text = _plain("\n".join(map(str, lines)))
        return f'<div class="failure"><p>This cell raised an error.</p><pre tabindex="0">{text}</pre></div>'
    data = output.get("data")
    return "".join(_richest(data, alt, done)) if isinstance(data, Mapping) else ""


def _richest(data: Mapping[str, Any], alt: str, done: Rendered) -> Iterator[str]:
    """The first form we can show, images before HTML before text; what cannot be shown is named."""
    for kind in (*_SIGNATURES, "image/svg+xml"):
        if kind in data:
            yield _image(kind, _text(data[kind]), alt, done)
            return
    if "text/html" in data:
        html = clean(_text(data["text/html"])[:RICH].replace("<th></th>", "<td></td>"), classes=CLASSES)
        shown = spelled_out(html)
        yield f'<div class="rich" tabindex="0" role="region" aria-label="{inert(alt)}">{shown}</div>'
    elif "text/markdown" in data:
        yield f'<div class="rich">{prose(_text(data["text/markdown"])[:RICH])}</div>'
    elif set(data) - {"text/plain"}:
        kinds = ", ".join(sorted(str(kind) for kind in set(data) - {"text/plain"}))
        yield f'<p class="left-out">An output of type {inert(kinds)} is not run here.</p>'
        return
    elif "text/plain" in data:
        yield f'<pre class="out" tabindex="0">{_plain(_text(data["text/plain"]))}</pre>'


def _image(kind: str, text: str, alt: str, done: Rendered) -> str:
    if kind == "image/svg+xml":
        raw, extension = _DOCTYPE.sub(b"", text.encode("utf-8", "replace"), count=1), "svg"
        fault = "it holds more than a drawing" if _MORE_THAN_A_DRAWING.search(raw) else ""
    else:
        signature, extension = _SIGNATURES[kind]
        try:
            raw = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        fault = "" if raw.startswith(signature) else f"it is not {kind}"
    if len(raw) > IMAGE:
        fault = f"it is larger than {IMAGE // 1_000_000} MB"
    if fault:
        return f'<p class="left-out">An image is left out: {inert(fault)}.</p>'
    name = f"{hashlib.sha256(raw).hexdigest()[:16]}.{extension}"
    done.images[name] = raw
    return f'<figure><img src="{name}" alt="{inert(alt)}"></figure>'


def _text(value: Any) -> str:
    """A notebook's multi-line string, which may be stored as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(text: str) -> str:
    """Text for a ``<pre>``: escape codes gone, unreadable characters replaced, cut at the cap."""
    cut = f"\n… {len(text) - TEXT:,} more characters are not shown" if len(text) > TEXT else ""
    kept = _CONTROL.sub("\ufffd", _ANSI.sub("", text[:TEXT]).replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(str(inert_line(line)) for line in (kept + cut).split("\n"))


def inert_line(line: str) -> Markup:
    """One line of preformatted text: as ``inert``, with its spaces kept."""
    return Markup("").join(
        Markup(part) if part.isspace() else inert(part) for part in re.split(r"([ \t]+)", line) if part
    )

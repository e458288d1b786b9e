"""What notebooks show without a widget: HTML in which nothing from data is markup, and the same as plain text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to read, twice: as HTML and as text, with the same facts. Jupyter, GitHub and print take their pick."""

    html: str
    text: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    sides: Sequence[str] | None = None,
) -> Shown:
    """A table of texts; ``sides`` aligns each column ``left`` or ``right``."""
    lines = [tuple(map(str, row)) for row in rows]
    style = [f' style="text-align: {side}"' for side in sides] if sides else [""] * len(heads)
    top = "".join(
        f'<th scope="col"{s}>{html.escape(head)}</th>' for head, s in zip(heads, style, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{s}>{html.escape(cell)}</td>" for cell, s in zip(row, style, strict=True))
        + "</tr>"
        for row in lines
    )
    name = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    markup = f"<table>{name}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return Shown(
        markup, "\n".join([*([caption] if caption else []), *_aligned([tuple(heads), *lines], sides)])
    )


def line(text: str) -> Shown:
    """A paragraph."""
    return Shown(f"<p>{html.escape(text)}</p>", text)


def heading(text: str) -> Shown:
    """A heading within what is shown."""
    return Shown(f"<h4>{html.escape(text)}</h4>", text)


def folded(summary: str, *parts: Shown) -> Shown:
    """``parts`` behind a line that opens them; as text they stand below it."""
    inside = stacked(*parts)
    indented = "\n".join(f"  {row}" for row in inside.text.split("\n"))
    return Shown(
        f"<details><summary>{html.escape(summary)}</summary>{inside.html}</details>", f"{summary}\n{indented}"
    )


def stacked(*parts: Shown) -> Shown:
    """``parts`` one below the other."""
    return Shown("".join(p.html for p in parts), "\n".join(p.text for p in parts))


def _aligned(lines: Sequence[Sequence[str]], sides: Sequence[str] | None) -> list[str]:
    right = [side == "right" for side in sides] if sides else [False] * len(lines[0])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(w) if flush else cell.ljust(w)
            for cell, w, flush in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in lines
    ]

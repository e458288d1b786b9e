"""How the cells of the workbook look: colour repeats what the text says, and never says it alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

_INK, _LINE = "1F2933", "D5DAE0"
_FILLS = {
    "good": ("E3F3E8", "14532D"),
    "watch": ("FFF4D6", "6B4A00"),
    "bad": ("FDE4E1", "8A1C12"),
    "worst": ("F5C6C0", "6D0F08"),
    "open": ("ECEFF3", "3A4653"),
}
_SAYS = {
    "good": {"low", "met", "valid", "ok", "answered", "closed", "active", "yes"},
    "watch": {"medium", "inconclusive", "stale", "expiring", "partly", "expired", "in_progress", "later"},
    "bad": {"high", "breached", "outdated", "gap", "failed", "stopped", "error", "orphaned", "no", "revoked"},
    "worst": {"critical"},
    "open": {"missing", "unknown", "not_assessed", "open", "waiting", "planned", "not_applicable"},
}
_TONE = {word: tone for tone, words in _SAYS.items() for word in words}
_TONED = {
    "inherent", "current", "residual", "override", "target", "appetite", "within_appetite", "verdict",
    "measure_verdict", "decision_state", "state", "status", "stands", "severity", "worst_residual",
}  # fmt: skip
"""Columns whose words have a colour."""


def add_styles(book: Any) -> None:
    """Name the styles in ``book``."""
    side = Side(style="thin", color=_LINE)
    border = Border(left=side, right=side, top=side, bottom=side)
    top = Alignment(vertical="top", wrap_text=True)
    looks: dict[str, tuple[str | None, str, bool, str]] = {
        "plain": (None, _INK, False, "General"),
        "day": (None, _INK, False, "yyyy-mm-dd"),
        "figure": (None, _INK, False, "0.######"),
        "edit": ("FFFBE6", _INK, False, "General"),
        "edit day": ("FFFBE6", _INK, False, "yyyy-mm-dd"),
        "head": ("243B53", "FFFFFF", True, "General"),
        "head to edit": ("8A5A00", "FFFFFF", True, "General"),
        "title": (None, _INK, True, "General"),
        **{tone: (fill, ink, True, "General") for tone, (fill, ink) in _FILLS.items()},
    }
    for name, (fill, ink, bold, form) in looks.items():
        size = 14 if name == "title" else 10
        style = NamedStyle(name, font=Font("Calibri", size=size, bold=bold, color=ink), alignment=top)
        style.number_format = form
        if fill:
            style.fill = PatternFill("solid", start_color=fill)
        if name != "title":
            style.border = border
        book.add_named_style(style)


def style_of(column: str, value: object, *, editable: bool) -> str:
    """The style of one cell."""
    if column in _TONED and (tone := _TONE.get(str(value))):
        return tone
    if isinstance(value, date):
        return "edit day" if editable else "day"
    if isinstance(value, float):
        return "figure"
    return "edit" if editable else "plain"


def tone_of(word: str) -> str:
    """The style of a word for how something stands."""
    return _TONE.get(word, "plain")

"""Numbers, dates and names as a reader writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from markupsafe import Markup

from riskkit.exporters._inert import inert
from riskkit.model import Measurement

VERDICTS = {
    "met": "Met",
    "breached": "Breached",
    "inconclusive": "Inconclusive",
    "stale": "Stale",
    "missing": "Missing",
    "error": "Error",
    "not_applicable": "Not measurable",
}
"""What the pages call a verdict of the register; a risk without any measure is the one that is not applicable."""

KINDS = {
    "predictive": "predictive",
    "genai": "generative",
    "agentic": "agentic",
    "rules": "rule-based",
    "vendor_service": "vendor service",
}

APPETITE = {"yes": "Within appetite", "no": "Outside appetite", "unknown": "Appetite unknown"}


def number(value: float) -> str:
    """``value`` short enough for a table: three decimals below ten, whole from a thousand on."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 0.001 or size == 0 else f"{value:.2e}"


def figures(values: Iterable[float]) -> list[str]:
    """A value and the ends of its interval for a table; a count known for certain shows as the whole number it is."""
    values = list(values)
    certain = len(set(values)) == 1 and float(values[0]).is_integer()
    return [f"{v:,.0f}" if certain else number(v) for v in values]


def exact(value: float) -> str:
    """``value`` with six decimals, or six significant digits where it is tiny."""
    return f"{value:.6f}" if abs(value) >= 1e-4 or value == 0 else f"{value:.6g}"


def count(value: int) -> str:
    """A whole number with thousands separated."""
    return f"{value:,}"


def moment(value: datetime) -> str:
    """A moment as readers write it, in UTC."""
    at = value.astimezone(UTC)
    return f"{day(at.date())}, {at:%H:%M} UTC"


def day(value: date) -> str:
    """A date such as ``3 Nov 2026``, the same in every locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{value.day} {months[value.month - 1]} {value.year}"


def units(measurement: Measurement) -> str:
    """How many independent units a figure rests on, such as ``12,000``; a dash where that is withheld."""
    return "–" if measurement.undefined.startswith("withheld") else count(measurement.n)


def lacking(measurement: Measurement) -> str:
    """Why there is no figure, such as ``not computable: only one group`` or ``withheld: restricted``."""
    why = measurement.undefined
    return why if why.startswith("withheld") else f"not computable: {why}"


def words(name: object) -> str:
    """A snake_case or kebab-case name as words."""
    return str(name).replace("_", " ").replace("-", " ")


def sentence(name: object) -> str:
    """A name as words that start with a capital."""
    return capital(words(name))


def capital(text: object) -> str:
    """``text`` with its first letter in capitals."""
    return str(text)[:1].upper() + str(text)[1:]


def breakable(name: object) -> Markup:
    """A snake_case name that a narrow column may break after an underscore."""
    return Markup("_<wbr>").join(inert(part) for part in str(name).split("_"))


def brief(text: object) -> str:
    """``text`` with every SHA-256 digest in it cut to its first twelve digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", str(text))


def clip(text: object, most: int) -> str:
    """``text`` cut at a word to at most ``most`` characters, with an ellipsis where something is left out."""
    words_ = " ".join(str(text).split())
    return words_ if len(words_) <= most else words_[: most - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def size(count: int) -> str:
    """How large a file is, such as ``12 kB``."""
    return f"{max(1, round(count / 1000)):,} kB" if count < 10**6 else f"{count / 10**6:.1f} MB"


def undigested(text: object) -> str:
    """What changed since a decision, without the digests then and now, which are told elsewhere."""
    return re.sub(r": sha256 \S+ then, \S+ now", "", str(text))


def percent(share: float) -> str:
    """A share as per cent, such as ``95%``."""
    return f"{100 * share:g}%"


def span(seconds: float) -> str:
    """A duration such as ``4 s`` or ``2 min 5 s``."""
    whole = round(seconds)
    return (
        f"{seconds:.1f} s"
        if whole < 10
        else f"{whole} s"
        if whole < 120
        else f"{whole // 60} min {whole % 60} s"
    )


def ago(days: int) -> str:
    """An age such as ``today``, ``1 day`` or ``40 days``."""
    return "today" if days <= 0 else "1 day" if days == 1 else f"{days} days"

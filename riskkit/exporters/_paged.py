"""The rows of a large register as a script's data, which a page opened from disk can load without asking anybody."""

from __future__ import annotations

import html
import json
from typing import Any

from riskkit.exporters import _words
from riskkit.exporters._inert import inert
from riskkit.exporters._views import OPEN, Row, evidence_link
from riskkit.model import WORST_FIRST, Indicator

ROWS = "register-rows.js"


def paged(rows: list[Row]) -> str:
    """A script that sets ``riskkitRows``: names once, then a list for each row, which ``pager.js`` shows as text."""
    risks = {
        r.entry.risk.id: [r.entry.risk.id, _text(r.entry.risk.title), r.entry.risk.category.value]
        for r in rows
    }
    systems = {r.entry.project: [r.entry.project, _text(r.project.profile.name)] for r in rows}
    at = [{name: n for n, name in enumerate(names)} for names in (risks, systems)]
    data = {
        "risks": list(risks.values()),
        "systems": list(systems.values()),
        "verdicts": [[v.value, _words.VERDICTS[v.value]] for v in WORST_FIRST],
        "appetite": _words.APPETITE,
        "rows": [[at[0][r.entry.risk.id], at[1][r.entry.project], *_row(r)] for r in rows],
    }
    return f"self.riskkitRows={json.dumps(data, separators=(',', ':'))};\n"


def _row(row: Row) -> list[Any]:
    e = row.entry
    rated = e.residual_rating
    return [
        _text(e.owner), e.inherent.value, e.residual.value, WORST_FIRST.index(e.verdict), e.within_appetite,
        rated.likelihood, rated.impact, int(e.verdict not in OPEN), *(_proof(e.worst) if e.worst else []),
    ]  # fmt: skip


def _proof(i: Indicator) -> list[Any]:
    m, said, value = i.measurement, "no measurement yet", None
    if m is not None and m.value is not None and m.low is not None and m.high is not None:
        value, (shown, low, high) = m.value, _words.figures([m.value, m.low, m.high])
        said = " ".join(filter(None, (shown, _text(m.unit), f"[{low}, {high}]")))
    elif m is not None:
        said = _text(_words.lacking(m))
    bound = (
        f"{_words.capital(i.threshold.describe())} {i.threshold.unit}" if i.threshold else "no threshold set"
    )
    who = (i.threshold.owner if i.threshold.owned else "unowned") if i.threshold else ""
    return [
        _text(" ".join((_words.sentence(i.measure), i.segment))), said, value, _words.units(m) if m else "",
        _text(bound), _text(who), i.taken_on.isoformat() if i.taken_on else "", evidence_link(i),
    ]  # fmt: skip


def _text(text: str | None) -> str:
    """Text for a text node: nothing in it that nobody can see."""
    return html.unescape(str(inert(text or "")))

"""The card: a conclusion as people read it in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from riskkit.model import Conclusion, judge


class Card:
    """A conclusion as people read it: one line a measurement, with interval, n, bound and verdict."""

    def __init__(self, conclusion: Conclusion, *, recorded: bool) -> None:
        self.conclusion = conclusion
        self.recorded = recorded

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return {"text/html": self._html(), "text/plain": self._text()}

    def _rows(self) -> list[tuple[str, str, str, str, str, str]]:
        rows = []
        for m in self.conclusion.measurements:
            judgement = judge(m, m.threshold)
            bound = m.threshold.describe() if m.threshold else "no threshold"
            number = "not computable" if m.value is None else f"{m.value:.6g}"
            interval = (
                "" if m.low is None or m.high is None else f"[{m.low:.4g}, {m.high:.4g}] at {m.level:.3g}"
            )
            name = m.measure + (f" [{m.segment}]" if m.segment else "")
            rows.append((name, number, interval, str(m.n), bound, f"{judgement.verdict}: {judgement.why}"))
        return rows

    def _html(self) -> str:
        heads = "".join(
            f'<th scope="col">{h}</th>' for h in ("Measure", "Value", "Interval", "n", "Bound", "Verdict")
        )
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in self._rows()
        )
        note = "Handed to the record of this run." if self.recorded else "Exploring: nothing was recorded."
        if self.conclusion.simulated:
            note += f" A simulated model answered ({html.escape(', '.join(self.conclusion.models))})."
        notes = "".join(f"<p>{html.escape(n)}</p>" for n in self.conclusion.notes)
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table><p>{note}</p>{notes}"

    def _text(self) -> str:
        return "\n".join("  ".join(row) for row in self._rows())

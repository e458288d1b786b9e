"""The card: a conclusion as people read it in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskkit.model import Conclusion, judge
from riskkit.model.shown import Shown, line, stacked, table


class Card:
    """A conclusion as people read it: one line a measurement, with interval, n, bound and verdict."""

    def __init__(self, conclusion: Conclusion, *, recorded: bool) -> None:
        self.conclusion = conclusion
        self.recorded = recorded

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return self._shown()._repr_mimebundle_()

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

    def _shown(self) -> Shown:
        note = "Handed to the record of this run." if self.recorded else "Exploring: nothing was recorded."
        if self.conclusion.simulated:
            note += f" A simulated model answered ({', '.join(self.conclusion.models)})."
        heads = ("Measure", "Value", "Interval", "n", "Bound", "Verdict")
        return stacked(table(heads, self._rows()), line(note), *map(line, self.conclusion.notes))

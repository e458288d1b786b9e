"""The figures of a project, each with its company, for formats that list them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskkit.model import Indicator, Measurement, ProjectRegister


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement as it stands today: with verdict, bound and day."""

    indicator: Indicator
    measurement: Measurement

    @property
    def n(self) -> str:
        """How many independent units it rests on; withheld where that is withheld."""
        return "withheld" if self.measurement.undefined.startswith("withheld") else str(self.measurement.n)

    @property
    def company(self) -> dict[str, str]:
        """What a number must not be without, as text."""
        m, i, bound = self.measurement, self.indicator, self.indicator.threshold
        return {
            "n": self.n,
            "unit": m.unit or "none",
            "interval_level": repr(m.level),
            "method": m.method,
            "verdict": str(i.verdict),
            "threshold": bound.describe() if bound else "none set",
            "threshold_owner": (bound.owner or "nobody") if bound else "none set",
            "threshold_source": " ".join([bound.source, bound.reference]).strip() if bound else "none set",
            "taken_on": i.taken_on.isoformat() if i.taken_on else "not known",
            "record": i.record or "not known",
        }


def figures(project: ProjectRegister) -> Iterator[Figure]:
    """Every figure of the register once, in the order of its rows."""
    done = set()
    for i in (*(i for e in project.entries for i in e.indicators), *project.aside):
        if i.measurement and (key := (i.measure, i.segment, i.record)) not in done:
            done.add(key)
            yield Figure(i, i.measurement)

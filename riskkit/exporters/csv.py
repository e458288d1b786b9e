"""The register as one flat table: ``register.csv``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from riskkit.exporters._sources import Sources
from riskkit.model import Entry, Indicator, Profile, Register

COLUMNS = (
    "project", "system", "version", "tier", "stage", "risk", "title", "category", "owner", "inherent", "current",
    "residual", "target", "appetite", "within_appetite", "confidence", "verdict", "measure", "segment",
    "measure_verdict", "value", "low", "high", "level", "n", "unit", "method", "threshold", "threshold_owner",
    "threshold_source", "taken_on", "age_days", "why", "record", "as_of",
)  # fmt: skip


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``register.csv``: a row for every indicator of every risk, and one for a risk that has none.

    Values are exact; what is not known is empty. Text that a spreadsheet could take for a formula starts with an
    apostrophe, as OWASP advises for CSV injection.
    """
    del sources
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for project in register.projects:
        for entry in project.entries:
            for indicator in entry.indicators or (None,):
                row = {
                    **_risk(project.profile, entry),
                    **_proof(indicator),
                    "as_of": register.as_of.isoformat(),
                }
                writer.writerow([_guarded(row.get(column, "")) for column in COLUMNS])
    out.mkdir(parents=True, exist_ok=True)
    path = out / "register.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "backslashreplace"))
    return [path]


def _risk(profile: Profile, entry: Entry) -> dict[str, object]:
    return {
        "project": profile.id, "system": profile.name, "version": profile.version, "tier": profile.tier.tier,
        "stage": profile.stage, "risk": entry.risk.id, "title": entry.risk.title, "category": entry.risk.category,
        "owner": entry.owner, "inherent": entry.inherent, "current": entry.current, "residual": entry.residual,
        "target": entry.target, "appetite": entry.appetite, "within_appetite": entry.within_appetite,
        "confidence": entry.confidence, "verdict": entry.verdict, "why": "; ".join(entry.why),
    }  # fmt: skip


def _proof(indicator: Indicator | None) -> dict[str, object]:
    if indicator is None:
        return {}
    m, t = indicator.measurement, indicator.threshold
    row: dict[str, object] = {
        "measure": indicator.measure, "segment": indicator.segment, "measure_verdict": indicator.verdict,
        "taken_on": indicator.taken_on, "age_days": indicator.age_days, "record": indicator.record,
        "why": indicator.judgement.why,
    }  # fmt: skip
    if m:
        row.update(value=m.value, low=m.low, high=m.high, level=m.level, unit=m.unit, method=m.method)
        row["n"] = "" if m.undefined.startswith("withheld") else m.n
    if t:
        row.update(threshold=t.describe(), threshold_owner=t.owner, threshold_source=t.source)
    return row


def _guarded(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    text = " ".join(str(value).split())
    return "'" + text if text.startswith(("=", "+", "-", "@", "|", "%")) else text

"""The register explorer: rows to filter, a map to click, and behind each row the way to its level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskkit.model.shown import Shown, folded, heading, line, stacked, table
from riskkit.widgets.place import chosen, here, register_of
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskkit.model import Entry, Indicator, Matrix, ProjectRegister, Standing
    from riskkit.workspace import Workspace

COLUMNS = {
    "name": "Project", "risk": "Risk", "category": "Category", "level": "Level", "verdict": "Verdict",
    "reading": "Worst measure", "owner": "Owner", "decision": "Decision",
}  # fmt: skip
EVIDENCE = {
    "measure": "Measure", "value": "Value", "interval": "Interval", "n": "n", "bound": "Bound", "verdict": "Verdict",
    "why": "Why", "taken": "Taken on", "record": "Record",
}  # fmt: skip


def register_explorer(project: str = "") -> Twin:
    """Every risk of ``project``, or of all: filter, click the map, open a row for its walk, evidence and decision."""
    place, name = here(), chosen(project)
    return Twin("explorer", _facts(place, name), table=_table, step=lambda facts, done: _facts(place, name))


def _facts(place: Workspace, project: str) -> Facts:
    from riskkit.exporters._views import worst_first

    built, projects = register_of(place, project)
    by_id = {p.profile.id: p for p in projects}
    matrices = list({p.matrix.id: p.matrix for p in projects}.values())
    entries = worst_first(e for p in projects for e in p.entries)
    return {
        "as_of": built.as_of.isoformat(),
        "columns": COLUMNS,
        "evidence": EVIDENCE,
        "matrices": [_matrix(m) for m in matrices],
        "rows": [_row(e, by_id[e.project]) for e in entries],
    }


def _matrix(matrix: Matrix) -> dict[str, Any]:
    return {
        "id": matrix.id,
        "title": matrix.title,
        "likelihood": list(matrix.likelihood),
        "impact": list(matrix.impact),
        "levels": [[str(level) for level in row] for row in matrix.rows],
    }


def _row(entry: Entry, project: ProjectRegister) -> dict[str, Any]:
    worst, decision = entry.worst, entry.decision
    rating = entry.residual_rating
    return {
        "key": f"{entry.project}/{entry.risk.id}",
        "name": project.profile.name,
        "risk": entry.risk.title,
        "category": str(entry.risk.category),
        "level": str(entry.level),
        "verdict": str(entry.verdict),
        "reading": _reading(worst) if worst else "no measure asked for",
        "owner": entry.owner,
        "decision": _standing(decision) if decision else "none",
        "matrix": project.matrix.id,
        "at": [rating.likelihood, rating.impact],
        "appetite": f"inherent {entry.inherent}, residual {entry.residual}; "
        f"appetite {entry.appetite or 'not set'}; within appetite: {entry.within_appetite}",
        "why": list(entry.why),
        "walk": [[step.what, str(step.level)] for step in entry.walk],
        "evidence": [_evidence(i) for i in entry.indicators],
        "decisions": [f"{s.decision.id}: {_standing(s)}: {s.why}" for s in entry.decisions],
    }


def _standing(standing: Standing) -> str:
    return f"{standing.decision.type}, {standing.state}"


def _reading(indicator: Indicator) -> str:
    found = _evidence(indicator)
    return " ".join(filter(None, (found["measure"], found["value"], found["interval"])))


def _evidence(indicator: Indicator) -> dict[str, str]:
    m = indicator.measurement
    measured = m is not None and m.low is not None and m.high is not None
    return {
        "measure": indicator.measure + (f" [{indicator.segment}]" if indicator.segment else ""),
        "value": f"{m.value:.4g}" if m is not None and m.value is not None else "none",
        "interval": f"[{m.low:.4g}, {m.high:.4g}]" if m is not None and measured else "",
        "n": str(m.n) if m is not None else "0",
        "bound": indicator.threshold.describe() if indicator.threshold else "no threshold",
        "verdict": str(indicator.verdict),
        "why": indicator.judgement.why,
        "taken": str(indicator.taken_on or "never"),
        "record": indicator.record,
    }


def _table(facts: Facts) -> Shown:
    rows: Sequence[Mapping[str, Any]] = facts["rows"]
    caption = f"{len(rows)} risks as of {facts['as_of']}"
    main = table(list(COLUMNS.values()), [[row[c] for c in COLUMNS] for row in rows], caption=caption)
    return stacked(main, heading("Behind each row"), *(_behind(row) for row in rows))


def _behind(row: Mapping[str, Any]) -> Shown:
    walk = table(["Walk", "Level"], row["walk"])
    evidence = table(list(EVIDENCE.values()), [[e[c] for c in EVIDENCE] for e in row["evidence"]])
    decisions = [line(text) for text in row["decisions"]] or [line("No decision.")]
    return folded(
        f"{row['name']}: {row['risk']}",
        line(row["appetite"]),
        *map(line, row["why"]),
        walk,
        evidence,
        *decisions,
    )

"""Two runs side by side: measurements with their intervals, inputs, parameters, methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskkit.errors import UsageError
from riskkit.model.shown import Shown, heading, line, stacked, table
from riskkit.widgets.place import chosen, here
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskkit.model import Difference, Evidence
    from riskkit.workspace import Workspace

MEASURES = ("Measure", "Before", "After", "Change", "Reading")
CHANGED = ("What changed", "Which", "From", "To")


def compare_runs(project: str = "", *, assessment: str = "") -> Twin:
    """Two runs of an assessment: the latest two of ``project`` to begin with; choose others in the widget."""
    place, only = here(), chosen(project)
    facts = _facts(place, only, {"assessment": assessment and f"{only}/{assessment}"})
    return Twin("comparer", facts, table=_table, step=lambda old, done: _facts(place, only, done))


def _facts(place: Workspace, only: str, picked: Mapping[str, Any]) -> Facts:
    from riskkit import register

    history: dict[str, list[Evidence]] = {}
    for item in place.store().read_all().evidence:
        if only in ("", item.project) and item.conclusion:
            history.setdefault(f"{item.project}/{item.assessment}", []).append(item)
    twice = [name for name, runs in history.items() if len(runs) > 1]
    wanted = str(picked.get("assessment") or (twice or list(history) or [""])[0])
    if wanted and wanted not in history:
        raise UsageError(f"no run of {wanted} is on record (there is {', '.join(history) or 'none'})")
    runs = {run.folder: run for run in history.get(wanted, ())}
    facts: Facts = {
        "assessments": list(history),
        "assessment": wanted,
        "runs": [[folder, _when(run)] for folder, run in runs.items()],
        "before": "",
        "after": "",
        "heads": list(MEASURES),
        "measures": [],
        "changed_heads": list(CHANGED),
        "changed": [],
        "said": "",
        "went": "well",
    }
    if len(runs) < 2:
        return facts | {"said": "There are no two runs to compare yet: run it once more (riskkit run)."}
    folders = list(runs)
    before = str(picked.get("before") or folders[-2])
    after = str(picked.get("after") or folders[-1])
    found = register.differences(runs[before], runs[after])
    return facts | {
        "before": before,
        "after": after,
        "measures": [_told(d) for d in found.measures],
        "changed": [list(change) for change in found.changed],
    }


def _when(run: Evidence) -> str:
    return f"{run.run.started:%Y-%m-%d %H:%M} UTC, {run.run.performed_as}"


def _told(found: Difference) -> list[str]:
    return [found.name, found.before, found.after, found.change, found.reading]


def _table(facts: Facts) -> Shown:
    if not facts["before"]:
        return line(facts["said"])
    return stacked(
        heading(f"{facts['assessment']}: {facts['before']} and {facts['after']}"),
        table(MEASURES, facts["measures"], caption="Measurements"),
        table(CHANGED, facts["changed"], caption="What else changed")
        if facts["changed"]
        else line("Nothing else changed: same inputs, parameters, notebook, kit and methods."),
    )

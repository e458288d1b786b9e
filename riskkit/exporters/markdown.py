"""The gate as a table in Markdown, for the summary of a CI job: ``gate.md``."""

from __future__ import annotations

from pathlib import Path

from riskkit.exporters._plain_markdown import marked_down
from riskkit.exporters._sources import Sources
from riskkit.model import Register


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``gate.md``: whether the gate is open, and the ordered reasons when it is not."""
    del sources
    rows = len(register.entries)
    looked = f"{rows} {'risk' if rows == 1 else 'risks'} looked at on {register.as_of}"
    if register.reasons:
        head = f"**Shut**: {len(register.reasons)} reasons, {looked}."
        table = ["| Project | About | Rule | Why | File |", "| --- | --- | --- | --- | --- |"]
        table += [
            f"| {' | '.join(marked_down(cell) for cell in (r.project, r.subject, r.rule, r.what, r.file))} |"
            for r in register.reasons
        ]
    else:
        head, table = f"**Open**: {looked}.", []
    out.mkdir(parents=True, exist_ok=True)
    path = out / "gate.md"
    path.write_text("\n".join(["## Gate", "", head, "", *table]) + "\n", encoding="utf-8")
    return [path]

"""A model card with the front matter that Hugging Face reads: ``model-card.md``, one file a project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from riskkit.exporters._apart import write_each
from riskkit.exporters._figures import Figure, figures
from riskkit.exporters._markdown_parts import (
    data_table,
    figure_table,
    risk_table,
    section,
    unmeasured,
    who,
)
from riskkit.exporters._plain_markdown import marked_down as say
from riskkit.exporters._sources import Sources
from riskkit.model import ProjectRegister, Register
from riskkit.model.workbook import clean

FILES = {"model-card.md": "Model card (Markdown)"}
FOR = ("project",)


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``model-card.md`` of the one project, or ``<project>/model-card.md`` of each of several."""
    del sources
    return write_each(register, out, "model-card.md", lambda project: _card(project, register))


def _card(project: ProjectRegister, register: Register) -> str:
    lines = ["---", *_yaml(_front(project), 0), "---", "", *_body(project, register)]
    return "\n".join(lines) + "\n"


def _front(project: ProjectRegister) -> dict[str, Any]:
    """What a hub reads. The licence of the model is not known here, so none is named."""
    profile, found = project.profile, list(figures(project))
    data = sorted(profile.datasets)
    results = [
        {
            "task": {"type": "other", "name": str(profile.kind)},
            "dataset": {"type": "private", "name": ", ".join(data) or "not named"},
            "metrics": [_metric(f) for f in found if f.measurement.value is not None],
        }
    ]
    made: dict[str, Any] = {"model_name": profile.name, "tags": ["riskkit", str(profile.kind)]}
    if any(f.measurement.value is not None for f in found):
        made["model-index"] = [{"name": profile.name, "results": results}]
    return made


def _metric(figure: Figure) -> dict[str, Any]:
    m = figure.measurement
    named = f"{m.measure} ({m.segment})" if m.segment else m.measure
    args = {"low": m.low, "high": m.high, **figure.company}
    return {"type": m.measure, "value": m.value, "name": named, "verified": False, "args": args}


def _yaml(value: Any, indent: int) -> Iterator[str]:
    """``value`` as block YAML; every text is quoted on one line, so that it cannot end the front matter."""
    pad = " " * indent
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for name, item in pairs:
        lead = f"{pad}{name}:" if name is not None else f"{pad}-"
        if isinstance(item, dict | list):
            inner = list(_yaml(item, indent + 2))
            yield from [lead, *inner] if name is not None else [f"{lead} {inner[0].lstrip()}", *inner[1:]]
        else:
            text = " ".join(clean(item).split()) if isinstance(item, str) else item
            yield f"{lead} {json.dumps(text, ensure_ascii=False)}"


def _body(project: ProjectRegister, register: Register) -> Iterator[str]:
    profile = project.profile
    yield f"# {say(profile.name)}, version {say(profile.version)}"
    yield ""
    yield f"As of {register.as_of}, by riskkit {say(register.kit_version)}."
    yield "Evidence, not certification; not legal advice."
    yield from ["", f"**Note:** {say(profile.note)}"] if profile.note else []
    yield from section("What it is for", [profile.purpose, *(f"Not for: {use}" for use in profile.not_for)])
    yield from section("Who is affected", [profile.facts.people_affected or "not known"])
    yield from section("Who answers for it", who(project))
    yield from data_table(project)
    yield from figure_table(project)
    yield from section(
        "What was not measured", unmeasured(project) or ["nothing that the catalogue asks for"]
    )
    yield from risk_table(project)
    open_ = [f"{f.severity}: {f.title} (owner {f.owner}, due {f.due})" for f in project.open_findings]
    yield from section("Open findings", open_ or ["none on record"])

"""An outline of technical documentation along Annex IV of the EU AI Act, with what is known: ``annex-iv.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from riskkit.exporters._annex_iv_points import POINTS
from riskkit.exporters._apart import write_each
from riskkit.exporters._markdown_parts import data_table, figure_table, risk_table, section
from riskkit.exporters._plain_markdown import marked_down as say
from riskkit.exporters._sources import Sources
from riskkit.model import ProjectRegister, Register

FILES = {"annex-iv.md": "Technical documentation, outline along Annex IV (Markdown)"}
FOR = ("project",)
_TABLES = {"2d": data_table, "3": figure_table, "5": risk_table}


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``annex-iv.md`` of the one project, or ``<project>/annex-iv.md`` of each of several."""
    del sources
    return write_each(
        register, out, "annex-iv.md", lambda project: "\n".join(_lines(project, register)) + "\n"
    )


def _lines(project: ProjectRegister, register: Register) -> Iterator[str]:
    profile, tier = project.profile, project.duties and project.duties.eu.tier
    open_ = [point for point in POINTS if not point.known(project)]
    yield f"# Technical documentation: {say(profile.name)}, version {say(profile.version)}"
    yield ""
    yield f"Outline along Annex IV of Regulation (EU) 2024/1689 in our own words, as of {register.as_of}."
    yield "Not legal advice. Points marked **NOT KNOWN HERE** are for people to write."
    yield ""
    yield f"Tier by the facts given: **{say(tier or 'not known')}**. Annex IV is asked of high-risk systems (Art. 11)."
    numbers = ", ".join(point.number for point in open_) or "none"
    yield f"Of {len(POINTS)} points, {len(open_)} have nothing on record here: {numbers}."
    for point in POINTS:
        found = point.known(project)
        lines = [*found, *(f"Still to be written: {point.missing}." for _ in [0] if found and point.missing)]
        yield from section(f"{point.number}. {point.title}", lines)
        if not found:
            yield f"**NOT KNOWN HERE**: {point.missing}."
        if found and point.number in _TABLES:
            yield from _TABLES[point.number](project, level=3)

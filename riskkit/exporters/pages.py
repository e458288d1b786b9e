"""The pages of the site, and everything they link to, as the folder MkDocs reads."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment

from riskkit.errors import StorageError
from riskkit.exporters import _views, csv, json, notebooks
from riskkit.exporters._heatmap import heat_map
from riskkit.exporters._interval import interval
from riskkit.exporters._prose import one_block, prose
from riskkit.exporters._sources import Sources
from riskkit.exporters._templates import environment, page, stamped
from riskkit.exporters._words import day
from riskkit.model import WORST_FIRST, Entry, Matrix, Rating, Register


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write the folder ``out`` anew: hand-written pages, generated pages, evidence pages, downloads.

    Everything is written beside ``out`` first, which is then replaced whole; what it held before is gone.
    """
    texts = {**_handwritten(sources.site, register), **_generated(register, sources)}
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".docs-", dir=out.parent))
    try:
        fresh = work / "docs"
        _copy_assets(sources.site, fresh)
        for name, text in texts.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        for exporter in (json, csv):
            exporter.export(register, fresh / "downloads", sources=sources)
        notebooks.export(register, fresh, sources=sources)
        _replace(fresh, out, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())


def _handwritten(site: Path, register: Register) -> dict[str, str]:
    """The people's pages, by their path, with the register's date and digest; and a list of the decisions."""
    found = {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.md"))
        if path.relative_to(site).parts[0] != "overrides"
    }
    decided = [(name, _heading(text)) for name, text in found.items() if name.startswith("decisions/")]
    if "decisions/index.md" not in found:
        lines = [f"- [{title}]({name.removeprefix('decisions/')})" for name, title in decided]
        intro = "# Design decisions\n\nWhy the kit does what it does: context, choice, what was given up.\n\n"
        found["decisions/index.md"] = intro + ("\n".join(lines) or "None is written down yet.") + "\n"
    return {name: stamped(text, _stamp(register)) for name, text in found.items()}


def _heading(text: str) -> str:
    return next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "Untitled")


def _copy_assets(site: Path, out: Path) -> None:
    """Everything hand-written that is not a page or part of the theme."""
    out.mkdir(parents=True)
    for path in sorted(site.rglob("*")):
        relative = path.relative_to(site)
        if path.is_file() and path.suffix != ".md" and relative.parts[0] != "overrides":
            (out / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, out / relative)


def _replace(fresh: Path, out: Path, old: Path) -> None:
    try:
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    except OSError as error:
        raise StorageError(f"{out} cannot be replaced: {error.strerror or error}") from error


def _stamp(register: Register) -> dict[str, str]:
    return {"as_of": day(register.as_of), "digest": register.sha256[:12], "kit": register.kit_version}


def _generated(register: Register, sources: Sources) -> dict[str, str]:
    """Path to text of every generated page."""
    env = environment(sources.templates)
    env.globals.update(
        interval=interval,
        evidence_link=_views.evidence_link,
        tally=_views.tally,
        OPEN=_views.OPEN,
        order={verdict: n for n, verdict in enumerate(WORST_FIRST)},
    )
    env.tests["measured"] = _views.measured
    stamp = _stamp(register)
    common = {"register": register, "stamp": stamp}
    rows = [_views.Row(p, e) for p in register.projects for e in _views.worst_first(p.entries)]
    gaps = [row for row in rows if not _views.measured(row.entry)]
    texts = {
        "index.md": page(env, "portfolio.md.j2", title="Portfolio", **common, **_portfolio(register)),
        "register.md": page(env, "register.md.j2", title="Risk register", **common, rows=rows, searched=False),
        "measures.md": page(
            env, "measures.md.j2", title="Measures", **common, measures=_views.measures(register)
        ),
        "not-covered.md": page(env, "not_covered.md.j2", title="Not covered", **common, rows=rows, gaps=gaps),
        "risks/index.md": page(
            env, "risks.md.j2", title="Risks", **common,
            risks=[(risk, _views.standing(register, risk)) for risk in _views.catalogue(register)],
        ),
    }  # fmt: skip
    return texts | dict(_projects(register, env, common)) | dict(_risks(register, env, common))


def _portfolio(register: Register) -> dict[str, object]:
    maps = [
        (matrix, heat_map(_of(register, matrix), matrix, name=f"map-{n}", href=_to_register))
        for n, matrix in enumerate(_matrices(register))
    ]
    return {
        "maps": maps,
        "attention": _views.attention(register),
        "last_assessed": {p.profile.id: _views.last_assessed(p) for p in register.projects},
        "simulated": {p.profile.id: _views.simulated(p) for p in register.projects},
    }


def _matrices(register: Register) -> list[Matrix]:
    return list({p.matrix.id: p.matrix for p in register.projects}.values())


def _of(register: Register, matrix: Matrix) -> list[Entry]:
    return [e for p in register.projects if p.matrix.id == matrix.id for e in p.entries]


def _to_register(rating: Rating) -> str:
    return f"register.html#likelihood={rating.likelihood}&impact={rating.impact}"


def _projects(register: Register, env: Environment, common: dict[str, object]) -> Iterable[tuple[str, str]]:
    for project in register.projects:
        profile = project.profile
        picture = heat_map(
            project.entries,
            project.matrix,
            name="map",
            href=lambda r: f"#likelihood={r.likelihood}&impact={r.impact}",
        )
        yield (
            f"projects/{profile.id}/index.md",
            page(
                env, "project.md.j2", title=profile.name, **common, project=project, profile=profile, map=picture,
                entries=_views.worst_first(project.entries), last_assessed=_views.last_assessed(project),
                simulated=_views.simulated(project),
            ),
        )  # fmt: skip


def _risks(register: Register, env: Environment, common: dict[str, object]) -> Iterable[tuple[str, str]]:
    for risk in _views.catalogue(register):
        yield (
            f"risks/{risk.id}.md",
            page(
                env, "risk.md.j2", title=risk.title, **common, risk=risk, rows=_views.standing(register, risk),
                body=one_block(prose(risk.body, lowest=2)),
            ),
        )  # fmt: skip

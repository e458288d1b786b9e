"""The pages made from the register: which there are, and what each is given to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from riskkit.exporters import _law_views, _views
from riskkit.exporters._heatmap import heat_map
from riskkit.exporters._interval import interval
from riskkit.exporters._law_pages import law_pages
from riskkit.exporters._prose import one_block, prose
from riskkit.exporters._templates import environment, page
from riskkit.exporters._trend import trend
from riskkit.model import WORST_FIRST, Matrix, Rating, Register

Write = Callable[..., str]
"""``page`` with everything but template, title and the page's own values filled in."""


def generated(register: Register, templates: Path, *, stamp: dict[str, str]) -> dict[str, str]:
    """Path below the docs folder to text, for every page made from ``register``."""
    env = environment(templates)
    env.globals.update(
        views=_views,
        law_views=_law_views,
        interval=interval,
        trend=trend,
        order={v: n for n, v in enumerate(WORST_FIRST)},
    )
    env.tests["measured"] = _views.measured
    write = partial(page, env, stamp=stamp, register=register)
    return {
        **dict(_portfolio(register, write)),
        **dict(_catalogue(register, write)),
        **dict(_projects(register, write)),
        **dict(law_pages(register, write)),
    }


def _portfolio(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    """The pages about all systems."""
    rows = _views.rows(register)
    gaps = [row for row in rows if not _views.measured(row.entry)]
    yield "index.md", write("portfolio.md.j2", title="Portfolio", maps=list(_maps(register)))
    yield "register.md", write("register.md.j2", title="Risk register", rows=rows, searched=False)
    yield "measures.md", write("measures.md.j2", title="Measures", measures=_views.measures(register))
    titles = {risk.id: risk.title for risk in _views.catalogue(register)}
    systems = {p.profile.id: p.profile.name for p in register.projects}
    yield "changes.md", write("changes.md.j2", title="What changed", titles=titles, systems=systems)
    yield "not-covered.md", write("not_covered.md.j2", title="Not covered", rows=rows, gaps=gaps)


def _maps(register: Register) -> Iterator[tuple[Matrix, str]]:
    """A heat map for every matrix in use, since ratings on different scales do not compare."""
    for n, matrix in enumerate({p.matrix.id: p.matrix for p in register.projects}.values()):
        entries = [e for p in register.projects if p.matrix.id == matrix.id for e in p.entries]
        yield matrix, heat_map(entries, matrix, name=f"map-{n}", href=lambda r: f"register.html{_cell(r)}")


def _catalogue(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    """The list of risks, and a page for each."""
    law = _law_views.Law(register, tuple(_views.catalogue(register)))
    risks = [(risk, _views.standing(register, risk)) for risk in _views.catalogue(register)]
    yield "risks/index.md", write("risks.md.j2", title="Risks", risks=risks)
    for risk, rows in risks:
        body = one_block(prose(risk.body, lowest=2))
        yield (
            f"risks/{risk.id}.md",
            write("risk.md.j2", title=risk.title, risk=risk, rows=rows, body=body, law=law),
        )


def _projects(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    for project in register.projects:
        profile = project.profile
        yield (
            f"projects/{profile.id}/index.md",
            write(
                "project.md.j2",
                title=profile.name,
                project=project,
                profile=profile,
                entries=_views.worst_first(project.entries),
                map=heat_map(project.entries, project.matrix, name="map", href=_cell),
            ),
        )


def _cell(rating: Rating) -> str:
    """The filter that shows the rows of one cell."""
    return f"#likelihood={rating.likelihood}&impact={rating.impact}"

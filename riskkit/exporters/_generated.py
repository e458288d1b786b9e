"""The pages made from the register: which there are, and what each is given to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from riskkit.exporters import _law_views, _people, _views
from riskkit.exporters._board import board
from riskkit.exporters._downloads import Download, large
from riskkit.exporters._heatmap import maps
from riskkit.exporters._interval import interval
from riskkit.exporters._law_pages import law_pages
from riskkit.exporters._method import definitions
from riskkit.exporters._paged import ROWS
from riskkit.exporters._prose import one_block, prose
from riskkit.exporters._system_pages import Kept, system_pages
from riskkit.exporters._templates import environment, page
from riskkit.exporters._trend import trend
from riskkit.model import WORST_FIRST, Register

Write = Callable[..., str]
"""``page`` with everything but template, title and the page's own values filled in."""


def generated(
    register: Register,
    templates: Path,
    *,
    stamp: dict[str, str],
    downloads: Mapping[str, tuple[Download, ...]],
    kept: Kept,
) -> Iterator[tuple[str, str | bytes]]:
    """Path below the docs folder and content of every page made from ``register``, one after another.

    Pages of a system for which nothing changed are taken from ``kept``.
    """
    env = environment(templates)
    env.globals.update(
        views=_views,
        law_views=_law_views,
        people=_people,
        interval=interval,
        trend=trend,
        downloads=downloads,
        large=large(register),
        order={v: n for n, v in enumerate(WORST_FIRST)},
    )
    env.tests["measured"] = _views.measured
    write = partial(page, env, stamp=stamp, register=register)
    for pages in (_portfolio, _people_pages, _catalogue, law_pages):
        yield from pages(register, write)
    yield "board.html", board(register, env, stamp=stamp)
    yield from system_pages(register, env, stamp=stamp, downloads=downloads, kept=kept)


def _portfolio(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    """The pages about all systems."""
    rows = _views.rows(register)
    gaps = [row for row in rows if not _views.measured(row.entry)]
    yield (
        "index.md",
        write(
            "portfolio.md.j2",
            title="Portfolio",
            maps=list(maps(register, name="map", page="register.html")),
            moves=_views.moves(register),
            dues=_law_views.dues(register),
            all_decisions=[s for project in register.projects for s in project.decisions],
        ),
    )
    ahead = ROWS if len(rows) > _views.PAGED else ""
    yield (
        "register.md",
        write("register.md.j2", title="Risk register", rows=rows, searched=False, ahead=ahead),
    )
    method = {"measures": _views.measures(register), "definitions": definitions()}
    yield "measures.md", write("measures.md.j2", title="Method", **method)
    titles = {risk.id: risk.title for risk in _views.catalogue(register)}
    systems = {p.profile.id: p.profile.name for p in register.projects}
    yield "changes.md", write("changes.md.j2", title="What changed", titles=titles, systems=systems)
    yield "not-covered.md", write("not_covered.md.j2", title="Not covered", rows=rows, gaps=gaps)


def _people_pages(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    """The pages about what people decided, found and are asked for."""
    what = {
        "all_decisions": [s for project in register.projects for s in project.decisions],
        "undecided": _people.undecided(register),
        "signed": _people.signed(register.projects),
        "found": _people.findings(register.projects),
    }
    yield "roles.md", write("roles.md.j2", title="By role", **what)
    yield "decided.md", write("decided.md.j2", title="Decisions", **what)
    yield "findings.md", write("findings.md.j2", title="Findings", **what)


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

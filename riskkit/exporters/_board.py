"""The board summary: one sheet for the printer, free of script and of the theme."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment

from riskkit.exporters import _law_views, _views
from riskkit.exporters._heatmap import maps
from riskkit.exporters._templates import render
from riskkit.model import Register


def board(register: Register, env: Environment, *, stamp: Mapping[str, str]) -> str:
    """The HTML of the summary. Long lists are cut, so that it stays one sheet."""
    return render(
        env,
        "board.html.j2",
        register=register,
        stamp=stamp,
        moves=_views.moves(register),
        maps=list(maps(register, name="board", page="register.html")),
        dues=_law_views.dues(register),
        all_decisions=[s for project in register.projects for s in project.decisions],
    )

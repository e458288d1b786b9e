"""Live widgets: an own view of facts, and the guard that keeps JupyterLab's keys out of every form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

WEB = Path(__file__).parent / "web"


class Guard(anywidget.AnyWidget):
    """Stops JupyterLab's single-key commands (x cuts the cell, a adds one, 0 0 restarts) wherever it is put."""

    _esm = (WEB / "guard.js").read_text(encoding="utf-8")


def guarded(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """``parts`` below each other, as a form in which no key reaches the notebook; every form goes through here."""
    form = ipywidgets.VBox([Guard(), *parts])
    form.add_class("rk-form")
    return form


def view(
    name: str,
    *,
    facts: Mapping[str, Any],
    told: Callable[[Mapping[str, Any]], None],
    data: Mapping[str, bytes] | None = None,
) -> anywidget.AnyWidget:
    """A view drawn by ``web/NAME.js``: it shows ``facts``, and what people do in it is given to ``told``.

    ``data`` goes to the browser once. A first line ``// needs: A, B`` puts ``web/A.js`` and ``web/B.js`` before it.
    """
    needs = re.match(r"// needs: (.+)", (WEB / f"{name}.js").read_text(encoding="utf-8"))
    parts = ("parts", *(needs[1].split(", ") if needs else ()), name)

    class View(anywidget.AnyWidget):
        _esm = _files(*(f"{part}.js" for part in parts))
        _css = _files(*(f"{part}.css" for part in parts))
        facts = traitlets.Dict().tag(sync=True)
        data = traitlets.Dict().tag(sync=True)

    View.__name__ = name  # the front end keeps one style sheet for each name of a class
    shown = View(facts=dict(facts), data=dict(data or {}))
    shown.on_msg(lambda _widget, message, _buffers: told(message))
    shown.add_class(f"rk-{name}")
    return shown


def _files(*names: str) -> str:
    there = [WEB / name for name in names]
    return "\n".join(path.read_text(encoding="utf-8") for path in there if path.exists())

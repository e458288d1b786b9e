"""Templates that cannot write text without making it inert."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.compiler import CodeGenerator
from markupsafe import Markup
from pydantic import BaseModel

from riskkit.errors import StorageError
from riskkit.exporters import _words
from riskkit.exporters._inert import inert, outside

_ALLOWED = {"list", "length", "sort", "first", "last", "sum", "map", "select", "selectattr", "rejectattr", "groupby",
            "unique", "reverse", "reject", "string"}  # fmt: skip
_KEPT = 20_000
_WORDS = (_words.ago, _words.breakable, _words.brief, _words.capital, _words.clip, _words.count, _words.day,
          _words.exact, _words.figures, _words.lacking, _words.moment, _words.number, _words.percent,
          _words.sentence, _words.size, _words.span, _words.undigested, _words.units, _words.words)  # fmt: skip


def environment(folder: Path) -> Environment:
    """A jinja2 environment over the templates in ``folder``.

    Every expression passes through ``inert``. Undefined names and None raise, and the filters that build or trust HTML
    are gone, so a template can neither print a hole nor switch the escaping off.
    """
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    env.code_generator_class = _Once
    env.filters = {name: f for name, f in env.filters.items() if name in _ALLOWED}
    env.filters.update(
        {function.__name__: function for function in _WORDS},
        outside=outside,
        short=lambda digest: str(digest)[:12],
        host=lambda link: urlsplit(str(link)).hostname or "",
        plain=lambda value: json.dumps(value, ensure_ascii=False),
    )
    env.globals.update(VERDICTS=_words.VERDICTS, APPETITE=_words.APPETITE, KINDS=_words.KINDS)
    env.globals["kept"] = _keeper()
    return env


def _keeper() -> Callable[[Callable[[BaseModel], Markup], BaseModel], Markup]:
    """A function that fills a macro with a value once, however many pages show that same value."""
    made: dict[tuple[str, int], tuple[BaseModel, Markup]] = {}

    def kept(macro: Callable[[BaseModel], Markup], value: BaseModel) -> Markup:
        key = (getattr(macro, "name", ""), id(value))
        if len(made) > _KEPT:
            made.clear()
        if key not in made:
            made[key] = value, macro(value)  # held with its value, so that no other gets its id
        return made[key][1]

    return kept


class _Once(CodeGenerator):
    """What ``inert`` made is text that needs no second look, which Jinja would take at every expression."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if finalize.src is None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(finalize.src)

    def _output_child_post(self, node: Any, frame: Any, finalize: Any) -> None:
        if finalize.src is None:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")


def renderer(folder: Path) -> bytes:
    """A digest of everything that decides how a page looks, so that a changed template or kit makes pages anew."""
    code = Path(__file__).parent
    files = [
        *sorted(code.glob("*.py")),
        *sorted(code.with_name("model").glob("*.py")),
        *sorted(folder.rglob("*.j2")),
    ]
    return sha256(b"\0".join(path.read_bytes() for path in files)).digest()


def render(env: Environment, name: str, **values: object) -> str:
    """The template ``name`` filled with ``values``."""
    try:
        return env.get_template(name).render(**values)
    except TemplateNotFound as error:
        raise StorageError(
            f"there is no page template {error.name} (it belongs in templates/pages)"
        ) from error


def page(
    env: Environment,
    name: str,
    *,
    title: str,
    stamp: Mapping[str, str],
    searched: bool = True,
    ahead: str = "",
    **values: object,
) -> str:
    """A Markdown page: JSON front matter, then the filled template as one block of raw HTML.

    JSON is YAML without surprises, and the title is inert because the theme prints it as it is. ``searched`` False
    keeps the page out of the search index; ``ahead`` is a script that browsers are to fetch before they get to it.
    """
    front: dict[str, object] = {"title": str(inert(title)), "hide": ["navigation", "toc"], "register": stamp}
    if not searched:
        front["search"] = {"exclude": True}
    if ahead:
        front["ahead"] = ahead
    body = re.sub(r"\n\s*\n+", "\n", render(env, name, title=title, stamp=stamp, **values)).strip()
    return f"---\n{json.dumps(front)}\n---\n\n{body}\n"


def _finalize(value: object) -> Markup:
    if value is None:
        raise TypeError("a template printed None: say in words what is not known")
    return inert(value)

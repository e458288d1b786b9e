"""A YAML file without one of its entries, everything else of its text as people left it."""

from __future__ import annotations

import yaml

from riskkit.authored.amend import _at, _end, _line_end
from riskkit.authored.strict_yaml import Loader, parse
from riskkit.errors import InputError


def take_out(text: str, place: tuple[str, ...], *, shown: str) -> str:
    """``text`` without the entry at ``place``, such as ``("answers", "ID")``; an emptied parent is ``{}``.

    Raises
    ------
    InputError
        When ``text`` is not what strict reading takes.
    """
    document, problems = parse(text, shown=shown)
    if document is None:
        raise InputError(problems)
    parent, name = _at(yaml.compose(text, Loader=Loader), place[:-1]), place[-1]
    pairs = parent.value if isinstance(parent, yaml.MappingNode) else []
    at = next((i for i, (key, _) in enumerate(pairs) if key.value == name), None)
    if at is None:
        return text
    key, value = pairs[at]
    last = at + 1 == len(pairs)
    if parent.flow_style:
        start = _end(pairs[at - 1][1]) if at and last else key.start_mark.index
        return text[:start] + text[_end(value) if last else pairs[at + 1][0].start_mark.index :]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    instead = "" if len(pairs) > 1 else " " * key.start_mark.column + "{}\n"
    return text[:start] + instead + text[_line_end(text, _end(value)) :]

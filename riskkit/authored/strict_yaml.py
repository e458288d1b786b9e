"""Strict YAML: nothing is ever constructed but dict, list, str, int, float, bool and None.

Text stays text: ``NO``, ``on``, ``12:30``, ``010`` and dates are never turned into something else. Anchors, aliases,
tags and duplicate keys are refused, and so is a file that is too deep or holds too many values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from riskkit.authored.document import Document, Place, spell
from riskkit.errors import Problem

MAX_DEPTH = 24
MAX_NODES = 60_000


def parse(text: str, *, shown: str, first_line: int = 1) -> tuple[Document | None, list[Problem]]:
    """``text`` as plain values; ``first_line`` is where it starts in its file."""
    try:
        problems = list(_refused(text, shown, first_line))
        if problems:
            return None, problems
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + mark.line if mark else first_line
        what = getattr(error, "problem", None) or str(error)
        context = getattr(error, "context", None)
        return None, [Problem(shown, line, "", f"is not YAML: {what}" + (f" {context}" if context else ""))]
    lines: dict[Place, int] = {(): first_line}
    faults: list[Problem] = []
    data = {} if node is None else _plain(node, (), lines, faults, shown, first_line)
    return (None, faults) if faults else (Document(shown, data, lines), [])


class Loader(yaml.CSafeLoader):
    """Resolves true, false, null and plain decimal numbers; everything else is text."""

    yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false|True|False", "tfTF"),
    ("null", r"null|~|", "n~"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+", "-+.0123456789"),
):
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"^(?:{_pattern})$"),
        [*_first, *([""] if _tag == "null" else [])],
    )
_READ: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:bool": lambda s: s.lower() == "true",
    "tag:yaml.org,2002:null": lambda s: None,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


def _refused(text: str, shown: str, first_line: int) -> Iterator[Problem]:
    depth = documents = 0
    event: Any
    for nodes, event in enumerate(yaml.parse(text, Loader=Loader)):
        line = first_line + event.start_mark.line
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield Problem(
                shown, line, "", "anchors and aliases (& and *) are not allowed", "write the value out"
            )
            return
        if getattr(event, "tag", None) is not None and not _implicit(event):
            yield Problem(shown, line, "", f"tag {event.tag} is not allowed", "plain values only")
        if depth > MAX_DEPTH or nodes > MAX_NODES or documents > 1:
            what = "two documents in one file" if documents > 1 else "too deeply nested or too many values"
            yield Problem(shown, line, "", what)
            return


def _implicit(event: Any) -> bool:
    implicit = event.implicit
    return any(implicit) if isinstance(implicit, tuple) else bool(implicit)


def _plain(
    node: Any, place: Place, lines: dict[Place, int], faults: list[Problem], shown: str, first_line: int
) -> Any:
    lines.setdefault(place, first_line + node.start_mark.line)
    if isinstance(node, yaml.ScalarNode):
        value = _READ.get(node.tag, str)(node.value)
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            faults.append(Problem(shown, lines[place], spell(place), f"{node.value} is too large a number"))
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(v, (*place, i), lines, faults, shown, first_line) for i, v in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = first_line + key_node.start_mark.line
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Problem(shown, line, spell(place), "a key must be a word"))
            continue
        here = (*place, key_node.value)
        if key_node.value in mapping:
            what = f"this key appears twice (first on line {lines[here]})"
            faults.append(Problem(shown, line, spell(here), what, "keep one"))
            continue
        lines[here] = line
        mapping[key_node.value] = _plain(value_node, here, lines, faults, shown, first_line)
    return mapping

"""A notebook file, read and checked without running it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from riskkit.errors import EnvironmentProblem, InputError, Problem
from riskkit.runner.parameters import NotebookSpec, Parameter, declared

_LARGEST = 5_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EXAMPLE = 'for example `project: str = "loan-assistant"  # folder under projects/`'


def inspect(path: Path) -> NotebookSpec:
    """What the notebook at ``path`` is: its title, its digest and the parameters it declares.

    Nothing is run. The parameters are those of the one code cell tagged ``parameters``.

    Raises:
        InputError: not a notebook of format 4, no or several parameters cells, a declaration that is not
            ``name: type = literal``, outputs left in the file.
        EnvironmentProblem: the notebook asks for another kernel than ``python3``.
    """
    source = _bytes(path)
    notebook = _parsed(source, path)
    cells = tuple(notebook["cells"])
    problems = [*_misnamed(path), *_leftovers(cells, path)]
    parameters, more = _parameters(cells, path)
    if problems or more:
        raise InputError([*problems, *more])
    _refuse_other_kernels(notebook, path)
    return NotebookSpec(
        name=path.stem,
        path=path,
        sha256=hashlib.sha256(source).hexdigest(),
        title=title(cells) or path.stem.replace("_", " "),
        parameters=parameters,
        source=source,
    )


def text(cell: Mapping[str, Any]) -> str:
    """The source of a cell, whether the file holds it as text or as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of a cell."""
    found = cell.get("metadata", {}).get("tags", ())
    return tuple(found) if isinstance(found, (list, tuple)) else ()


def heading(cell: Mapping[str, Any]) -> str:
    """The first heading of a Markdown cell, without its number signs; empty when there is none."""
    if cell.get("cell_type") != "markdown":
        return ""
    found = re.search(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", text(cell), re.MULTILINE)
    return found[1].strip() if found else ""


def title(cells: tuple[Mapping[str, Any], ...]) -> str:
    """The first heading of the notebook; empty when there is none."""
    return next(filter(None, map(heading, cells)), "")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError([Problem(path, None, "", "there is no such notebook")])
    source = path.read_bytes()
    if len(source) > _LARGEST:
        right = "take the outputs out and keep data in files of the project"
        raise InputError([Problem(path, None, "", f"is larger than {_LARGEST // 1_000_000} MB", right)])
    return source


def _parsed(source: bytes, path: Path) -> dict[str, Any]:
    try:
        notebook: Any = json.loads(source.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(
            [Problem(path, getattr(error, "lineno", None), "", f"is not a notebook: {error}")]
        ) from None
    form = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if form != 4:
        right = "open it in JupyterLab and save it, which writes format 4"
        raise InputError([Problem(path, None, "nbformat", f"is {form!r}, and only 4 can be run", right)])
    cells = notebook.get("cells")
    if (
        not isinstance(notebook.get("metadata", {}), dict)
        or not isinstance(cells, list)
        or not all(map(_is_cell, cells))
    ):
        raise InputError([Problem(path, None, "cells", "is not a list of cells", "save it from JupyterLab")])
    return dict(notebook)


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata", {}), dict):
        return False
    source = cell.get("source", "")
    lines = isinstance(source, list) and all(isinstance(line, str) for line in source)
    return cell.get("cell_type") in {"code", "markdown", "raw"} and (isinstance(source, str) or lines)


def _misnamed(path: Path) -> Iterator[Problem]:
    if not _NAME.fullmatch(path.stem) or path.suffix != ".ipynb":
        near = re.sub(r"[^a-z0-9_]+", "_", path.stem.lower()).strip("_") or "bias_audit"
        yield Problem(path, None, "", "is not a notebook's name", f"a-z, 0-9 and _ as in {near}.ipynb")


def _leftovers(cells: tuple[Mapping[str, Any], ...], path: Path) -> Iterator[Problem]:
    kept = [i for i, c in enumerate(cells, 1) if c.get("outputs") or c.get("execution_count") is not None]
    if kept:
        right = "clear all outputs and save: a template holds none"
        yield Problem(path, None, f"cell {kept[0]}", "has outputs or a count of an earlier run", right)


def _parameters(
    cells: tuple[Mapping[str, Any], ...], path: Path
) -> tuple[tuple[Parameter, ...], list[Problem]]:
    tagged = [(i, c) for i, c in enumerate(cells, 1) if "parameters" in tags(c) and c["cell_type"] == "code"]
    if len(tagged) != 1:
        counted = "no code cell is" if not tagged else f"{len(tagged)} cells are"
        return (), [Problem(path, None, "", f"{counted} tagged `parameters`", f"tag exactly one, {_EXAMPLE}")]
    number, cell = tagged[0]
    return declared(text(cell), where=f"{path}: cell {number}")


def _refuse_other_kernels(notebook: Mapping[str, Any], path: Path) -> None:
    spec = notebook.get("metadata", {}).get("kernelspec", {})
    wanted = spec.get("name", "python3") if isinstance(spec, dict) else spec
    if wanted != "python3":
        raise EnvironmentProblem(
            f"{path}: asks for the kernel {wanted!r}, and runs know one only: python3, the Python that riskkit runs in "
            "(choose the kernel `Python 3 (ipykernel)` in JupyterLab and save)"
        )

"""Parameters of a notebook: read from its source, and checked before anything runs."""

from __future__ import annotations

import ast
import difflib
import io
import keyword
import math
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from riskkit.errors import InputError, PolicyError, Problem, printable
from riskkit.model.secret import secretive, shapes_in

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
"""What a parameter may be: a value JSON can hold."""

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
_FORM = "write `name: type = value  # help`, with a type of str, int, float, bool, list, dict or one of them | None"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: ``name: type = default  # help``."""

    name: str
    type: str
    default: Plain
    help: str = ""

    def accepts(self, value: object) -> bool:
        """Whether ``value`` is of the declared type; a whole number also serves as a float, a bool only as bool."""
        wanted, _, optional = self.type.partition(" | ")
        if value is None:
            return bool(optional)
        if isinstance(value, bool) or wanted == "bool":
            return isinstance(value, bool) and wanted == "bool"
        return isinstance(value, (int, float) if wanted == "float" else _TYPES[wanted])


@dataclass(frozen=True, slots=True)
class NotebookSpec:
    """A notebook as it will be run: its bytes, their digest, and the parameters it declares."""

    name: str
    path: Path
    sha256: str
    title: str
    parameters: tuple[Parameter, ...]
    source: bytes = field(repr=False, default=b"")


def declared(source: str, *, where: str) -> tuple[tuple[Parameter, ...], list[Problem]]:
    """The parameters that the code ``source`` declares, and what is wrong with it; ``where`` names the cell."""
    try:
        body = ast.parse(source).body
        helps = dict(_comments(source))
    except (SyntaxError, ValueError, tokenize.TokenError) as error:
        return (), [Problem(where, None, "", f"the parameters cell is not Python: {error}", _FORM)]
    found: list[Parameter] = []
    problems: list[Problem] = []
    for statement in body:
        parameter = _parameter(statement, helps)
        if isinstance(parameter, Parameter) and parameter.name not in {p.name for p in found}:
            found.append(parameter)
            continue
        what = parameter if isinstance(parameter, str) else f"{parameter.name} is declared twice"
        problems.append(Problem(where, None, f"line {statement.lineno}", what, _FORM))
    return tuple(found), problems


def check_parameters(spec: NotebookSpec, values: Mapping[str, object]) -> dict[str, Plain]:
    """``values`` as they may be handed to the notebook: declared, of the declared type, plain.

    Raises:
        InputError: an undeclared name (the nearest is named), a wrong type, a value JSON cannot hold.
        PolicyError: a value that looks like a secret; secrets are passed by name, as ``env:NAME``.
    """
    known = {p.name: p for p in spec.parameters}
    problems = [p for name, value in values.items() for p in _faults(name, value, known, spec.path)]
    if problems:
        raise InputError(problems)
    for name, value in values.items():
        _refuse_secret(name, value, spec.path)
    return {n: _plain(float(v) if _is_float(known[n], v) else v) for n, v in values.items()}  # type: ignore[arg-type]


def _is_float(parameter: Parameter, value: object) -> bool:
    return parameter.type.startswith("float") and isinstance(value, int)


def _parameter(statement: ast.stmt, helps: Mapping[int, str]) -> Parameter | str:
    """The parameter a statement declares, or what is wrong with it."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        return f"`{printable(ast.unparse(statement), 60)}` is not a typed assignment"
    name, kind = statement.target.id, ast.unparse(statement.annotation)
    base, _, rest = kind.partition(" | ")
    if base not in _TYPES or rest not in ("", "None"):
        return f"{name}: the type {printable(kind, 60)} is not one of those allowed"
    if statement.value is None:
        return f"{name} has no default"
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        return f"{name}: the default {printable(ast.unparse(statement.value), 60)} is not a literal"
    parameter = Parameter(name, kind, default, helps.get(statement.end_lineno or statement.lineno, ""))
    if not parameter.accepts(default) or _not_plain(default):
        return f"{name}: the default {printable(repr(default), 60)} is not a plain {kind}"
    return parameter


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("#").strip()


def _faults(name: object, value: object, known: Mapping[str, Parameter], file: Path) -> Iterator[Problem]:
    shown = printable(name, 60)
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        yield Problem(file, None, shown, "is not a parameter name", "letters, digits and _ only")
    elif name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        right = f"did you mean {near[0]}?" if near else f"it declares {', '.join(known) or 'none'}"
        yield Problem(file, None, shown, "the notebook declares no such parameter", right)
    elif fault := _not_plain(value):
        yield Problem(
            file, None, shown, fault, "text, numbers, true, false, null, lists and mappings of them"
        )
    elif not known[name].accepts(value):
        what = f"{printable(repr(value), 60)} is not {known[name].type}"
        yield Problem(file, None, shown, what, f"for example {printable(repr(known[name].default), 60)}")


def _not_plain(value: Any, depth: int = 0) -> str:
    """Why JSON cannot hold ``value`` exactly; empty when it can. Subclasses do not count: they may print as code."""
    kind = type(value)
    if depth > 20:
        return "is nested more than twenty deep"
    if kind is str:
        surrogate = any("\ud800" <= c <= "\udfff" for c in value)
        return "holds half of a surrogate pair, which is not text" if surrogate else ""
    if kind is float:
        return "" if math.isfinite(value) else f"is {value}, which JSON cannot hold"
    if kind is list:
        return next((fault for v in value if (fault := _not_plain(v, depth + 1))), "")
    if kind is dict:
        odd = next((k for k in value if type(k) is not str), None)
        return (
            _not_plain([*value, *value.values()], depth)
            if odd is None
            else f"has a key of type {type(odd).__name__}"
        )
    return "" if kind in (int, bool, type(None)) else f"is a {kind.__name__}"


def _plain(value: Plain) -> Plain:
    """A copy nobody else can change."""
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _refuse_secret(name: str, value: object, file: Path) -> None:
    for text in _texts(value):
        if text.startswith("env:"):
            continue
        kinds = ["a secret"] if secretive(name) and text else shapes_in(text)
        if kinds:
            raise PolicyError(
                f"{file}: parameter {name} holds what looks like {kinds[0]}: parameters are stored in clear "
                f"(put it in an environment variable and pass its name, as env:{name.upper()})"
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)

"""The parameters of a notebook as a form, checked as a run checks them."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit.errors import InputError, Problem, RiskkitError
from riskkit.model.shown import Shown, table
from riskkit.runner.parameters import NotebookSpec, check_parameters
from riskkit.widgets.place import here
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from riskkit.runner.parameters import Parameter

HEADS = ("Parameter", "Value", "What it is", "Type")
BELOW = "In use. Now run the cells below: Run, Run Selected Cell and All Below."


class ParametersForm:
    """Values for the parameters of one notebook, which take the place of those its cell gives."""

    def __init__(
        self,
        source: str,
        parameters: tuple[Parameter, ...],
        *,
        notebook: str,
        names: MutableMapping[str, Any],
    ) -> None:
        self.source, self._names = source, names
        self._spec = NotebookSpec(notebook, Path(f"{notebook}.ipynb"), "", notebook, parameters)
        self.values: dict[str, Any] = {}
        self.twin = Twin("parameters", self._facts({}), table=_table, step=self._step)

    def apply(self, values: Mapping[str, object] | None = None) -> None:
        """Give the notebook these values, or again those in use; a value that a run would refuse is an error."""
        if values is not None:
            self.values = dict(check_parameters(self._spec, values))
        self._names.update(self.values)

    def _facts(self, said: Mapping[str, str]) -> Facts:
        now = {p.name: self.values.get(p.name, p.default) for p in self._spec.parameters}
        fields = [
            {"name": p.name, "type": p.type, "help": p.help, "value": _written(now[p.name], p)}
            for p in self._spec.parameters
        ]
        return {"fields": fields, "said": "", "went": "well", **said}

    def refreshed(self) -> Twin:
        """The form as it is now."""
        self.twin.show(self._facts({}))
        return self.twin

    def _step(self, facts: Facts, message: Mapping[str, Any]) -> Facts:
        known = {p.name: p for p in self._spec.parameters}
        if message["do"] == "profile":
            self.apply(_of_profile(str(message["project"]), self._spec.name, known))
            return self._facts(
                {"said": f"As in the profile of {message['project']}, so as in scheduled runs. {BELOW}"}
            )
        typed = {str(n): str(v) for n, v in message["values"].items() if n in known}
        try:
            self.apply({name: _read(text, known[name]) for name, text in typed.items()})
        except RiskkitError as error:
            kept = [field | {"value": typed.get(field["name"], field["value"])} for field in facts["fields"]]
            return facts | {"fields": kept, "said": str(error), "went": "wrong"}
        return self._facts({"said": BELOW})


def _of_profile(project: str, notebook: str, known: Mapping[str, Parameter]) -> dict[str, object]:
    _, (found,) = here().read([project])
    for name, assessment in found.profile.assessments.items():
        if (assessment.notebook or name) == notebook:
            return {"project": project, **assessment.parameters}
    right = f"it has {', '.join(found.profile.assessments) or 'none'}"
    raise InputError(
        [Problem(f"projects/{project}/profile.yml", None, "assessments", f"has no {notebook}", right)]
    )


def _written(value: object, parameter: Parameter) -> str:
    """A value as people type it: text as it is, everything else as JSON, nothing for null."""
    if value is None:
        return ""
    return str(value) if parameter.type.startswith("str") else json.dumps(value, ensure_ascii=False)


def _read(text: str, parameter: Parameter) -> object:
    """What was typed, as a value; what is not JSON stays text, which the check then refuses."""
    if not text.strip() and parameter.type.endswith("| None"):
        return None
    if parameter.type.startswith("str"):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def _table(facts: Facts) -> Shown:
    rows = [(f["name"], f["value"], f["help"], f["type"]) for f in facts["fields"]]
    return table(HEADS, rows, caption="Parameters")

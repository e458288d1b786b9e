"""The form of a notebook's parameters: what it shows, what it refuses, what it hands to the notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskkit.errors import InputError
from riskkit.runner import inspect
from riskkit.runner.parameters import check_parameters, declared
from riskkit.widgets.notebook import told
from riskkit.widgets.parameters import ParametersForm
from tests.example_place import PROJECT, place

ROOT = Path(__file__).resolve().parents[1]
SOURCE = """\
project: str = "p"  # folder under projects/
groups: list = []  # groupings
level: float = 0.95  # confidence level
top: int | None = None  # how many
fast: bool = False  # whether to hurry
"""


def form(names: dict | None = None, *, notebook: str = "bias_audit", source: str = SOURCE) -> ParametersForm:
    parameters, problems = declared(source, where="")
    assert problems == []
    return ParametersForm(source, parameters, notebook=notebook, names={} if names is None else names)


def use(made: ParametersForm, **typed: str) -> None:
    values = {f["name"]: f["value"] for f in made.twin.facts["fields"]} | typed
    made.twin.tell({"do": "use", "values": values})


def test_what_is_typed_reaches_the_notebook_as_a_run_would_get_it():
    names: dict = {}
    made = form(names)
    use(made, project="q", groups='["sex"]', level="1", top="3", fast="true")
    assert names == {"project": "q", "groups": ["sex"], "level": 1.0, "top": 3, "fast": True}
    assert made.twin.facts["went"] == "well"
    use(made, top="")
    assert names["top"] is None


def test_everything_wrong_is_told_at_once_and_the_notebook_keeps_its_values():
    names: dict = {"level": 0.95}
    made = form(names)
    use(made, level="high", groups="sex")
    assert made.twin.facts["went"] == "wrong"
    assert made.twin.facts["said"].count("\n") == 1
    assert names == {"level": 0.95}
    assert {f["name"]: f["value"] for f in made.twin.facts["fields"]}["level"] == "high"


def test_a_cell_that_runs_again_does_not_take_back_what_the_form_says():
    names: dict = {}
    made = form(names)
    use(made, level="0.9")
    names["level"] = 0.95  # as the cell does
    made.apply()
    assert names["level"] == 0.9


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_the_form_of_every_notebook_hands_back_the_values_it_shows(path):
    spec = inspect(path)
    names: dict = {}
    made = ParametersForm("", spec.parameters, notebook=spec.name, names=names)
    use(made)
    assert made.twin.facts["went"] == "well", made.twin.facts["said"]
    assert names == check_parameters(spec, {p.name: p.default for p in spec.parameters})


def test_the_profiles_values_are_those_of_scheduled_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(place(tmp_path / "work"))
    names: dict = {}
    spec = inspect(Path("notebooks/bias_audit.ipynb"))
    made = ParametersForm("", spec.parameters, notebook="bias_audit", names=names)
    made.twin.tell({"do": "profile", "project": PROJECT})
    assert names == {"project": PROJECT, "target": "decisions"}
    made.twin.tell({"do": "profile", "project": "nobody"})
    assert made.twin.facts["went"] == "wrong"


def test_an_error_of_the_kit_is_its_own_lines_and_the_rest_is_folded():
    try:
        raise InputError([])
    except InputError as error:
        shown = told(type(error)(error.problems))
    assert shown.html.count("<details>") == 1
    assert "Where it came from" in shown.text

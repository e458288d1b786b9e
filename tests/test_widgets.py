"""Twins: what a widget shows live and what it shows without one, in what they agree and what they never do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from riskkit.errors import UsageError
from riskkit.model.shown import Shown, folded, line, stacked, table
from riskkit.widgets.twin import Twin, in_use

WEB = sorted((Path(__file__).parents[1] / "riskkit/widgets/web").iterdir())
SVG = '"http://www.w3.org/2000/svg"'
"""The name of a kind of element, which nobody is asked for."""
FORBIDDEN = ("http:", "https:", "innerHTML", "insertAdjacentHTML", "eval(", "import ")
HOSTILE = '<script>alert(1)</script> & "quoted" </td></table>'


def counting() -> Twin:
    """A widget with one number, which goes up and never beyond two."""

    def step(facts, message):
        if facts["n"] == 2:
            raise UsageError("two is the most; start again")
        return facts | {"n": facts["n"] + 1, "said": ""}

    return Twin("explorer", {"n": 0}, table=lambda facts: line(f"n is {facts['n']}"), step=step)


def test_without_a_server_only_a_table_is_shown_and_ipywidgets_is_not_imported():
    code = (
        "import sys; from riskkit.widgets.twin import Twin; from riskkit.model.shown import line\n"
        "shown = Twin('explorer', {}, table=lambda facts: line('none'))._repr_mimebundle_()\n"
        "assert sorted(shown) == ['text/html', 'text/plain'], shown\n"
        "assert not {'ipywidgets', 'anywidget'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": "/usr/bin"})


@pytest.mark.parametrize(
    ("environ", "used"),
    [
        ({}, False),
        ({"JPY_SESSION_NAME": "a.ipynb"}, True),
        ({"JPY_SESSION_NAME": "a.ipynb", "RISKKIT_RESULT": "/tmp/result"}, False),
    ],
)
def test_a_widget_is_live_where_a_server_started_the_kernel_and_no_runner_waits(environ, used):
    assert in_use(environ) is used


def test_a_step_makes_new_facts_and_an_error_leaves_them_with_a_line():
    twin = counting()
    twin.tell({"do": "up"})
    twin.tell({"do": "up"})
    assert twin.shown.text == "n is 2"
    twin.tell({"do": "up"})
    assert twin.facts == {"n": 2, "said": "two is the most; start again", "went": "wrong"}


def test_what_is_shown_holds_no_markup_from_data_and_the_same_words_as_text():
    shown = stacked(table(["a"], [[HOSTILE]], caption=HOSTILE), folded(HOSTILE, line(HOSTILE)))
    assert "<script" not in shown.html
    assert shown.html.count("</table>") == 1
    assert shown.text.count(HOSTILE) == 4


def test_numbers_stand_to_the_right_and_lines_end_without_blanks():
    assert table(["name", "n"], [["a", "5"], ["b", "12"]], sides=["left", "right"]).text.split("\n") == [
        "name   n",
        "a      5",
        "b     12",
    ]


@pytest.mark.parametrize("path", WEB, ids=lambda p: p.name)
def test_scripts_and_styles_ask_nobody_and_make_no_markup_of_text(path):
    text = path.read_text(encoding="utf-8").replace(SVG, "")
    assert [word for word in FORBIDDEN if word in text] == []


def test_a_shown_thing_prints_as_its_text():
    assert repr(Shown("<p>a</p>", "a")) == "a"

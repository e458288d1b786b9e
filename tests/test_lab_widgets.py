"""The widgets in a real JupyterLab: clicked, typed at, looked at by axe-core, and every stray key pressed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.example_place import PROJECT
from tests.example_place import place as made

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example_lab import Lab, Tab

pytestmark = [pytest.mark.browser, pytest.mark.kernel, pytest.mark.slow]
expect.set_options(timeout=90_000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one project and two runs on record."""
    return made(tmp_path_factory.mktemp("place") / "work")


def test_the_explorer_filters_by_a_press_on_the_map_and_opens_a_row(lab: Lab, tab: Tab, demo: Path) -> None:
    place = lab.workspace("explorer", of=demo)
    page = tab.open(place, "from riskkit import widgets\nwidgets.register_explorer()")
    view = page.locator(".rk-explorer")
    rows = view.locator(".rk-table").first.locator("tbody tr")
    expect(view.locator(".rk-count")).to_contain_text("risks as of")
    every = rows.count()
    cell = view.locator(".rk-cell").filter(has_text="1").first
    cell.click()
    expect(view.locator(".rk-cell[aria-pressed=true]")).to_have_count(1)
    count = view.locator(".rk-cell[aria-pressed=true]").inner_text()
    expect(view.locator(".rk-count")).to_contain_text(f"{count} of {every} risks")
    view.get_by_role("button", name="Clear filters").click()
    view.get_by_role("button", name="Bias in decisions about people").press("Enter")
    expect(view.locator(".rk-behind")).to_contain_text("0.62")
    tab.picture("explorer")
    assert tab.violations(".rk-explorer") == []
    tab.dark()
    tab.picture("explorer", dark=True)
    assert tab.violations(".rk-explorer") == []


def test_the_drafter_writes_the_file_that_was_typed_and_says_what_is_wrong_with_a_date(
    lab: Lab, tab: Tab, demo: Path
) -> None:
    place = lab.workspace("drafter", of=demo)
    page = tab.open(place, "from riskkit import widgets\nwidgets.decision_drafter()")
    form = page.locator(".rk-drafter")
    form.get_by_label("About").select_option("risk:decision-bias")
    expect(form).to_contain_text("Bias in decisions about people: residual")
    form.get_by_label("Asked by").fill("head of the business line")
    form.get_by_label("Rationale").press_sequentially("We accept it for now.")
    form.get_by_label("Condition 1").fill("measure again")
    form.get_by_role("button", name="Draft the file").press("Enter")
    expect(form.get_by_role("status")).to_contain_text("condition 1: nothing is not a date")
    expect(form.get_by_label("Rationale")).to_have_value("We accept it for now.")
    form.get_by_label("Due").fill("2027-01-31")
    form.get_by_role("button", name="Draft the file").click()
    expect(form.get_by_role("status")).to_contain_text("Drafted projects/my-model/decisions/")
    (path,) = (place / f"projects/{PROJECT}/decisions").glob("*.yml")
    assert 'rationale: "We accept it for now."' in path.read_text()
    assert '  - {text: "measure again", due: 2027-01-31}' in path.read_text()
    tab.picture("drafter")
    assert tab.violations(".rk-drafter") == []
    tab.dark()
    tab.picture("drafter", dark=True)
    assert tab.violations(".rk-drafter") == []


def test_the_launcher_plans_runs_in_a_process_of_its_own_and_opens_what_it_executed(
    lab: Lab, tab: Tab, demo: Path
) -> None:
    place = lab.workspace("launcher", of=demo)
    page = tab.open(place, "from riskkit import widgets\nwidgets.run_launcher()", "busy = False")
    form = page.locator(".rk-launcher")
    row = form.locator("[data-run='my-model/regulatory_checklist']")
    expect(row).to_contain_text("never")
    form.get_by_role("button", name="Plan").click()
    expect(row).to_contain_text("never run")
    row.get_by_role("button").click()
    expect(form.get_by_role("status")).to_contain_text("1 of 1 runs concluded", timeout=240_000)
    expect(row).to_contain_text("cells")
    expect(row.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"/lab/tree/records/my-model/regulatory_checklist/.*/notebook.ipynb")
    )
    tab.picture("launcher")
    assert tab.violations(".rk-launcher") == []


def test_the_comparer_shows_two_runs_and_others_when_they_are_chosen(lab: Lab, tab: Tab, demo: Path) -> None:
    place = lab.workspace("comparer", of=demo)
    page = tab.open(place, "from riskkit import widgets\nwidgets.compare_runs()")
    form = page.locator(".rk-comparer")
    expect(form).to_contain_text("more than the intervals explain")
    expect(form).to_contain_text("data/decisions.csv")
    form.get_by_label("Before").select_option(index=1)
    expect(form).to_contain_text("Nothing else changed")
    tab.picture("comparer")
    assert tab.violations(".rk-comparer") == []


@pytest.mark.parametrize("name", ["register_explorer", "run_launcher", "decision_drafter", "compare_runs"])
def test_no_key_pressed_in_any_control_touches_the_notebook(
    lab: Lab, tab: Tab, demo: Path, name: str
) -> None:
    place = lab.workspace(f"keys-{name}", of=demo)
    page = tab.open(place, "before = 1", f"from riskkit import widgets\nwidgets.{name}()", "after = 2")
    form = page.locator(".rk-form")
    expect(form.locator(".rk")).to_be_visible()
    assert tab.stray_keys(form) == []


def test_the_start_notebook_says_what_now_and_a_form_of_parameters_stands_under_their_cell(
    lab: Lab, tab: Tab, demo: Path
) -> None:
    place = lab.workspace("start", of=demo)
    page = tab.open_file(place / "notebooks/explore/start.ipynb")
    expect(page.locator(".jp-Notebook")).to_contain_text("What now?")
    expect(page.locator(".rk-explorer .rk-cell").first).to_have_css("width", "74px")  # each keeps its style
    form = page.locator(".rk-parameters")
    form.get_by_label("project").fill("nobody")
    form.get_by_role("button", name="Use these values").click()
    expect(form.get_by_role("status")).to_contain_text("In use.")
    tab.command("notebook:run-all-cells")
    expect(page.locator(".jp-Notebook")).to_contain_text("there is no project 'nobody'")
    expect(page.get_by_text("Where it came from").first).to_be_visible()
    tab.picture("start")

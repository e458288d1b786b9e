"""Checklist form, labelling and what-if in a real JupyterLab: clicked, typed at, killed, every stray key pressed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from riskkit.model import Sample
from riskkit.model.label import Rubric
from riskkit.profiles import editing
from riskkit.profiles.labels import COLUMNS, read_reviews

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.example_lab import Lab, Tab

pytestmark = [pytest.mark.browser, pytest.mark.kernel, pytest.mark.slow]
expect.set_options(timeout=60_000)
ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\x1b[2J\u202e"
FORM = """
from datetime import date
from riskkit import widgets
made = widgets.checklist_form("loan-approval", frameworks=["eu_ai_act", "us_fcra"], by="head of compliance")
made
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one demo project and nothing on record."""
    place = tmp_path_factory.mktemp("plain") / "work"
    shutil.copytree(ROOT / "projects/loan-approval", place / "projects/loan-approval")
    (place / "notebooks").mkdir()
    return place


def answers(place: Path) -> Any:
    return editing.read(place / "projects/loan-approval/answers.yml", shown="answers.yml")["answers"]


def open_item(view: Locator, group: str, key: str) -> Locator:
    view.locator(f"[data-group={group}] > summary").click()
    found = view.locator(f'[data-item="{key}"]')
    found.locator("> summary").click()
    return found


def kill_kernel(page: Page, place: Path) -> None:
    """Kill the kernel as a crash would, by its process; JupyterLab says so and starts it anew, without its widgets."""
    import os
    import signal

    os.kill(int((place / "pid").read_text()), signal.SIGKILL)
    page.locator(".jp-Dialog", has_text="appears to have died").locator(".jp-mod-accept").click()
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
    )


def test_an_answer_is_typed_saved_undone_and_disputed(lab: Lab, tab: Tab, plain: Path) -> None:
    place = lab.workspace("form", of=plain)
    page = tab.open(place, FORM)
    view = page.locator(".rk-checklist")
    item = open_item(view, "eu_ai_act", "EUAIA-ART27")
    item.locator("[data-name=status]").select_option("partly")
    item.locator("[data-name=note]").fill("Begun by two people.")
    item.locator("[data-name=note]").press("Tab")
    expect(item.locator(".rk-item-line")).to_have_text("saved")
    assert answers(place)["EUAIA-ART27"]["note"] == "Begun by two people."
    tab.picture("form")
    assert tab.violations(".rk-checklist") == []
    view.locator("[data-name=undo]").press("Enter")
    expect(item.locator("[data-name=note]")).to_have_value(re.compile("has not been started"))
    view.locator("[data-name=undo]").press("Enter")
    expect(item.locator("[data-name=status]")).to_have_value("gap")
    path = place / "projects/loan-approval/answers.yml"
    path.write_text(path.read_text().replace("has not been started", "was begun by others"))
    item.locator("[data-name=note]").fill("Mine.")
    expect(item.locator(".rk-dispute")).to_contain_text("was begun by others")
    assert "Mine." not in path.read_text()
    tab.dark()
    tab.picture("form-dispute", dark=True)
    assert tab.violations(".rk-checklist") == []
    item.locator("[data-name=mine]").click()
    expect(item.locator(".rk-item-line")).to_have_text("saved")
    assert answers(place)["EUAIA-ART27"]["note"] == "Mine."


def test_a_fact_answered_by_keyboard_changes_what_applies(lab: Lab, tab: Tab, plain: Path) -> None:
    place = lab.workspace("facts", of=plain)
    page = tab.open(place, FORM)
    view = page.locator(".rk-checklist")
    summary = view.locator("[data-group=facts] > summary")
    summary.focus()
    summary.press("Enter")
    fact = view.locator('[data-item="fact.consumer_report_used"]')
    fact.locator("> summary").focus()
    fact.locator("> summary").press("Enter")
    fact.locator("[data-name=answer]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(view.locator('[data-group="us_fcra"] .rk-counts')).to_have_text("6 do not apply")
    assert "consumer_report_used: false" in (place / "projects/loan-approval/profile.yml").read_text()
    expect(view.locator("[data-group=us_fcra] .rk-away")).to_contain_text("not consumer_report_used")


def test_the_form_shows_what_its_table_tells(lab: Lab, tab: Tab, plain: Path) -> None:
    place = lab.workspace("twins", of=plain)
    page = tab.open(place, FORM + "\n", "print(made.shown.text)")
    view = page.locator(".rk-checklist")
    expect(view.locator("[data-item]").first).to_be_attached()
    live = view.locator("[data-item]").evaluate_all(
        "items => items.map(i => [i.dataset.item, i.dataset.status, i.dataset.applies])"
    )
    told = page.locator(".jp-OutputArea-output pre").last.text_content() or ""
    assert len(live) > 60
    for key, status, applies in live:
        (line,) = (row for row in told.splitlines() if row.split() and row.split()[0] == key)
        assert status in line
        assert applies in line


def test_a_kernel_killed_while_typing_costs_the_last_field_at_most(lab: Lab, tab: Tab, plain: Path) -> None:
    place = lab.workspace("killed", of=plain)
    pid = "import os, pathlib; pathlib.Path('../pid').write_text(str(os.getpid()))"
    page = tab.open(place, pid + FORM)
    view = page.locator(".rk-checklist")
    before = (place / "projects/loan-approval/answers.yml").read_text()
    item = open_item(view, "eu_ai_act", "EUAIA-ART27")
    item.locator("[data-name=status]").select_option("partly")
    item.locator("[data-name=note]").fill("First field.")
    expect(item.locator(".rk-item-line")).to_have_text("saved")
    item.locator("[data-name=document]").press_sequentially("half a na")
    kill_kernel(page, place)
    item.locator("[data-name=document]").press_sequentially("me of a document")
    item.locator("[data-name=document]").press("Tab")
    expect(item.locator(".rk-item-line")).to_contain_text("not saved")
    expect(item.locator("[data-name=document]")).to_have_value("half a name of a document")
    text = (place / "projects/loan-approval/answers.yml").read_text()
    assert answers(place)["EUAIA-ART27"]["note"] == "First field."
    assert answers(place)["EUAIA-ART27"].get("document", "") in ("", *("half a na"[:n] for n in range(1, 10)))
    assert [line for line in before.splitlines() if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]
    assert list(answers(place)) == answers_of(before)


def answers_of(text: str) -> list[str]:
    from riskkit import authored

    document, _ = authored.parse(text, shown="f")
    assert document is not None
    return list(document.data["answers"])


def review(place: Path, count: int) -> None:
    folder = place / "projects/loan-approval/labels"
    folder.mkdir()
    samples = [
        Sample(
            prompt_id=f"p{n}",
            prompt=f"Question {n} {HOSTILE}",
            context="Only this.",
            response=f"Answer {n} {HOSTILE}",
        )
        for n in range(count - 1)
    ]
    samples.append(Sample(prompt_id="long", response=HOSTILE + "x" * 1_000_000))
    (folder / "review.items.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in samples))
    (folder / "review.csv").write_text(",".join(COLUMNS) + "\n")
    rubric = Rubric(
        measure="invented_fact_rate", target="explanations", question=f"Is it faulty? {HOSTILE[:28]}"
    )
    (folder / "review.yml").write_text(
        "".join(f"{k}: {json.dumps(v)}\n" for k, v in rubric.model_dump().items())
    )


def test_a_hundred_answers_are_labelled_by_keyboard_alone(lab: Lab, tab: Tab, plain: Path) -> None:
    place = lab.workspace("labelling", of=plain)
    review(place, 100)
    cell = (
        "from riskkit import widgets\nwidgets.label_answers('loan-approval', 'review', by='first reviewer')"
    )
    page = tab.open(place, cell)
    desk = page.locator(".rk-desk")
    expect(desk.locator(".rk-said")).to_contain_text("100 left")
    tab.picture("labelling")
    assert tab.violations(".rk-labelling") == []
    desk.focus()
    for n in range(100):
        page.keyboard.press("ynu"[n % 3])
        expect(desk.locator(".rk-said")).to_contain_text(f"{n + 1} labelled")
        if n == 49:
            page.keyboard.press("z")
            expect(desk.locator(".rk-said")).to_contain_text("49 labelled")
            page.keyboard.press("n")
            expect(desk.locator(".rk-said")).to_contain_text("50 labelled")
    expect(desk).to_contain_text("Everything is labelled.")
    (there,) = read_reviews(place / "projects/loan-approval")
    assert len({label.item for label in there.labels}) == 100
    assert {label.rater for label in there.labels} == {"first reviewer"}
    tab.dark()
    tab.picture("labelling", dark=True)
    assert tab.violations(".rk-labelling") == []


def test_a_labelled_answer_survives_the_kernel_and_work_goes_on_where_it_was(
    lab: Lab, tab: Tab, plain: Path
) -> None:
    place = lab.workspace("resumed", of=plain)
    review(place, 12)
    pid = "import os, pathlib; pathlib.Path('../pid').write_text(str(os.getpid()))\n"
    cell = (
        "from riskkit import widgets\nwidgets.label_answers('loan-approval', 'review', by='first reviewer')"
    )
    page = tab.open(place, pid + cell)
    desk = page.locator(".rk-desk")
    expect(desk.locator(".rk-said")).to_contain_text("12 left")
    desk.focus()
    page.keyboard.press("y")
    expect(desk.locator(".rk-said")).to_contain_text("1 labelled")
    seen = desk.locator(".rk-item-shown").get_attribute("data-item")
    kill_kernel(page, place)
    tab.run_all()
    expect(page.locator(".rk-desk .rk-said")).to_contain_text("1 labelled")
    assert page.locator(".rk-item-shown").get_attribute("data-item") == seen


COST = """
import numpy as np
from riskkit import widgets
from riskkit.measures import cost
costs = np.random.default_rng(1).lognormal(-5, 0.5, 400)
what = {"calls_per_month": 10000, "monthly_growth": [0.0, 0.02, 0.05], "months": 12, "monthly_budget_usd": 110.0}
future = cost.project(costs, **what, paths=4000, seed=0)
made = widgets.what_if_cost(future)
made
"""


def test_a_budget_is_moved_and_the_kernel_measures_what_is_let_go(lab: Lab, tab: Tab, plain: Path) -> None:
    page = tab.open(lab.workspace("cost", of=plain), COST)
    view = page.locator(".rk-what_if_cost .rk-what-if, .rk-what_if_cost.rk-what-if")
    expect(view.locator(".rk-said")).to_contain_text("futures")
    before = float(view.get_attribute("data-exceeded") or "nan")
    slider = view.locator("[data-name=calls_per_month]")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    after = float(view.get_attribute("data-exceeded") or "nan")
    assert after > before
    expect(view.locator("caption")).to_have_text("Measured with calls in the first month 11,000")
    expect(view.locator(".rk-table")).to_contain_text(f"{after:.4g}")
    tab.picture("what-if-cost")
    assert tab.violations(".rk-what-if") == []
    box = view.locator("[data-box=monthly_budget_usd]")
    box.fill("400")
    box.press("Enter")
    expect(view.locator(".rk-said")).to_contain_text("exceeds $400 in 0.0 %")
    view.locator("[data-name=reset]").press("Enter")
    expect(view).to_have_attribute("data-exceeded", f"{before:g}")
    tab.dark()
    tab.picture("what-if-cost", dark=True)
    assert tab.violations(".rk-what-if") == []


BIAS = """
from riskkit import assess, widgets
from riskkit.measures import fairness
from riskkit.measures.cutoff_steps import cutoff_steps
case = assess.open("loan-approval", assessment="bias_audit")
table = case.decisions("decisions")
bound = case.threshold("selection_rate_ratio")
ratios = fairness.selection_rate_ratios(table, groups=["sex"])
made = widgets.what_if_thresholds(ratios, cutoff_steps(table, groups=["sex"], replicates=200), bound=bound)
made
"""
MITIGATED = """
preview = fairness.mitigation_preview(table, grouping="sex")
other = widgets.what_if_mitigated(preview, grouping="sex", bound=bound)
other
"""


def test_a_bound_is_moved_until_the_verdict_flips(lab: Lab, tab: Tab, plain: Path) -> None:
    page = tab.open(lab.workspace("bias", of=plain), BIAS, MITIGATED)
    view = page.locator("[class~=rk-what-if][data-verdict]").first
    expect(view.locator(".rk-verdict")).to_have_text("met")
    bound = view.locator("[data-name=bound]")
    bound.focus()
    bound.press("End")
    expect(view.locator(".rk-said")).to_contain_text("n = ")
    expect(view.locator(".rk-verdict")).not_to_have_text("met")
    bound.press("Home")
    expect(view.locator(".rk-verdict")).to_have_text("met")
    cutoff = view.locator("[data-name=cutoff]")
    cutoff.focus()
    cutoff.press("ArrowRight")
    expect(view.locator("svg")).to_have_count(2)
    tab.picture("what-if-thresholds")
    assert tab.violations(".rk-what-if") == []
    other = page.locator("[class~=rk-what-if][data-verdict]").last
    other.locator("input[type=radio]").nth(1).focus()
    page.keyboard.press("ArrowDown")
    expect(other.locator(".rk-table th").nth(2)).to_contain_text("ThresholdOptimizer")
    tab.dark()
    tab.picture("what-if-mitigated", dark=True)
    assert tab.violations(".rk-what-if") == []


@pytest.mark.parametrize("which", ["form", "labelling", "cost", "bias"])
def test_no_key_in_any_control_touches_the_notebook(lab: Lab, tab: Tab, plain: Path, which: str) -> None:
    place = lab.workspace(f"keys_{which}", of=plain)
    review(place, 30)
    label = (
        "from riskkit import widgets\nwidgets.label_answers('loan-approval', 'review', by='first reviewer')"
    )
    cells = {"form": [FORM], "labelling": [label], "cost": [COST], "bias": [BIAS, MITIGATED]}[which]
    page = tab.open(place, "1 + 1", *cells)
    form = page.locator(".rk-form").last
    expect(form.locator("button, input").first).to_be_visible()
    parts = [form]
    if (
        which == "form"
    ):  # one item of each kind; Enter on a summary closes what is in it, so insides come first
        shown = (
            ("facts", "fact.consumer_report_used"),
            ("impact", "impact.number_affected"),
            ("eu_ai_act", "EUAIA-ART27"),
        )
        items = [open_item(form, group, key) for group, key in shown]
        parts = [form.locator(".rk-bar").first, *(item.locator(".rk-inside") for item in items), items[-1]]
    assert [key for part in parts for key in tab.stray_keys(part)] == []

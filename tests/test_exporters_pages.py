"""The pages say what the register says, with its proof, and nothing they were given can act."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from jinja2.exceptions import TemplateAssertionError, UndefinedError

from riskkit import catalog as catalogue
from riskkit.errors import StorageError
from riskkit.exporters import Sources, pages
from riskkit.exporters._steps import MARK, steps
from riskkit.exporters._templates import environment, render
from riskkit.model import Changes, Register
from riskkit.register import build
from tests.example_notebook import code, md
from tests.example_register import CHANGED, DAY, catalog, example, record


def beside(folder: Path, checkout: Path) -> Sources:
    """The checkout's templates and pages; records and cache in ``folder``."""
    return Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=folder / "records",
        cache=folder / "cache",
    )


@pytest.fixture
def sources(tmp_path: Path, checkout: Path) -> Sources:
    return beside(tmp_path, checkout)


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """The pages of the example register, which no test changes."""
    folder = tmp_path_factory.mktemp("pages")
    sources = beside(folder, checkout)
    pages.export(example(sources.records), folder / "docs", sources=sources)
    return folder / "docs"


def said(page: Path) -> str:
    """What a reader of ``page`` sees, tags removed and spaces folded."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))).split())


def row(page: Path, risk: str) -> str:
    """What the row of ``risk`` says on a project's page."""
    found = re.search(rf'<tr[^>]*id="risk-{risk}".*?</tr>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_the_proof_stands_beside_the_row(docs: Path) -> None:
    text = row(docs / "projects/loan-approval/index.md", "decision-bias")
    for part in (
        "Breached", "0.591 ratio [0.471, 0.741]", "n = 1,000", "95% interval", "At least 0.8", "head of compliance",
        "law", "8 Nov 2026", "12 days", "Executed cell", "Outside appetite",
    ):  # fmt: skip
        assert part in text


def test_exact_values_stand_in_the_opened_row(docs: Path) -> None:
    raw = (docs / "projects/loan-approval/index.md").read_text(encoding="utf-8")
    for value in ("-0.149448", "-0.223415", "-0.074981", "0.896834"):
        assert value in raw


def test_the_walk_and_the_reason_for_every_credit_are_shown(docs: Path) -> None:
    text = said(docs / "projects/loan-approval/index.md")
    assert "before any control" in text
    assert "Reweighing of training data" in text
    assert "the control is planned, not active" in text


def test_a_row_links_to_the_executed_cell(docs: Path) -> None:
    raw = html.unescape((docs / "projects/loan-approval/index.md").read_text(encoding="utf-8"))
    link = re.search(r'href="\.\./\.\./(evidence/[^"#]+)#(measure-selection_rate_ratio)"', raw)
    assert link
    assert f'id="{link[2]}"' in (docs / link[1]).read_text(encoding="utf-8")


def test_what_nobody_measured_is_never_shown_as_good(docs: Path) -> None:
    text = row(docs / "projects/support-router/index.md", "invented-reasons")
    assert "Missing" in text
    raw = (docs / "projects/support-router/index.md").read_text(encoding="utf-8")
    gaps = raw[raw.index('id="gaps"') :]
    assert "rk-met" not in gaps
    assert "rk-appetite-yes" not in gaps


@pytest.mark.parametrize(
    ("change", "word"),
    [("stale", "Stale"), ("failed", "Error"), ("small", "Inconclusive"), ("none", "Missing")],
)
def test_each_reason_not_to_be_green_has_its_own_word(
    tmp_path: Path, sources: Sources, change: str, word: str
) -> None:
    register = with_router(sources.records, change)
    pages.export(register, tmp_path / "docs", sources=sources)
    text = row(tmp_path / "docs/projects/support-router/index.md", "decision-bias")
    assert word in text
    assert "Met" not in text
    assert "Within appetite" not in text


def with_router(records: Path, change: str) -> Register:
    """The support router alone, with its evidence changed for the worse."""
    from tests.example_register import fair, held, router

    project, measured = router(str), held(fair(str), router(str))
    if change == "small":
        measured = tuple(m.model_copy(update={"n": 20}) for m in measured)
    runs = (
        []
        if change == "none"
        else [record(records, project.id, "bias_audit", str, measured, days=100 if change == "stale" else 40)]
    )
    if change == "failed":
        runs.append(record(records, project.id, "bias_audit", str, None, days=2))
    return build([project], catalog(str), runs, as_of=DAY, kit_version="0.1.0")


def test_a_failed_run_is_shown_with_its_reason(docs: Path) -> None:
    text = said(docs / "projects/claims-agent/index.md")
    assert "Failed cell 5 raised ValueError: column 'approved' is missing" in text
    assert "does not count" in text


def test_a_system_that_was_removed_is_not_passed_over_in_silence(tmp_path: Path, sources: Sources) -> None:
    from tests.example_rows import build, project, run

    register = build(run(days_ago=40), of=project(id="other", name="Other"))
    assert register.departed == {"p": date(2026, 10, 11)}
    pages.export(register, tmp_path / "docs", sources=sources)
    text = (tmp_path / "docs/index.md").read_text(encoding="utf-8")
    assert "<strong>p</strong> has records, the latest of 11 Oct 2026, and no project any more" in text


def test_damaged_records_are_announced_where_people_look(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records).model_copy(update={"damaged": ("loan-approval/x/1: digest differs",)})
    pages.export(register, tmp_path / "docs", sources=sources)
    for page in ("index.md", "register.md", "projects/loan-approval/index.md"):
        assert "1 stored record is not what was stored" in said(tmp_path / "docs" / page)


def test_changes_since_a_snapshot_are_told_row_by_row(tmp_path: Path, sources: Sources) -> None:
    changes = Changes(since=date(2026, 3, 1), snapshot="2026-03-01-ab.json", rows=(CHANGED,), projects=())
    register = example(sources.records).model_copy(update={"changes": changes})
    pages.export(register, tmp_path / "docs", sources=sources)
    text = said(tmp_path / "docs/changes.md")
    assert "Since 1 Mar 2026: 1 up, 0 down" in text
    assert "Medium → to Critical Met then Breached method change: selection_rate_ratio" in text
    assert "another method: the figures do not compare" in text
    assert "1 up, 0 down since 1 Mar 2026" in said(tmp_path / "docs/index.md")


def test_without_a_snapshot_the_changes_page_says_how_to_make_one(docs: Path) -> None:
    assert "There is no snapshot to compare with yet." in said(docs / "changes.md")


def test_why_the_gate_is_shut_stands_on_the_first_page(docs: Path, sources: Sources) -> None:
    register = example(sources.records)
    assert register.reasons
    assert f"Why the gate is shut: {len(register.reasons)} reasons" in said(docs / "index.md")


def test_decisions_and_findings_are_shown_with_their_state_today(docs: Path) -> None:
    text = said(docs / "projects/loan-approval/index.md")
    for part in (
        "Accept: risk decision-bias approved with conditions", "Expired condition not kept by 2026-11-01",
        "chief risk officer and head of compliance", "Dissent: the validator would wait",
        "Small groups are not sampled", "1 Nov 2026 overdue 80 days", "reopened 1 time",
    ):  # fmt: skip
        assert part in text, part


def test_an_unowned_threshold_is_called_unowned(docs: Path) -> None:
    text = said(docs / "projects/loan-approval/index.md")
    assert "unowned , judgement" in text
    assert "no reason given" in text


def test_a_simulated_model_is_announced(docs: Path) -> None:
    assert "Simulated model." in said(docs / "projects/loan-approval/index.md")
    assert "Simulated model." not in said(docs / "projects/support-router/index.md")


def test_every_page_knows_which_register_it_was_made_from(docs: Path, sources: Sources) -> None:
    register = example(sources.records)
    for page in docs.rglob("*.md"):
        front = page.read_text(encoding="utf-8").split("---\n")[1]
        assert register.sha256[:12] in front, page
        assert "20 Nov 2026" in front, page


def test_front_matter_is_json_whose_title_is_inert(tmp_path: Path, sources: Sources) -> None:
    register = example(
        sources.records, lambda text: f"{text}</title><script>x</script>\n---\n# {{{{ 7*7 }}}}"
    )
    pages.export(register, tmp_path / "docs", sources=sources)
    for page in (tmp_path / "docs/projects").rglob("*.md"):
        front, body = page.read_text(encoding="utf-8").split("\n---\n", 1)
        title = json.loads(front.removeprefix("---\n"))["title"]
        assert "<" not in title
        assert "{" not in title
        assert not re.search(r"^#|\{\{|<script", body, re.MULTILINE)


def test_the_old_folder_is_replaced_whole(tmp_path: Path, sources: Sources) -> None:
    (tmp_path / "docs/projects/gone").mkdir(parents=True)
    (tmp_path / "docs/projects/gone/index.md").write_text("old")
    written = pages.export(example(sources.records), tmp_path / "docs", sources=sources)
    assert not (tmp_path / "docs/projects/gone").exists()
    assert (tmp_path / "docs/register.json") in written
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".docs")] == []


def test_a_template_that_fails_leaves_the_old_folder_alone(tmp_path: Path, sources: Sources) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/old.md").write_text("old")
    (tmp_path / "templates").mkdir()
    broken = Sources(
        templates=tmp_path / "templates", site=sources.site, records=sources.records, cache=sources.cache
    )
    with pytest.raises(StorageError, match=r"there is no page template evidence\.html\.j2"):
        pages.export(example(sources.records), tmp_path / "docs", sources=broken)
    assert (tmp_path / "docs/old.md").read_text() == "old"


def test_equal_registers_give_equal_files(tmp_path: Path, sources: Sources) -> None:
    for name in ("one", "two"):
        pages.export(example(sources.records), tmp_path / name, sources=sources)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert len(files) > 20
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_after_a_change_the_pages_are_those_of_a_folder_without_a_past(
    tmp_path: Path, checkout: Path
) -> None:
    first, then = beside(tmp_path / "first", checkout), beside(tmp_path / "then", checkout)
    pages.export(example(first.records), tmp_path / "docs", sources=first)
    changed = example(
        then.records, lambda text: text.replace("loans", "credit"), [md("# Other"), code("1", 1)]
    )
    old = contents(tmp_path / "docs")
    pages.export(changed, tmp_path / "docs", sources=replace(then, cache=first.cache))
    pages.export(changed, tmp_path / "fresh", sources=then)
    assert contents(tmp_path / "docs") == contents(tmp_path / "fresh") != old


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ text | safe }}", TemplateAssertionError),
        ("{{ nobody }}", UndefinedError),
        ("{{ nothing }}", TypeError),
        ("{{ text | urlize }}", TemplateAssertionError),
    ],
)
def test_a_template_can_neither_trust_text_nor_print_a_hole(
    tmp_path: Path, template: str, error: type[Exception]
) -> None:
    (tmp_path / "page.j2").write_text(template)
    with pytest.raises(error):
        render(environment(tmp_path), "page.j2", text="<b>", nothing=None)


def test_text_is_inert_wherever_a_template_puts_it(tmp_path: Path) -> None:
    (tmp_path / "page.j2").write_text(
        '{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(text) }}<a title="{{ text }}">'
    )
    made = render(environment(tmp_path), "page.j2", text='"><script>{{x}}')
    assert made == (
        "<i>&#34;&#62;&#60;script&#62;&#123;&#123;x&#125;&#125;</i>"
        '<a title="&#34;&#62;&#60;script&#62;&#123;&#123;x&#125;&#125;">'
    )


def test_hand_written_front_matter_is_kept(tmp_path: Path, sources: Sources) -> None:
    site = tmp_path / "site"
    (site / "decisions").mkdir(parents=True)
    (site / "a.md").write_text("---\ntitle: My page\n---\n# Hello\n")
    (site / "decisions/0001-x.md").write_text("# 1. Floors\n")
    mine = Sources(templates=sources.templates, site=site, records=sources.records, cache=sources.cache)
    pages.export(example(sources.records), tmp_path / "docs", sources=mine)
    assert (tmp_path / "docs/a.md").read_text().startswith("---\nregister: {")
    assert "\ntitle: My page\n---\n# Hello\n" in (tmp_path / "docs/a.md").read_text()
    assert "- [1. Floors](0001-x.md)" in (tmp_path / "docs/decisions/index.md").read_text()


def test_how_to_read_tells_the_steps_of_every_grid_in_use(docs: Path, sources: Sources) -> None:
    assert MARK in (sources.site / "how-to-read.md").read_text(encoding="utf-8")
    page = (docs / "how-to-read.md").read_text(encoding="utf-8")
    used = example(sources.records).projects[0].matrix
    table = "| Grid | none | weak | fair | good | strong |\n| --- | --- | --- | --- | --- | --- |\n"
    assert f"{table}| {used.title} | 0 steps | 0 steps | 1 step | 2 steps | 3 steps |\n" in page


def test_a_smaller_grid_says_its_own_steps_and_factors_are_told_as_such() -> None:
    shipped = catalogue.load().matrices
    lines = steps(
        [shipped["iso-3x3"], shipped["iso-4x4"], shipped["finos-5x5"], shipped["iso-3x3"]]
    ).splitlines()
    assert lines[2:] == [
        "| Three by three | 0 steps | 0 steps | 0 steps | 1 step | 1 step |",
        "| Four by four | 0 steps | 0 steps | 0 steps | 1 step | 2 steps |",
        "| FINOS compatible | score × 1 | score × 0.8 | score × 0.6 | score × 0.4 | score × 0.25 |",
    ]
    hostile = shipped["iso-3x3"].model_copy(update={"title": "a | <b>b</b>"})
    assert steps([hostile]).splitlines()[2].startswith("| a &#124; &#60;b&#62;b&#60;/b&#62; |")
    assert steps([]) == "No system is registered yet, so no grid is in use."

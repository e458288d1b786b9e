"""Evidence pages show what a notebook did, cell by cell, and none of it runs."""

from __future__ import annotations

import base64
import html as entities
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskkit.exporters import Sources, notebooks
from riskkit.exporters._cells import IMAGE, OUTPUTS, TEXT, render_cells
from riskkit.records import Store
from riskkit.records.archive import Pruning, archive
from riskkit.workspace import Workspace
from tests.example_notebook import PNG, code, html, image, md, plain, script, shown, stream, svg
from tests.example_register import example


@pytest.fixture
def sources(tmp_path: Path, checkout: Path) -> Sources:
    return Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=tmp_path / "records",
        cache=tmp_path / "cache",
    )


def page(out: Path, project: str, assessment: str) -> str:
    (found,) = out.glob(f"evidence/{project}/{assessment}/*/index.html")
    return found.read_text(encoding="utf-8")


def one(*outputs: dict[str, Any]) -> str:
    """The HTML of a cell with these outputs."""
    return str(render_cells([code("x", 1, *outputs)]).cells[0])


def test_every_record_the_register_points_to_has_a_page(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    written = notebooks.export(register, tmp_path / "out", sources=sources)
    pages = {p.relative_to(tmp_path / "out").parent.as_posix() for p in written if p.name == "index.html"}
    assert pages == {f"evidence/{e.folder}" for p in register.projects for e in p.latest}


def test_the_page_says_what_was_run_when_and_from_which_bytes(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    notebooks.export(register, tmp_path / "out", sources=sources)
    text = page(tmp_path / "out", "loan-approval", "bias_audit")
    (evidence,) = [e for e in register.projects[1].latest if e.assessment == "bias_audit"]
    for part in (
        "Loan approval", "Bias audit", "Completed", "8 Nov 2026", "-0.149448", evidence.sha256,
        evidence.run.notebook_sha256, evidence.files["notebook.ipynb"], "ab" * 32, "1,000 rows",
    ):  # fmt: skip
        assert part in text, part


def test_a_simulated_model_is_announced_at_the_top(tmp_path: Path, sources: Sources) -> None:
    notebooks.export(example(sources.records), tmp_path / "out", sources=sources)
    assert "Simulated model (phantom)." in page(tmp_path / "out", "loan-approval", "explanation_sampling")
    assert "Simulated model (phantom)." not in page(tmp_path / "out", "loan-approval", "bias_audit")


def test_a_failed_run_says_so_and_shows_its_error_without_colour_codes(
    tmp_path: Path, sources: Sources
) -> None:
    notebooks.export(example(sources.records), tmp_path / "out", sources=sources)
    text = page(tmp_path / "out", "claims-agent", "hallucination_sampling")
    assert "This run failed." in text
    assert "Nothing on this page counts as evidence." in text
    assert "ValueError: column &#39;approved&#39; is missing" in text
    assert "\x1b" not in text


def test_pages_hold_no_script_and_a_policy_that_allows_none(tmp_path: Path, sources: Sources) -> None:
    notebooks.export(example(sources.records), tmp_path / "out", sources=sources)
    for path in (tmp_path / "out").rglob("index.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
        assert policy
        assert "default-src 'none'" in policy[1]
        assert "script-src" not in policy[1]


def test_cells_have_anchors_by_index_and_measures_at_the_cell_that_names_them() -> None:
    cells = [md("# a"), code("one", 1), code("ratio = fairness.selection_rate_ratio(t)", 2), code("end", 3)]
    done = render_cells(cells, measures=["selection_rate_ratio", "rate_ratio", "cost"])
    assert [re.findall(r'id="cell-(\d+)"', cell) for cell in done.cells] == [["0"], ["1"], ["2"], ["3"]]
    assert 'id="measure-selection_rate_ratio"' in done.cells[2]
    assert 'id="measure-rate_ratio"' in done.cells[3], "part of a longer name is not the name"
    assert 'id="measure-cost"' in done.cells[3], "named nowhere: the last code cell"


def test_what_a_run_did_not_keep_is_said_and_its_anchors_still_work(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    for path in sources.records.rglob("notebook.ipynb"):
        path.unlink()
    notebooks.export(register, tmp_path / "out", sources=sources)
    text = page(tmp_path / "out", "loan-approval", "bias_audit")
    assert "No notebook was kept with this record." in text
    assert 'id="measure-selection_rate_ratio"' in text


def test_an_archived_notebook_is_said_to_be_archived_when_and_where(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    store = Store(sources.records)
    (record,) = [e for e in register.projects[1].latest if e.assessment == "bias_audit"]
    name = f"{record.folder}/notebook.ipynb"
    before = notebooks.export(register, tmp_path / "before", sources=sources)
    found = Pruning((record,), {name: record.files["notebook.ipynb"]}, size=0)
    said = archive(store, found, tmp_path / "old.zip", moment="20261129T021500Z")
    here = Workspace(sources.records.parent).sources().archived
    notebooks.export(register, tmp_path / "out", sources=replace(sources, archived=here))
    text = page(tmp_path / "out", "loan-approval", "bias_audit")
    assert "No notebook was kept" not in text
    assert f"was archived on 2026-11-29: it lies in old.zip (SHA-256 {said.sha256})" in text
    assert f"<dd><code>{record.files['notebook.ipynb']}</code></dd>" in text
    with zipfile.ZipFile(tmp_path / "old.zip") as packed:
        packed.extractall(sources.records)
    again = notebooks.export(register, tmp_path / "again", sources=replace(sources, archived=here))
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in before]


@pytest.mark.parametrize("bytes_", [b"{", b"[]", b'{"cells": 3}', b"[" * 100_000, b"\xff\xfe"])
def test_a_notebook_that_cannot_be_read_has_a_page_that_says_so(
    tmp_path: Path, sources: Sources, bytes_: bytes
) -> None:
    register = example(sources.records)
    for path in sources.records.rglob("notebook.ipynb"):
        path.write_bytes(bytes_)
    notebooks.export(register, tmp_path / "out", sources=sources)
    assert "The notebook in this record cannot be read." in page(
        tmp_path / "out", "loan-approval", "bias_audit"
    )


def test_a_page_is_rendered_once_and_again_only_when_something_changed(
    tmp_path: Path, sources: Sources
) -> None:
    register = example(sources.records)
    notebooks.export(register, tmp_path / "one", sources=sources)
    made = {p: p.stat().st_mtime_ns for p in sources.cache.glob("*/index.html")}
    notebooks.export(register, tmp_path / "two", sources=sources)
    assert {p: p.stat().st_mtime_ns for p in sources.cache.glob("*/index.html")} == made
    path = next(sources.records.glob("loan-approval/bias_audit/*/notebook.ipynb"))
    path.write_text(json.dumps({"cells": [md("# Changed")]}))
    notebooks.export(register, tmp_path / "three", sources=sources)
    assert len(list(sources.cache.glob("*/index.html"))) == len(made) + 1
    assert "Changed" in page(tmp_path / "three", "loan-approval", "bias_audit")


@pytest.mark.parametrize("folder", ["../../etc", "/etc", "a/../b", ".git/x", "a//b", "a/.b", "a\\b", ""])
def test_a_folder_that_leads_out_of_the_store_is_not_followed(folder: str) -> None:
    assert not notebooks.is_folder(folder)


def test_images_become_files_checked_by_their_first_bytes() -> None:
    done = render_cells([code("x", 1, image(PNG))])
    ((name, raw),) = done.images.items()
    assert raw == PNG
    assert f'<img src="{name}"' in done.cells[0]
    fake = base64.b64encode(b"<svg onload=alert(1)>").decode()
    assert "An image is left out: it is not image/png." in one(shown(**{"image/png": fake}))
    assert "it is not image/jpeg" in one(shown(**{"image/jpeg": "%%%"}))
    large = base64.b64encode(PNG + b"\0" * IMAGE).decode()
    assert "it is larger than 8 MB" in one(shown(**{"image/png": large}))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>", '<a onclick="1"/>', "<foreignObject/>", '<a href="javascript:1"/>', "<SCRIPT>1</SCRIPT>",
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<iframe/>", '<image href="https://example.org/x.png"/>',
        "<style>@import url(https://example.org)</style>",
    ],
)  # fmt: skip
def test_a_drawing_that_holds_more_than_lines_is_left_out(inside: str) -> None:
    done = render_cells([code("x", 1, svg(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'))])
    assert done.images == {}
    assert "An image is left out" in done.cells[0]


def test_a_drawing_as_matplotlib_writes_it_is_shown() -> None:
    drawn = (
        '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><style type="text/css">'
        '*{stroke-linejoin: round}</style><g clip-path="url(#p1)"><use xlink:href="#m1" x="3"/></g></svg>'
    )
    ((name, raw),) = render_cells([code("x", 1, svg(drawn))]).images.items()
    assert name.endswith(".svg")
    assert b"DOCTYPE" not in raw


def test_a_plain_drawing_is_shown_as_an_image_file() -> None:
    done = render_cells([code("x", 1, svg())])
    assert [name.rsplit(".")[-1] for name in done.images] == ["svg"]
    assert "<svg" not in done.cells[0]


@pytest.mark.parametrize(
    ("given", "kept", "gone"),
    [
        ("<table><tr><td>1</td></tr></table><script>x</script>", "<td>1</td>", "script"),
        ('<img src=x onerror="x">text', "text", "img"),
        ('<a href="javascript:x">a</a>', ">a</a>", "javascript"),
        ('<p style="position:fixed" onclick="x" id="y" class="z">p</p>', "<p>p</p>", "position"),
        ('<form action="https://example.org"><input></form>b', "b", "form"),
        ('<iframe src="https://example.org"></iframe>c', "c", "iframe"),
        ("<style>*{display:none}</style>d", "d", "display"),
        ("<meta http-equiv=refresh content=0>e", "e", "meta"),
        ('<svg><animate onbegin="x"/></svg>f', "f", "svg"),
        ('<math><mtext><img src=x onerror="x"></mtext></math>g', "g", "onerror"),
        ('<a href="data:text/html,x">h</a>', ">h</a>", "data:"),
    ],
)
def test_rich_output_keeps_its_text_and_nothing_that_acts(given: str, kept: str, gone: str) -> None:
    made = one(html(given)).split('class="rich"')[1]
    assert kept in made
    assert gone not in made.split(">", 1)[1]


def test_markdown_cells_show_raw_html_as_text() -> None:
    done = render_cells(
        [md("# Title\n\n<script>x</script>\n\n[a](javascript:x) ![b](https://example.org/b.png)")]
    )
    made = str(done.cells[0])
    assert "<h2>Title</h2>" in made
    assert "&lt;script&gt;" in made
    assert "<img" not in made
    assert 'href="javascript' not in made
    assert done.headings == [("cell-0", "Title")]


def test_code_that_wants_to_run_is_named_and_not_run() -> None:
    assert "An output of type application/javascript is not run here." in one(script())
    widget = shown(**{"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "Box()"})
    assert "application/vnd.jupyter.widget-view+json is not run here" in entities.unescape(one(widget))


def test_long_outputs_are_cut_and_say_so() -> None:
    assert "50 more characters are not shown" in one(stream("x" * (TEXT + 50)))
    assert "3 more outputs are not shown" in one(*[stream("x")] * (OUTPUTS + 3))


def test_text_output_keeps_its_spaces_and_loses_control_codes() -> None:
    made = entities.unescape(one(stream("a   b\n\tc\x1b[1;31md\x1b[0m\x1b]8;;http://x\x07e\u202ef\x00<b>")))
    assert "a   b\n\tcde" in made
    assert "\u202e" not in made
    assert "\x00" not in made
    assert "<b>" in made
    assert "<b>" not in one(stream("<b>"))


def test_the_parameters_that_were_passed_are_told_from_those_written() -> None:
    done = render_cells(
        [code("a = 1", 1, tags=["parameters"]), code("a = 2", 2, tags=["injected-parameters"])]
    )
    assert "Parameters <span>run 1" in done.cells[0]
    assert "Parameters as passed <span>run 2" in done.cells[1]
    assert "not run" in render_cells([code("a", None)]).cells[0]


@pytest.mark.parametrize(
    "cell",
    [
        {}, {"cell_type": "code"}, {"cell_type": "raw", "source": "<b>"}, {"cell_type": "code", "outputs": [{}]},
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": None}], "metadata": None},
        {"cell_type": "code", "source": ["a\n", "b"], "metadata": {"tags": [3]}, "outputs": None},
        {"cell_type": "code", "outputs": [{"output_type": "error", "traceback": [1, None]}]},
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {"text/plain": ["a", 3]}}]},
    ],
)  # fmt: skip
def test_odd_cells_are_shown_as_far_as_they_go(cell: dict[str, Any]) -> None:
    (made,) = render_cells([cell]).cells
    assert made.startswith('<section class="cell" id="cell-0">')
    assert "<b>" not in made


def test_plain_text_is_shown_when_there_is_nothing_else() -> None:
    assert "2 measurements" in one(plain("2 measurements"))

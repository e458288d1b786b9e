"""Pages of projects share one frame, and are found by search like any other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskkit.errors import PolicyError
from riskkit.exporters._frame import put_into_frames, set_apart

FRAME = "<title>{title} - Site</title><article>{body}</article>"


def docs(folder: Path, body: str = '<h1 id="x">Credit</h1><p class="rk-lead">Scores loans.</p>') -> Path:
    """A hand-written page, a register, two pages of projects, a notebook."""
    for name in ("projects/a/index.md", "projects/b/index.md", "register.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f'---\n{{"title": "{name[9:10]}", "hide": []}}\n---\n\n{body}\n')
    (folder / "evidence/a/audit/1").mkdir(parents=True)
    (folder / "evidence/a/audit/1/index.html").write_text("notebook")
    (folder / "how.md").write_text("# How\n")
    return folder


def rendered(staged: Path, site: Path) -> Path:
    """What a theme makes of the staged pages."""
    for path in staged.rglob("*.md"):
        front, _, body = path.read_text().removeprefix("---\n").partition("\n---\n\n")
        page = site / path.relative_to(staged).with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        title = json.loads(front)["title"] if body else "how"
        page.write_text(FRAME.format(title=title, body=body))
    (site / "search").mkdir(parents=True)
    (site / "search/search_index.json").write_text(
        '{"docs":[{"location":"how.html","title":"How","text":""}]}'
    )
    return site


def test_the_theme_sees_one_page_for_all_projects_and_no_text_of_ours(tmp_path: Path) -> None:
    apart = set_apart(docs(tmp_path / "docs"), staged := tmp_path / "staged")
    names = sorted(p.relative_to(staged).as_posix() for p in staged.rglob("*") if p.is_file())
    assert names == ["how.md", "projects/_frame/index.md", "register.md"]
    assert "Credit" not in (staged / "register.md").read_text()
    assert apart["evidence/a/audit/1/index.html"] == ""
    assert apart["projects/a/index.md"] == apart["projects/b/index.md"] == "projects/_frame/index.md"


def test_every_page_gets_its_frame_its_title_and_its_place_in_the_search(tmp_path: Path) -> None:
    apart = set_apart(docs(tmp_path / "docs"), tmp_path / "staged")
    site = rendered(tmp_path / "staged", tmp_path / "site")
    put_into_frames(tmp_path / "docs", site, apart)
    page = (site / "projects/b/index.html").read_text()
    assert page.startswith("<title>b - Site</title>")
    assert "Scores loans." in page
    assert (site / "evidence/a/audit/1/index.html").read_text() == "notebook"
    assert not (site / "projects/_frame").exists()
    found = json.loads((site / "search/search_index.json").read_text())["docs"]
    assert [(e["location"], e["text"]) for e in found if e["location"] != "how.html"] == [
        (name, "Credit Scores loans.")
        for name in ("projects/a/index.html", "projects/b/index.html", "register.html")
    ]


def test_a_page_that_a_person_links_to_is_left_to_the_theme(tmp_path: Path) -> None:
    (docs(tmp_path / "docs") / "how.md").write_text("# How\n\n[see](projects/a/index.md#x)\n")
    apart = set_apart(tmp_path / "docs", tmp_path / "staged")
    assert (tmp_path / "staged/projects/a/index.md").exists()
    assert apart["projects/a/index.md"] == "projects/a/index.md"


def test_a_script_in_the_text_of_a_page_is_refused(tmp_path: Path) -> None:
    apart = set_apart(docs(tmp_path / "docs", "<ScRipt src=x></script>"), tmp_path / "staged")
    site = rendered(tmp_path / "staged", tmp_path / "site")
    with pytest.raises(PolicyError, match=r"projects/a/index\.html: a script in the page's text"):
        put_into_frames(tmp_path / "docs", site, apart)


def test_a_theme_that_leaves_no_place_is_named(tmp_path: Path) -> None:
    apart = set_apart(docs(tmp_path / "docs"), tmp_path / "staged")
    site = rendered(tmp_path / "staged", tmp_path / "site")
    (site / "register.html").write_text("nothing")
    with pytest.raises(PolicyError, match=r"register\.html: the theme left no place for its text"):
        put_into_frames(tmp_path / "docs", site, apart)

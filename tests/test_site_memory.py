"""What a build remembers: pages come out as if nothing had been, and nothing is believed that was not read."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from riskkit.errors import PolicyError
from riskkit.exporters import Sources, _markup, _system_pages, gate, pages
from riskkit.exporters._known import remembered
from riskkit.exporters._markup import plainly, read
from riskkit.model import Register
from tests.example_register import example
from tests.test_exporters_pages import beside
from tests.test_site_gate import site

KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Sources:
    return beside(tmp_path_factory.mktemp("memory"), checkout)


@pytest.fixture(scope="module")
def register(sources: Sources) -> Register:
    return example(sources.records)


def written(register: Register, sources: Sources, out: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Write the pages to ``out``; the systems whose pages were made for it."""
    made: set[str] = set()
    make = _system_pages._made

    def noted(own: Register, project: object, *rest: object, **more: object) -> object:
        made.add(own.projects[0].profile.id)
        return make(own, project, *rest, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(_system_pages, "_made", noted)
        pages.export(register, out, sources=sources)
    return made


def texts(out: Path) -> dict[str, bytes]:
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_only_the_system_that_changed_is_made_anew_and_all_pages_are_as_from_nothing(
    register: Register, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = {p.profile.id for p in register.projects}
    warm = replace(sources, cache=tmp_path / "warm", head="7:aa")
    assert written(register, warm, tmp_path / "first", monkeypatch) == everyone
    assert written(register, warm, tmp_path / "again", monkeypatch) == set()
    assert texts(tmp_path / "first") == texts(tmp_path / "again")

    one, *rest = register.projects
    changed = register.model_copy(update={"projects": (one.model_copy(update={"runs": 99}), *rest)})
    later = replace(warm, head="8:bb")
    assert written(changed, later, tmp_path / "changed", monkeypatch) == {one.profile.id}
    cold = replace(later, cache=tmp_path / "cold")
    written(changed, cold, tmp_path / "from-nothing", monkeypatch)
    assert texts(tmp_path / "changed") == texts(tmp_path / "from-nothing")
    page = (tmp_path / "changed/projects" / rest[0].profile.id / "paper.html").read_text()
    assert changed.sha256[:12] in page
    assert "8:bb" in page
    assert "STAMPED" not in page


def test_what_a_page_shows_of_all_systems_makes_pages_anew_when_it_changes(
    register: Register, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = replace(sources, cache=tmp_path / "warm")
    everyone = written(register, warm, tmp_path / "first", monkeypatch)
    damaged = register.model_copy(update={"damaged": ("loan-approval/bias_audit/1",)})
    assert written(damaged, warm, tmp_path / "second", monkeypatch) == everyone
    assert "loan-approval/bias_audit/1" in next((tmp_path / "second/projects").glob("*/index.md")).read_text()


def test_a_file_of_pages_that_was_cut_off_or_garbled_is_made_anew(
    register: Register, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = replace(sources, cache=tmp_path / "warm")
    written(register, warm, tmp_path / "first", monkeypatch)
    short, garbled, *_ = sorted((tmp_path / "warm/pages").iterdir())
    short.write_bytes(short.read_bytes()[:-1])
    garbled.write_bytes(b"\xff{]\n")
    assert written(register, warm, tmp_path / "again", monkeypatch) == {short.name, garbled.name}
    assert texts(tmp_path / "first") == texts(tmp_path / "again")


def test_what_was_read_is_read_once_and_forgotten_with_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    line = _markup._line

    def counted(text: str) -> object:
        asked.append(text)
        return line(text)

    monkeypatch.setattr(_markup, "_line", counted)
    place = site(tmp_path / "site", '<a id="x" href="#x">x</a>')
    assert gate(place, cache=tmp_path / "cache") == 1
    assert asked
    asked.clear()
    assert gate(place, cache=tmp_path / "cache") == 1
    assert not asked
    site(tmp_path / "site", '<a id="y" href="#y">x</a>')
    gate(place, cache=tmp_path / "cache")
    with sqlite3.connect(tmp_path / "cache/plainly.db") as table:
        assert table.execute("SELECT count(*) FROM known").fetchone() == (1,)


def test_a_fault_and_a_secret_are_found_again_and_again(tmp_path: Path) -> None:
    place = site(tmp_path / "site", f'<a href="gone.html">x</a> <p onclick="x">{KEY}</p>')
    for _ in range(3):
        with pytest.raises(PolicyError, match=r"acts on its own: <p onclick>[\s\S]*leads nowhere: gone.html"):
            gate(place, cache=tmp_path / "cache")
        with pytest.raises(PolicyError, match="what looks like a AWS access key"):
            gate(place, cache=tmp_path / "cache")


def test_a_broken_link_that_many_pages_share_is_told_of_each(tmp_path: Path) -> None:
    for name in ("a/one.html", "a/two.html"):
        site(tmp_path / "site", '<a href="../gone.html">x</a>', page=name)
    with pytest.raises(PolicyError, match=r"a/one.html: leads nowhere[^\n]*\na/two.html: leads nowhere"):
        gate(tmp_path / "site")


def test_a_damaged_memory_is_begun_anew_and_one_in_use_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "plainly.db"
    file.write_bytes(b"no database" * 1000)
    with remembered(plainly, tmp_path) as first, remembered(plainly, tmp_path) as second:
        assert second is plainly
        assert read('<p id="a">', first) == read('<p id="a">', second) == read('<p id="a">')
    with sqlite3.connect(file) as table:
        assert table.execute("SELECT count(*) FROM known").fetchone() == (1,)

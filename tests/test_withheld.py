"""What readers may not see is not on the site, in no export, and in no sentence; verdicts stay."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskkit import exporters
from riskkit.exporters import Sources
from riskkit.model import Evidence, Project, Register, Sensitivity, Verdict, canonical, withheld
from riskkit.model.disclosure import small_groups_note
from riskkit.model.withheld import Withheld
from tests.example_notebook import PNG, code, image, md, plain, stream
from tests.example_notebook import html as shown_html
from tests.example_rows import OWNED, build, measurement, project, risk, run

SECRETIVE = "ZEBRA-7391"
"""A value of the data that nobody outside may see."""
FIGURE = measurement(0.613257, 0.678431, segment="", note=f"lowest {SECRETIVE} (570 of 1499)")
DATA = {"path": "data/d.csv", "licence": "x", "personal_data": False, "synthetic_share": 0}
TARGET = {"kind": "predictions", "dataset": "d", "groups": {"sex": {"column": "sex"}}}
READ = {"inputs": ({"path": "data/d.csv", "sha256": "0" * 64},)}


def holding(*, dataset: dict[str, object] | None = None, **more: object) -> Project:
    data = {"d": DATA | (dataset or {})}
    return project(datasets=data, targets={"t": TARGET}, **more)  # type: ignore[arg-type]


def of_run(evidence: Evidence, of: Project, audience: Sensitivity = Sensitivity.INTERNAL) -> Withheld:
    return withheld(of.profile, evidence, audience=audience)


def test_without_a_declaration_everything_is_shown() -> None:
    assert not of_run(run(**READ), holding())


def test_a_restricted_measure_keeps_its_verdict_and_loses_its_figures_everywhere() -> None:
    of = holding(disclosure={"measures": {"ratio": "restricted"}})
    shown = build(run(taken=(FIGURE,), days_ago=2, **READ), run(taken=(FIGURE,), **READ), of=of)
    row = shown.projects[0].entries[0]
    assert row.verdict is Verdict.BREACHED
    assert row.indicators[0].measurement is not None
    assert row.indicators[0].measurement.undefined == "withheld: restricted"
    text = canonical(shown).decode()
    for figure in ("0.613", "0.678", "0.6458", "570 of 1499", SECRETIVE):
        assert figure not in text, figure
    open_book = canonical(build(run(taken=(FIGURE,), **READ), of=holding())).decode()
    assert all(figure in open_book for figure in ("0.6133", "0.6784", "570 of 1499", SECRETIVE))


def test_a_control_and_the_gate_do_not_quote_what_is_withheld() -> None:
    from tests.example_rows import control

    of = holding(disclosure={"measures": {"ratio": "restricted"}})
    of = of.model_copy(update={"controls": (control(),)})
    shown = build(run(taken=(FIGURE,), **READ), of=of)
    assert shown.projects[0].entries[0].credits[0].reasons
    assert shown.reasons
    assert "0.613" not in canonical(shown).decode()


def test_a_validators_run_is_compared_without_figures() -> None:
    of = holding(disclosure={"measures": {"ratio": "restricted"}})
    other = measurement(0.511257, 0.528431, segment="")
    shown = build(run(taken=(FIGURE,), **READ), run(taken=(other,), performed_as="validator", **READ), of=of)
    (found,) = shown.projects[0].entries[0].compared
    assert found.why == "ratio: developer and validator differ"
    assert "0.511" not in canonical(shown).decode()


def test_restricted_data_takes_notes_methods_and_group_names_with_it() -> None:
    of = holding(dataset={"sensitivity": "restricted"})
    named = measurement(0.9, 0.95, segment=SECRETIVE)
    grouping = measurement(0.9, 0.95, note=f"lowest {SECRETIVE} (570 of 1499)", method=f"minus {SECRETIVE}")
    shown = build(run(taken=(named, grouping), notes=(f"x {SECRETIVE}",), models=(SECRETIVE,), **READ), of=of)
    assert SECRETIVE not in canonical(shown).decode()
    kept = [i.measurement for i in shown.projects[0].entries[0].indicators]
    assert sorted(m.segment for m in kept if m) == ["sex", "withheld 1"]
    assert [m.value for m in kept if m and m.segment == "sex"] == [pytest.approx(0.925)]


def test_a_restricted_column_counts_like_its_file() -> None:
    of = holding(dataset={"fields": {"diagnosis": "restricted"}})
    assert of_run(run(**READ), of).outputs == "the run read restricted data"
    assert not of_run(run(inputs=({"path": "data/other.csv", "sha256": "0" * 64},)), of)


def test_a_failed_run_on_restricted_data_does_not_say_what_it_choked_on() -> None:
    of = holding(dataset={"sensitivity": "restricted"})
    failed = run(status="failed")
    failed = failed.model_copy(
        update={"run": failed.run.model_copy(update={"reason": f"KeyError: {SECRETIVE}"})}
    )
    shown = build(run(days_ago=3, **READ), failed, of=of)
    assert SECRETIVE not in canonical(shown).decode()
    assert shown.projects[0].entries[0].verdict is Verdict.ERROR


def test_a_public_site_shows_only_what_was_declared_public() -> None:
    of = holding(dataset={"sensitivity": "public"}, disclosure={"measures": {"ratio": "public"}})
    assert not of_run(run(**READ), of, Sensitivity.PUBLIC)
    inside = of_run(run(**READ), holding(), Sensitivity.PUBLIC)
    assert inside.texts
    assert build(run(**READ), of=of, audience=Sensitivity.PUBLIC).audience is Sensitivity.PUBLIC


def groups(*sizes: int) -> tuple[object, ...]:
    return tuple(measurement(0.9, 0.95, segment=f"group {i}", n=n) for i, n in enumerate(sizes))


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ((500, 400, 300), []),
        ((500, 400, 4), [1, 2]),  # alone, the small one would follow from the total
        ((500, 4, 3), [0, 1, 2]),  # together they are still fewer than ten
        ((500, 9, 9), [1, 2]),
        ((4,), [0]),
    ],
)
def test_small_groups_go_with_what_would_give_them_away(sizes: tuple[int, ...], hidden: list[int]) -> None:
    of = holding(disclosure={"smallest_group": 10})
    found = of_run(run(taken=groups(*sizes), **READ), of)  # type: ignore[arg-type]
    assert sorted(found.figures) == [("ratio", f"group {i}") for i in hidden]
    assert bool(found.outputs)


def test_a_ratio_that_rests_on_a_small_group_is_withheld_and_one_that_left_it_out_is_not() -> None:
    of = holding(disclosure={"smallest_group": 10})
    rests = measurement(0.9, 0.95, note="lowest x (3 of 7), highest y (90 of 200)")
    left_out = measurement(0.9, 0.95, segment="age", note="left out with fewer than 30 rows: x (7), y (12)")
    found = of_run(run(taken=(rests, left_out.model_copy(update={"measure": "other"})), **READ), of)
    assert list(found.figures) == [("ratio", "sex")]
    assert found.notes == {("ratio", "sex"), ("other", "age")}


def test_counts_of_all_others_are_withheld_where_a_small_group_would_follow_from_them() -> None:
    of = holding(disclosure={"smallest_group": 10})
    by_sex = measurement(0.9, 0.95, note="female (121 of 209) against male (111 of 191)")
    by_age = measurement(0.9, 0.95, segment="age", note="up to 25 (22 of 38) against over 25 (213 of 365)")
    plain_note = measurement(0.9, 0.95, segment="sex x age", note="dealt at random")
    taken = (by_sex, by_age, plain_note)
    found = of_run(run(taken=taken, notes=(small_groups_note(10, 2),), **READ), of)
    assert found.notes == {("ratio", "sex"), ("ratio", "age")}
    assert not found.figures
    assert not of_run(run(taken=taken, notes=(small_groups_note(10, 0),), **READ), of)


def test_the_default_is_ten_where_data_are_personal_and_none_elsewhere() -> None:
    assert holding().profile.smallest_group == 0
    assert holding(dataset={"personal_data": True}).profile.smallest_group == 10
    assert (
        holding(dataset={"personal_data": True}, disclosure={"smallest_group": 0}).profile.smallest_group == 0
    )


@pytest.mark.parametrize(
    ("notes", "shown"),
    [
        ((small_groups_note(10, 0),), True),
        ((small_groups_note(10, 2),), False),
        ((small_groups_note(5, 0),), False),
        ((), False),
    ],
)
def test_a_notebook_shows_its_outputs_only_where_no_small_group_can_be_in_them(
    notes: tuple[str, ...], shown: bool
) -> None:
    of = holding(dataset={"personal_data": True})
    assert bool(of_run(run(notes=notes, **READ), of).outputs) is not shown


def test_who_may_see_data_does_not_make_evidence_stale() -> None:
    assert (
        holding().profile.assessed_sha256
        == holding(dataset={"sensitivity": "restricted"}).profile.assessed_sha256
    )


def test_thresholds_decided_on_stay_decided_when_a_measure_becomes_restricted() -> None:
    from riskkit import register

    plain_basis = register.subjects(build(run(**READ), of=holding()).projects[0])
    kept = holding(disclosure={"measures": {"ratio": "restricted"}})
    assert register.subjects(build(run(**READ), of=kept).projects[0]) == plain_basis


# what is written -------------------------------------------------------------------------------------------------


def forms(value: str) -> Iterator[bytes]:
    """``value`` as it may stand in a file."""
    raw = value.encode()
    yield from (
        raw,
        raw[::-1],
        raw.hex().encode(),
        html.escape(value).encode(),
        json.dumps(value)[1:-1].encode(),
    )
    yield from (base64.b64encode(bytes(skip) + raw)[4 if skip else 0 : -4] for skip in range(3))
    yield "".join(f"&#{ord(c)};" for c in value).encode()
    yield "".join(c if c.isalnum() else f"&#{ord(c)};" for c in value).encode()


def export_all(tmp_path: Path, checkout: Path, sensitivity: str) -> Path:
    """All that is exported of a run on such data whose notebook shows a value in every way there is."""
    of = holding(dataset={"sensitivity": sensitivity}, thresholds=(OWNED,))
    cells = [
        md("# Audit"),
        code(
            "table.head()", 1, shown_html(f"<table class='dataframe'><tr><td>{SECRETIVE}</td></tr></table>")
        ),
        code("ratio", 2, stream(SECRETIVE), plain(f"'{SECRETIVE}'"), image(PNG)),
        code("x", 3, plain(base64.b64encode(SECRETIVE.encode()).decode())),
    ]
    taken = measurement(0.9, 0.95, note=f"lowest {SECRETIVE} (57 of 149)")
    evidence = run(taken=(taken, measurement(0.7, 0.75, segment=SECRETIVE)), notes=(SECRETIVE,), **READ)
    folder = tmp_path / "records" / evidence.folder
    folder.mkdir(parents=True)
    (folder / "notebook.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    register: Register = build(evidence, of=of, risks=(risk(),))
    sources = Sources(templates=checkout / "templates/pages", site=checkout / "site",
                      records=tmp_path / "records", cache=tmp_path / "cache")  # fmt: skip
    for name in set(exporters.names()) - {"pdf"}:  # it prints the pages, which are searched here as they are
        exporters.get(name)(register, tmp_path / "out" / name, sources=sources)
    return tmp_path


def leaking(written: Path) -> list[Path]:
    files = [p for part in ("out", "cache") for p in (written / part).rglob("*") if p.is_file()]
    assert len(files) > 20
    return [p for p in files if any(form in p.read_bytes() for form in forms(SECRETIVE))]


@pytest.fixture
def written(tmp_path: Path, checkout: Path) -> Path:
    return export_all(tmp_path, checkout, "restricted")


def test_no_file_that_is_written_holds_a_restricted_value_in_any_form(written: Path) -> None:
    assert leaking(written) == []


def test_the_same_search_finds_a_value_that_may_be_shown(tmp_path: Path, checkout: Path) -> None:
    names = {p.name for p in leaking(export_all(tmp_path, checkout, "internal"))}
    assert {"index.html", "register.json", "register.csv"} <= names


def test_the_page_of_the_notebook_says_what_is_kept_back_and_why(written: Path) -> None:
    (page,) = (written / "out/notebooks").rglob("index.html")
    text = page.read_text(encoding="utf-8")
    assert text.count("The output is withheld: the run read restricted data. The record holds it.") == 3
    assert "table.head" in text.replace("</span>", "").replace('<span class="o">', "").replace(
        '<span class="n">', ""
    )
    assert not list(page.parent.glob("*.png"))
    assert "withheld: restricted" in text
    assert "not computable: withheld" not in text

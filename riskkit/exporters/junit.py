"""The gate as JUnit XML, which CI servers show as a list of tests: ``junit.xml``."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from riskkit.exporters._sources import Sources
from riskkit.model import Entry, ProjectRegister, Reason, Register
from riskkit.model.workbook import clean

FILES = {"junit.xml": "Gate (JUnit)"}
FOR = ("portfolio",)
_ERRORS = {"record-damaged", "run-failed"}


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``junit.xml``: a suite for each project, a case for each of its risks and for each other reason.

    A risk that does not pass is a failed case; a failed run and a damaged record are errors. Nothing is ever skipped.
    """
    del sources
    root = ET.Element("testsuites", name="riskkit gate")
    for project in register.projects:
        name = project.profile.id
        _suite(root, name, list(_cases(project, [r for r in register.reasons if r.project == name])))
    rest = [r for r in register.reasons if not r.project]
    if rest:
        _suite(root, "register", [_case("register", r.subject, r) for r in rest])
    ET.indent(root)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "junit.xml"
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
    return [path]


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
    )
    suite.extend(cases)


def _cases(project: ProjectRegister, reasons: list[Reason]) -> Iterator[ET.Element]:
    name = project.profile.id
    of_rows = {r.subject: r for r in reasons if not _stands_alone(r, project)}
    for entry in project.entries:
        own = of_rows.get(entry.risk.id)
        yield _case(name, entry.risk.id, *([own] if own else []), entry=entry)
    for reason in reasons:
        if _stands_alone(reason, project):
            yield _case(name, f"{reason.rule} {reason.subject}".strip(), reason)


def _stands_alone(reason: Reason, project: ProjectRegister) -> bool:
    """Whether ``reason`` speaks of something else than a row of the register."""
    risks = {entry.risk.id for entry in project.entries}
    return (
        reason.rule not in {"run-failed", "not-measured", "not-within-appetite"}
        or reason.subject not in risks
    )


def _case(project: str, name: str, *reasons: Reason, entry: Entry | None = None) -> ET.Element:
    case = ET.Element("testcase", classname=_text(project), name=_text(name))
    for reason in reasons:
        kind = "error" if reason.rule in _ERRORS else "failure"
        found = ET.SubElement(case, kind, message=_text(reason.what), type=reason.rule)
        found.text = _text("\n".join(entry.why if entry else (str(reason),)))
    return case


def _text(text: str) -> str:
    """``text`` with what XML cannot hold, and what nobody sees, spelled out."""
    return clean(text)

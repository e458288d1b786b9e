"""The gate and the register's remarks as SARIF 2.1.0, which code hosts show beside the files: ``gate.sarif``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from riskkit.errors import printable
from riskkit.exporters._sources import Sources
from riskkit.model import RULES, Reason, Register, Remark, digest
from riskkit.model.workbook import clean

FILES = {"gate.sarif": "Gate and remarks (SARIF)"}
FOR = ("portfolio",)
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``gate.sarif``: a result of level error for each reason of the gate, and one for each remark.

    A remark does not shut the gate, so the gravest of them is a warning here.
    """
    del sources
    remarks = [remark for project in register.projects for remark in project.remarks]
    results = [*map(_of_reason, register.reasons), *map(_of_remark, remarks)]
    rules = {**{rule: (what, "") for rule, what in RULES.items()}, **{r.id: (r.id, r.fix) for r in remarks}}
    order = list(rules)
    for result in results:
        result["ruleIndex"] = order.index(result["ruleId"])
    run = {
        "tool": {"driver": {"name": "riskkit", "version": register.kit_version, "rules": _rules(rules)}},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    out.mkdir(parents=True, exist_ok=True)
    path = out / "gate.sarif"
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return [path]


def _rules(rules: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "id": rule,
            "shortDescription": {"text": what.replace("-", " ") if what == rule else what},
            **({"help": {"text": _plain(fix)}} if fix else {}),
        }
        for rule, (what, fix) in rules.items()
    ]


def _of_reason(reason: Reason) -> dict[str, Any]:
    file = reason.file or (f"projects/{reason.project}/profile.yml" if reason.project else "records")
    about = (reason.project, reason.subject)
    return _result(reason.rule, "error", [*filter(None, about)], reason.what, file)


def _of_remark(remark: Remark) -> dict[str, Any]:
    file = remark.file or f"projects/{remark.project}/profile.yml"
    level = "note" if remark.severity == "note" else "warning"
    return _result(remark.id, level, [remark.project, remark.subject], remark.what, file)


def _result(rule: str, level: str, about: Iterable[str], what: str, file: str) -> dict[str, Any]:
    place = "/".join(about)
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": _plain(f"{place}: {what}" if place else what)},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": 1}}}
        ],
        "partialFingerprints": {"riskkit/v1": digest([rule, place, file])},
    }


def _plain(text: str) -> str:
    """``text`` as one line of visible characters; brackets would be read as links."""
    return printable(clean(text), 2000).replace("[", "(").replace("]", ")")

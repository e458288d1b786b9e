"""A small workspace on disk whose only project passes the gate once one risk is accepted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from riskkit.cli import main
from riskkit.model import Category, Evidence
from riskkit.records import Store
from tests.example_catalog import SHIPPED
from tests.example_rows import measurement, run

DAY = "2026-11-20"
KIND = "rules"
MEASURES = sorted({m for r in SHIPPED.risks.values() if KIND in r.applies_to for m in r.evidence})
QUIET = next(r.id for r in SHIPPED.risks.values() if KIND in r.applies_to and not r.evidence)
"""The one risk of this kind of system that cannot be measured."""
CATEGORIES = [c.value for c in Category]
PROFILE = f"""\
id: p
name: Rules
version: "1"
purpose: Sorts letters.
kind: {KIND}
stage: production
tier: {{exposure: 3, purpose: 3, autonomy: recommend, why: letters wait}}
roles: {{owner: head of post, developer: rule writer, validator: head of validation, approver: chief risk officer}}
assessments:
  audit: {{}}
appetite: {{{", ".join(f"{c}: critical" for c in CATEGORIES)}}}
matrix: own
review: {{next_due: 2027-06-01}}
thresholds:
""" + "".join(
    f"  - {{measure: {m}, at_least: 0.8, min_n: 100, owner: head of post, rationale: policy}}\n" for m in MEASURES
)  # fmt: skip
MATRIX = """\
title: Own
about: for tests
source: for tests
likelihood: [rare, unlikely, possible, likely, certain]
impact: [negligible, minor, moderate, major, severe]
rows:
  - [low, low, low, low, medium]
  - [low, low, medium, medium, high]
  - [low, medium, medium, high, high]
  - [low, medium, high, high, critical]
  - [medium, medium, high, critical, critical]
"""


class Place:
    """A workspace in a folder, and the command line run in it."""

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.root, self._patch, self._capsys = root, monkeypatch, capsys
        for folder in ("projects/p", "notebooks", "records", "catalog/matrices"):
            (root / folder).mkdir(parents=True)
        (root / "notebooks/audit.ipynb").write_text("{}", encoding="utf-8")
        (root / "catalog/matrices/own.yml").write_text(MATRIX, encoding="utf-8")
        self.write("profile.yml", PROFILE)

    def write(self, name: str, text: str) -> Path:
        path = self.root / "projects/p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def record(self, low: float = 0.9, high: float = 0.95, *, without: str = "", **more) -> Evidence:
        """File a run that took every measure the risks ask for, or all but one."""
        taken = tuple(measurement(low, high, measure=m, segment="", n=more.pop("n", 1000) if i == 0 else 1000)
                      for i, m in enumerate(m for m in MEASURES if m != without))  # fmt: skip
        made = run(assessment="audit", taken=taken, **more).model_copy(update={"folder": ""})
        files = {"notebook.ipynb": b"{}"} if made.conclusion else {}
        return Store(self.root / "records").commit(made, files)

    def forget(self) -> None:
        shutil.rmtree(self.root / "records")

    def riskkit(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        self._patch.chdir(self.root)
        self._patch.setattr("sys.argv", ["riskkit", *words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def check(self, *words: str) -> tuple[int, str, str]:
        return self.riskkit("check", "--as-of", DAY, *words)

    def draft(self, *words: str) -> Path:
        """Draft a decision and return its file."""
        code, out, err = self.riskkit("decide", "p", "--as-of", DAY, *words)
        assert code == 0, err
        return self.root / out.splitlines()[0].removeprefix("drafted ")

    def sign(self, path: Path, **more: str) -> None:
        """Complete a draft as people would."""
        fields = {"requested_by": "head of post", "decided_by": "chief risk officer", "outcome": "approved",
                  "rationale": "It is what it is.", "expires_on": "2027-02-20"} | more  # fmt: skip
        lines = path.read_text(encoding="utf-8").splitlines()
        for i, line in enumerate(lines):
            name = line.partition(":")[0]
            if name in fields and '""' in line:
                lines[i] = f"{name}: {fields[name]}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def open_gate(self) -> Path:
        """Everything met and the one silent risk accepted; returns the acceptance."""
        self.record()
        path = self.draft("--risk", QUIET, "--type", "accept")
        self.sign(path)
        code, _, err = self.check()
        assert code == 0, err
        return path

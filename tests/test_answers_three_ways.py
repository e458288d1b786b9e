"""A checklist filled by hand in YAML, in the form of a notebook, and in Excel: the same answers, the same checklist."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from riskkit.cli import main
from riskkit.model import Answers
from riskkit.profiles import answering
from riskkit.widgets.checklist import checklist_form
from tests.test_workbook import edited

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
PROJECT = "loan-approval"
DAY = date(2026, 11, 29)
ME = "head of compliance"
FILLED: dict[str, dict[str, str]] = {
    "EUAIA-ART27": {
        "status": "partly",
        "note": "Begun: see #4.\nTwo of six parts.",
        "expires_on": "2027-05-31",
    },
    "GDPR-ART35": {"status": "not_applicable", "note": '"No" is what counsel said, = not 1'},
    "GDPR-ART30": {"status": "met", "note": "Entry 14 of the records."},
    "impact.number_affected": {"answer": "62000"},
    "impact.vulnerable": {"answer": "no"},
}
"""What is answered, as people write it: to requirements, and to questions."""


Run = Callable[..., str]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "projects" / PROJECT, tmp_path / "projects" / PROJECT)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "records").mkdir()
    return tmp_path


def file_of(place: Path) -> Path:
    return place / "projects" / PROJECT / "answers.yml"


def read(place: Path) -> Answers:
    return answering.read(file_of(place).read_text(encoding="utf-8"), shown="answers.yml")


def by_hand(place: Path) -> None:
    """Edit the file as a person does: what was said before goes, what is said now comes."""
    said = read(place).model_dump(mode="json", exclude_none=True)
    for key, fields in FILLED.items():
        signed = {**fields, "by": ME, "on": str(DAY)}
        if "answer" in fields:
            signed["answer"] = {"62000": 62000, "no": False}[fields["answer"]]  # type: ignore[assignment]
            said["questionnaires"].setdefault("impact", {})[key.partition(".")[2]] = signed
        else:
            said["answers"][key] = signed
    with file_of(place).open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(said, file)


def by_form(place: Path) -> None:
    made = checklist_form(PROJECT, workspace=place, by=ME, today=lambda: DAY)
    for serial, (key, fields) in enumerate(FILLED.items()):
        mark = next(i["mark"] for g in made.facts["groups"] for i in g["items"] if i["key"] == key)
        made.tell({"do": "save", "key": key, "fields": fields, "seen": mark, "by": ME, "serial": serial})
        assert made.facts["answer"].get("saved"), made.facts["answer"]


def by_excel(place: Path, riskkit: Run) -> None:
    riskkit("export", "xlsx", "--to", str(place / "out"), "--as-of", str(DAY))
    changes: list[tuple[str, str, str, object]] = []
    for key, fields in FILLED.items():
        sheet = "Questions" if "answer" in fields else "Checklist"
        signed = {**fields, "by": ME, "on": str(DAY)}
        names = {*fields, "by", "on", "document", "expires_on"}
        changes += [(sheet, f"{PROJECT}/{key}", name, signed.get(name)) for name in sorted(names)]
    riskkit("import", str(edited(place / "out/riskkit.xlsx", *changes)))


@pytest.fixture
def riskkit(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in the workspace: what it prints on standard output."""
    monkeypatch.chdir(place)

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["riskkit", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out

    return run


def test_yaml_form_and_excel_give_the_same_answers_and_the_same_checklist(place: Path, riskkit: Run) -> None:
    before = file_of(place).read_bytes()
    checklist = ("law", "checklist", PROJECT, "--as-of", str(DAY), "--format", "json")
    unfilled = riskkit(*checklist)
    ways = {"yaml": by_hand, "form": by_form, "excel": lambda where: by_excel(where, riskkit)}
    answers: dict[str, Answers] = {}
    rows: dict[str, str] = {}
    for name, fill in ways.items():
        file_of(place).write_bytes(before)
        fill(place)
        answers[name], rows[name] = read(place), riskkit(*checklist)
    assert answers["yaml"] == answers["form"] == answers["excel"]
    assert rows["yaml"] == rows["form"] == rows["excel"] != unfilled
    assert answers["yaml"].answers["GDPR-ART35"].note == FILLED["GDPR-ART35"]["note"]
    assert answers["yaml"].questionnaires["impact"]["vulnerable"].answer is False

"""Documents that answers rest on: digest and day are shown, and one that changed takes its answer out of force."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from riskkit import catalog, law, profiles
from riskkit.errors import InputError
from riskkit.model import Answer, Answers, Facts, Reply
from riskkit.profiles import answering, files

ROOT = Path(__file__).resolve().parents[1]
CATALOG = catalog.load()
DAY = date(2026, 11, 20)
WHO = {"by": "officer", "on": "2026-10-01"}
SHA = hashlib.sha256(b"one").hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/note.md").write_bytes(b"one")
    return tmp_path


def answer(**more: object) -> Answer:
    return Answer.model_validate({"status": "met", "note": "Done.", **WHO, **more})


def row(said: Answers, folder: Path, *, requirement: str = "GDPR-ART5", **more: object) -> law.ChecklistRow:
    rows = law.checklist(
        CATALOG.regulations.values(),
        Facts.model_validate(
            {"jurisdiction": ["eu"], "role": ["controller"], "flags": {"uses_personal_data": True}}
        ),
        said,
        as_of=DAY,
        documents=files.present(said, folder=folder),
        **more,
    )
    return next(r for r in rows if r.requirement == requirement)


@pytest.mark.parametrize(
    ("fields", "content", "state", "status"),
    [
        ({"document": "documents/note.md", "document_sha256": SHA}, b"one", "as_named", "met"),
        ({"document": "documents/note.md", "document_sha256": SHA}, b"two", "changed", "not_assessed"),
        ({"document": "documents/note.md", "document_sha256": SHA}, None, "gone", "not_assessed"),
        ({"document": "documents/note.md"}, b"one", "not_noted", "met"),
        ({"document": "documents/note.md"}, None, "gone", "not_assessed"),
        ({"document": "note of 2026", "document_sha256": SHA}, None, "gone", "not_assessed"),
        ({"document": "note of 2026"}, None, "words", "met"),
        ({"document": "https://example.org/note.pdf"}, None, "words", "met"),
        ({}, None, "none", "met"),
    ],
)
def test_an_answer_counts_while_its_document_is_as_it_was_named(folder, fields, content, state, status):
    file = folder / "documents/note.md"
    file.unlink() if content is None else file.write_bytes(content)
    found = row(Answers(answers={"GDPR-ART5": answer(**fields)}), folder)
    assert (found.document_state, found.status) == (state, status)
    assert found.document == fields.get("document", "")
    if state in ("as_named", "changed", "not_noted"):
        assert found.document_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert found.document_named == date(2026, 10, 1)
    if status == "not_assessed":
        assert "does not count: " in found.why


def test_a_not_applicable_that_rests_on_a_changed_document_applies_again(folder):
    fields = {"status": "not_applicable", "document": "documents/note.md", "document_sha256": "0" * 64}
    assert row(Answers(answers={"GDPR-ART5": answer(**fields)}), folder).status == "not_assessed"


def test_a_changed_document_lends_nothing_to_linked_requirements_either(folder):
    def linked(sha256: str) -> list[str]:
        said = answer(document="documents/note.md", document_sha256=sha256)
        one = Answers(answers={"GDPR-ART32": said})
        return [
            r.requirement
            for r in law.checklist(
                CATALOG.regulations.values(), Facts(), one, as_of=DAY,
                documents=files.present(one, folder=folder),
            )
            if "GDPR-ART32" in r.served_by
        ]  # fmt: skip

    assert linked(SHA)
    assert not linked("0" * 64)


def test_a_reply_whose_document_changed_is_outdated_and_unanswered(folder):
    reply = Reply.model_validate(
        {"answer": True, **WHO, "document": "documents/note.md", "document_sha256": "0" * 64}
    )
    said = Answers(questionnaires={"impact": {"vulnerable": reply}})
    rows = law.questions(
        CATALOG.questionnaires.values(), said, as_of=DAY, documents=files.present(said, folder=folder)
    )
    (found,) = (r for r in rows if r.name == "impact.vulnerable")
    assert (found.status, found.unanswered, found.document_state) == ("outdated", True, "changed")
    follow = [r for r in rows if r.status == "waiting"]
    assert follow


def test_answers_put_in_note_the_digest_and_an_old_answer_put_in_again_does_not_note_it_anew(folder):
    path = folder / "answers.yml"
    said = {"GDPR-ART5": {"status": "met", "note": "Done.", **WHO, "document": "documents/note.md"}}
    answering.apply(path, said, catalog=CATALOG)
    assert SHA in path.read_text()
    (folder / "documents/note.md").write_bytes(b"two")
    assert answering.apply(path, said, catalog=CATALOG) == 0
    assert SHA in path.read_text()
    answering.apply(path, {"GDPR-ART5": said["GDPR-ART5"] | {"on": "2026-11-01"}}, catalog=CATALOG)
    assert hashlib.sha256(b"two").hexdigest() in path.read_text()


@pytest.mark.parametrize("path", ["../other/note.md", "/etc/note.md"])
def test_a_document_outside_of_the_project_is_refused_with_its_line(tmp_path, path):
    shutil.copytree(ROOT / "projects/support-router", tmp_path / "support-router")
    text = f"answers:\n  GDPR-ART5: {{status: met, note: x, by: r, on: 2026-10-01, document: {path}}}\n"
    (tmp_path / "support-router/answers.yml").write_text(text)
    with pytest.raises(
        InputError, match=r"answers.yml:2: answers.GDPR-ART5.document: .* leads out of the project"
    ):
        profiles.read_all(tmp_path, known=None)


def test_a_link_out_of_the_project_is_no_document_of_it(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "note.md"
    outside.write_bytes(b"one")
    (folder / "documents/note.md").unlink()
    (folder / "documents/note.md").symlink_to(outside)
    said = Answers(answers={"GDPR-ART5": answer(document="documents/note.md", document_sha256=SHA)})
    assert row(said, folder).document_state == "gone"

"""What people do in the checklist form: every field goes to the file it belongs to, at once, or says why it cannot."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from riskkit import profiles
from riskkit.errors import InputError, Problem, RiskkitError
from riskkit.model import Catalog, Project
from riskkit.profiles import answering, drafting, editing
from riskkit.profiles.given import understood
from riskkit.widgets import checklist_facts
from riskkit.widgets.twin import Facts

FACT = "fact."
"""What the key of a fact of the profile starts with."""


@dataclass
class Form:
    """A form on one project. It remembers what may be undone, and nothing else: what is said lies in the files."""

    root: Path
    project: str
    catalog: Catalog
    frameworks: tuple[str, ...]
    today: Callable[[], date]
    done: list[tuple[str, Any, str]] = field(default_factory=list)

    def facts(self, by: str = "", **more: Any) -> Facts:
        """Everything the form shows, read from the files as they are now."""
        data = {
            path: editing.read(path, shown=path.name)
            for path in (self._folder / "answers.yml", self._folder / "profile.yml")
        }

        def entry(key: str) -> checklist_facts.Entry:
            place, path, _ = self._where(key)
            return _fields(editing.at(data[path], place)), editing.mark(data[path], place)

        said = checklist_facts.facts(
            self._project(),
            self.catalog,
            as_of=self.today(),
            frameworks=self.frameworks,
            begun=drafting.read_begun(self._begun),
            entry=entry,
        )
        return {
            **said,
            "by": by,
            "undo": self.done[-1][0] if self.done else "",
            "said": "",
            "went": "well",
            **more,
        }

    def step(self, facts: Facts, message: Mapping[str, Any]) -> Facts:
        """New facts after what somebody did; after an error those of before, and what went wrong."""
        try:
            return self._step(facts, message)
        except RiskkitError as error:
            answer = {"key": message.get("key", ""), "serial": message.get("serial", 0), "failed": True}
            return {**facts, "said": str(error), "went": "wrong", "answer": answer}

    def _step(self, facts: Facts, message: Mapping[str, Any]) -> Facts:
        """After save, take (what the file says), undo, and look (again)."""
        by, key = str(message.get("by", facts.get("by", ""))).strip(), str(message.get("key", ""))
        answer = {"key": key, "serial": message.get("serial", 0)}
        if message.get("do") == "save":
            return self._save(
                key, message.get("fields") or {}, by=by, seen=str(message.get("seen", "")), answer=answer
            )
        if message.get("do") == "take":
            self._forget(key)
            return self.facts(by, answer={**answer, "taken": True}, said=f"{key}: as the file has it.")
        if message.get("do") == "undo":
            return self._undo(by)
        return self.facts(by, said=str(message.get("said", "")))

    def _save(
        self, key: str, fields: Mapping[str, Any], *, by: str, seen: str, answer: dict[str, Any]
    ) -> Facts:
        given = {str(name): _whole(str(value)) for name, value in fields.items()}
        try:
            value = self._value(key, given, by)
        except InputError as error:
            self._begin(key, given)
            wrong = {p.field.rpartition(".")[2]: _said(p) for p in error.problems}
            return self.facts(
                by, answer={**answer, "wrong": wrong}, went="wrong", said=f"{key} is not in the file yet."
            )
        place, path, shown = self._where(key)
        old = editing.at(editing.read(path, shown=shown), place)
        found = editing.edit(path, place, value, seen=seen, shown=shown)
        if found.conflict:
            theirs = editing.at(found.data, place)
            told = {"theirs": _fields(theirs), "mine": given, "mark": editing.mark(found.data, place)}
            said = f"{key}: somebody else has changed it since you saw it. Nothing was overwritten."
            return self.facts(by, answer={**answer, "conflict": told}, went="wrong", said=said)
        self._forget(key)
        if old != value:
            self.done.append((key, old, editing.mark(found.data, place)))
        what = "taken out" if value is None else "saved"
        return self.facts(by, answer={**answer, "saved": True}, said=f"{key}: {what} in {shown}.")

    def _undo(self, by: str) -> Facts:
        if not self.done:
            return self.facts(by, said="There is nothing to undo.")
        key, old, mark = self.done.pop()
        place, path, shown = self._where(key)
        if editing.edit(path, place, old, seen=mark, shown=shown).conflict:
            said = f"{key}: somebody else has changed it since; it stays as they left it."
            return self.facts(by, said=said, went="wrong")
        return self.facts(
            by, said=f"{key}: as it was before.", answer={"key": key, "serial": 0, "taken": True}
        )

    def _value(self, key: str, given: Mapping[str, str], by: str) -> Any:
        """The entry that the fields come to; None where nothing is filled in."""
        if key.startswith(FACT):
            return {"yes": True, "no": False, "": None}[given.get("answer", "")]
        filled = {name: text for name, text in given.items() if text.strip()}
        if not filled:
            return None
        before = self._project().answers
        shown = f"projects/{self.project}/answers.yml"
        old = _fields(editing.at(editing.read(self._where(key)[1], shown=shown), self._where(key)[0]))
        same = filled == {name: text for name, text in old.items() if name not in ("by", "on")}
        signed = {"by": old["by"], "on": old["on"]} if same else {"by": by, "on": self.today().isoformat()}
        said = understood({key: {**filled, **signed}}, catalog=self.catalog, before=before, shown=shown)
        return answering.fields_of(said)[0]

    def _where(self, key: str) -> tuple[editing.Where, Path, str]:
        folder = self._folder
        if key.startswith(FACT):
            name = key.removeprefix(FACT)
            if name not in self.catalog.vocabulary.flags:
                raise InputError([Problem("profile.yml", None, name, "is no fact of the vocabulary")])
            return ("facts", "flags", name), folder / "profile.yml", f"projects/{self.project}/profile.yml"
        return (
            answering.place_of(key, self.catalog),
            folder / "answers.yml",
            f"projects/{self.project}/answers.yml",
        )

    @property
    def _folder(self) -> Path:
        return self.root / "projects" / self.project

    def _project(self) -> Project:
        (found,) = profiles.read_all(self.root / "projects", [self.project], known=None)
        return found

    @property
    def _begun(self) -> Path:
        return self.root / "build" / "begun" / f"{self.project}.json"

    def _begin(self, key: str, given: Mapping[str, str]) -> None:
        drafting.keep_begun(self._begun, drafting.read_begun(self._begun) | {key: dict(given)})

    def _forget(self, key: str) -> None:
        begun = drafting.read_begun(self._begun)
        if begun.pop(key, None) is not None:
            drafting.keep_begun(self._begun, begun)


def _fields(entry: Any) -> dict[str, str]:
    """An entry of the file as the texts of its fields."""
    if not isinstance(entry, Mapping):
        return {} if entry is None else {"answer": checklist_facts.words(entry)}
    return {str(name): checklist_facts.words(value) for name, value in entry.items()}


def _whole(text: str) -> str:
    """``text`` without characters that nobody sees, such as the soft hyphens of a page it was copied from."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def _said(problem: Problem) -> str:
    return problem.what + (f" ({problem.right})" if problem.right else "")

"""A case: one project under one assessment, from its thresholds to its conclusion."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit import catalog, law
from riskkit.assess.card import Card
from riskkit.assess.material import Material
from riskkit.errors import InputError, Problem, UsageError
from riskkit.model import (
    Conclusion,
    Measurement,
    Project,
    ResultFile,
    Sample,
    Threshold,
    canonical,
    small_groups_note,
)
from riskkit.model.handover import NONCE, RESULT
from riskkit.profiles.inputs import LABELS_ON, on_measure
from riskkit.profiles.labels import FILES, labels_sha256, read_reviews

if TYPE_CHECKING:
    from riskkit.measures.judging import Judged
    from riskkit.model import ChecklistRow, QuestionRow
    from riskkit.model.label import Review


class Case(Material):
    """One project under one assessment: reads its data, notes what was read, and takes the conclusion."""

    def __init__(self, project: Project, *, assessment: str, root: Path) -> None:
        super().__init__(project, root=root)
        self.assessment = assessment

    def threshold(self, measure: str, segment: str = "") -> Threshold | None:
        """The threshold in force today for ``measure``, or None."""
        found = self.profile.threshold(measure, segment)
        return found.on(date.today()) if found else None

    def thresholds(self, *measures: str) -> dict[str, Threshold]:
        """The thresholds in force for those of ``measures`` that have one."""
        return {m: t for m in measures if (t := self.threshold(m)) is not None}

    def judged(self, answers: Sequence[Sample], judge: str, *, seed: int) -> Judged:
        """What the target ``judge`` says of each claim of ``answers``, and of the answers under review.

        Nothing where ``judge`` is empty.
        """
        from riskkit.measures import judging

        if not judge:
            return judging.Judged()
        reviews = self.reviews(*judging.LABELS)
        under_review = [item for review in reviews for item in review.items.values()]
        asked = judging.questions([*answers, *under_review])
        return judging.read(self._ask(judge, asked, samples=1, seed=seed) if asked else ())

    def reviews(self, *measures: str) -> tuple[Review, ...]:
        """What people found when they looked for the faults of ``measures``: reviews with labels, by name.

        That there are none is noted too, so that the first label makes the notebook due that asked for it.
        """
        folder = self.root / "projects" / self.profile.id
        every, found = read_reviews(folder), list["Review"]()
        for measure in measures:
            there = on_measure(every, measure)
            self._note(f"{LABELS_ON}{measure}", labels_sha256(there), about="labels")
            found += there
        for path in (folder / "labels" / f"{r.name}{end}" for r in found for end in FILES):
            self._note(f"labels/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest(), about="labels")
        return tuple(found)

    def checklist(self, frameworks: Iterable[str] = (), *, as_of: str) -> tuple[ChecklistRow, ...]:
        """Every requirement of ``frameworks`` (all when empty) that concerns the project or may, with its status."""
        wanted = tuple(frameworks)
        known = catalog.load(self.root / "catalog")
        regulations = known.regulations
        if unknown := sorted(set(wanted) - set(regulations)):
            what = f"there is no framework {', '.join(map(repr, unknown))}"
            raise InputError(
                [Problem(self._shown, None, "frameworks", what, f"one of {', '.join(regulations)}")]
            )
        self._note_answers()
        return law.checklist(
            regulations.values(),
            self.profile.facts,
            self.project.answers,
            as_of=date.fromisoformat(as_of) if as_of else date.today(),
            frameworks=wanted or None,
            questionnaires=known.questionnaires.values(),
            documents=self.project.documents,
        )

    def questions(self, questionnaires: Iterable[str] = (), *, as_of: str) -> tuple[QuestionRow, ...]:
        """Every question of ``questionnaires`` (all when empty): answered in force or not, by whom, what it serves."""
        known = catalog.load(self.root / "catalog").questionnaires
        wanted = tuple(questionnaires) or tuple(known)
        if unknown := sorted(set(wanted) - set(known)):
            what = f"there is no questionnaire {', '.join(map(repr, unknown))}"
            raise InputError(
                [Problem(self._shown, None, "questionnaires", what, f"one of {', '.join(known)}")]
            )
        self._note_answers()
        day = date.fromisoformat(as_of) if as_of else date.today()
        return law.questions(
            [known[name] for name in wanted],
            self.project.answers,
            as_of=day,
            documents=self.project.documents,
        )

    def conclude(self, *measurements: Measurement | Iterable[Measurement], notes: Iterable[str] = ()) -> Card:
        """End the assessment: hand the measurements to the runner, and show them.

        Each measurement is given the threshold in force. Opened in JupyterLab, this only shows the card, so exploring
        cannot alter the register.
        """
        taken = [m for item in measurements for m in ([item] if isinstance(item, Measurement) else item)]
        counted = Counter((m.measure, m.segment) for m in taken)
        twice = sorted(key for key, times in counted.items() if times > 1)
        if twice or not taken:
            raise UsageError(
                f"measured twice: {twice}" if twice else "conclude needs at least one measurement"
            )
        conclusion = Conclusion(
            project=self.profile.id,
            assessment=self.assessment,
            version=self.profile.version,
            measurements=tuple(
                m.model_copy(update={"threshold": self.threshold(m.measure, m.segment)}) for m in taken
            ),
            inputs=tuple(self._inputs.values()),
            simulated=any(m.startswith("phantom") for m in self._models),
            models=tuple(self._models),
            notes=(*notes, *self._notes()),
        )
        recorded = _hand_over(conclusion)
        return Card(conclusion, recorded=recorded)

    def _notes(self) -> tuple[str, ...]:
        size = self.profile.smallest_group
        return (small_groups_note(size, max(self._small_groups)),) if self._small_groups else ()

    def _note_answers(self) -> None:
        answers = self.project.answers
        rows = len(answers.answers) + sum(map(len, answers.questionnaires.values()))
        if self.project.answers_sha256:
            self._note("answers.yml", self.project.answers_sha256, rows=rows)
        for path, sha256 in self.project.documents.items():
            if sha256:
                self._note(path, sha256, about="a document that an answer rests on")


def _hand_over(conclusion: Conclusion) -> bool:
    """Write the result file when a runner asked for one; the numbers never travel through cell output."""
    place, nonce = os.environ.get(RESULT), os.environ.get(NONCE)
    if not place or not nonce:
        return False
    part = Path(place).with_suffix(".part")
    part.write_bytes(canonical(ResultFile(nonce=nonce, conclusion=conclusion)))
    part.replace(place)
    return True

"""The door for people: what a notebook opens to measure a project and conclude.

case = assess.open(project, assessment="bias_audit")
table = case.decisions("decisions")
case.conclude(fairness.selection_rate_ratios(table))
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit import catalog, law, profiles, sampling, targets
from riskkit.assess.card import Card
from riskkit.assess.endpoint import endpoint_answers
from riskkit.assess.groups import small_groups
from riskkit.assess.tables import show_in_full
from riskkit.errors import InputError, Problem, UsageError
from riskkit.model import (
    Conclusion,
    Input,
    Measurement,
    Profile,
    Project,
    Prompt,
    ResultFile,
    Sample,
    TargetSpec,
    Threshold,
    canonical,
    small_groups_note,
)
from riskkit.model.handover import ASSESSMENT, NONCE, RESULT, WORKSPACE
from riskkit.profiles.datasets import dataset_size, locate_dataset, naming_files, read_dataset
from riskkit.profiles.inputs import LABELS_ON, on_measure
from riskkit.profiles.labels import FILES, labels_sha256, read_reviews

if TYPE_CHECKING:
    import pandas as pd

    from riskkit.measures.judging import Judged
    from riskkit.model import ChecklistRow, QuestionRow
    from riskkit.model.label import Review

LARGE = 256 * 2**20
"""Bytes of a table of decisions above which it is counted without being held."""


def open(project: str, *, assessment: str, workspace: Path | None = None) -> Case:
    """The case for ``project``, found in the nearest folder at or above this one that has ``projects/``.

    From then on tables are shown whole, within bounds. A runner may say that the notebook stands for another
    assessment of the project than its own name.

    Raises
    ------
    InputError
        When the project does not exist or its files cannot be used as written.
    """
    root = workspace or find_workspace(Path(os.environ.get(WORKSPACE, ".")))
    (found,) = profiles.read_all(root / "projects", [project], known=None)
    show_in_full()
    return Case(found, assessment=os.environ.get(ASSESSMENT, assessment), root=root)


def find_workspace(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds ``projects/`` and ``notebooks/``."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "projects").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise UsageError(
        f"no workspace (projects/ and notebooks/) at or above {start.resolve()}; make one: riskkit init"
    )


class Case:
    """One project under one assessment: reads its data, notes what was read, and takes the conclusion."""

    def __init__(self, project: Project, *, assessment: str, root: Path) -> None:
        self.project = project
        self.assessment = assessment
        self.root = root
        self._inputs: dict[str, Input] = {}
        self._models: list[str] = []
        self._small_groups: list[int] = []
        self._note(
            "profile.yml", self.profile.assessed_sha256, about="version, kind, facts, datasets, targets"
        )

    @property
    def profile(self) -> Profile:
        """What the people answering for the system wrote about it."""
        return self.project.profile

    def threshold(self, measure: str, segment: str = "") -> Threshold | None:
        """The threshold in force today for ``measure``, or None."""
        found = self.profile.threshold(measure, segment)
        return found.on(date.today()) if found else None

    def thresholds(self, *measures: str) -> dict[str, Threshold]:
        """The thresholds in force for those of ``measures`` that have one."""
        return {m: t for m in measures if (t := self.threshold(m)) is not None}

    def decisions(self, target: str) -> pd.DataFrame:
        """The decisions of ``target``: one row a person, ``selected`` true where the outcome was favourable.

        Declared groups are text columns, listed in ``table.attrs["groups"]``. A file of more than ``LARGE`` bytes is
        counted where it lies: then a row is a combination of values, ``table.attrs["rows"]`` names the column that says
        how many decisions it stands for, and there are no scores. Measures take both.
        """
        _, module, settings = self._target(target)
        if hasattr(module, "counted") and self._size(settings.dataset) > LARGE:
            with self._naming_files():
                counted: pd.DataFrame = module.counted(settings, self._path)
            return self._sized(counted)
        return self._sized(self._table("decisions", target))

    def rows(self, target: str) -> pd.DataFrame:
        """The rows of ``target``, a table of any columns: numbers where a column holds nothing else, text elsewhere."""
        spec, module, settings = self._target(target)
        self._needs(module, spec, target, "rows")
        with self._naming_files():
            found: pd.DataFrame = module.rows(settings, self._read)
        return found

    def usage(self, target: str) -> pd.DataFrame:
        """One row a call of ``target``: model, input_tokens, output_tokens and, where known, when."""
        return self._table("usage", target)

    def samples(self, target: str, *, samples: int, seed: int) -> tuple[Sample, ...]:
        """Answers of ``target``: the recorded ones, or ``samples`` fresh ones a prompt."""
        _, module, settings = self._target(target)
        answers: tuple[Sample, ...]
        if hasattr(module, "samples"):
            with self._naming_files():
                answers = module.samples(settings, self._read)
        else:
            with self._naming_files():
                prompts = module.prompts(settings, self._read) if hasattr(module, "prompts") else ()
            answers = self._ask(target, prompts, samples=samples, seed=seed)
        self._models += sorted({_model(s) for s in answers} - set(self._models))
        return answers

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

    def _ask(self, target: str, prompts: Sequence[Prompt], *, samples: int, seed: int) -> tuple[Sample, ...]:
        spec, module, settings = self._target(target)
        if hasattr(module, "connect"):
            cache = self.root / "build/cache/answers" / self.profile.id
            return endpoint_answers(
                module, settings, prompts, target=target, samples=samples, seed=seed, cache=cache
            )
        self._needs(module, spec, target, "answer")
        folder = self.root / "projects" / self.profile.id
        with module.importable(folder) if hasattr(module, "importable") else nullcontext():
            answers = sampling.draw(module.answer, settings, prompts, samples=samples, seed=seed)
        for path in module.code(folder) if hasattr(module, "code") else ():
            name = path.relative_to(folder.resolve()).as_posix()
            self._note(name, hashlib.sha256(path.read_bytes()).hexdigest(), about=f"code of target {target}")
        return answers

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

    def claims(self, target: str) -> pd.DataFrame:
        """Labelled claims of ``target``, one row an answer: response, model, answered, supported, claims."""
        return self._table("claims", target)

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
        return law.questions([known[name] for name in wanted], self.project.answers, as_of=day)

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

    def _sized(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table``, its groups under the profile's smallest noted."""
        if self.profile.smallest_group:
            self._small_groups.append(small_groups(table, self.profile.smallest_group))
        return table

    def _notes(self) -> tuple[str, ...]:
        size = self.profile.smallest_group
        return (small_groups_note(size, max(self._small_groups)),) if self._small_groups else ()

    def _table(self, reads: str, target: str) -> pd.DataFrame:
        spec, module, settings = self._target(target)
        self._needs(module, spec, target, reads)
        with self._naming_files():
            table: pd.DataFrame = getattr(module, reads)(settings, self._read)
        who = next((c for c in ("recorded_model", "model") if c in table), None)
        if who is not None:
            self._models += sorted({str(m) for m in table[who].unique()} - set(self._models))
        return table

    @contextmanager
    def _naming_files(self) -> Iterator[None]:
        """Problems that a target tells of a dataset are told of its file."""
        try:
            yield
        except InputError as error:
            raise naming_files(self.profile, error.problems) from None

    def _target(self, name: str) -> tuple[TargetSpec, Any, Any]:
        if name not in self.profile.targets:
            right = f"one of {', '.join(self.profile.targets) or 'none declared'}"
            raise InputError(
                [Problem(self._shown, None, f"targets.{name}", "there is no such target", right)]
            )
        spec = self.profile.targets[name]
        return spec, targets.get(spec.kind), targets.settings(spec.kind).model_validate(spec.settings)

    def _needs(self, module: Any, spec: TargetSpec, target: str, *functions: str) -> None:
        if not all(hasattr(module, f) for f in functions):
            what = f"a target of kind {spec.kind} has no {' and '.join(functions)}"
            raise InputError([Problem(self._shown, None, f"targets.{target}.kind", what)])

    def _read(self, dataset: str) -> bytes:
        """The bytes of a declared dataset; the digest noted is of these very bytes."""
        raw, noted = read_dataset(self.profile, dataset, folder=self.root / "projects" / self.profile.id)
        self._inputs[noted.path] = noted
        return raw

    def _path(self, dataset: str) -> Path:
        """The file of a declared dataset too large to hold; the digest noted is taken just before it is used."""
        path, noted = locate_dataset(self.profile, dataset, folder=self.root / "projects" / self.profile.id)
        self._inputs[noted.path] = noted
        return path

    def _size(self, dataset: str) -> int:
        return dataset_size(self.profile, dataset, folder=self.root / "projects" / self.profile.id)

    def _note(self, path: str, sha256: str, *, rows: int | None = None, about: str = "") -> None:
        self._inputs[path] = Input(path=path, sha256=sha256, rows=rows, about=about)

    def _note_answers(self) -> None:
        answers = self.project.answers
        rows = len(answers.answers) + sum(map(len, answers.questionnaires.values()))
        if self.project.answers_sha256:
            self._note("answers.yml", self.project.answers_sha256, rows=rows)

    @property
    def _shown(self) -> str:
        return f"projects/{self.profile.id}/profile.yml"


def _model(sample: Sample) -> str:
    """Who answered, and who was asked where that is somebody else."""
    asked = sample.requested_model
    other = f" (asked for {asked})" if asked not in ("", sample.model) else ""
    return f"{sample.model} {sample.version}".strip() + other


def _hand_over(conclusion: Conclusion) -> bool:
    """Write the result file when a runner asked for one; the numbers never travel through cell output."""
    place, nonce = os.environ.get(RESULT), os.environ.get(NONCE)
    if not place or not nonce:
        return False
    part = Path(place).with_suffix(".part")
    part.write_bytes(canonical(ResultFile(nonce=nonce, conclusion=conclusion)))
    part.replace(place)
    return True

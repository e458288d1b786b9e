"""The data of one project, read through its targets, with a note of everything read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit import sampling, targets
from riskkit.assess.endpoint import endpoint_answers
from riskkit.assess.groups import small_groups
from riskkit.errors import InputError, Problem
from riskkit.model import (
    Input,
    Profile,
    Project,
    Prompt,
    Sample,
    TargetSpec,
)
from riskkit.profiles.datasets import dataset_size, locate_dataset, naming_files, read_dataset

if TYPE_CHECKING:
    import pandas as pd


LARGE = 256 * 2**20
"""Bytes of a table of decisions above which it is counted without being held."""


class Material:
    """The data of one project, read through its targets; what was read is noted."""

    def __init__(self, project: Project, *, root: Path) -> None:
        self.project = project
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

    def claims(self, target: str) -> pd.DataFrame:
        """Labelled claims of ``target``, one row an answer: response, model, answered, supported, claims."""
        return self._table("claims", target)

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

    def _sized(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table``, its groups under the profile's smallest noted."""
        if self.profile.smallest_group:
            self._small_groups.append(small_groups(table, self.profile.smallest_group))
        return table

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

    @property
    def _shown(self) -> str:
        return f"projects/{self.profile.id}/profile.yml"


def _model(sample: Sample) -> str:
    """Who answered, and who was asked where that is somebody else."""
    asked = sample.requested_model
    other = f" (asked for {asked})" if asked not in ("", sample.model) else ""
    return f"{sample.model} {sample.version}".strip() + other

"""The workspace: the folders a command works on, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.errors import InputError, Problem, UsageError, printable

from . import frameworks, snapshots
from .duties import with_duties

if TYPE_CHECKING:
    from riskkit.exporters import Sources
    from riskkit.model import Catalog, Project, Register
    from riskkit.profiles import Known
    from riskkit.records import Store


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything lies; ``root`` holds projects/, notebooks/, records/ and the rest."""

    root: Path

    @property
    def projects(self) -> Path:
        """What people write about each system."""
        return self.root / "projects"

    @property
    def notebooks(self) -> Path:
        """The assessments."""
        return self.root / "notebooks"

    @property
    def build(self) -> Path:
        """Everything that can be made again."""
        return self.root / "build"

    def sources(self, *, head: str = "") -> Sources:
        """What exporters may read; pages carry the ``head`` of the records."""
        from riskkit.exporters import Sources

        return Sources(
            templates=self.root / "templates" / "pages",
            site=self.root / "site",
            records=self.root / "records",
            cache=self.build / "cache",
            head=head,
        )

    def store(self) -> Store:
        """The append-only store of records; values of secret variables never get into it.

        With a key file named in ``RISKKIT_SIGNING_KEY`` every new record is signed.
        """
        from riskkit.model.secret import Secrets
        from riskkit.records import Store, read_key

        file = os.environ.get("RISKKIT_SIGNING_KEY")
        signer = read_key(Path(file)) if file else None
        return Store(self.root / "records", secrets=Secrets.among(os.environ), signer=signer)

    def catalog(self) -> Catalog:
        """The kit's catalogue with the workspace's own files on top."""
        from riskkit import catalog

        return catalog.load(self.root / "catalog")

    def read(self, names: Iterable[str] | None = None) -> tuple[Catalog, tuple[Project, ...]]:
        """The catalogue and the projects called ``names``, or all; every problem of every file of both at once.

        Decisions that nobody has made yet are named on standard error, and count for nothing.
        """
        try:
            catalog = self.catalog()
        except InputError as error:
            raise InputError([*error.problems, *self._problems(names)]) from None
        projects = self._projects(names, self._known(catalog))
        for draft in (d for project in projects for d in project.drafts):
            typer.echo(printable(draft), err=True)
        return catalog, projects

    def _problems(self, names: Iterable[str] | None) -> tuple[Problem, ...]:
        """What is wrong with the projects themselves while there is no catalogue to hold them against."""
        try:
            self._projects(names, None)
        except InputError as error:
            return error.problems
        return ()

    def _projects(self, names: Iterable[str] | None, known: Known | None) -> tuple[Project, ...]:
        from riskkit import profiles

        if names is None and not profiles.ids(self.projects):
            raise InputError([Problem("projects/", None, "", "there is no project yet", "riskkit new NAME")])
        return profiles.read_all(self.projects, names, known=known)

    def _known(self, catalog: Catalog) -> Known:
        from riskkit import profiles, targets

        return profiles.Known(
            vocabulary=catalog.vocabulary,
            risks=catalog.risks.keys(),
            measures=catalog.measures | ON_THE_SIDE,
            matrices=catalog.matrices,
            notebooks=self.notebook_names(),
            requirements=catalog.requirements.keys(),
            questionnaires=catalog.questionnaires,
            targets={kind: targets.settings(kind) for kind in targets.kinds()},
        )

    def notebook_names(self) -> Collection[str]:
        """The assessments there are, by name."""
        return sorted(path.stem for path in self.notebooks.glob("*.ipynb"))

    def register(self, as_of: date, *, since: str | None = None, audience: str = "internal") -> Register:
        """The register of all projects as of a day, compared with the snapshot ``since`` or the latest before it.

        ``audience`` says whom it is for: figures above that level are not in it.
        """
        from riskkit import __version__, register
        from riskkit.model import Sensitivity

        if audience not in ("public", "internal"):
            raise UsageError(
                f"--audience: {audience!r:.40} is not public or internal (restricted is never shown)"
            )

        earlier = (
            snapshots.read(self.snapshots, since) if since else snapshots.latest_before(self.snapshots, as_of)
        )
        catalog, projects = self.read()
        stored = self.store().read_all()
        built = register.build(
            projects,
            catalog,
            stored.evidence,
            as_of=as_of,
            kit_version=__version__,
            damaged=stored.damaged,
            since=earlier,
            audience=Sensitivity(audience),
        )
        built = with_duties(built, projects, catalog)
        shown = (
            p.model_copy(update={"scope": frameworks.scope(p, catalog, as_of=as_of)}) for p in built.projects
        )
        return built.model_copy(update={"projects": tuple(shown)})

    @property
    def snapshots(self) -> Path:
        """The registers that were frozen."""
        return self.root / "records" / "_snapshots"


ON_THE_SIDE = frozenset(
    {"monthly_cost_usd", "token_growth_rate", "answer_rate",
     "impact_questions_unanswered", "lineage_questions_unanswered",
     "answer_dispersion", "claims_answer_rate", "completeness", "groundedness", "invented_argument_rate",
     "judged_unsupported_rate", "rater_agreement", "support_auroc", "supported_claim_rate", "truthfulness",
     "cost_per_call_usd", "cost_per_call_change_usd", "value_at_risk_usd", "energy_kwh_per_month",
     "carbon_kg_per_month", "latency_p50_seconds", "latency_p99_seconds", "latency_change_seconds",
     "first_token_p50_seconds", "first_token_p95_seconds", "seconds_per_output_token", "call_error_rate",
     "call_timeout_rate"}
)  # fmt: skip
"""Measures that may have a threshold although no risk has to ask for them."""


def here(root: Path | None = None) -> Workspace:
    """The workspace at or above the current folder, or at ``root``."""
    start = (root or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "projects").is_dir() and (folder / "notebooks").is_dir():
            return Workspace(folder)
    raise UsageError(
        f"no workspace (projects/ and notebooks/) at or above {start}; make one: riskkit init DIR"
    )


def now() -> datetime:
    """The present moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def day(text: str | None) -> date:
    """``text`` as a date, or today."""
    if not text:
        return now().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of: {text!r} is not a date (for example 2026-11-20)") from None

"""The workspace: the folders that doors work on, and what is in them.

It wires rooms together for every door alike, so that the register is the same on the command line and in a notebook.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit.errors import InputError, IntegrityError, Problem, UsageError, printable
from riskkit.workspace import snapshots
from riskkit.workspace.duties import with_duties

if TYPE_CHECKING:
    from riskkit.exporters import Sources
    from riskkit.model import Catalog, Project, Register
    from riskkit.model.schedule import Heartbeat
    from riskkit.profiles import Known
    from riskkit.records import Store
    from riskkit.remote import Remote


def _unheard(line: str) -> None:
    """Nobody asked to be told."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything lies; ``root`` holds projects/, notebooks/, records/ and the rest.

    ``notice`` is told, in a line, what people should know and what stops nothing.
    """

    root: Path
    notice: Callable[[str], object] = field(default=_unheard, repr=False, compare=False)

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
        from riskkit.exporters import Away, Sources
        from riskkit.records.archived import read_archives

        away = {
            name: Away(sha256, found.file, found.sha256, day)
            for day, found in read_archives(self.root / "records")
            for name, sha256 in found.files.items()
        }
        return Sources(
            templates=self.root / "templates" / "pages",
            site=self.root / "site",
            records=self.root / "records",
            cache=self.build / "cache",
            archived=away,
            built=self.build / "site",
            head=head,
        )

    @property
    def heartbeat_file(self) -> Path:
        """Where the last scheduled run is noted."""
        return self.root / "records" / "_schedule" / "last.json"

    def heartbeat(self) -> Heartbeat | None:
        """The last scheduled run; an empty one where a schedule is declared and none was seen, None without either.

        Raises:
            IntegrityError: the note is not readable.
        """
        from riskkit.model.schedule import Heartbeat

        try:
            return Heartbeat.model_validate_json(self.heartbeat_file.read_bytes())
        except FileNotFoundError:
            return Heartbeat() if (self.root / "schedule.yml").exists() else None
        except ValueError:
            raise IntegrityError(f"{self.heartbeat_file}: is not the note of a scheduled run") from None

    def store(self) -> Store:
        """The append-only store of records; values of secret variables never get into it.

        With a key file named in ``RISKKIT_SIGNING_KEY`` every new record is signed; with a ``remote`` they are kept
        there, and the folder is a copy.
        """
        from riskkit.model.secret import Secrets
        from riskkit.records import RemoteStore, Store, read_key

        file = os.environ.get("RISKKIT_SIGNING_KEY")
        signer = read_key(Path(file)) if file else None
        root, secrets, there = self.root / "records", Secrets.among(os.environ), self.remote
        if there is None:
            return Store(root, secrets=secrets, signer=signer)
        return RemoteStore(root, secrets=secrets, signer=signer, there=there.below("records"))

    @property
    def remote(self) -> Remote | None:
        """Where the records are kept if not in the folder, as ``RISKKIT_REMOTE`` names it."""
        from riskkit.remote import remote

        url = os.environ.get("RISKKIT_REMOTE")
        return remote(url) if url else None

    def catalog(self) -> Catalog:
        """The kit's catalogue with the workspace's own files on top."""
        from riskkit import catalog

        return catalog.load(self.root / "catalog")

    def read(self, names: Iterable[str] | None = None) -> tuple[Catalog, tuple[Project, ...]]:
        """The catalogue and the projects called ``names``, or all; every problem of every file of both at once.

        Decisions that nobody has made yet are told to ``notice``, and count for nothing.
        """
        try:
            catalog = self.catalog()
        except InputError as error:
            raise InputError([*error.problems, *self._problems(names)]) from None
        projects = self._projects(names, self._known(catalog))
        for draft in (d for project in projects for d in project.drafts):
            self.notice(printable(draft))
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
        return built.model_copy(update={"heartbeat": self.heartbeat()})

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


def find(start: Path, *, notice: Callable[[str], object] = _unheard) -> Workspace:
    """The workspace at or above ``start``: the nearest folder that holds projects/ and notebooks/."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "projects").is_dir() and (folder / "notebooks").is_dir():
            return Workspace(folder, notice)
    raise UsageError(
        f"no workspace (projects/ and notebooks/) at or above {start}; make one: riskkit init DIR"
    )

"""A project: everything people wrote about one system under assessment."""

from __future__ import annotations

from pydantic import Field

from .control import Control
from .decision import Decision
from .finding import Finding
from .frozen import Frozen, Sha256
from .law import Answers
from .profile import Profile


class Draft(Frozen):
    """A decision that nobody has made yet; it counts for nothing."""

    file: str = Field(description="where it is written, relative to the workspace")
    open: tuple[str, ...] = Field(description="the fields still blank")

    def __str__(self) -> str:
        return f"{self.file}: a draft that counts for nothing; still open: {', '.join(self.open)}"


class Project(Frozen):
    """The authored files of ``projects/<id>/``, read and checked together."""

    profile: Profile
    profile_sha256: Sha256
    answers: Answers = Answers()
    answers_sha256: Sha256 | None = None
    documents: dict[str, Sha256 | None] = Field(
        {}, description="files that answers rest on, with their digest now; None when there is none"
    )
    controls: tuple[Control, ...] = ()
    decisions: tuple[Decision, ...] = ()
    drafts: tuple[Draft, ...] = Field((), description="decisions not made yet")
    findings: tuple[Finding, ...] = ()
    files: dict[str, Sha256] = Field(
        {}, description="digest of each of its files that an edited workbook can change"
    )

    @property
    def id(self) -> str:
        """The project's id, which is its folder's name."""
        return self.profile.id

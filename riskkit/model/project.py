"""A project: everything people wrote about one system under assessment."""

from __future__ import annotations

from .control import Control
from .decision import Decision
from .finding import Finding
from .frozen import Frozen, Sha256
from .law import Answers
from .profile import Profile


class Project(Frozen):
    """The authored files of ``projects/<id>/``, read and checked together."""

    profile: Profile
    profile_sha256: Sha256
    answers: Answers = Answers()
    answers_sha256: Sha256 | None = None
    controls: tuple[Control, ...] = ()
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """The project's id, which is its folder's name."""
        return self.profile.id

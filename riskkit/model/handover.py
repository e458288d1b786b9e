"""The hand-over from a running notebook to the runner that started it: one file, named in the environment."""

from __future__ import annotations

from .evidence import Conclusion
from .frozen import Frozen

RESULT = "RISKKIT_RESULT"
"""Environment variable: where ``case.conclude`` writes its result file. Absent when a person explores."""
NONCE = "RISKKIT_NONCE"
"""Environment variable: the run's random mark, which the result file must repeat."""
WORKSPACE = "RISKKIT_WORKSPACE"
"""Environment variable: the folder that holds projects/, notebooks/ and records/."""
ASSESSMENT = "RISKKIT_ASSESSMENT"
"""Environment variable: the assessment being run, where one notebook serves several of a project."""


class ResultFile(Frozen):
    """What ``case.conclude`` writes: the conclusion and the nonce that proves it belongs to this run."""

    nonce: str
    conclusion: Conclusion

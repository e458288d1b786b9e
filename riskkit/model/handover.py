"""The hand-over from a running notebook to the runner that started it: one file, named in the environment."""

from __future__ import annotations

from collections.abc import Iterable

from .evidence import Conclusion
from .frozen import Frozen
from .sample import Sample

RESULT = "RISKKIT_RESULT"
"""Environment variable: where ``case.conclude`` writes its result file. Absent when a person explores."""
NONCE = "RISKKIT_NONCE"
"""Environment variable: the run's random mark, which the result file must repeat."""
WORKSPACE = "RISKKIT_WORKSPACE"
"""Environment variable: the folder that holds projects/, notebooks/ and records/."""
PROJECT = "RISKKIT_PROJECT"
"""Environment variable: the project a person opened JupyterLab for, where they named one."""
ASSESSMENT = "RISKKIT_ASSESSMENT"
"""Environment variable: the assessment being run, where one notebook serves several of a project."""
ANSWERS = "RISKKIT_ANSWERS"
"""Environment variable: the folder with answers of endpoints, which were drawn before the run."""


def answers_file(target: str, *, samples: int, seed: int) -> str:
    """The name of the file with the answers that were drawn of ``target``."""
    return f"answers-{target}-{samples}-{seed}.jsonl"


def answers_bytes(samples: Iterable[Sample]) -> bytes:
    """``samples`` as JSON Lines."""
    return b"".join(s.model_dump_json(exclude_defaults=True).encode() + b"\n" for s in samples)


def read_answers(data: bytes) -> tuple[Sample, ...]:
    """The samples that ``answers_bytes`` wrote."""
    return tuple(Sample.model_validate_json(line) for line in data.split(b"\n") if line)


class ResultFile(Frozen):
    """What ``case.conclude`` writes: the conclusion and the nonce that proves it belongs to this run."""

    nonce: str
    conclusion: Conclusion

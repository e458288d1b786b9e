"""What a record consists of, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC

from riskkit.errors import UsageError
from riskkit.model import Evidence, Status, canonical

EVIDENCE, CONCLUSION, NOTEBOOK, REASON = "evidence.json", "conclusion.json", "notebook.ipynb", "reason.txt"
SIGNATURE = "evidence.dsse.json"
FAILED = "_failed"
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FOLDER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


def contents(evidence: Evidence, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file that belongs to ``evidence``, by name: the conclusion, what came with it, or at least the reason.

    Raises:
        UsageError: a name cannot be stored everywhere, or a concluded run comes without its notebook.
    """
    if odd := [n for n in (evidence.project, evidence.assessment) if not _FOLDER_NAME.fullmatch(n)]:
        raise UsageError(f"{odd[0]!r:.120} cannot be the name of a folder")
    for name in (evidence.project, evidence.assessment, *files):
        if name.partition(".")[0].lower() in _DEVICES:
            raise UsageError(f"{name!r} is the name of a device on some systems and cannot be stored")
    if odd := [n for n in files if not FILE_NAME.fullmatch(n) or n in {EVIDENCE, CONCLUSION, SIGNATURE}]:
        raise UsageError(f"{odd[0]!r:.120} cannot be the name of a file in a record")
    good = evidence.run.status is Status.OK
    if good and (evidence.conclusion is None or NOTEBOOK not in files):
        raise UsageError("a run that ended well is recorded with its conclusion and its notebook")
    if not good and evidence.conclusion is not None:
        raise UsageError("a run that did not end well has no conclusion")
    own = {CONCLUSION: canonical(evidence.conclusion)} if good else {}
    return {**files, **own} or {REASON: evidence.run.reason.encode("utf-8", "backslashreplace")}


def place(evidence: Evidence, digest: str) -> str:
    """The folder of a record below the store: project, assessment, and when it started with what it holds."""
    kind = "" if evidence.run.status is Status.OK else f"{FAILED}/"
    moment = evidence.run.started.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{kind}{evidence.project}/{evidence.assessment}/{moment}-{digest[:8]}"

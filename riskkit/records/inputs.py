"""Whether the files that evidence rests on are still the ones it was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from riskkit.model import Evidence
from riskkit.records.fault import Fault


def changed_inputs(
    evidence: Iterable[Evidence], present_sha256: Callable[[Evidence, str], str | None]
) -> tuple[Fault, ...]:
    """A fault for each input of the latest conclusion on each assessment that is another file now.

    ``present_sha256`` gives the digest of a path as it is today, None when it is gone.
    """
    latest = {(e.project, e.assessment, e.run.performed_as): e for e in evidence if e.conclusion is not None}
    return tuple(
        Fault(item.path, f"is not what {e.folder} was made from", item.sha256, now or "nothing")
        for e in latest.values()
        for item in (e.conclusion.inputs if e.conclusion else ())
        if (now := present_sha256(e, item.path)) != item.sha256
    )

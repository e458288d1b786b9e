"""What the inputs that a run noted are like today."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from riskkit.model.label import Review
from riskkit.profiles.labels import labels_sha256, read_reviews

LABELS_ON = "labels on "
"""What the name of an input starts with that is all labels on one measure, whichever files they stand in."""


def present_sha256(path: str, *, folder: Path, profile_sha256: str | None) -> str | None:
    """The digest of an input of the project in ``folder`` as it is now; None when it is gone.

    Raises
    ------
    InputError
        When labels cannot be read.
    """
    if path == "profile.yml":
        return profile_sha256
    if path.startswith(LABELS_ON):
        return labels_sha256(on_measure(read_reviews(folder), path.removeprefix(LABELS_ON)))
    file = folder / path
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def on_measure(reviews: Iterable[Review], measure: str) -> tuple[Review, ...]:
    """Those of ``reviews`` that are on ``measure`` and hold a label."""
    return tuple(review for review in reviews if review.rubric.measure == measure and review.labels)

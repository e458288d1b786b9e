"""Whether answers give what holds now, or what held before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from riskkit.errors import printable
from riskkit.measures.correctness import is_right
from riskkit.measures.refusals import is_refusal
from riskkit.measures.shares import share
from riskkit.model import Measurement, Sample


def stale_knowledge_rate(
    samples: Sequence[Sample], *, cut_off: date | str | None = None, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share of answers that give a former answer and not the present one; ``n`` counts prompts.

    A prompt's reference is what holds now; its attribute ``former`` what held before (several answers on several
    lines), and ``changed_on`` since when (ISO 8601). With a ``cut_off`` of the model's knowledge, a date, or one in ISO
    8601 (none when empty), the questions that changed before and after it are measured apart too: a stale answer before
    the cut-off is no matter of training.

    Formula: answers that give the former and not the present answer / answers.
    Limits: As good as the references; knows only changes that were listed.

    Raises
    ------
    ValueError
        When a ``changed_on`` or the ``cut_off`` is no date.
    """
    if isinstance(cut_off, str):
        cut_off = _day(cut_off, "cut_off")
    rows = [(s, _is_stale(s), _changed_on(s)) for s in samples if s.attributes.get("former") and s.reference]
    rows = [row for row in rows if not is_refusal(row[0].response)]
    found = [_measured(rows, "", level)]
    if cut_off is not None:
        before = [r for r in rows if r[2] is not None and r[2] <= cut_off]
        after = [r for r in rows if r[2] is not None and r[2] > cut_off]
        found += [
            _measured(before, f"changed by {cut_off}", level), _measured(after, f"changed after {cut_off}", level)
        ]  # fmt: skip
    return tuple(found)


def _measured(rows: Sequence[tuple[Sample, bool, date | None]], segment: str, level: float) -> Measurement:
    return share(
        "stale_knowledge_rate",
        [float(stale) for _, stale, _ in rows],
        [s.prompt_id for s, _, _ in rows],
        level=level,
        segment=segment,
        method="answers that agree with a former answer and not with the present one",
        nothing="no question has a former and a present answer",
    )


def _is_stale(sample: Sample) -> bool:
    former, present = sample.attributes["former"], sample.reference or ""
    return is_right(sample.response, former) and not is_right(sample.response, present)


def _changed_on(sample: Sample) -> date | None:
    given = sample.attributes.get("changed_on")
    return _day(given, f"prompt {printable(sample.prompt_id, 60)}: changed_on") if given else None


def _day(given: str, what: str) -> date | None:
    """The day that ``given`` names in ISO 8601; None where it is empty."""
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise ValueError(f"{what} {printable(given, 60)!r} is no date (for example 2025-06-30)") from None

"""Rows of the checklist or of a questionnaire as small tables that a notebook shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from riskkit.law.listing import concerning
from riskkit.law.questions import serving
from riskkit.model import ChecklistRow, QuestionRow

if TYPE_CHECKING:
    import pandas as pd


def counts(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """How many requirements of each framework that concern the system, or may, stand at each status."""
    import pandas as pd

    counted = Counter((row.framework, row.status) for row in concerning(rows))
    return pd.DataFrame(
        [(framework, status, n) for (framework, status), n in sorted(counted.items())],
        columns=["framework", "status", "count"],
    )


def summary(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """One line a framework: how many of its requirements apply, may apply, come later, or do not apply."""
    import pandas as pd

    table = pd.DataFrame([(row.framework, row.applies) for row in rows], columns=["framework", "applies"])
    return table.value_counts().unstack(fill_value=0).rename_axis(columns=None).reset_index()


def open_rows(rows: Iterable[ChecklistRow]) -> pd.DataFrame:
    """The requirements that concern the system, or may, and are not met: which, how they stand, and why."""
    import pandas as pd

    wanted = [row for row in concerning(rows) if row.status not in {"met", "not_applicable"}]
    return pd.DataFrame(
        [(row.requirement, row.title, row.citation, row.status, row.why) for row in wanted],
        columns=["requirement", "title", "citation", "status", "why"],
    )


def sections(rows: Iterable[QuestionRow]) -> pd.DataFrame:
    """One line a section of a questionnaire: how many questions are answered in force, who answered, which are not."""
    import pandas as pd

    groups: dict[tuple[str, str], list[QuestionRow]] = {}
    for row in rows:
        groups.setdefault((row.questionnaire, row.section), []).append(row)
    lines = []
    for (questionnaire, section), group in groups.items():
        said = [row for row in group if row.status == "answered"]
        left = [f"{row.question} ({row.status})" for row in group if row.unanswered]
        by = ", ".join(dict.fromkeys(row.by for row in said))
        lines.append((questionnaire, section, len(said), len(left), by, ", ".join(left)))
    return pd.DataFrame(
        lines,
        columns=["questionnaire", "section", "answered", "not answered", "answered by", "which are not"],
    )


def replies(rows: Iterable[QuestionRow]) -> pd.DataFrame:
    """One line an answer in force: the question, what was said, by whom, when, and until when."""
    import pandas as pd

    lines = [
        (row.name, row.ask, row.answer, row.by, str(row.on), str(row.expires_on or "no end"), row.document)
        for row in rows
        if row.status == "answered"
    ]
    columns = ["question", "asked", "answer", "by", "on", "until", "document"]
    return pd.DataFrame(lines, columns=columns)


def unanswered(rows: Iterable[QuestionRow]) -> pd.DataFrame:
    """One line a question without an answer in force: why it is asked, and what its answer would serve."""
    import pandas as pd

    lines = [
        (row.name, row.status, row.ask, row.why, ", ".join(row.serves)) for row in rows if row.unanswered
    ]
    return pd.DataFrame(lines, columns=["question", "status", "asked", "why", "would serve"])


def attested(rows: Iterable[QuestionRow], requirements: Iterable[str] = ()) -> pd.DataFrame:
    """One line a part of a requirement that answers serve: which of its questions are answered and which are not.

    All requirements when none is named; one answer may stand in many lines.
    """
    import pandas as pd

    wanted = tuple(requirements)
    parts: dict[tuple[str, str], list[QuestionRow]] = {}
    for requirement, group in serving(rows).items():
        for row in group if not wanted or requirement in wanted else ():
            parts.setdefault((requirement, row.serves[requirement] or "all of it"), []).append(row)
    order = {name: n for n, name in enumerate(wanted)}
    lines = sorted(
        (order.get(name, 0), name, part, _named(group, False), _named(group, True))
        for (name, part), group in parts.items()
    )
    return pd.DataFrame(
        [line[1:] for line in lines], columns=["requirement", "part", "answered", "not answered"]
    )


def informed(rows: Iterable[QuestionRow]) -> pd.DataFrame:
    """One line a risk: the answers that inform its rating, and the questions nobody has answered."""
    import pandas as pd

    risks: dict[str, list[QuestionRow]] = {}
    for row in rows:
        for risk in row.risks if row.status != "not_asked" else ():
            risks.setdefault(risk, []).append(row)
    return pd.DataFrame(
        [(risk, _named(group, False), _named(group, True)) for risk, group in sorted(risks.items())],
        columns=["risk", "answered", "not answered"],
    )


def _named(rows: Iterable[QuestionRow], unanswered: bool) -> str:
    return ", ".join(row.name for row in rows if row.unanswered is unanswered)

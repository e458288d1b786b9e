"""Parts that Markdown documents about one system share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from riskkit.exporters._figures import Figure, figures
from riskkit.exporters._plain_markdown import marked_down as say
from riskkit.exporters._words import exact
from riskkit.model import ProjectRegister


def section(title: str, lines: Iterable[str], *, level: int = 2) -> Iterator[str]:
    """A heading of ours, and a list of what others wrote."""
    yield from ["", f"{'#' * level} {title}", ""]
    yield from (f"- {say(line)}" for line in lines)


def table(
    title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]], *, level: int = 2
) -> Iterator[str]:
    """A heading and a table; one without rows says so."""
    yield from ["", f"{'#' * level} {title}", ""]
    yield f"| {' | '.join(head)} |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    none = ("none on record", *("" for _ in head[1:]))
    yield from (f"| {' | '.join(say(cell) for cell in row)} |" for row in (list(rows) or [none]))


def who(project: ProjectRegister) -> list[str]:
    """What sort of system it is, and who answers for it."""
    profile, roles = project.profile, project.profile.roles
    return [
        f"Kind: {profile.kind}",
        f"Stage: {profile.stage}",
        f"Tier: {profile.tier.tier} ({profile.tier.why})",
        f"Owner: {roles.owner}",
        f"Developer: {roles.developer}",
        f"Validator: {roles.validator}",
        f"Approver: {roles.approver}",
    ]


def unmeasured(project: ProjectRegister) -> list[str]:
    """What a risk asks for and nobody measured."""
    lines = (
        f"{i.measure}: {i.verdict}, {i.judgement.why}"
        for entry in project.entries
        for i in entry.indicators
        if i.measurement is None
    )
    return list(dict.fromkeys(lines))


def data_table(project: ProjectRegister, *, level: int = 2) -> Iterator[str]:
    """The data sets the profile declares."""
    rows = (
        (
            name,
            data.about or "not known",
            data.licence,
            "yes" if data.personal_data else "no",
            f"{data.synthetic_share:g}",
            data.sha256 or "not pinned",
        )
        for name, data in sorted(project.profile.datasets.items())
    )
    head = ("Name", "About", "Licence", "Personal data", "Synthetic share", "SHA-256")
    return table("Data", head, rows, level=level)


def figure_table(project: ProjectRegister, *, level: int = 2) -> Iterator[str]:
    """Every figure with its company."""
    head = (
        "Measure", "Segment", "Value", "Interval", "n", "Threshold", "Owner of it", "Source", "Verdict", "Taken on",
    )  # fmt: skip
    return table("What was measured", head, map(_row, figures(project)), level=level)


def risk_table(project: ProjectRegister, *, level: int = 2) -> Iterator[str]:
    """Every risk with its levels and verdict."""
    rows = (
        (
            entry.risk.title,
            entry.inherent,
            entry.residual,
            entry.appetite or "not declared",
            entry.within_appetite,
            entry.verdict,
            entry.risk.who_is_hurt,
        )
        for entry in project.entries
    )
    head = ("Risk", "Inherent", "Residual", "Appetite", "Within", "Verdict", "Who is hurt")
    return table("Risks", head, rows, level=level)


def _row(figure: Figure) -> tuple[object, ...]:
    m, company = figure.measurement, figure.company
    if m.value is None or m.low is None or m.high is None:
        value, interval = f"not known: {m.undefined}", "none"
    else:
        value, interval = exact(m.value), f"{exact(m.low)} to {exact(m.high)} at {100 * m.level:g}%"
    return (
        m.measure, m.segment or "all", f"{value} {m.unit}".strip(), interval, figure.n, company["threshold"],
        company["threshold_owner"], company["threshold_source"], company["verdict"], company["taken_on"],
    )  # fmt: skip

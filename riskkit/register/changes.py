"""Changes: what became of each row since the register was last frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskkit.model import (
    Change,
    Changes,
    Entry,
    Indicator,
    Measurement,
    Move,
    Note,
    ProjectChange,
    ProjectRegister,
    Reading,
    Register,
    Row,
    Sheet,
    Snapshot,
    digest,
)


def freeze(register: Register) -> Snapshot:
    """What is kept of ``register`` to compare later ones with."""
    return Snapshot(
        as_of=register.as_of,
        kit_version=register.kit_version,
        register_sha256=register.sha256,
        projects=tuple(map(_sheet, register.projects)),
    )


def with_changes(register: Register, since: Snapshot) -> Register:
    """``register`` with what changed since ``since``, as a whole and row by row."""
    changes = compare(since, tuple(map(_sheet, register.projects)))
    by_row = {(c.project, c.risk): c for c in changes.rows}

    def marked(project: ProjectRegister) -> ProjectRegister:
        rows = (
            e.model_copy(update={"change": by_row[project.profile.id, e.risk.id]}) for e in project.entries
        )
        return project.model_copy(update={"entries": tuple(rows)})

    return register.model_copy(update={"changes": changes, "projects": tuple(map(marked, register.projects))})


def compare(since: Snapshot, now: tuple[Sheet, ...]) -> Changes:
    """What became of every row that ``since`` or ``now`` holds."""
    before = {sheet.project: sheet for sheet in since.projects}
    after = {sheet.project: sheet for sheet in now}
    names = sorted(before.keys() | after.keys())
    return Changes(
        since=since.as_of,
        snapshot=since.name,
        rows=tuple(c for name in names for c in _rows(name, before.get(name), after.get(name))),
        projects=tuple(_project(name, before.get(name), after.get(name)) for name in names),
    )


def _sheet(project: ProjectRegister) -> Sheet:
    runs = [run.conclusion for run in project.latest if run.conclusion is not None]
    return Sheet(
        project=project.profile.id,
        version=project.profile.version,
        matrix=digest(project.matrix),
        thresholds={
            _name(t.measure, t.segment or ""): f"{t.describe()}, n {t.min_n}, {t.confidence:g}"
            for t in reversed(project.profile.thresholds)
        },
        data={i.path: i.sha256 for run in runs for i in run.inputs if i.path != "profile.yml"},
        models=tuple(sorted({model for run in runs for model in run.models})),
        rows=tuple(map(_row, project.entries)),
    )


def _row(entry: Entry) -> Row:
    spoken = entry.decision
    return Row(
        risk=entry.risk.id,
        inherent=entry.inherent,
        level=entry.level,
        verdict=entry.verdict,
        within_appetite=entry.within_appetite,
        decision=f"{spoken.decision.type} {spoken.state}" if spoken else "",
        readings=tuple(map(_reading, entry.indicators)),
    )


def _reading(indicator: Indicator) -> Reading:
    m: Measurement | None = indicator.measurement
    taken = {
        "value": m.value, "low": m.low, "high": m.high, "n": m.n, "method": m.method,
        "method_version": m.method_version,
    } if m else {}  # fmt: skip
    bound = indicator.threshold.describe() if indicator.threshold else ""
    return Reading.model_validate(
        {"measure": indicator.measure, "segment": indicator.segment, "verdict": indicator.verdict, "threshold": bound}
        | taken
    )  # fmt: skip


def _rows(name: str, before: Sheet | None, after: Sheet | None) -> Iterator[Change]:
    then = {row.risk: row for row in before.rows} if before else {}
    now = {row.risk: row for row in after.rows} if after else {}
    matrix = before is not None and after is not None and before.matrix != after.matrix
    for risk in sorted(then.keys() | now.keys()):
        old, new = then.get(risk), now.get(risk)
        yield Change(
            project=name,
            risk=risk,
            move=_move(old, new),
            before=old.level if old else None,
            after=new.level if new else None,
            verdict_before=old.verdict if old else None,
            verdict_after=new.verdict if new else None,
            notes=tuple(_notes(old, new, matrix=matrix)) if old and new else (),
        )


def _move(old: Row | None, new: Row | None) -> Move:
    if old is None:
        return "new"
    if new is None:
        return "gone"
    step = new.level.rank - old.level.rank
    return "up" if step > 0 else "down" if step < 0 else "unchanged"


def _notes(old: Row, new: Row, *, matrix: bool) -> Iterator[Note]:
    if matrix:
        yield Note(
            kind="matrix-change", subject=new.risk, what="the matrix was changed: levels do not compare"
        )
    if old.inherent is not new.inherent:
        yield Note(
            kind="inherent-change", subject=new.risk, what=f"inherent {old.inherent} to {new.inherent}"
        )
    then, now = _readings(old), _readings(new)
    for key in sorted(then.keys() | now.keys()):
        before, after = then.get(key), now.get(key)
        if before and after:
            yield from _flips(key, before, after)
        elif after and after.value is not None:
            yield Note(kind="measure-new", subject=key, what=f"now {after.verdict}")
        elif before and before.value is not None:
            yield Note(kind="measure-gone", subject=key, what=f"was {before.verdict}")


def _flips(name: str, before: Reading, after: Reading) -> Iterator[Note]:
    if before.verdict is not after.verdict:
        yield Note(kind="verdict-flip", subject=name, what=f"{before.verdict} to {after.verdict}")
    if before.threshold != after.threshold:
        was, now = before.threshold or "no bound in force", after.threshold or "no bound in force"
        yield Note(kind="threshold-edit", subject=name, what=f"{was} to {now}")
    then, now_ = (before.method, before.method_version), (after.method, after.method_version)
    if before.method and after.method and then != now_:
        what = f"{then[0]} (version {then[1]}) to {now_[0]} (version {now_[1]})"
        yield Note(kind="method-change", subject=name, what=what)


def _readings(row: Row) -> Mapping[str, Reading]:
    """Name to reading; of several assessments that take one measure, the worst, which comes first, speaks."""
    return {_name(r.measure, r.segment): r for r in reversed(row.readings)}


def _name(measure: str, segment: str) -> str:
    return measure + (f" [{segment}]" if segment else "")


def _project(name: str, before: Sheet | None, after: Sheet | None) -> ProjectChange:
    if before is None or after is None:
        return ProjectChange(project=name, move="new" if before is None else "gone")
    return ProjectChange(project=name, move="kept", notes=tuple(_project_notes(before, after)))


def _project_notes(before: Sheet, after: Sheet) -> Iterator[Note]:
    if before.version != after.version:
        yield Note(kind="version-change", subject="version", what=f"{before.version} to {after.version}")
    if before.matrix != after.matrix:
        yield Note(
            kind="matrix-change", subject="matrix", what="the matrix was changed: levels do not compare"
        )
    for name in sorted(before.thresholds.keys() | after.thresholds.keys()):
        was, now = before.thresholds.get(name, "no bound"), after.thresholds.get(name, "no bound")
        if was != now:
            yield Note(kind="threshold-edit", subject=name, what=f"{was} to {now}")
    for path in sorted(before.data.keys() & after.data.keys()):
        if before.data[path] != after.data[path]:
            what = f"sha256 {before.data[path][:12]} to {after.data[path][:12]}"
            yield Note(kind="data-change", subject=path, what=what)
    if before.models and after.models and before.models != after.models:
        what = f"{', '.join(before.models)} to {', '.join(after.models)}"
        yield Note(kind="model-change", subject="models", what=what)

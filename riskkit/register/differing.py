"""Two runs held side by side: their measurements, and what else is not the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskkit.model import Difference, Differences, Evidence, Measurement, canonical

from .comparing import agree, number


def differences(before: Evidence, after: Evidence) -> Differences:
    """What two runs of one assessment found, side by side, and what changed of all they rest on.

    Two values count as different when the gap is wider than the two margins explain, as for developer and validator;
    measured by different methods they are not compared.
    """
    then, now = _measurements(before), _measurements(after)
    measures = tuple(_measure(name, then.get(name), now.get(name)) for name in dict.fromkeys((*then, *now)))
    return Differences(measures, tuple(_changed(before, after)))


def _measurements(run: Evidence) -> dict[str, Measurement]:
    found = run.conclusion.measurements if run.conclusion else ()
    return {m.measure + (f" [{m.segment}]" if m.segment else ""): m for m in found}


def _measure(name: str, then: Measurement | None, now: Measurement | None) -> Difference:
    if then is None or now is None:
        word = "new" if then is None else "gone"
        return Difference(name, _with_n(then), _with_n(now), "", word)
    change = "" if then.value is None or now.value is None else f"{now.value - then.value:+.4g}"
    return Difference(name, _with_n(then), _with_n(now), change, _reading(then, now))


def _reading(then: Measurement, now: Measurement) -> str:
    if (then.method, then.method_version) != (now.method, now.method_version):
        return "another method: the figures do not compare"
    if (then.value, then.low, then.high, then.n) == (now.value, now.low, now.high, now.n):
        return "the same"
    return "no more than the intervals explain" if agree(then, now) else "more than the intervals explain"


def _with_n(measurement: Measurement | None) -> str:
    return "not measured" if measurement is None else f"{number(measurement)}, n {measurement.n}"


def _changed(before: Evidence, after: Evidence) -> Iterator[tuple[str, str, str, str]]:
    for kind, then, now in _sides(before, after):
        for name in dict.fromkeys((*then, *now)):
            if then.get(name) != now.get(name):
                yield kind, name, then.get(name, "none"), now.get(name, "none")


def _sides(before: Evidence, after: Evidence) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    for kind, of in (
        ("input", _inputs),
        ("parameter", _parameters),
        ("method", _methods),
        ("run", _made_with),
    ):
        yield kind, of(before), of(after)


def _inputs(run: Evidence) -> Mapping[str, str]:
    read = run.conclusion.inputs if run.conclusion else ()
    return {
        i.path: f"sha256 {i.sha256[:12]}" + (f", {i.rows} rows" if i.rows is not None else "") for i in read
    }


def _parameters(run: Evidence) -> Mapping[str, str]:
    return {name: canonical(value).decode() for name, value in run.run.parameters.items()}


def _methods(run: Evidence) -> Mapping[str, str]:
    found = _measurements(run)
    return {name: f"{m.method} (version {m.method_version})" for name, m in found.items()}


def _made_with(run: Evidence) -> Mapping[str, str]:
    facts = run.run
    own = {
        "notebook": facts.notebook_sha256[:12],
        "kit": f"{facts.kit_version} ({facts.kit_sha256[:12]})",
        "python": facts.python,
        "performed as": facts.performed_as,
        "system version": run.conclusion.version if run.conclusion else "",
        "models": ", ".join(run.conclusion.models) if run.conclusion else "",
    }
    return own | {f"package {name}": version for name, version in facts.environment.items()}

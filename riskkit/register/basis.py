"""Bases: the digests of what a decision made today would rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from riskkit.model import (
    Basis,
    Credit,
    Entry,
    Finding,
    Indicator,
    Matrix,
    Profile,
    RatedRisk,
    Risk,
    Step,
    Subject,
    digest,
)


@dataclass(frozen=True)
class Digests:
    """What several rows of a project share, digested once."""

    profile: Profile
    findings: Sequence[Finding]
    matrix: Matrix

    @cached_property
    def of_matrix(self) -> str:
        """Digest of the matrix, to its last cell."""
        return digest(self.matrix)

    @cached_property
    def _by_measure(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for threshold in self.profile.thresholds:
            found.setdefault(threshold.measure, []).append(digest(threshold))
        return found

    @cached_property
    def _open(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for finding in self.findings:
            for risk in finding.risks if finding.status.is_open else ():
                found.setdefault(risk, []).append(f"{finding.id} {finding.severity}")
        return found

    def of_thresholds(self, measures: Iterable[str]) -> str:
        """Digest of the thresholds for ``measures`` as they are written, owner, reason and history included."""
        return digest([d for name in sorted(set(measures)) for d in self._by_measure.get(name, ())])

    def open_findings(self, risk: str) -> Sequence[str]:
        """Ids and severities of the findings about ``risk`` that are open."""
        return sorted(self._open.get(risk, ()))


def of_risk(
    risk: Risk,
    rated: RatedRisk | None,
    walk: Sequence[Step],
    asked: Sequence[Indicator],
    credits: Sequence[Credit],
    digests: Digests,
    *,
    disputes: Sequence[str] = (),
) -> Basis:
    """What a decision about ``risk`` rests on: row, evidence, the thresholds of its measures and controls, matrix."""
    end = walk[-1]
    rating = rated.inherent if rated else risk.default_rating
    row = {
        "risk": risk.id,
        "rated": rated is not None,
        "inherent": [rating.likelihood, rating.impact],
        "residual": [end.rating.likelihood, end.rating.impact, end.score, end.level.value],
        "appetite": digests.profile.appetite.get(risk.category.value),
        "indicators": _verdicts(asked),
        "credits": [[c.control.id, c.credited.value] for c in credits],
        "findings": digests.open_findings(risk.id),
        "disputes": sorted(disputes),
    }
    measures = {*risk.measures, *(name for c in credits for name in c.control.evidence)}
    return Basis(
        row=digest(row),
        evidence=_evidence(asked),
        thresholds=digests.of_thresholds(measures),
        matrix=digests.of_matrix,
    )


def bases(entries: Sequence[Entry], aside: Sequence[Indicator], digests: Digests) -> Mapping[Subject, Basis]:
    """Every subject a decision of the project can be about to today's basis; one that is not here is gone."""
    profile = digests.profile
    shown: dict[str, list[Indicator]] = {t.measure: [] for t in profile.thresholds}
    for indicator in (*aside, *(i for e in entries for i in e.indicators)):
        if indicator.measure in shown:
            shown[indicator.measure].append(indicator)
    return {
        **{Subject(risk=e.risk.id): e.basis for e in entries},
        **{Subject(threshold=name): _of_threshold(name, found, digests) for name, found in shown.items()},
        **{Subject(finding=f.id): Basis(row=digest(_finding(f))) for f in digests.findings},
        Subject(release=profile.version): _of_release(entries, digests),
        Subject(system=True): Basis(),
    }


def _of_threshold(measure: str, indicators: Sequence[Indicator], digests: Digests) -> Basis:
    return Basis(
        row=digest(_verdicts(indicators)),
        evidence=_evidence(indicators),
        thresholds=digests.of_thresholds([measure]),
    )


def _of_release(entries: Sequence[Entry], digests: Digests) -> Basis:
    """The picture of all rows: what was computed of each, but not the very figures."""
    appetite = {category: level.value for category, level in digests.profile.appetite.items()}
    picture = [[e.risk.id, e.inherent.value, e.residual.value, e.verdict.value] for e in entries]
    thresholds = digests.of_thresholds(t.measure for t in digests.profile.thresholds)
    return Basis(row=digest([appetite, picture]), thresholds=thresholds, matrix=digests.of_matrix)


def _finding(finding: Finding) -> Mapping[str, object]:
    """What an acceptance of a finding is about: not how its remedy goes."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "observation": finding.observation,
        "criteria": finding.criteria,
        "risks": list(finding.risks),
    }


def _verdicts(indicators: Iterable[Indicator]) -> list[tuple[str, str, str, str]]:
    return sorted({(i.measure, i.segment, i.assessment, i.verdict.value) for i in indicators})


def _evidence(indicators: Iterable[Indicator]) -> str:
    return digest(sorted({i.conclusion_sha256 for i in indicators if i.conclusion_sha256}))

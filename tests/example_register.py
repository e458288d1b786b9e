"""A small portfolio for the tests of the exporters; ``text`` is put through every field that takes free text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from riskkit.model import (
    Action,
    Assessment,
    Autonomy,
    Basis,
    Catalog,
    Category,
    Change,
    Conclusion,
    Condition,
    Control,
    ControlStatus,
    Dataset,
    Decision,
    DecisionType,
    Effectiveness,
    Evidence,
    Facts,
    Finding,
    FindingStatus,
    Harm,
    Input,
    Kind,
    Level,
    Matrix,
    Measurement,
    Note,
    Outcome,
    PastBound,
    Profile,
    Project,
    RatedRisk,
    Rating,
    Register,
    Review,
    Risk,
    Roles,
    RunFacts,
    Severity,
    Source,
    Stage,
    Status,
    Subject,
    TargetSpec,
    Threshold,
    TierDrivers,
    Verdict,
    Vocabulary,
    digest,
)
from riskkit.register import build
from tests.example_notebook import notebook_cells

Say = Callable[[str], str]
DAY = date(2026, 11, 20)
LOW, MEDIUM, HIGH, CRITICAL = Level.LOW, Level.MEDIUM, Level.HIGH, Level.CRITICAL


def example(
    records: Path, text: Say = str, cells: list[dict[str, Any]] | None = None, *, again: bool = False
) -> Register:
    """Three systems: one breached, one met, one whose run failed; their notebooks are written below ``records``.

    With ``again``, one assessment was run before as well.
    """
    projects = [loan(text), router(text), agent(text)]
    evidence = [
        record(
            records, "loan-approval", "bias_audit", text, held(bias(text), loan(text)), cells=cells, days=12
        ),
        record(records, "loan-approval", "explanation_sampling", text, invention(text), cells=cells, days=3),
        record(
            records,
            "support-router",
            "bias_audit",
            text,
            held(fair(text), router(text)),
            cells=cells,
            days=40,
        ),
        record(records, "claims-agent", "hallucination_sampling", text, None, cells=cells, days=1),
    ]
    if again:
        before = record(
            records, "loan-approval", "explanation_sampling", text, invention(text), cells=cells, days=33
        )
        evidence.append(before)
    return build(projects, catalog(text), evidence, as_of=DAY, kit_version="0.1.0", damaged=[])


def catalog(text: Say) -> Catalog:
    return Catalog(
        risks={r.id: r for r in risks(text)},
        regulations={},
        matrices={"iso-5x5": matrix(text)},
        vocabulary=Vocabulary(role={}, jurisdiction={}, sector={}, use_case={}, flags={}, asks={}),
    )


def matrix(text: Say) -> Matrix:
    rows = [
        [LOW, LOW, LOW, MEDIUM, MEDIUM],
        [LOW, LOW, MEDIUM, MEDIUM, HIGH],
        [LOW, MEDIUM, MEDIUM, HIGH, HIGH],
        [MEDIUM, MEDIUM, HIGH, HIGH, CRITICAL],
        [MEDIUM, HIGH, HIGH, CRITICAL, CRITICAL],
    ]
    steps = tuple(text(s) for s in ("rare", "unlikely", "possible", "likely", "almost certain"))
    return Matrix(
        id="iso-5x5",
        title=text("Five by five matrix"),
        about=text("A matrix for tests."),
        source=text("own"),
        likelihood=steps,
        impact=steps,
        rows=tuple(map(tuple, rows)),
    )


def risks(text: Say) -> list[Risk]:
    def risk(
        id: str, title: str, category: Category, evidence: tuple[str, ...], reason: str = "", **more: Any
    ) -> Risk:
        return Risk(
            id=id,
            title=text(title),
            category=category,
            cause=text("Past decisions that carried a pattern are learned as if they were a rule."),
            event=text("People in one group are turned down more often than others in the same position."),
            consequence=text(
                "Households go without credit they could have carried; the lender answers for it."
            ),
            who_is_hurt=text("Applicants, above all those in small groups."),
            applies_to=more.get("kinds", tuple(Kind)),
            default_rating=Rating(likelihood=3, impact=4),
            evidence=evidence,
            not_measurable_reason=text(reason) if reason else None,
            harms=(
                Harm(
                    what=text("A lender paid after a settlement."),
                    date="2021-03-23",
                    source="https://example.org/a?b=c&d=e",
                ),
            ),
            crosswalk=(text("NIST-600-1-R06"), text("MIT-1.1")),
            body=text(
                "## What it looks like\n\nSome prose with *stress*, a [link](https://example.org) and `code`.\n"
            ),
        )

    return [
        risk(
            "decision-bias",
            "Biased decisions",
            Category.FAIRNESS,
            ("selection_rate_ratio", "statistical_parity_difference"),
        ),
        risk(
            "invented-reasons",
            "Explanations that invent facts",
            Category.TRUTHFULNESS,
            ("invention_rate",),
            kinds=(Kind.PREDICTIVE, Kind.GENAI),
        ),
        risk("uncontrolled-cost", "Cost that runs away", Category.COST, ("monthly_cost_usd",)),
        risk(
            "silent-update",
            "Silent change of the model",
            Category.ROBUSTNESS,
            ("agreement_between_versions",),
        ),
        risk(
            "lost-trust",
            "Lost trust",
            Category.SOCIETY,
            (),
            "Trust depends on people and setting, not on a figure.",
        ),
        risk(
            "tool-misuse",
            "Tools used against their purpose",
            Category.SECURITY,
            ("tool_fabrication_rate",),
            kinds=(Kind.AGENTIC,),
        ),
    ]


def profile(id: str, name: str, text: Say, **more: Any) -> Profile:
    values: dict[str, Any] = {
        "purpose": text("Recommends whether to grant a consumer loan; a person decides in every case."),
        "not_for": (text("loans to companies"), text("collections")),
        "version": text("2.1"),
        "kind": Kind.PREDICTIVE,
        "stage": Stage.PRODUCTION,
        "tier": TierDrivers(
            exposure=4, purpose=5, autonomy=Autonomy.RECOMMEND, why=text("Credit decides on lives.")
        ),
        "roles": Roles(
            owner=text("head of credit risk"),
            developer=text("lead data scientist"),
            validator=text("head of model validation"),
            approver=text("chief risk officer"),
            second_approver=text("head of compliance"),
        ),
        "facts": Facts(people_affected=text("about 40,000 applicants a year")),
        "review": Review(last=date(2026, 2, 1), next_due=date(2027, 2, 1)),
        "note": text("Generated data: no person in it exists."),
    }
    return Profile(id=id, name=text(name), **(values | more))


def loan(text: Say) -> Project:
    thresholds = (
        Threshold(
            measure="selection_rate_ratio",
            at_least=0.8,
            min_n=100,
            owner=text("head of compliance"),
            rationale=text("The four-fifths rule as a screen."),
            source=Source.LAW,
            reference=text("29 CFR 1607.4(D)"),
        ),
        Threshold(
            measure="statistical_parity_difference",
            at_least=-0.1,
            at_most=0.1,
            min_n=100,
            history=(PastBound(until=date(2026, 1, 1), at_least=-0.2, at_most=0.2, why=text("too wide")),),
        ),
        Threshold(
            measure="invention_rate",
            at_most=0.05,
            unit=text("share"),
            min_n=200,
            owner=text("head of credit risk"),
            rationale=text("What the manual sample of last year showed."),
            source=Source.BASELINE,
        ),
    )
    made = profile(
        "loan-approval",
        "Loan approval",
        text,
        thresholds=thresholds,
        datasets={
            "decisions": Dataset(
                path="data/decisions.csv",
                sha256="ab" * 32,
                about=text("One row a decision."),
                licence=text("generated"),
                personal_data=False,
                synthetic_share=1.0,
            )
        },
        targets={"explainer": TargetSpec(kind="phantom")},
        assessments={"bias_audit": Assessment()},
        risks={
            "decision-bias": RatedRisk(
                inherent=Rating(likelihood=4, impact=5),
                target=Rating(likelihood=2, impact=5),
                why=text("seen before"),
                rated_by=text("head of credit risk"),
                rated_on=date(2026, 10, 1),
            ),
            "invented-reasons": RatedRisk(
                inherent=Rating(likelihood=4, impact=3),
                why=text("new"),
                rated_by=text("head of credit risk"),
                rated_on=date(2026, 10, 1),
            ),
        },
        appetite={"fairness": MEDIUM, "truthfulness": MEDIUM, "cost": MEDIUM},
    )
    controls = (
        Control(
            id="reweigh",
            title=text("Reweighing of training data"),
            kind="preventive",
            status=ControlStatus.ACTIVE,
            acts_on="likelihood",
            risks=("decision-bias",),
            effectiveness=Effectiveness.GOOD,
            evidence=("selection_rate_ratio",),
            owner=text("lead data scientist"),
            note=text("refitted each quarter"),
        ),
        Control(
            id="appeal",
            title=text("Appeal desk with power to reverse"),
            kind="corrective",
            status=ControlStatus.PLANNED,
            acts_on="impact",
            risks=("decision-bias",),
            effectiveness=Effectiveness.FAIR,
            owner=text("head of customer care"),
            due=date(2027, 3, 1),
        ),
    )
    return Project(
        profile=made,
        profile_sha256="cd" * 32,
        controls=controls,
        decisions=decisions(text),
        findings=findings(text),
    )


def decisions(text: Say) -> tuple[Decision, ...]:
    """An acceptance whose basis has changed, and a release that stands."""
    old = Basis(row="1" * 64, evidence="2" * 64, thresholds="3" * 64, matrix="4" * 64)
    return (
        Decision(
            id="2026-10-accept",
            type=DecisionType.ACCEPT,
            subject=Subject(risk="decision-bias"),
            requested_by=text("head of credit risk"),
            decided_by=text("chief risk officer"),
            second_decider=text("head of compliance"),
            decided_on=date(2026, 10, 1),
            outcome=Outcome.APPROVED_WITH_CONDITIONS,
            rationale=text("The gap is being closed."),
            conditions=(Condition(text=text("collect more data"), due=date(2026, 11, 1)),),
            dissent=(text("the validator would wait"),),
            expires_on=date(2027, 4, 1),
            basis=old,
        ),
        Decision(
            id="2026-10-release",
            type=DecisionType.APPROVE_RELEASE,
            subject=Subject(release=text("2.1")),
            requested_by=text("lead data scientist"),
            decided_by=text("chief risk officer"),
            second_decider=text("head of compliance"),
            decided_on=date(2026, 10, 1),
            outcome=Outcome.APPROVED,
            rationale=text("Validated."),
            basis=old,
        ),
    )


def findings(text: Say) -> tuple[Finding, ...]:
    """One that is open past its date."""
    return (
        Finding(
            id="f-1",
            title=text("Small groups are not sampled"),
            severity=Severity.HIGH,
            status=FindingStatus.IN_REMEDIATION,
            risks=("decision-bias",),
            observation=text("The smallest group has 95 rows."),
            criteria=text("policy 4.2"),
            raised_by=text("head of model validation"),
            raised_on=date(2026, 9, 1),
            owner=text("lead data scientist"),
            due=date(2026, 11, 1),
            actions=(Action(text=text("oversample"), owner=text("data office"), due=date(2026, 12, 1)),),
            response=text("agreed"),
            validation_note=text("seen"),
            reopened=1,
        ),
    )


def router(text: Say) -> Project:
    made = profile(
        "support-router",
        "Support router",
        text,
        kind=Kind.GENAI,
        stage=Stage.VALIDATION,
        tier=TierDrivers(
            exposure=3,
            purpose=2,
            autonomy=Autonomy.ACT_WITH_APPROVAL,
            why=text("Letters wait longer at worst."),
        ),
        thresholds=(
            Threshold(
                measure="selection_rate_ratio",
                at_least=0.8,
                min_n=100,
                owner=text("head of support"),
                rationale=text("Equal waiting."),
                source=Source.POLICY,
            ),
            Threshold(
                measure="statistical_parity_difference",
                at_least=-0.1,
                at_most=0.1,
                owner=text("head of support"),
                rationale=text("Equal waiting."),
                source=Source.POLICY,
            ),
        ),
        appetite={"fairness": HIGH},
        review=Review(next_due=date(2026, 9, 1), cadence_months=6),
    )
    return Project(profile=made, profile_sha256="ce" * 32)


def agent(text: Say) -> Project:
    return Project(
        profile=profile("claims-agent", "Claims agent", text, kind=Kind.AGENTIC, stage=Stage.BUILD, note=""),
        profile_sha256="cf" * 32,
    )


def bias(text: Say) -> tuple[Measurement, ...]:
    method = text("bootstrap over the table of counts")
    return (
        Measurement(
            measure="selection_rate_ratio",
            segment=text("sex"),
            value=0.896834,
            low=0.823921,
            high=0.975512,
            n=1000,
            unit="ratio",
            method=method,
        ),
        Measurement(
            measure="selection_rate_ratio",
            segment=text("sex and age: women of 25 or less"),
            value=0.591002,
            low=0.4712,
            high=0.7411,
            n=1000,
            unit="ratio",
            method=method,
            note=text("smallest group: 95 rows"),
        ),
        Measurement(
            measure="statistical_parity_difference",
            segment=text("age"),
            value=-0.149448,
            low=-0.223415,
            high=-0.074981,
            n=1000,
            method=method,
        ),
    )


def held(measurements: tuple[Measurement, ...], project: Project) -> tuple[Measurement, ...]:
    """``measurements`` with the thresholds of ``project`` that were in force."""
    bound = project.profile.threshold
    return tuple(m.model_copy(update={"threshold": bound(m.measure, m.segment)}) for m in measurements)


def invention(text: Say) -> tuple[Measurement, ...]:
    return (
        Measurement(
            measure="invention_rate",
            value=0.0625,
            low=0.0412,
            high=0.0934,
            n=240,
            unit=text("share"),
            method=text("Wilson, clustered by prompt"),
        ),
        Measurement(
            measure="agreement_between_versions",
            value=None,
            undefined=text("only one version answered"),
            n=0,
            method=text("exact McNemar"),
        ),
    )


def fair(text: Say) -> tuple[Measurement, ...]:
    method = text("bootstrap over the table of counts")
    return (
        Measurement(
            measure="selection_rate_ratio",
            value=0.981,
            low=0.942,
            high=1.013,
            n=4210,
            unit="ratio",
            method=method,
        ),
        Measurement(
            measure="statistical_parity_difference", value=0.011, low=-0.018, high=0.04, n=4210, method=method
        ),
    )


def record(
    records: Path,
    project: str,
    assessment: str,
    text: Say,
    measurements: tuple[Measurement, ...] | None,
    *,
    days: int,
    cells: list[dict[str, Any]] | None = None,
) -> Evidence:
    """A record of a run ``days`` days before DAY; without measurements it failed."""
    started = datetime(2026, 11, 20, 2, 0, tzinfo=UTC) - timedelta(days=days)
    folder = f"{project}/{assessment}/{started:%Y%m%dT%H%M%SZ}-0a1b2c3d"
    notebook = json.dumps(
        {"cells": cells if cells is not None else notebook_cells(text, failed=measurements is None)}
    )
    (records / folder).mkdir(parents=True, exist_ok=True)
    (records / folder / "notebook.ipynb").write_text(notebook, encoding="utf-8", errors="surrogatepass")
    concluded = measurements and Conclusion(
        project=project,
        assessment=assessment,
        measurements=measurements,
        inputs=(Input(path=text("data/decisions.csv"), sha256="ab" * 32, rows=1000, about=text("as sent")),),
        simulated=assessment == "explanation_sampling",
        models=(text("phantom"),),
        notes=(text("One group is small."),),
    )
    return Evidence(
        project=project,
        assessment=assessment,
        conclusion=concluded or None,
        run=RunFacts(
            status=Status.OK if concluded else Status.FAILED,
            reason="" if concluded else text("cell 5 raised ValueError: column 'approved' is missing"),
            notebook=text(f"notebooks/{assessment}.ipynb"),
            notebook_sha256="12" * 32,
            parameters={"project": project, "draws": 2000, "note": text("as passed"), "nothing": None},
            started=started,
            ended=started + timedelta(seconds=14),
            duration_seconds=14.2,
            valid_until=started + timedelta(days=90),
            kit_version="0.1.0",
            kit_sha256="34" * 32,
            python="3.11.2",
            environment={text("pandas"): text("2.3")},
            git_commit="5" * 40,
            git_dirty=True,
            cells=7,
        ),
        files={"notebook.ipynb": digest(notebook.encode("utf-8", "surrogatepass"))},
        folder=folder,
        sha256=digest(folder),
    )


CHANGED = Change(
    project="loan-approval",
    risk="decision-bias",
    move="up",
    before=Level.MEDIUM,
    after=Level.CRITICAL,
    verdict_before=Verdict.MET,
    verdict_after=Verdict.BREACHED,
    notes=(Note(kind="method-change", subject="selection_rate_ratio", what="version 1 to 2"),),
)
"""A row that went up since a snapshot, measured by another method than before."""

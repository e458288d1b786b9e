"""Matrices: a level is looked up, a coarser grid never flatters, and the FINOS arithmetic shows its raw number."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

from riskkit import catalog as catalogue
from riskkit.errors import InputError
from riskkit.model import Effectiveness, Factors, Level, Matrix, Rating
from riskkit.register.walk import walk
from tests import example_catalog
from tests.example_rows import FIVE, build, catalog, control, entry, grid, project, risk, run

SHIPPED = example_catalog.SHIPPED.matrices
ALL = [Rating(likelihood=a, impact=b) for a, b in product(range(1, 6), repeat=2)]
FINOS = SHIPPED["finos-5x5"]
EXACT = FINOS.model_copy(update={"factors": FINOS.factors.model_copy(update={"rounding": "exact"})})


def rated(likelihood, impact, **more):
    return {"bias": {"inherent": {"likelihood": likelihood, "impact": impact}, "why": "w", "rated_by": "o",
                     "rated_on": "2026-01-01", **more}}  # fmt: skip


def credited(likelihood, impact, strength, matrix, axis="likelihood"):
    weighed = [(control(acts_on=axis), strength, ())]
    return walk(Rating(likelihood=likelihood, impact=impact), weighed, matrix)[-1]


def test_four_matrices_are_shipped():
    assert set(SHIPPED) == {"iso-5x5", "iso-4x4", "iso-3x3", "finos-5x5"}


@pytest.mark.parametrize("name", ["iso-4x4", "iso-3x3"])
def test_each_cell_of_a_coarser_grid_is_the_worst_of_the_cells_it_stands_for(name):
    coarse, five = SHIPPED[name], SHIPPED["iso-5x5"]
    folded = {}
    for rating in ALL:
        fitted = coarse.fit(rating)
        key = (fitted.likelihood, fitted.impact)
        folded[key] = max(folded.get(key, Level.LOW), five.level(rating), key=lambda level: level.rank)
    assert folded == {(a, b): level for a, row in enumerate(coarse.rows, 1) for b, level in enumerate(row, 1)}


@pytest.mark.parametrize("name", ["iso-4x4", "iso-3x3"])
def test_no_risk_looks_smaller_on_a_coarser_grid_whatever_controls_earn(name):
    coarse, five = SHIPPED[name], SHIPPED["iso-5x5"]
    for rating, likely, hard in product(ALL, Effectiveness, Effectiveness):
        earned = [(control(), likely, ()), (control(acts_on="impact"), hard, ())]
        assert (
            walk(coarse.fit(rating), earned, coarse)[-1].level.rank
            >= walk(rating, earned, five)[-1].level.rank
        )


def test_the_catalogues_default_is_read_on_a_smaller_grid_rounded_up_and_says_so():
    three = grid("low low medium", "low medium high", "medium high critical")
    row = entry(risks=(risk(default_rating={"likelihood": 2, "impact": 4}),), matrix=three)
    assert (row.inherent_rating.likelihood, row.inherent_rating.impact) == (2, 3)
    assert "the default 2, 4 on the scale of five reads 2, 3 here, rounded up" in row.why


def test_a_rating_outside_the_grid_is_refused_and_never_read_as_a_lower_one():
    three = grid("low low medium", "low medium high", "medium high critical")
    with pytest.raises(ValueError, match="4, 4 is outside the scale of grid"):
        entry(of=project(risks=rated(4, 4)), matrix=three)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": (("low", "low"),)}, "is not 2 rows of 2 levels"),
        ({"rows": (("low", "low"), ("low",))}, "is not 2 rows of 2 levels"),
        ({"rows": (("medium", "low"), ("medium", "high"))}, "falls where likelihood or impact rises"),
        ({"rows": (("low", "medium"), ("low", "low"))}, "falls where likelihood or impact rises"),
        ({"likelihood": ("1",)}, "at least 2 items"),
        ({"likelihood": tuple("123456"), "rows": (("low", "low"),) * 6}, "at most 5 items"),
        ({"moves": {"fair": 2, "good": 1}}, "must not move less than a weaker one"),
        ({"moves": {"none": 1}}, "must not move less than a weaker one"),
    ],
)
def test_a_grid_that_is_none_is_refused(change, message):
    good = {"id": "g", "title": "t", "about": "a", "source": "s", "likelihood": ("1", "2"),
            "impact": ("1", "2"), "rows": (("low", "low"), ("low", "high"))}  # fmt: skip
    assert Matrix.model_validate(good)
    with pytest.raises(ValidationError, match=message):
        Matrix.model_validate(good | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factor": {"none": 1, "weak": 0.8}}, "give a factor for each"),
        ({"factor": {"none": 1, "weak": 0.4, "fair": 0.6, "good": 0.3, "strong": 0.2}}, "none greater"),
        ({"factor": {"none": 0.9, "weak": 0.4, "fair": 0.3, "good": 0.3, "strong": 0.2}}, "none"),
        ({"below": {"low": 5, "medium": 4, "high": 16}}, "rising upper ends"),
        ({"below": {"low": 5, "medium": 10}}, "rising upper ends"),
        ({"below": {"low": 5, "medium": 10, "high": 16, "critical": 26}}, "none for critical"),
        ({"rounding": "down"}, "as_published"),
    ],
)
def test_factors_that_cannot_be_are_refused(change, message):
    good = FINOS.factors.model_dump()
    with pytest.raises(ValidationError, match=message):
        Factors.model_validate(good | change)


def test_factors_must_band_the_inherent_product_as_the_rows_do():
    with pytest.raises(ValidationError, match="band likelihood 1 x impact 5 otherwise than rows do"):
        Matrix.model_validate(FINOS.model_dump() | {"rows": [row.split() for row in (
            "low low low low high", "low low medium medium high", "low medium medium high high",
            "low medium high critical critical", "high high high critical critical")]})  # fmt: skip


# FINOS


def test_nine_point_six_is_high_as_published_and_medium_by_exact_bands():
    # 12 x 0.8 and 16 x 0.6 are both 9.6; rounded half up that is 10, where high begins
    for likelihood, impact, strength in ((3, 4, Effectiveness.WEAK), (4, 4, Effectiveness.FAIR)):
        published = credited(likelihood, impact, strength, FINOS)
        exact = credited(likelihood, impact, strength, EXACT)
        assert (published.score, published.level) == (9.6, Level.HIGH)
        assert (exact.score, exact.level) == (9.6, Level.MEDIUM)


def test_exactly_five_of_seventy_scores_fall_into_a_gap_and_rounding_up_would_decide_them_alike():
    products = {r.likelihood * r.impact for r in ALL}
    scores = [(p, f, round(p * f, 9)) for p in products for f in (1.0, 0.8, 0.6, 0.4, 0.25)]
    gaps = sorted((p, f) for p, f, s in scores if s % 1 and math.floor(s) in (4, 9, 15))
    assert len(scores) == 70
    assert gaps == [(6, 0.8), (8, 0.6), (12, 0.4), (12, 0.8), (16, 0.6)]
    for _, _, score in scores:
        assert FINOS.factors.level(score) == EXACT.factors.level(math.ceil(score - 1e-9))


def test_the_walk_by_factor_prints_the_raw_number():
    step = credited(4, 4, Effectiveness.FAIR, FINOS)
    assert "16 x 0.6 = 9.6, banded as published" in step.what
    row = entry(run(), of=project(controls=[control()], risks=rated(4, 4)), matrix=FINOS)
    assert [s.score for s in row.walk] == [16, 9.6]
    assert (row.residual_score, row.residual, row.inherent) == (9.6, "high", "critical")


def test_by_factor_the_best_control_counts_whichever_axis_it_acts_on():
    weighed = [
        (control(id="a"), Effectiveness.FAIR, ()),
        (control(id="b", acts_on="impact"), Effectiveness.GOOD, ()),
        (control(id="c"), Effectiveness.GOOD, ()),
    ]
    steps = walk(Rating(likelihood=5, impact=5), weighed, FINOS)
    assert [(s.control, s.counts, s.score) for s in steps] == [
        ("", False, 25), ("a", False, 25), ("b", True, 10), ("c", False, 10)
    ]  # fmt: skip


# (likelihood, impact, what the control is declared to be worth, whether it is in place)
REGISTER_OF_38 = [
    (4, 4, "good", False), (3, 4, "weak", True), (5, 3, "fair", False), (4, 4, "fair", True), (2, 5, "good", True),
    (5, 5, "strong", False), (3, 3, "fair", True), (4, 5, "good", False), (3, 5, "fair", False), (2, 3, "weak", True),
    (4, 3, "good", False), (5, 4, "strong", True), (1, 5, "fair", True), (3, 4, "good", False), (4, 4, "good", True),
    (2, 4, "fair", False), (5, 2, "fair", True), (4, 2, "weak", False), (3, 3, "good", False), (5, 4, "good", False),
    (4, 5, "strong", True), (2, 2, "weak", True), (3, 5, "good", True), (4, 3, "weak", True), (5, 3, "good", False),
    (1, 4, "weak", True), (4, 4, "strong", False), (3, 2, "fair", True), (5, 5, "good", True), (2, 5, "fair", False),
    (4, 5, "fair", False), (3, 4, "fair", False), (5, 3, "weak", True), (4, 4, "weak", False), (2, 4, "good", True),
    (3, 5, "strong", False), (1, 3, "fair", True), (5, 4, "fair", False),
]  # fmt: skip


def finos_register(*, believe_plans: bool) -> list[Level]:
    """Residual levels of 38 rows, each with one control, some of which are only planned."""
    runs = (run(0.89, 0.95, days_ago=5), run(0.9, 0.95))
    review = {"by": "head of model validation", "on": "2026-06-01", "document": "memo"}
    risks, rows, controls = [], {}, []
    for number, (likelihood, impact, worth, in_place) in enumerate(REGISTER_OF_38):
        name = f"r{number}"
        risks.append(risk(name))
        rows[name] = rated(likelihood, impact)["bias"]
        status = "active" if in_place or believe_plans else "planned"
        controls.append(
            control(id=f"c{number}", risks=[name], effectiveness=worth, status=status, reviewed=review)
        )
    built = build(*runs, of=project(risks=rows, controls=controls), risks=tuple(risks), matrix=FINOS)
    return [e.residual for e in built.projects[0].entries]


def test_a_finos_register_of_38_rows_with_plans_believed_and_not():
    believed, measured = finos_register(believe_plans=True), finos_register(believe_plans=False)
    above = [sum(level.rank >= Level.HIGH.rank for level in levels) for levels in (believed, measured)]
    moved = sum(a is not b for a, b in zip(believed, measured, strict=True))
    planned = [row for row in REGISTER_OF_38 if not row[3]]
    assert len(REGISTER_OF_38) == 38
    assert all(a.rank <= b.rank for a, b in zip(believed, measured, strict=True))
    # by hand: what each planned row scores when its plan is believed, and when it earns nothing
    factor = {"weak": 0.8, "fair": 0.6, "good": 0.4, "strong": 0.25}

    def band(score):
        whole = math.floor(score + 0.5)
        return sum(whole >= limit for limit in (5, 10, 16))

    assert moved == sum(band(a * b * factor[w]) != band(a * b) for a, b, w, _ in planned)
    full = [band(a * b * factor[w]) for a, b, w, _ in REGISTER_OF_38]
    real = [band(a * b * (factor[w] if done else 1)) for a, b, w, done in REGISTER_OF_38]
    assert above == [sum(b >= 2 for b in bands) for bands in (full, real)]
    assert (len(planned), moved, above) == (19, 17, [8, 21])


# reading


def test_a_malformed_matrix_of_the_workspace_is_reported_with_its_line(tmp_path: Path):
    folder = tmp_path / "matrices"
    folder.mkdir()
    (folder / "own.yml").write_text(
        "title: Own\nabout: a\nsource: s\nlikelihood: [a, b]\nimpact: [a, b]\nrows:\n  - [low, high]\n"
        "  - [low, lo]\nmoves: {fair: -1}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        catalogue.load(tmp_path)
    (first, second) = map(str, caught.value.problems)
    assert first.startswith("catalog/matrices/own.yml:8: rows[1][1]: 'lo' is not an allowed value")
    assert second.startswith("catalog/matrices/own.yml:9: moves: a stronger control must not move less")


def test_a_grid_that_falls_is_reported_where_its_rows_stand(tmp_path: Path):
    folder = tmp_path / "matrices"
    folder.mkdir()
    (folder / "own.yml").write_text(
        "title: Own\nabout: a\nsource: s\nlikelihood: [a, b]\nimpact: [a, b]\nrows:\n  - [high, low]\n"
        "  - [low, low]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        catalogue.load(tmp_path)
    assert [str(p) for p in caught.value.problems] == [
        "catalog/matrices/own.yml:6: rows: has a level that falls where likelihood or impact rises"
    ]


def test_the_test_grid_is_the_shipped_one():
    assert [" ".join(row) for row in SHIPPED["iso-5x5"].rows] == list(FIVE)
    assert catalog(matrix=SHIPPED["iso-5x5"]).matrices

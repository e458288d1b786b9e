"""Generated rows beside real ones: worked by hand where they are small, held to theory where they are drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskkit.measures import (
    collapse,
    copies,
    diversity,
    fidelity,
    generations,
    inherited_bias,
    provenance,
    tails,
)
from riskkit.model import Dataset, Measurement


def people(n: int, seed: int) -> pd.DataFrame:
    """Rows with two numbers, a group and an outcome that is rarer in group c."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    chosen = rng.random(n) < np.where(group == "c", 0.4, 0.6)
    kinds = rng.choice(
        [f"k{i}" for i in range(12)], n, p=np.array([40, 30, 10, 5, 4, 3, 2, 2, 1, 1, 1, 1]) / 100
    )
    return pd.DataFrame(
        {
            "income": rng.lognormal(0, 0.6, n),
            "height": rng.normal(0, 1, n),
            "group": group,
            "kind": kinds,
            "outcome": np.where(chosen, "yes", "no"),
        }
    )


def held(m: Measurement, truth: float) -> bool:
    assert m.low is not None
    assert m.high is not None
    return m.low <= truth <= m.high


# Fidelity


def test_column_distances_are_those_of_hand_and_of_scipy() -> None:
    real = pd.DataFrame({"x": [1.0, 2, 3, 4] * 20, "c": ["a", "a", "b", "b"] * 20})
    new = pd.DataFrame({"x": [3.0, 4, 5, 6] * 20, "c": ["a", "b", "b", "b"] * 20})
    table = fidelity.column_distances(real, new).set_index("column")
    assert table.loc["x", "distance"] == pytest.approx(0.5)
    assert table.loc["x", "shift"] == pytest.approx(2 / real["x"].std(ddof=0))
    assert table.loc["x", "p"] == pytest.approx(stats.ks_2samp(real["x"], new["x"]).pvalue)
    assert table.loc["c", "distance"] == pytest.approx(0.25)
    assert (table["p_adjusted"] >= table["p"]).all()


@pytest.mark.slow
def test_a_classifier_tells_shifted_rows_and_not_fresh_ones() -> None:
    real, fresh = people(600, 1), people(600, 2)
    assert held(fidelity.two_sample_auc(real, fresh), 0.5)
    moved = fidelity.two_sample_auc(real, fresh.assign(height=fresh["height"] + 1))
    assert moved.low is not None
    assert moved.low > 0.6


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (pd.DataFrame({"x": [1.0]}), "in one table alone: y"),
        (pd.DataFrame({"x": ["a"], "y": ["b"]}), "a number in one table and text in the other: x"),
    ],
)
def test_tables_that_do_not_match_are_refused(new: pd.DataFrame, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fidelity.column_distances(pd.DataFrame({"x": [1.0], "y": ["b"]}), new)


def test_no_column_left_is_refused() -> None:
    table = pd.DataFrame({"id": [1.0]})
    with pytest.raises(ValueError, match="no column is left"):
        fidelity.comparable(table, table, leave_out=["id"])


@pytest.mark.parametrize(
    "measure",
    [
        fidelity.two_sample_auc,
        diversity.diversity_ratio,
        tails.tail_coverage,
        tails.mean_tail_coverage,
        copies.near_copy_share,
    ],
)
def test_too_few_rows_give_no_number(measure) -> None:
    found = measure(people(200, 1), people(8, 2))
    assert found.value is None
    assert "8 " in found.undefined


# Diversity


def test_distinct_words_similarity_and_unseen_share_by_hand() -> None:
    texts = ["the cat sat", "the cat ran"]
    assert diversity.distinct_n(texts, 1) == pytest.approx(4 / 6)
    assert diversity.distinct_n(texts, 2) == pytest.approx(3 / 4)
    assert diversity.self_similarity(texts) == pytest.approx(2 / 4)
    assert diversity.unseen_share([3, 1, 1]) == pytest.approx(2 / 5)
    assert diversity.compression_ratio(["abc " * 400]) > 20


def test_the_vendi_score_counts_what_is_different() -> None:
    assert diversity.vendi_score(np.eye(7)) == pytest.approx(7)
    assert diversity.vendi_score(np.ones((7, 7))) == pytest.approx(1)
    two = np.kron(np.eye(2), np.ones((3, 3)))
    assert diversity.vendi_score(two) == pytest.approx(2)
    half = np.array([[1, 0.5], [0.5, 1]])
    assert diversity.vendi_score(half) == pytest.approx(np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))))


@pytest.mark.slow
def test_rows_from_the_same_source_are_as_varied_and_repeated_ones_less() -> None:
    real = people(500, 1)
    assert held(diversity.diversity_ratio(real, people(500, 2)), 1)
    narrow = people(40, 3).sample(500, replace=True, random_state=0)
    found = diversity.diversity_ratio(real, narrow)
    assert found.high is not None
    assert found.high < 0.9


@pytest.mark.slow
def test_texts_of_few_patterns_are_less_varied() -> None:
    rng = np.random.default_rng(0)
    free = pd.DataFrame({"t": [" ".join(f"w{i}" for i in rng.integers(0, 400, 8)) for _ in range(200)]})
    stiff = pd.DataFrame({"t": [f"the claim w{i % 9} was paid" for i in range(200)]})
    found = diversity.diversity_ratio(free, stiff, text="t")
    assert found.high is not None
    assert found.high < 0.3
    table = diversity.profile(free, stiff, text="t").set_index("figure")
    assert table.loc["similarity to each other", "generated"] > table.loc["similarity to each other", "real"]
    assert diversity.profile(free, stiff, text="").empty
    with pytest.raises(ValueError, match="no column 'nope'"):
        diversity.diversity_ratio(free, stiff, text="nope")


# Tails


def test_the_tail_of_a_cut_column_is_gone_and_the_column_is_named() -> None:
    real = people(2000, 1)
    low, high = real["income"].quantile([0.025, 0.975])
    new = people(2000, 2)
    found = tails.tail_coverage(real, new[new["income"].between(low, high)])
    assert found.value == 0
    assert found.high is not None
    assert found.high < 0.2
    assert found.note.startswith("income")


def test_coverage_by_column_by_hand() -> None:
    real = pd.DataFrame({"x": np.arange(1.0, 101), "kind": ["rare"] * 2 + ["usual"] * 98})
    new = pd.DataFrame({"x": np.full(100, 50.0), "kind": ["rare"] + ["usual"] * 99})
    table = tails.by_column(real, new).set_index("column")
    assert table.loc["x", "coverage"] == 0
    assert table.loc["kind", "real"] == pytest.approx(0.02)
    assert table.loc["kind", "coverage"] == pytest.approx(0.5)


def test_missing_kinds_are_held_against_what_chance_would_miss() -> None:
    real = pd.DataFrame({"kind": ["a"] * 90 + ["b"] * 9 + ["c"]})
    new = pd.DataFrame({"kind": ["a"] * 100})
    row = tails.missing_kinds(real, new).iloc[0]
    assert (row["kinds"], row["missing"]) == (3, 2)
    assert row["missing_share"] == pytest.approx(0.10)
    expected = 0.9 * 0.1**100 + 0.09 * 0.91**100 + 0.01 * 0.99**100
    assert row["expected_share"] == pytest.approx(expected)


# Copies


def test_planted_near_copies_are_counted_and_an_honest_sample_has_one_in_a_hundred() -> None:
    real, fresh = people(1000, 1), people(1000, 2)
    assert held(copies.near_copy_share(real, fresh), 0.01)
    repeated = real.head(60).assign(income=real["income"].head(60) * 1.0001)
    found = copies.near_copy_share(real, pd.concat([fresh.head(940), repeated]), holdout=[people(500, 3)])
    assert held(found, 0.06 + 0.94 * 0.01)
    assert "of 500 rows held out" in found.note


def test_too_few_real_rows_to_say_what_is_near_give_no_share_of_near_copies() -> None:
    found = copies.near_copy_share(people(999, 1), people(300, 2))
    assert (found.value, found.undefined) == (
        None,
        "999 real rows, 1000 are needed for the closest 1% to be 10",
    )


def test_exact_copies_are_counted_in_every_column_and_twins_are_told() -> None:
    real = pd.DataFrame({"x": [1.0, 2, 3, 3], "c": ["a", "b", "c", "c"]})
    new = pd.DataFrame({"x": [1.0, 2, 9], "c": ["a", "x", "c"]})
    found = copies.exact_copy_share(real, new)
    assert found.value == pytest.approx(1 / 3)
    assert "0.500 of the real rows have a twin" in found.note


def test_where_real_rows_are_alike_a_copy_cannot_be_told() -> None:
    alike = pd.DataFrame({"c": ["a", "b"] * 100})
    found = copies.near_copy_share(alike, alike)
    assert found.value is None
    assert "alike" in found.undefined


def test_the_table_of_copies_shows_no_value_of_a_row() -> None:
    real = people(100, 1)
    table = copies.check(real, real.head(60))
    assert list(table.columns) == ["row", "distance", "bound", "near", "exact"]
    assert table["exact"].all()


# Groups


def test_a_widened_gap_is_amplification_and_a_kept_one_is_not() -> None:
    real, fresh = people(4000, 1), people(4000, 2)
    how = {"group": "group", "outcome": "outcome", "favourable": "yes"}
    assert held(inherited_bias.bias_amplification(real, fresh, **how), 0)
    worse = fresh.copy()
    worse.loc[(worse["group"] == "c") & (np.arange(4000) % 2 == 0), "outcome"] = "no"
    found = inherited_bias.bias_amplification(real, worse, **how)
    assert held(found, 0.2)
    assert found.low is not None
    assert found.low > 0
    assert found.note.startswith("c: gap -0.")


def test_the_change_of_a_gap_by_hand() -> None:
    def table(yes_a: int, yes_b: int) -> pd.DataFrame:
        outcome = ["y"] * yes_a + ["n"] * (100 - yes_a) + ["y"] * yes_b + ["n"] * (100 - yes_b)
        return pd.DataFrame({"g": ["a"] * 100 + ["b"] * 100, "o": outcome})

    rows = inherited_bias.gaps(table(60, 40), table(70, 40), group="g", outcome="o", favourable="y")
    assert rows["change"].abs().to_list() == pytest.approx([0.1, 0.1])
    assert rows.set_index("group").loc["a", "gap_real"] == pytest.approx(0.2)


def test_a_group_that_shrank_is_named() -> None:
    real = people(3000, 1)
    fresh = people(3000, 2)
    kept = fresh[(fresh["group"] != "c") | (np.arange(3000) % 2 == 0)]
    found = inherited_bias.group_representation_ratio(real, kept, group="group")
    assert found.note.startswith("c: 0.6")
    assert found.high is not None
    assert found.high < 0.8


def test_groups_that_cannot_be_compared_give_no_number() -> None:
    real = people(300, 1)
    what = {"outcome": "outcome", "favourable": "yes"}
    assert inherited_bias.bias_amplification(real, real, group="nope", **what).value is None
    assert (
        inherited_bias.bias_amplification(real, real, group="group", outcome="outcome", favourable="?").value
        is None
    )
    assert inherited_bias.group_representation_ratio(real, real, group="nope").value is None
    assert (
        inherited_bias.bias_amplification(real.assign(group="a"), real, group="group", **what).value is None
    )


# Provenance


def test_the_share_of_generated_rows_is_weighted_by_rows() -> None:
    found = provenance.synthetic_share([people(300, 1), people(100, 2)], [0.0, 1.0])
    assert (found.value, found.low, found.high, found.n) == (0.25, 0.25, 0.25, 400)
    with pytest.raises(ValueError, match="as many shares"):
        provenance.synthetic_share([people(3, 1)], [])


def test_a_licence_that_nobody_knows_is_a_gap() -> None:
    data = {
        name: Dataset(path=f"data/{name}.csv", licence=licence, personal_data=False, synthetic_share=0.0)
        for name, licence in {"a": "CC BY 4.0", "b": "unknown", "c": "TBD"}.items()
    }
    found = provenance.licence_gap_share(data)
    assert found.value == pytest.approx(2 / 3)
    assert found.note == "b, c"
    assert provenance.licence_gap_share({}).value is None


# Collapse


def test_replacement_grows_by_the_first_error_each_generation() -> None:
    table = collapse.simulate("replace", generations=12, rows=200, features=10, runs=150, seed=1)
    assert (
        (table["low"] <= table["theory"] * 1.02) & (table["theory"] * 0.98 <= table["high"])
    ).mean() >= 0.8
    slope = np.polyfit(table["generation"], table["error"], 1)[0]
    assert slope == pytest.approx(10 / 189, rel=0.12)


def test_accumulation_stays_below_pi_squared_over_six_of_the_first_error() -> None:
    table = collapse.simulate("accumulate", generations=40, rows=200, features=10, runs=150, seed=2)
    assert table["error"].iloc[-1] < collapse.CEILING * table["theory"].iloc[0] * 1.05
    assert (table["theory"] < collapse.CEILING * 10 / 189).all()
    assert table["error"].iloc[-1] < 1.25 * table["error"].iloc[9]


def test_a_mix_settles_where_the_closed_form_says() -> None:
    table = collapse.simulate("mix", real_share=0.3, generations=15, rows=300, features=10, runs=150, seed=3)
    settled = 10 / 289 / (1 - 0.7**2)
    assert table["error"].tail(5).mean() == pytest.approx(settled, rel=0.08)


def test_the_share_to_keep_and_the_generations_it_lasts_by_hand() -> None:
    assert collapse.real_share_to_keep(4 / 3) == pytest.approx(0.5)
    assert collapse.generations_until(3) == 4
    assert collapse.generations_until(1.7, real_share=0.2) == 3
    assert collapse.generations_until(4 / 3, real_share=0.5) is None
    with pytest.raises(ValueError, match="above 1"):
        collapse.real_share_to_keep(1)


def test_evenness_falls_as_wright_says() -> None:
    table = collapse.types_left(types=20, rows=50, generations=30, runs=400, seed=1)
    assert table["evenness"].iloc[-1] == pytest.approx(0.95 * (1 - 1 / 50) ** 30, rel=0.05)
    assert table["types"].is_monotonic_decreasing
    kept = collapse.types_left(types=20, rows=50, generations=30, real_share=0.3, runs=50)
    assert kept["types"].iloc[-1] > 1.5 * table["types"].iloc[-1]


@pytest.mark.parametrize("wrong", [{"rows": 20}, {"generations": 0}, {"runs": 1}, {"real_share": 1.2}])
def test_plans_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"rows do not|generations in|share lies"):
        collapse.simulate("mix", **{"generations": 3, "rows": 100, "features": 20, "runs": 2, **wrong})


# Generations


def figures(values: list[float], reach: float) -> pd.DataFrame:
    rows = [("diversity_ratio", i, v, v - reach, v + reach, 500) for i, v in enumerate(values, 1)]
    return pd.DataFrame(rows, columns=["measure", "generation", "value", "low", "high", "n"])


def test_a_falling_figure_has_a_slope_below_zero_by_hand() -> None:
    (found,) = generations.trends(figures([1.0, 0.9, 0.8, 0.7], 0.05))
    assert found.measure == "diversity_ratio_trend"
    assert found.value == pytest.approx(-0.1)
    assert found.high == pytest.approx(-0.1 + 0.05 / np.sqrt(5))


def test_scatter_that_the_intervals_do_not_explain_widens_the_trend() -> None:
    (found,) = generations.trends(figures([1.0, 0.5, 1.2, 0.7], 0.02))
    assert held(found, 0)


def test_two_generations_are_no_trend() -> None:
    (found,) = generations.trends(figures([1.0, 0.5], 0.02))
    assert found.value is None


@pytest.mark.slow
def test_generations_that_narrow_are_seen() -> None:
    real = people(600, 1)
    made, last = [], real
    for seed in range(4):
        middle = last[last["height"].between(*last["height"].quantile([0.08, 0.92]))]
        made.append(last := middle.sample(600, replace=True, random_state=seed).reset_index(drop=True))
    found = {m.measure: m for m in generations.trends(generations.over_generations(real, made))}
    assert found["diversity_ratio_trend"].high is not None
    assert found["diversity_ratio_trend"].high < 0

"""Metrics of a count table against fairlearn's own, point by point and interval by interval."""

from collections.abc import Iterable

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score

from riskkit.measures import confusion, fairness

pytestmark = pytest.mark.slow

THEIRS = {
    "selection_rate": fairlearn.selection_rate,
    "true_positive_rate": fairlearn.true_positive_rate,
    "false_positive_rate": fairlearn.false_positive_rate,
    "false_negative_rate": fairlearn.false_negative_rate,
    "true_negative_rate": fairlearn.true_negative_rate,
    "precision": lambda y_true, y_pred: precision_score(y_true, y_pred, zero_division=0),
    "accuracy": lambda y_true, y_pred: float(np.mean(np.asarray(y_true) == np.asarray(y_pred))),
    "base_rate": lambda y_true, y_pred: float(np.mean(y_true)),
}


def frame_of(
    table: pd.DataFrame, columns: list[str], names: Iterable[str] = THEIRS, **how: object
) -> fairlearn.MetricFrame:
    return fairlearn.MetricFrame(
        metrics={name: THEIRS[name] for name in names}, y_true=table["label"].astype(bool),
        y_pred=table["selected"].astype(bool),
        sensitive_features=table[columns].astype(str), **how,
    )  # fmt: skip


def rows(n: int, levels: tuple[int, ...], rng: np.random.Generator) -> pd.DataFrame:
    table = pd.DataFrame({f"s{i}": rng.integers(0, k, n) for i, k in enumerate(levels)}).astype(str)
    table["label"], table["selected"] = rng.random(n) < 0.4, rng.random(n) < 0.3
    return table


@st.composite
def awkward(draw):
    """Few rows, unused levels, bool, nullable and arrow columns, duplicated index, empty intersections."""
    n, seed = draw(st.integers(1, 50)), draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"a": rng.integers(0, draw(st.integers(1, 5)), n), "b": rng.integers(0, 3, n)})
    kind = draw(st.sampled_from(["str", "category", "int", "Int64", "bool", "arrow", "object"]))
    if kind == "bool":
        table["a"] = table["a"] > 1
    elif kind != "int":
        types = {"category": pd.CategoricalDtype([*map(str, range(9))]), "arrow": "string[pyarrow]"}
        table["a"] = table["a"].astype(kind if kind == "Int64" else "str").astype(types.get(kind, kind))
    table["label"] = rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0]))
    table["selected"] = rng.random(n) < draw(st.sampled_from([0.0, 0.2, 0.7, 1.0]))
    for name in ("label", "selected"):
        table[name] = table[name].astype(
            draw(st.sampled_from(["bool", "boolean", "bool[pyarrow]", "object"]))
        )
    table.index = pd.Index(np.zeros(n, int))
    return table


def equal(table: pd.DataFrame, columns: list[str]) -> None:
    """Exactly fairlearn's values, where a rate over nothing is written as 0 as fairlearn does."""
    counts = fairness.count(table, columns, by_label=True)
    theirs = frame_of(table, columns)
    by_group = theirs.by_group.dropna()
    ours = confusion.metric_frame(counts, zero=0.0).loc[by_group.index]
    assert (ours[list(THEIRS)] == by_group).all(axis=None)
    assert (confusion.overall(counts, zero=0.0)[list(THEIRS)] == theirs.overall).all()
    between = confusion.between_groups(counts, zero=0.0).loc[list(THEIRS)]
    assert (between["difference"] == theirs.difference()).all()
    assert between["ratio"].equals(theirs.ratio().astype(float).rename("ratio"))
    assert (between["lowest"] == theirs.group_min()).all()
    assert (between["highest"] == theirs.group_max()).all()


@settings(max_examples=60)
@given(awkward())
def test_eight_metrics_equal_fairlearn_exactly_overall_by_group_and_between(table):
    for columns in (["a"], ["a", "b"]):
        equal(table, columns)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [(40,), (4, 5, 21), (200,)])
def test_they_do_with_four_hundred_cells_of_which_many_are_empty(levels):
    table = rows(900, levels, np.random.default_rng(0))
    equal(table, [c for c in table if c.startswith("s")])


@settings(max_examples=30)
@given(awkward())
def test_equalized_odds_equal_fairlearn(table):
    counts = fairness.count(table, ["a"], by_label=True)
    theirs = fairlearn.equalized_odds_difference(
        table["label"].astype(bool), table["selected"].astype(bool), sensitive_features=table["a"].astype(str)
    )
    assert confusion.equalized_odds(counts, zero=0.0) == theirs


def test_the_example_of_the_fairlearn_user_guide():
    y_true = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1]
    y_pred = [0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1]
    group = list("bbacacbbbcccaccccb")
    table = pd.DataFrame({"g": group, "label": y_true, "selected": y_pred}).astype(
        {"label": bool, "selected": bool}
    )
    counts = fairness.count(table, ["g"], by_label=True)
    theirs = frame_of(table, ["g"])
    assert (
        confusion.metric_frame(counts)["selection_rate"].to_dict()
        == theirs.by_group["selection_rate"].to_dict()
    )
    assert int(counts.n.sum()) == 18


def test_nothing_over_nothing_is_undefined_here_and_zero_in_fairlearn():
    # one group without negatives: fairlearn shows a false positive rate of 0 and an equalized odds difference of 1
    table = pd.DataFrame(
        {"g": list("aabb"), "label": [True, True, False, True], "selected": [True, True, True, True]}
    )
    counts = fairness.count(table, ["g"], by_label=True)
    assert np.isnan(confusion.metric_frame(counts).loc["a", "false_positive_rate"])
    assert confusion.metric_frame(counts, zero=0.0).loc["a", "false_positive_rate"] == 0.0
    assert confusion.equalized_odds(counts) == 0.0
    assert confusion.equalized_odds(counts, zero=0.0) == 1.0


def test_a_metric_of_your_own_is_a_fraction_of_the_four_counts():
    counts = fairness.count(rows(500, (3,), np.random.default_rng(0)), ["s0"], by_label=True)
    balance = {"false_discovery_rate": lambda tn, fp, fn, tp: (fp, fp + tp)}
    ours = confusion.metric_frame(counts, metrics=balance)["false_discovery_rate"]
    assert list(ours) == pytest.approx(list(1 - confusion.metric_frame(counts)["precision"]))
    assert (
        "false_discovery_rate"
        in confusion.percentile_intervals(counts, metrics=balance, replicates=50)["overall"].index
    )


def test_a_table_without_labels_says_what_it_needs():
    counts = fairness.count(rows(20, (2,), np.random.default_rng(0)), ["s0"])
    with pytest.raises(ValueError, match="by_label=True"):
        confusion.metric_frame(counts)


@given(st.integers(0, 10_000))
def test_quantiles_are_those_of_numpy(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(37, 5))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[:, 4] = np.nan
    ours = confusion.quantiles_across(values.T, (0.025, 0.5, 0.975))
    theirs = np.nanquantile(values[:, :4], (0.025, 0.5, 0.975), axis=0)
    assert ours[:, :4] == pytest.approx(theirs, rel=1e-12)
    assert np.isnan(ours[:, 4]).all()


def test_resampling_cells_has_the_mean_and_spread_of_resampling_rows():
    counts = fairness.count(rows(400, (3,), np.random.default_rng(1)), ["s0"], by_label=True)
    drawn = confusion.resampled(counts, replicates=20_000, rng=np.random.default_rng(2))
    flat = counts.counts.reshape(-1, 4).T
    assert (drawn.sum(axis=(0, 1)) == 400).all()
    assert drawn.mean(axis=2) == pytest.approx(flat, abs=0.25)
    assert drawn.std(axis=2) == pytest.approx(np.sqrt(flat * (1 - flat / 400)), rel=0.03)


@pytest.mark.slow
def test_endpoints_differ_from_fairlearns_no_more_than_two_of_its_seeds_do():
    names = ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"]
    table = rows(1000, (4,), np.random.default_rng(3))
    counts = fairness.count(table, ["s0"], by_label=True)
    theirs = [
        frame_of(table, ["s0"], names, n_boot=80, ci_quantiles=[0.025, 0.975], random_state=seed)
        for seed in range(6)
    ]
    ours = [confusion.percentile_intervals(counts, replicates=80, seed=s, zero=0.0) for s in range(12)]

    def ends(frame, what):
        if what == "by_group":
            return np.array([f.T.to_numpy() for f in frame.by_group_ci])
        return np.array([f.to_numpy(float) for f in getattr(frame, f"{what}_ci")()])

    def mine(found, what):
        if what == "by_group":
            wide = found["by_group"].unstack(sort=False).loc[names]
            return np.array([wide[end].to_numpy() for end in ("low", "high")])
        of = found["between_groups"].xs(what, level="of").loc[names]
        return np.array([of[end].to_numpy() for end in ("low", "high")])

    # two seeds are by chance 0.03 to 0.09 of the width apart, so many pairs are averaged on both sides
    for what in ("by_group", "difference", "ratio"):
        fl, cells = [ends(f, what) for f in theirs], [mine(f, what) for f in ours]
        width = np.mean([high - low for low, high in fl], axis=0)
        itself = np.mean([np.abs(a - b) / width for i, a in enumerate(fl) for b in fl[:i]])
        apart = np.mean([np.abs(a - b) / width for a in fl for b in cells])
        assert apart <= 1.2 * itself, (what, apart, itself)

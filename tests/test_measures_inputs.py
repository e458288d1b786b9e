"""The same counts from pandas, Polars, Arrow, Dask, CSV and Parquet, in memory that does not grow with the rows."""

import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskkit import assess
from riskkit.errors import InputError
from riskkit.measures import confusion, fairness
from riskkit.targets import predictions

duckdb = pytest.importorskip("duckdb", reason='needs the extra "arrow"')
pa = pytest.importorskip("pyarrow", reason='needs the extra "arrow"')


def rows(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"sex": rng.choice(["f", "m", None], n), "age": rng.integers(18, 80, n)})
    table["selected"], table["label"] = rng.random(n) < 0.3, rng.random(n) < 0.4
    table.attrs["groups"] = ["sex", "age"]
    return table


def cells(counts: fairness.CountTable) -> dict[tuple[str, ...], object]:
    return dict(zip(counts.cells, counts.counts.tolist(), strict=True))


def frames(table: pd.DataFrame) -> dict[str, object]:
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    found = {"arrow": arrow, "dictionary": arrow.set_column(0, "sex", arrow["sex"].dictionary_encode())}
    try:
        import polars as pl
    except ImportError:
        return found
    return {**found, "polars": pl.from_arrow(arrow)}


def test_other_libraries_tables_are_counted_as_pandas_are():
    table = rows(3000)
    wanted = cells(fairness.count(table, ["sex", "age"], by_label=True))
    for name, frame in frames(table).items():
        assert cells(fairness.count(frame, ["sex", "age"], by_label=True)) == wanted, name
        assert [c.grouping for c in fairness.tables(frame, ["sex", "sex x age"])] == ["sex", "sex x age"]


def test_what_is_no_table_is_refused_in_one_line():
    with pytest.raises(ValueError, match="a dict is no table of rows"):
        fairness.count({"a": [1]}, ["a"])


def test_rows_that_stand_for_many_are_counted_as_often():
    table = rows(4000)
    table["label"] = table["label"].astype("boolean").mask(np.arange(4000) % 7 == 0)
    long = (
        table.groupby(["sex", "age", "selected", "label"], dropna=False).size().reset_index(name="how many")
    )
    long.attrs = {"groups": ["sex", "age"], "rows": "how many"}
    for by_label in (False, True):
        assert cells(fairness.count(long, ["sex", "age"], by_label=by_label)) == cells(
            fairness.count(table, ["sex", "age"], by_label=by_label)
        )
    assert fairness.selection_rate_ratios(long, groups=["sex"]) == fairness.selection_rate_ratios(
        table, groups=["sex"]
    )
    few = {"groups": ["sex"], "min_cell": 5}
    assert fairness.equalized_odds_differences(long, **few) == fairness.equalized_odds_differences(
        table, **few
    )


def test_a_cluster_counts_its_part_and_the_parts_add():
    dask = pytest.importorskip("dask.dataframe", reason="needs dask.dataframe")
    table = rows(2000)
    columns = ["sex", "age", "selected", "label"]
    spread = dask.from_pandas(table.fillna({"sex": "missing"}), npartitions=4)
    long = spread.groupby(columns).size().compute().rename("how many").reset_index()
    long.attrs["rows"] = "how many"
    assert cells(fairness.count(long, ["sex", "age"])) == cells(fairness.count(table, ["sex", "age"]))


@pytest.mark.parametrize("million", [0.3, 2])
def test_counting_needs_a_few_megabytes_whatever_the_rows(million):
    n = int(million * 1e6)
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 40, n, dtype=np.int8)
    table = pd.DataFrame({"g": pd.Categorical.from_codes(codes, [f"g{i}" for i in range(40)])})
    table["label"], table["selected"] = rng.random(n) < 0.4, rng.random(n) < 0.3
    tracemalloc.start()
    counts = fairness.count(table, ["g"], by_label=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert int(counts.n.sum()) == n
    assert peak < 8e6


# --- files larger than memory


SETTINGS = predictions.Settings.model_validate(
    {
        "dataset": "d",
        "decision": {"column": "approved", "favourable": "yes", "unfavourable": "no"},
        "label": {"column": "good", "favourable": 1},
        "groups": {"sex": {"column": "sex"}, "band": {"column": "age", "cut": [40]}},
        "where": {"branch": {"not": "test"}},
    }
)  # fmt: skip


def file(folder: Path, kind: str) -> Path:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"sex": rng.choice(["f", "m", ""], 2000), "age": rng.integers(18, 80, 2000)})
    table["approved"] = rng.choice(["yes", "no"], 2000)
    table["good"] = rng.choice([1, 0], 2000)
    table["branch"] = rng.choice(["a, b", 'say "x"', "test"], 2000)
    table["noise"] = rng.random(2000)
    path = folder / f"odd [name].{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_counted_by_duckdb_gives_the_measurements_of_the_same_file_read(tmp_path, kind):
    path = file(tmp_path, kind)
    read = predictions.decisions(SETTINGS, lambda _: path.read_bytes())
    counted = predictions.counted(SETTINGS, lambda _: path)
    assert len(counted) < len(read)
    for by_label in (False, True):
        ours, theirs = (fairness.count(t, ["sex", "band"], by_label=by_label) for t in (counted, read))
        assert cells(ours) == cells(theirs)
    assert fairness.selection_rate_ratios(counted) == fairness.selection_rate_ratios(read)
    assert counted.attrs["favourable"] == read.attrs["favourable"]


def test_a_column_that_is_not_there_and_a_broken_file_are_errors_of_that_file(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("sex,age\nf,3\n")
    with pytest.raises(InputError, match="there is no column 'approved'"):
        predictions.counted(SETTINGS, lambda _: path)
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match="cannot be read"):
        predictions.counted(SETTINGS, lambda _: path)


@pytest.mark.slow
def test_a_million_rows_of_parquet_are_counted_as_duckdb_counts_them(tmp_path):
    path = str(tmp_path / "big.parquet")
    duckdb.sql("create table t as select hash(range) % 5 as race, hash(range * 3) % 2 = 0 as label, "
               "hash(range * 7) % 3 = 0 as selected from range(1000000)")  # fmt: skip
    duckdb.sql("select * from t").write_parquet(path)
    settings = predictions.Settings.model_validate(
        {
            "dataset": "d", "decision": {"column": "selected", "favourable": True},
            "label": {"column": "label", "favourable": True}, "groups": {"race": {"column": "race"}},
        }
    )  # fmt: skip
    counts = fairness.count(predictions.counted(settings, lambda _: Path(path)), ["race"], by_label=True)
    theirs = duckdb.sql("select race::varchar, count(*), avg(selected::int) from t group by 1").fetchall()
    ours = confusion.metric_frame(counts)
    assert {(race, n): pytest.approx(rate) for race, n, rate in theirs} == {
        (race, row["count"]): row["selection_rate"] for race, row in ours.iterrows()
    }


def test_a_case_counts_a_large_file_where_it_lies_and_notes_its_digest(tmp_path, monkeypatch):
    for folder in ("notebooks", "projects/loan-approval"):
        (tmp_path / folder).mkdir(parents=True)
    source = Path(__file__).resolve().parents[1] / "projects/loan-approval"
    shutil.copy(source / "profile.yml", tmp_path / "projects/loan-approval")
    shutil.copytree(source / "data", tmp_path / "projects/loan-approval/data")
    held = assess.open("loan-approval", assessment="bias_audit", workspace=tmp_path)
    table = held.decisions("decisions")
    monkeypatch.setattr("riskkit.assess.material.LARGE", 1000)
    lying = assess.open("loan-approval", assessment="bias_audit", workspace=tmp_path)
    counted = lying.decisions("decisions")
    assert len(counted) < len(table) / 5
    assert fairness.selection_rate_ratios(counted) == fairness.selection_rate_ratios(table)
    assert fairness.audit_record(counted).to_json() == fairness.audit_record(table).to_json()
    digests = [
        {i.path: i.sha256 for i in case.conclude(fairness.selection_rate_ratios(table)).conclusion.inputs}
        for case in (held, lying)
    ]
    assert digests[0] == digests[1]


def test_a_dask_table_is_counted_partition_by_partition_and_arrow_keeps_the_order_of_groups():
    dask = pytest.importorskip("dask.dataframe", reason="the extra `dask` is not installed")
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "g": rng.choice(np.array(["c", "a", "b", None], dtype=object), 300),
            "h": pd.Categorical(rng.choice(["x", "y"], 300), categories=["y", "x", "unused"]),
            "selected": rng.random(300) < 0.4,
            "label": rng.random(300) < 0.5,
        }
    )
    counted = fairness.count(table, ["g", "h"], by_label=True)
    for other in (dask.from_pandas(table, npartitions=3), arrow.Table.from_pandas(table)):
        assert fairness.count(other, ["g", "h"], by_label=True).to_json() == counted.to_json()

"""A table of decisions becomes what its profile declares, or an error that says what to change."""

from __future__ import annotations

import io
import json
import time

import pandas as pd
import pytest

from riskkit import authored, targets
from riskkit.errors import InputError, PolicyError
from riskkit.targets import predictions

BASE = {
    "dataset": "decisions",
    "decision": {"column": "approved", "favourable": "yes"},
    "groups": {"sex": {"column": "sex"}},
}
PLAIN = "approved,sex\nyes,female\nno,male\n"


def decide(text: str | bytes, **changes: object) -> pd.DataFrame:
    data = text if isinstance(text, bytes) else text.encode()
    return predictions.decisions(predictions.Settings.model_validate(BASE | changes), lambda name: data)


def faults(text: str | bytes, **changes: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        decide(text, **changes)
    return [str(problem) for problem in caught.value.problems]


def test_kinds_are_the_files_of_the_folder_without_a_leading_underscore() -> None:
    assert "predictions" in targets.kinds()
    assert not [kind for kind in targets.kinds() if kind.startswith("_")]
    assert targets.settings("predictions") is predictions.Settings


def test_selected_is_true_where_the_declared_outcome_stands() -> None:
    table = decide(PLAIN)
    assert table["selected"].tolist() == [True, False]
    assert table["sex"].tolist() == ["female", "male"]
    assert table.attrs == {"groups": ["sex"], "reference": {}, "favourable": "approved is yes"}


def test_credit_coded_one_and_two_reads_as_declared_not_as_numbers() -> None:
    table = decide("approved,sex\n1,a\n2,b\n1.0,b\n", decision={"column": "approved", "favourable": 1})
    assert table["selected"].tolist() == [True, False, True]


def test_a_pass_mark_is_a_bound_and_a_filter_keeps_its_rows() -> None:
    text = "Position,Race,Combine\nCaptain,W,70\nCaptain,B,69.99\nLieutenant,W,90\n"
    table = decide(
        text,
        decision={"column": "Combine", "favourable": {"at_least": 70}},
        groups={"race": {"column": "Race", "values": {"W": "white", "B": "black"}}},
        where={"Position": "Captain"},
        reference={"race": "white"},
    )
    assert table["selected"].tolist() == [True, False]
    assert table["race"].tolist() == ["white", "black"]
    assert table.attrs["reference"] == {"race": "white"}


def test_ages_fall_into_bands_that_include_their_upper_end() -> None:
    text = "approved,age\nyes,25\nno,26\nno,60\nyes,60.5\n"
    table = decide(text, groups={"age": {"column": "age", "cut": [25, 60]}})
    assert table["age"].tolist() == ["up to 25", "over 25 to 60", "over 25 to 60", "over 60"]


def test_bands_take_the_names_that_values_give_them() -> None:
    named = {"column": "age", "cut": [34], "values": {"up to 34": "18-34", "over 34": "35 or over"}}
    assert decide("approved,age\nyes,34\nno,35\n", groups={"age": named})["age"].tolist() == [
        "18-34",
        "35 or over",
    ]


def test_codes_of_several_values_become_one_group_and_the_rest_another() -> None:
    group = {
        "column": "status",
        "values": {"A91": "male", "A93": "male", "A92": "female"},
        "other": "unknown",
    }
    table = decide("approved,status\nyes,A91\nno,A92\nno,A93\nno,A99\n", groups={"sex": group})
    assert table["sex"].tolist() == ["male", "female", "male", "unknown"]


def test_a_missing_group_is_a_group_and_na_is_a_name() -> None:
    assert decide("approved,sex\nyes,\nno,NA\n")["sex"].tolist() == ["missing", "NA"]


def test_spaces_around_a_value_do_not_make_a_second_group() -> None:
    assert decide("approved, sex\nyes, male\nno,male\n")["sex"].tolist() == ["male", "male"]


def test_labels_may_be_unknown_and_scores_may_be_missing() -> None:
    table = decide(
        "approved,sex,repaid,score\nyes,a,yes,0.5\nno,b,,\n",
        label={"column": "repaid", "favourable": "yes"},
        score="score",
    )
    assert table["label"].isna().tolist() == [False, True]
    assert bool(table["label"][0]) is True
    assert table["score"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("favourable", "which"),
    [("yes", "no row"), (["0", "1"], "every row"), (1.0, "no row"), ({"at_least": 2}, "no row")],
)
def test_an_outcome_that_nobody_or_everybody_gets_is_never_silent_parity(
    favourable: object, which: str
) -> None:
    text = "approved,sex\n0,a\n0,b\n" if favourable == 1.0 else "approved,sex\n0,a\n1,b\n"
    (line,) = faults(text, decision={"column": "approved", "favourable": favourable})
    assert f"{which} is favourable" in line
    assert "'0' (" in line


def test_a_value_that_is_neither_favourable_nor_unfavourable_is_named_with_its_line() -> None:
    decision = {"column": "approved", "favourable": [1, 2], "unfavourable": 3}
    assert faults("approved,sex\n1,a\n3,b\n7,b\n", decision=decision) == [
        "dataset decisions:4: approved: '7' is neither favourable nor unfavourable"
    ]


@pytest.mark.parametrize("blank", ["N/A", "?", "nan", "None"])
def test_what_looks_like_a_missing_decision_is_not_an_unfavourable_one(blank: str) -> None:
    (line,) = faults(f"approved,sex\nyes,a\n{blank},b\n")
    assert line.startswith(f"dataset decisions:3: approved: '{blank}' looks like a missing value")


def test_a_missing_decision_is_named_with_its_line_after_a_filter_too() -> None:
    text = "approved,sex,kind\nyes,a,x\nno,a,y\n,b,x\n"
    assert faults(text, where={"kind": "x"}) == ["dataset decisions:4: approved: the decision is missing"]


def test_rows_without_a_decision_can_be_left_out_by_a_filter() -> None:
    assert len(decide("approved,sex\nyes,a\nno,b\n,b\n", where={"approved": {"not": ""}})) == 2


def test_a_value_no_group_lists_is_an_error_and_not_a_guess() -> None:
    sex = {"column": "sex", "values": {"female": "women"}}
    (line,) = faults(PLAIN, groups={"sex": sex})
    assert line == "dataset decisions:3: sex: 'male' is not listed in groups.sex.values"


def test_only_the_first_faulty_rows_are_listed_and_the_rest_counted() -> None:
    lines = faults("approved,age\nno,20\n" + "yes,x\n" * 12, groups={"age": {"column": "age", "cut": [25]}})
    assert len(lines) == 6
    assert lines[-1].endswith("7 more rows have this fault")


def test_a_score_on_a_scale_of_its_own_is_brought_to_0_and_1_best_end_up() -> None:
    scale = {"column": "decile", "worst": 10, "best": 1}
    table = decide("approved,sex,decile\nyes,a,1\nno,b,10\nno,b,5.5\nno,a,\n", score=scale)
    assert table["score"].tolist()[:3] == [1.0, 0.0, 0.5]
    assert table["score"].isna().tolist()[3]


def test_a_score_beyond_0_and_1_names_the_scale_to_declare() -> None:
    (line,) = faults("approved,sex,score\nyes,a,1\nno,b,10\n", score="score")
    assert line == (
        "dataset decisions: score: scores lie between 1 and 10, not between 0 and 1 "
        "(say which end is which: {column: score, worst: 1, best: 10})"
    )


def test_weights_are_numbers_from_0_up() -> None:
    text = "approved,sex,fnlwgt\nyes,a,77516\nno,b,{}\n"
    table = decide(text.format("83311"), weight="fnlwgt")
    assert table["weight"].tolist() == [77516, 83311]
    assert table.attrs["weight"] == "weight"
    for wrong in ("-1", ""):
        (line,) = faults(text.format(wrong), weight="fnlwgt")
        assert "fnlwgt" in line


def test_values_that_stand_for_a_missing_one_are_the_missing_group() -> None:
    group = {"column": "race", "missing": ["?", "not disclosed"]}
    text = "approved,race\nyes,?\nno, White\nno,not disclosed\nyes,Black\n"
    assert decide(text, groups={"race": group})["race"].tolist() == ["missing", "White", "missing", "Black"]
    table = decide(
        "approved,age\nyes,?\nno,30\n", groups={"age": {"column": "age", "cut": [40], "missing": ["?"]}}
    )
    assert table["age"].tolist() == ["missing", "up to 40"]


@pytest.mark.parametrize("score", ["inf", "-inf", "nan", "1e999", "high"])
def test_a_score_is_a_finite_number(score: str) -> None:
    (line,) = faults(f"approved,sex,score\nyes,a,0.5\nno,b,{score}\n", score="score")
    assert line == f"dataset decisions:3: score: '{score}' is not a finite number"


def test_a_column_that_is_not_there_names_the_nearest() -> None:
    (line,) = faults(PLAIN.replace("sex", "Sex_"), groups={"sex": {"column": "Sex"}})
    assert line.endswith("there is no column 'Sex' (did you mean 'Sex_'?)")


def test_a_reference_group_nobody_is_in_is_an_error() -> None:
    (line,) = faults(PLAIN, reference={"sex": "men"})
    assert line.endswith("nobody is in the group 'men' (one of female, male)")


def test_a_number_per_person_is_not_a_group() -> None:
    rows = "".join(f"{'yes' if i % 2 else 'no'},{i}\n" for i in range(300))
    (line,) = faults("approved,age\n" + rows, groups={"age": {"column": "age"}})
    assert "300 different values" in line


def test_settings_written_in_yaml_fit_and_faults_name_their_line() -> None:
    good = (
        "dataset: d\n"
        "decision: {column: a, favourable: [1, yes], unfavourable: {not: 1}}\n"
        "groups: {g: {column: g, cut: [25]}}\n"
    )
    document, problems = authored.parse(good, shown="p.yml")
    assert document is not None
    settings, problems = authored.fit(document, predictions.Settings)
    assert settings is not None, problems
    assert settings.decision.favourable.one_of == (1, "yes")
    bad = "dataset: d\ndecision:\n  column: a\n  favourable: {at_lest: 1}\ngroups:\n  g: {colum: g}\n"
    document, _ = authored.parse(bad, shown="p.yml")
    assert document is not None
    _, problems = authored.fit(document, predictions.Settings)
    assert [str(p) for p in problems if "known" in p.what] == [
        "p.yml:4: decision.favourable.at_lest: is not a known field (did you mean 'at_least'?)",
        "p.yml:6: groups.g.colum: is not a known field (did you mean 'column'?)",
    ]


def test_the_json_schema_takes_a_value_a_list_or_bounds() -> None:
    import jsonschema

    schema = predictions.Settings.model_json_schema()
    for favourable in ("yes", 1, [1, 2], {"at_least": 70}, {"not": 3}, {"not": [3, 4]}):
        jsonschema.validate(BASE | {"decision": {"column": "a", "favourable": favourable}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(BASE | {"decision": {"column": "a", "favourable": {"at_lest": 1}}}, schema)
    assert json.dumps(schema)


def test_a_parquet_file_reads_like_its_csv() -> None:
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"approved": [1, 2, 1], "sex": ["a", None, "b"], "age": [30.5, 20, 40]})
    data = io.BytesIO()
    frame.to_parquet(data)
    table = decide(data.getvalue(), decision={"column": "approved", "favourable": 1})
    assert table["selected"].tolist() == [True, False, True]
    assert table["sex"].tolist() == ["a", "missing", "b"]


def test_a_pickle_is_refused_before_anything_reads_it() -> None:
    with pytest.raises(PolicyError, match="runs code"):
        decide(b"\x80\x04\x95")


@pytest.mark.slow
def test_half_a_million_rows_are_read_in_seconds() -> None:
    text = "approved,sex,note\n" + 'yes,female,"a, b"\nno,male,c\n' * 250_000
    started = time.process_time()
    assert len(decide(text)) == 500_000
    assert time.process_time() - started < 5

"""Leaks of tests into training are found where they are, and what cannot be judged is not called clean."""

from __future__ import annotations

import json
from math import log2

import numpy as np
import pandas as pd
import pytest

from riskkit.measures import (
    contamination,
    leakage,
    memorisation,
    near_duplicates,
    overfit,
    probes,
    shortcuts,
    splits,
    target_leakage,
)
from riskkit.measures.intervals import newcombe, wilson
from riskkit.model import Measurement, Sample


def text(start: int, count: int = 30) -> str:
    """Different words for different starts."""
    return " ".join(f"w{start + i}" for i in range(count))


def by_segment(found: tuple[Measurement, ...]) -> dict[str, Measurement]:
    return {m.segment: m for m in found}


# Items in a corpus


def test_a_run_of_13_words_is_enough_for_the_13_gram_rule_and_for_no_other() -> None:
    item = text(0, 40)
    corpus = [" ".join(["before", *item.split()[10:23], "after"])]
    row = contamination.check([("a", item)], corpus).iloc[0]
    assert (row["any_13_gram"], row["dirty_8_grams"], row["dirty_tokens"]) == (True, False, False)
    assert row["share_8_grams"] == pytest.approx(6 / 33)
    assert row["token_share"] == pytest.approx(13 / 40)
    one_short = [" ".join(item.split()[10:22])]
    assert not contamination.check([("a", item)], one_short).iloc[0]["any_13_gram"]


def test_seventy_percent_of_8_grams_is_palms_rule() -> None:
    item = text(0, 27)  # 20 runs of 8
    dirty, clean = [" ".join(item.split()[:n]) for n in (21, 20)]  # hold 14 and 13 of them
    assert contamination.check([("a", item)], [dirty]).iloc[0]["dirty_8_grams"]
    assert not contamination.check([("a", item)], [clean]).iloc[0]["dirty_8_grams"]


def test_case_and_punctuation_do_not_hide_a_copy() -> None:
    item = text(0, 20)
    loud = item.upper().replace(" ", ", ")
    assert contamination.check([("a", item)], [loud]).iloc[0]["contaminated"]


def test_a_short_item_is_held_against_the_corpus_whole_and_a_very_short_one_is_not_judged() -> None:
    items = [("ten", text(0, 10)), ("seven", text(100, 7)), ("absent", text(200, 10))]
    found = contamination.check(items, [text(0, 30) + " " + text(100, 30)]).set_index("item")
    assert found["any_13_gram"].tolist() == [True, pd.NA, False]
    shares = by_segment(contamination.contaminated_item_share(found.reset_index()))
    assert (shares["13-gram"].value, shares["13-gram"].n) == (0.5, 2)
    assert "1 too short to be judged" in shares["13-gram"].note
    assert (shares["13-gram"].low, shares["13-gram"].high) == wilson(1, 2)


def test_the_form_that_many_items_share_is_no_contamination() -> None:
    form = text(90_000, 20)
    items = [(f"i{i}", f"{text(100 * i, 20)} {form}") for i in range(11)]
    found = contamination.check(items, [form + " and more"])
    assert not found["contaminated"].any()
    assert contamination.check(items[:10], [form + " and more"])["contaminated"].all()
    assert contamination.check([(f"i{i}", form) for i in range(11)], [text(0)])["contaminated"].isna().all()


def test_only_short_items_give_no_share() -> None:
    found = contamination.contaminated_item_share(
        contamination.check([("a", "what is it")], ["what is it not"])
    )
    assert found[0].value is None
    assert "no item has the 8 words" in found[0].undefined


@pytest.mark.parametrize(
    ("items", "corpus", "what"),
    [
        ([("a", "x"), ("a", "y")], ["z"], "an item occurs twice: a"),
        ([], ["z"], "no items"),
        ([("a", "x")], [], "no document"),
    ],
)
def test_what_cannot_be_held_against_a_corpus_is_refused(items: list, corpus: list, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        contamination.check(items, corpus)


def test_near_duplicates_have_their_exact_similarity_and_strangers_none() -> None:
    base = text(0, 60)
    changed = base.replace("w30", "other")
    ours, theirs = near_duplicates.shingles(base), near_duplicates.shingles(changed)
    exact = len(ours & theirs) / len(ours | theirs)
    assert exact == pytest.approx(51 / 61)
    assert near_duplicates.near_duplicates([base, text(900)], [changed], threshold=0.8) == [
        pytest.approx(exact),
        0,
    ]


def test_minhash_estimates_the_similarity_of_sets() -> None:
    one, two = frozenset(range(3000)), frozenset(range(1000, 4000))
    same = np.mean(near_duplicates.minhash(one) == near_duplicates.minhash(two))
    assert same == pytest.approx(2000 / 4000, abs=0.15)


def test_clean_and_contaminated_items_are_scored_apart() -> None:
    items = [(f"d{i}", text(1000 * i)) for i in range(40)] + [
        (f"c{i}", text(100_000 + 1000 * i)) for i in range(60)
    ]
    checked = contamination.check(items, [t for name, t in items if name.startswith("d")])
    right = pd.Series(
        {
            name: (1.0 if i < 36 else 0.0) if name[0] == "d" else float(i < 70)
            for i, (name, _) in enumerate(items)
        }
    )
    gap, clean = contamination.contamination_score_gap(checked, right)
    assert gap.value == pytest.approx(36 / 40 - 30 / 60)
    assert (gap.low, gap.high) == newcombe(36, 40, 30, 60)
    assert (clean.value, clean.n) == (0.5, 60)


def test_without_contaminated_items_there_is_no_gap_but_a_clean_score() -> None:
    checked = contamination.check([("a", text(0)), ("b", text(500))], [text(9000)])
    gap, clean = contamination.contamination_score_gap(checked, pd.Series({"a": 1.0, "b": 0.0}))
    assert (gap.value, gap.undefined) == (None, "0 contaminated and 2 clean items with a score")
    assert clean.value == 0.5


def test_canaries_are_found_whatever_their_spaces_and_case() -> None:
    found = contamination.canaries_found(["x 12AB-\n34cd y", "other"], ["12ab-34CD", "99ff-00aa"])
    assert found["found"].tolist() == [1, 0]
    assert contamination.canary_share(found).value == 0.5
    assert contamination.canary_share(found.head(0)).undefined == "no canary string is given"


# Training and test tables


def parts() -> dict[str, pd.DataFrame]:
    train = pd.DataFrame({"id": range(100), "who": [f"p{i % 50}" for i in range(100)], "x": np.arange(100.0)})
    test = pd.DataFrame(
        {"id": range(100, 140), "who": [f"p{i + 40}" for i in range(40)], "x": np.arange(90.0, 130.0)}
    )
    return {"train": train.assign(at="2025-06-01"), "test": test.assign(at="2026-01-01")}


def test_rows_that_stand_in_both_parts_are_counted_without_the_id() -> None:
    both = {name: table.drop(columns="who") for name, table in parts().items()}
    both["test"]["at"] = "2025-06-01"
    (found,) = splits.split_overlap_share(both, ignore=["id"])
    assert (found.segment, found.value, found.n) == ("test in train", 10 / 40, 40)
    assert "0.0% of the rows of train have a twin" in found.note
    assert splits.split_overlap_share(both)[0].value == 0


def test_text_is_the_same_row_whatever_its_case_and_outer_spaces() -> None:
    earlier, later = pd.DataFrame({"t": ["A b", "c"]}), pd.DataFrame({"t": [" a B ", "d"]})
    assert splits.shared_rows(later, earlier).tolist() == [True, False]


def test_groups_in_both_parts_and_training_rows_of_the_future_are_found() -> None:
    (groups,) = splits.group_overlap_share(parts(), group="who")
    assert (groups.value, groups.n) == (10 / 40, 40)
    (time,) = splits.time_leak_share(parts(), time="at")
    assert time.value == 0
    mixed = parts()
    mixed["train"].loc[:24, "at"] = "2026-02-01"
    assert splits.time_leak_share(mixed, time="at")[0].value == 0.25
    mixed["train"].loc[0, "at"] = "soon"
    assert "1 rows have no date" in splits.time_leak_share(mixed, time="at")[0].undefined
    assert splits.group_overlap_share(parts(), group="") == ()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"train": pd.DataFrame({"a": [1]})}, "one part alone"),
        ({"train": pd.DataFrame({"a": [1]}), "test": pd.DataFrame({"a": []})}, "test: no rows"),
        ({"train": pd.DataFrame({"a": [1]}), "test": pd.DataFrame({"b": [1]})}, "no column in common"),
    ],
)
def test_parts_that_cannot_be_compared_are_refused(given: dict, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        splits.split_overlap_share(given)


def leaky(seed: int = 1, n: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "y": np.where(y, "yes", "no"),
            "copy": np.where(rng.random(n) < 0.99, y, ~y).astype(float),
            "filled": np.where(y, 1.0 + rng.random(n), np.nan),
            "fair": rng.normal(y * 0.5, 1),
            "far": np.where(y, rng.choice([-3, 3], n), 0) + rng.normal(0, 0.3, n),
            "noise": rng.normal(size=n),
            "many": [f"v{i}" for i in rng.integers(0, 500, n)],
        }
    )


def test_a_column_that_is_the_outcome_or_is_filled_in_after_it_is_found() -> None:
    found = by_segment(target_leakage.target_leakage_auc(leaky(), label="y"))
    assert found["copy"].low > 0.95
    assert found["filled"].low > 0.95
    assert found["far"].low > 0.95, "both ends mean yes: no straight line tells"
    assert 0.55 < found["fair"].value < 0.75
    for name in ("noise", "many"):
        assert found[name].high < 0.62
    assert next(iter(found)) in ("copy", "filled", "far")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"label": "z"}, "there is no column 'z'"),
        ({"label": "noise"}, "must have two values"),
    ],
)
def test_an_outcome_that_is_no_outcome_is_refused(change: dict, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        target_leakage.target_leakage_auc(leaky(), **change)


def test_an_empty_class_is_refused() -> None:
    table = leaky().assign(y="yes")
    with pytest.raises(ValueError, match="must have two values"):
        target_leakage.target_leakage_auc(table, label="y")
    table.loc[:9, "y"] = "no"
    with pytest.raises(ValueError, match="20 rows of each value"):
        target_leakage.target_leakage_auc(table, label="y")


# As a project declares it


def test_what_is_not_declared_gives_no_measurement_and_no_clean_bill() -> None:
    none = leakage.Columns()
    assert leakage.shared({}, columns=none, ignore=[]) == ()
    assert leakage.leaks(parts(), columns=none, ignore=[], seed=0) == ()
    assert (
        leakage.gaps(parts(), columns=none)
        == leakage.slices(parts(), columns=none)
        == leakage.signs([])
        == leakage.exposed(None)
        == ()
    )
    nothing = leakage.contaminated([], [])
    assert all(m.value is None for m in leakage.contaminated_item_share(nothing))
    unprobed = leakage.recited([answer("a", text(0, 80), reference=text(0, 80))], [], [])
    assert leakage.memorised_string_rate(unprobed).undefined == "no answer was held against training text"


def test_items_are_prompts_and_their_answers_are_scored_together() -> None:
    asked = [Sample(prompt_id="a", sample=k, prompt=text(0), response="yes", reference="yes") for k in (0, 1)]
    asked += [Sample(prompt_id="b", prompt=text(500), response="no", reference="yes")]
    checked = leakage.contaminated(asked, [text(0)])
    assert checked["item"].tolist() == ["a", "b"]
    assert checked["contaminated"].tolist() == [True, False]
    assert leakage.right_by_item(asked).to_dict() == {"a": 1, "b": 0}


def test_columns_say_what_is_compared_and_what_may_predict() -> None:
    known = leakage.Columns(label="y", prediction="p", group="who")
    table = leaky().assign(who=[f"g{i}" for i in range(1000)], p="yes")
    tables = {"train": table.head(700), "test": pd.concat([table.tail(300), table.head(100).assign(p="no")])}
    rows, groups = leakage.shared(tables, columns=known, ignore=["id"])
    assert rows.value == groups.value == 0.25
    assert {m.segment for m in leakage.leaks(tables, columns=known, ignore=["many"], seed=0)} == {
        "copy", "filled", "fair", "far", "noise"
    }  # fmt: skip


def test_a_training_text_that_comes_back_from_its_start_counts_as_memorised() -> None:
    whole = text(0, 120).split()
    probe = Sample(
        prompt_id="p", prompt=" ".join(whole[:40]), response=" ".join(whole[40:]), reference=" ".join(whole[40:]),
        attributes={"probe": "prefix"},
    )  # fmt: skip
    assert leakage.recited([], [probe], [])["run"].tolist() == [80]


# Fitting too well


def test_the_gap_takes_the_limits_of_both_scores() -> None:
    found = overfit.train_validation_gap([1.0] * 95 + [0.0] * 5, [1.0] * 70 + [0.0] * 30)
    (l1, u1), (l2, u2) = wilson(95, 100), wilson(70, 100)
    assert found.value == pytest.approx(0.25)
    # Student's quantile at 99 degrees of freedom takes the place of the normal one
    assert found.low == pytest.approx(0.25 - np.hypot(0.95 - l1, u2 - 0.70), abs=0.003)
    assert found.high == pytest.approx(0.25 + np.hypot(u1 - 0.95, 0.70 - l2), abs=0.003)
    assert overfit.train_validation_gap([1.0], [0.0, 1.0]).value is None


def answer(name: str, response: str, reference: str | None = "yes", **attributes: str) -> Sample:
    variant = attributes.get("variant") or attributes.get("probe") or ""
    return Sample(prompt_id=f"{name}{variant}", response=response, reference=reference, attributes=attributes)


def test_a_prompt_on_both_sides_was_not_held_out() -> None:
    with pytest.raises(ValueError, match="1 prompts are both training and held out"):
        overfit.gap_of_answers([answer("a", "yes")], [answer("a", "yes")])


def test_the_gap_of_answers_and_of_predictions() -> None:
    train = [answer(f"t{i}", "yes") for i in range(20)]
    held = [answer(f"v{i}", "yes" if i < 10 else "no") for i in range(20)]
    assert overfit.gap_of_answers(train, held, answers=["yes", "no"]).value == 0.5
    frames = {
        "train": pd.DataFrame({"y": ["a", "b"] * 10, "p": ["a", "b"] * 10}),
        "test": pd.DataFrame({"y": ["a", "b"] * 10, "p": ["a", "a"] * 10}),
    }
    (found,) = overfit.gap_of_predictions(frames, prediction="p", label="y")
    assert (found.segment, found.value) == ("train against test", 0.5)


# Memorised text


def test_the_longest_run_is_counted_in_words_and_not_where_the_prompt_said_it() -> None:
    document = text(0, 80)
    said = "Sure: " + " ".join(document.split()[20:55]) + " and so on"
    assert memorisation.longest_run(said, document)[0] == 35
    assert memorisation.longest_run(said, document, not_in=document)[0] < 5
    assert memorisation.longest_run("nothing", "else") == (0, "")


def test_memorised_strings_are_found_in_the_reference_and_in_the_corpus() -> None:
    document = text(0, 80)
    rows = [
        Sample(prompt_id="a", response=document, reference=document),
        Sample(prompt_id="b", response="no " + document),
        Sample(prompt_id="c", response=text(5000)),
    ]
    checked = memorisation.check(rows, [text(7000), document])
    assert checked["run"].tolist() == [80, 80, 0]
    found = memorisation.memorised_string_rate(checked)
    assert found.value == pytest.approx(2 / 3)
    assert "longest run 80 words" in found.note


def test_none_memorised_in_300_still_leaves_room() -> None:
    checked = pd.DataFrame({"prompt_id": range(300), "memorised": False, "run": 3})
    found = memorisation.memorised_string_rate(checked)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 300))


def test_the_exposure_of_a_canary_is_bits_of_its_rank() -> None:
    table = pd.DataFrame({"canary": "c", "logprob": np.arange(1024.0), "planted": [False] * 1023 + [True]})
    found = memorisation.canary_exposure(table)
    assert found.value == pytest.approx(log2(1024 / 1))
    assert found.low > 7
    assert leakage.exposed(table.astype({"planted": int})) == (found,)
    with pytest.raises(ValueError, match="more than true and false"):
        leakage.exposed(table.assign(planted="no"))
    with pytest.raises(ValueError, match="no column logprob, planted"):
        leakage.exposed(table[["canary"]])
    middle = memorisation.canary_exposure(table.assign(planted=[i == 512 for i in range(1024)]))
    assert middle.value == pytest.approx(1, abs=0.01)
    assert middle.low < 1 < middle.high
    assert memorisation.canary_exposure(table.assign(planted=False)).value is None


# Shortcuts


def test_the_drop_is_what_is_lost_when_the_shortcut_is_changed() -> None:
    rows = [answer(f"i{i}", "yes", item=f"i{i}", variant="as it is") for i in range(50)]
    rows += [answer(f"i{i}", "yes" if i < 30 else "no", item=f"i{i}", variant="permuted") for i in range(50)]
    (found,) = shortcuts.shortcut_score_drop(rows, answers=["yes", "no"])
    assert (found.segment, found.value, found.n) == ("permuted", 0.4, 50)
    assert "20 lost, 0 gained" in found.note
    assert found.low > 0.25


def test_variants_without_the_untouched_item_are_refused_and_other_prompts_say_nothing() -> None:
    with pytest.raises(ValueError, match="1 items have no variant 'as it is'"):
        shortcuts.shortcut_score_drop([answer("i", "yes", item="i", variant="permuted")])
    twice = [answer("i", "yes", item="i", variant="as it is")] * 2
    with pytest.raises(ValueError, match="occurs twice"):
        shortcuts.shortcut_score_drop(twice)
    assert shortcuts.shortcut_score_drop([answer("i", "yes")]) == ()


def test_the_slice_gap_compares_rows_with_and_against_the_shortcut() -> None:
    y = ["sick"] * 100 + ["well"] * 100
    ruler = ["yes"] * 80 + ["no"] * 20 + ["no"] * 80 + ["yes"] * 20
    follows = ["sick" if r == "yes" else "well" for r in ruler]
    table = pd.DataFrame({"y": y, "ruler": ruler, "p": follows, "good": y})
    (found,) = shortcuts.shortcut_slice_gap(table, shortcut="ruler", prediction="p", label="y")
    assert (found.value, found.n) == (1, 40)
    (none,) = shortcuts.shortcut_slice_gap(table, shortcut="ruler", prediction="good", label="y")
    assert none.value == 0
    (empty,) = shortcuts.shortcut_slice_gap(table, shortcut="y", prediction="p", label="y")
    assert empty.value is None
    with pytest.raises(ValueError, match="no column 'z'"):
        shortcuts.shortcut_slice_gap(table, shortcut="z", prediction="p", label="y")


# Probes


def test_rouge_l_is_the_overlap_in_order() -> None:
    # police killed the gunman against the gunman killed police: longest common subsequence of two words
    assert probes.rouge_l("police killed the gunman", "the gunman killed police") == pytest.approx(0.5)
    assert probes.rouge_l("", "a") == 0


def test_guided_prompts_differ_in_the_name_of_the_data_set_alone() -> None:
    one, two = probes.guided_completions({"q1": text(0, 20), "short": "a b"}, dataset="Exam")
    assert one.prompt.replace(" in the test split of Exam", "") == two.prompt
    assert one.reference == two.reference == text(10, 10)


def test_a_model_that_completes_only_when_told_the_name_has_a_gap() -> None:
    rows = []
    for i in range(30):
        for prompt in probes.guided_completions({f"q{i}": text(100 * i, 20)}, dataset="Exam"):
            said = prompt.reference if prompt.attributes["probe"] == "guided" else "no idea"
            rows.append(
                Sample(
                    prompt_id=prompt.prompt_id,
                    response=said or "",
                    reference=prompt.reference,
                    attributes=prompt.attributes,
                )
            )
    (found,) = probes.guided_completion_gap(rows)
    assert (found.value, found.n) == (1, 30)
    assert probes.guided_completion_gap([answer("a", "x")]) == ()


def test_options_are_moved_by_one_with_the_right_letter() -> None:
    one, two = probes.option_orders({"q": ("Which?", ["red", "blue", "green"], 2)})
    assert (one.reference, two.reference) == ("C", "A")
    assert two.prompt.splitlines()[1:4] == ["A. green", "B. red", "C. blue"]


def test_answers_learnt_with_their_letters_fall_when_options_move() -> None:
    options = ["a", "b", "c", "d"]
    rows = [
        Sample(
            prompt_id=p.prompt_id,
            response=f"{'ABCD'[i % 4]}.",
            reference=p.reference,
            attributes=p.attributes,
        )
        for i in range(40)
        for p in probes.option_orders({f"q{i}": ("Which?", options, i % 4)})
    ]
    (found,) = probes.option_order_gap(rows)
    assert (found.value, found.n) == (1, 40)


def scored(number: int) -> Sample:
    logprobs = [-1.0, -1.0 - (number % 2) * 5 - number / 100]
    known = {"token_logprobs": json.dumps(logprobs), "member": "no" if number % 2 else "yes"}
    return Sample(prompt_id=str(number), response="x", attributes=known)


def test_min_k_is_the_mean_of_the_lowest_and_tells_members_apart() -> None:
    assert probes.min_k([-1, -2, -3, -4, -10], share=0.4) == -7
    (found,) = probes.min_k_auroc([scored(i) for i in range(40)], share=0.5)
    assert found.value == 1
    assert probes.min_k_auroc([answer("a", "x")]) == ()
    with pytest.raises(ValueError, match="no JSON list of numbers"):
        probes.min_k_auroc([Sample(prompt_id="a", response="x", attributes={"token_logprobs": "[oops"})])

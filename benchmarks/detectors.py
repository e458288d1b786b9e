"""How often each detector of updates and leakage finds what is planted, and how often it finds what is not there.

`python benchmarks/detectors.py [--quick] [--write]`. Every line plants an effect of a stated size, or none, and asks
the kit's own measure; an alarm is an interval wholly on the wrong side of the value that no effect has (or, for the
e-process, its line crossed at any of 52 weekly looks). False alarms should be at most the 5 % that a level of 95 %
concedes: a line misses its bar when the whole Wilson interval of its false alarms, corrected for the lines, lies above.
`--write` puts the table on site/detectors.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskkit.measures import (
    contamination,
    input_drift,
    looks,
    memorisation,
    mismatch,
    near_duplicates,
    overfit,
    paired,
    probes,
    shortcuts,
    splits,
    target_leakage,
    update_changes,
    version_pairs,
)
from riskkit.measures.intervals import wilson
from riskkit.model import Measurement, Sample

PAGE = Path(__file__).resolve().parents[1] / "site/detectors.md"
NOMINAL = 0.05
Rng = np.random.Generator
Trial = Callable[[Rng], bool]


class Line(NamedTuple):
    """A detector at a stated size: what is planted, and whether an alarm is false there."""

    detector: str
    size: str
    planted: str
    trial: Trial
    rounds: int
    nothing: bool = False


def apart(m: Measurement, none: float = 0.0) -> bool:
    """Whether the whole interval lies on one side of what no effect has."""
    return m.value is not None and m.low is not None and m.high is not None and not m.low <= none <= m.high


# Updates


def rates(rng: Rng, n: int) -> np.ndarray:
    """How often each prompt is answered right: mostly nearly always or nearly never, some in between."""
    return rng.beta(0.8, 0.25, n)


def lowered(p: np.ndarray, drop: float) -> np.ndarray:
    """The same prompts after the accuracy fell by ``drop`` on average."""
    return p * (1 - drop / p.mean())


def accuracy(n: int, k: int, drop: float) -> Trial:
    """Fewer right answers, over prompts of which most are always or never right."""

    def trial(rng: Rng) -> bool:
        p = rates(rng, n)
        before, after = (pd.Series(rng.binomial(k, q) / k) for q in (p, lowered(p, drop)))
        found = paired.change(before, after)
        return found is not None and not found.low <= 0 <= found.high

    return trial


def answers(rng: Rng, yes: np.ndarray, k: int, version: str, wanted: np.ndarray) -> list[Sample]:
    """Recorded answers: yes with the given probability of each prompt."""
    draws = rng.random((len(yes), k)) < yes[:, None]
    return [
        Sample(
            prompt_id=str(i), sample=j, response="yes" if draws[i, j] else "no", version=version,
            reference="yes" if wanted[i] else "no",
        )
        for i in range(len(yes))
        for j in range(k)
    ]  # fmt: skip


def pair(rng: Rng, n: int, k: int, swapped: float) -> pd.DataFrame:
    """Answers of two versions; in a share of prompts, half of either class, the later one swaps its leaning."""
    p, wanted = rng.beta(0.5, 0.5, n), rng.random(n) < 0.5
    turned = np.where(rng.random(n) < swapped, 1 - p, p)
    one, two = answers(rng, p, k, "1", wanted), answers(rng, turned, k, "2", wanted)
    return version_pairs.compare(one, two, answers=["yes", "no"])


def excess(n: int, k: int, swapped: float) -> Trial:
    """Swapped answers, of which accuracy may show nothing."""
    return lambda rng: apart(mismatch.response_mismatch_excess(pair(rng, n, k, swapped)))


def by_class(n: int, shift: float) -> Trial:
    """Any class with an interval off zero; planted: later answers say yes more often, which accuracy does not show."""

    def trial(rng: Rng) -> bool:
        wanted = rng.random(n) < 0.5
        p = np.where(wanted, rng.beta(6, 2, n), rng.beta(2, 6, n))
        one, two = answers(rng, p, 1, "1", wanted), answers(rng, np.minimum(1, p + shift), 1, "2", wanted)
        table = version_pairs.compare(one, two, answers=["yes", "no"])
        return any(apart(m) for m in update_changes.class_accuracy_changes(table))

    return trial


def longer(n: int, factor: float) -> Trial:
    """Longer answers, lengths lognormal and alike within a prompt."""

    def trial(rng: Rng) -> bool:
        base = rng.lognormal(5, 0.6, n)
        before, after = (pd.Series(base * f * rng.lognormal(0, 0.4, n)) for f in (1.0, factor))
        found = paired.ratio_of_means(before, after)
        return found is not None and not found.low <= 1 <= found.high

    return trial


def history(rng: Rng, n: int, weeks: int, week: int, drop: float) -> list[np.ndarray]:
    """Right or wrong by look and prompt, lower from ``week`` on."""
    p = rates(rng, n)
    return [rng.binomial(1, lowered(p, drop) if t >= week else p) for t in range(weeks + 1)]


def weekly(n: int, week: int, drop: float) -> Trial:
    """Whether the e-process crosses 20 at any of 52 looks after the first."""

    def trial(rng: Rng) -> bool:
        right = history(rng, n, 52, week, drop)
        found = looks.e_process(right, [np.ones(n, dtype=int)] * len(right))
        return bool((found["e_process"] >= 1 / NOMINAL).any())

    return trial


def naive(n: int) -> Trial:
    """What the e-process is for: McNemar's test against the first look, every week, each at 5 %."""

    def trial(rng: Rng) -> bool:
        first, *later = history(rng, n, 52, 99, 0.0)
        tests = (paired.mcnemar(int((first > x).sum()), int((first < x).sum())) for x in later)
        return any(p < NOMINAL for p in tests)

    return trial


def drifted(rows: int, columns: int, shift: float, *, by: str) -> Trial:
    """Half of the columns numbers, half texts; planted: the first of either kind moves."""

    def trial(rng: Rng) -> bool:
        numbers = {
            f"x{i}": (rng.normal(size=rows), rng.normal(shift * (i == 0), 1, rows))
            for i in range(columns // 2)
        }
        share = np.array([0.4, 0.3, 0.2, 0.1])
        moved = share + shift / 5 * np.array([-1, 1, -1, 1])
        texts = {
            f"t{i}": (
                rng.choice(list("abcd"), rows, p=share),
                rng.choice(list("abcd"), rows, p=moved if i == 0 else share),
            )
            for i in range(columns // 2)
        }
        both = numbers | texts
        before, after = (
            pd.DataFrame({name: values[side] for name, values in both.items()}) for side in (0, 1)
        )
        found = input_drift.check(before, after)
        return bool((found["p_holm"] < NOMINAL).any()) if by == "test" else bool((found["low"] > 0).any())

    return trial


# Leakage


def prose(rng: Rng, words: int) -> str:
    """Words as frequent as those of a language: a Zipf law over 20,000."""
    return " ".join(f"w{min(20_000, r)}" for r in rng.zipf(1.25, words))


def contaminated(items: int, words: int, *, how: str, copied: bool) -> Trial:
    """One item of ``items`` is looked at, the one that was copied (or, where none was, every one of them)."""

    def trial(rng: Rng) -> bool:
        tests = [(str(i), prose(rng, words)) for i in range(items)]
        corpus = [prose(rng, 300) for _ in range(30)]
        if copied:
            corpus.append(f"{prose(rng, 40)} {changed(rng, tests[0][1], how)} {prose(rng, 40)}")
        flags = contamination.check(tests, corpus)["contaminated"].fillna(value=False)
        return bool(flags.iloc[0] if copied else flags.any())

    return trial


def changed(rng: Rng, text: str, how: str) -> str:
    """A copy that is cut or has other words in places."""
    spoken = text.split()
    if how == "half":
        return " ".join(spoken[: len(spoken) // 2])
    every = {"whole": 0.0, "one word in 10 changed": 0.1, "one word in 4 changed": 0.25}[how]
    return " ".join("other" if rng.random() < every else word for word in spoken)


def similar(words: int, share: float) -> Trial:
    """Whether a document whose words are the text's but for a share is found near."""

    def trial(rng: Rng) -> bool:
        text = " ".join(f"u{i}" for i in rng.permutation(100_000)[:words])
        spoken = text.split()
        for place in rng.choice(words, round(share * words), replace=False):
            spoken[place] = "other"
        (found,) = near_duplicates.near_duplicates([text], [" ".join(spoken)], threshold=0.5)
        return found > 0

    return trial


def score_gap(dirty: int, clean: int, lift: float) -> Trial:
    """A score lifted on contaminated items."""

    def trial(rng: Rng) -> bool:
        checked = pd.DataFrame(
            {"item": range(dirty + clean), "contaminated": [True] * dirty + [False] * clean}
        )
        right = pd.Series(
            rng.random(dirty + clean) < np.repeat([0.6 + lift, 0.6], [dirty, clean]), dtype=float
        )
        return apart(
            contamination.contamination_score_gap(checked.astype({"contaminated": "boolean"}), right)[0]
        )

    return trial


def shared_rows(rows: int, copied: int) -> Trial:
    """Rows of training that stand in the test part too."""

    def trial(rng: Rng) -> bool:
        train, test = (pd.DataFrame({c: rng.normal(size=rows).round(3) for c in "abc"}) for _ in range(2))
        test.iloc[:copied] = train.iloc[:copied].to_numpy()
        return bool(splits.split_overlap_share({"train": train, "test": test})[0].value)

    return trial


def leaking(rows: int, columns: int, right: float | None) -> Trial:
    """An alarm is an interval wholly above 0.9; with nothing planted, one wholly off 0.5 for a column of noise."""

    def trial(rng: Rng) -> bool:
        y = rng.random(rows) < 0.3
        table = pd.DataFrame({f"x{i}": rng.normal(size=rows) for i in range(columns)})
        if right is not None:
            table["x0"] = np.where(rng.random(rows) < right, y, ~y).astype(float)
        found = target_leakage.target_leakage_auc(table.assign(y=np.where(y, "yes", "no")), label="y")
        return any((m.low or 0) > (0.5 if right is None else 0.9) for m in found)

    return trial


def gap(train: int, held: int, size: float) -> Trial:
    """A score lower on what was held out."""

    def trial(rng: Rng) -> bool:
        one, two = (list((rng.random(n) < p).astype(float)) for n, p in ((train, 0.8), (held, 0.8 - size)))
        return apart(overfit.train_validation_gap(one, two))

    return trial


def memorised(n: int, rate: float) -> Trial:
    """An alarm is an interval wholly above 1 %."""

    def trial(rng: Rng) -> bool:
        checked = pd.DataFrame({"prompt_id": range(n), "memorised": rng.random(n) < rate, "run": 0})
        return (memorisation.memorised_string_rate(checked).low or 0) > 0.01

    return trial


def exposed(candidates: int, lift: float) -> Trial:
    """An alarm is an interval wholly above log2(40) bits: the canary ranks in the first fortieth."""

    def trial(rng: Rng) -> bool:
        table = pd.DataFrame({"canary": "c", "logprob": rng.normal(size=candidates + 1), "planted": False})
        table.loc[0, ["logprob", "planted"]] = [rng.normal(lift), True]
        return (memorisation.canary_exposure(table.astype({"planted": bool})).low or 0) > np.log2(40)

    return trial


def slices(rows: int, reliance: float) -> Trial:
    """A model that is right in 80 % of rows and follows the shortcut in a share of them."""

    def trial(rng: Rng) -> bool:
        y = rng.random(rows) < 0.5
        mark = np.where(rng.random(rows) < 0.8, y, ~y)
        said = np.where(rng.random(rows) < reliance, mark, np.where(rng.random(rows) < 0.8, y, ~y))
        table = pd.DataFrame({"y": y, "mark": mark, "p": said}).astype(str)
        return apart(shortcuts.shortcut_slice_gap(table, shortcut="mark", prediction="p", label="y")[0])

    return trial


def guided(items: int, lift: float) -> Trial:
    """Completions nearer to the text when its data set is named."""

    def trial(rng: Rng) -> bool:
        rows = []
        for i in range(items):
            rest = [f"w{j}" for j in range(20)]
            for probe, kept in ((probes.GUIDED, 0.2 + lift), (probes.GENERAL, 0.2)):
                said = " ".join(w if rng.random() < kept else "x" for w in rest)
                more = {probes.PROBE: probe, probes.ITEM: str(i)}
                rows.append(
                    Sample(prompt_id=f"{i}{probe}", response=said, reference=" ".join(rest), attributes=more)
                )
        return apart(probes.guided_completion_gap(rows)[0])

    return trial


def min_k(texts: int, lift: float) -> Trial:
    """Tokens of suspected texts likelier than those of new ones."""

    def trial(rng: Rng) -> bool:
        rows = [
            Sample(
                prompt_id=str(i), response="x",
                attributes={
                    "token_logprobs": json.dumps((-rng.exponential(2 - lift * (i % 2), 40)).tolist()),
                    "member": "yes" if i % 2 else "no",
                },
            )
            for i in range(texts)
        ]  # fmt: skip
        return apart(probes.min_k_auroc(rows)[0], 0.5)

    return trial


LINES = (
    Line("accuracy_change", "300 prompts, 1 answer each", "nothing", accuracy(300, 1, 0), 1500, nothing=True),
    Line("accuracy_change", "300 prompts, 1 answer each", "5 points fewer right", accuracy(300, 1, 0.05), 500),
    Line("accuracy_change", "300 prompts, 1 answer each", "10 points fewer right", accuracy(300, 1, 0.10), 500),
    Line("accuracy_change", "300 prompts, 3 answers each", "nothing", accuracy(300, 3, 0), 1500, nothing=True),
    Line("accuracy_change", "300 prompts, 3 answers each", "5 points fewer right", accuracy(300, 3, 0.05), 500),
    Line("class_accuracy_change", "300 prompts, 2 classes", "nothing", by_class(300, 0), 300, nothing=True),
    Line("class_accuracy_change", "300 prompts, 2 classes", "yes 15 points likelier", by_class(300, 0.15), 100),
    Line("response_mismatch_excess", "300 prompts, 2 each", "nothing", excess(300, 2, 0), 300, nothing=True),
    Line("response_mismatch_excess", "300 prompts, 2 each", "10 % of prompts swapped", excess(300, 2, 0.1), 90),
    Line("length_ratio", "300 prompts", "nothing", longer(300, 1.0), 1500, nothing=True),
    Line("length_ratio", "300 prompts", "10 % longer", longer(300, 1.1), 500),
    Line("update_e_value", "300 prompts, 52 weekly looks", "nothing", weekly(300, 99, 0), 600, nothing=True),
    Line("update_e_value", "300 prompts, 52 weekly looks", "5 points fewer from week 10", weekly(300, 10, 0.05), 200),
    Line("update_e_value", "300 prompts, 52 weekly looks", "10 points fewer from week 10", weekly(300, 10, 0.1), 200),
    Line("input_drift_psi", "1,000 rows, 6 columns", "nothing", drifted(1000, 6, 0, by="index"), 400, nothing=True),
    Line("input_drift_psi", "1,000 rows, 6 columns", "moved 0.25 SD", drifted(1000, 6, 0.25, by="index"), 150),
    Line("KS, chi-square, Holm", "1,000 rows, 6 columns", "nothing", drifted(1000, 6, 0, by="test"), 400, nothing=True),
    Line("KS, chi-square, Holm", "1,000 rows, 6 columns", "moved 0.25 SD", drifted(1000, 6, 0.25, by="test"), 150),
    Line("contaminated_item_share", "50 items of 40 words, 30 documents", "nothing",
         contaminated(50, 40, how="whole", copied=False), 100, nothing=True),
    *(Line("contaminated_item_share", "50 items of 40 words, 30 documents", f"one item: {how}",
           contaminated(50, 40, how=how, copied=True), 60)
      for how in ("whole", "half", "one word in 10 changed", "one word in 4 changed")),
    Line("near duplicates (MinHash)", "text of 200 words", "1 % of words changed", similar(200, 0.01), 200),
    Line("near duplicates (MinHash)", "text of 200 words", "3 % of words changed", similar(200, 0.03), 200),
    Line("contamination_score_gap", "60 contaminated, 240 clean", "nothing", score_gap(60, 240, 0), 1000, nothing=True),
    Line("contamination_score_gap", "60 contaminated, 240 clean", "20 points more", score_gap(60, 240, 0.2), 400),
    Line("split_overlap_share", "1,000 rows, 3 columns", "nothing", shared_rows(1000, 0), 100, nothing=True),
    Line("split_overlap_share", "1,000 rows, 3 columns", "5 rows copied", shared_rows(1000, 5), 100),
    Line("target_leakage_auc", "1,000 rows, 5 columns", "nothing", leaking(1000, 5, None), 400, nothing=True),
    Line("target_leakage_auc", "1,000 rows, 5 columns", "a column right in 97 % of rows", leaking(1000, 5, 0.97), 100),
    Line("train_validation_gap", "500 training, 200 held out", "nothing", gap(500, 200, 0), 1000, nothing=True),
    Line("train_validation_gap", "500 training, 200 held out", "10 points", gap(500, 200, 0.1), 400),
    Line("memorised_string_rate", "300 prefixes", "as many as allowed (1 %)", memorised(300, 0.01), 1000, nothing=True),
    Line("memorised_string_rate", "300 prefixes", "5 % memorised", memorised(300, 0.05), 400),
    Line("canary_exposure", "1 canary, 1,000 candidates", "nothing", exposed(1000, 0), 600, nothing=True),
    Line("canary_exposure", "1 canary, 1,000 candidates", "4 SD likelier", exposed(1000, 4), 200),
    Line("shortcut_slice_gap", "500 rows", "nothing", slices(500, 0), 600, nothing=True),
    Line("shortcut_slice_gap", "500 rows", "followed in 20 % of rows", slices(500, 0.2), 200),
    Line("guided_completion_gap", "100 items", "nothing", guided(100, 0), 300, nothing=True),
    Line("guided_completion_gap", "100 items", "10 % more words right", guided(100, 0.1), 100),
    Line("min_k_auroc", "100 texts of either kind", "nothing", min_k(200, 0), 300, nothing=True),
    Line("min_k_auroc", "100 texts of either kind", "tokens 20 % likelier", min_k(200, 0.4), 100),
)  # fmt: skip
NAIVE = Line("McNemar every week, each at 5 %", "300 prompts, 52 weekly looks", "nothing", naive(300), 100)
INTRO = """\
# How well the detectors find what is planted

Written by `python benchmarks/detectors.py --write`; none of it is typed in. Each line plants an effect of the stated
size in generated data, or none, and asks the kit's own measure many times. An alarm is a 95 % interval wholly on the
wrong side of the value that no effect has; for `update_e_value`, the line of 20 crossed at any of 52 weekly looks.
Where nothing is planted an alarm is false, and at most 5 % of rounds should end in one. Power is low for small effects
at these sizes: a quiet detector is no proof that nothing happened. The last line shows why a weekly watch needs the
e-process.
"""


def counted(line: Line, rounds: int) -> tuple[int, int]:
    """Alarms, of so many rounds; the same ones every time."""
    rngs = [
        np.random.default_rng([sum(map(ord, line.detector + line.size + line.planted)), i])
        for i in range(rounds)
    ]
    return sum(line.trial(rng) for rng in rngs), rounds


def main() -> None:
    """Run every line, print the table and the JSON line, and end with an error where false alarms are too many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds")
    parser.add_argument("--write", action="store_true", help="write the table to site/detectors.md")
    given = parser.parse_args()
    started, rows, kept = time.monotonic(), [], True
    together = 1 - 0.05 / sum(line.nothing for line in LINES)
    for line in (*LINES, NAIVE):
        alarms, rounds = counted(line, max(10, line.rounds // 10) if given.quick else line.rounds)
        low, high = wilson(alarms, rounds)
        fine = not line.nothing or wilson(alarms, rounds, level=together)[0] <= NOMINAL
        kept = bool(kept and fine)
        rows.append((line, alarms, rounds, low, high))
        what = ("false" if line.nothing else "power") + ("" if fine else "  TOO MANY")
        shown = f"{line.detector:26} {line.size:36} {line.planted:32}"
        print(f"{shown} {alarms / rounds:7.1%} [{low:.1%}, {high:.1%}] of {rounds} {what}", flush=True)
    on = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"
    print(f"{on}; {time.monotonic() - started:.0f} s")
    if given.write:
        PAGE.write_text(page(rows, on), encoding="utf-8")
    false = {f"{r[0].detector}, {r[0].size}": round(r[1] / r[2], 4) for r in rows if r[0].nothing}
    print(json.dumps({"false_alarms": false, "at_most_nominal": kept, "nominal": NOMINAL}))
    raise SystemExit(not kept)


def page(rows: list[tuple[Line, int, int, float, float]], on: str) -> str:
    """The page of the site."""
    table = ["| Detector | Size | Planted | Alarms | 95 % interval | Rounds |", "|---|---|---|---|---|---|"]
    for line, alarms, rounds, low, high in rows:
        detector = f"`{line.detector}`" if "_" in line.detector else line.detector
        kind = " (false)" if line.nothing or line is NAIVE else ""
        shown = f"{alarms / rounds:.1%}{kind} | {low:.1%} to {high:.1%} | {rounds:,}"
        table.append(f"| {detector} | {line.size} | {line.planted} | {shown} |")
    return "\n".join([INTRO, *table, "", f"Measured on {on}.", ""])


if __name__ == "__main__":
    main()

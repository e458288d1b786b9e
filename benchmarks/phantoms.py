"""How often the kit finds what is planted in the phantom, and how often it finds something where nothing is.

`python benchmarks/phantoms.py [--quick] [--write]`. The prompts are those of the demo projects, the faults are planted
at known rates, and every seed gives other answers. A 95 % interval should hold the planted rate in 95 of 100 seeds.
Where nothing is planted, or exactly as much as the threshold allows, a breach is a false alarm, and those should be no
more frequent than the 5 % that the level concedes. Verdicts are given by the kit's own rule, at the demo's thresholds.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from _bars import Bar, keep, machine, verdict

from riskkit import sampling
from riskkit.measures import agents, grounding
from riskkit.model import Measurement, Prompt, Sample, Threshold, judge
from riskkit.targets import phantom

KEPT = ("prompt_id", "prompt", "context", "reference", "attributes")
PROJECTS = Path(__file__).resolve().parents[1] / "projects"


class Planted(NamedTuple):
    """A fault, who answers what, the measure that should find it, and the rate that its threshold allows."""

    fault: str
    persona: str
    prompts: str
    measure: Callable[[Sequence[Sample]], Measurement]
    name: str
    rate: float
    allowed: float
    samples: int
    is_share_without: bool = False


FAULTS = (
    Planted("invented_fact", "explanation", "loan-approval/data/prompts.generated.jsonl",
            grounding.invented_fact_rate, "invented_fact_rate", 0.12, 0.05, 3),
    Planted("fabricated_tool_result", "claims_agent", "insurance-claims/data/transcripts.generated.jsonl",
            agents.fabricated_tool_result_rate, "fabricated_tool_result_rate", 0.1, 0.05, 1),
    Planted("refusal", "explanation", "loan-approval/data/prompts.generated.jsonl",
            grounding.answer_rate, "answer_rate", 0.12, 0.05, 1, is_share_without=True),
)  # fmt: skip


@cache
def asked(file: str) -> tuple[Prompt, ...]:
    """The prompts of a demo project; of its transcripts each case as it was before any tool was called."""
    given = [json.loads(line) for line in (PROJECTS / file).read_bytes().splitlines()]
    cases = {g["prompt_id"]: {**g, "context": g["context"].partition("; limit: ")[0]} for g in given}
    return tuple(
        Prompt.model_validate({"prompt": "", **{k: c[k] for k in KEPT if k in c}}) for c in cases.values()
    )


def measured(planted: Planted, rate: float, seed: int) -> Measurement:
    """The measurement of answers with the fault planted at ``rate``."""
    settings = phantom.Settings.model_validate(
        {"prompts": "prompts", "persona": planted.persona, "faults": {planted.fault: rate}}
    )
    return planted.measure(
        sampling.draw(phantom.answer, settings, asked(planted.prompts), samples=planted.samples, seed=seed)
    )


def judged(planted: Planted, found: Measurement) -> str:
    """The kit's verdict at the threshold that allows the rate ``allowed``."""
    bound = {"at_least": 1 - planted.allowed} if planted.is_share_without else {"at_most": planted.allowed}
    threshold = Threshold.model_validate(
        {"measure": planted.name, **bound, "owner": "owner", "rationale": "a benchmark"}
    )
    return str(judge(found, threshold).verdict)


def of_seed(planted: Planted, seed: int) -> tuple[list[str], float, float, float]:
    """The verdicts on nothing, the allowed rate and more, and the rate found of the last with its interval."""
    rates = (0.0, planted.allowed, planted.rate)
    found = [measured(planted, rate, seed) for rate in rates]
    value, low, high = (float(v) for v in (found[-1].value, found[-1].low, found[-1].high) if v is not None)
    return [judged(planted, each) for each in found], value, low, high


def recovered(planted: Planted, seeds: int) -> tuple[list[Bar], dict[str, dict[str, int]]]:
    """How the seeds come out: the bars, and verdicts by what was planted."""
    truth = 1 - planted.rate if planted.is_share_without else planted.rate
    verdicts: dict[str, Counter[str]] = {name: Counter() for name in ("nothing", "the allowed rate", "more")}
    held, values = 0, []
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        told = list(pool.map(partial(of_seed, planted), range(seeds)))
    for said, value, low, high in told:
        for name, judgement in zip(verdicts, said, strict=True):
            verdicts[name][judgement] += 1
        held += low <= truth <= high
        values.append(value)
    coverage, mean = held / seeds, sum(values) / seeds
    alarms = {name: verdicts[name]["breached"] / seeds for name in verdicts}
    what = f"{planted.fault} at {planted.rate:g}"
    bars = [
        Bar(f"{what}: intervals that hold it", f"{coverage:.1%} (mean {mean:.4f}, true {truth:g})",
            "93 to 97 %", 0.93 <= coverage <= 0.97),
        Bar(f"{what}: breached where {planted.allowed:g} is allowed", f"{alarms['more']:.1%}", "at least 95 %",
            alarms["more"] >= 0.95),
        Bar(f"{planted.fault}, nothing planted: breached", f"{alarms['nothing']:.1%}", "at most 5 %",
            alarms["nothing"] <= 0.05),
        Bar(f"{planted.fault} at the allowed {planted.allowed:g}: breached", f"{alarms['the allowed rate']:.1%}",
            "at most 5 %", alarms["the allowed rate"] <= 0.05),
    ]  # fmt: skip
    return bars, {name: dict(counts) for name, counts in verdicts.items()}


def main() -> int:
    """Draw, measure, print the bars and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 seeds, too few for the bars to mean much")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    seeds, started, bars = 20 if given.quick else 200, time.monotonic(), list[Bar]()
    confusion = {}
    for planted in FAULTS:
        found, confusion[planted.fault] = recovered(planted, seeds)
        bars += found
        for bar in found:
            print(bar, flush=True)
    on = f"{seeds} seeds; {machine('numpy')}; {time.monotonic() - started:.0f} s"
    print(on)
    if given.write:
        about = "Faults planted in the simulated model of the demo at known rates, and what the kit makes of them."
        keep("Planted faults", "python benchmarks/phantoms.py", bars, on=on, about=about)
    code = 0 if given.quick else verdict(bars)
    more, nothing = (sum(c[k].get("breached", 0) for c in confusion.values()) for k in ("more", "nothing"))
    of = seeds * len(FAULTS)
    said = {"sensitivity": more / of, "false_alarm": nothing / of, "confusion": confusion, "seeds": seeds}
    print(json.dumps(said | {"all_met": not code}))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

"""The published change of cost and latency between versions of two models, through a profile and the command line.

`python benchmarks/cost_change.py [--data FOLDER] [--write]`. The data (L. Chen, M. Zaharia, J. Zou 2023, How is
ChatGPT's behavior changing over time?; 1,000 prompts to each of four versions, with what each call cost and how long it
took) are not part of the kit: without the folder the script says so and checks nothing. `--quick` is the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from _bars import Bar, keep, machine, verdict
from published import DATA, Table, Value, recorded, riskkit, workspace

FILE = "llmdrift_prime.csv.gz"
VERSIONS = {
    "gpt-4": ("openaichat/gpt-4-0314", "openaichat/gpt-4-0613"),
    "gpt-3.5": ("openaichat/gpt-3.5-turbo-0301", "openaichat/gpt-3.5-turbo-0613"),
}
TARGET = "  {name}: {{kind: usage, dataset: data, fields: {{usd: cost, prompt_id: id}}, model: {model}}}\n"


def table(model: str, values: tuple[Value, ...]) -> Table:
    """The profile that compares two versions of ``model``."""
    targets = "".join(
        TARGET.format(name=n, model=m) for n, m in zip(("before", "after"), VERSIONS[model], strict=True)
    )
    profile = f"""\
targets:
{targets}assessments:
  cost_projection: {{parameters: {{target: after, calls_per_month: 100000, assumptions: {{earlier: before}}}}}}
  latency_profile: {{parameters: {{target: after, earlier: before}}}}
"""
    name = model.replace(".", "-")
    return Table(
        id=f"drift-{name}",
        file=FILE,
        kind="genai",
        profile=profile,
        values=values,
        source=f"LLMDrift, {model}",
    )


TABLES = (table("gpt-4", ()), table("gpt-3.5", ()))
MEANS = {"drift-gpt-4": (0.01383, 0.00107, 5e-6), "drift-gpt-3-5": (0.000518, 0.000658, 5e-7)}
"""Mean USD a call before and after, and how near ours must come: half of the last digit given."""


def bars(folder: Path, one: Table) -> list[Bar]:
    """The measured changes with their paired intervals, beside the means of the data."""
    measured = recorded(folder, one)
    before, after, within = MEANS[one.id]
    call, change, slower = (
        measured[name, ""]
        for name in ("cost_per_call_usd", "cost_per_call_change_usd", "latency_change_seconds")
    )
    old = call["value"] - change["value"]
    figure = "{value:.6g} [{low:.6g}, {high:.6g}]".format
    near = abs(old - before) <= within and abs(call["value"] - after) <= within
    return [
        Bar(f"{one.id}: mean USD a call", f"{old:.6f} to {call['value']:.6f}", f"{before} to {after}", near),
        Bar(f"{one.id}: change, USD, paired", figure(**change), "on one side of 0", change["low"] * change["high"] > 0),
        Bar(f"{one.id}: change, seconds, paired", figure(**slower), "on one side of 0",
            slower["low"] * slower["high"] > 0),
        Bar(f"{one.id}: prompts put to both", f"{change['n']:,}", "1,000", change["n"] == 1000),
    ]  # fmt: skip


def main() -> int:
    """Measure, print the figures beside their bars and the JSON line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="the same")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    if not (given.data / FILE).is_file():
        print(f"no {FILE} in {given.data}: nothing was checked")
        print(json.dumps({"all_met": None}))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder, given.data, TABLES)
        riskkit(folder, "run", "--workers", "1")
        found = [bar for one in TABLES for bar in bars(folder, one)]
    on = machine("numpy", "pandas")
    if given.write:
        about = "Versions of two models, March and June 2023, on the same 1,000 prompts (LLMDrift), by `riskkit run`."
        keep("Change of cost between versions", "python benchmarks/cost_change.py", found, on=on, about=about)
    print(on)
    code = verdict(found)
    print(json.dumps({"all_met": not code}))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

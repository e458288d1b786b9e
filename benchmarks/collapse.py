"""Whether the simulator of model collapse gives what theory says, generation by generation.

`python benchmarks/collapse.py [--quick] [--write]`. With replacement the error grows by the same amount each
generation; with accumulation it stays below pi^2/6 of the first (M. Gerstgrasser et al. 2024, arXiv 2404.01413); a
mix settles at 1/(1 - (1 - r)^2). The evenness of kinds falls by 1 - 1/n a generation (S. Wright 1931).
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from _bars import Bar, keep, machine, verdict

from riskkit.measures import collapse

WHAT = {"rows": 400, "features": 20}
FIRST = 20 / (400 - 20 - 1)


def main() -> int:
    """Simulate, hold against theory, print the JSON line; with --write, keep the figures on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 runs instead of 1,000")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    runs = 200 if given.quick else 1000
    replaced = collapse.simulate("replace", generations=20, runs=runs, **WHAT)
    added = collapse.simulate("accumulate", generations=40, runs=runs, **WHAT)
    mixed = collapse.simulate("mix", generations=20, runs=runs, real_share=0.3, **WHAT)
    kinds = collapse.types_left(types=50, rows=100, generations=50, runs=runs)
    slope, level = np.polyfit(replaced["generation"], replaced["error"] / FIRST, 1)
    curved = float(np.polyfit(replaced["generation"], replaced["error"] / FIRST, 2)[0])
    highest = float(added["high"].max() / FIRST)
    settled = float(mixed["error"].tail(8).mean() / FIRST)
    evenness = float(kinds["evenness"].iloc[-1] / (0.98 * 0.99**50))
    until = 1 / (1 - 0.7**2)
    growth, ceiling = (
        "replace: growth a generation, in units of the first error",
        f"{collapse.CEILING:.3f} (pi^2/6)",
    )
    bars = [
        Bar(growth, f"{slope:.3f}", "1 within 0.06", abs(slope - 1) < 0.06),
        Bar("replace: second-order term of the line", f"{curved:+.4f}", "within 0.01", abs(curved) < 0.01),
        Bar("accumulate: highest of 40 generations", f"{highest:.3f}", ceiling, highest < collapse.CEILING),
        Bar(
            "30 % real: where it settles",
            f"{settled:.3f}",
            f"{until:.3f} within 5 %",
            abs(settled / until - 1) < 0.05,
        ),
        Bar(
            "evenness after 50 generations, over theory",
            f"{evenness:.3f}",
            "1 within 0.05",
            abs(evenness - 1) < 0.05,
        ),
    ]
    on = f"{runs} runs of 400 rows and 20 features; {machine('numpy')}"
    if given.write:
        about = "Errors of the simulator beside their closed forms, in units of the first generation's error."
        keep("Model collapse", "python benchmarks/collapse.py", bars, on=on, about=about)
    code = verdict(bars)
    figures = {
        "slope": round(float(slope), 4),
        "offset": round(float(level), 4),
        "ceiling": round(highest, 4),
    }
    figures |= {"settled": round(settled, 4), "evenness": round(evenness, 4)}
    print(json.dumps({**figures, "all_met": not code}))
    return code


if __name__ == "__main__":
    raise SystemExit(main())

"""How long a step of a what-if takes: in the browser while a slider moves, and through the kernel when it is let go.

    python benchmarks/what_if.py [--quick]

The page holds the arithmetic and the pictures of the widget on 10,000 futures of 12 months, in headless Chromium,
without JupyterLab around it; the kernel's part is the measurement with its intervals. Milliseconds by the clock: the
least, the median and the 95th of a hundred.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import sys
import time
from base64 import b64encode
from pathlib import Path

import numpy as np

from riskkit.measures import cost
from riskkit.widgets.what_if_cost import what_if_cost

WEB = Path(__file__).resolve().parents[1] / "riskkit/widgets/web"
PAGE = """
([facts, data]) => {
  const read = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const values = { facts, data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, read(v)])) };
  const model = { get: (name) => values[name], on: () => {}, off: () => {}, send: () => {} };
  view.render({ model, el: document.querySelector("main") });
}
"""
STEPS = """
(steps) => {
  const el = document.querySelector("main"), slider = el.querySelector("[data-name=calls_per_month]");
  return Array.from({ length: steps }, (_, i) => {
    slider.value = 8000 + 50 * i;
    const began = performance.now();
    slider.dispatchEvent(new Event("input"));
    return performance.now() - began;
  });
}
"""


def main() -> int:
    """Measure both, print them, and say by the exit code whether the medians hold their bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer steps")
    steps = 30 if parser.parse_args().quick else 100
    costs = np.random.default_rng(1).lognormal(-5, 0.5, 400)
    what = {
        "calls_per_month": 10000,
        "monthly_growth": [0.0, 0.02, 0.05],
        "months": 12,
        "monthly_budget_usd": 110.0,
    }
    made = what_if_cost(cost.project(costs, **what, paths=10_000, seed=0))
    browser = in_browser(made, steps)
    kernel = []
    for i in range(max(5, steps // 5)):
        began = time.perf_counter()
        made.tell({"do": "measure", "changes": {"calls_per_month": 8000.0 + 50 * i}})
        kernel.append(1000 * (time.perf_counter() - began))
    for name, found, bar in (("browser", browser, 20), ("kernel", kernel, 150)):
        high = sorted(found)[int(0.95 * (len(found) - 1))]
        print(
            f"{name}: median {statistics.median(found):.1f} ms, 95th {high:.1f} ms of {len(found)} (bar {bar} ms)"
        )
    print(f"Python {platform.python_version()}, {platform.machine()}")
    figures = {"browser_ms": statistics.median(browser), "kernel_ms": statistics.median(kernel)}
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    return 0 if figures["browser_ms"] < 20 and figures["kernel_ms"] < 150 else 1


def in_browser(made: object, steps: int) -> list[float]:
    """Milliseconds of each step of a slider."""
    from playwright.sync_api import sync_playwright

    script = "\n".join((WEB / f"{n}.js").read_text() for n in ("parts", "trying", "futures", "what_if_cost"))
    data = {name: b64encode(raw).decode() for name, raw in made.data.items()}  # type: ignore[attr-defined]
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content("<main></main>")
        page.add_script_tag(content=script.replace("export default", "window.view ="))
        page.evaluate(PAGE, [made.facts, data])  # type: ignore[attr-defined]
        found: list[float] = page.evaluate(STEPS, steps)
        browser.close()
    return found


if __name__ == "__main__":
    sys.exit(main())

"""How long the site of 500 and of 1,000 systems takes to make, beside two ways to publish the same executed notebooks.

    python benchmarks/site.py [--quick] [--write] [--peer PYTHON]

Each system has a profile, controls, six recorded runs with their notebooks and 30 risks or more; everything is filed
through the store and built as `riskkit build` builds it, in a process of its own. Seconds are of CPU, user and system,
of that process and of MkDocs below it. PYTHON has mkdocs-jupyter and mkdocs-material; without it a throw-away
environment is made with pip, and where that fails mkdocs-jupyter is said not to have been measured.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import _bars
import _systems
from _bars import Bar

PEER = "mkdocs-jupyter==0.26.3"


def main() -> int:
    """Print the table, the bars and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="15 and 30 systems in place of 500 and 1,000")
    parser.add_argument("--write", action="store_true", help="keep the table in site/benchmarks.md")
    parser.add_argument("--peer", type=Path, help="a Python that has mkdocs-jupyter and mkdocs-material")
    parser.add_argument("--made", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.made:
        print(json.dumps(build(asked.made)))
        return 0
    sizes = (15, 30) if asked.quick else (500, 1000)
    with tempfile.TemporaryDirectory() as folder:
        bars, figures = measured(Path(folder), sizes, peer=asked.peer)
    many, risks = len(_systems.ASSESSMENTS), len(_systems.RISKS)
    fold = f"{figures['fold_cpu_s']:.0f} CPU s and {figures['fold_mb']:.0f} MB"
    about = f"{sizes[1]:,} generated systems, {many} notebooks and {risks} risks each; {fold} to fold them come before."
    on = _bars.machine("mkdocs", "mkdocs-material", "nbconvert")
    print(f"\n{about}\n{on}")
    missed = _bars.verdict(bars)
    if asked.write:
        _bars.keep("Site", "python benchmarks/site.py", bars, on=on, about=about)
    print()
    print(json.dumps(figures))
    return 0 if asked.quick else missed


def build(root: Path) -> dict[str, float]:
    """Publish the workspace as `riskkit build` does; what each part took."""
    from riskkit import exporters, workspace

    place = workspace.Workspace(root)
    start = seconds()
    register, head = place.register(date.fromisoformat(_systems.DAY)), place.store().head()
    folded, before, wall = seconds(), peak(), time.monotonic()
    gc.freeze()
    cached, on, rows = _rendered(root), register.as_of, len(register.entries)
    exporters.get("pages")(register, root / "build/docs", sources=place.sources(head=head))
    del register
    gc.collect()
    written = seconds()
    done = exporters.build_site(root, site=root / "build/site", as_of=on)
    return {
        "pages": done.pages, "rows": rows, "fold_s": folded - start, "write_s": written - folded,
        "theme_and_checks_s": seconds() - written, "wall_s": time.monotonic() - wall, "fold_mb": before,
        "rss_mb": peak(), "mkdocs_mb": peak(resource.RUSAGE_CHILDREN),
        "rendered": len(_rendered(root) - cached),
    }  # fmt: skip


def _rendered(root: Path) -> set[str]:
    return {page.parent.name for page in (root / "build/cache").glob("*/index.html")}


def seconds() -> float:
    """CPU seconds of this process and of the ones it waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def peak(who: int = resource.RUSAGE_SELF) -> float:
    """The most memory a process has held so far, in MB."""
    return resource.getrusage(who).ru_maxrss / 1000


def measured(
    folder: Path, sizes: tuple[int, int], *, peer: Path | None
) -> tuple[list[Bar], dict[str, float]]:
    """The bars and the figures."""
    found = {}
    for size in sizes:
        (folder / str(size)).mkdir()
        root = _systems.workspace(folder / str(size), projects=size)
        found[size] = told(root, f"{size} systems, cold")
    small, large = (found[size]["write_s"] + found[size]["theme_and_checks_s"] for size in sizes)
    _systems.record(
        root, "system-0001", _systems.ASSESSMENTS[0], number=1, figure=_systems.figure(0), later=9
    )
    again = told(root, "the same after one run")
    notebooks = list(_systems.notebooks(root))[:60]
    (folder / "few").mkdir()
    ours = own(_systems.workspace(folder / "few", projects=10))
    beside = {
        "nbconvert": nbconvert(notebooks),
        "mkdocs_jupyter": mkdocs_jupyter(notebooks, folder, peer=peer),
    }
    opened = interactive(root / "build/site") if found[sizes[1]]["rows"] > 2000 else {}
    of = found[sizes[1]]
    held, growth, wall = max(of["rss_mb"], of["mkdocs_mb"]), large / small, again["wall_s"]
    cold = f"pages and notebooks of {sizes[1]:,} systems, cold"
    bars = [
        Bar(cold, f"{large:.1f} CPU s", "at most 60 CPU s", large <= 60),
        Bar("memory of the largest process", f"{held:.0f} MB", "at most 300 MB", held <= 300),
        Bar(f"growth from {sizes[0]:,} to {sizes[1]:,}", f"{growth:.2f} times", "below 2.3", growth < 2.3),
        Bar("pages after one new run", f"{wall:.1f} s by the clock", "at most 20 s", wall <= 20),
        Bar("notebooks rendered for it", f"{again['rendered']:.0f}", "1", again["rendered"] == 1),
    ]
    figures = {
        "cpu_s_1000": large, "rss_mb_1000": held, "growth_500_1000": growth,
        "systems": sizes[1], "fold_cpu_s": of["fold_s"], "fold_mb": of["fold_mb"],
        "rebuild_s_one_changed": again["wall_s"], "notebooks_rendered_one_changed": again["rendered"],
    }  # fmt: skip
    for name, took in beside.items():
        if took is None:
            print(f"{name}: not measured, it could not be installed")
            continue
        figures[f"times_faster_than_{name}"] = took / ours
        said = f"{took * 1000:.1f} ms, {took / ours:.1f} times ours ({ours * 1000:.1f} ms)"
        bars.append(Bar(f"{name}, a notebook", said, "at least 10 times", took >= 10 * ours))
    if opened:
        figures |= opened
        after, rows = opened["register_interactive_s"], f"register of {of['rows']:,.0f} rows in Chromium"
        bars.append(Bar(rows, f"filters answer after {after:.2f} s", "under 1 s", after < 1))
    return bars, {name: float(f"{value:.4g}") for name, value in figures.items()}


def told(root: Path, what: str) -> dict[str, float]:
    """Build the workspace in a process of its own, and print what it took."""
    done = subprocess.run(
        [sys.executable, __file__, "--made", root], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{what}: " + ", ".join(f"{name} {value:,.1f}" for name, value in found.items()), flush=True)
    return found


def own(root: Path) -> float:
    """CPU seconds of our renderer a notebook of ``root``, pages and images written, nothing cached."""
    from riskkit import exporters, workspace

    place = workspace.Workspace(root)
    few = place.register(date.fromisoformat(_systems.DAY))
    with tempfile.TemporaryDirectory() as scratch:
        sources = replace(place.sources(), cache=Path(scratch) / "cache")
        start = seconds()
        made = exporters.get("notebooks")(few, Path(scratch) / "out", sources=sources)
        return (seconds() - start) / sum(path.name == "index.html" for path in made)


def nbconvert(notebooks: Iterable[Path]) -> float:
    """CPU seconds of nbconvert's plain HTML a notebook, sanitized, one exporter for all."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="basic", sanitize_html=True)
    start, n = seconds(), 0
    for path in notebooks:
        exporter.from_filename(str(path))
        n += 1
    return (seconds() - start) / n


def mkdocs_jupyter(notebooks: Iterable[Path], folder: Path, *, peer: Path | None) -> float | None:
    """CPU seconds of mkdocs-jupyter a notebook, less those of the same site without notebooks; None without it."""
    python = peer or _environment(folder / "peer")
    if python is None:
        return None
    taken, n = [], 0
    for given in ([], list(notebooks)):
        site = folder / f"mj-{len(given)}"
        (site / "docs").mkdir(parents=True)
        (site / "docs/index.md").write_text("# x\n")
        for n, path in enumerate(given, 1):
            shutil.copy(path, site / f"docs/n{n}.ipynb")
        (site / "mkdocs.yml").write_text(
            "site_name: x\ntheme: {name: material, font: false}\nplugins: [mkdocs-jupyter]\n"
        )
        start = seconds()
        subprocess.run([python, "-m", "mkdocs", "build", "-q"], cwd=site, check=True, capture_output=True)
        taken.append(seconds() - start)
    return (taken[1] - taken[0]) / n


def _environment(folder: Path) -> Path | None:
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        python = folder / "bin/python"
        subprocess.run(
            [python, "-m", "pip", "install", "-q", PEER, "mkdocs-material<10"],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return python


def interactive(site: Path) -> dict[str, float]:
    """Seconds until the register's filters answer, opened from disk, and of one search in it; medians of five."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        print("the register in a browser: not measured, there is no Chromium")
        return {}
    opened, searched = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(5):
            page = browser.new_page()
            start = time.monotonic()
            page.goto((site / "register.html").resolve().as_uri(), wait_until="commit")
            page.locator("[data-rows][data-ready]").wait_for()
            opened.append(time.monotonic() - start)
            start = time.monotonic()
            page.get_by_label("Find").fill("system 7")
            page.locator("output", has_text=" of ").wait_for()
            searched.append(time.monotonic() - start)
            page.close()
        browser.close()
    return {
        "register_interactive_s": statistics.median(opened),
        "register_search_s": statistics.median(searched),
    }


if __name__ == "__main__":
    sys.exit(main())

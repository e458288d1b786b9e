"""How long it takes to hold 1,000 profiles against every requirement of the catalogue.

    python benchmarks/law.py [--quick]

The profiles are drawn with a seed: roles, places, sectors, uses and flags, a fifth of the flags unanswered. First the
class under the EU AI Act and the applicability of every requirement, then the whole checklist with a measure met and
the questionnaires. Seconds are of CPU: the work is one thread that waits for nothing. There is no peer: no other tool
we know of holds facts against requirements with unknowns.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

from riskkit import catalog, law
from riskkit.law.applies import applicabilities
from riskkit.model import Answers, Catalog, Facts

DAY = date(2026, 11, 20)
PROFILES, SEED, UNANSWERED = 1000, 20261120, 0.2


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one repeat in place of three")
    repeats = 1 if parser.parse_args().quick else 3
    known = catalog.load()
    profiles = [profile(random.Random(SEED + n), known) for n in range(PROFILES)]
    items = len(known.requirements)
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {repeats} repeats, median [lowest, highest]"
    )
    print(f"{PROFILES} profiles x {items} requirements")
    applies = took("class and applicability", lambda facts: _applies(facts, known), profiles, repeats)
    rows = took("the whole checklist", lambda facts: _checklist(facts, known), profiles, repeats)
    figures = {"items": items, "s_1000_applicability": round(applies, 2), "s_1000_checklist": round(rows, 2)}
    print(json.dumps(figures))


def took(what: str, work: Callable[[Facts], int], profiles: list[Facts], repeats: int) -> float:
    """Median CPU seconds of ``work`` on every profile."""
    seconds = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        if not all(map(work, profiles)):
            sys.exit(f"{what}: nothing came out")
        seconds.append(time.process_time() - start)
    median = statistics.median(seconds)
    print(f"{what:>26}  {median:.2f} s [{min(seconds):.2f}, {max(seconds):.2f}]")
    return median


def profile(rng: random.Random, known: Catalog) -> Facts:
    """Facts of a system, a fifth of the flags unanswered."""
    words = known.vocabulary
    lists = {
        key: tuple(rng.sample(sorted(getattr(words, key)), rng.randint(0, 2)))
        for key in ("role", "jurisdiction", "sector", "use_case")
    }
    flags = {name: rng.random() < 0.3 for name in words.flags if rng.random() >= UNANSWERED}
    return Facts(**lists, flags=flags)


def _applies(facts: Facts, known: Catalog) -> int:
    found = applicabilities(known.requirements.values(), facts, as_of=DAY, eu=law.classify(facts))
    return len(found)


def _checklist(facts: Facts, known: Catalog) -> int:
    rows = law.checklist(
        known.regulations.values(), facts, Answers(), as_of=DAY, measured={"selection_rate_ratio": "met"},
        questionnaires=known.questionnaires.values(),
    )  # fmt: skip
    return len(rows)


if __name__ == "__main__":
    main()

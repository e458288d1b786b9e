"""What a system can reach: tools it calls, data it reads, keys it holds, places its answers go; with the risks of
each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.shares import share
from riskkit.measures.text import listed, storable, words
from riskkit.model import Measurement, Profile, Sample

ACTS: Mapping[str, frozenset[str]] = {
    "pays": listed("pay payment transfer refund charge invoice buy purchase order payout"),
    "deletes": listed("delete remove drop purge cancel close terminate"),
    "runs code": listed("exec execute run shell bash python code eval script terminal sql query"),
    "sends": listed("send mail email message post publish notify sms upload share tweet"),
    "writes": listed("write update create insert set save edit put change book schedule file"),
    "browses": listed("browse web url http crawl scrape internet"),
}
"""What a tool does, told by a word of its name; the first that fits counts, and *reads* where none does."""
RISKS: Mapping[str, str] = {
    "pays": "OWASP-LLM-2026-03, OWASP-ASI-02, OWASP-ASI-03",
    "deletes": "OWASP-LLM-2026-03, OWASP-ASI-02",
    "runs code": "OWASP-LLM-2026-10, OWASP-ASI-05",
    "sends": "OWASP-LLM-2026-02, OWASP-ASI-02",
    "writes": "OWASP-LLM-2026-03, OWASP-ASI-06",
    "browses": "OWASP-LLM-2026-01, OWASP-ASI-01",
    "reads": "OWASP-LLM-2026-02, OWASP-ASI-02",
    "personal data": "OWASP-LLM-2026-02",
    "data": "OWASP-LLM-2026-05",
    "key": "OWASP-LLM-2026-08, OWASP-ASI-03",
    "other party": "OWASP-LLM-2026-04, OWASP-ASI-04",
    "retrieval": "OWASP-LLM-2026-01, OWASP-LLM-2026-09, OWASP-ASI-06",
    "other agents": "OWASP-ASI-07, OWASP-ASI-08",
    "people": "OWASP-LLM-2026-07, OWASP-LLM-2026-10, OWASP-ASI-09",
    "acts alone": "OWASP-LLM-2026-03, OWASP-ASI-10",
}
"""Entries of OWASP's lists for language models (2026) and agents that each kind of reach belongs to."""
FLAGS: Mapping[str, tuple[str, str]] = {
    "uses_rag": ("retrieval", "retrieved documents"),
    "third_party_model": ("other party", "a model of somebody else"),
    "multi_agent": ("other agents", "several agents"),
    "interacts_with_people": ("people", "answers people read"),
    "agentic": ("acts alone", "acts by itself"),
}


def inventory(profile: Profile, samples: Sequence[Sample]) -> pd.DataFrame:
    """One row a thing within reach: what, kind, seen, owasp.

    Tools are those that were called in ``samples``; data sets, keys and facts are those the profile declares. What is
    neither declared nor called is not listed.
    """
    rows = [*_tools(samples), *_declared(profile)]
    found = pd.DataFrame(rows, columns=["what", "kind", "seen"])
    found["owasp"] = [RISKS[kind] for kind in found["kind"]]
    return found


def undeclared_tool_rate(
    samples: Sequence[Sample], *, tools: Sequence[str], level: float = 0.95
) -> Measurement:
    """The share of runs that call a tool which is not on the list ``tools``; ``n`` counts prompts.

    Undefined without a list: then every tool is as much declared as the next.
    """
    method = f"calls of tools beyond the {len(tools)} declared"
    if not tools:
        what = {"measure": "undeclared_tool_rate", "level": level, "n": 0, "unit": "share", "method": method}
        return Measurement(**what, value=None, undefined="no list of declared tools is given")
    beyond = sorted({c.name for s in samples for c in s.tool_calls} - set(tools))
    return share(
        "undeclared_tool_rate",
        [float(any(c.name not in tools for c in s.tool_calls)) for s in samples],
        [s.prompt_id for s in samples],
        level=level,
        method=method,
        note=", ".join(printable(name, 40) for name in beyond[:5]),
        nothing="there are no runs",
    )


def _tools(samples: Sequence[Sample]) -> Iterator[tuple[str, str, str]]:
    calls = [(c.name, s.prompt_id) for s in samples for c in s.tool_calls]
    for name in sorted({name for name, _ in calls}):
        times = sum(n == name for n, _ in calls)
        yield (
            f"tool {printable(storable(name), 60)}",
            act(name),
            f"called {times} times in {len(samples)} runs",
        )


def act(tool: str) -> str:
    """What a tool does, told by its name."""
    said = set(words(tool.replace("_", " ").replace("-", " ")))
    return next((kind for kind, of in ACTS.items() if said & of), "reads")


def _declared(profile: Profile) -> Iterator[tuple[str, str, str]]:
    for name, dataset in profile.datasets.items():
        yield (
            f"data set {name}",
            "personal data" if dataset.personal_data else "data",
            "declared in the profile",
        )
    for name, target in profile.targets.items():
        if "env:" in json.dumps(target.settings, default=str):
            yield f"key of target {name}", "key", "named in the profile, held by the caller"
    for flag, (kind, what) in FLAGS.items():
        if profile.facts.flags.get(flag):
            yield what, kind, f"fact {flag}"

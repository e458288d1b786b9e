"""A program that samples an endpoint, to be killed: url, journal, prompts, samples, apart or here."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from riskkit import sampling
from riskkit.model import Prompt
from riskkit.targets import openai_compatible


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    url, journal, prompts, samples, how = sys.argv[1:]
    settings = openai_compatible.Settings(
        base_url=url, model="m", prompts="p", allow_private=True, concurrency=20, seconds=20, tries=20
    )
    connect = partial(openai_compatible.connect, settings, key=None)
    asked = [Prompt(prompt_id=f"p{i}", prompt=f"q{i}") for i in range(int(prompts))]
    terms = sampling.Terms(clock=now, concurrency=20, tries=20)
    common = {"samples": int(samples), "seed": 0, "epoch": "e", "journal": Path(journal), "terms": terms}
    if how == "apart":
        found = sampling.collect_apart(connect, asked, **common)
    else:
        found = sampling.collect(connect(), asked, **common)
    print(len(found), "answers")


if __name__ == "__main__":
    main()

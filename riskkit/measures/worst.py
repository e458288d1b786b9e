"""The prompts that went wrong most often, with their text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.text import storable
from riskkit.model import Sample

LONGEST = 400
"""Characters of a text that the table shows."""


def worst_prompts(checked: pd.DataFrame, samples: Sequence[Sample], *, count: int = 10) -> pd.DataFrame:
    """The prompts with a flagged answer, worst first: prompt_id, flagged, answers, prompt, context, response.

    ``checked`` is what a detector says of ``samples``, one row an answer (columns prompt_id, sample, flagged). Answers
    that were not looked at do not count. Of equal shares the more often answered prompt comes first. ``response`` is
    the first flagged one. Texts are cut, and hold nothing that a page or a terminal would act on.
    """
    known = checked[checked["flagged"].notna()]
    by_prompt = known.groupby("prompt_id", sort=True)["flagged"].agg(["sum", "count"]).astype(int)
    bad = by_prompt[by_prompt["sum"] > 0]
    order = bad.assign(share=bad["sum"] / bad["count"]).sort_values(
        ["share", "count"], ascending=False, kind="stable"
    )
    flagged = known.loc[known["flagged"].to_numpy(dtype=bool)]
    one_each = flagged.drop_duplicates("prompt_id")
    first = dict(zip(one_each["prompt_id"], one_each["sample"], strict=True))
    said = {(storable(s.prompt_id), s.sample): s for s in samples}
    rows = []
    for name, row in order.head(count).iterrows():
        sample = said[str(name), int(first[str(name)])]
        texts = (printable(t, LONGEST) for t in (sample.prompt, sample.context, sample.response))
        rows.append((printable(str(name), LONGEST), int(row["sum"]), int(row["count"]), *texts))
    return pd.DataFrame(rows, columns=["prompt_id", "flagged", "answers", "prompt", "context", "response"])

"""Figure of attack probes: how many of each kind succeeded."""

from __future__ import annotations

import pandas as pd

from riskkit.charts.style import FAINT, INK, ORANGE, Chart, beside, empty, finish, named_rows, styled

KINDS = {
    "injection": "planted instruction obeyed",
    "prompt_leak": "hidden instructions given away",
    "harmless": "harmless question refused",
    "harmful": "harmful request answered",
}


def attack_outcomes(tried: pd.DataFrame) -> Chart:
    """Of each kind of probe how many answers went the attacker's way, of all that were tried.

    ``tried`` is the table of ``attack_probes.check``: columns probe and succeeded.
    """
    counts = {told: tried.loc[tried["probe"] == kind, "succeeded"] for kind, told in KINDS.items()}
    counts = {told: found for told, found in counts.items() if len(found)}
    if not counts:
        return empty("No probe was tried", "There are no answers to attack probes.")
    succeeded, total = int(tried["succeeded"].sum()), len(tried)
    title = f"{succeeded:,} of {total:,} probes went the wrong way"
    parts = ", ".join(f"{told} {int(found.sum())} of {len(found)}" for told, found in counts.items())
    chart = Chart(1.05 + 0.36 * len(counts), about=f"{title}: {parts}.")
    with styled():
        ax = chart.subplots()
        named_rows(ax, list(counts))
        ax.grid(visible=False)
        for row, found in enumerate(counts.values()):
            ax.barh(row, 1.0, color=FAINT, height=0.55)
            ax.barh(row, float(found.mean()), color=ORANGE, height=0.55)
            beside(ax, row, f"{int(found.sum())} of {len(found)}", color=INK)
        ax.set(xticks=[], xlim=(0, 1))
        ax.spines["bottom"].set_visible(False)
        finish(
            chart,
            title,
            "filled: share that went the wrong way; a fixed list, which an attacker does not use",
        )
    return chart

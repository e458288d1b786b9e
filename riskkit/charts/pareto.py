"""Figure of alternatives: what each costs against how good it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import BLUE, FAINT, GREY, INK, SOFT, Chart, empty, finish, styled, text, usd


def pareto(found: pd.DataFrame) -> Chart:
    """Quality against the median bill of the last month, a dot an alternative, both with intervals.

    ``found`` is the table of ``cost.alternatives``. Filled dots lie on the frontier: no other is both cheaper and at
    least as good. Alternatives without a quality are named below.
    """
    title = "Cost against quality"
    rated = found[found["quality"].notna()]
    if len(found) < 2:
        return empty(title, "No alternatives are declared.")
    if len(rated) < 2:
        return empty(title, "Fewer than two alternatives have a quality that was measured elsewhere.")
    best = [text(name) for name in rated["alternative"][rated["frontier"].astype(bool)]]
    told = f"{len(best)} of {len(rated)} are on the frontier: {', '.join(best)}"
    chart = Chart(3.7, about=f"{title}. {told}")
    with styled():
        ax = chart.subplots()
        line = rated[rated["frontier"].astype(bool)].sort_values("usd_p50")
        ax.step(
            line["usd_p50"], line["quality"], where="post", color=GREY, linewidth=1.1, linestyle=(0, (3, 3))
        )
        for place, row in enumerate(rated.sort_values("usd_p50").to_dict(orient="records")):
            colour = BLUE if row["frontier"] else GREY
            ax.hlines(row["quality"], row["usd_p10"], row["usd_p90"], color=colour, linewidth=2, alpha=0.4)
            if row["quality_low"] < row["quality_high"]:
                ax.vlines(
                    row["usd_p50"],
                    row["quality_low"],
                    row["quality_high"],
                    color=colour,
                    linewidth=2,
                    alpha=0.4,
                )
            ax.scatter(
                [row["usd_p50"]], [row["quality"]], s=46, zorder=3, color=colour if row["frontier"] else "white",
                edgecolor=colour, linewidth=1.4,
            )  # fmt: skip
            ax.annotate(
                text(row["alternative"]), (row["usd_p50"], row["quality"]), (6, 6 if place % 2 else -13),
                textcoords="offset points", fontsize=8.5, color=INK,
            )  # fmt: skip
        ax.set(xlabel="USD in the last month", ylabel="quality", xlim=(0, None))
        ax.grid(color=FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
        ax.margins(y=0.18)
        ax.set_xlim(0, 1.18 * float(np.nanmax(rated["usd_p90"])))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: usd(v)))
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        ax.tick_params(axis="y", labelcolor=SOFT)
        rest = [text(name) for name in found["alternative"][found["quality"].isna()]]
        without = f"; without a quality: {', '.join(rest)}" if rest else ""
        finish(chart, told, f"bars: 80 of 100 futures, and the interval of quality{without}")
    return chart

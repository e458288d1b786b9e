"""Figure of a projected bill: the median month by month, its bands and the budget."""

from __future__ import annotations

from typing import Protocol

import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import BLUE, ORANGE, SOFT, Chart, finish, styled


class _Projection(Protocol):
    @property
    def months(self) -> pd.DataFrame: ...
    @property
    def monthly_budget_usd(self) -> float: ...


def cost_fan(projection: _Projection) -> Chart:
    """The median bill by month, bands that hold 80 and 98 percent of the simulated futures, and the budget."""
    m, budget = projection.months, projection.monthly_budget_usd
    last = m.iloc[-1]
    title = f"Month {int(last['month'])}: ${last['p50']:,.0f} in the median future, budget ${budget:,.0f}"
    over = m[m["exceed"] > 0.5]
    when = f"from month {int(over['month'].iloc[0])} more futures exceed it than not" if len(over) else ""
    chart = Chart(
        8, 4, about=f"{title}; {last['exceed']:.0%} of simulated futures exceed the budget that month."
    )
    with styled():
        ax = chart.subplots()
        ax.fill_between(m["month"], m["p10"], m["p90"], color=BLUE, alpha=0.25, linewidth=0)
        ax.fill_between(m["month"], m["p90"], m["p99"], color=BLUE, alpha=0.12, linewidth=0)
        ax.plot(m["month"], m["p50"], color=BLUE, linewidth=2, marker="o" if len(m) == 1 else None)
        ax.axhline(budget, color=ORANGE, linewidth=1.4, linestyle=(0, (5, 3)))
        ax.annotate(
            "budget",
            (0, budget),
            (4, 4),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=ORANGE,
            fontsize=9,
        )
        for name, label in (("p99", "99 %"), ("p90", "90 %"), ("p50", "median"), ("p10", "10 %")):
            ax.annotate(
                label,
                (last["month"], last[name]),
                (5, 0),
                textcoords="offset points",
                va="center",
                color=SOFT,
                fontsize=8.5,
            )
        ax.set_ylim(bottom=0)
        ax.set_xlim(m["month"].min(), max(m["month"].max(), m["month"].min() + 0.5))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"${v:,.0f}"))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("month")
        finish(chart, title, when)
    return chart

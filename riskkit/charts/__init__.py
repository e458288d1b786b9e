"""Charts: tables and measurements in, figures out; each figure has one message."""

from riskkit.charts.calibration import calibration
from riskkit.charts.checklist import checklist_status
from riskkit.charts.cost import cost_fan
from riskkit.charts.cost_parts import cost_parts
from riskkit.charts.cutoffs import ratios_by_cutoff
from riskkit.charts.disparity import disparities
from riskkit.charts.findings import invented_facts
from riskkit.charts.latency import latency
from riskkit.charts.leakage import contamination
from riskkit.charts.listed import listed
from riskkit.charts.pareto import pareto
from riskkit.charts.ranking import ranked_groups
from riskkit.charts.rates import group_rates
from riskkit.charts.style import Chart, png, svg
from riskkit.charts.tornado import tornado
from riskkit.charts.trade_off import trade_off
from riskkit.charts.updates import class_shifts, scheduled_looks

__all__ = [
    "Chart", "calibration", "checklist_status", "class_shifts", "contamination", "cost_fan", "cost_parts",
    "disparities", "group_rates", "invented_facts", "latency", "listed", "pareto", "png", "ranked_groups",
    "ratios_by_cutoff", "scheduled_looks", "svg", "tornado", "trade_off",
]  # fmt: skip

"""Charts: tables and measurements in, figures out; each figure has one message."""

from riskkit.charts.calibration import calibration
from riskkit.charts.checklist import checklist_status
from riskkit.charts.cost import cost_fan
from riskkit.charts.disparity import disparities
from riskkit.charts.findings import invented_facts
from riskkit.charts.rates import group_rates
from riskkit.charts.style import Chart, png, svg

__all__ = [
    "Chart", "calibration", "checklist_status", "cost_fan", "disparities", "group_rates", "invented_facts", "png", "svg"
]  # fmt: skip

"""The door for people who click: each function shows a widget in JupyterLab, and the same facts as a table elsewhere.

Nothing here imports ipywidgets until a widget is drawn, and none is drawn under a runner.
"""

from __future__ import annotations

from riskkit.widgets.checklist import checklist_form
from riskkit.widgets.comparer import compare_runs
from riskkit.widgets.drafter import decision_drafter
from riskkit.widgets.explorer import register_explorer
from riskkit.widgets.guide import what_now
from riskkit.widgets.labelling import label_answers
from riskkit.widgets.launcher import run_launcher
from riskkit.widgets.mitigations import what_if_mitigated
from riskkit.widgets.notebook import load_ipython_extension
from riskkit.widgets.thresholds import what_if_thresholds
from riskkit.widgets.what_if_cost import what_if_cost

__all__ = [
    "checklist_form",
    "compare_runs",
    "decision_drafter",
    "label_answers",
    "load_ipython_extension",
    "register_explorer",
    "run_launcher",
    "what_if_cost",
    "what_if_mitigated",
    "what_if_thresholds",
    "what_now",
]

"""What changed between two versions of a hosted model: the measures of a model update, under one name."""

from __future__ import annotations

from riskkit.measures.input_drift import between, input_drift_psi
from riskkit.measures.judge_drift import judge_drift_of
from riskkit.measures.looks import looks, update_e_value
from riskkit.measures.magnitudes import latency_p95_seconds, magnitude_means, magnitude_ratios
from riskkit.measures.mismatch import response_mismatch, response_mismatch_excess, within_version_mismatch
from riskkit.measures.update_changes import (
    accuracies,
    accuracy_change,
    answer_flows,
    class_accuracy_changes,
    class_flips,
    format_validity_change,
    refusal_rate_change,
)
from riskkit.measures.version_names import identities, new_version_share
from riskkit.measures.version_pairs import compare_sides

__all__ = [
    "accuracies", "accuracy_change", "answer_flows", "between", "class_accuracy_changes", "class_flips",
    "compare_sides", "format_validity_change", "identities", "input_drift_psi", "judge_drift_of",
    "latency_p95_seconds", "looks", "magnitude_means", "magnitude_ratios", "new_version_share", "refusal_rate_change",
    "response_mismatch", "response_mismatch_excess", "update_e_value", "within_version_mismatch",
]  # fmt: skip

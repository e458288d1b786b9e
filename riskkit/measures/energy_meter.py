"""Watt-hours that a piece of work took on this machine, by its own meters."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from riskkit.errors import EnvironmentProblem


def metered_wh(work: Callable[[], Any], *, country: str) -> float:
    """The watt-hours of processor, memory and graphics card while ``work`` ran here, as codecarbon reads them.

    Right for a model that runs on this machine, wrong for one behind an endpoint. Nothing is fetched and nothing is
    written. ``country`` is the ISO 3166 code of three letters.

    Raises
    ------
    EnvironmentProblem
        When codecarbon is not installed, or the machine shows it no meter.
    """
    try:
        meter = import_module("codecarbon")
    except ImportError:
        raise EnvironmentProblem("measuring energy needs codecarbon: pip install codecarbon") from None
    tracker = meter.OfflineEmissionsTracker(
        country_iso_code=country, save_to_file=False, log_level="error", tracking_mode="machine"
    )
    tracker.start()
    try:
        work()
    finally:
        tracker.stop()
    found = tracker.final_emissions_data
    if found is None or not found.energy_consumed > 0:
        raise EnvironmentProblem("codecarbon read no energy: the work was too short, or there is no meter")
    return 1000 * float(found.energy_consumed)

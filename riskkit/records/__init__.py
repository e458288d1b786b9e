"""Keeps evidence so that a change to it can be told from the outside."""

from riskkit.records.fault import Fault
from riskkit.records.store import Store, Stored

__all__ = ["Fault", "Store", "Stored"]

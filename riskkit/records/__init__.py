"""Keeps evidence so that a change to it can be told from the outside."""

from riskkit.records.fault import Fault
from riskkit.records.inputs import changed_inputs
from riskkit.records.merge import merge
from riskkit.records.pack import Pack, pack
from riskkit.records.remote import RemoteStore
from riskkit.records.signing import Signer, new_key, read_key
from riskkit.records.store import Store, Stored
from riskkit.records.trust import Trust, read_trust

__all__ = [
    "Fault", "Pack", "RemoteStore", "Signer", "Store", "Stored", "Trust", "changed_inputs", "merge", "new_key", "pack",
    "read_key", "read_trust",
]  # fmt: skip

"""Runs notebooks in processes of their own and says how each ended; knows nothing of where records are kept."""

from riskkit.runner.cluster import Tls, cluster
from riskkit.runner.environment import Surroundings, kit_sha256, surroundings
from riskkit.runner.fingerprint import Fingerprint, fingerprint
from riskkit.runner.notebook import inspect
from riskkit.runner.parameters import NotebookSpec, Parameter, check_parameters
from riskkit.runner.place import Place, this_machine
from riskkit.runner.plan import Due, due, parameters_sha256
from riskkit.runner.run import Machine, execute
from riskkit.runner.scratch import sweep
from riskkit.runner.task import CellDone, Event, Finished, Limits, Outcome, Started, Task
from riskkit.runner.warm import Warm, warm_where_possible

__all__ = [
    "CellDone", "Due", "Event", "Fingerprint", "Finished", "Limits", "Machine", "NotebookSpec", "Outcome", "Parameter",
    "Place", "Started", "Surroundings", "Task", "Tls", "Warm", "check_parameters", "cluster", "due", "execute",
    "fingerprint", "inspect", "kit_sha256", "parameters_sha256", "surroundings", "sweep", "this_machine",
    "warm_where_possible",
]  # fmt: skip

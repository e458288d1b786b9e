"""The papermill engine `riskkit`: whoever runs a notebook with it files the evidence that `riskkit run` files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from papermill.engines import Engine


class RiskkitEngine(Engine):  # type: ignore[misc]
    """Runs a workspace's notebook under the kit's supervision, such as ``papermill --engine riskkit``."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
        """Run what papermill was given, and hand it the executed cells.

        Raises:
            RiskkitError: the notebook lies in no workspace, a parameter is wrong, or the run did not conclude.
        """
        import nbformat

        from riskkit.cli import running

        given = nb_man.nb.metadata.papermill
        outcome = running.run_one(Path(given.input_path), dict(given.parameters))
        if outcome.notebook is not None:
            executed = nbformat.reads(outcome.notebook.decode("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
            for cell in executed.cells:
                cell.metadata.papermill = {"status": nb_man.COMPLETED}
            nb_man.nb.cells = executed.cells
        if not _shows_an_error(nb_man.nb):  # which papermill raises itself, once it has written its output
            running.raise_for(outcome)


def _shows_an_error(notebook: Any) -> bool:
    return any(o.output_type == "error" for cell in notebook.cells for o in cell.get("outputs", ()))

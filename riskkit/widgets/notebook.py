"""What JupyterLab's kernels load: the form of parameters under their cell, and errors of the kit in one line."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any

from riskkit.errors import RiskkitError
from riskkit.model.handover import PROJECT
from riskkit.model.shown import Shown, folded, line, stacked
from riskkit.runner.parameters import declared
from riskkit.widgets.parameters import ParametersForm
from riskkit.widgets.twin import in_use


def load_ipython_extension(shell: Any) -> None:
    """Make this kernel a place to explore in; under a runner nothing is changed."""
    if not in_use():
        return
    hook = _Hook(shell)
    shell.events.register("post_run_cell", hook.after)
    shell.set_custom_exc((RiskkitError,), show_error)


class _Hook:
    """Notices that the parameters cell ran, applies what the form says, and shows the form under the cell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._form: ParametersForm | None = None

    def after(self, result: Any) -> None:
        """Called when a cell ends."""
        from IPython.display import display

        if result.error_before_exec or result.error_in_exec:
            return
        source = str(result.info.raw_cell)
        parameters, problems = declared(source, where="")
        if problems or not parameters or parameters[0].name != "project":
            return
        if self._form is None or self._form.source != source:
            self._form = self._made(source, parameters)
        self._form.apply()
        display(self._form.refreshed())  # type: ignore[no-untyped-call]

    def _made(self, source: str, parameters: Any) -> ParametersForm:
        notebook = Path(os.environ.get("JPY_SESSION_NAME", "notebook")).stem
        form = ParametersForm(source, parameters, notebook=notebook, names=self._shell.user_ns)
        if project := os.environ.get(PROJECT):
            form.apply({"project": project})
        return form


def show_error(
    shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None
) -> list[str]:
    """Show an error of the kit as its own lines, which say the fix; where it came from is a click away."""
    from IPython.display import display

    display(told(error))  # type: ignore[no-untyped-call]
    return [f"{kind.__name__}: {error}"]


def told(error: BaseException) -> Shown:
    """The lines of an error, with its traceback folded."""
    where = "".join(traceback.format_exception(error))
    return stacked(
        *map(line, str(error).splitlines()), folded("Where it came from", *map(line, where.splitlines()))
    )

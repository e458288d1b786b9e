"""Twins: a widget where somebody can use it, the same facts as a table where nobody can."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from riskkit.errors import RiskkitError
from riskkit.model.handover import RESULT
from riskkit.model.shown import Shown

if TYPE_CHECKING:
    from ipywidgets import Widget

Facts = dict[str, Any]
"""What a widget shows, as plain values: the one source of its view and of its table."""
Step = Callable[[Facts, Mapping[str, Any]], Facts]
"""What people did, as a message of the view, makes new facts of the old ones."""


def in_use(environ: Mapping[str, str] | None = None) -> bool:
    """Whether somebody can use a widget here: a server started the kernel, and no runner waits for a result."""
    env = os.environ if environ is None else environ
    return RESULT not in env and bool(env.get("JPY_SESSION_NAME") or env.get("VSCODE_PID"))


class Twin:
    """What a widget function returns: shows itself as a widget or as a table, from the same ``facts``.

    ``view`` names the script and style in ``web/`` that draw the facts; ``table`` tells them without a widget; ``step``
    answers what people do. An error of the kit becomes a line in the widget; the facts then stay as they were.
    """

    def __init__(
        self,
        view: str,
        facts: Facts,
        *,
        table: Callable[[Facts], Shown],
        step: Step | None = None,
        data: Mapping[str, bytes] | None = None,
    ) -> None:
        self.view, self.facts, self.data = view, facts, data
        self._table, self._step = table, step
        self._widget: Any = None
        self._lock = threading.RLock()  # messages may come on a thread of their own, depending on ipykernel

    @property
    def shown(self) -> Shown:
        """The facts without a widget."""
        return self._table(self.facts)

    @property
    def widget(self) -> Widget:
        """The live widget, made when it is first asked for; every view of it shows the same facts."""
        from riskkit.widgets import live

        if self._widget is None:
            self._widget = live.view(self.view, facts=self.facts, told=self.tell, data=self.data)
        return live.guarded(self._widget)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Take in what people did; ``message["do"]`` names it."""
        with self._lock:
            try:
                facts = self._step(self.facts, message) if self._step else self.facts
            except RiskkitError as error:
                facts = self.facts | {"said": str(error), "went": "wrong"}
            self.show(facts)

    def show(self, facts: Facts) -> None:
        """Show these facts from now on; may be called from any thread."""
        with self._lock:
            self.facts = facts
            if self._widget is not None:
                self._widget.facts = facts

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        bundle: dict[str, Any] = dict(self.shown._repr_mimebundle_())
        if in_use() and _installed():
            data = self.widget._repr_mimebundle_()
            bundle = {**(data[0] if isinstance(data, tuple) else data), **bundle}
        return bundle

    def __repr__(self) -> str:
        return self.shown.text


def _installed() -> bool:
    from importlib.util import find_spec

    return find_spec("anywidget") is not None and find_spec("ipywidgets") is not None

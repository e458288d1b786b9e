"""The program that runs one notebook with papermill and reports what happens as JSON lines.

It decides nothing: whether the run counts is for the process that reads the lines. It imports nothing of the kit,
so that starting it costs what papermill costs and no more.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty
from typing import Any

NEEDS = ("papermill", "nbclient", "jupyter_client", "ipykernel")
MISSING, FAILED = 7, 1


class Report:
    """Writes events, one JSON line each, to a descriptor that nothing else writes to."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor

    def __call__(self, event: str, **facts: object) -> None:
        """Write one event, short enough that lines of several writers do not mix."""
        short = {k: v[:500] if isinstance(v, str) else v for k, v in facts.items()}
        os.write(self._descriptor, json.dumps({"event": event, **short}).encode() + b"\n")


def run(order: dict[str, Any], report: Report, manager: Callable[[dict[str, Any]], Any] | None = None) -> int:
    """Run the notebook ``order["source"]`` and write it to ``order["target"]``, however far it got; the exit code.

    ``manager`` makes the kernel's manager from ``order``.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text("rk-notebook")  # its name in lists of processes
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        report("missing", what=", ".join(missing))
        return MISSING
    spare_an_import()
    import nbformat
    import papermill

    notebook = nbformat.reads(Path(order["source"]).read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    sofar = _prepare(order, report, manager or kernel_manager)

    def end(*_: object) -> None:
        _save(sofar, order["target"])
        os._exit(FAILED)

    signal.signal(signal.SIGTERM, end)
    try:
        papermill.execute_notebook(
            notebook, None, order["parameters"], engine_name="riskkit", kernel_name="python3", language="python",
            progress_bar=False, request_save_on_cell_execute=False, autosave_cell_every=0,
        )  # fmt: skip
        report("done")
    except Exception as error:
        report("raised", kind=type(error).__name__, what=str(error))
        return FAILED
    finally:
        _save(sofar, order["target"])
    return 0


def spare_an_import() -> None:
    """Keep papermill from importing a format check it does not use, which takes a second."""
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]


def prepare_to_read() -> None:
    """Have nbformat make its check of notebooks, which takes longer than to read one."""
    import nbformat

    nbformat.reads('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', as_version=4)  # type: ignore[no-untyped-call]


def _prepare(
    order: dict[str, Any], report: Report, manager: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """Give papermill our engine and our way to write values; returns where the notebook will be found."""
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.translators import PythonTranslator, papermill_translators

    sofar: dict[str, Any] = {}

    class Engine(NBClientEngine):  # type: ignore[misc]
        """papermill's engine around our client."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
            sofar["notebook"] = nb_man.nb
            _client(order, report, manager)(nb_man).execute(cwd=order["folder"])

    class Literals(PythonTranslator):  # type: ignore[misc]
        """Values as ASCII literals: exact, and never code."""

        @classmethod
        def codify(cls, parameters: dict[str, Any], comment: str = "Parameters") -> str:
            return "\n".join([f"# {comment}", *(f"{name} = {value!a}" for name, value in parameters.items())])

    papermill_engines.register("riskkit", Engine)
    papermill_translators.register("python3", Literals)
    return sofar


def _client(order: dict[str, Any], report: Report, manager: Callable[[dict[str, Any]], Any]) -> Any:
    """A maker of papermill clients that report each cell and stop when a notebook shows more than it may."""
    from papermill.clientwrap import PapermillNotebookClient

    class Client(PapermillNotebookClient):  # type: ignore[misc]
        """Reads counts and errors from the kernel's replies, which are never dropped, and not from its output."""

        shown = ran = 0
        idle = False

        def process_message(self, msg: dict[str, Any], *rest: Any, **named: Any) -> Any:
            self.idle = msg["content"].get("execution_state") == "idle"
            self.shown += _size(msg["content"])
            if self.shown > order["output_mb"] << 20:
                report("too_much_output")
                _save({"notebook": self.nb}, order["target"])
                os._exit(FAILED)
            return super().process_message(msg, *rest, **named)

    def executed(cell: Any, cell_index: int, execute_reply: Any, **_: Any) -> None:
        cell["execution_count"] = execute_reply["content"].get("execution_count")
        client.ran += 1
        if not client.idle:
            report("cut", cell=cell_index)
        report("cell", number=client.ran, cells=total)

    def raised(cell_index: int, execute_reply: Any, **_: Any) -> None:
        content = execute_reply["content"]
        report("error", cell=cell_index, kind=str(content.get("ename")), what=str(content.get("evalue")))

    def number(index: int) -> int:
        """Which cell it is of the notebook people wrote, counted from 1."""
        before = client.nb.cells[: index + 1]
        return index + 1 - sum("injected-parameters" in c.metadata.get("tags", ()) for c in before)

    client: Any = None
    total = 0

    def make(nb_man: Any) -> Any:
        nonlocal client, total
        total = sum(c.cell_type == "code" and bool(c.source.strip()) for c in nb_man.nb.cells)
        client = Client(
            nb_man, km=manager(order), raise_on_iopub_timeout=False, iopub_timeout=10, store_widget_state=False,
            record_timing=False, force_raise_errors=True,
            on_notebook_start=lambda **_: report("started", cells=total),
            on_cell_start=lambda cell_index, **_: report("at", cell=cell_index, number=number(cell_index)),
            on_cell_executed=executed, on_cell_error=raised,
        )  # fmt: skip
        client.owns_km = True
        return client

    return make


def _size(content: dict[str, Any]) -> int:
    """Characters of text, images and tracebacks in the content of an output message."""
    data = content.get("data")
    parts = [content.get("text"), *(data.values() if isinstance(data, dict) else ())]
    return sum(len(p) if isinstance(p, str) else len(json.dumps(p)) for p in parts if p)


def kernel_manager(order: Mapping[str, Any]) -> Any:
    """A manager whose only kernel is ours, reached over sockets in a folder nobody else can enter."""
    import zmq
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class Prompt(AsyncKernelClient):
        """Is ready as soon as the kernel's answer and its output have both arrived, not a fixed time later."""

        def _context_default(self) -> Any:
            context = super()._context_default()
            context.setsockopt(zmq.RCVHWM, 0)  # as in the kernel: output waits, and is not dropped
            context.setsockopt(zmq.RECONNECT_IVL, 2)  # ms until who came too early knocks again
            return context

        async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
            until = time.monotonic() + (timeout or 60)
            while time.monotonic() < until:
                asked = self.kernel_info()
                with contextlib.suppress(Empty, TimeoutError):
                    answer = await self._async_recv_reply(asked, timeout=1)
                    while not _is_idle(await self.iopub_channel.get_msg(timeout=0.2), asked):
                        pass
                    self._handle_kernel_info_reply(answer)
                    return
                if not await self._async_is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info")
            raise RuntimeError(f"Kernel didn't respond in {timeout or 60:g} seconds")

        wait_for_ready = _async_wait_for_ready

    class Manager(AsyncKernelManager):
        """Looks often whether the kernel has ended."""

        async def _async_finish_shutdown(
            self, waittime: float | None = None, pollinterval: float = 0.01, restart: bool = False
        ) -> None:
            await super()._async_finish_shutdown(waittime, pollinterval, restart)

        finish_shutdown = _async_finish_shutdown

    class OnlyOurs(KernelSpecManager):
        """Answers every name with the kit's own kernel, so that no folder of the user's can put another there."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(argv=order["kernel"], display_name="riskkit", language="python")

    manager = Manager(kernel_name="python3", transport="ipc", ip=order["sockets"] + "/k")
    manager.client_factory = Prompt
    manager.kernel_spec_manager = OnlyOurs()
    manager.connection_file = order["sockets"] + "/kernel.json"
    return manager


def _is_idle(message: dict[str, Any], asked: str) -> bool:
    idle: bool = message["content"].get("execution_state") == "idle"
    return idle and message["parent_header"].get("msg_id") == asked


def _save(sofar: dict[str, Any], target: str) -> None:
    if "notebook" in sofar:
        text = json.dumps(sofar["notebook"], ensure_ascii=False)
        Path(target).write_bytes(text.encode("utf-8", "backslashreplace"))


if __name__ == "__main__":
    code = run(json.loads(Path(sys.argv[1]).read_bytes()), Report(int(sys.argv[2])))
    sys.stdout.flush()
    os._exit(code)

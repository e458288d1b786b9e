"""The door for machines: the ``riskkit`` command, one file a command group."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer

from riskkit import __version__
from riskkit.errors import RiskkitError, need_posix, printable

app = typer.Typer(
    name="riskkit",
    help="Assess what can go wrong with a model, keep the evidence, publish the register.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 ok, 2 usage, 3 bad input, 4 run failed, 5 run stopped, 6 integrity, 7 environment, "
    "8 storage, 9 policy, 10 gate.",
)

for _group in (
    "start",
    "lab",
    "notebooks",
    "doctor",
    "running",
    "publishing",
    "gate",
    "deciding",
    "comparing",
    "law",
    "store",
    "importing",
    "reviewing",
    "labelling",
    "pruning",
    "scheduling",
):
    import_module(f"{__name__}.{_group}").register(app)


@app.callback(invoke_without_command=True)
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"riskkit {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; every error of the kit becomes its lines and its exit code."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # 0.7 s for a grammar no command needs
    try:
        need_posix()
        app()
    except RiskkitError as error:
        _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        _complain("stopped; the next run resumes at what is not done", 130)
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:
        if os.environ.get("RISKKIT_DEBUG"):
            raise
        what = f"{type(error).__name__}: {printable(error)}"
        _complain(f"riskkit has a fault: {what} (set RISKKIT_DEBUG=1 for the traceback)", 1)


def _complain(message: str, code: int) -> None:
    typer.echo(message, err=True)
    sys.exit(code)

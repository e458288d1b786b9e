"""Where a run happens: its folder and its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PASSED = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
)
_FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
}


@dataclass(frozen=True, slots=True)
class Room:
    """The folder of one run: what it reads, what it leaves, and where its kernel works."""

    folder: Path
    sockets: Path

    @property
    def source(self) -> Path:
        """The notebook to run."""
        return self.folder / "source.ipynb"

    @property
    def target(self) -> Path:
        """The notebook as far as it ran."""
        return self.folder / "executed.ipynb"

    @property
    def result(self) -> Path:
        """The result file that ``case.conclude`` writes."""
        return self.folder / "result.json"

    @property
    def log(self) -> Path:
        """What the processes wrote beside the notebook."""
        return self.folder / "log.txt"

    @property
    def answers(self) -> Path:
        """What endpoints answered before the run."""
        return self.folder / "answers"

    @property
    def work(self) -> Path:
        """The kernel's working folder: empty, and not importable."""
        return self.folder / "work"


def harmless(environ: Mapping[str, str]) -> dict[str, str]:
    """What any run may see of ``environ``, and settings that make runs repeatable.

    Nothing else passes: no keys, no proxies, no PYTHONPATH, no user's Jupyter or IPython folders.
    """
    return {name: environ[name] for name in environ if name in _PASSED or name.startswith("LC_")} | _FIXED


def scrubbed(environ: Mapping[str, str], room: Room) -> dict[str, str]:
    """The environment of one run: what is harmless, and Jupyter folders of its own."""
    own = {
        name: str(room.folder / "jupyter")
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
    }
    return {**harmless(environ), **own, "JUPYTER_CONFIG_DIR": str(room.folder / "jupyter")}

"""The floors of import-linter refuse what they should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = {
    "a room may import the model": ("register.py", "import riskkit.model", True),
    "a door may import a room": ("cli/run.py", "import riskkit.register", True),
    "the runner may import papermill": ("runner/engine.py", "import papermill", True),
    "a room may not import a room": ("register.py", "import riskkit.catalog", False),
    "a room may not import a door": ("catalog.py", "import riskkit.assess", False),
    "a door may not import a door": ("assess.py", "import riskkit.cli.run", False),
    "the model may not read files": ("model/risk.py", "import riskkit.authored", False),
    "errors may not import the model": ("errors.py", "import riskkit.model", False),
    "a new module needs a floor": ("utils.py", "", False),
    "only the runner imports papermill": ("assess.py", "def f():\n    import papermill", False),
    "only authored imports yaml": ("catalog.py", "from yaml import safe_load", False),
    "only charts imports matplotlib": ("exporters/pages.py", "import matplotlib.pyplot", False),
    "only the CLI imports rich": ("runner/engine.py", "import rich.console", False),
    "nobody imports mkdocs": ("exporters/pages.py", "from mkdocs.commands import build", False),
}


@pytest.mark.slow
@pytest.mark.parametrize(("path", "code", "kept"), FLOORS.values(), ids=FLOORS)
def test_the_floors_hold(tmp_path: Path, path: str, code: str, kept: bool) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    modules = [
        "assess",
        "catalog",
        "register",
        "authored",
        "errors",
        "model/risk",
        "cli/run",
        "runner/engine",
    ]
    for name in [*(f"{m}.py" for m in modules), "exporters/pages.py", path]:
        file = tmp_path / "riskkit" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in [file.parent, tmp_path / "riskkit"]:
            (folder / "__init__.py").touch()
        file.write_text(code if name == path else "")
    run = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    lint = subprocess.run(
        [sys.executable, "-c", run, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (lint.returncode == 0) == kept, lint.stdout + lint.stderr
    assert f"{0 if kept else 1} broken" in lint.stdout

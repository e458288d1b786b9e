"""The wheel holds what `riskkit init` copies."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _made_here(folder: str, names: list[str]) -> set[str]:
    """What machines made of this checkout; only at the top, because the package has folders of these names."""
    made = {"build", "dist", "records"} if Path(folder) == ROOT else set()
    return {n for n in names if n in made | {".git", ".venv", "__pycache__"} or n.endswith("_cache")}


@pytest.mark.slow
def test_the_wheel_carries_the_starting_material_and_nothing_generated(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=_made_here)
    wanted = [
        "notebooks/planted.ipynb",
        "templates/pages/planted.md.j2",
        "site/planted.md",
        "projects/x/profile.yml",
    ]
    unwanted = [
        "notebooks/.ipynb_checkpoints/planted-checkpoint.ipynb", "projects/x/__pycache__/data.pyc",
        "site/build/planted.html", "records/x/evidence.json", "build/site/planted.html",
    ]  # fmt: skip
    for name in [*wanted, *unwanted, "mkdocs.yml"]:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("planted")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=tree, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"riskkit/_kit/{name}" for name in [*wanted, "mkdocs.yml"]} <= names
    package = [path for path in (ROOT / "riskkit").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(ROOT).as_posix() for path in package} <= names
    assert {"riskkit/records/__init__.py", "riskkit/py.typed"} <= names
    assert not [n for n in names if "checkpoint" in n or "__pycache__" in n or "build/" in n]
    assert not [n for n in names if "records/" in n and not n.startswith("riskkit/records/")]
    assert {n.split("/")[0] for n in names if ".dist-info" not in n} == {"riskkit"}

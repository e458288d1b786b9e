"""What the documents tell people to type exists, and does what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image

from riskkit import errors, targets
from riskkit.cli import app

ROOT = Path(__file__).resolve().parents[1]
WALKS = sorted(p for p in (ROOT / "site/walks").glob("*.md") if p.name != "index.md")
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "site").glob("*.md")), *WALKS]
PICTURES = sorted((ROOT / "site/assets/pictures").glob("*.png"))
RUN = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE_BY_THE_SITE = {"not-covered.md", "measures.md", "register.md", "risks/index.md", "decisions/index.md"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# What is typed


def commands(text: str) -> Iterator[list[str]]:
    """Every ``riskkit`` command of a document, in words: from code between backticks and from blocks."""
    code = [block.replace("\\\n", " ") for _, block in BLOCK.findall(text)]
    code += [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text))]
    for line in "\n".join(code).splitlines():
        for part in re.split(r"&&|\|\||[;|>]|\$\(", line.partition(" #")[0]):
            found = re.match(r"\s*(?:if |! |[A-Z_]+=\S+ )*riskkit(?: |$)(.*)", part)
            if found:
                yield [word.strip("\"')") for word in found[1].split()]


def surface() -> dict[tuple[str, ...], set[str]]:
    """Every command of the CLI, by its words, with its options; the program itself has no words."""

    def walk(command: object, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
        parameters = getattr(command, "params", [])
        yield words, {o for p in parameters for o in (*p.opts, *p.secondary_opts) if o.startswith("-")}
        for word, child in getattr(command, "commands", {}).items():
            yield from walk(child, (*words, word))

    return dict(walk(typer.main.get_command(app), ()))


def unknown(words: list[str], known: dict[tuple[str, ...], set[str]]) -> list[str]:
    """What of a command the CLI does not have."""
    at: tuple[str, ...] = ()
    while words[len(at) :] and (*at, words[len(at)]) in known:
        at = (*at, words[len(at)])
    rest = words[len(at) :]
    is_group = any(k[:-1] == at for k in known if k)
    if is_group and rest and not rest[0].startswith("-"):
        return rest[:1]
    options = [w.partition("=")[0] for w in rest if re.match(r"--?[a-z]", w)]
    return [o for o in options if o not in known[at] | {"--help", "-h"}]


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_command_a_document_shows_exists_with_its_options(path: Path) -> None:
    known = surface()
    shown = list(commands(path.read_text(encoding="utf-8")))
    assert [(" ".join(words), bad) for words in shown if (bad := unknown(words, known))] == []


def test_every_command_of_the_program_is_shown_in_a_document() -> None:
    known = surface()
    leaves = {k for k in known if k and not any(o[: len(k)] == k for o in known if o != k)}
    shown = [tuple(words) for path in DOCS for words in commands(path.read_text(encoding="utf-8"))]
    assert sorted(k for k in leaves if not any(s[: len(k)] == k for s in shown)) == []


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("`riskkit bild`", ["bild"]),
        ("```sh\nriskkit run --fast\n```", ["--fast"]),
        ("`riskkit law lst`", ["lst"]),
        ("```bash\nriskkit run x && riskkit chek --json | head\n```", ["chek"]),
        ("`riskkit run --plan loan-approval`", []),
        ("riskkit flies", []),
    ],
)
def test_a_command_that_does_not_exist_is_seen(text: str, bad: list[str]) -> None:
    known = surface()
    assert [b for words in commands(text) for b in unknown(words, known)] == bad


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_make_target_a_document_shows_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^(\w+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8")))
    shown = set(re.findall(r"(?m)(?:`|^)make (?:[A-Z]+=\S+ )?([a-z]+)", text))
    assert shown - targets == set()


# What is linked and told


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    made = {(ROOT / "site" / page).resolve() for page in MADE_BY_THE_SITE}
    places = {link: (path.parent / link).resolve() for link in inside}
    assert [link for link, place in places.items() if not place.exists() and place not in made] == []


def test_the_list_of_walks_links_every_walk() -> None:
    listed = (ROOT / "site/walks/index.md").read_text(encoding="utf-8")
    assert [w.name for w in WALKS if f"]({w.name})" not in listed] == []


def test_the_readme_lists_every_exit_code_with_its_number() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {int(n) for n in re.findall(r"(?m)^\| (\d+) \|", readme)}
    raised = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and hasattr(e, "exit_code")}
    assert told == {0} | raised


def test_the_readme_lists_every_extra() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = set(re.findall(r"(?m)^\| `(\w+)` \|", readme))
    assert set(project["optional-dependencies"]) <= told


@pytest.mark.parametrize(
    ("what", "pattern"),
    [("risks", "riskkit/catalog/risks/*.md"), ("legal", "riskkit/catalog/regulations/*.yml")],
)
def test_the_readme_counts_what_the_catalogue_holds(what: str, pattern: str) -> None:
    told = re.search(rf"(\d+) {what}", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert told
    assert int(told[1]) == len(list(ROOT.glob(pattern)))


@pytest.mark.parametrize(
    ("extra", "library"),
    [
        ("excel", "openpyxl"),
        ("arrow", "duckdb"),
        ("dask", "distributed"),
        ("sign", "cryptography"),
        ("openai", "openai"),
    ],
)
def test_the_readme_says_of_an_extra_nothing_uses_that_it_is_for_nothing_yet(
    extra: str, library: str
) -> None:
    """So that the row is written anew when the first module uses it."""
    imported = re.compile(rf"(?m)^\s*(?:import|from) {library}\b")
    used = any(imported.search(p.read_text(encoding="utf-8")) for p in (ROOT / "riskkit").rglob("*.py"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (f"| `{extra}` | nothing yet |" in readme) is not used


def test_the_readme_lists_every_kind_of_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [kind for kind in targets.kinds() if f"| `{kind}` |" not in readme] == []


def test_the_readme_lists_every_notebook() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p.stem for p in (ROOT / "notebooks").glob("*.ipynb") if f"| `{p.stem}` |" not in readme] == []


@pytest.mark.parametrize("path", PICTURES, ids=name)
def test_a_picture_is_small_enough_to_read_over_a_slow_line(path: Path) -> None:
    with Image.open(path) as picture:
        assert picture.width <= 1280
    assert path.stat().st_size < 200_000


def test_there_are_pictures_and_the_documents_show_them() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCS)
    assert PICTURES
    assert [p.name for p in PICTURES if p.name not in texts] == []


# What is run


def copy_of_the_kit(folder: Path) -> Path:
    """This checkout without what is made in it, in a folder where nobody edits it while a walk runs."""
    made = {ROOT / name for name in (".git", ".venv", "build", "dist", "records")}

    def left_out(at: str, names: list[str]) -> list[str]:
        return [n for n in names if Path(at, n) in made or n == "__pycache__" or n.endswith("_cache")]

    return Path(shutil.copytree(ROOT, folder / "riskkit", ignore=left_out))


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_kit(tmp_path_factory.mktemp("kit"))


def run_walk(path: Path, *, folder: Path, kit: Path) -> str:
    """Run the ``bash`` blocks of a walk one after the other in ``folder``; what they print."""
    script = "set -euo pipefail\n" + "\n".join(RUN.findall(path.read_text(encoding="utf-8")))
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(kit),
        "HOME": str(folder),
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def walk(stem: str) -> Path:
    return ROOT / "site/walks" / f"{stem}.md"


def test_every_walk_is_run_below() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [w.stem for w in WALKS if f'walk("{w.stem}")' not in here] == []


@pytest.mark.kernel
def test_the_walk_through_own_decisions_ends_with_a_register_page(tmp_path: Path, kit: Path) -> None:
    said = run_walk(walk("own-decisions"), folder=tmp_path, kit=kit)
    assert "the gate is closed: exit 10" in said
    page = (tmp_path / "my-models/build/site/projects/hiring/index.html").read_text(encoding="utf-8")
    assert "selection_rate_ratio" in page
    assert "breached" in page


@pytest.mark.kernel
def test_the_data_scientists_walk_finds_the_planted_ratio_and_records_it_once(
    tmp_path: Path, kit: Path
) -> None:
    said = run_walk(walk("data-scientist"), folder=tmp_path, kit=kit)
    assert "ratio 0.613" in said
    assert "nothing to run: 1 assessments are fresh" in said
    assert "parameters changed: groups" in said
    assert len(list((tmp_path / "my-models/records/loan-approval/bias_audit").iterdir())) == 2
    (imported,) = (tmp_path / "my-models/records/helpdesk/hallucination_sampling").glob("*/conclusion.json")
    measured = {m["measure"]: m for m in json.loads(imported.read_text(encoding="utf-8"))["measurements"]}
    assert measured["invented_fact_rate"]["n"] == 60
    assert measured["invented_fact_rate"]["value"] > 0


@pytest.mark.kernel
def test_the_platform_engineers_walk_meets_a_failure_a_closed_gate_and_a_tampered_file(
    tmp_path: Path, kit: Path
) -> None:
    said = run_walk(walk("platform-engineer"), folder=tmp_path, kit=kit)
    assert "1 records verified, 1 signed" in said
    codes = ("exit code 4", "exit code 10", "closed: exit 10", "exit code 6")
    assert [c for c in codes if c not in said] == []
    assert "0 to run, 4 fresh" in said
    night = json.loads((tmp_path / "governance/build/nightly.json").read_text(encoding="utf-8"))
    assert night == {"exit_code": 10}


@pytest.mark.kernel
def test_the_compliance_officers_walk_answers_and_is_told_of_a_wrong_word(tmp_path: Path, kit: Path) -> None:
    said = run_walk(walk("compliance-officer"), folder=tmp_path, kit=kit)
    assert "answers.yml changed" in said
    assert "'gaps' is not an allowed value" in said
    records = tmp_path / "governance/records/credit-limit/regulatory_checklist"
    counted = [
        {m["measure"]: m["value"] for m in json.loads(p.read_text(encoding="utf-8"))["measurements"]}
        for p in sorted(records.glob("*/conclusion.json"))
    ]
    assert sorted(c["requirements_with_gap"] > 0 for c in counted) == [False, True]


@pytest.mark.kernel
def test_the_reviewers_walk_checks_the_records_and_compares_a_run_of_its_own(
    tmp_path: Path, kit: Path
) -> None:
    said = run_walk(walk("reviewer"), folder=tmp_path, kit=kit)
    assert re.search(r"[1-9]\d* records verified", said)
    page = (tmp_path / "review/build/site/projects/loan-approval/index.html").read_text(encoding="utf-8")
    assert "Developer and validator" in page
    assert (tmp_path / "review/out/register.csv").exists()
    assert re.search(r"[1-9]\d* records, 0 faults", said)


@pytest.mark.kernel
def test_the_contributors_walk_ends_with_the_new_risk_measured_on_a_page(tmp_path: Path) -> None:
    clone = copy_of_the_kit(tmp_path)
    run_walk(walk("contributor"), folder=clone, kit=clone)
    page = (tmp_path / "try/build/site/projects/starter/index.html").read_text(encoding="utf-8")
    row = page.split("Groups that nobody recorded", 1)[1][:3000]
    assert "Unrecorded group share" in row
    assert "Met" in row

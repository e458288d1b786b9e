"""What is locked and installed, with the licences and without addresses."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent

# Put together here so that this file does not name what it forbids.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("yarnpkg", "com"), ("unpkg", "com"), ("jsdelivr", "net"), ("crates", "io"), ("rubygems", "org"),
        ("proxy.golang", "org"),
    ]
]  # fmt: skip
INDEX_OPTION = re.compile(r"(?<![\w-])(?:--)?(?:extra[-_])?(?:index[-_]url|find[-_]links|trusted[-_]host)\b")

# Releases that carried somebody else's code, or the last ones before a fix that matters here.
WITHDRAWN = {
    "litellm": ["1.82.7", "1.82.8"],
    "lightning": ["2.6.2", "2.6.3"],
    "ultralytics": ["8.3.41", "8.3.42", "8.3.43", "8.3.44", "8.3.45", "8.3.46"],
}
LOWEST = {
    "jinja2": "3.1.6",
    "jupyter-server": "2.20.0",
    "jupyterlab": "4.6.2",
    "mkdocs-material": "9.7.7",
    "nbconvert": "7.17.1",
}

PERMISSIVE = re.compile(
    r"\b(0BSD|Apache|BSD|CC0|HPND|ISC|MIT|MPL|Mozilla Public|PSF|Python Software Foundation|Unlicense|Zlib)"
)
RECIPROCAL = re.compile(r"GPL|General Public|SSPL|BUSL|EUPL|Commons Clause|Proprietary", re.IGNORECASE)


def locked_entries(text: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Each requirement of a lock file with its hashes."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), hashes


def locked_versions() -> dict[str, set[Version]]:
    """Name to the versions pinned for it: more than one where a platform or Python needs its own."""
    versions: dict[str, set[Version]] = {}
    for requirement, _ in locked_entries((ROOT / "requirements.lock").read_text()):
        (pin,) = requirement.specifier
        versions.setdefault(canonicalize_name(requirement.name), set()).add(Version(pin.version))
    return versions


def declared_requirements() -> list[Requirement]:
    """Everything pyproject.toml asks for, extras and build tools too."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = pyproject["project"]["optional-dependencies"]
    texts = [
        *pyproject["project"]["dependencies"],
        *pyproject["build-system"]["requires"],
        *(text for extra in extras.values() for text in extra),
    ]
    return [r for r in map(Requirement, texts) if r.name != "riskkit"]


def installed_closure(requirement: str) -> dict[str, metadata.Distribution]:
    """The distributions that installing `requirement` brings on this interpreter, by canonical name."""
    waiting, seen = [Requirement(requirement)], set()
    found: dict[str, metadata.Distribution] = {}
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        found[key[0]] = metadata.distribution(wanted.name)
        for text in found[key[0]].requires or []:
            needed = Requirement(text)
            contexts = [{"extra": extra} for extra in (wanted.extras or {""})]
            if needed.marker is None or any(needed.marker.evaluate(c) for c in contexts):
                waiting.append(needed)
    return found


def licence(distribution: metadata.Distribution) -> str:
    """What a distribution says its licence is, in the field it uses for it."""
    fields = distribution.metadata
    classifiers = [c for c in fields.get_all("Classifier") or [] if c.startswith("License ::")]
    return (
        fields.get("License-Expression") or " ".join(classifiers) or fields.get("License", "").split("\n")[0]
    )


def own_files() -> list[Path]:
    """Every file that is in git or could be added to it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout, so there is no list of our own files")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


# The lock


def test_every_locked_requirement_is_one_version_with_hashes() -> None:
    entries = list(locked_entries((ROOT / "requirements.lock").read_text()))
    assert len(entries) > 100
    for requirement, hashes in entries:
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), requirement


def test_a_lock_line_without_a_hash_is_seen() -> None:
    text = "alpha==1 ; os_name > '3' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nbeta==2.0\n# note\n"
    assert [(r.name, hashes) for r, hashes in locked_entries(text)] == [
        ("alpha", ["sha256:aa", "sha256:bb"]),
        ("beta", []),
    ]


def test_the_lock_fits_what_pyproject_declares() -> None:
    locked = locked_versions()
    for requirement in declared_requirements():
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement} is not in requirements.lock: run `make lock`"
        misfits = [v for v in versions if v not in requirement.specifier]
        assert not misfits, f"{requirement} is locked at {misfits}: run `make lock`"


def test_the_lock_holds_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_no_withdrawn_release_is_locked() -> None:
    locked = locked_versions()
    for name, versions in WITHDRAWN.items():
        assert not locked.get(name, set()) & {Version(v) for v in versions}


@pytest.mark.parametrize(("name", "lowest"), LOWEST.items())
def test_locked_versions_have_the_security_fixes(name: str, lowest: str) -> None:
    assert min(locked_versions()[name]) >= Version(lowest)


def test_mkdocs_is_the_version_the_site_was_tested_with() -> None:
    assert locked_versions()["mkdocs"] == {Version("1.6.1")}
    assert max(locked_versions()["mkdocs-material"]) < Version("10")


# What is installed


def test_the_core_install_stays_under_sixty_packages() -> None:
    assert len(installed_closure("riskkit")) - 1 < 60


def test_the_core_install_brings_no_kernel_server_or_site_generator() -> None:
    heavy = {"ipykernel", "papermill", "jupyter-server", "jupyterlab", "mkdocs", "distributed", "torch"}
    assert not heavy & set(installed_closure("riskkit"))


def test_licences_of_everything_a_user_installs_are_permissive() -> None:
    stated = {name: licence(d) for name, d in installed_closure("riskkit[all]").items()}
    assert len(stated) > 100
    refused = {
        n: text for n, text in stated.items() if RECIPROCAL.search(text) or not PERMISSIVE.search(text)
    }
    assert not refused


# Addresses and folders


def test_no_file_names_a_package_registry_or_an_index() -> None:
    named = []
    for path in own_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        named += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRIES if host in text]
        if path != Path(__file__).resolve():
            named += [f"{path.relative_to(ROOT)}: {m.group()}" for m in INDEX_OPTION.finditer(text)]
    assert not named


@pytest.mark.parametrize(
    "text", ["--index" + "-url https://x", "extra_index" + "_url = x", "pip --find" + "-links d"]
)
def test_an_index_option_is_recognised(text: str) -> None:
    assert INDEX_OPTION.search(text)


def test_mkdocs_reads_and_writes_under_build() -> None:
    """Left at its default, `site_dir` is `site`, and building would delete the hand-written pages."""
    settings = (ROOT / "mkdocs.yml").read_text()
    assert re.search(r"(?m)^docs_dir: build/docs$", settings)
    assert re.search(r"(?m)^site_dir: build/site$", settings)

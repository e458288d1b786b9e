"""The committee paper of each project as the site prints it: ``<project>.pdf``, through a Chromium on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from riskkit.errors import EnvironmentProblem, UsageError, printable
from riskkit.exporters._manifest import read_manifest
from riskkit.exporters._sources import Sources
from riskkit.model import Register

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120
_TIMES = re.compile(rb"/(CreationDate|ModDate) ?\(D:\d{14}[^)]*\)")


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Print the committee paper of each project from the built site; the browser reaches no network.

    Raises
    ------
    UsageError
        When there is no site, or it shows another register than this one.
    EnvironmentProblem
        Without a Chromium, or when it prints nothing.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise EnvironmentProblem(f"no browser to print with (looked for {', '.join(BROWSERS)} on PATH)")
    _of_this_register(register, sources.built)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for project in register.projects:
        page = sources.built / "projects" / project.profile.id / "paper.html"
        path = out / f"{project.profile.id}.pdf"
        path.write_bytes(_printed(browser, page))
        written.append(path)
    return written


def _of_this_register(register: Register, site: Path) -> None:
    try:
        about, files = read_manifest(site)
    except ValueError:
        raise UsageError("there is no site to print from; make it: riskkit build") from None
    if about.get("as_of") != register.as_of.isoformat() or about.get("audience") != register.audience:
        raise UsageError(
            f"the site shows {about.get('as_of')}, {about.get('audience')}; make it again: riskkit build"
        )
    missing = [p.profile.id for p in register.projects if f"projects/{p.profile.id}/paper.html" not in files]
    if missing:
        raise UsageError(f"the site has no paper of {', '.join(missing)}; make it again: riskkit build")


def _printed(browser: str, page: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="riskkit-") as folder:
        target = Path(folder) / "page.pdf"
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer", f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []), page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentProblem(f"{browser} did not print the page: {printable(error)}") from None
        if not target.is_file():
            said = printable(done.stderr.decode("utf-8", "replace").strip()[-200:])
            raise EnvironmentProblem(f"{browser} did not print the page: {said}")
        return _TIMES.sub(_untimed, target.read_bytes())


def _untimed(found: re.Match[bytes]) -> bytes:
    """The time of printing written over, so that equal pages give equal bytes."""
    return re.sub(rb"\d", b"0", found[0].replace(b"D:", b"D:", 1))

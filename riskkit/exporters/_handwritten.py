"""The pages people wrote, as they enter the site."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from riskkit.errors import PolicyError, printable

THEME = "overrides"
"""The folder of the theme's own templates, which is no part of the pages."""


def handwritten(site: Path, *, stamp: Mapping[str, str], filled: Mapping[str, str]) -> dict[str, str]:
    """Path to text of every page below ``site``, with the register's date and digest in its front matter.

    Lines that are a key of ``filled`` become its value. Design decisions get a list of their own when nobody wrote one.
    """
    found = {_name(path, site): path.read_text(encoding="utf-8") for path in _files(site, pages=True)}
    if "decisions/index.md" not in found:
        found["decisions/index.md"] = _decisions(found)
    return {name: stamped(_filled(text, filled), stamp) for name, text in found.items()}


def _filled(text: str, filled: Mapping[str, str]) -> str:
    return "\n".join(filled.get(line.strip(), line) for line in text.split("\n"))


def copy_assets(site: Path, out: Path) -> None:
    """Copy everything below ``site`` that is neither a page nor part of the theme."""
    for path in _files(site, pages=False):
        target = out / _name(path, site)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def stamped(text: str, stamp: Mapping[str, str]) -> str:
    """``text`` with a line of front matter that says of which register the page's site is made."""
    line = f"register: {json.dumps(dict(stamp))}\n"
    if re.match(r"---[ \t]*\n", text):
        first, _, rest = text.partition("\n")
        return f"{first}\n{line}{rest}"
    return f"---\n{line}---\n\n{text}"


def _files(site: Path, *, pages: bool) -> Iterator[Path]:
    for path in sorted(site.rglob("*")):
        if path.is_symlink():
            name = printable(_name(path, site))
            raise PolicyError(f"site/{name}: is a symbolic link, and pages are not published through one")
        if path.is_file() and (path.suffix == ".md") is pages and path.relative_to(site).parts[0] != THEME:
            yield path


def _name(path: Path, site: Path) -> str:
    return path.relative_to(site).as_posix()


def _decisions(pages: Mapping[str, str]) -> str:
    lines = [
        f"- [{_heading(text)}]({name.removeprefix('decisions/')})"
        for name, text in pages.items()
        if name.startswith("decisions/")
    ]
    intro = (
        "# Design decisions\n\nWhy the kit does what it does: the context, the choice, what was given up.\n\n"
    )
    return intro + ("\n".join(lines) or "None is written down yet.") + "\n"


def _heading(text: str) -> str:
    return next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "Untitled")

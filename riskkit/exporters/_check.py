"""Whether a published site still says what the records say."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from riskkit.errors import printable
from riskkit.exporters import pages
from riskkit.exporters._build import make_site
from riskkit.exporters._manifest import MANIFEST, differences, manifest_faults, read_manifest
from riskkit.exporters._sources import Sources
from riskkit.model import Register


def check_site(site: Path, root: Path, register: Register, *, head: str, sources: Sources) -> list[str]:
    """A line for each thing about ``site`` that does not follow from the records; empty when all does.

    Its files are held against its own list; then the whole site is made anew, from ``register``, in a scratch folder
    with no cache, and compared byte by byte, which also shows a change whose maker rewrote the list. A site of another
    ``head`` or another register is out of date, and is told to be so in place of that comparison.
    """
    found = manifest_faults(site)
    try:
        about, _ = read_manifest(site)
    except ValueError:
        return found
    said = {
        "audience": register.audience.value,
        "as_of": register.as_of.isoformat(),
        "head": head,
        "register": register.sha256,
    }
    old = [
        f"site/{MANIFEST}: shows {name.replace('_', ' ')} {printable(about.get(name, 'nothing'))}, and today it is "
        f"{now}: build it anew (riskkit build)"
        for name, now in said.items()
        if about.get(name) != now
    ]
    if old:
        return [*found, *old]
    with tempfile.TemporaryDirectory(prefix="riskkit-") as scratch:
        folder = Path(scratch)
        fresh = replace(sources, cache=folder / "cache", head=head)
        pages.export(register, folder / "docs", sources=fresh)
        make_site(root, folder / "site", as_of=register.as_of, docs=folder / "docs", about=about)
        again = differences(site, expected=folder / "site")
    return [
        *found,
        *(line.replace("what was published", "what the records give") for line in again if line not in found),
    ]

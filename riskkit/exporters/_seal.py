"""A content security policy on every page, made from the scripts the theme itself put there."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from riskkit.errors import PolicyError
from riskkit.exporters._files import below

PLACE = "@@CSP@@"
"""What ``site/overrides/main.html`` writes where the policy goes."""
_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>(.*?)</script>", re.DOTALL
)
_ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
)
_SEARCH = 'data-md-component="search" role="dialog"'


def seal(site: Path) -> int:
    """Set the policy on every page below ``site`` and return how many there were.

    Hashes are taken outside ``<article>``, where only the theme writes; an inline script inside it raises PolicyError.
    """
    pages = {n: (site / n).read_text(encoding="utf-8") for n in below(site) if n.endswith(".html")}
    sealed = {name: _sealed(text, name) for name, text in pages.items() if PLACE in text}
    for name, text in sealed.items():
        (site / name).write_text(text, encoding="utf-8")
    return len(sealed)


def _sealed(text: str, page: str) -> str:
    if foreign := [s for article in _ARTICLE.findall(text) for s in _SCRIPT.findall(article)]:
        raise PolicyError(f"{page}: a script in the page's text: {foreign[0][:60]!r}")
    hashes = sorted({f"'sha256-{_digest(script)}'" for script in _SCRIPT.findall(text)})
    return text.replace(PLACE, _POLICY.format(hashes=" ".join(hashes))).replace(
        _SEARCH, f'{_SEARCH} aria-label="Search"'
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")

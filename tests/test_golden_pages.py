"""Golden pages: what readers see of a row, its walk, its decisions and its changes, kept as text that a diff shows.

After a change that is meant, write them anew: ``RISKKIT_GOLDEN=write pytest tests/test_golden_pages.py``.
"""

from __future__ import annotations

import html
import os
import re
from datetime import date
from pathlib import Path

import pytest

from riskkit.exporters import Sources, pages
from riskkit.model import Changes
from tests.example_register import CHANGED, example

GOLDEN = Path(__file__).parent / "golden"
BREAK = re.compile(r"<(?:tr|li|h\d|p|dt|summary|caption)\b[^>]*>")
HIDDEN = re.compile(r"""<(script|style|svg)\b.*?</\1>|<section class="rk-take".*?</section>""", re.DOTALL)
"""What readers do not read, and the files to take away, which tests of their own hold to account."""
PAGES = {
    "index.md": "portfolio.txt",
    "projects/loan-approval/index.md": "project.txt",
    "changes.md": "changes.txt",
}


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """The example register, compared with a snapshot, as pages."""
    root = tmp_path_factory.mktemp("golden")
    sources = Sources(
        templates=checkout / "templates/pages",
        site=checkout / "site",
        records=root / "records",
        cache=root / "cache",
    )
    changes = Changes(since=date(2026, 3, 1), snapshot="2026-03-01-ab.json", rows=(CHANGED,), projects=())
    register = example(sources.records).model_copy(update={"changes": changes})
    pages.export(register, root / "docs", sources=sources)
    return root / "docs"


def seen(page: Path) -> str:
    """What a reader of ``page`` sees, a line for each row, item, heading and paragraph; digests cut out."""
    body = page.read_text(encoding="utf-8").split("---\n", 2)[-1]
    text = html.unescape(re.sub(r"<[^>]+>", " ", BREAK.sub("\n", HIDDEN.sub("", body))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(re.sub(r"\b[0-9a-f]{8,64}\b", "…", line) for line in lines if line) + "\n"


@pytest.mark.parametrize(("page", "golden"), PAGES.items())
def test_a_page_says_what_it_said_before(docs: Path, page: str, golden: str) -> None:
    found, kept = seen(docs / page), GOLDEN / golden
    if os.environ.get("RISKKIT_GOLDEN") == "write":
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8")

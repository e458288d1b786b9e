"""A reviewer's questions are answered within three clicks of the first page, on the ways that the walk describes."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from riskkit import exporters
from riskkit.exporters import build_site
from riskkit.model import Changes
from tests.example_register import CHANGED, example
from tests.test_site_build import folders, workspace

pytestmark = pytest.mark.slow
ROW = r"projects/loan-approval/index\.html#risk-decision-bias"
SYSTEM = r"projects/loan-approval/index\.html$"
WAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Which systems are above appetite?": ((), ("Outside appetite", "2 of 5", "outside appetite")),
    "Why is this risk high, measured on what?": (
        (ROW, "<summary>Why, the walk"),
        (
            "0.591",
            "[0.471, 0.741]",
            "n = 1,000",
            "At least 0.8",
            "head of compliance",
            "The walk",
            "Credited",
        ),
    ),
    "Is the number solid?": (
        (r"evidence/.*#measure-selection_rate_ratio",),
        ("What it concluded", "SHA-256", "Input", "0.591"),
    ),
    "Who accepted it, until when, on which evidence?": (
        (r"decided\.html$",),
        ("chief risk officer and head of compliance", "1 Apr 2027", "Expired", "Executed cell", "Rests on"),
    ),
    "What changed since March?": ((r"changes\.html$",), ("Since 1 Mar 2026", "1 up", "method change")),
    "What have we not measured?": ((r"not-covered\.html$",), ("rest on no measurement", "monthly cost usd")),
    "What is this system, and who answers for it?": ((SYSTEM,), ("Validator", "head of model validation")),
    "Who owns this threshold, and why this value?": (
        (SYSTEM, r"^#thresholds$"),
        ("The four-fifths rule as a screen.", "head of compliance"),
    ),
    "What do I bring to the committee?": (
        (SYSTEM, r"^paper\.html$"),
        ("What is asked of the committee", "Signature", "0.591"),
    ),
    "How is a measure defined, and where are its limits?": ((r"measures\.html$",), ("Computed by",)),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    root = workspace(tmp_path_factory.mktemp("walk") / "workspace", checkout)
    changes = Changes(since=date(2026, 3, 1), snapshot="2026-03-01-ab.json", rows=(CHANGED,), projects=())
    register = example(root / "records").model_copy(update={"changes": changes})
    exporters.get("pages")(register, root / "build/docs", sources=folders(root))
    build_site(root, site=root / "build/site", as_of=register.as_of)
    return root / "build/site"


def clicked(page: Path, link: str) -> Path:
    """The page that the first link matching ``link`` on ``page`` leads to; a summary opens on the page itself."""
    html = page.read_text(encoding="utf-8")
    if link.startswith("<"):
        assert link in html
        return page
    hrefs = map(unescape, re.findall(r'<a [^>]*?href="([^"]+)"', html))
    href = next((h for h in hrefs if re.search(link, h)), None)
    assert href, f"{page.name} has no link to {link}"
    parts = urlsplit(href)
    target = (page.parent / parts.path).resolve() if parts.path else page
    if parts.fragment and "=" not in parts.fragment:
        assert f'id="{parts.fragment}"' in target.read_text(encoding="utf-8")
    return target


def read(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


@pytest.mark.parametrize("question", WAYS)
def test_a_question_is_answered_at_the_end_of_its_way(site: Path, question: str) -> None:
    links, answer = WAYS[question]
    page = site / "index.html"
    for link in links:
        page = clicked(page, link)
    text = read(page)
    assert [part for part in answer if part not in text] == []


def test_the_walk_counts_the_clicks_that_the_ways_take_and_none_is_longer_than_three(checkout: Path) -> None:
    walk = (checkout / "site/walks/reviewer.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([^|]+\?) \| (\d) \|", walk, re.MULTILINE))
    assert {question: told.get(question) for question in WAYS} == {
        q: str(len(w)) for q, (w, _) in WAYS.items()
    }
    assert all(int(clicks) <= 3 for clicks in told.values())

"""Hostile answers all the way: from a transcript through run and build to a browser, a spreadsheet and a terminal.

One run serves every test here.
"""

from __future__ import annotations

import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_hostile_answers import FACTS, PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[1]
ATTACKS = PAYLOADS | {
    "html": "<script>window.pwned=1</script><img src=x onerror=window.pwned=2><svg onload=window.pwned=3></svg>",
    "markdown": "[click](javascript:window.pwned=4) ![x](http://evil.example/x.png) | a | b |\n# APPROVED\n***",
    "template": "{{ 7*191 }} {% include 'secret.env' %} $$\\href{javascript:window.pwned=5}{x}$$",
}
PROFILE = """\
id: hostile
name: Hostile
version: "1"
purpose: Says what it likes.
kind: agentic
stage: design
tier: {exposure: 1, purpose: 1, autonomy: inform, why: a test}
roles: {owner: a, developer: b, validator: c, approver: d}
datasets:
  answers: {path: data/answers.jsonl, licence: generated, personal_data: false, synthetic_share: 1.0}
  claims: {path: data/claims.jsonl, licence: generated, personal_data: false, synthetic_share: 1.0}
targets:
  answers: {kind: transcripts, dataset: answers}
  claims: {kind: labelled_claims, dataset: claims, model: model}
assessments:
  hallucination_sampling: {parameters: {target: answers, show: 60}}
  agent_traces: {parameters: {target: answers, show: 60}}
  labelled_claims: {parameters: {target: claims}}
thresholds:
  - {measure: supported_claim_rate, at_least: 0.9, owner: a, rationale: "=1+1"}
  - {measure: invented_fact_rate, at_most: 0.05, owner: "=HYPERLINK(1)", rationale: "@SUM(A1)"}
review: {next_due: 2099-01-01}
"""


def lines() -> Iterator[dict[str, Any]]:
    """Each attack as answer, prompt, context, model and result of a tool; each twice over two prompts."""
    for name, attack in ATTACKS.items():
        for number in range(2):
            call = {
                "name": attack[:60] or "t",
                "arguments": {"x": attack[:2000]},
                "result": f"{attack[:2000]} fee: 20",
            }
            yield {
                "prompt_id": f"{name} {number} {attack[:30]}", "prompt": attack[:5000], "context": f"{FACTS}; {attack}",
                "response": f"The fee is 99 USD, says report ZZ-1. {attack}", "model": attack[:80], "version": "1",
                "tool_calls": [call], "attributes": {"former": attack[:100]},
            }  # fmt: skip


def riskkit(root: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "riskkit", *words]
    return subprocess.run(command, cwd=root, env=env, input=given.encode(), capture_output=True, check=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose one project was run and published."""
    root = tmp_path_factory.mktemp("hostile") / "workspace"
    for name in ("site", "templates"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mkdocs.yml", root)
    (root / "notebooks").mkdir()
    for name in ("hallucination_sampling", "agent_traces", "labelled_claims"):
        shutil.copy(ROOT / f"notebooks/{name}.ipynb", root / "notebooks")
    data = root / "projects/hostile/data"
    data.mkdir(parents=True)
    (root / "secret.env").write_text("KEY=tell-nobody")
    (data.parent / "profile.yml").write_text(PROFILE, encoding="utf-8")
    (data / "answers.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines()), encoding="ascii"
    )
    counted = [
        {"response_id": f"{attack[:200]} {n}", "model": attack[:60], "supported": n, "not_supported": 1}
        for attack in ATTACKS.values()
        for n in range(3)
    ]
    (data / "claims.jsonl").write_text("".join(json.dumps(c) + "\n" for c in counted), encoding="ascii")
    done = riskkit(root, "run")
    assert done.returncode == 0, done.stderr.decode()
    (root / "said").write_bytes(done.stdout + done.stderr)
    for words in (("build",), ("export", "csv"), ("export", "markdown"), ("export", "sarif")):
        done = riskkit(root, *words)
        assert done.returncode == 0, done.stderr.decode()
        (root / "said").write_bytes((root / "said").read_bytes() + done.stdout + done.stderr)
    return root


def measured(root: Path) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for path in (root / "records/hostile").glob("*/*/conclusion.json"):
        for m in json.loads(path.read_text(encoding="utf-8"))["measurements"]:
            found[m["measure"], m["segment"]] = m
    return found


def test_hostile_answers_are_measured_like_any_other(root: Path) -> None:
    found = measured(root)
    assert found["invented_fact_rate", ""]["value"] == 1
    assert found["invented_fact_rate", ""]["n"] == 2 * len(ATTACKS)
    assert found["fabricated_tool_result_rate", ""]["n"] == 2 * len(ATTACKS)
    assert len([m for m, _ in found if m == "supported_claim_rate"]) == len(
        {a[:60] for a in ATTACKS.values()}
    )


@pytest.mark.browser
def test_no_page_of_the_site_lets_them_act(root: Path, browser: Browser) -> None:
    site, noise = root / "build/site", []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.on(
        "request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else noise.append(r.url)
    )
    context.on("dialog", lambda d: noise.append(d.message))
    context.on("console", lambda m: noise.append(m.text) if m.type == "error" else None)
    shown = [*site.glob("evidence/hostile/*/*/index.html"), site / "projects/hostile/index.html"]
    shown += [site / "index.html", site / "register.html", site / "measures.html"]
    assert len(shown) == 7
    texts = [looked_at(context.new_page(), path) for path in shown]
    context.close()
    assert noise == []
    evidence = "\n".join(texts[:3])
    for attack in (ATTACKS["html"], "[click](javascript:window.pwned=4)", "{{ 7*191 }}", "=HYPERLINK("):
        assert attack[:30] in evidence
    assert not [text for text in texts if "1337" in text or "tell-nobody" in text]


def looked_at(page: Page, path: Path) -> str:
    """The text of a page that nothing on it has acted upon."""
    page.goto(path.as_uri())
    page.wait_for_load_state()
    assert page.evaluate("window.pwned") is None, path
    assert (
        page.locator(
            "main form, main iframe, main [onerror], main [onload], main a[href^='javascript']"
        ).count()
        == 0
    )
    assert page.locator("main img[src^='http']").count() == 0
    assert [h for h in page.locator("h1, h2, h3").all_inner_texts() if h.strip().startswith("APPROVED")] == []
    text = page.locator("body").inner_text()
    page.close()
    return text


def test_bidirectional_and_control_characters_reach_no_page_and_no_export(root: Path) -> None:
    acting = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    pages = [*(root / "build/site").rglob("*.html"), *(root / "build/export").glob("*.*")]
    assert len(pages) > 10
    for path in pages:
        text = html.unescape(path.read_text(encoding="utf-8"))
        assert acting.search(text) is None, path


def test_no_cell_of_the_spreadsheet_is_a_formula(root: Path) -> None:
    with (root / "build/export/register.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    formulas = [
        c for c in cells if c.lstrip()[:1] in ("=", "+", "@", "-") and not re.fullmatch(r"-?[\d.e-]+", c)
    ]
    assert formulas == []


def test_nothing_that_is_told_on_the_way_acts_on_a_terminal(root: Path) -> None:
    told = (root / "said").read_bytes() + riskkit(root, "run", "--plan").stdout
    drawn = riskkit(root, "sample-for-review", "hostile", "--target", "answers", "--labels", "20")
    assert drawn.returncode == 0, drawn.stderr.decode()
    shown = riskkit(root, "label", "hostile", "review", "--as", "first", given="y\n" * 20)
    assert b"20 labelled, 0 left" in shown.stdout
    for text in (told, drawn.stdout + drawn.stderr, shown.stdout + shown.stderr):
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.decode()) is None


def test_the_size_of_a_page_does_not_follow_the_size_of_an_answer(root: Path) -> None:
    """The answers hold 4 MB in two lines; a page that showed them whole could not be read."""
    assert (root / "projects/hostile/data/answers.jsonl").stat().st_size > 4_000_000
    assert max(p.stat().st_size for p in (root / "build/site").rglob("*.html")) < 1_500_000

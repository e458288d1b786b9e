"""From a profile with an endpoint to a record: answers are drawn before the run, and no key reaches a notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from example_endpoint import Handler, Stub, endpoint, flaky

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
KEY = "quite-a-private-key-4711"
PROFILE = """\
id: letters
name: Letters
version: "1"
purpose: Writes letters.
kind: genai
stage: design
tier: {{exposure: 1, purpose: 1, autonomy: inform, why: nothing hangs on it}}
roles: {{owner: head of post, developer: writer, validator: reader, approver: head of post}}
datasets:
  prompts: {{path: data/prompts.jsonl, licence: generated, personal_data: false, synthetic_share: 1.0}}
targets:
  letters:
    kind: openai_compatible
    base_url: {url}
    model: {model}
    prompts: prompts
    key: env:LETTERS_KEY
    allow_private: {private}
    parameters: {{max_tokens: 50}}
    concurrency: 4
    tries: 20
assessments:
  hallucination_sampling: {{parameters: {{target: letters, samples: 2}}}}
review: {{next_due: 2099-01-01}}
"""


def workspace(root: Path, url: str, *, model: str = "gpt-4o-mini", private: bool = True) -> Path:
    for folder in ("notebooks", "site"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "projects/letters/data").mkdir(parents=True)
    text = PROFILE.format(url=url, model=model, private=str(private).lower())
    (root / "projects/letters/profile.yml").write_text(text, encoding="utf-8")
    rows = [
        {
            "prompt_id": f"p{i}",
            "prompt": "Write the letter.",
            "context": f"case: C-{1000 + i}; amount: {i + 20}",
        }
        for i in range(12)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (root / "projects/letters/data/prompts.jsonl").write_text(lines, encoding="utf-8")
    return root


def riskkit(root: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "riskkit", *words]
    given = {"LETTERS_KEY": KEY} | env
    given = {k: v for k, v in {**os.environ, "PYTHONPATH": str(ROOT), **given}.items() if v}
    return subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, check=False)


def letter(asked: str) -> str:
    """Repeats the case; one letter in six names an amount that nobody gave. It also repeats the key, if it can."""
    case = asked.partition(";")[0]
    return f"The {case} was decided. " + (
        "The fee is 977 USD." if case.endswith(("3", "9")) else "Thank you."
    )


def record(root: Path) -> tuple[dict[str, Any], Path]:
    (path,) = (root / "records").glob("letters/*/*/evidence.json")
    return json.loads(path.read_text(encoding="utf-8")), path.parent


@pytest.mark.kernel
def test_a_profile_with_an_endpoint_becomes_a_record_with_its_answers_and_without_its_key(tmp_path) -> None:
    with endpoint(flaky(busy=0.1, dropped=0.1), text=letter) as stub:
        root = workspace(tmp_path, stub.url)
        planned = riskkit(root, "run", "--plan")
        assert "asks letters: 24 calls, at most about 1,848 tokens, at most about USD 0.00" in planned.stdout
        assert stub.calls == 0
        done = riskkit(root, "run", HTTPS_PROXY="http://127.0.0.1:9")
        assert done.returncode == 0, done.stderr
        assert "asking letters" in done.stderr
        assert "HTTPS_PROXY not used" in done.stderr
        assert stub.answered.total() == 24
        again = riskkit(root, "run")
        assert "nothing to run" in again.stdout
    assert stub.headers[0]["authorization"] == f"Bearer {KEY}"
    evidence, folder = record(root)
    conclusion = json.loads((folder / "conclusion.json").read_text(encoding="utf-8"))
    (rate,) = [m for m in conclusion["measurements"] if m["measure"] == "invented_fact_rate"]
    assert (rate["value"], rate["n"]) == (2 / 12, 12)
    assert conclusion["models"] == ["gpt-4o-mini-2026-01 (asked for gpt-4o-mini)"]
    answers = (folder / "answers-letters-2-0.jsonl").read_bytes()
    assert len(answers.splitlines()) == 24
    assert "answers-letters-2-0.jsonl" in json.dumps(evidence)
    everything = b"".join(p.read_bytes() for p in root.rglob("*") if p.is_file())
    assert KEY.encode() not in everything


@pytest.mark.kernel
def test_a_key_that_an_endpoint_repeats_is_blacked_out(tmp_path) -> None:
    with endpoint(text=lambda asked: f"Your key is {KEY}, mine is sk-{'a1' * 12}.") as stub:
        root = workspace(tmp_path, stub.url)
        done = riskkit(root, "run")
    assert done.returncode == 0, done.stderr
    _, folder = record(root)
    answers = (folder / "answers-letters-2-0.jsonl").read_text(encoding="utf-8")
    assert "Your key is [env:LETTERS_KEY], mine is [OpenAI-style key]." in answers
    stored = b"".join(p.read_bytes() for p in (root / "records").rglob("*") if p.is_file())
    assert KEY.encode() not in stored


def broken(handler: Handler, body: dict[str, Any]) -> bool:
    with handler.stub.lock:
        fails = handler.stub.asked.total() > 10
    if fails:
        handler.send(401, b'{"error": {"message": "who are you?"}}')
    return fails


@pytest.mark.kernel
def test_a_run_whose_endpoint_fails_is_recorded_as_stopped_and_the_next_pays_only_for_the_rest(
    tmp_path,
) -> None:
    with endpoint(broken, text=letter) as stub:
        root = workspace(tmp_path, stub.url)
        done = riskkit(root, "run")
        assert done.returncode == 5
        assert "answers 401: who are you?" in done.stderr
        assert (root / "records/_failed/letters").is_dir()
        given = stub.answered.total()
        assert given == 10
        stub.asked.clear()
        profile = root / "projects/letters/profile.yml"
        profile.write_text(
            profile.read_text(encoding="utf-8").replace("concurrency: 4", "concurrency: 1"), encoding="utf-8"
        )
        done = riskkit(root, "run")
        assert stub.answered.total() == 20
        stub.asked.clear()
        done = riskkit(root, "run")
    assert done.returncode == 0, done.stderr
    assert stub.answered.total() == 24


def refused(root: Path, stub: Stub | None = None, **env: str) -> tuple[int, str]:
    done = riskkit(root, "run", **env)
    assert stub is None or stub.calls == 0
    assert not list((root / "records").rglob("evidence.json"))
    return done.returncode, done.stderr


def test_a_missing_key_and_a_private_address_end_before_anything_is_sent(tmp_path) -> None:
    with endpoint() as stub:
        root = workspace(tmp_path / "a", stub.url)
        code, said = refused(root, stub, LETTERS_KEY="")
        assert (code, "set the environment variable LETTERS_KEY" in said) == (7, True)
        root = workspace(tmp_path / "b", stub.url, private=False)
        code, said = refused(root, stub)
        assert (code, "not a public address" in said) == (9, True)
    root = workspace(tmp_path / "c", "https://user:word@example.org/v1")
    code, said = refused(root)
    assert (code, "user name or password" in said, "word" in said) == (9, True, True)


@pytest.mark.kernel
def test_a_redirect_ends_the_command_as_a_matter_of_policy(tmp_path) -> None:
    def redirect(handler: Handler, body: dict[str, Any]) -> bool:
        handler.send(307, b"", location="http://127.0.0.1:9/")
        return True

    with endpoint(redirect) as stub:
        done = riskkit(workspace(tmp_path, stub.url), "run")
    assert done.returncode == 9
    assert "redirect" in done.stderr


JUDGE = """\
  judge:
    kind: openai_compatible
    base_url: {url}
    model: strict-judge
    allow_private: true
    budget: {{calls: 200}}
assessments:
  hallucination_sampling: {{parameters: {{target: letters, samples: 2, judge: judge}}}}
"""


def verdict(asked: str) -> str:
    """An honest judge: the last number or code of the claim stands in the material, or it does not."""
    mark = re.search(r"\[[0-9a-f]{20}\]", asked)
    assert mark is not None
    _, material, claim, *_ = re.split(rf"{re.escape(mark[0])} (?:material|claim|end)\n", asked)
    said = re.findall(r"\b(?:\d+|[0-9A-F]{6})\b", claim.partition("Ignore")[0])
    holds = not said or said[-1] in material
    return '{"verdict": "entailed"}' if holds else '{"verdict": "neutral"}'


def obeying(asked: str) -> str:
    """Does what the text it judges tells it to."""
    return '{"verdict": "entailed"}' if "Ignore the material" in asked else verdict(asked)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("judge", "why"),
    [(verdict, "not shown without labels that put it right"), (obeying, "is unreliable: 4 of 12")],
)
def test_a_judge_is_asked_after_the_answers_and_gives_no_number_without_labels_or_when_a_canary_flips(
    tmp_path, judge: Any, why: str
) -> None:
    with endpoint(text=letter) as stub, endpoint(text=judge) as court:
        root = workspace(tmp_path, stub.url)
        profile = root / "projects/letters/profile.yml"
        before, _, after = profile.read_text(encoding="utf-8").partition("assessments:\n")
        text = before + JUDGE.format(url=court.url) + after.partition("\n")[2]
        profile.write_text(text, encoding="utf-8")
        planned = riskkit(root, "run", "--plan")
        assert "asks judge: one call for each claim, once the answers are there" in planned.stdout
        done = riskkit(root, "run")
        assert done.returncode == 0, done.stderr
        # 12 letters of two sentences each, of which the two samples are alike; and twelve canaries
        assert (stub.answered.total(), court.answered.total()) == (24, 24 + 12)
    _, folder = record(root)
    conclusion = json.loads((folder / "conclusion.json").read_text(encoding="utf-8"))
    measured = {m["measure"]: m for m in conclusion["measurements"]}
    m = measured["judged_unsupported_rate"]
    assert m["value"] is None
    assert why in m["undefined"]
    assert (folder / "answers-judge-1-0.jsonl").is_file()

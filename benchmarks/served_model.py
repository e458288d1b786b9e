"""A sampling run against a real server: `transformers serve` with a tiny model of random weights.

`python benchmarks/served_model.py --server FOLDER [--write]`. The server is the public package `transformers`, whose
`serve` command speaks the OpenAI protocol; it is too heavy for the kit's own environment and lives in one of its own:

    python -m venv FOLDER
    FOLDER/bin/pip install torch 'transformers[serving]' requests typer rich

Its interpreter writes a model to disk (two layers, 40,000 random weights, a byte-level tokenizer; nothing is
downloaded), and serves it on this machine. A project that names it as its target is then assessed by `riskkit run`.
Half way through the first run the caller is killed; the next run goes on. What the model says is noise, control
characters among it, which is what a run must be able to take. Without `--server` nothing is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _bars import Bar, keep, machine, verdict

ROOT = Path(__file__).resolve().parents[1]
PROMPTS, SAMPLES, TOKENS = 20, 3, 48
MODEL = """
import sys, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
folder, byte_level = sys.argv[1], pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer, tokenizer.decoder = byte_level, decoders.ByteLevel()
trainer = trainers.BpeTrainer(special_tokens=["<s>", "</s>"], initial_alphabet=byte_level.alphabet())
tokenizer.train_from_iterator(["The fee for the case is 20 USD."], trainer)
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
fast.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\\n{% endfor %}assistant: "
fast.save_pretrained(folder)
torch.manual_seed(0)
size = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2)
ends = dict(bos_token_id=0, eos_token_id=1, max_position_embeddings=2048)
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(fast), **size, **ends))
model.generation_config.do_sample = True
model.save_pretrained(folder)
import transformers
print(transformers.__version__, torch.__version__, sum(p.numel() for p in model.parameters()))
"""
PROFILE = """\
id: served
name: A served model
version: "1"
purpose: Answers questions about fees.
kind: genai
stage: design
tier: {{exposure: 1, purpose: 1, autonomy: inform, why: it is noise}}
roles: {{owner: owner, developer: developer, validator: validator, approver: approver}}
datasets:
  prompts: {{path: data/prompts.jsonl, licence: generated, personal_data: false, synthetic_share: 1.0}}
targets:
  answers:
    kind: openai_compatible
    base_url: http://127.0.0.1:{port}/v1
    model: {model}
    prompts: prompts
    allow_private: true
    concurrency: 4
    parameters: {{max_tokens: {tokens}, temperature: 1.0}}
    budget: {{calls: {calls}}}
assessments:
  hallucination_sampling: {{parameters: {{target: answers, samples: {samples}}}}}
review: {{next_due: 2099-01-01}}
"""


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def served(server: Path, folder: Path) -> Iterator[tuple[int, str, str]]:
    """The model served: its port, its name, and what serves it."""
    program = [str(server / "bin/python"), "-c", MODEL, str(folder / "model")]
    built = subprocess.run(program, check=True, capture_output=True, text=True)
    package, torch, weights = built.stdout.split()[-3:]
    port, log = free_port(), folder / "server.log"
    command = [str(server / "bin/transformers"), "serve", str(folder / "model"), "--device", "cpu"]
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=out, stderr=out, env=offline
        )
    try:
        wait(port, process, log)
        said = f"transformers {package} serve, torch {torch}, {int(weights):,} random weights"
        yield port, str(folder / "model"), said
    finally:
        process.terminate()
        process.wait(30)


def wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server is up."""
    until = time.monotonic() + 180
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
            return
        time.sleep(0.5)
    raise SystemExit(f"the server did not come up:\n{log.read_text(encoding='utf-8')[-2000:]}")


def workspace(folder: Path, port: int, model: str) -> None:
    """A workspace with one project, whose target is the server."""
    for name in ("notebooks", "site"):
        shutil.copytree(ROOT / name, folder / name)
    data = folder / "projects/served/data"
    data.mkdir(parents=True)
    calls = PROMPTS * SAMPLES + 8  # those in flight when the caller is killed, and a margin as large
    text = PROFILE.format(port=port, model=model, tokens=TOKENS, samples=SAMPLES, calls=calls)
    (data.parent / "profile.yml").write_text(text, encoding="utf-8")
    rows = [
        {"prompt_id": f"p{i}", "prompt": "What is the fee?", "context": f"case: C-{i}; fee: {20 + i} USD"}
        for i in range(PROMPTS)
    ]
    (data / "prompts.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")


def run(folder: Path) -> subprocess.Popen[str]:
    """`riskkit run` in ``folder``."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "riskkit", "run"], cwd=folder, env=env, text=True)


def journalled(folder: Path) -> dict[str, int]:
    """Entries of the journal by what they are: sent, answer, lost or free."""
    kinds = dict.fromkeys(("sent", "answer", "lost", "free"), 0)
    for path in (folder / "build/cache/answers").rglob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line[17:])
                kinds[next(k for k in kinds if k in entry)] += 1
    return kinds


def interrupted(folder: Path) -> int:
    """Run until a third of the answers is there, kill the caller, and run again; answers there at the kill."""
    process, third = run(folder), PROMPTS * SAMPLES // 3
    while process.poll() is None and journalled(folder)["answer"] < third:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = journalled(folder)["answer"]
    if run(folder).wait() != 0:
        raise SystemExit("the second run did not conclude")
    return there


def bars(folder: Path, there: int, model: str) -> list[Bar]:
    """What must hold of the record."""
    (record,) = (folder / "records/served").glob("*/*/conclusion.json")
    conclusion: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    (file,) = record.parent.glob("answers-answers-*.jsonl")
    answers = [json.loads(line) for line in file.read_bytes().splitlines()]
    wanted, kinds = PROMPTS * SAMPLES, journalled(folder)
    (rate,) = [m for m in conclusion["measurements"] if m["measure"] == "answer_rate"]
    used = sum(bool(a.get("usage")) for a in answers)
    pairs = len({(a["prompt_id"], a.get("sample", 0)) for a in answers})
    named = sum(a["model"].startswith(model[:40]) for a in answers)
    return [
        Bar("answers on record, each prompt and sample once", f"{pairs}", f"{wanted}", pairs == len(answers) == wanted),
        Bar("answers given, over both runs", f"{kinds['answer']}", f"{wanted}", kinds["answer"] == wanted),
        Bar("answers kept when the caller was killed", f"{there}", "at least 1", 0 < there < wanted),
        Bar("answers with usage and the returned model", f"{used}, {named}", f"{wanted}", used == named == wanted),
        Bar("answer rate in the register", f"{rate['value']:.2f}", "a number", rate["value"] is not None),
    ]  # fmt: skip


def main() -> int:
    """Serve, run, kill, run again, and say what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--server", type=Path, help="environment that has transformers[serving]")
    parser.add_argument("--quick", action="store_true", help="the same")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    given = parser.parse_args()
    if given.server is None:
        print("no --server: nothing was checked (its help says how to make one)")
        print(json.dumps({"served": None}))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "w").mkdir()
        with served(given.server.absolute(), folder) as (port, model, said):
            workspace(folder / "w", port, model)
            started = time.monotonic()
            there = interrupted(folder / "w")
            took = time.monotonic() - started
        found = bars(folder / "w", there, model)
    on = f"{said}; {machine('openai')}; {took:.0f} s"
    print(on)
    if given.write:
        about = (
            "A tiny model of random weights behind a real server of a public package, in an environment of its own "
            "(`--help` says how to make it). The first run is killed part of the way."
        )
        keep("A served model", "python benchmarks/served_model.py --server FOLDER", found, on=on, about=about)
    code = verdict(found)
    print(
        json.dumps({"served": said, "answers": PROMPTS * SAMPLES, "kept_at_kill": there, "all_met": not code})
    )
    return code


if __name__ == "__main__":
    raise SystemExit(main())

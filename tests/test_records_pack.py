"""The evidence pack: checked by a program without the kit, and by the commands of its page."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from riskkit.errors import IntegrityError, UsageError
from riskkit.model import Conclusion, Evidence, Input, Status, Withheld
from riskkit.records import Store, changed_inputs, new_key, pack, read_trust, verify_pack
from riskkit.records.trust import authenticated
from tests.example_records import FILES, evidence
from tests.test_records_tamper import CASES, Victim, victim

pytestmark = pytest.mark.slow

__all__ = ["victim"]  # a fixture


def unpacked(store: Store, folder: Path, **more: bytes) -> Path:
    data = pack(store, "demo", beside={f"{k}.yml": v for k, v in more.items()}).data
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return folder


def check(folder: Path, *options: str) -> tuple[int, list[str]]:
    """Exit code and lines of ``verify.py``, run without site-packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_pack_is_the_same_bytes_again_and_holds_one_project(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    store.commit(evidence(), FILES)
    store.commit(evidence(1, project="other"), FILES)
    store.commit(evidence(2, status=Status.FAILED, reason="cell 3: KeyError"), {})
    assert pack(store, "demo") == pack(store, "demo")
    names = zipfile.ZipFile(io.BytesIO(pack(store, "demo").data)).namelist()
    assert {"verify.py", "VERIFY.md", "pack.json", "records/_log/00000003.json"} <= set(names)
    assert sum(n.endswith("/evidence.json") for n in names) == 2
    assert not any(n.startswith("records/other/") for n in names)
    with pytest.raises(UsageError, match="has no records"):
        pack(store, "nobody")


def test_a_pack_is_checked_by_a_program_without_the_kit(tmp_path: Path, victim: Victim) -> None:
    Store(victim.root).commit(evidence(5, project="other"), FILES)
    folder = unpacked(Store(victim.root), tmp_path / "pack", profile=b"id: demo\n")
    (tmp_path / "trust.json").write_text(json.dumps({"keys": [victim.signer.as_trusted()]}))
    assert check(folder) == (0, ["4 records, 0 faults, signatures not checked"])
    assert check(folder, "--trust", "../trust.json", "--head", victim.head) == (0, ["4 records, 0 faults"])
    assert check(folder, "--head", "9:" + "a" * 64)[0] == 6
    other = {"keys": [new_key(tmp_path / "k2.pem").as_trusted()]}
    (tmp_path / "trust.json").write_text(json.dumps(other))
    code, lines = check(folder, "--trust", "../trust.json")
    assert (code, len(lines)) == (6, 5)
    assert "no trusted key signed it" in lines[0]
    (folder / "profile.yml").write_text("id: else\n")
    assert check(folder)[0] == 6


def test_a_record_taken_out_of_a_pack_is_missed(tmp_path: Path, victim: Victim) -> None:
    folder = unpacked(Store(victim.root), tmp_path / "pack")
    record = next(p for p in (folder / "records/demo").glob("*/*"))
    shutil.rmtree(record)
    code, lines = check(folder)
    assert code == 6
    assert f"{record.name}/evidence.json: changed after it was recorded" in lines[0]


@pytest.mark.parametrize("case", [c for c in CASES if "newer version" not in c])
def test_the_program_sees_what_the_kit_sees(tmp_path: Path, victim: Victim, case: str) -> None:
    change, layer, _ = CASES[case]
    (tmp_path / "trust.json").write_text(json.dumps({"keys": [victim.signer.as_trusted()]}))
    program = tmp_path / "verify.py"
    shutil.copy(Path(verify_pack.__file__), program)
    change(victim)
    found = {
        "digests": check(tmp_path, "records")[0],
        "signature": check(tmp_path, "records", "--trust", "trust.json")[0],
        "head": check(tmp_path, "records", "--trust", "trust.json", "--head", victim.head)[0],
    }
    layers = ["digests", "signature", "head"]
    assert found == {name: 6 if layers.index(name) >= layers.index(layer) else 0 for name in layers}


def test_a_damaged_record_is_not_packed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stored = store.commit(evidence(), FILES)
    (tmp_path / stored.folder / "groups.csv").write_bytes(b"x")
    with pytest.raises(IntegrityError, match=r"groups\.csv: was changed"):
        pack(store, "demo")


def test_signatures_agree_with_the_published_vectors_and_with_a_second_library(tmp_path: Path) -> None:
    vectors = [  # RFC 8032, 7.1: public key, message, the two halves of the signature
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555",
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ]
    for public, text, first, second in vectors:
        key, message, sig = map(bytes.fromhex, (public, text, first + second))
        assert verify_pack.signed(key, message, sig)
        assert not verify_pack.signed(key, message + b"x", sig)
        assert not verify_pack.signed(key, message, sig[:40] + bytes([sig[40] ^ 1]) + sig[41:])
        assert not verify_pack.signed(key[:-1], message, sig)
    signer = new_key(tmp_path / "key.pem")
    ours = json.loads(signer.envelope(b"text"))
    public_key = base64.b64decode(signer.as_trusted()["public"])
    assert verify_pack.signed(
        public_key, authenticated(b"text"), base64.b64decode(ours["signatures"][0]["sig"])
    )


TOOLS = ("bash", "sha256sum", "jq", "openssl", "base64", "xxd")


def blocks() -> list[str]:
    page = Path(verify_pack.__file__).with_name("VERIFY.md").read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def shell(folder: Path, commands: str) -> str:
    done = subprocess.run(["bash", "-c", commands], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_commands_of_the_page_do_what_it_says(victim: Victim) -> None:
    if missing := [t for t in TOOLS if shutil.which(t) is None]:
        pytest.skip(f"{', '.join(missing)} not installed")
    _, long_way, signatures, head = blocks()
    assert shell(victim.root, long_way) == f"head: {victim.head}\n"
    (victim.root / "trust.json").write_text(json.dumps({"keys": [victim.signer.as_trusted()]}))
    folder = victim.record().relative_to(victim.root).as_posix()
    said = shell(victim.root, signatures.replace("FOLDER", folder))
    assert "Signature Verified Successfully" in said
    assert "the signed text is evidence.json" in said
    assert victim.head.split(":")[1] in shell(victim.root, head.replace("00000041", "00000004"))
    (victim.root / folder / "groups.csv").write_bytes(b"x")
    assert f"FAULT {folder}" in shell(victim.root, long_way)
    (victim.root / "_log/00000002.json").write_bytes(victim.entry(2).read_bytes() + b" ")
    assert "FAULT _log/00000003.json: the entry before it was changed" in shell(victim.root, long_way)


def test_inputs_that_changed_since_are_named_for_the_latest_conclusion_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, sha in enumerate(("a" * 64, "b" * 64)):
        said = evidence(number).conclusion
        assert said
        whole = Conclusion(**{**dict(said), "inputs": (Input(path="data/d.csv", sha256=sha),)})
        store.commit(evidence(number).model_copy(update={"conclusion": whole}), FILES)
    stored = store.read_all().evidence
    assert changed_inputs(stored, lambda e, path: "b" * 64) == ()
    (fault,) = changed_inputs(stored, lambda e, path: None)
    assert str(fault) == (
        f"data/d.csv: is not what {stored[1].folder} was made from (sha256 expected {'b' * 64}, found nothing)"
    )


def keeping_back(evidence: Evidence) -> Withheld:
    return Withheld(outputs="it shows figures that are withheld", texts=True)


def test_withheld_files_are_left_out_named_and_counted(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    store.commit(evidence(), {"notebook.ipynb": b"ZEBRA", "environment.json": b"{}"})
    store.commit(evidence(status=Status.FAILED, reason="KeyError: ZEBRA"), {})
    packed = pack(store, "demo", withholds=keeping_back)
    archive = zipfile.ZipFile(io.BytesIO(packed.data))
    assert not [n for n in archive.namelist() if b"ZEBRA" in archive.read(n)]
    assert sorted(p.rpartition("/")[2] for p in packed.withheld) == [
        "conclusion.json", "evidence.json", "notebook.ipynb", "reason.txt",
    ]  # fmt: skip
    archive.extractall(tmp_path / "pack")
    assert check(tmp_path / "pack") == (
        0, ["1 records, 0 faults, signatures not checked, 4 withheld files not checked"],
    )  # fmt: skip


def test_a_file_called_withheld_afterwards_is_missed(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    store.commit(evidence(), {"notebook.ipynb": b"ZEBRA"})
    folder = unpacked(store, tmp_path / "pack")
    (notebook,) = folder.rglob("notebook.ipynb")
    notebook.unlink()
    about = json.loads((folder / "pack.json").read_bytes())
    path = notebook.relative_to(folder / "records").as_posix()
    (folder / "pack.json").write_text(json.dumps(about | {"withheld": {path: "0" * 64}}))
    code, lines = check(folder)
    assert code == 6
    assert "notebook.ipynb: changed after it was recorded" in lines[0]


def test_a_file_of_trusted_keys_without_a_key_trusts_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path / "records", signer=new_key(tmp_path / "key.pem"))
    store.commit(evidence(), FILES)
    folder = unpacked(store, tmp_path / "pack")
    (tmp_path / "trust.json").write_text('{"keys": []}')
    assert check(folder, "--trust", str(tmp_path / "trust.json")) == (
        6, [f"{tmp_path}/trust.json: holds no key, so nobody can have signed"],
    )  # fmt: skip
    (fault,) = store.verify(trust=read_trust(tmp_path / "trust.json"))
    assert fault.what == "no trusted key signed it"

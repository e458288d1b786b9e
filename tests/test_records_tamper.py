"""What somebody may do to a store afterwards, and which layer shows it.

A change inside a record shows by its digests, a change of a record together with its digests by the log, a rewritten
log by the signatures, and what a holder of the key rewrote by a head that was noted elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from riskkit.errors import InputError, StorageError, UsageError
from riskkit.records import Signer, Store, Trust, new_key, read_key, read_trust
from riskkit.records.log import FIRST, Entry
from riskkit.records.trust import PAYLOAD_TYPE, TrustedKey, authenticated
from tests.example_records import FILES, evidence


@dataclass
class Victim:
    """A store of four signed records, the key, what reviewers keep, and an older copy of the store."""

    root: Path
    signer: Signer
    trust: Trust
    head: str
    older: Path

    def record(self, number: int = 1) -> Path:
        return self.root / Store(self.root).read_all().evidence[number].folder

    def entry(self, number: int) -> Path:
        return self.root / f"_log/{number:08d}.json"


def trusting(signer: Signer, until: int | None = None) -> Trust:
    return Trust((TrustedKey(signer.keyid, base64.b64decode(signer.as_trusted()["public"]), until),))


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    signer = new_key(tmp_path / "key.pem")
    store = Store(tmp_path / "records", signer=signer)
    for number in range(3):
        store.commit(evidence(number), FILES)
    shutil.copytree(store.root, tmp_path / "older")
    store.commit(evidence(3), FILES)
    return Victim(store.root, signer, trusting(signer), store.head(), tmp_path / "older")


def edit(file: Path, old: bytes, new: bytes) -> None:
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def relog(victim: Victim, records: list[Path], signer: Signer | None = None) -> None:
    """Write the log anew over ``records``; with ``signer``, sign them anew as well."""
    shutil.rmtree(victim.root / "_log")
    (victim.root / "_log").mkdir()
    previous = FIRST
    for number, folder in enumerate(records, 1):
        stored = (folder / "evidence.json").read_bytes()
        seal = folder / "evidence.dsse.json"
        if signer:
            seal.write_bytes(signer.envelope(stored))
        entry = Entry(
            number, previous, folder.relative_to(victim.root).as_posix(), sha256(stored).hexdigest(),
            sha256(seal.read_bytes()).hexdigest() if seal.exists() else "",
        )  # fmt: skip
        victim.entry(number).write_bytes(entry.to_bytes())
        previous = sha256(entry.to_bytes()).hexdigest()


def records(victim: Victim) -> list[Path]:
    return [victim.root / e.folder for e in Store(victim.root).read_all().evidence]


def improve(folder: Path) -> None:
    """A better number, with every digest inside the record made to fit."""
    edit(folder / "conclusion.json", b'"value":0.1', b'"value":0.0')
    was = json.loads((folder / "evidence.json").read_bytes())
    for item in was["subject"]:
        if item["name"] == "conclusion.json":
            item["digest"]["sha256"] = sha256((folder / "conclusion.json").read_bytes()).hexdigest()
    (folder / "evidence.json").write_bytes(json.dumps(was, sort_keys=True, separators=(",", ":")).encode())


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def swap_for_link(victim: Victim) -> None:
    table = victim.record() / "groups.csv"
    copy = victim.root.parent / "copy.csv"
    table.rename(copy)
    table.symlink_to(copy)


def forge(victim: Victim, signer: Signer | None) -> None:
    folders = records(victim)
    improve(folders[-1])
    relog(victim, folders, signer)


def drop_and_relog(victim: Victim, number: int, signer: Signer | None = None) -> None:
    folders = records(victim)
    shutil.rmtree(folders.pop(number))
    relog(victim, folders, signer)


def swap(victim: Victim) -> None:
    first, second = victim.entry(2).read_bytes(), victim.entry(3).read_bytes()
    victim.entry(2).write_bytes(second)
    victim.entry(3).write_bytes(first)


def cut(victim: Victim) -> None:
    shutil.rmtree(records(victim)[-1])
    victim.entry(4).unlink()


def roll_back(victim: Victim) -> None:
    shutil.rmtree(victim.root)
    shutil.copytree(victim.older, victim.root)


def sign_with_another_key(victim: Victim) -> None:
    relog(victim, records(victim), new_key(victim.root.parent / "other.pem"))


def strip_signature(victim: Victim) -> None:
    folders = records(victim)
    (folders[1] / "evidence.dsse.json").unlink()
    relog(victim, folders)


def newer(victim: Victim) -> None:
    folders = records(victim)
    edit(folders[1] / "evidence.json", b'"schema_version":1', b'"schema_version":2')
    relog(victim, folders, victim.signer)


Tamper = Callable[[Victim], object]
CASES: dict[str, tuple[Tamper, str, str]] = {
    # case: what is done, the layer that shows it (digests < signature < head), what is said
    "a number edited": (lambda v: edit(v.record() / "conclusion.json", b"0.11", b"0.01"), "digests", "was changed"),
    "a bit flipped in a table": (lambda v: flip(v.record() / "groups.csv"), "digests", "groups.csv: was changed"),
    "a bit flipped in the notebook": (lambda v: flip(v.record() / "notebook.ipynb"), "digests", "notebook.ipynb: was"),
    "a file removed": (lambda v: (v.record() / "groups.csv").unlink(), "digests", "groups.csv: is missing"),
    "a file added": (lambda v: (v.record() / "x.txt").write_text("x"), "digests", "x.txt: was not part of the record"),
    "a file replaced by a link": (swap_for_link, "digests", "groups.csv: is a symbolic link"),
    "a record removed": (lambda v: shutil.rmtree(v.record()), "digests", "evidence.json: is missing"),
    "a record edited with its digests": (lambda v: improve(v.record()), "digests", "evidence.json: was changed"),
    "the signature edited": (lambda v: flip(v.record() / "evidence.dsse.json"), "digests", "dsse.json: was changed"),
    "a log entry removed": (lambda v: v.entry(2).unlink(), "digests", "00000002.json: log entry is missing"),
    "a log entry edited": (lambda v: edit(v.entry(2), b'"seq":2', b'"seq": 2'), "digests", "2.json: log entry was"),
    "log entries swapped": (swap, "digests", "_log/0000000"),
    "a log entry emptied": (lambda v: v.entry(3).write_bytes(b""), "digests", "00000003.json: log entry was changed"),
    "a record removed, the log rewritten": (lambda v: drop_and_relog(v, 1), "digests", "is gone from the log"),
    "a record forged, the log rewritten": (lambda v: forge(v, None), "signature", "signed text is another one"),
    "a record forged, signed with another key": (sign_with_another_key, "signature", "no trusted key signed it"),
    "a signature taken off, the log rewritten": (strip_signature, "signature", "is not signed"),
    "a record forged by a holder of the key": (lambda v: forge(v, v.signer), "head", "differs from the pinned head"),
    "the last record cut off": (cut, "head", "the log ends at 3; it was cut or rolled back"),
    "the store rolled back": (roll_back, "head", "the log ends at 3; it was cut or rolled back"),
    "a record of a newer version": (newer, "digests", "was made by a newer version of riskkit (schema 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_shown_by_its_layer_and_not_by_a_weaker_one(victim: Victim, case: str) -> None:
    change, layer, said = CASES[case]
    honest = {e.sha256: e for e in Store(victim.root).read_all().evidence}
    change(victim)
    store = Store(victim.root)
    by_digests = store.verify()
    by_signature = store.verify(trust=victim.trust)
    by_head = store.verify(head=victim.head, trust=victim.trust)
    shown = {"digests": by_digests, "signature": by_signature, "head": by_head}
    assert bool(by_digests) is (layer == "digests")
    assert bool(by_signature) is (layer in ("digests", "signature"))
    assert by_head
    assert any(said in str(fault) for fault in shown[layer]), [*map(str, shown[layer])]
    if layer == "digests":
        assert all(e == honest[e.sha256] for e in store.read_all().evidence), "a damaged record was used"
        assert store.read_all().damaged == tuple(map(str, by_digests))


def test_a_fault_names_the_file_and_both_digests(victim: Victim) -> None:
    table = victim.record() / "groups.csv"
    was = sha256(table.read_bytes()).hexdigest()
    table.write_bytes(b"group,n\na,1000\n")
    (fault,) = Store(victim.root).verify()
    now = sha256(table.read_bytes()).hexdigest()
    where = table.relative_to(victim.root)
    assert str(fault) == f"{where}: was changed after it was recorded (sha256 expected {was}, found {now})"


def test_the_others_stay_in_use_when_one_record_is_damaged(victim: Victim) -> None:
    flip(victim.record(1) / "conclusion.json")
    stored = Store(victim.root).read_all()
    assert [e.conclusion.measurements[0].value for e in stored.evidence if e.conclusion] == pytest.approx(
        [0.1, 0.12, 0.13]
    )
    assert len(stored.damaged) == 1


def test_an_honest_store_passes_every_layer(victim: Victim) -> None:
    assert Store(victim.root).verify(victim.head, trust=victim.trust) == ()
    older = Store(victim.older).head()
    assert Store(victim.root).verify(older) == (), "a head noted earlier still holds"
    assert Store(victim.root).verify(older[:20]) == (), "and so does a shortened one"
    assert len(Store(victim.root).read_all().signed) == 4


@pytest.mark.parametrize("head", ["", "x", "4", "4:xyz", "4:ab", "-1:" + "a" * 64, "4:" + "A" * 64])
def test_a_head_that_is_none_is_a_wrong_call(victim: Victim, head: str) -> None:
    if head:
        with pytest.raises(UsageError, match="is not a head"):
            Store(victim.root).verify(head)


def test_an_old_key_counts_up_to_its_last_entry_only(victim: Victim) -> None:
    assert Store(victim.root).verify(trust=trusting(victim.signer, until=4)) == ()
    (fault,) = Store(victim.root).verify(trust=trusting(victim.signer, until=3))
    assert "which is trusted up to entry 3 only" in str(fault)
    both = Trust(
        (*trusting(victim.signer, until=3).keys, *trusting(new_key(victim.root.parent / "new.pem")).keys)
    )
    assert len(Store(victim.root).verify(trust=both)) == 1


def test_unsigned_records_are_evidence_and_are_told_apart(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    unsigned = store.commit(evidence(), FILES)
    signer = new_key(tmp_path / "key.pem")
    signed = Store(store.root, signer=signer).commit(evidence(1), FILES)
    assert store.verify() == ()
    assert store.read_all().signed == {signed.folder}
    (fault,) = store.verify(trust=trusting(signer))
    assert str(fault) == f"{unsigned.folder}/evidence.json: is not signed"


def test_keys_and_trust_are_files_of_their_own(tmp_path: Path) -> None:
    made = new_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    assert read_key(tmp_path / "key.pem").keyid == made.keyid
    (tmp_path / "trust.json").write_text(json.dumps({"keys": [made.as_trusted()]}))
    assert read_trust(tmp_path / "trust.json") == trusting(made)
    assert "PRIVATE" not in repr(made)
    with pytest.raises(StorageError, match="never overwritten"):
        new_key(tmp_path / "key.pem")


@pytest.mark.parametrize(
    "content", ["", "x", "{}", '{"keys": 3}', '{"keys": [{"keyid": "a", "public": "AAAA"}]}']
)
def test_keys_and_trust_that_are_none_are_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "f").write_text(content)
    for reads in (read_key, read_trust):
        for name in ("f", "missing"):
            with pytest.raises(InputError) as raised:
                reads(tmp_path / name)
            assert "\n" not in str(raised.value)


def test_a_signature_is_bound_to_the_type_it_was_made_for(victim: Victim) -> None:
    stored = (victim.record() / "evidence.json").read_bytes()
    envelope = json.loads((victim.record() / "evidence.dsse.json").read_bytes())
    assert envelope["payloadType"] == PAYLOAD_TYPE
    assert authenticated(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"  # the example in the DSSE protocol
    )
    plain = victim.signer._key.sign(stored)
    envelope["signatures"][0]["sig"] = base64.b64encode(plain).decode()
    assert (
        victim.trust.fault(json.dumps(envelope).encode(), payload=stored, seq=2) == "no trusted key signed it"
    )
    other = replace(victim.trust, keys=())
    assert other.fault(json.dumps(envelope).encode(), payload=stored, seq=2) == "no trusted key signed it"
    assert victim.trust.fault(b"[" * 9999, payload=stored, seq=2) == "the signature is not readable"


def test_another_library_verifies_our_envelopes(victim: Victim) -> None:
    from securesystemslib import dsse
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    public = base64.b64decode(victim.signer.as_trusted()["public"]).hex()
    key = SSlibKey(victim.signer.keyid, "ed25519", "ed25519", {"public": public})
    text = (victim.record() / "evidence.dsse.json").read_bytes()
    assert dsse.Envelope.from_dict(json.loads(text)).verify([key], 1)
    stored = json.loads(text)
    changed = base64.b64encode(base64.b64decode(stored["payload"]).replace(b"ok", b"no")).decode()
    for forged in ({"payload": changed}, {"payloadType": "application/json"}):
        with pytest.raises(VerificationError):
            dsse.Envelope.from_dict(json.loads(json.dumps(stored | forged))).verify([key], 1)


@pytest.mark.parametrize("number", [1, 2, 9])
def test_a_pipe_in_place_of_a_log_entry_is_told_and_not_waited_for(tmp_path: Path, number: int) -> None:
    store = Store(tmp_path / "records")
    for n in range(3):
        store.commit(evidence(n), FILES)
    entry = store.root / f"_log/{number:08d}.json"
    entry.unlink(missing_ok=True)
    os.mkfifo(entry)
    program = "import sys; from pathlib import Path; from riskkit.records import Store; S = Store(Path(sys.argv[1]))"
    command = [sys.executable, "-c", f"{program}; print(*S.verify(), sep=chr(10))", str(store.root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert f"_log/{number:08d}.json: log entry" in done.stdout

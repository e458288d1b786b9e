#!/usr/bin/env python3
"""Checks recorded evidence with Python's standard library alone: `python verify.py [--trust FILE] [--head HEAD]`.

It reads the log, hashes every file anew, follows the chain of records, and checks Ed25519 signatures (RFC 8032). It
writes nothing and asks no network. Exit 0: all is as it was recorded; 6: something is not, one line each.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ZEROS = "0" * 64
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def faults(
    root: Path,
    *,
    project: str,
    trust: list[dict[str, Any]],
    head: str,
    withheld: dict[str, str] | None = None,
) -> Iterator[str]:
    """A line for everything below ``root`` that is not as it was recorded.

    With ``project``, records of other projects are absent, and only their log entries are checked. ``withheld`` are
    files (path to digest) that were left out on purpose.
    """
    log = sorted((root / "_log").glob("*.json"))
    withheld = {**archived(root, log), **(withheld or {})}
    previous, known, digests = ZEROS, set[str](), dict[int, str]()
    for number, file in enumerate(log, 1):
        data = read(file)
        digests[number] = sha(data)
        try:
            entry = json.loads(data)
            if file.name != f"{number:08d}.json" or entry["seq"] != number:
                yield f"_log/{file.name}: log entry {number} is missing or out of order"
                return
            if entry["previous"] != previous:
                both = f"(expected {entry['previous']}, found {previous})"
                yield f"_log/{file.name}: the entry before it was changed {both}"
            if entry["folder"].startswith("_archive/"):
                yield from note(root, entry, project)
            elif not project or project in entry["folder"].split("/")[:2]:
                yield from record(root, entry, known, trust, withheld)
            known.add(entry["evidence"])
        except (ValueError, KeyError, TypeError) as error:
            yield f"_log/{file.name}: not readable ({error})"
        previous = digests[number]
    if head:
        pinned, _, digest = head.partition(":")
        found = digests.get(int(pinned), "nothing")
        if int(pinned) and not found.startswith(digest):
            yield f"log: entry {pinned} is not the pinned one (expected {digest}, found {found})"


def archived(root: Path, log: list[Path]) -> dict[str, str]:
    """Files (path to digest) that lie in an archive, by the notes that the log names and that are unchanged."""
    found: dict[str, str] = {}
    for file in log:
        try:
            entry = json.loads(read(file))
            note = read(root / entry["folder"] / "archive.json") if "_archive/" in entry["folder"] else b""
            found |= json.loads(note)["files"] if note and sha(note) == entry["evidence"] else {}
        except (ValueError, KeyError, TypeError):  # said where the log is checked
            continue
    return found


def note(root: Path, entry: dict[str, Any], project: str) -> Iterator[str]:
    """What is wrong with the note of an archive; a pack holds none, and names what was archived itself."""
    if not project and sha(read(root / entry["folder"] / "archive.json")) != entry["evidence"]:
        yield f"{entry['folder']}/archive.json: changed after it was noted (expected {entry['evidence']})"


def record(
    root: Path, entry: dict[str, Any], known: set[str], trust: list[dict[str, Any]], withheld: dict[str, str]
) -> Iterator[str]:
    """What is wrong with the record that ``entry`` names."""
    place, folder = entry["folder"], root / entry["folder"]
    if ".." in Path(place).parts or Path(place).is_absolute() or folder.is_symlink():
        yield f"{place}: not a folder of this store"
        return
    if not folder.exists() and withheld.get(f"{place}/evidence.json") == entry["evidence"]:
        return
    wanted = {"evidence.json": entry["evidence"]}
    if entry.get("signature"):
        wanted["evidence.dsse.json"] = entry["signature"]
    stored = read(folder / "evidence.json")
    if sha(stored) == entry["evidence"]:
        statement = json.loads(stored)
        wanted |= {item["name"]: item["digest"]["sha256"] for item in statement["subject"]}
        before = statement["predicate"]["previous"]
        if before is not None and before not in known:
            yield f"{place}/evidence.json: the record before it is gone from the log (expected {before})"
    yield from files(folder, place, wanted, withheld)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in wanted:
            yield f"{place}/{path.name}: was not part of the record"
    if trust and (said := signature(read(folder / "evidence.dsse.json"), stored, entry["seq"], trust)):
        yield f"{place}/evidence.json: {said}"


def files(folder: Path, place: str, wanted: dict[str, str], withheld: dict[str, str]) -> Iterator[str]:
    """A line for each file of a record that is not as ``wanted``, unless it was left out on purpose."""
    for name, digest in wanted.items():
        if not (folder / name).exists() and withheld.get(f"{place}/{name}") == digest:
            continue
        data = read(folder / name) if "/" not in name else b""
        if sha(data) != digest:
            yield f"{place}/{name}: changed after it was recorded (expected {digest}, found {sha(data)})"


def signature(envelope: bytes, payload: bytes, seq: int, trust: list[dict[str, Any]]) -> str:
    """What is wrong with the DSSE envelope around ``payload``; empty when a trusted key signed it."""
    if not envelope:
        return "is not signed"
    value = json.loads(envelope)
    kind = value["payloadType"]
    if base64.b64decode(value["payload"]) != payload:
        return "the signed text is another one"
    text = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    for key in trust:
        current = key.get("until") is None or seq <= key["until"]
        for item in value["signatures"]:
            if current and signed(base64.b64decode(key["public"]), text, base64.b64decode(item["sig"])):
                return ""
    return "no trusted key signed it"


def signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is that of ``text`` by the Ed25519 key ``public`` (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = _decoded(public), _decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or point is None or scalar >= _L:
        return False
    mix = hashlib.sha512(signature[:32] + public + text).digest()
    challenge = int.from_bytes(mix, "little") % _L
    return _equal(_times(scalar, _BASE), _add(point, _times(challenge, key)))


def _decoded(data: bytes) -> _Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _add(a: _Point, b: _Point) -> _Point:
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    u, v = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _equal(a: _Point, b: _Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


_BASE = _decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


def read(path: Path) -> bytes:
    """The bytes of a plain file; none when there is no such file."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def sha(data: bytes) -> str:
    """The SHA-256 of ``data`` in hex."""
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    """Check the copy this file lies in, or the one named; 0 when all is well, else 6."""
    parser = argparse.ArgumentParser(description="Check recorded evidence.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help="the copy; the records beside this file when left out"
    )
    parser.add_argument("--trust", type=Path, help="trust.json of the reviewers: every record must be signed")
    parser.add_argument("--head", default="", help="a head that was noted elsewhere, such as 41:5b8d...")
    asked = parser.parse_args()
    here = Path(__file__).resolve().parent
    root = asked.folder or here / "records"
    trust = json.loads(asked.trust.read_bytes())["keys"] if asked.trust else []
    nothing = b'{"project": "", "files": {}}'
    pack: dict[str, Any] = json.loads(nothing if asked.folder else (here / "pack.json").read_bytes())
    if asked.trust and not trust:
        sys.stdout.write(f"{asked.trust}: holds no key, so nobody can have signed\n")
        return 6
    left_out, stored_away = pack.get("withheld", {}), pack.get("archived", {})
    absent = left_out | stored_away
    found = list(faults(root, project=pack["project"], trust=trust, head=asked.head, withheld=absent))
    for name, digest in pack["files"].items():
        if sha(read(here / name)) != digest:
            found.append(
                f"{name}: changed after it was packed (expected {digest}, found {sha(read(here / name))})"
            )
    counted = len(list(root.glob("**/evidence.json")))
    summary = f"{counted} records, {len(found)} faults{'' if trust else ', signatures not checked'}"
    if left_out:
        summary += f", {len(left_out)} withheld files not checked"
    if stored_away:
        summary += f", {len(stored_away)} archived files not checked"
    for line in (*found, summary):
        sys.stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")
    return 6 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""What was read in a text, remembered from one build to the next: thousands of pages stay as they were."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Known(Generic[T]):
    """What ``read`` finds in a text, by the digest of the text and of the ``code``; JSON holds it."""

    def __init__(self, read: Callable[[str], T], table: sqlite3.Connection, code: bytes) -> None:
        self._read, self._table, self._used, self._code = read, table, set[bytes](), code
        self._table.execute(
            "CREATE TABLE IF NOT EXISTS known (key BLOB PRIMARY KEY, found TEXT) WITHOUT ROWID"
        )

    def __call__(self, text: str) -> T:
        """What there is in ``text``, read now or before."""
        told = sha256(self._code)
        told.update(text.encode("utf-8", "surrogatepass"))
        key = told.digest()
        self._used.add(key)
        if row := self._table.execute("SELECT found FROM known WHERE key = ?", (key,)).fetchone():
            known: T = json.loads(row[0])
            return known
        found = self._read(text)
        self._table.execute("INSERT INTO known VALUES (?, ?)", (key, json.dumps(found)))
        return found

    def forget_the_rest(self) -> None:
        """Drop what nobody asked for."""
        there = {row[0] for row in self._table.execute("SELECT key FROM known")}
        self._table.executemany("DELETE FROM known WHERE key = ?", [(key,) for key in there - self._used])


@contextlib.contextmanager
def remembered(
    read: Callable[[str], T], cache: Path | None, *, using: Iterable[Callable[..., object]] = ()
) -> Iterator[Callable[[str], T]]:
    """``read``, which need not read twice what it finds in the folder ``cache``.

    It is read again when the file of ``read`` changed, or that of a function it is ``using``. A damaged file there is
    begun anew; one that another build holds is left alone.
    """
    table = _opened(cache, f"{read.__name__}.db") if cache else None
    if table is None:
        yield read
        return
    with contextlib.closing(table), table:
        files = (Path(str(sys.modules[each.__module__].__file__)) for each in (read, *using))
        known = Known(read, table, sha256(b"\0".join(file.read_bytes() for file in files)).digest())
        yield known
        known.forget_the_rest()


def _opened(cache: Path, name: str) -> sqlite3.Connection | None:
    """The table, ours alone until it is closed; None when somebody else has it or nothing can be written."""
    cache.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        table = sqlite3.connect(cache / name, timeout=1)
        try:
            table.execute("PRAGMA synchronous = OFF")  # what a crash loses is read again
            table.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            table.close()
            return None
        except sqlite3.DatabaseError:
            table.close()
            (cache / name).unlink()
        else:
            return table
    return None

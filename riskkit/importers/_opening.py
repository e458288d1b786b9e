"""A workbook that somebody sent, opened without trusting it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from riskkit.errors import EnvironmentProblem
from riskkit.importers._reading import fault

LARGEST = 50_000_000
"""Bytes of the largest workbook that is read."""
UNPACKED = 400_000_000
"""Bytes it may unpack to."""
PARTS = 500
ROWS, COLUMNS = 200_000, 80
"""Rows and columns of a sheet that are looked at."""
_REFUSED = {
    "vbaproject": "holds macros; save it as .xlsx without them",
    "externallinks/": "links to other workbooks; break the links and save it again",
    "activex/": "holds active controls; save it without them",
    "embeddings/": "holds embedded objects; save it without them",
}


def opened(data: bytes, *, file: str) -> Any:
    """The workbook in ``data``, of which only values are read.

    Raises InputError for what is no workbook, is too large packed or unpacked, holds macros, embedded objects or
    links to other workbooks, or declares entities; EnvironmentProblem without openpyxl.
    """
    try:
        import openpyxl
    except ImportError:
        raise EnvironmentProblem("openpyxl is not installed: pip install 'riskkit[excel]'") from None
    if len(data) > LARGEST:
        raise fault(file, None, "", f"is larger than {LARGEST // 1_000_000} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for why in _faults(archive):
                raise fault(file, None, "", why)
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise fault(file, None, "", "is no workbook", "a file that riskkit export xlsx made") from None
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
        raise fault(file, None, "", f"cannot be read as a workbook: {error}"[:200]) from None


def _faults(archive: zipfile.ZipFile) -> Iterator[str]:
    """Why the archive is not read further."""
    parts = archive.infolist()
    if len(parts) > PARTS:
        yield f"holds {len(parts)} parts, more than a workbook of ours can"
    if sum(part.file_size for part in parts) > UNPACKED:
        yield f"unpacks to more than {UNPACKED // 1_000_000} MB"
    for part in parts:
        for name, why in _REFUSED.items():
            if name in part.filename.lower():
                yield why
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                head = stream.read(4096)
            if b"<!" in head.replace(b"<!--", b"") or b"\x00" in head:
                yield f"{part.filename[:80]} declares more than data"

"""Bytes of a CSV or Parquet file to a table of text, refusing whatever a lenient reader would guess at."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskkit.errors import EnvironmentProblem, InputError, PolicyError, Problem

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_PROBLEMS = 20
"""Faults listed for one file; after that many, the file is not what its name says."""
_SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x93NUMPY")


def read_table(data: bytes, *, file: str) -> pd.DataFrame:
    """The table in ``data`` (CSV, or Parquet where pyarrow is installed): text columns, empty cells missing.

    ``NA``, ``null`` and the like stay text. ``attrs["one_line_a_row"]``: whether row ``i`` is line ``i + 2``.

    Raises
    ------
    InputError
        With every fault found (the first 20), each with its line.
    PolicyError
        When the file is a pickle, which would run code when read.
    """
    if data.startswith(_PICKLES):
        raise PolicyError(
            f"{file}: is a pickled object, which runs code when it is read (give CSV or Parquet)"
        )
    if data.startswith(b"PAR1"):
        return _parquet(data, file)
    text = text_of(data, file=file)
    header = _header(text, file)
    table = _fast(text, header) if _well_formed(data, len(header)) else _slow(text, header, file)
    if table.empty:
        raise InputError([Problem(file, None, "", "holds a header and no row")])
    return table


def text_of(data: bytes, *, file: str) -> str:
    """``data`` as text, without byte order mark; anything but UTF-8 text is refused with its line."""
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise InputError([Problem(file, None, "", f"is {what}", "UTF-8 text is wanted")])
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise InputError([Problem(file, None, "", "is empty")])
    if (at := data.find(b"\0")) >= 0:
        raise InputError([Problem(file, _line(data, at), "", "holds a NUL byte, so it is not text")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        hint = "save it as UTF-8; this may be Latin-1 or Windows-1252"
        raise InputError([Problem(file, _line(data, error.start), "", what, hint)]) from None
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise InputError(
            [Problem(file, 1, "", "is a web page", "perhaps an error page that was saved as data")]
        )
    return text


def _line(data: bytes, at: int) -> int:
    return data[:at].count(b"\n") + 1


def _header(text: str, file: str) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader(io.StringIO(text, newline=""), strict=True))]
    except (csv.Error, StopIteration):
        raise InputError([Problem(file, 1, "", "the first line is not a CSV header")]) from None
    if len(names) == 1 and (found := next((s for s in ";\t|" if s in names[0]), "")):
        sign = {";": "semicolons", "\t": "tabs", "|": "bars"}[found]
        raise InputError([Problem(file, 1, "", f"values are separated by {sign}", "save it with commas")])
    problems = [
        Problem(file, 1, "", f"column {i} has no name", "give every column a name")
        for i, name in enumerate(names, 1)
        if not name
    ]
    twice = [name for name, times in Counter(names).items() if name and times > 1]
    problems += [Problem(file, 1, name, "two columns have this name", "give each its own") for name in twice]
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return names


def _well_formed(data: bytes, columns: int) -> bool:
    """Whether every quote pairs up where a field starts or ends, and every row has ``columns`` values.

    A vectorised proof over the bytes; what it cannot prove goes to the slow reader, which names the lines.
    """
    import numpy as np

    raw = np.frombuffer(data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") + b"\n", dtype=np.uint8)
    if bool(np.any((raw[:-1] == 13) & (raw[1:] != 10))):
        return False
    quotes = raw == 34
    outside: np.ndarray | bool = True
    if bool(quotes.any()):
        if not _quotes_in_place(raw, np.flatnonzero(quotes)):
            return False
        outside = np.cumsum(quotes, dtype=np.int64) % 2 == 0
    ends = np.flatnonzero((raw == 10) & outside)
    commas = np.flatnonzero((raw == 44) & outside)
    starts = np.concatenate(([0], ends[:-1] + 1))
    blank = (ends == starts) | ((raw[starts] == 13) & (ends == starts + 1))
    a_row = np.diff(np.searchsorted(commas, ends), prepend=0)
    return bool(np.all(a_row == columns - 1) and not np.any(blank))


def _quotes_in_place(raw: np.ndarray, at: np.ndarray) -> bool:
    """Whether opening quotes follow a separator and closing ones precede one; a doubled quote is both."""
    import numpy as np

    if len(at) % 2:
        return False
    opening, closing = at[0::2], at[1::2]
    before = raw[np.maximum(opening - 1, 0)]
    after = raw[closing + 1]
    doubled = np.zeros(len(opening), dtype=bool)
    doubled[1:] = opening[1:] == closing[:-1] + 1
    reopened = np.append(doubled[1:], False)
    return bool(
        np.all((opening == 0) | np.isin(before, (10, 44)) | doubled)
        and np.all(np.isin(after, (10, 13, 44)) | reopened)
    )


def _fast(text: str, header: list[str]) -> pd.DataFrame:
    import pandas as pd

    body = io.StringIO(text.rstrip("\r\n") + "\n", newline="")
    table = pd.read_csv(body, dtype=str, keep_default_na=False, na_values=[""], index_col=False)
    table.columns = pd.Index(header)
    table.attrs["one_line_a_row"] = text.rstrip("\r\n").count("\n") == len(table)
    return table


def _slow(text: str, header: list[str], file: str) -> pd.DataFrame:
    import pandas as pd

    rows: list[list[str | None]] = []
    problems: list[Problem] = []
    for item in _rows(text, len(header), file):
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rows.append([value or None for value in item])
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise InputError(problems)
    return pd.DataFrame(rows, columns=header, dtype="str")


def _rows(text: str, columns: int, file: str) -> Iterator[list[str] | Problem]:
    reader = csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), strict=True)
    next(reader)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(file, line, "", f"a quoted value is broken here: {error}", "close the quote")
            return
        if len(row) == columns:
            yield row
        elif not row:
            yield Problem(file, line, "", "is an empty line", "remove it")
        else:
            yield Problem(file, line, "", f"holds {len(row)} values, the header names {columns}")


def _parquet(data: bytes, file: str) -> pd.DataFrame:
    import pandas as pd

    if importlib.util.find_spec("pyarrow") is None:
        raise EnvironmentProblem(f'{file}: reading Parquet needs pyarrow: pip install "riskkit[arrow]"')
    try:
        table = pd.read_parquet(io.BytesIO(data))
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise InputError([Problem(file, None, "", f"is not a readable Parquet file: {error}")]) from None
    return as_text(table.reset_index(drop=True))


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as text; empty ones are missing."""
    text = table.astype("str").mask(table.isna())
    return text.mask(text == "")

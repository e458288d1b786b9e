"""Files that a lenient reader would accept wrongly are refused with the line."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskkit.errors import InputError, PolicyError
from riskkit.targets import _tables


def read(data: bytes) -> list[list[str | None]]:
    table = _tables.read_table(data, file="f.csv")
    return [[None if value != value else value for value in row] for row in table.to_numpy().tolist()]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "f.csv: is empty"),
        (b"\n\n", "f.csv: is empty"),
        (b"a,b\n", "f.csv: holds a header and no row"),
        (b"a,b\n1,2,3\n", "f.csv:2: holds 3 values, the header names 2"),
        (b"a,b\n1,2\n1\n", "f.csv:3: holds 1 values, the header names 2"),
        (b"a,b\n1,2\n\n1,2\n", "f.csv:3: is an empty line (remove it)"),
        (b"a,a\n1,2\n", "f.csv:1: a: two columns have this name (give each its own)"),
        (b"a,\n1,2\n", "f.csv:1: column 2 has no name (give every column a name)"),
        (b"a;b\n1;2\n", "f.csv:1: values are separated by semicolons (save it with commas)"),
        (b"a\tb\n1\t2\n", "f.csv:1: values are separated by tabs (save it with commas)"),
        (b"a,b\n1,\xe9\n", "f.csv:2: byte 0xe9 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "f.csv: is UTF-16 text"),
        (b"a,b\n1,\0\n", "f.csv:2: holds a NUL byte, so it is not text"),
        (b"\x89PNG\r\n\x1a\n", "f.csv: is a PNG picture"),
        (b"\x1f\x8b\x08", "f.csv: is a gzip archive"),
        (b"%PDF-1.7", "f.csv: is a PDF document"),
        (b"PK\x03\x04", "f.csv: is a zip archive or an Excel workbook"),
        (b"PAR1 and nothing more", "f.csv: is not a readable Parquet file"),
        (b"<!DOCTYPE html><html><body>502</body>", "f.csv:1: is a web page"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "f.csv:3: a quoted value is broken here"),
        (b'a,b\n1,"2"x\n', "f.csv:2: a quoted value is broken here"),
    ],
)
def test_a_malformed_file_is_one_line_that_says_where(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    (problem,) = caught.value.problems
    assert str(problem).startswith(message)


def test_every_ragged_row_is_listed_up_to_twenty() -> None:
    with pytest.raises(InputError) as caught:
        read(b"a,b\n" + b"1,2,3\n" * 50)
    assert [p.line for p in caught.value.problems] == list(range(2, 22))


def test_a_byte_order_mark_is_not_part_of_the_first_name() -> None:
    assert list(_tables.read_table(b"\xef\xbb\xbfa,b\n1,2\n", file="f.csv").columns) == ["a", "b"]


def test_na_is_text_and_only_an_empty_cell_is_missing() -> None:
    assert read(b"a,b\nNA,null\n,None\n") == [["NA", "null"], [None, "None"]]


def test_numbers_keep_the_form_they_were_written_in() -> None:
    assert read(b"a,b\n007,1.10\n1e3,-0\n") == [["007", "1.10"], ["1e3", "-0"]]


def test_windows_line_ends_and_old_mac_line_ends_read_alike() -> None:
    assert read(b"a,b\r\n1,2\r\n3,4\r\n") == read(b"a,b\r1,2\r3,4") == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("data", [b"\x80\x04\x95\x00", b"\x93NUMPY\x01\x00"])
def test_pickled_data_is_refused_by_policy(data: bytes) -> None:
    with pytest.raises(PolicyError):
        read(data)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_csv_module_writes_is_what_is_read(rows: list[tuple[str, str]], quoting: int) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    writer.writerows([("first", "second"), *rows])
    expected = [[value or None for value in row] for row in rows]
    assert read(out.getvalue().encode()) == expected


@settings(max_examples=300)
@given(st.text(alphabet='ab,"\n', max_size=30))
def test_the_fast_proof_never_accepts_what_the_strict_reader_refuses(body: str) -> None:
    data = ("a,b\n" + body).encode()
    if _tables._well_formed(data, 2):
        rows = list(csv.reader(io.StringIO(data.decode().rstrip("\n"), newline=""), strict=True))
        assert all(len(row) == 2 for row in rows)
        if len(rows) > 1:
            assert read(data) == [[value or None for value in row] for row in rows[1:]]


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_one_of_our_errors(data: bytes) -> None:
    with contextlib.suppress(InputError, PolicyError):
        read(data)

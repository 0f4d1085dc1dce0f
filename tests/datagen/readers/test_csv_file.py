"""CSV from anybody: what stands in it comes out as it stands, and one fault costs one row."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.readers.csv_file import csv_file
from datagen.schemas import InputError

from .conftest import Reading, bytes_of, read, read_or_refuse


def got(tmp_path: Path, content: bytes | str, name: str = "x.csv", **options: int) -> Reading:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(csv_file(path, name), **options)


def columns(tmp_path: Path, content: str) -> tuple[str, ...]:
    (tmp_path / "x.csv").write_text(content, encoding="utf-8", newline="")
    return csv_file(tmp_path / "x.csv", "x.csv").columns


# What is right comes out equal

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12)
)


@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    pack=st.sampled_from([bytes, gzip.compress]),
)
def test_what_python_writes_reads_back_equal(
    folder: Path,
    table: list[list[str]],
    delimiter: str,
    end: str,
    encoding: str,
    pack: Callable[[bytes], bytes],
) -> None:
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL  # else a lone \r stands unquoted
    names = tuple(f"column {at}" for at in range(len(table[0]) if table else 2))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([names, *table])
    (folder / "x.csv").write_bytes(pack(text.getvalue().encode(encoding)))
    file = csv_file(folder / "x.csv", "x.csv")
    assert file.columns == names
    for rows in (4096, 2):
        found = read(file, rows=rows)
        assert [list(row.values()) for row in found.rows] == table
        assert not found.invalid


@given(content=bytes_of(b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"a", b"1,2\n", b"\xff", b"\0", b"a,b\n"))
def test_any_bytes_end_in_rows_refusals_or_a_sentence(folder: Path, content: bytes) -> None:
    (folder / "any.csv").write_bytes(content)
    read_or_refuse(csv_file, folder / "any.csv")


@given(content=bytes_of(b'"', b'""', b"\n", b",", b"a", b"\xe9", b"\0"))
def test_any_bytes_after_a_header_end_in_rows_and_refusals(folder: Path, content: bytes) -> None:
    (folder / "any.csv").write_bytes(b"a,b\n" + content)
    assert read_or_refuse(csv_file, folder / "any.csv") is not None


@given(content=st.binary(max_size=60))
def test_any_bytes_in_a_packed_or_wide_text_too(folder: Path, content: bytes) -> None:
    for start in (b"\x1f\x8b", b"\xff\xfea\0,\0b\0\n\0", b"\xfe\xff\0a\0,\0b\0\n"):
        (folder / "any.csv").write_bytes(start + content)
        read_or_refuse(csv_file, folder / "any.csv")


def test_cells_are_never_interpreted(tmp_path: Path) -> None:
    rows = got(tmp_path, 'code,price,level,none,blank\n00123,1e3,N.A.,NULL,\n1,NA,nan,"", x \n').rows
    assert [list(row.values()) for row in rows] == [
        ["00123", "1e3", "N.A.", "NULL", ""],
        ["1", "NA", "nan", "", " x "],
    ]


def test_asked_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,c\n1,2,3\n")
    assert read(csv_file(tmp_path / "x.csv", "x"), ("c", "a")).rows == [{"c": "3", "a": "1"}]
    assert read(csv_file(tmp_path / "x.csv", "x"), ()).numbers == [0]


# Delimiters and headers


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("title;price\nCoat, long;12,50\n", ("title", "price")),
        ("title\tprice\nCoat, long\t1;2\n", ("title", "price")),
        ("title|price\na|b\n", ("title", "price")),
        ("id|sku,title,price\n1|2,a,b\n", ("id|sku", "title", "price")),
        ("title\nCoat, long\n", ("title",)),
        ("sep=;\ntitle,old;price\n1;2\n", ("title,old", "price")),
        ('"a,b";c\n1;2\n', ("a,b", "c")),
        ("a,b\n", ("a", "b")),
        ("a;b,c\n" + "1;2\n" * 9, ("a", "b,c")),
        ("\n\na,b\n1,2\n", ("a", "b")),
    ],
)
def test_the_delimiter_is_recognised(tmp_path: Path, content: str, expected: tuple[str, ...]) -> None:
    assert columns(tmp_path, content) == expected


def test_repeated_and_empty_names_are_made_to_differ(tmp_path: Path) -> None:
    assert columns(tmp_path, "a,a,,a.1,,a\n") == ("a", "a.2", "Unnamed: 2", "a.1", "Unnamed: 4", "a.3")
    assert columns(tmp_path, ",Unnamed: 0\n") == ("Unnamed: 0", "Unnamed: 0.1")


def test_a_lost_header_leaves_the_first_row_as_names(tmp_path: Path) -> None:
    assert columns(tmp_path, "Shop,2490.0,2490.0\nShop,1.0,1.0\n") == ("Shop", "2490.0", "2490.0.1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; a table needs a header"),
        (b"\n \n"[:1], "is empty"),
        (b"caf\xe9,b\n", "its header is not UTF-8; save it as CSV in UTF-8, for example with: iconv"),
        (
            "a,b\n1,2\n".encode("utf-16-le"),
            "its header holds a NUL byte; save it as CSV in UTF-8, for example",
        ),
        (b'"a,b\n1,2\n', "its header has a quote that is never closed; save it as CSV in UTF-8."),
        (b"x" * 1_000_001, "its header is longer than 1 MB"),
        (b",".join(b"%d" % at for at in range(100_000)), "has 100,000 columns; at most 2,000 can be read"),
        (b"\x1f\x8bno", "is damaged or cut off (gzip)"),
        (gzip.compress(b"a,b\n" * 9, mtime=0)[:-12], "is damaged or cut off (gzip)"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match="^x.csv") as error:
        got(tmp_path, content)
    assert said in str(error.value)


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert got(tmp_path, "a,b") == Reading()


# Faults cost one row each


def test_ragged_rows_are_refused_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    found = got(tmp_path, "a,b\n1,2\n\n1\n1,2,3\n\r\n4,5")
    assert found.numbers == [0, 3]
    assert found.reasons == {1: "has 1 cell, not 2", 2: "has 3 cells, not 2"}
    assert found.invalid[1].text == "1,2,3"


def test_a_byte_that_is_not_utf8_costs_its_row(tmp_path: Path) -> None:
    found = got(tmp_path, b"a,b\n1,\xc3\xa9\ncaf\xe9,2\n\xed\xa0\x80,\x1b[0m\n3,\xe2\x82\xac\n")
    assert [row["b"] for row in found.rows] == ["é", "€"]
    assert found.reasons == {1: "is not UTF-8", 2: "is not UTF-8"}
    assert [each.text for each in found.invalid] == [r"caf\xe9,2", r"\xed\xa0\x80,\x1b[0m"]


def test_half_a_pair_in_utf16_costs_its_row(tmp_path: Path) -> None:
    wide = (
        b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8" + ",3\né,4\n".encode("utf-16-le") + b"x"
    )
    found = got(tmp_path, wide)
    assert [row["a"] for row in found.rows] == ["1", "é"]
    assert found.reasons == {1: "is not UTF-8", 3: "is not UTF-8"}


def test_a_nul_byte_costs_its_row(tmp_path: Path) -> None:
    found = got(tmp_path, b'a,b\n1,\0\n2,"\0\n"\n3,4\n')
    assert found.rows == [{"a": "3", "b": "4"}]
    assert found.reasons == {0: "holds a NUL byte", 1: "holds a NUL byte"}
    assert found.invalid[0].text == r"1,\x00"


def test_an_unclosed_quote_costs_its_line_alone(tmp_path: Path) -> None:
    unclosed = "has a quote that is never closed"
    assert got(tmp_path, 'a,b\n1,2\n"3,4\n5,6\n7,8').reasons == {1: unclosed}
    found = got(tmp_path, 'a,b\n"1,2\n3,4\n"5, five","6\nsix"\n7,8\n')
    assert found.reasons == {0: unclosed}
    assert [row["a"] for row in found.rows] == ["3", "5, five", "7"]
    assert found.rows[1]["b"] == "6\nsix"
    found = got(tmp_path, 'a,b\n"1,2\n\n3\n"4,5\n"6","7"\n')
    assert found.reasons == {0: unclosed, 1: "has 1 cell, not 2", 2: unclosed}


def test_an_unclosed_quote_in_a_long_file_costs_its_line_alone(tmp_path: Path) -> None:
    found = got(tmp_path, 'a,b\n"1,2\n' + f"{3:020},{4:020}\n" * 30_000)
    assert found.reasons == {0: "has a quote that is never closed"}
    assert len(found.rows) == 30_000


def test_quotes_that_never_agree_take_no_longer_than_their_length(tmp_path: Path) -> None:
    """Each of these lines opens a quote that the next one closes and opens again."""
    found = got(tmp_path, "a,b\n" + 'xxxxxxxxxxxxxxxxxxxx","a\n' * 50_000)
    assert len(found.rows) + len(found.invalid) == 50_000


def test_text_after_a_closing_quote_is_kept(tmp_path: Path) -> None:
    found = got(tmp_path, 'a,b\n"Heritage" Coat,1\n5" wide,2\n"a""b",3\n')
    assert [row["a"] for row in found.rows] == ["Heritage Coat", '5" wide', 'a"b']


@pytest.mark.parametrize("start", [b"", b'"'])
def test_a_cell_of_10_mb_costs_its_row(tmp_path: Path, start: bytes) -> None:
    found = got(tmp_path, b"a,b\n1,2\n" + start + b"x" * 10_000_000 + b",3\n4,5\n")
    assert [row["a"] for row in found.rows] == ["1", "4"]
    assert found.reasons == {1: "is longer than 1 MB"}
    assert len(found.invalid[0].text) == 1_000_000


def test_a_row_of_just_under_1_mb_is_read(tmp_path: Path) -> None:
    cell = "x" * 999_990 + "\n"
    found = got(tmp_path, f'a,b\n"{cell}"' + ",\n1,2\n", rows=1)
    assert not found.invalid
    assert found.rows[0]["a"] == cell


def test_a_packed_file_may_be_larger_than_memory(tmp_path: Path) -> None:
    """50 MB of NUL bytes without a line end, in 50 kB."""
    found = got(tmp_path, gzip.compress(b"a,b\n1,2\n" + bytes(50_000_000) + b"\n3,4\n"), "x.csv.gz")
    assert [row["a"] for row in found.rows] == ["1", "3"]
    assert found.reasons == {1: "is longer than 1 MB"}


def test_damage_far_into_a_packed_file_costs_only_what_is_behind_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + b"".join(b"%d,2\n" % at for at in range(99_999))))
    packed[len(packed) // 2] ^= 255
    found = got(tmp_path, bytes(packed), "x.csv.gz")
    # Deflate has no checksum but that of the whole: what follows a damaged bit is garbage for a while.
    assert [int(row["a"]) for row in found.rows[:20_000]] == list(range(20_000))
    (unread,) = found.unread
    assert (unread.reason, unread.end) == ("is damaged or cut off (gzip)", None)
    assert unread.start > 100_000

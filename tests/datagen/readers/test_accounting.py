"""Rows in = rows kept + rows rejected, however a file is broken; what cannot be read is counted in bytes.

Every row has a marker. Where the damaged file still holds it, it is in a row that was kept, in the text of
one that was rejected, or behind a place from which the file could not be read; or all of it is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datagen.readers.formats import open_file
from datagen.readers.imagefolder import imagefolder
from datagen.readers.saved_folder import saved_dataset
from datagen.readers.source import DataFile
from datagen.schemas import InputError

MARKER = re.compile(r"<\d{3}>")
ROWS = [
    {"code": f"C{row}", "title": f'A "spade", long\nand {{short}} <{row:03d}>', "price": row}
    for row in range(30)
]
WORDS = [b'"', b"\\", b"\n", b",", b"{", b"}", b"[", b"]", b"\0", b"\xff", b'"}', b'{"', b"},{", b'\\"', b"<"]
"""What means something to a reader."""

Change = tuple[str, int, int, bytes]


def damaged(content: bytes, changes: list[Change]) -> bytes:
    """The content with some changes: what, where (in thousandths), how much, what instead."""
    for what, where, size, word in changes:
        at = len(content) * where // 1000
        if what == "insert":
            content = content[:at] + word + content[at:]
        elif what == "delete":
            content = content[:at] + content[at + size :]
        elif what == "flip":
            flipped = bytes([content[at] ^ (1 << size % 8)]) if at < len(content) else b""
            content = content[:at] + flipped + content[at + 1 :]
        else:
            content = content[: max(at, 1)]
    return content


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "flip", "cut"]),
        st.integers(0, 999),
        st.integers(1, 60),
        st.sampled_from(WORDS),
    ),
    min_size=1,
    max_size=3,
)


def _csv(delimiter: str) -> bytes:
    file = io.StringIO()
    lines = csv.DictWriter(file, ["code", "title", "price"], delimiter=delimiter)
    lines.writeheader()
    lines.writerows(ROWS)
    return file.getvalue().encode()


def _parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), file, row_group_size=7)
    return file.getvalue()


def _arrow(writer_of: Callable[..., Any]) -> bytes:
    table, file = pa.Table.from_pylist(ROWS), io.BytesIO()
    with writer_of(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return file.getvalue()


TEXTS = {
    "x.csv": _csv(","),
    "x.tsv": _csv("\t"),
    "x.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS).encode(),
    "x.json": json.dumps(ROWS).encode(),
    "indented.json": json.dumps(ROWS, indent=1).encode(),
}
BINARIES = {
    "x.parquet": _parquet(),
    "file.arrow": _arrow(pa.ipc.new_file),
    "stream.arrow": _arrow(pa.ipc.new_stream),
}


def accounted(path: Path, opened: Callable[[], DataFile] | None = None) -> tuple[set[str], int, bool] | None:
    """The markers found, how many rows were kept, rejected or counted, and whether parts are unread.

    None where the file is refused.
    """
    found, rows, unread = "", 0, False
    try:
        file = opened() if opened else open_file(path, path.name)
        found = str(file.columns)  # of a CSV file that lost its header, the first row: one sees it there
        for batch in file.read(file.columns, 4096):
            found += str(batch.table.to_pylist()) + "".join(each.text for each in batch.invalid)
            rows += len(batch.rows) + len(batch.invalid) + sum(part.rows or 0 for part in batch.unread)
            unread = unread or bool(batch.unread)
    except InputError as error:
        assert "\n" not in str(error)
        return None
    return set(MARKER.findall(found)), rows, unread


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
@example(changes=[("insert", 500, 1, b'"')])
@example(changes=[("delete", 480, 1, b"")])
@example(changes=[("insert", 400, 1, b"]")])
@example(changes=[("delete", 0, 21, b'"')])
def test_no_row_of_a_damaged_text_is_lost_unseen(tmp_path: Path, name: str, changes: list[Change]) -> None:
    content = damaged(TEXTS[name], changes)
    (tmp_path / name).write_bytes(content)
    result = accounted(tmp_path / name)
    if result is not None:
        found, _, _ = result
        assert set(MARKER.findall(content.decode("utf-8", "replace"))) <= found


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_no_row_of_a_damaged_packed_text_is_lost_unseen(
    tmp_path: Path, name: str, changes: list[Change]
) -> None:
    path = tmp_path / f"{name}.gz"
    path.write_bytes(damaged(gzip.compress(TEXTS[name], mtime=0), changes))
    result = accounted(path)
    if result is not None and result[1]:  # a source without rows is refused by the import
        found, _, unread = result
        assert unread or found == set(MARKER.findall(TEXTS[name].decode()))


@pytest.mark.parametrize("name", BINARIES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_no_row_of_a_damaged_table_is_lost_unseen(tmp_path: Path, name: str, changes: list[Change]) -> None:
    (tmp_path / name).write_bytes(damaged(BINARIES[name], changes))
    result = accounted(tmp_path / name)
    if result is not None:
        _, rows, unread = result
        assert unread or rows == len(ROWS)


def _metadata_jsonl() -> bytes:
    rows = [{"file_name": f"{at}.jpg", **row} for at, row in enumerate(ROWS)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _metadata_csv() -> bytes:
    file = io.StringIO()
    lines = csv.DictWriter(file, ["file_name", "code", "title", "price"])
    lines.writeheader()
    lines.writerows({"file_name": f"{at}.jpg", **row} for at, row in enumerate(ROWS))
    return file.getvalue().encode()


@pytest.mark.parametrize("name", ["metadata.jsonl", "metadata.csv"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_no_row_of_a_damaged_imagefolder_is_lost_unseen(
    tmp_path: Path, name: str, changes: list[Change]
) -> None:
    content = damaged(_metadata_csv() if name.endswith("csv") else _metadata_jsonl(), changes)
    (tmp_path / name).write_bytes(content)
    result = accounted(tmp_path / name, lambda: imagefolder(tmp_path, [name], "photos"))
    if result is not None:
        assert set(MARKER.findall(content.decode("utf-8", "replace"))) <= result[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_no_row_of_a_damaged_saved_dataset_is_lost_unseen(tmp_path: Path, changes: list[Change]) -> None:
    (tmp_path / "state.json").write_text(
        '{"_data_files": [{"filename": "a.arrow"}, {"filename": "b.arrow"}]}'
    )
    (tmp_path / "a.arrow").write_bytes(damaged(BINARIES["stream.arrow"], changes))
    (tmp_path / "b.arrow").write_bytes(BINARIES["stream.arrow"])
    result = accounted(tmp_path, lambda: saved_dataset(tmp_path, "saved"))
    if result is not None:
        assert result[2] or result[1] == 2 * len(ROWS)


def test_a_json_list_goes_on_behind_a_damaged_object(tmp_path: Path) -> None:
    rows = [json.dumps(row) for row in ROWS]
    for broken in (rows[9][:-1], rows[9].replace('"title"', '"title', 1), rows[9][1:], rows[9] + rows[9][5:]):
        (tmp_path / "x.json").write_text("[" + ",".join([*rows[:9], broken, *rows[10:]]) + "]")
        file = open_file(tmp_path / "x.json", "x.json")
        batches = list(file.read(file.columns, 4096))
        assert sum(len(batch.rows) for batch in batches) >= 29
        assert 1 <= sum(len(batch.invalid) for batch in batches) <= 10
        assert not any(batch.unread for batch in batches)


def test_a_key_that_an_object_has_twice_hides_no_row(tmp_path: Path) -> None:
    text = json.dumps(ROWS).replace('}, {"code": "C5"', ', "code": "C5"')
    (tmp_path / "x.json").write_text(text)
    file = open_file(tmp_path / "x.json", "x.json")
    (batch,) = file.read(file.columns, 4096)
    assert [each.reason for each in batch.invalid] == ["has a key twice"]
    assert {"<004>", "<005>"} <= set(MARKER.findall(batch.invalid[0].text))


@pytest.mark.parametrize("group", [0, 2, 4])
def test_a_row_group_that_is_damaged_costs_only_itself(tmp_path: Path, group: int) -> None:
    content = bytearray(BINARIES["x.parquet"])
    column = pq.ParquetFile(io.BytesIO(BINARIES["x.parquet"])).metadata.row_group(group).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + 8] = b"\xff" * 8
    (tmp_path / "x.parquet").write_bytes(content)
    file = open_file(tmp_path / "x.parquet", "x.parquet")
    batches = list(file.read(file.columns, 4096))
    (unread,) = (part for batch in batches for part in batch.unread)
    missing = set(range(30)) - {number for batch in batches for number in batch.rows.tolist()}
    assert missing == set(range(group * 7, min(group * 7 + 7, 30)))
    assert unread.rows == len(missing)
    assert unread.reason.startswith(f"row group {group}: ")

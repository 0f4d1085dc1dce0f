"""What every source shares: names, numbers, text made fit to be shown, and paths that stay inside."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.readers.csv_file import csv_file
from datagen.readers.json_file import json_lines_file
from datagen.readers.source import Source, join_files, path_inside, printable, text_batch, unique_names
from datagen.schemas import InputError

from .conftest import read

CELL = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(cells=st.lists(st.tuples(CELL, CELL), max_size=20))
def test_text_becomes_arrow_without_loss(cells: list[tuple[str | None, str | None]]) -> None:
    batch = text_batch(("a", "b"), cells, range(len(cells)), ())
    batch.table.validate(full=True)
    assert batch.table.schema.types == [pa.string(), pa.string()]
    assert [tuple(row.values()) for row in batch.table.to_pylist()] == cells


@given(text=st.text())
def test_printable_text_is_one_line_that_can_be_written(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 2000
    shown.encode()


def test_printable_text_shows_what_it_cannot_print() -> None:
    assert printable("é\n\x1b[1m\udcff\ud800\u202e") == r"é\n\x1b[1m\xff\ud800\u202e"
    assert printable("\0" * 3000).endswith("\\x0…")


@given(names=st.lists(st.sampled_from(["", "a", "a.1", "Unnamed: 0", "b"]), max_size=8))
def test_names_are_made_to_differ_and_kept_where_they_do(names: list[str]) -> None:
    made = unique_names(names)
    assert len(set(made)) == len(made) == len(names)
    for name, new in zip(names, made, strict=True):
        assert new == name or name == "" or names.count(name) + names.count("") > 1


def test_several_files_are_numbered_on(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("a,b\n1,2\nbad\n")
    (tmp_path / "2.csv").write_text("b,a\n")
    (tmp_path / "3.csv").write_text("b,a\nbad\n3,4\n")
    names = ["1.csv", "2.csv", "3.csv"]
    found = join_files([csv_file(tmp_path / name, name) for name in names], names, "it")
    for rows in (4096, 1):
        got = read(found, rows=rows)
        assert got.rows == [{"a": "1", "b": "2"}, {"a": "4", "b": "3"}]
        assert got.numbers == [0, 3]
        assert list(got.reasons) == [1, 2]
    assert read(found, ("b",)).rows == [{"b": "2"}, {"b": "3"}]


def test_tables_of_different_columns_are_refused_but_objects_may_lack_keys(tmp_path: Path) -> None:
    (tmp_path / "1").write_text("a,b\n1,2\n")
    (tmp_path / "2").write_text("a,c\n1,2\n")
    with pytest.raises(InputError, match=r"The tables in it have different columns \(1 has no 'c'\)"):
        join_files([csv_file(tmp_path / name, name) for name in "12"], "12", "it")
    (tmp_path / "3").write_text('{"a": 1}')
    (tmp_path / "4").write_text('{"b": 2}')
    found = join_files([json_lines_file(tmp_path / name, name) for name in "34"], "34", "it")
    assert read(found).rows == [{"a": "1", "b": None}, {"a": None, "b": "2"}]
    assert read(found, ("b",)).rows == [{"b": None}, {"b": "2"}]


def test_a_column_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    file = csv_file(tmp_path / "x.csv", "x.csv")
    source = Source("x.csv", file.columns, file.typed, file.read, ("x.csv",))
    with pytest.raises(InputError, match="^x.csv has no column 'c'"):
        source.batches(["a", "c"])
    assert [batch.table.column_names for batch in source.batches(["b", "a", "b"])] == [["b", "a"]]


def test_paths_stay_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.jpg").touch()
    (tmp_path / "secret").touch()
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (root / "in").symlink_to(root / "sub" / "a.jpg")
    (root / "loop").symlink_to(root / "loop")
    for name in ("sub/a.jpg", "./sub/a.jpg", "in"):
        assert path_inside(root, name) == (root / "sub" / "a.jpg").resolve()
    assert path_inside(root, "missing.jpg") == (root / "missing.jpg").resolve()
    hostile = ("", ".", "..", "../secret", "sub/../../secret", "out", "up/secret", "/etc/passwd", "a\0b")
    for name in (*hostile, str(root / "in")):
        assert path_inside(root, name) is None, name
    for name in ("x" * 5000, "loop/x"):  # what is not there is for whoever opens it to tell
        assert path_inside(root, name) in (None, root / name)
